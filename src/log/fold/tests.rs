//! Reading pieces on threads: order, years, damage, time limits.

use super::*;
use crate::host::env::Host;
use crate::host::time::{DAY, Micros, SECOND, Zone};
use crate::log::locate::Origin;
use crate::log::source;
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// The time and the text of each line.
struct Seen(Vec<(Micros, String)>);

impl Tally for Seen {
    fn see(&mut self, line: &Line<'_>) {
        self.0
            .push((line.at, String::from_utf8_lossy(line.rest).into_owned()));
    }
    fn join(&mut self, later: Self) {
        self.0.extend(later.0);
    }
}

const NOW: Micros = 20_778 * DAY; // 2026-11-21

fn host() -> Host {
    Host {
        root: PathBuf::from("/"),
        now: NOW,
        zone: Zone::Fixed(0),
        terminal: false,
    }
}

fn read_in(paths: &[PathBuf], window: Window, limit: Duration) -> Outcome<Seen> {
    let origins = paths.iter().cloned().map(Origin::Path).collect();
    let (sources, obstacles) = source::open(origins, &host(), NOW);
    assert!(obstacles.is_empty(), "{obstacles:?}");
    let pieces = sources
        .into_iter()
        .flat_map(|s| s.pieces(&window, Zone::Fixed(0)))
        .collect();
    let job = Job {
        search: Search::words(&["want", "need"]).unwrap(),
        window,
        deadline: Deadline::new(limit),
    };
    fold(pieces, job, || Seen(Vec::new()))
}

fn read(paths: &[PathBuf], window: Window) -> Outcome<Seen> {
    read_in(paths, window, Duration::from_secs(60))
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn texts(outcome: &Outcome<Seen>) -> Vec<&str> {
    outcome
        .tally
        .0
        .iter()
        .map(|(_, text)| text.as_str())
        .collect()
}

fn write(dir: &tempfile::TempDir, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, text).unwrap();
    let changed = std::time::UNIX_EPOCH + Duration::from_micros(NOW as u64);
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(changed)
        .unwrap();
    path
}

#[test]
fn files_are_read_in_order_of_time_whatever_order_they_are_named_in() {
    let dir = tempfile::tempdir().unwrap();
    let new = write(
        &dir,
        "mail.log",
        "Nov 20 10:00:00 vm x: want 3\r\nNov 20 10:00:01 vm x: other\nNov 20 10:00:02 vm x: need 4",
    );
    let old = write(
        &dir,
        "mail.log.1",
        gzip(b"Dec 30 10:00:00 vm x: want 1\nJan  2 10:00:00 vm x: want 2\n"),
    );
    let outcome = read(&[new.clone(), old, new], Window::default());
    assert_eq!(
        texts(&outcome),
        [
            " vm x: want 1",
            " vm x: want 2",
            " vm x: want 3",
            " vm x: need 4"
        ]
    );
    assert!(outcome.partial.is_empty());
    let days: Vec<i64> = outcome
        .tally
        .0
        .iter()
        .map(|(at, _)| (at - NOW).div_euclid(DAY))
        .collect();
    assert_eq!(days, [-326, -323, -1, -1]);
    assert_eq!(outcome.coverage.newest, Some(NOW - DAY + 36_002 * SECOND));
    let window = Window {
        since: Some(NOW - 325 * DAY),
        until: Some(NOW - DAY + 36_000 * SECOND),
    };
    assert_eq!(
        texts(&read(
            &[dir.path().join("mail.log"), dir.path().join("mail.log.1")],
            window
        )),
        [" vm x: want 2", " vm x: want 3"]
    );
}

#[test]
fn streams_that_span_years_are_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let text = b"Oct  1 10:00:00 vm x: want 1\nMar  1 10:00:00 vm x: want 2\nSep  1 10:00:00 vm x: want 3\nJan  3 10:00:00 vm x: want 4\n";
    let outcome = read(&[write(&dir, "a.gz", gzip(text))], Window::default());
    let years: Vec<i32> = outcome
        .tally
        .0
        .iter()
        .map(|(at, _)| crate::host::time::Civil::from_utc(*at).year)
        .collect();
    assert_eq!(years, [2024, 2025, 2025, 2026]);
}

#[test]
fn large_files_are_cut_and_nothing_is_lost_or_doubled() {
    let dir = tempfile::tempdir().unwrap();
    let mut text = String::new();
    for n in 0..300_000 {
        let word = if n % 100 == 0 { "want" } else { "nothing" };
        text += &format!(
            "Nov {:2} 10:00:00 vm x: {word} {n} {:60}\n",
            1 + n / 20_000,
            ""
        );
    }
    let outcome = read(&[write(&dir, "big", &text)], Window::default());
    assert!(text.len() > 20_000_000);
    let numbers: Vec<usize> = outcome
        .tally
        .0
        .iter()
        .map(|(_, text)| text.split_whitespace().nth(3).unwrap().parse().unwrap())
        .collect();
    assert_eq!(numbers, (0..3000).map(|n| n * 100).collect::<Vec<_>>());
    assert_eq!(outcome.coverage.bytes, text.len() as u64);
}

#[test]
fn damage_is_named_and_the_rest_still_read() {
    let dir = tempfile::tempdir().unwrap();
    let mut packed = gzip(&b"Nov 19 10:00:00 vm x: want 1\n".repeat(50_000));
    packed.truncate(packed.len() - 20);
    let damaged = write(&dir, "damaged.gz", &packed);
    let foreign = write(&dir, "foreign", b"\x04\x22\x4d\x18rest");
    let good = write(&dir, "good", "Nov 20 10:00:00 vm x: want 2\n");
    let outcome = read(&[damaged, foreign, good], Window::default());
    assert!(texts(&outcome).len() > 1);
    assert_eq!(texts(&outcome).last(), Some(&" vm x: want 2"));
    let why: Vec<String> = outcome.partial.iter().map(ToString::to_string).collect();
    assert!(why[0].contains("damaged.gz: "), "{why:?}");
    assert!(why[1].contains("foreign: is packed with lz4"), "{why:?}");
}

#[test]
fn what_is_no_log_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let outcome = read(
        &[
            write(&dir, "elf", b"\x7fELF want\n"),
            write(&dir, "none", "-- No entries --\n\n"),
            write(&dir, "empty", ""),
        ],
        Window::default(),
    );
    let why: Vec<String> = outcome.partial.iter().map(ToString::to_string).collect();
    assert_eq!(why.len(), 1);
    assert!(
        why[0].contains("elf: none of its lines begins with a time"),
        "{why:?}"
    );
}

#[test]
fn a_reader_that_never_ends_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .unwrap();
    let good = write(&dir, "good", "Nov 20 10:00:00 vm x: want 2\n");
    let outcome = read_in(
        &[fifo.clone(), good],
        Window::default(),
        Duration::from_secs(1),
    );
    assert_eq!(texts(&outcome), [" vm x: want 2"]);
    assert_eq!(
        outcome.partial,
        [Partial::new(
            fifo.display().to_string(),
            "the time limit of 1 s ran out while reading it"
        )]
    );
}
