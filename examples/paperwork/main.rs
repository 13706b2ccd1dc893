//! Writes what is made from the option tables and Cargo.lock: `cargo run --example paperwork`.
//!
//! Man pages and completions go to `share/`, the help into `docs/`, the list of linked crates into the copyright file and
//! the bill of materials. All of it is kept
//! in the repository so that packages need no step before `cargo deb`; `tests/paper_man.rs` fails when something is stale.

mod crates;
mod man;
mod page;
mod papers;
mod sbom;

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
