//! Writes the man pages and shell completions of all plugins, made from their option tables, below `share/`, and their help into
//! `docs/`: `cargo run --example paperwork`. They are kept in the repository so that packages need no step before `cargo deb`;
//! `tests/paper_man.rs` fails when they are stale.

mod man;
mod page;
mod papers;

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for paper in papers::all()? {
        let path = root.join(&paper.path);
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        std::fs::write(path, paper.text)?;
    }
    Ok(())
}
