//! The same log, cut anywhere into files, gives the same facts: what is counted joins.

#![allow(clippy::unwrap_used, clippy::panic)]

use clap::Parser;
use postmaster_plugins::checks::postgrey::options::Options;
use postmaster_plugins::checks::postgrey::{gather, plan::Plan};
use postmaster_plugins::host::deadline::Deadline;
use postmaster_plugins::host::env::Host;
use postmaster_plugins::host::time::Zone;
use proptest::prelude::*;
use serde_json::Value;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

fn host(root: PathBuf) -> Host {
    // 2026-11-23 00:00 UTC: two days behind the captures, so that some mails are lost and some are pending.
    Host {
        root,
        now: 1_795_392_000_000_000,
        zone: Zone::Fixed(0),
        terminal: false,
    }
}

/// The facts of a log in these files, without their names.
fn facts(files: &[PathBuf]) -> Value {
    let mut words: Vec<String> = [
        "check",
        "--whitelist",
        "/dev/null",
        "--ignore",
        "/dev/null",
        "--min-attempts",
        "1",
    ]
    .map(String::from)
    .into();
    words.extend(files.iter().map(|file| file.display().to_string()));
    let host = host(PathBuf::from("/"));
    let plan = Plan::new(Options::try_parse_from(words).unwrap(), &host);
    let facts = gather::gather(&plan, &host, &Deadline::new(Duration::from_secs(60))).unwrap();
    assert!(facts.partial.is_empty(), "{:?}", facts.partial);
    let mut value = serde_json::to_value(facts).unwrap();
    value["logs"] = Value::Null;
    value
}

fn pieces(log: &[u8], cuts: &[usize], packed: u32) -> (tempfile::TempDir, Vec<PathBuf>) {
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (index, range) in cuts.windows(2).enumerate() {
        let path = dir.path().join(format!("piece.{}", 100 - index));
        let text = &log[range[0]..range[1]];
        if packed >> index & 1 == 1 {
            let mut encoder = flate2::write::GzEncoder::new(
                std::fs::File::create(&path).unwrap(),
                flate2::Compression::fast(),
            );
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap();
        } else {
            std::fs::write(&path, text).unwrap();
        }
        let changed = std::time::UNIX_EPOCH + Duration::from_secs(1_795_392_000);
        std::fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(changed)
            .unwrap();
        files.push(path);
    }
    (dir, files)
}

/// Positions behind line ends, also the start.
fn line_starts(log: &[u8]) -> Vec<usize> {
    std::iter::once(0)
        .chain(memchr::memchr_iter(b'\n', log).map(|end| end + 1))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_log_cut_anywhere_gives_the_same_facts(name in prop_oneof![Just("captured-traditional.log"), Just("captured-rfc3339.log"), Just("sample-mail.log")],
                                               cuts in proptest::collection::vec(0.0f64..1.0, 0..5), packed in prop_oneof![Just(0u32), 0u32..64]) {
        let log = std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/postgrey").join(name)).unwrap();
        // Packed pieces are cut at line ends, plain ones anywhere.
        let starts = line_starts(&log);
        let position = |cut: f64| match packed {
            0 => (cut * log.len() as f64) as usize,
            _ => starts[(cut * (starts.len() - 1) as f64) as usize],
        };
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| position(*cut)).collect();
        cuts.extend([0, log.len()]);
        cuts.sort_unstable();
        cuts.dedup();
        let (_whole_dir, whole) = pieces(&log, &[0, log.len()], 0);
        let (_dir, files) = pieces(&log, &cuts, packed);
        prop_assert_eq!(facts(&files), facts(&whole));
    }
}

#[test]
fn the_found_log_is_read_with_its_siblings() {
    let dir = tempfile::tempdir().unwrap();
    let logs = dir.path().join("var/log");
    std::fs::create_dir_all(&logs).unwrap();
    let log = std::fs::read(
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/postgrey/sample-mail.log"),
    )
    .unwrap();
    let middle = line_starts(&log)[1000];
    std::fs::write(logs.join("mail.log.1"), &log[..middle]).unwrap();
    std::fs::write(logs.join("mail.log"), &log[middle..]).unwrap();
    let host = Host {
        now: 1_795_249_260_000_000,
        ..host(dir.path().to_path_buf())
    };
    let run = |words: &[&str]| {
        let plan = Plan::new(
            Options::try_parse_from([&["check"], words].concat()).unwrap(),
            &host,
        );
        gather::gather(&plan, &host, &Deadline::new(Duration::from_secs(60))).unwrap()
    };
    let found = run(&[]);
    assert_eq!(
        (found.logs.len(), found.doubts.len()),
        (2, 0),
        "{:?}",
        found.doubts
    );
    assert_eq!(&*found.senders[0].name, "sendgrid.net");
    let hour = run(&["--window", "1h"]);
    assert!(hour.total.tries > 0 && hour.total.tries < found.total.tries / 50);
    std::fs::remove_file(logs.join("mail.log.1")).unwrap();
    assert!(run(&[]).doubts[0].starts_with("the log covers only "));
}
