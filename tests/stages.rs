//! The time limit at every stage in which a program of the host is asked: the answer comes, says which program it was, keeps what was
//! proven until then, and no child is left.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use clap::Parser;
use postmaster_plugins::checks::mailq::MailqBlacklist;
use postmaster_plugins::checks::postgrey::PostgreyWhitelist;
use postmaster_plugins::host::access::Obstacle;
use postmaster_plugins::host::deadline::Deadline;
use postmaster_plugins::host::env::Host;
use postmaster_plugins::host::probe::Finding;
use postmaster_plugins::host::time::Zone;
use postmaster_plugins::plugin::edge::Check;
use postmaster_plugins::plugin::state::State;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use support::{comes_true, is_gone};
use tempfile::TempDir;

/// A refused message, as `postqueue -j` prints it.
const REFUSED: &str = r#"{"queue_name": "deferred", "queue_id": "A1", "arrival_time": 1795300000, "message_size": 6, "sender": "a@lab.example", "recipients": [{"address": "b@x.example", "delay_reason": "host mx.x.example[192.0.2.1] said: 550 5.7.1 client [203.0.113.7] blocked using zen.spamhaus.org (in reply to RCPT TO command)"}]}"#;
/// The same, as Exim prints a queue; the reasons are in its log.
const EXIM: &str = " 2d   303 1xTxNA-0000LV-22 <news@lab.example>\n          mia@example.org\n";

/// A program that says something and then hangs with a child of its own; the ids of both are noted.
fn hangs(root: &Path, says: &str) -> String {
    let pids = root.join("pids").display().to_string();
    format!("printf '%s\\n' '{says}'; sleep 600 & echo $! >> {pids}; echo $$ >> {pids}; wait")
}

fn program(root: &Path, place: &str, script: &str) {
    let path = root.join(place);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let stub = root.join("stub");
    fs::write(&stub, format!("#!/bin/sh\n{script}\n")).unwrap();
    // By another process: what a thread of this one has open for writing when another one forks cannot be run ("text file busy").
    let install = Command::new("install")
        .args(["-m", "755"])
        .args([stub, path])
        .status();
    assert!(install.unwrap().success());
}

fn host(root: &Path) -> Host {
    // 2026-11-23 00:00 UTC
    Host {
        root: root.to_path_buf(),
        now: 1_795_392_000_000_000,
        zone: Zone::Fixed(0),
        terminal: false,
    }
}

/// The state and the first line's text after two seconds on this machine.
fn run<C: Check>(root: &Path, words: &[&str]) -> (State, String) {
    let words = [&[C::NAME], words].concat();
    let options = C::Options::try_parse_from(words).unwrap();
    let answer = C::run(options, &host(root), &Deadline::new(Duration::from_secs(2)));
    let text = |text: &str| text.replace(&root.display().to_string(), "");
    match answer {
        Ok(answer) => (answer.report.state, text(answer.report.headline.as_str())),
        Err(error) => (State::Unknown, text(&error.to_string())),
    }
}

#[test]
fn the_program_that_hangs_is_named_and_gone() {
    type Run = fn(&Path, &[&str]) -> (State, String);
    let (mailq, postgrey): (Run, Run) = (run::<MailqBlacklist>, run::<PostgreyWhitelist>);
    for (name, check, words, hanging, says, others, state, text) in [
        (
            "the list of instances",
            mailq,
            &[][..],
            "usr/sbin/postmulti",
            "- - y /etc/postfix",
            &["usr/sbin/postqueue"][..],
            State::Unknown,
            "postmulti -l: was killed: the time limit of 2 s ran out",
        ),
        (
            "the queue, before it said anything",
            mailq,
            &[],
            "usr/sbin/postqueue",
            "",
            &[],
            State::Unknown,
            "/usr/sbin/postqueue -j: was killed: the time limit of 2 s ran out",
        ),
        (
            "the queue, after a refused message",
            mailq,
            &["-w", "0"],
            "usr/sbin/postqueue",
            REFUSED,
            &[],
            State::Warning,
            "at least 1 message refused",
        ),
        (
            "Exim's queue",
            mailq,
            &[],
            "usr/sbin/exim4",
            EXIM,
            &[],
            State::Unknown,
            "the time limit of 2 s ran out",
        ),
        (
            "the journal",
            postgrey,
            &["--journal"],
            "usr/bin/journalctl",
            "",
            &[],
            State::Unknown,
            "the journal: the time limit of 2 s ran out",
        ),
        (
            "the journal behind the queue",
            mailq,
            &["--log"],
            "usr/bin/journalctl",
            "",
            &["usr/sbin/postqueue"],
            State::Unknown,
            "the journal: the time limit of 2 s ran out",
        ),
    ] {
        let root = TempDir::new().unwrap();
        let root = root.path();
        program(root, hanging, &hangs(root, says));
        for other in others {
            program(root, other, "exit 0");
        }
        let start = Instant::now();
        let (found, headline) = check(root, words);
        assert!(start.elapsed() < Duration::from_secs(8), "{name}");
        assert_eq!(found, state, "{name}: {headline}");
        assert!(headline.contains(text), "{name}: {headline}");
        let pids = fs::read_to_string(root.join("pids")).unwrap();
        assert!(pids.lines().count() >= 2, "{name}: {pids}");
        assert!(comes_true(|| pids.lines().all(is_gone)), "{name}: {pids}");
    }
}

/// Without an answer of `postmulti` nobody knows which queues there are, and `--diagnose` must not say that all is well.
#[test]
fn diagnosis_names_the_program_that_hangs() {
    let root = TempDir::new().unwrap();
    program(root.path(), "usr/sbin/postmulti", "exec sleep 600");
    program(root.path(), "usr/sbin/postqueue", "exit 0");
    let options = <MailqBlacklist as Check>::Options::try_parse_from(["check"]).unwrap();
    let deadline = Deadline::new(Duration::from_secs(1));
    let found = MailqBlacklist::needs(options, &host(root.path()), &deadline).unwrap();
    let killed = "was killed: the time limit of 1 s ran out";
    let obstacle = Obstacle {
        what: killed.to_owned(),
        fix: None,
    };
    let expected = Finding::fails("postmulti -l", "the instances", obstacle);
    assert_eq!(found, [expected]);
}
