//! Writes a mail log to standard output, for benches/run and the sample in fixtures/.
//!
//! `generate_maillog MEBIBYTES [--traditional] [--share PERCENT] [--end SECONDS]`: a week of a busy server up to `--end` (seconds since 1970),
//! of which PERCENT (5) of the lines are Postgrey's. The same arguments give the same bytes.

#![allow(clippy::print_stderr, clippy::expect_used)]

mod maillog;

use maillog::{Recipe, write_log};

fn main() -> std::process::ExitCode {
    let Some(recipe) = recipe(std::env::args().skip(1)) else {
        eprintln!(
            "usage: generate_maillog MEBIBYTES [--traditional] [--share PERCENT] [--end SECONDS]"
        );
        return std::process::ExitCode::FAILURE;
    };
    let written = write_log(
        &recipe,
        &mut std::io::BufWriter::new(std::io::stdout().lock()),
    );
    written.map_or(std::process::ExitCode::FAILURE, |()| {
        std::process::ExitCode::SUCCESS
    })
}

fn recipe(mut arguments: impl Iterator<Item = String>) -> Option<Recipe> {
    let size: f64 = arguments.next()?.parse().ok()?;
    let mut recipe = Recipe {
        bytes: (size * 1024.0 * 1024.0) as usize,
        ..Recipe::default()
    };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--traditional" => recipe.traditional = true,
            "--share" => recipe.share = arguments.next()?.parse().ok()?,
            "--end" => recipe.end = arguments.next()?.parse().ok()?,
            _ => return None,
        }
    }
    Some(recipe)
}
