//! check_mailq_blacklist on a machine's own files, below a root of the test's: the log that `--log` finds, and Exim's main log, where
//! the reason of a message that waits may stand in a rotated file.

#![allow(clippy::unwrap_used, clippy::panic)]

use clap::Parser;
use postmaster_plugins::checks::mailq::{MailqBlacklist, options::Options};
use postmaster_plugins::host::deadline::Deadline;
use postmaster_plugins::host::env::Host;
use postmaster_plugins::host::time::Zone;
use postmaster_plugins::plugin::edge::{Check, Page};
use postmaster_plugins::plugin::state::State;
use serde_json::Value;
use std::fs::{self, File};
use std::process::Command;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// 2026-11-21 08:20 UTC, in seconds.
const NOW: u64 = 1_795_219_200 + 8 * 3600 + 20 * 60;

/// The id says when it came in: two days before.
const WAITING: &str =
    " 2d   303 1xTxNA-0000LV-22 <news@lab.example>\n          mia@example.org\n\n";
const IDLE: &str = "2026-11-21 08:00:00 Start queue run: pid=4711\n";
const REASON: &str = "2026-11-19 09:00:00 1xTxNA-0000LV-22 == mia@example.org R=dnslookup T=remote_smtp defer (-46) H=mx.example.org \
    [198.51.100.7]: SMTP error from remote mail server after RCPT TO:<mia@example.org>: 450 4.7.1 Client host [203.0.113.7] blocked \
    using zen.spamhaus.org\n";
const BOUNCED: &str = "2026-11-21T08:00:00.000000+00:00 mx postfix/smtp[42]: 4XyZ1a2b3cz1: to=<mia@example.org>, \
    relay=mx.example.org[198.51.100.7]:25, delay=2, delays=1/0/1/0, dsn=5.7.1, status=bounced (host mx.example.org[198.51.100.7] \
    said: 550 5.7.1 Client host [203.0.113.7] blocked using zen.spamhaus.org (in reply to RCPT TO command))\n";

/// Log files below the root: name, text, hours since the last line.
type Logs<'a> = &'a [(&'a str, &'a str, u64)];

fn facts(queue: &str, logs: Logs<'_>, arguments: &[&str]) -> Value {
    checked(queue, logs, arguments).1
}

/// State and facts. `ROOT` in an argument is the directory of the logs.
fn checked(queue: &str, logs: Logs<'_>, arguments: &[&str]) -> (State, Value) {
    let root = tempfile::tempdir().unwrap();
    for (name, text, hours) in logs {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let written = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW - hours * 3600);
        let file = File::options().append(true).open(&path).unwrap();
        file.set_modified(written).unwrap();
    }
    let saved = root.path().join("queue");
    fs::write(&saved, queue).unwrap();
    let saved = saved.display().to_string();
    let words = ["check", "--file", &saved, "--format", "json"];
    let place = root.path().display().to_string();
    let arguments = arguments.iter().map(|word| word.replace("ROOT", &place));
    let words: Vec<String> = words
        .iter()
        .map(|word| String::from(*word))
        .chain(arguments)
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    judged(&root, &words)
}

/// State and facts of a check of the machine below `root`.
fn judged(root: &TempDir, words: &[&str]) -> (State, Value) {
    let options = Options::try_parse_from(words).unwrap();
    let host = Host {
        root: root.path().to_path_buf(),
        now: i64::try_from(NOW).unwrap() * 1_000_000,
        zone: Zone::Fixed(0),
        terminal: false,
    };
    let answer = MailqBlacklist::run(options, &host, &Deadline::new(Duration::from_secs(60)));
    let answer = answer.unwrap();
    match answer.page {
        Page::Json(facts) => (answer.report.state, facts),
        page => panic!("{page:?}"),
    }
}

#[test]
fn the_reason_of_a_waiting_message_is_found_in_exims_main_log() {
    let both = [IDLE, REASON].concat();
    let rows: [(&str, Logs<'_>, u64, Value); 5] = [
        (
            "in the log of Debian",
            &[("var/log/exim4/mainlog", &both, 0)],
            1,
            Value::Null,
        ),
        (
            "in the log of Red Hat",
            &[("var/log/exim/main.log", &both, 0)],
            1,
            Value::Null,
        ),
        (
            "in a rotated log, longer ago than the window",
            &[
                ("var/log/exim4/mainlog", IDLE, 0),
                ("var/log/exim4/mainlog.1", REASON, 24),
            ],
            1,
            Value::Null,
        ),
        (
            "nowhere: a log of another name is not asked",
            &[
                ("var/log/exim4/mainlog", IDLE, 0),
                ("var/log/exim4/rejectlog.1", REASON, 24),
            ],
            0,
            Value::Null,
        ),
        ("there is no log", &[], 0, "Exim".into()),
    ];
    for (name, logs, refused, without_reasons) in rows {
        let facts = facts(WAITING, logs, &[]);
        assert_eq!(facts["waiting"], 1, "{name}");
        assert_eq!(facts["refused"], refused, "{name}");
        assert_eq!(facts["without_reasons"], without_reasons, "{name}");
    }
}

/// Name, queue, logs, arguments; state, refused messages.
type Row<'a> = (&'a str, &'a str, Logs<'a>, &'a [&'a str], State, u64);

/// What the log does not tell of is not known: that is no "nobody refuses it".
#[test]
fn a_message_that_the_log_does_not_tell_of_is_not_known() {
    let both = [REASON, IDLE].concat();
    let mainlog = ["--log-file", "ROOT/mainlog"];
    let begun = "2026-11-19 08:50:00 1xTxNA-0000LV-22 <= news@lab.example U=root P=local S=303\n";
    let frozen = WAITING.replace("<news@lab.example>", "<> *** frozen ***");
    // an id of the second in which the check runs
    let fresh = WAITING.replace("1xTxNA", "1xUgKG").replace(" 2d ", " 0m ");
    let rows: [Row<'_>; 10] = [
        (
            "its reason",
            WAITING,
            &[("var/log/exim4/mainlog", &both, 0)],
            &[],
            State::Warning,
            1,
        ),
        (
            "no reason yet",
            WAITING,
            &[("var/log/exim4/mainlog", begun, 0)],
            &["--no-data", "ok"],
            State::Ok,
            0,
        ),
        (
            "a rotated log that is being packed, and a file that is none",
            WAITING,
            &[
                ("var/log/exim4/mainlog", IDLE, 0),
                ("var/log/exim4/mainlog.1", begun, 24),
                ("var/log/exim4/mainlog.1.gz", "\u{1f}half", 24),
                ("var/log/exim4/mainlog.README", "no log", 24),
            ],
            &["--no-data", "ok"],
            State::Ok,
            0,
        ),
        (
            "a log that begins later",
            WAITING,
            &[("var/log/exim4/mainlog", IDLE, 0)],
            &["--no-data", "ok"],
            State::Unknown,
            0,
        ),
        (
            "the log named, longer ago than the window",
            WAITING,
            &[("mainlog", &both, 0)],
            &mainlog,
            State::Warning,
            1,
        ),
        (
            "a pattern, longer ago than the window",
            WAITING,
            &[("mainlog", IDLE, 0), ("mainlog.1", REASON, 24)],
            &["--log-file", "ROOT/main*"],
            State::Warning,
            1,
        ),
        (
            "the log of another mail system named",
            WAITING,
            &[("mainlog", BOUNCED, 0)],
            &mainlog,
            State::Warning,
            1,
        ),
        (
            "the log of another mail system found",
            WAITING,
            &[(
                "var/log/mail.log",
                &BOUNCED.replace("550 5.7.1 Client", "550 5.1.1 User unknown, client"),
                0,
            )],
            &["--log", "--no-data", "ok"],
            State::Unknown,
            0,
        ),
        (
            "on hold, nobody asks why",
            &frozen,
            &[("var/log/exim4/mainlog", IDLE, 0)],
            &["--no-data", "ok"],
            State::Ok,
            0,
        ),
        (
            "it came in behind the log",
            &fresh,
            &[("var/log/exim4/mainlog", IDLE, 0)],
            &["--no-data", "ok"],
            State::Ok,
            0,
        ),
    ];
    for (name, queue, logs, arguments, state, refused) in rows {
        let (found, facts) = checked(queue, logs, arguments);
        assert_eq!(
            (found, &facts["refused"]),
            (state, &refused.into()),
            "{name}: {facts}"
        );
    }
}

/// `--log` means Exim's main log where Exim is the mail system, also while its queue is empty. A log of syslog's has nothing of it.
#[test]
fn the_log_of_a_machine_with_exim_is_its_main_log() {
    let root = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let bounced = REASON
        .replace("2026-11-19 09:00:00", "2026-11-21 08:00:00")
        .replace(" == ", " ** ");
    fs::create_dir_all(root.path().join("usr/sbin")).unwrap();
    write("var/log/exim4/mainlog", &[&bounced, IDLE].concat());
    let script = r#"printf '#!/bin/sh\nexit 0\n' >"$0" && chmod 755 "$0""#;
    let exim = root.path().join("usr/sbin/exim4");
    let status = Command::new("sh").args(["-c", script]).arg(&exim).status();
    assert!(status.unwrap().success());
    for other_log in [None, Some(IDLE.replace("Start", "vm cron[1]: start"))] {
        if let Some(other_log) = other_log {
            write("var/log/mail.log", &other_log);
        }
        let (state, facts) = judged(&root, &["check", "--format", "json", "--log"]);
        assert_eq!(
            (state, &facts["bounced"]),
            (State::Warning, &1.into()),
            "{facts}"
        );
        let (state, facts) = judged(&root, &["check", "--format", "json"]);
        assert_eq!(
            (state, &facts["bounced"]),
            (State::Ok, &0.into()),
            "{facts}"
        );
    }
    // Ten hours of log are enough for a window of six.
    let begun = IDLE.replace("2026-11-21 08", "2026-11-20 22");
    write("var/log/exim4/mainlog", &[&begun, IDLE].concat());
    let (state, facts) = judged(&root, &["check", "--format", "json", "--log"]);
    assert_eq!(state, State::Ok, "{facts}");
    // Two days are not in it.
    let (state, _) = judged(
        &root,
        &["check", "--format", "json", "--log", "--window", "2d"],
    );
    assert_eq!(state, State::Unknown);
}

/// Without `--log` what has left the queue does not count, whether another message waits or not.
#[test]
fn exims_main_log_is_asked_for_waiting_mail_only() {
    let gone = REASON
        .replace("2026-11-19 09:00:00", "2026-11-21 08:00:00")
        .replace(" == ", " ** ")
        .replace("1xTxNA", "1xUfzz");
    let log = [REASON, &gone, IDLE].concat();
    for (arguments, refused) in [(&[][..], 1), (&["--log"], 2)] {
        let facts = facts(WAITING, &[("var/log/exim4/mainlog", &log, 0)], arguments);
        assert_eq!(facts["refused"], refused, "{arguments:?}");
    }
}

/// `--journal` reads the journal and nothing else; below this root there is none.
#[test]
fn the_journal_is_read_instead_of_exims_main_log() {
    let log = [REASON, IDLE].concat();
    let logs: Logs<'_> = &[("var/log/exim4/mainlog", &log, 0)];
    for (arguments, state, refused) in [
        (&["--log"], State::Warning, 1),
        (&["--journal"], State::Unknown, 0),
    ] {
        let (found, facts) = checked(WAITING, logs, arguments);
        assert_eq!(
            (found, &facts["refused"]),
            (state, &refused.into()),
            "{arguments:?}"
        );
    }
}

/// The listing has the alias, the log the address that it led to.
#[test]
fn an_alias_is_refused_for_the_address_behind_it() {
    let log = REASON.replace(
        "mia@example.org R=",
        "mia@example.org <team@lab.example> R=",
    );
    let queue = WAITING.replace("mia@example.org", "team@lab.example");
    let facts = facts(&queue, &[("var/log/exim4/mainlog", &log, 0)], &[]);
    assert_eq!(
        (&facts["refused"], &facts["refused_recipients"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn exim_may_log_to_syslog() {
    for (name, start) in [
        (
            "with the time twice",
            "2026-11-19T09:00:00+00:00 mx exim[7]: 2026-11-19 09:00:00 ",
        ),
        ("with it once", "2026-11-19T09:00:00+00:00 mx exim[7]: "),
        (
            "in parts",
            "2026-11-19T09:00:00+00:00 mx exim4[7]: [1\\2] 2026-11-19 09:00:00 [99] ",
        ),
    ] {
        let log = REASON.replace("2026-11-19 09:00:00 ", start);
        let arguments = ["--log-file", "ROOT/mail.log"];
        let facts = facts(WAITING, &[("mail.log", &log, 0)], &arguments);
        assert_eq!(facts["refused"], 1, "{name}");
    }
}

#[test]
fn the_log_is_found_where_it_is_asked_for() {
    let logs: Logs<'_> = &[("var/log/mail.log", BOUNCED, 0)];
    let empty = "Mail queue is empty\n";
    for (name, arguments, bounced) in [("with --log", &["--log"][..], 1), ("without", &[][..], 0)] {
        let facts = facts(empty, logs, arguments);
        assert_eq!(facts["bounced"], bounced, "{name}");
        assert_eq!(facts["log"].is_null(), bounced == 0, "{name}");
    }
}
