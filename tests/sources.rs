//! Where logs come from on a machine that is a directory: files, the journal through a stub of journalctl, Postfix's own log, and what
//! happens when they change under the reader's hands.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use clap::Parser;
use postmaster_plugins::checks::mailq::MailqBlacklist;
use postmaster_plugins::checks::postgrey::PostgreyWhitelist;
use postmaster_plugins::host::deadline::Deadline;
use postmaster_plugins::host::env::Host;
use postmaster_plugins::host::probe::{Finding, Outcome};
use postmaster_plugins::host::time::{DAY, HOUR, MINUTE, Micros, SECOND, Zone};
use postmaster_plugins::plugin::edge::{Check, Page};
use postmaster_plugins::plugin::render;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use support::{comes_true, gzip, is_gone, run};

/// 2026-11-21 08:00:00 UTC.
const NOW: Micros = 1_795_248_000 * SECOND;

/// A root directory with logs and perhaps a journalctl.
struct Machine {
    root: tempfile::TempDir,
    limit: Duration,
}

impl Machine {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for directory in ["var/log", "usr/bin", "etc/postfix"] {
            fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        fs::write(root.path().join("etc/debian_version"), "12\n").unwrap();
        let limit = Duration::from_secs(60);
        Self { root, limit }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes a file that was last changed at `changed`.
    fn file(&self, name: &str, content: impl AsRef<[u8]>, changed: Micros) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        let time = UNIX_EPOCH + Duration::from_micros(changed as u64);
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(time).unwrap();
        self
    }

    /// Puts a journalctl in place that notes its arguments and goes on as `script` says; `$EXPORT` is what the journal holds.
    fn journalctl(&self, export: &[u8], script: &str) -> &Self {
        self.file("export", export, NOW);
        let root = self.root.path().display();
        let text =
            format!("#!/bin/sh\nEXPORT={root}/export\necho \"$@\" >> {root}/asked\n{script}\n");
        self.file("stub", text, NOW);
        // By another process: what a thread of this one has open for writing when another one forks cannot be run ("text file busy").
        let (stub, program) = (self.path("stub"), self.path("usr/bin/journalctl"));
        let install = Command::new("install")
            .args(["-m", "755"])
            .args([stub, program])
            .status();
        assert!(install.unwrap().success());
        self
    }

    /// A file of the journal that is being written, and a private directory for a state.
    fn with_a_journal_s_file(&self) -> &Self {
        let mut head = vec![0; 272];
        head[..8].copy_from_slice(b"LPKSHHRH");
        // It is being written, has an id, an entry and a time.
        for (at, value) in [(16, 1), (24, 7), (152, 1), (184, 1)] {
            head[at] = value;
        }
        self.file("etc/machine-id", "0123\n", NOW);
        self.file("var/log/journal/0123/system.journal", head, NOW);
        fs::create_dir(self.path("state")).unwrap();
        fs::set_permissions(self.path("state"), fs::Permissions::from_mode(0o700)).unwrap();
        self
    }

    /// What journalctl was asked, a line each time.
    fn asked(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("asked")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// What it was asked about the programs that matter.
    fn asked_for_lines(&self) -> Vec<String> {
        let mut asked = self.asked();
        asked.retain(|asked| asked.contains(" SYSLOG_"));
        asked
    }

    fn host(&self) -> Host {
        Host {
            root: self.root.path().to_path_buf(),
            now: NOW,
            zone: Zone::Fixed(0),
            terminal: false,
        }
    }

    /// What a check prints, without this machine's root.
    fn check<C: Check>(&self, arguments: &[&str]) -> (u8, String) {
        let answer = self.answer::<C>(arguments);
        let (report, _) = match answer {
            Ok(answer) => answer,
            Err(why) => return (3, why),
        };
        let root = self.root.path().display().to_string();
        let text = render::check_output(C::NAME, &report, 2).replace(&root, "");
        (report.state.exit_code(), text)
    }

    fn facts<C: Check>(&self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--format", "json"]].concat();
        match self.answer::<C>(&arguments).unwrap() {
            (_, Page::Json(facts)) => facts,
            (_, page) => panic!("{page:?}"),
        }
    }

    /// What `--diagnose` finds about logs, one line each, without this machine's root.
    fn diagnosis<C: Check>(&self, arguments: &[&str]) -> Vec<String> {
        let words = [&[C::NAME], arguments].concat();
        let options = C::Options::try_parse_from(words).unwrap();
        let findings = C::needs(options, &self.host(), &Deadline::new(self.limit)).unwrap();
        let root = self.root.path().display().to_string();
        let about_logs = ["the mail log", "the journal"];
        let findings = findings
            .into_iter()
            .filter(|finding| about_logs.contains(&finding.purpose));
        let line = |finding: Finding| match finding.outcome {
            Outcome::Works => format!("ok {}", finding.subject),
            Outcome::Absent => format!("absent {}", finding.subject),
            Outcome::Fails(why) => format!("FAILS {}: {why}", finding.subject),
        };
        findings.map(|it| line(it).replace(&root, "")).collect()
    }

    fn answer<C: Check>(
        &self,
        arguments: &[&str],
    ) -> Result<(postmaster_plugins::plugin::report::Report, Page), String> {
        let words = [&[C::NAME], arguments].concat();
        let options = C::Options::try_parse_from(words).unwrap();
        let answer = C::run(options, &self.host(), &Deadline::new(self.limit));
        let root = self.root.path().display().to_string();
        answer
            .map(|answer| (answer.report, answer.page))
            .map_err(|error| error.to_string().replace(&root, ""))
    }
}

/// Postgrey's message when a mail of a pool is tried.
fn tried(mail: usize) -> String {
    format!(
        "action=greylist, reason=new, client_name=o{mail}.mail.sendgrid.net, client_address=192.0.{mail}.7, sender=a{mail}@s.example, recipient=r@lab.example"
    )
}

/// A line of a log with a time of microseconds.
fn line(at: Micros, tag: &str, message: &str) -> String {
    let civil = Zone::Fixed(0).civil(at).to_string().replace(' ', "T");
    format!("{civil}.{:06}+00:00 vm {tag}[7]: {message}\n", at % SECOND)
}

fn postgrey(at: Micros, mail: usize) -> String {
    line(at, "postgrey", &tried(mail))
}

/// An entry of the journal that was heard a millisecond later.
fn entry(at: Micros, tag: &str, message: &str) -> String {
    format!(
        "__CURSOR=s=1;i={at}\n__REALTIME_TIMESTAMP={0}\n__MONOTONIC_TIMESTAMP={0}\n_BOOT_ID={1:032x}\n_HOSTNAME=vm\nSYSLOG_IDENTIFIER={tag}\nSYSLOG_PID=7\nMESSAGE={message}\n_SOURCE_REALTIME_TIMESTAMP={at}\n\n",
        at + 1000,
        1
    )
}

/// `count` tries, a minute apart, the last one `ago` before now: as lines and as entries.
fn tries(count: usize, ago: Micros) -> (String, String) {
    let times = (0..count).map(|n| (n, NOW - ago - (count - 1 - n) as i64 * MINUTE));
    times
        .map(|(n, at)| {
            (
                postgrey(at, n % 200),
                entry(at, "postgrey", &tried(n % 200)),
            )
        })
        .unzip()
}

/// The tries counted, whole and by the first sender.
fn total(facts: &Value) -> u64 {
    facts["total"]["tries"].as_u64().unwrap_or(u64::MAX)
}

const PRINT: &str = "cat $EXPORT";
/// There is no entry before the window.
const NOTHING_BEFORE: &str = "case $* in *--until*) ;; *) cat $EXPORT;; esac";

#[test]
fn the_journal_tells_what_the_log_tells() {
    let (log, export) = tries(40, HOUR);
    let files = Machine::new();
    files.file("var/log/mail.log", log, NOW);
    let journal = Machine::new();
    journal.journalctl(export.as_bytes(), NOTHING_BEFORE);
    let sorted = |machine: &Machine| {
        let mut facts = machine.facts::<PostgreyWhitelist>(&[]);
        facts["logs"] = Value::Null;
        facts
    };
    assert_eq!(sorted(&files), sorted(&journal));
    assert_eq!(total(&sorted(&files)), 40);
    let since = (NOW - 7 * DAY) / SECOND;
    let fields = "--output=export --no-pager --output-fields=_SOURCE_REALTIME_TIMESTAMP,_HOSTNAME,SYSLOG_IDENTIFIER,_COMM,SYSLOG_PID,_PID,MESSAGE";
    // They run side by side.
    let mut asked = journal.asked();
    asked.sort();
    assert_eq!(
        asked,
        [
            format!("{fields} --reverse --lines=1"),
            format!("{fields} --reverse --lines=1 --until=@{since}"),
            format!(
                "{fields} --since=@{} SYSLOG_IDENTIFIER=postgrey SYSLOG_IDENTIFIER=postfix/postgrey",
                // Entries may be out of order by so much.
                since - HOUR / SECOND
            ),
        ]
    );
    assert_eq!(
        journal.facts::<PostgreyWhitelist>(&[])["logs"],
        serde_json::json!(["the journal"])
    );
}

#[test]
fn when_the_journal_is_asked() {
    let (log, export) = tries(40, 10 * MINUTE);
    let (old_log, _) = tries(30, 3 * HOUR);
    let nothing = String::new();
    let end = (NOW - 3 * HOUR) / SECOND + 1;
    let newer: String = (0..5)
        .map(|n| entry(NOW - HOUR + n * SECOND, "postgrey", &tried(n as usize)))
        .collect();
    for (name, content, export, arguments, asked, counted) in [
        (
            "a log that is written",
            Some(&log),
            &export,
            &[][..],
            vec![],
            40,
        ),
        ("no log", None, &export, &[], vec!["--since"], 40),
        (
            "by name",
            Some(&old_log),
            &export,
            &["--journal"],
            vec!["--since"],
            40,
        ),
        (
            "an old log, nothing newer",
            Some(&old_log),
            &nothing,
            &[],
            vec!["--lines=1"],
            30,
        ),
        (
            "an old log, the journal goes on",
            Some(&old_log),
            &newer,
            &[],
            vec!["--lines=1", "--since"],
            35,
        ),
    ] {
        let machine = Machine::new();
        machine.journalctl(
            export.as_bytes(),
            "case $* in *--lines=1*) tail -n 9 $EXPORT;; *) cat $EXPORT;; esac",
        );
        if let Some(content) = content {
            machine.file("var/log/mail.log", content, NOW);
        }
        let facts = machine.facts::<PostgreyWhitelist>(arguments);
        let found = machine.asked_for_lines();
        assert_eq!(found.len(), asked.len(), "{name}: {found:?}");
        for (found, word) in found.iter().zip(&asked) {
            assert!(found.contains(word), "{name}: {found}");
        }
        if name.starts_with("an old log") {
            assert!(
                found
                    .iter()
                    .all(|asked| asked.contains(&format!("--since=@{end} "))),
                "{found:?}"
            );
        }
        assert_eq!(total(&facts), counted, "{name}");
    }
}

/// A log that is hours old may have nothing to say. Whether the journal goes on behind it is asked, and a journalctl that fails is named; that
/// the user may not read the journal, or has none to read it with, is no alarm.
#[test]
fn what_can_be_wrong_with_the_journal_behind_an_old_log() {
    let hint = "Hint: You are currently not seeing messages from other users and the system.";
    let quiet = line(NOW - 8 * DAY, "cron", "x") + &postgrey(NOW - 4 * HOUR, 1);
    let (busy, export) = tries(30, 4 * HOUR);
    for (name, script, why) in [
        (
            "fails",
            "echo 'Failed to open files: Too many open files' >&2; exit 1",
            Some("journalctl says: Failed to open files: Too many open files"),
        ),
        (
            "is killed",
            "kill -9 $$",
            Some("journalctl was ended by signal 9"),
        ),
        (
            "prints rubbish",
            "echo rubbish",
            Some("its export ends too early, or is none"),
        ),
        (
            "shows own messages only",
            &format!("echo '{hint}' >&2"),
            None,
        ),
        (
            "is allowed none",
            "echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1",
            None,
        ),
        (
            "is too old",
            "echo \"journalctl: unrecognized option '--output-fields'\" >&2; exit 1",
            None,
        ),
        ("may not be run", "", None),
        ("finds nothing", "", None),
    ] {
        for (log, without, with) in [
            (&quiet, "OK - ", "UNKNOWN - not everything could be read: "),
            (&busy, "WARNING - 1 sender", "WARNING - at least 1 sender"),
        ] {
            let machine = Machine::new();
            machine.journalctl(export.as_bytes(), script);
            if name == "may not be run" {
                let mode = fs::Permissions::from_mode(0o644);
                fs::set_permissions(machine.path("usr/bin/journalctl"), mode).unwrap();
            }
            machine.file("var/log/mail.log", log, NOW);
            let (code, text) = machine.check::<PostgreyWhitelist>(&["--window", "6h"]);
            let begins = if why.is_some() { with } else { without };
            let begins = format!("CHECK_POSTGREY_WHITELIST {begins}");
            assert!(text.starts_with(&begins), "{name}: {code} {text}");
            let said = text.contains(&format!("the journal: {}", why.unwrap_or_default()));
            assert_eq!(said, why.is_some(), "{name}: {text}");
        }
    }
}

#[test]
fn what_can_be_wrong_with_the_journal() {
    let (_, export) = tries(2, HOUR);
    let hint = "Hint: You are currently not seeing messages from other users and the system.\n      Users in groups 'adm', 'systemd-journal' can see all messages.\n      Pass -q to turn off this notice.";
    for (name, export, script, expected) in [
        (
            "own messages only",
            &export[..],
            format!("{PRINT}; echo \"{hint}\" >&2"),
            "UNKNOWN - not everything could be read: the journal: user root sees only its own messages in the journal (fix: adduser root systemd-journal, then restart the monitoring daemon (icinga2, nagios, nrpe), a running one keeps its old groups)",
        ),
        (
            "none at all",
            "",
            String::from(
                "echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1",
            ),
            "UNKNOWN - not everything could be read: the journal: user root sees only its own messages in the journal (fix:",
        ),
        (
            "too old",
            "",
            String::from("echo \"journalctl: unrecognized option '--output-fields'\" >&2; exit 1"),
            "UNKNOWN - not everything could be read: the journal: journalctl says: journalctl: unrecognized option '--output-fields'",
        ),
        (
            "killed",
            &export,
            format!("{PRINT}; kill -9 $$"),
            "UNKNOWN - not everything could be read: the journal: journalctl was ended by signal 9",
        ),
        (
            "fails without a word",
            "",
            String::from("exit 7"),
            "UNKNOWN - not everything could be read: the journal: journalctl ended with status 7",
        ),
        (
            "empty",
            "",
            String::from(PRINT),
            "UNKNOWN - nothing to judge, the journal has no lines",
        ),
        (
            "not an export",
            "-- No entries --\n",
            String::from(PRINT),
            "UNKNOWN - not everything could be read: the journal: its export ends too early, or is none",
        ),
    ] {
        let machine = Machine::new();
        machine.journalctl(export.as_bytes(), &script);
        fs::write(machine.path("etc/passwd"), "root:x:0:0::/:\n").unwrap();
        let user = rustix_user();
        let (code, text) = machine.check::<PostgreyWhitelist>(&["--journal"]);
        let expected = expected
            .replace("user root", &format!("user {user}"))
            .replace("adduser root", &format!("adduser {user}"));
        assert!(
            text.starts_with(&format!("CHECK_POSTGREY_WHITELIST {expected}")),
            "{name}: {text}"
        );
        assert_eq!(code, 3, "{name}");
    }
}

/// How this process's user is called in a passwd that knows root alone.
fn rustix_user() -> String {
    let output = Command::new("id").arg("-u").output().unwrap();
    let id = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    if id == "0" { String::from("root") } else { id }
}

/// Postfix may write where syslog would, also by another name: each file is a row once.
#[test]
fn diagnosis_names_each_log_once() {
    for own in ["/var/log/mail.log", "/var/log/link"] {
        let machine = Machine::new();
        let (log, _) = tries(1, HOUR);
        for name in ["var/log/mail.log", "var/log/mail.log.1"] {
            fs::create_dir_all(machine.path("var/log")).unwrap();
            fs::write(machine.path(name), &log).unwrap();
        }
        std::os::unix::fs::symlink("mail.log", machine.path("var/log/link")).unwrap();
        fs::create_dir_all(machine.path("etc/postfix")).unwrap();
        let main_cf = format!("maillog_file = {own}\n");
        fs::write(machine.path("etc/postfix/main.cf"), main_cf).unwrap();
        let rows = machine.diagnosis::<MailqBlacklist>(&["--file", "/dev/null", "--log"]);
        let logs: Vec<&String> = rows.iter().filter(|row| row.contains("/var/log")).collect();
        assert_eq!(logs, ["ok /var/log/mail.log", "ok /var/log/mail.log.1"]);
    }
}

/// What other programs say shows how far the journal reaches, so that a quiet week is not taken for a missing one.
#[test]
fn a_quiet_week_is_no_gap() {
    let lone = entry(NOW - 3 * DAY, "postgrey", &tried(1));
    let other = |at| entry(at, "cron", "postgrey[7]: action=greylist, reason=new");
    for (name, before, last, code, expected) in [
        (
            "reaches back",
            NOW - 8 * DAY,
            NOW - MINUTE,
            0,
            "OK - the top domains are whitelisted or ignored (1 try in 7d) |",
        ),
        ("begins late", NOW - 4 * DAY, NOW - MINUTE, 3, "UNKNOWN - "),
        ("ends early", NOW - 8 * DAY, NOW - 2 * DAY, 3, "UNKNOWN - "),
    ] {
        let machine = Machine::new();
        machine.file(
            "before",
            if before < NOW - 7 * DAY {
                other(before)
            } else {
                String::new()
            },
            NOW,
        );
        machine.file("last", other(last), NOW);
        let root = machine.root.path().display().to_string();
        machine.journalctl(
            lone.as_bytes(),
            &format!("case $* in *--until*) cat {root}/before;; *--lines=1) cat {root}/last;; *) cat $EXPORT;; esac"),
        );
        let (found, text) = machine.check::<PostgreyWhitelist>(&[]);
        assert_eq!(found, code, "{name}: {text}");
        assert!(
            text.starts_with(&format!("CHECK_POSTGREY_WHITELIST {expected}")),
            "{name}: {text}"
        );
    }
}

/// An entry that a stranger made: its sender's address is written in Latin-1, so its message comes with a length.
fn latin_entry(at: Micros, tag: &str, mail: usize) -> Vec<u8> {
    let message = tried(mail).replace("sender=a", "sender=\u{e9}t\u{e9}");
    let message: Vec<u8> = message.chars().map(|c| c as u8).collect();
    let text = entry(at, tag, "");
    let (before, behind) = text.split_once("MESSAGE=\n").unwrap();
    let length = (message.len() as u64).to_le_bytes();
    [
        before.as_bytes(),
        b"MESSAGE\n",
        &length,
        &message,
        b"\n",
        behind.as_bytes(),
    ]
    .concat()
}

/// An entry whose time alone matters may say anything, or nothing: by its address a stranger could hide the whole journal.
#[test]
fn an_entry_in_any_bytes_tells_its_time() {
    let (old_log, _) = tries(30, 4 * HOUR);
    let (_, export) = tries(20, 10 * MINUTE);
    let plain = |at| entry(at, "postgrey", &tried(1)).into_bytes();
    let latin = |at| latin_entry(at, "postgrey", 1);
    let empty = |at| entry(at, "postgrey", "").into_bytes();
    let none = |at| entry(at, "postgrey", "").replace("MESSAGE=\n", "");
    let none = |at| none(at).into_bytes();
    type Make<'a> = &'a dyn Fn(Micros) -> Vec<u8>;
    for (name, make, counts) in [
        ("text", &plain as Make<'_>, 1),
        ("Latin-1", &latin, 1),
        ("empty", &empty, 0),
        ("no message", &none, 0),
    ] {
        let machine = Machine::new();
        machine.file("var/log/mail.log", &old_log, NOW);
        machine.file("newest", make(NOW - MINUTE), NOW);
        let root = machine.root.path().display().to_string();
        let script = format!("case $* in *--lines=1*) ;; *) cat $EXPORT;; esac; cat {root}/newest");
        machine.journalctl(export.as_bytes(), &script);
        let facts = machine.facts::<PostgreyWhitelist>(&[]);
        assert_eq!(total(&facts), 50 + counts, "newest: {name}");

        let machine = Machine::new();
        machine.file("before", make(NOW - 8 * DAY), NOW);
        machine.with_a_journal_s_file();
        let root = machine.root.path().display().to_string();
        let script = format!(
            "case $* in *--until*) cat {root}/before;; *--cursor*) ;; *) cat $EXPORT;; esac"
        );
        machine.journalctl(export.as_bytes(), &script);
        let state = machine.path("state/postgrey.state").display().to_string();
        for arguments in [&["-vv"][..], &["-vv", "--state", &state]] {
            let (code, text) = machine.check::<PostgreyWhitelist>(arguments);
            assert_eq!(code, 1, "before: {name}: {text}");
            assert!(
                !text.contains("covers only") && !text.contains("not used"),
                "before: {name}: {text}"
            );
        }
    }
}

/// That the log covers too little would be another matter.
#[test]
fn a_journalctl_that_cannot_tell_a_time_says_why() {
    let (_, export) = tries(40, HOUR);
    for question in ["--until", "--lines=1"] {
        let machine = Machine::new();
        machine.journalctl(
            export.as_bytes(),
            &format!(
                "case $* in *{question}*) echo 'Failed to open files' >&2; exit 1;; esac; {PRINT}"
            ),
        );
        let (code, text) = machine.check::<PostgreyWhitelist>(&[]);
        assert_eq!(code, 1, "{question}: {text}");
        let why = "(log incomplete: the journal: journalctl says: Failed to open files";
        assert!(
            text.contains("at least 1 sender") && text.contains(why),
            "{question}: {text}"
        );
    }
}

#[test]
fn no_log_and_no_journalctl() {
    let machine = Machine::new();
    for (arguments, why) in [
        (
            &[][..],
            "no mail log found: none of /var/log/mail.log, /var/log/maillog, /var/log/mail exists, and there is no journalctl (/usr/bin/journalctl, /bin/journalctl) (fix: name a log, or - for standard input)",
        ),
        (
            &["--journal"],
            "cannot read the journal: there is no journalctl (/usr/bin/journalctl, /bin/journalctl) (fix: name a log, or - for what journalctl -o short-iso prints elsewhere)",
        ),
    ] {
        assert_eq!(
            machine.check::<PostgreyWhitelist>(arguments),
            (3, why.to_owned())
        );
    }
}

#[test]
fn no_log_and_an_empty_journal() {
    let machine = Machine::new();
    machine.journalctl(b"", PRINT);
    let why = "no mail log found: none of /var/log/mail.log, /var/log/maillog, /var/log/mail exists, and the journal is empty (fix: name a log, or - for standard input)";
    assert_eq!(machine.check::<PostgreyWhitelist>(&[]), (3, why.to_owned()));
}

/// Where the journal has to stand in for a log, it must have something to read.
#[test]
fn diagnosis_tells_where_there_is_nothing_to_read() {
    const PLACES: &str = "/var/log/mail.log, /var/log/maillog, /var/log/mail";
    const JOURNAL: &str = "/usr/bin/journalctl";
    let no_log = format!(
        "FAILS {PLACES}: there is none (fix: where only the journal is kept, install rsyslog, or name a file)"
    );
    let no_entry = |span: &str, entries: &str| {
        format!(
            "FAILS {JOURNAL}: has no entry that counts, looking back {span} (fix: see what it has of the mail system, whether that runs and where it logs: journalctl -n 20 {entries})"
        )
    };
    let of_postgrey = no_entry(
        "7d",
        "SYSLOG_IDENTIFIER=postgrey SYSLOG_IDENTIFIER=postfix/postgrey",
    );
    let of_mail = no_entry("6h", "SYSLOG_FACILITY=2 + SYSLOG_IDENTIFIER=exim");
    let absent = format!("absent {PLACES}");
    let (ok, own) = (|it: &str| format!("ok {it}"), "/var/log/postfix.log");
    let (log, export) = tries(1, HOUR);
    type Ask = fn(&Machine, &[&str]) -> Vec<String>;
    let (postgrey, mailq): (Ask, Ask) = (
        Machine::diagnosis::<PostgreyWhitelist>,
        Machine::diagnosis::<MailqBlacklist>,
    );
    let log_of_mailq = ["--file", "/dev/null", "--log"];
    for (name, ask, words, file, export, expected) in [
        (
            "nothing",
            postgrey,
            &[][..],
            None,
            "",
            vec![no_log.clone(), of_postgrey.clone()],
        ),
        (
            "--journal",
            postgrey,
            &["--journal"],
            None,
            "",
            vec![of_postgrey.clone()],
        ),
        (
            "entries",
            postgrey,
            &[],
            None,
            export.as_str(),
            vec![absent, ok(JOURNAL)],
        ),
        (
            "a log",
            postgrey,
            &[],
            Some("/var/log/mail.log"),
            "",
            vec![ok("/var/log/mail.log"), ok(JOURNAL)],
        ),
        (
            "a log of Postfix alone",
            postgrey,
            &[],
            Some(own),
            "",
            vec![ok(own), no_log.clone(), of_postgrey],
        ),
        (
            "the same for the queue",
            mailq,
            &log_of_mailq,
            Some(own),
            "",
            vec![ok(own), ok(JOURNAL)],
        ),
        (
            "nothing for the queue",
            mailq,
            &log_of_mailq,
            None,
            "",
            vec![no_log, of_mail],
        ),
    ] {
        let machine = Machine::new();
        machine.journalctl(export.as_bytes(), PRINT);
        machine.file(
            "etc/postfix/main.cf",
            format!("maillog_file = {own}\n"),
            NOW,
        );
        if let Some(file) = file {
            machine.file(&file[1..], &log, NOW);
        }
        assert_eq!(ask(&machine, words), expected, "{name}");
    }
    let machine = Machine::new();
    machine.journalctl(b"", "echo \"No such thing\" >&2; exit 1");
    let says = format!("FAILS {JOURNAL}: journalctl says: No such thing");
    assert_eq!(
        machine.diagnosis::<PostgreyWhitelist>(&["--journal"]),
        [says]
    );
}

#[test]
fn a_journal_that_hangs_is_killed_in_time() {
    let mut machine = Machine::new();
    machine.limit = Duration::from_secs(2);
    let (_, export) = tries(40, HOUR);
    let root = machine.root.path().display().to_string();
    machine.journalctl(
        export.as_bytes(),
        &format!(
            "{PRINT}; case $* in *--lines=1*) exit;; esac; echo $$ > {root}/pid; exec sleep 600"
        ),
    );
    let (code, text) = machine.check::<PostgreyWhitelist>(&[]);
    assert!(
        text.starts_with("CHECK_POSTGREY_WHITELIST WARNING - at least 1 sender"),
        "{text}"
    );
    assert!(
        text.contains("(log incomplete: the journal: the time limit of 2 s ran out"),
        "{text}"
    );
    assert_eq!(code, 1);
    let pid = fs::read_to_string(machine.path("pid")).unwrap();
    assert!(comes_true(|| is_gone(pid.trim())), "{pid}");
}

#[test]
fn a_journal_that_a_boot_begins_anew_is_called_so() {
    let (_, export) = tries(40, HOUR);
    for (directory, name) in [
        (
            "run/log/journal",
            "the journal (volatile: since the last boot)",
        ),
        ("var/log/journal", "the journal"),
    ] {
        let machine = Machine::new();
        machine.journalctl(export.as_bytes(), PRINT);
        fs::write(machine.path("etc/machine-id"), "0123\n").unwrap();
        fs::create_dir_all(machine.path(directory).join("0123")).unwrap();
        fs::write(machine.path(directory).join("0123/system.journal"), "").unwrap();
        let facts = machine.facts::<PostgreyWhitelist>(&[]);
        assert_eq!(facts["logs"], serde_json::json!([name]));
    }
}

/// Postfix's message when a server refuses a mail for good.
fn bounced(id: usize) -> String {
    format!(
        "{id:010X}: to=<a@b.example>, relay=mx.b.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host mx.b.example[192.0.2.1] said: 554 5.7.1 Service unavailable; Client host [203.0.113.25] blocked using zen.spamhaus.org (in reply to RCPT TO command))"
    )
}

fn refusals(count: usize) -> (String, String) {
    let times = (0..count)
        .map(|n| (n, NOW - MINUTE - n as i64 * MINUTE))
        .rev();
    times
        .map(|(n, at)| {
            let message = bounced(n + 1);
            (
                line(at, "postfix/smtp", &message),
                entry(at, "postfix/smtp", &message),
            )
        })
        .unzip()
}

#[test]
fn postfix_writes_a_log_of_its_own() {
    let (log, export) = refusals(6);
    let main_cf = "maillog_file = /var/log/postfix.log\nmaillog_file_rotate_suffix = old-%d\n";
    let instances = "maillog_file = /var/log/postfix.log\nmulti_instance_directories = /etc/postfix-out /etc/postfix-old\n";
    let out = "multi_instance_enable = yes\nmaillog_file = /var/log/postfix-out.log\n";
    let other = line(NOW - MINUTE, "postfix/smtp", &bounced(77)) + "\n";
    let (half, rest) = log.split_at(log.find("\n").unwrap() + 1);
    for (name, files, asked) in [
        ("syslog's log", &[("var/log/mail.log", &log[..])][..], 0),
        (
            "its own log",
            &[
                ("etc/postfix/main.cf", main_cf),
                ("var/log/postfix.log", &log),
            ],
            0,
        ),
        (
            "its own log and a rotated one beside another's log",
            &[
                ("etc/postfix/main.cf", main_cf),
                ("var/log/postfix.log", rest),
                ("var/log/postfix.log.old-20", half),
                (
                    "var/log/mail.log",
                    "2026-11-21T07:59:00+00:00 vm cron[1]: x\n",
                ),
            ],
            0,
        ),
        (
            "its own log where syslog would write",
            &[
                (
                    "etc/postfix/main.cf",
                    "maillog_file = /var/log/mail.log\nmaillog_file_rotate_suffix = old-%d\n",
                ),
                ("var/log/mail.log", rest),
                ("var/log/mail.log.old-20", half),
            ],
            0,
        ),
        (
            "one log for each instance that is in use",
            &[
                ("etc/postfix/main.cf", instances),
                ("var/log/postfix.log", rest),
                ("etc/postfix-out/main.cf", out),
                ("var/log/postfix-out.log", half),
                (
                    "etc/postfix-old/main.cf",
                    "maillog_file = /var/log/postfix-old.log\n",
                ),
                ("var/log/postfix-old.log", &other),
            ],
            0,
        ),
        (
            "one log for all instances",
            &[
                ("etc/postfix/main.cf", instances),
                (
                    "etc/postfix-out/main.cf",
                    "multi_instance_enable = yes\nmaillog_file = /var/log/postfix.log\n",
                ),
                ("var/log/postfix.log", &log),
            ],
            0,
        ),
        (
            "the journal",
            &[("etc/postfix/main.cf", "maillog_file =\n")],
            1,
        ),
    ] {
        let machine = Machine::new();
        machine.journalctl(export.as_bytes(), PRINT);
        for (file, content) in files {
            machine.file(file, content, NOW);
        }
        machine.file("queue", "Mail queue is empty\n", NOW);
        let queue = machine.path("queue").display().to_string();
        let facts = machine.facts::<MailqBlacklist>(&["--log", "--file", &queue]);
        let found = serde_json::to_string(&facts).unwrap();
        assert_eq!(facts["bounced"], 6, "{name}: {found}");
        let found = machine.asked_for_lines();
        assert_eq!(found.len(), asked, "{name}");
        if asked == 1 {
            assert!(
                found[0].ends_with(" SYSLOG_FACILITY=2 + SYSLOG_IDENTIFIER=exim"),
                "{found:?}"
            );
        }
    }
}

/// `--config-dir` names instances, which no main.cf needs to mention: then only their own logs count, beside that of syslog.
#[test]
fn a_named_instance_has_a_log_of_its_own() {
    let log = |id| line(NOW - MINUTE, "postfix/smtp", &bounced(id)) + "\n";
    let logs = [
        log(1),
        log(2) + &log(3),
        log(4) + &log(5) + &log(6) + &log(7),
    ];
    let machine = Machine::new();
    for (instance, log) in ["postfix", "out", "in"].iter().zip(&logs) {
        let main_cf = format!("maillog_file = /var/log/{instance}.log\n");
        machine.file(&format!("etc/{instance}/main.cf"), &main_cf, NOW);
        machine.file(&format!("var/log/{instance}.log"), log, NOW);
    }
    let place = |instance: &str| {
        machine
            .path(&format!("etc/{instance}"))
            .display()
            .to_string()
    };
    for (instances, bounced) in [
        (&[][..], 1),
        (&["out"], 2),
        (&["postfix", "out"], 3),
        (&["out", "in", "out"], 6),
    ] {
        let places = instances
            .iter()
            .flat_map(|i| [String::from("--config-dir"), place(i)]);
        let arguments: Vec<String> = [String::from("--log")].into_iter().chain(places).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let facts = machine.facts::<MailqBlacklist>(&arguments);
        assert_eq!(facts["bounced"], bounced, "{instances:?}");
    }
}

/// Instances that share a log are told apart by the names they log under; one whose name is not to be had may be any.
#[test]
fn of_a_shared_log_a_named_instance_has_its_own_lines() {
    let machine = Machine::new();
    let mut log = String::new();
    for (instance, bounces) in [("postfix", 1), ("postfix-out", 2), ("postfix-in", 4)] {
        for number in 0..bounces {
            let say = |program: &str, what: &str| {
                let tag = format!("{instance}/{program}");
                line(NOW - MINUTE, &tag, what) + "\n"
            };
            let bounce = bounced(number);
            let id = bounce.split(':').next().unwrap_or_default();
            log += &say(
                "qmgr",
                &format!("{id}: from=<a@x.example>, size=3, nrcpt=1 (queue active)"),
            );
            log += &say("smtp", &bounce);
        }
    }
    machine.file("var/log/mail.log", &log, NOW);
    for (directory, main_cf) in [
        ("postfix", ""),
        ("out", "multi_instance_name = postfix-out\n"),
        ("in", "syslog_name = ${multi_instance_name:postfix}-in\n"),
    ] {
        machine.file(&format!("etc/{directory}/main.cf"), main_cf, NOW);
    }
    for (instances, bounces) in [
        (&["postfix"][..], 1),
        (&["out"], 2),
        (&["out", "postfix"], 3),
        (&["in"], 7),
        (&[], 7),
    ] {
        let mut arguments = vec![String::from("--log")];
        for instance in instances {
            let place = machine.path(&format!("etc/{instance}"));
            arguments.extend([String::from("--config-dir"), place.display().to_string()]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let facts = machine.facts::<MailqBlacklist>(&arguments);
        assert_eq!(facts["bounced"], bounces, "{instances:?}");
    }
}

/// Postgrey's lines go through syslog: where Postfix has a log of its own and syslog none, they stand in the journal.
#[test]
fn postgrey_does_not_write_to_postfix_s_own_log() {
    let machine = Machine::new();
    let (_, export) = tries(40, HOUR);
    machine.journalctl(export.as_bytes(), PRINT);
    machine.file(
        "etc/postfix/main.cf",
        "maillog_file = /var/log/postfix.log\n",
        NOW,
    );
    machine.file("var/log/postfix.log", refusals(6).0, NOW);
    assert_eq!(total(&machine.facts::<PostgreyWhitelist>(&[])), 40);
    fs::remove_file(machine.path("usr/bin/journalctl")).unwrap();
    let (code, text) = machine.check::<PostgreyWhitelist>(&[]);
    assert!(
        text.contains("the log has no decision of Postgrey") && code == 3,
        "{text}"
    );
}

#[test]
fn packed_logs_and_exports_are_recognised_by_their_content() {
    let (log, export) = tries(40, HOUR);
    let machine = Machine::new();
    for (name, content) in [
        ("plain", log.clone().into_bytes()),
        ("gzip", gzip(log.as_bytes())),
        ("export", export.clone().into_bytes()),
        ("packed export", gzip(export.as_bytes())),
    ] {
        machine.file("log", content, NOW);
        let log = machine.path("log").display().to_string();
        assert_eq!(
            total(&machine.facts::<PostgreyWhitelist>(&[&log])),
            40,
            "{name}"
        );
    }
}

/// A packed file is never empty, so one that is has lost its lines; a plain log may be empty.
#[test]
fn a_packed_log_that_lost_its_head_or_all_of_it_is_damaged() {
    let (log, _) = tries(40, HOUR);
    let whole = gzip(log.as_bytes());
    let empty = "is empty, which a packed file never is: cut, or still being written";
    let cut = "its gzip data ends too early: cut, or still being written";
    let timeless = "none of its lines begins with a time that logs have, is it a mail log?";
    for (name, content, why) in [
        ("mail.log.gz", &b""[..], Some(empty)),
        ("mail.log.2.xz", b"", Some(empty)),
        ("mail.log-20261121.zst", b"", Some(empty)),
        ("mail.log.bz2", b"", Some(empty)),
        ("mail.log.gz", &whole[..1], Some(timeless)),
        ("mail.log.gz", &whole[..2], Some(cut)),
        ("mail.log.gz", &whole[..9], Some(cut)),
        ("mail.log.gz", &whole[..18], Some(cut)),
        ("mail.log.gz", &gzip(b""), None),
        ("mail.log", b"", None),
        ("mail.log.1", b"", None),
        ("gz", b"", None),
    ] {
        let machine = Machine::new();
        machine.file(name, content, NOW);
        let path = machine.path(name).display().to_string();
        let length = content.len();
        let (code, text) = machine.check::<PostgreyWhitelist>(&[&path]);
        let state = if why.is_some() { 3 } else { 0 };
        assert_eq!(code, state, "{name} {length}: {text}");
        let partial = why.map(|why| format!("not everything could be read: /{name}: {why}"));
        let found = text.contains(partial.as_deref().unwrap_or("not everything"));
        assert_eq!(found, why.is_some(), "{name} {length}: {text}");
    }
}

/// Files of a log in the middle of a rotation: what each of its steps leaves behind.
#[test]
fn every_step_of_a_rotation_counts_each_line_once() {
    let (log, _) = tries(120, HOUR);
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    let part = |range: std::ops::Range<usize>| lines[range].concat();
    let (oldest, old, new) = (part(0..40), part(40..80), part(80..120));
    let cut = gzip(oldest.as_bytes());
    let cut = cut[..cut.len() / 2].to_vec();
    let text = |text: &str| text.as_bytes().to_vec();
    for (name, files) in [
        (
            "at rest",
            vec![
                ("mail.log", text(&new)),
                ("mail.log.1", text(&old)),
                ("mail.log.2.gz", gzip(oldest.as_bytes())),
            ],
        ),
        (
            "being packed",
            vec![
                ("mail.log", text(&new)),
                ("mail.log.1", text(&old)),
                ("mail.log.2", text(&oldest)),
                ("mail.log.2.gz", cut),
            ],
        ),
        (
            "packed, not yet removed",
            vec![
                ("mail.log", text(&new)),
                ("mail.log.1", text(&old)),
                ("mail.log.1.gz", gzip(old.as_bytes())),
                ("mail.log.2.gz", gzip(oldest.as_bytes())),
            ],
        ),
        (
            "renamed, not yet written again",
            vec![
                ("mail.log.1", text(&new)),
                ("mail.log.2", text(&old)),
                ("mail.log.3.gz", gzip(oldest.as_bytes())),
            ],
        ),
        (
            "renamed and empty",
            vec![
                ("mail.log", vec![]),
                ("mail.log.1", text(&new)),
                ("mail.log.2", text(&old)),
                ("mail.log.3.gz", gzip(oldest.as_bytes())),
            ],
        ),
        (
            "being copied",
            vec![
                ("mail.log", text(&new)),
                ("mail.log.1", text(&new[..new.len() / 2])),
                ("mail.log.2", text(&old)),
                ("mail.log.3.gz", gzip(oldest.as_bytes())),
            ],
        ),
        (
            "copied, not yet truncated",
            vec![
                ("mail.log", text(&new)),
                ("mail.log.1", text(&new)),
                ("mail.log.2", text(&old)),
                ("mail.log.3.gz", gzip(oldest.as_bytes())),
            ],
        ),
        (
            "copied with a date",
            vec![
                ("mail.log", text(&new)),
                ("mail.log-20261121", text(&new)),
                ("mail.log-20261120", text(&old)),
                ("mail.log-20261119.gz", gzip(oldest.as_bytes())),
            ],
        ),
    ] {
        let machine = Machine::new();
        for (file, content) in files {
            machine.file(&format!("var/log/{file}"), content, NOW);
        }
        let facts = machine.facts::<PostgreyWhitelist>(&[]);
        assert_eq!(total(&facts), 120, "{name}: {}", facts["logs"]);
        let (code, text) = machine.check::<PostgreyWhitelist>(&["--window", "3h"]);
        assert!(
            code == 1 && !text.lines().next().unwrap().contains("at least"),
            "{name}: {text}"
        );
    }
}

/// A real journal, made of an export and read through the real journalctl. Needs systemd-journal-remote.
#[test]
#[ignore = "needs systemd's journalctl and systemd-journal-remote"]
fn a_real_journal() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory
        .path()
        .join("system.journal")
        .display()
        .to_string();
    let (log, export) = tries(40, HOUR);
    let export = support::file(&directory, "export", export + &entry(NOW, "other", "x"));
    let made = Command::new("/usr/lib/systemd/systemd-journal-remote")
        .args(["-o", &path, &export])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let log = support::file(&directory, "log", log + &line(NOW, "other", "x"));
    let facts = |log: &str, more: &[&str]| {
        let arguments = [&[log, "--format", "json", "--now", "@1795248000"], more].concat();
        let mut facts =
            run(env!("CARGO_BIN_EXE_check_postgrey_whitelist"), &arguments).json()["facts"].clone();
        facts["logs"] = Value::Null;
        facts
    };
    assert_eq!(facts(&path, &[]), facts(&log, &[]));
    let total = |log: &str, window: &str| facts(log, &["--window", window])["total"].clone();
    for window in ["70m", "90m"] {
        assert_eq!(total(&path, window), total(&log, window), "{window}");
    }
    // There are entries before, and one of another program behind.
    let part = facts(&path, &["--window", "70m"]);
    let reach = (part["oldest"].as_str(), part["newest"].as_str());
    let expected = ("2026-11-21T06:50:00Z", "2026-11-21T08:00:00Z");
    assert_eq!(reach, (Some(expected.0), Some(expected.1)));
    let bytes = fs::read(&path).unwrap();
    let cut = support::file(&directory, "cut.journal", &bytes[..bytes.len() / 3]);
    let said = run(env!("CARGO_BIN_EXE_check_postgrey_whitelist"), &[&cut]);
    assert_eq!(said.code, 3);
    assert!(
        said.headline()
            .contains("journalctl says: Failed to open files: No data available"),
        "{}",
        said.out
    );
}

/// The real journalctl reads on behind the entry that it read last, as long as all that was read is there.
#[test]
#[ignore = "needs systemd's journalctl and systemd-journal-remote"]
fn a_real_journal_is_read_on() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).display().to_string();
    fs::create_dir(at("private")).unwrap();
    fs::set_permissions(at("private"), fs::Permissions::from_mode(0o700)).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let ago = |minutes: i64| now.as_micros() as Micros - minutes * MINUTE;
    let write = |name: &str, minutes: &[i64]| {
        let entries = minutes.iter().map(|minutes| {
            let mail = (*minutes % 200) as usize;
            entry(ago(*minutes), "postgrey", &tried(mail)) + &entry(ago(*minutes), "other", "x")
        });
        let export = support::file(&directory, "export", entries.collect::<String>());
        let mut remote = Command::new("/usr/lib/systemd/systemd-journal-remote");
        let made = remote.args(["-o", &at(name), &export]).output().unwrap();
        assert!(made.status.success(), "{made:?}");
    };
    let state = at("private/state");
    let facts = |more: &[&str]| {
        let journal = at("system.journal");
        let arguments = [&[&journal, "--window", "1d", "--format", "json"], more].concat();
        let mut facts =
            run(env!("CARGO_BIN_EXE_check_postgrey_whitelist"), &arguments).json()["facts"].clone();
        for clock in ["now", "covered", "oldest", "doubts"] {
            facts[clock] = Value::Null;
        }
        facts
    };
    let how = |state: &str| {
        let journal = at("system.journal");
        let arguments = [&journal, "--window", "1d", "-vv", "--state", state];
        run(env!("CARGO_BIN_EXE_check_postgrey_whitelist"), &arguments).out
    };
    let old: Vec<i64> = (5..50).rev().map(|n| n * 20).collect();
    write("system.journal", &[3000, 2000]);
    write("system.journal", &old);
    write("other.journal", &old);
    for (name, change, words) in [
        ("the first run", None, "read anew: there was none"),
        ("nothing new", None, "read on"),
        ("new entries", Some(&[12, 11][..]), "read on"),
        ("late ones", Some(&[35, 3]), "read on"),
        (
            "another file in its place",
            Some(&[]),
            "read anew: no log is the one that was remembered",
        ),
    ] {
        match change {
            None => {}
            Some([]) => fs::rename(at("other.journal"), at("system.journal")).unwrap(),
            Some(minutes) => write("system.journal", minutes),
        }
        let said = how(&state);
        assert!(said.contains(words), "{name}: {said}");
        assert_eq!(facts(&["--state", &state]), facts(&[]), "{name}");
    }
}

mod meddling {
    //! A log that changes between two blocks of one reading: the change happens while the first line is counted.

    use super::*;
    use clap::Parser;
    use postmaster_plugins::checks::logs::gather::{self, Wanted};
    use postmaster_plugins::checks::logs::options::LogOptions;
    use postmaster_plugins::checks::logs::plan::{LogPlan, Selection};
    use postmaster_plugins::log::entry::Line;
    use postmaster_plugins::log::fold::{Outcome, Tally};
    use postmaster_plugins::log::search::Search;
    use postmaster_plugins::log::window::Reach;
    use std::io::Write as _;
    use std::sync::{Arc, Mutex};

    /// Several blocks, and less than what is cut into stretches.
    const LINES: usize = 20_000;

    type Change = Box<dyn FnOnce() + Send>;
    /// What happens to the log and to its rotated sibling.
    type Rotation = fn(&Path, &Path);

    /// The numbers of the lines seen; the first one sets off the change.
    struct Numbers {
        seen: Vec<usize>,
        change: Arc<Mutex<Option<Change>>>,
    }

    impl Tally for Numbers {
        fn see(&mut self, line: &Line<'_>) {
            if let Some(change) = self.change.lock().unwrap().take() {
                change();
            }
            let text = String::from_utf8_lossy(line.rest);
            // The last line of a log that is truncated may be cut.
            let number: Option<usize> = text
                .split_whitespace()
                .last()
                .and_then(|word| word.parse().ok());
            self.seen.extend(number);
        }
        fn join(&mut self, later: Self) {
            self.seen.extend(later.seen);
        }
    }

    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        log: LogOptions,
    }

    fn number(n: usize) -> String {
        line(
            NOW - DAY + n as i64 * SECOND,
            "test",
            &format!("{:60} {n}", ""),
        )
    }

    fn numbers(range: std::ops::Range<usize>) -> String {
        range.map(number).collect()
    }

    fn read(machine: &Machine, selection: Selection, change: Change) -> Outcome<Numbers> {
        let options = Arguments::parse_from(["check"]).log;
        let plan = LogPlan::new(selection, &options, Reach::All, &machine.host());
        let wanted = Wanted {
            search: Search::program("test"),
            journal: &[],
            postfix: false,
        };
        let change = Arc::new(Mutex::new(Some(change)));
        let fresh = move || Numbers {
            seen: Vec::new(),
            change: Arc::clone(&change),
        };
        let deadline = Deadline::new(machine.limit);
        let (outcome, _) = gather::read(&plan, &wanted, &machine.host(), &deadline, fresh).unwrap();
        outcome
    }

    fn append(path: &Path, text: &str) {
        let mut file = fs::File::options()
            .append(true)
            .create(true)
            .open(path)
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn no_line_is_lost_and_none_counts_twice() {
        let (half, all) = (LINES / 2, LINES);
        let changes: [(&str, usize, Rotation); 7] = [
            ("it grows", all, |log, _| {
                append(log, &numbers(LINES..LINES + 10))
            }),
            ("it is renamed and written anew", all, |log, old| {
                fs::rename(old, old.with_extension("2")).unwrap();
                fs::rename(log, old).unwrap();
                append(log, &numbers(LINES..LINES + 10));
            }),
            ("the rotated one is packed", all, |_, old| {
                let packed = gzip(&fs::read(old).unwrap());
                fs::write(old.with_extension("2.gz"), packed).unwrap();
                fs::remove_file(old).unwrap();
            }),
            ("the rotated one is removed", all, |_, old| {
                fs::remove_file(old).unwrap()
            }),
            ("copied and truncated", all, |log, old| {
                fs::rename(old, old.with_extension("2")).unwrap();
                fs::copy(log, old).unwrap();
                fs::File::options()
                    .write(true)
                    .open(log)
                    .unwrap()
                    .set_len(0)
                    .unwrap();
            }),
            ("copied, truncated and grown again", all + 10, |log, old| {
                fs::rename(old, old.with_extension("2")).unwrap();
                fs::copy(log, old).unwrap();
                fs::File::options()
                    .write(true)
                    .open(log)
                    .unwrap()
                    .set_len(0)
                    .unwrap();
                append(log, &numbers(LINES..LINES + 10));
            }),
            (
                "copied, truncated and grown larger",
                all + LINES,
                |log, old| {
                    fs::rename(old, old.with_extension("2")).unwrap();
                    fs::copy(log, old).unwrap();
                    fs::File::options()
                        .write(true)
                        .open(log)
                        .unwrap()
                        .set_len(0)
                        .unwrap();
                    append(log, &numbers(LINES..2 * LINES));
                },
            ),
        ];
        for (name, expected, change) in changes {
            let machine = Machine::new();
            machine.file("var/log/mail.log", numbers(half..all), NOW);
            machine.file("var/log/mail.log.1", numbers(0..half), NOW);
            let (log, old) = (
                machine.path("var/log/mail.log"),
                machine.path("var/log/mail.log.1"),
            );
            let outcome = read(
                &machine,
                Selection::Found,
                Box::new(move || change(&log, &old)),
            );
            assert!(outcome.partial.is_empty(), "{name}: {:?}", outcome.partial);
            let mut seen = outcome.tally.seen;
            seen.sort_unstable();
            assert!(
                seen == (0..expected).collect::<Vec<_>>(),
                "{name}: {} lines",
                seen.len()
            );
        }
    }

    #[test]
    fn a_line_that_is_being_written_is_read_to_its_end() {
        let machine = Machine::new();
        let text = numbers(0..LINES);
        let (written, rest) = text.split_at(text.len() - 20);
        machine.file("var/log/mail.log", written, NOW);
        let (log, rest) = (
            machine.path("var/log/mail.log"),
            rest.to_owned() + &number(LINES),
        );
        let outcome = read(
            &machine,
            Selection::Found,
            Box::new(move || append(&log, &rest)),
        );
        assert!(outcome.tally.seen == (0..LINES).collect::<Vec<_>>());
    }

    #[test]
    fn a_named_log_that_is_truncated_is_partial() {
        let machine = Machine::new();
        machine.file("mail.log", numbers(0..LINES), NOW);
        let log = machine.path("mail.log");
        let selection = Selection::Named(vec![log.clone()]);
        let change = move || {
            fs::File::options()
                .write(true)
                .open(log)
                .unwrap()
                .set_len(0)
                .unwrap()
        };
        let outcome = read(&machine, selection, Box::new(change));
        let why: Vec<&str> = outcome
            .partial
            .iter()
            .map(|partial| partial.why.as_str())
            .collect();
        assert_eq!(why, ["was truncated while it was read"]);
        assert!(outcome.tally.seen.len() < LINES);
    }
}
