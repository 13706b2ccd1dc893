//! Runs plugins against a table of calls and scores them against what Icinga, Nagios and NRPE rely on (docs/conformance.md):
//!
//!     cargo run --example conform -- examples/conform/ours.toml target/debug
//!     cargo run --example conform -- examples/conform/debian.toml /usr/lib/nagios/plugins
//!
//! Exits 1 where a rule is broken and 3 where it could not look.

#![allow(unreachable_pub, clippy::print_stdout)]

mod call;
mod perfdata;
mod rules;
mod score;
mod table;

use score::Score;
use std::path::Path;
use std::process::ExitCode;
use table::Table;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [table, directory] = arguments.as_slice() else {
        println!("usage: conform TABLE.toml DIRECTORY-OF-PLUGINS");
        return ExitCode::from(3);
    };
    match run(Path::new(table), Path::new(directory)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(why) => {
            println!("{why}");
            ExitCode::from(3)
        }
    }
}

/// Scores all plugins of the table; how many rules are broken in all.
fn run(table: &Path, directory: &Path) -> Result<usize, String> {
    let table = Table::read(table)?;
    let mut findings = 0;
    for (name, calls) in table.plugins() {
        let program = directory.join(name);
        let score = score::score(&program, &calls)
            .map_err(|error| format!("{}: {error}", program.display()))?;
        print(name, calls.len(), &score);
        findings += score.findings.len();
    }
    Ok(findings)
}

fn print(name: &str, calls: usize, score: &Score) {
    let (kept, asked) = (score.asked - score.findings.len(), score.asked);
    println!("{name}: {calls} calls, {kept} of {asked} rules kept");
    for (rule, (times, example)) in score.by_rule() {
        let arguments: Vec<String> = example.arguments.iter().map(|a| format!("{a:?}")).collect();
        println!(
            "  {times:3} x not: {rule} ({}), as with {}",
            example.what.escape_debug(),
            arguments.join(" ")
        );
    }
}
