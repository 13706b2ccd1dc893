//! The plugin beside the one-liner it replaces, on the same generated log, in one run: prints ratios.
//!
//! `cargo bench --bench postgrey [-- --size MEBIBYTES --rounds N]`. Needs bash, grep -P, sort, uniq. The log is written to a private
//! directory and removed.

#![allow(clippy::print_stdout, clippy::expect_used, clippy::panic)]

mod maillog;

use maillog::{Recipe, write_log};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PLUGIN: &str = env!("CARGO_BIN_EXE_check_postgrey_whitelist");
const ONE_LINER: &str = r"grep -ohP 'reason=new, client_name=[^,.]+\.[^,.]+\.\K[^,.]+\.[^,]+' LOG | sort | uniq -c | sort -nr";

fn main() {
    let size = option("--size").unwrap_or(256);
    let rounds = option("--rounds").unwrap_or(5);
    let directory = tempfile::tempdir().expect("a private directory");
    println!(
        "{size} MiB, warm, 5 % of the lines Postgrey's, median of {rounds} rounds, {} cores",
        cores()
    );
    println!(
        "| date format | one-liner | cat | plugin --report | plugin / one-liner | plugin / cat |"
    );
    println!("|---|---|---|---|---|---|");
    for traditional in [false, true] {
        let log = directory.path().join("mail.log");
        let recipe = Recipe {
            bytes: size << 20,
            traditional,
            ..Recipe::default()
        };
        let mut file = std::io::BufWriter::new(std::fs::File::create(&log).expect("the log"));
        write_log(&recipe, &mut file).expect("the log");
        drop(file);
        row(
            &log,
            if traditional {
                "traditional"
            } else {
                "RFC 3339"
            },
            rounds,
        );
    }
}

/// Measures the three side by side, round by round.
fn row(log: &Path, format: &str, rounds: usize) {
    let name = log.display().to_string();
    let commands = [
        ONE_LINER.replace("LOG", &name),
        format!("cat {name}"),
        format!("{PLUGIN} --report --timeout 600 {name}"),
    ];
    let mut times = [const { Vec::new() }; 3];
    for round in 0..=rounds {
        for (command, times) in commands.iter().zip(&mut times) {
            let time = run(command);
            // The first round warms the cache.
            if round > 0 {
                times.push(time);
            }
        }
    }
    let [old, cat, new] = times.map(median);
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!(
        "| {format} | {:.0} ms | {:.0} ms | {:.0} ms | {:.2} | {:.2} |",
        millis(old),
        millis(cat),
        millis(new),
        ratio(new, old),
        ratio(new, cat)
    );
}

fn run(command: &str) -> Duration {
    let start = Instant::now();
    let status = Command::new("bash")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status();
    let code = status.expect("bash").code();
    assert!(matches!(code, Some(0 | 1)), "{command}: {code:?}");
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn option(name: &str) -> Option<usize> {
    std::env::args()
        .skip_while(|argument| argument != name)
        .nth(1)?
        .parse()
        .ok()
}
