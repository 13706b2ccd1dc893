//! Lines whose time names no year, and clocks that were ahead: a file, a packed one and standard input tell the same.

#![allow(clippy::unwrap_used)]

mod support;

use std::fmt::Write as _;
use support::{file, gzip, run_with, touch};

const PLUGIN: &str = env!("CARGO_BIN_EXE_check_postgrey_whitelist");

/// 2026-11-28 12:00 UTC.
const CHANGED: u64 = 1_795_867_200;

/// Tries of November, eight a day, with `odd` in the middle.
fn tries(days: std::ops::RangeInclusive<u32>, odd: &str) -> String {
    let mut log = String::new();
    let middle = (days.start() + days.end()) / 2;
    for day in days {
        if day == middle {
            log += odd;
        }
        for n in 0..8 {
            let hour = 3 * n;
            writeln!(
                log,
                "Nov {day} {hour:02}:00:00 mx postgrey[4]: action=greylist, reason=new, client_name=m{day}.out.pool.example, client_address=198.51.{day}.{n}, sender=s{n}@pool.example, recipient=r{day}@lab.example"
            )
            .unwrap();
        }
    }
    log
}

/// The tries, the newest line and the exit status that a log gives as a file, packed, and through a pipe.
fn told(log: &str, options: &[&str]) -> [(u64, String, i32); 3] {
    let directory = tempfile::tempdir().unwrap();
    let plain = file(&directory, "mail.log", log);
    let packed = file(&directory, "mail.log.gz", gzip(log.as_bytes()));
    for path in [&plain, &packed] {
        touch(path, CHANGED);
    }
    [plain.as_str(), &packed, "-"].map(|name| {
        let bare = ["--whitelist", "/dev/null", "--ignore", "/dev/null"];
        let words = [&[name], &bare[..], options].concat();
        let said = run_with(PLUGIN, &words, log.as_bytes());
        let json = run_with(
            PLUGIN,
            &[&words[..], &["--format", "json"]].concat(),
            log.as_bytes(),
        )
        .json();
        let tries = json["facts"]["total"]["tries"].as_u64().unwrap();
        (
            tries,
            json["facts"]["newest"].as_str().unwrap().to_owned(),
            said.code,
        )
    })
}

#[test]
fn a_clock_that_was_ahead_and_a_time_in_the_past() {
    let now = ["--now", "2026-11-28T12:00:00Z", "--no-data", "unknown"];
    let older = ["--now", "2026-11-21T08:00:00Z", "--no-data", "unknown"];
    let ahead = "Dec  1 00:00:14 mx postgrey[411]: Process Backgrounded\n";
    let started = "Jan  1 00:00:09 mx postgrey[411]: Process Backgrounded\nJan  1 00:00:10 mx postfix/master[9]: daemon started\n";
    for (name, log, options, expected) in [
        (
            "in order",
            tries(23..=28, ""),
            &now[..],
            (45, "2026-11-28T21:00:00Z", 1),
        ),
        (
            "some days ahead",
            tries(23..=28, ahead),
            &now,
            (45, "2026-11-28T21:00:00Z", 1),
        ),
        (
            "a clock that starts with the year",
            tries(23..=28, started),
            &now,
            (45, "2026-11-28T21:00:00Z", 1),
        ),
        (
            "as of a time before the end",
            tries(15..=28, ""),
            &older,
            (51, "2026-11-28T21:00:00Z", 1),
        ),
    ] {
        let (tries, newest, code) = expected;
        for (how, found) in ["file", "packed", "pipe"].iter().zip(told(&log, options)) {
            assert_eq!(found, (tries, newest.to_owned(), code), "{name}, {how}");
        }
    }
}

/// One line of a clock that was years ahead does not make a dead log a living one.
#[test]
fn a_log_that_ended_is_old_whatever_one_line_says() {
    let line = |stamp: &str| {
        format!(
            "{stamp} mx postgrey[4]: action=greylist, reason=new, client_name=m.a.example, client_address=198.51.100.1, sender=s@a.example, recipient=r@lab.example\n"
        )
    };
    let log = [
        "2026-11-22T10:00:00Z",
        "2036-01-01T00:00:00Z",
        "2026-11-23T10:00:00Z",
    ]
    .map(line)
    .concat();
    let options = ["--now", "2026-11-28T12:00:00Z", "--no-data", "unknown"];
    for found in told(&log, &options) {
        assert_eq!((found.1.as_str(), found.2), ("2026-11-23T10:00:00Z", 3));
    }
}

/// Where a clock is set back, an hour comes twice: the first is meant. Where it is set forward, a time that never was counts as if it had not been.
#[test]
fn hours_that_come_twice_and_hours_that_never_come() {
    let log = |date: &str, tried: &str, passed: &str| {
        let client = "client_name=m.pool.example, client_address=192.0.2.1, sender=a@pool.example, recipient=c@lab.example";
        format!(
            "{date} {tried} mx postgrey[4]: action=greylist, reason=new, {client}\n{date} {passed} mx postgrey[4]: action=pass, reason=triplet found, delay=420, {client}\n"
        )
    };
    for (name, zone, log, now, newest) in [
        (
            "into it",
            "Europe/Berlin",
            log("Oct 25", "01:58:00", "02:05:00"),
            "2026-10-25T00:45:00Z",
            "2026-10-25T00:05:00Z",
        ),
        (
            "to its end",
            "Europe/Berlin",
            log("Oct 25", "02:53:00", "03:00:00"),
            "2026-10-25T06:00:00Z",
            "2026-10-25T02:00:00Z",
        ),
        (
            "in the south",
            "Australia/Sydney",
            log("Apr  5", "01:58:00", "02:05:00"),
            "2026-04-04T15:45:00Z",
            "2026-04-04T15:05:00Z",
        ),
        (
            "never",
            "Europe/Berlin",
            log("Mar 29", "02:03:00", "02:10:00"),
            "2026-03-29T06:00:00Z",
            "2026-03-29T01:10:00Z",
        ),
        (
            "never in the south",
            "Australia/Sydney",
            log("Oct  4", "02:03:00", "02:10:00"),
            "2026-10-04T06:00:00Z",
            "2026-10-03T16:10:00Z",
        ),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = file(&directory, "mail.log", log);
        touch(&path, CHANGED);
        let output = std::process::Command::new(PLUGIN)
            .args([
                &path,
                "--now",
                now,
                "--whitelist",
                "/dev/null",
                "--ignore",
                "/dev/null",
                "--format",
                "json",
            ])
            .env("TZ", zone)
            .output()
            .unwrap();
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let facts = &json["facts"];
        assert_eq!(facts["newest"], newest, "{name} in {zone}");
        assert_eq!(facts["total"]["tries"], 1, "{name} in {zone}");
        let long = if name == "to its end" { 4020 } else { 420 };
        assert_eq!(facts["total"]["delay_median"], long, "{name} in {zone}");
    }
}
