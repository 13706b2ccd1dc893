//! Text of strangers, through every field that reaches an output, in every view: it stays harmless, and what it does not touch counts
//! as if it were not there.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

#[path = "../examples/conform/perfdata.rs"]
mod perfdata;
#[path = "../examples/conform/rules.rs"]
mod rules;
mod support;

use postmaster_plugins::checks::mailq::MailqBlacklist;
use postmaster_plugins::checks::memory::Memory;
use postmaster_plugins::checks::postgrey::PostgreyWhitelist;
use postmaster_plugins::host::env::Host;
use postmaster_plugins::host::time::Zone;
use postmaster_plugins::plugin::edge::{Check, rehearse};
use postmaster_plugins::plugin::state::State;
use postmaster_plugins::postgrey::whitelist::Whitelist;
use rules::{Case, Kind, Said};
use serde_json::{Value, json};
use std::path::Path;
use support::file;
use tempfile::TempDir;

/// What a stranger may choose as a name, an address or a reply.
fn attacks() -> Vec<(&'static str, String)> {
    let attack = |name, text: &str| (name, text.to_owned());
    vec![
        attack("perfdata", "a | senders=0;0;0 refused=0 free=9B"),
        attack("perfdata without blanks", "a|senders=0;;;0"),
        attack("a macro", "$HOSTADDRESS$$SERVICEOUTPUT$ $(id) `id`"),
        attack("HTML", "<script>alert(1)</script><a href=\"x\">&amp;&#124;"),
        attack("terminal escapes", "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m"),
        attack("a turned name", "\u{202e}moc.elgoog\u{2066}\u{200f}"),
        attack("a newline", "a\nCHECK OK - all is well | senders=0"),
        attack("a carriage return", "a\rCHECK OK - all is well"),
        attack("backslash n", "a\\nCHECK OK - all is well\\x0a"),
        attack("NUL", "a\0b\0"),
        attack("a megabyte", &"x".repeat(1 << 20)),
        attack("a megabyte of labels", &"x.".repeat(1 << 19)),
        attack(
            "homographs",
            "g\u{43e}\u{43e}gle.example p\u{430}ypal.example",
        ),
        attack("invisible", "goo\u{200b}gle\u{feff}\u{ad}.example\u{e0041}"),
        attack("stacked marks", &"a\u{301}".repeat(300)),
        attack("line separators", "a\u{2028}b\u{2029}c\u{85}d"),
        attack("a semicolon", "a; CHECK OK"),
        attack(
            "a log line",
            "x, client_name=mail.victim.example, client_address=198.51.100.1, sender=a@b, recipient=c@d",
        ),
        attack(
            "another program's line",
            "2026-11-22T08:00:00+00:00 mail postgrey[1]: action=pass, reason=triplet found, client_name=mail.pool.example, client_address=198.51.100.1, sender=a@b, recipient=c@d",
        ),
        attack(
            "another recipient's line",
            "x)\n                                         other@victim.example\n(host mx[192.0.2.1] said: 550 blocked using zen.spamhaus.org",
        ),
        attack(
            "another message",
            "x)\n\nB0000000001      100 Sat Nov 21 07:48:37  a@b.example\n(550 blocked using zen.spamhaus.org)\n   c@d.example\n",
        ),
        attack(
            "a bomb for patterns",
            &format!(
                "550 {}!",
                "blocked using a listed client host aaaaaaaaaa ".repeat(400)
            ),
        ),
        attack(
            "a bomb of blanks",
            &format!("550{}blocked", " ".repeat(60_000)),
        ),
        attack("brackets", &"[({<".repeat(20_000)),
        attack("a whitelist line", "/.*/"),
        attack("a comment", "x.example # /.*/"),
        attack("format strings", "%s%n%x {} {0} {{"),
        attack("json", "\",\"state\":\"OK\",\"x\":\""),
        attack("empty", ""),
    ]
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

/// Runs a check in all views and judges each output; gives its state and the JSON.
fn harmless<C: Check>(name: &str, arguments: &[&str], root: &Path) -> (State, Value) {
    let host = host(root);
    let run = |more: &[&str]| rehearse::<C>(&[arguments, more].concat(), &host);
    let (_, state) = run(&[]);
    for (kind, view) in [
        (Kind::Good, &[][..]),
        (Kind::Good, &["-v"]),
        (Kind::Good, &["-vvv"]),
        (Kind::View, &["--report"]),
        (Kind::View, &["--format", "json"]),
    ] {
        let (out, other) = run(view);
        let said = Said {
            code: Some(other.exit_code().into()),
            out: out.clone().into_bytes(),
            writes: 1,
            ..Said::default()
        };
        let expected = Some(state.exit_code().into());
        let broken = rules::broken(&Case {
            kind,
            said: &said,
            expected,
        });
        assert!(
            broken.is_empty(),
            "{name} {view:?} {broken:?}: {:.2000}",
            out
        );
        if view == ["--report"] {
            assert!(
                !out.contains(['|', '$', '<', '>', '&', '\\']),
                "{name}: {out:.2000}"
            );
            assert!(
                out.lines().all(|line| line.chars().count() <= 80),
                "{name}: {out:.2000}"
            );
        }
    }
    let (json, _) = run(&["--format", "json"]);
    (state, serde_json::from_str(&json).unwrap())
}

/// One of Postgrey's lines, with the field `field` replaced.
fn greylisted(minute: usize, field: &str, text: &str) -> String {
    let or = |name: &str, usual: &str| match field == name {
        true => text.to_owned(),
        false => usual.to_owned(),
    };
    format!(
        "2026-11-22T08:{minute:02}:00+00:00 {} {}[7]: action=greylist, reason={}, client_name={}, client_address={}, sender={}, recipient={}\n",
        or("host", "mail"),
        or("tag", "postgrey"),
        or("reason", "new"),
        or("client_name", "m1.stranger.example"),
        or("client_address", "203.0.113.9/32"),
        or("sender", "news@stranger.example"),
        or("recipient", "user@lab.example"),
    )
}

/// Twenty tries of a sender that nobody attacks.
fn victim() -> String {
    (0..20)
        .map(|n| {
            greylisted(n, "", "")
                .replace("m1.stranger", &format!("m{n}.pool"))
                .replace("203.0.113.9", &format!("198.51.{n}.1"))
                .replace("news@stranger.example", &format!("n{}@pool.example", n % 5))
        })
        .collect()
}

fn sender<'j>(json: &'j Value, name: &str) -> &'j Value {
    let senders = json["facts"]["senders"].as_array().unwrap();
    let found = senders.iter().find(|sender| sender["name"] == name);
    found.unwrap_or(&Value::Null)
}

#[test]
fn greylisting_logs() {
    let directory = TempDir::new().unwrap();
    let log = file(&directory, "mail.log", victim());
    let arguments = [
        log.as_str(),
        "--whitelist",
        "/dev/null",
        "--ignore",
        "/dev/null",
        "--min-attempts",
        "5",
    ];
    let (_, alone) = harmless::<PostgreyWhitelist>("nobody", &arguments, directory.path());
    let expected = sender(&alone, "pool.example").clone();
    assert_eq!(expected["tries"], 20, "{alone:#}");
    for (name, attack) in attacks() {
        for field in [
            "client_name",
            "client_address",
            "sender",
            "recipient",
            "reason",
            "host",
            "tag",
        ] {
            let hostile: String = (30..40).map(|n| greylisted(n, field, &attack)).collect();
            file(&directory, "mail.log", victim() + &hostile);
            let name = format!("{name} as {field}");
            let (state, json) = harmless::<PostgreyWhitelist>(&name, &arguments, directory.path());
            assert_eq!(state, State::Warning, "{name}");
            // Whoever may write a line of Postgrey's into the log, newline and all, can do what Postgrey can.
            if attack.contains("postgrey[1]") || attack.contains('\n') {
                continue;
            }
            assert_eq!(sender(&json, "pool.example"), &expected, "{name}");
        }
    }
}

/// Names of hosts that mean more than they say where they are taken for a pattern, or belong to nobody alone.
const NAMES: [&str; 12] = [
    "com",
    "co.uk",
    "github.io",
    "*",
    "(a|b)",
    ".*",
    "a..b",
    "-",
    "_dmarc",
    "1.2.3.4",
    "xn--80ak6aa92e",
    "pool.example.victim",
];

/// A log that hurts the senders of clients named so: five mails, each tried from four networks, and let in from a fifth.
fn hurt(client: impl Fn(usize) -> String) -> String {
    let decided = |n: usize, action: &str| {
        greylisted(n, "client_name", &client(n))
            .replace("action=greylist, reason=new", action)
            .replace("203.0.113.9", &format!("198.51.{n}.1"))
            .replace("user@", &format!("user{}@", n % 5))
    };
    let tried = (0..20).map(|n| decided(n, "action=greylist, reason=new"));
    let passed = (20..25).map(|n| decided(n, "action=pass, reason=triplet found"));
    tried.chain(passed).collect()
}

/// The entries of what `--suggest` printed, also those whose `#` is to be taken off.
fn entries(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter(|line| !line.is_empty());
    let comment = |line: &str| line == "#" || line.starts_with("# ");
    lines
        .filter(move |line| !comment(line))
        .map(|line| line.strip_prefix('#').unwrap_or(line))
}

/// What `--suggest` prints covers the sender it names and nobody else, whatever the names were.
#[test]
fn suggestions_cover_what_they_say() {
    let directory = TempDir::new().unwrap();
    let mut seen = 0;
    let names = NAMES.map(|name| (name, name.to_owned()));
    for (name, attack) in attacks().into_iter().chain(names) {
        for around in [
            "{}",
            "m{n}.{}",
            "{}.example",
            "m{n}.{}.example",
            "m{n}.pool.example{}",
            "m{n}.{}.pool.example",
            "{}{n}.pool.example",
        ] {
            // Every other host of the pool has an honest name.
            let client = |n: usize| match n % 2 {
                0 => format!("m{n}.pool.example"),
                _ => around.replace("{n}", &n.to_string()).replace("{}", &attack),
            };
            let log = file(&directory, "mail.log", hurt(client));
            for form in ["regex", "name"] {
                let none = ["--whitelist", "/dev/null", "--ignore", "/dev/null"];
                let suggest = [&log, "--suggest", "--suggest-form", form];
                let words = [&suggest[..], &none].concat();
                let (text, _) = rehearse::<PostgreyWhitelist>(&words, &host(directory.path()));
                assert!(
                    !text.chars().any(rules::drives_terminals),
                    "{name}: {text:.2000}"
                );
                for line in entries(&text) {
                    covers_only_what_it_says(&format!("{name} {around}"), line);
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 60, "only {seen} lines were suggested");
}

/// Tries one line of a whitelist against names that it must not cover.
fn covers_only_what_it_says(name: &str, line: &str) {
    let list = Whitelist::parse(line.as_bytes());
    let exact = line.starts_with("/^") && !line.starts_with(r"/^(.*\.)?");
    let head = if exact { "/^" } else { r"/^(.*\.)?" };
    let said = match line.strip_prefix(head) {
        Some(rest) => rest.trim_end_matches("$/").replace(r"\.", "."),
        None => line.to_owned(),
    };
    assert!(
        said.split('.').count() > 1
            && said
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)),
        "{name}: {line}"
    );
    assert!(list.covers_name(Some(&said)), "{name}: {line}");
    assert_eq!(
        list.covers_name(Some(&format!("mx.{said}"))),
        !exact,
        "{name}: {line}"
    );
    for other in [
        String::from("unknown"),
        String::from("com"),
        String::from("example"),
        String::from("mail.victim.example"),
        format!("{said}.evil.example"),
        format!("not{said}"),
        said.replace('.', "x"),
        said.split_once('.')
            .map_or_else(String::new, |(_, parent)| parent.to_owned()),
    ] {
        assert!(
            !list.covers_name(Some(&other)),
            "{name}: {line} covers {other}"
        );
    }
    assert!(
        !list.covers_address("203.0.113.9".parse().unwrap()),
        "{name}: {line}"
    );
}

/// Postfix's listing as JSON, which can hold every text.
fn queue(field: &str, text: &str) -> String {
    let or = |name: &str, usual: &str| match field == name {
        true => text.to_owned(),
        false => usual.to_owned(),
    };
    let blocked = "host mx.partner.example[192.0.2.1] said: 550 5.7.1 Service unavailable; client [203.0.113.7] blocked using zen.spamhaus.org (in reply to RCPT TO command)";
    let message = |id: &str, sender: &str, address: &str, reason: &str| {
        json!({
            "queue_name": "deferred", "queue_id": id, "arrival_time": 1_795_300_000, "message_size": 100, "sender": sender,
            "recipients": [{"address": address, "delay_reason": reason}],
        })
        .to_string()
            + "\n"
    };
    let hostile = message(
        &or("id", "B1000000001"),
        &or("sender", "news@lab.example"),
        &or("recipient", "user@stranger.example"),
        &or(
            "reason",
            "host mx.stranger.example[192.0.2.9] said: 451 4.3.0 try later (in reply to RCPT TO command)",
        ),
    );
    hostile + &message("B2000000002", "a@lab.example", "b@partner.example", blocked)
}

#[test]
fn queues() {
    let directory = TempDir::new().unwrap();
    for (name, attack) in attacks() {
        for field in ["id", "sender", "recipient", "reason", "reason of the rest"] {
            let text = match field {
                "reason of the rest" => queue(
                    "reason",
                    &format!(
                        "host mx.stranger.example[192.0.2.9] said: 554 5.7.1 {attack} blocked using zen.spamhaus.org"
                    ),
                ),
                field => queue(field, &attack),
            };
            let path = file(&directory, "queue", text);
            let name = format!("{name} as {field}");
            let arguments = ["--file", &path];
            let (state, json) = harmless::<MailqBlacklist>(&name, &arguments, directory.path());
            assert!(
                state >= State::Warning,
                "{name}: an alarm of another message is gone"
            );
            assert!(
                json["facts"]["refused"].as_u64() >= Some(1),
                "{name}: {json:#}"
            );
        }
        let text = format!(
            "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\nB1000000001      100 Sat Nov 21 07:48:37  {0}\n({0})\n   {0}\n\n\
             B2000000002      100 Sat Nov 21 07:48:37  a@lab.example\n(host mx[192.0.2.1] said: 550 client [203.0.113.7] blocked using zen.spamhaus.org)\n   b@x.example\n\n\
             -- 1 Kbytes in 2 Requests.\n",
            attack
        );
        let path = file(&directory, "queue", text);
        let (state, _) = harmless::<MailqBlacklist>(name, &["--file", &path], directory.path());
        assert!(state >= State::Warning, "{name} in text");
    }
}

#[test]
fn mail_logs() {
    let directory = TempDir::new().unwrap();
    let empty = file(&directory, "queue", "Mail queue is empty\n");
    let line = |text: &str| {
        format!(
            "2026-11-22T23:00:00+00:00 mail postfix/smtp[7]: B1000000001: to=<{text}>, relay={text}[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host mx.x.example[192.0.2.1] said: 550 5.7.1 {text})\n"
        )
    };
    let blocked = "2026-11-22T23:01:00+00:00 mail postfix/smtp[7]: B2000000002: to=<a@x.example>, relay=mx.x.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host mx.x.example[192.0.2.1] said: 550 5.7.1 client [203.0.113.7] blocked using zen.spamhaus.org (in reply to RCPT TO command))\n";
    for (name, attack) in attacks() {
        let log = file(&directory, "mail.log", line(&attack) + blocked);
        let arguments = ["--file", &empty, "--log-file", &log];
        let (state, _) = harmless::<MailqBlacklist>(name, &arguments, directory.path());
        assert!(state >= State::Warning, "{name}");
    }
}

#[test]
fn explained_replies_and_file_names() {
    let directory = TempDir::new().unwrap();
    let host = host(directory.path());
    for (name, attack) in attacks().into_iter().filter(|(name, _)| *name != "NUL") {
        let (text, state) = rehearse::<MailqBlacklist>(&[&format!("--explain={attack}")], &host);
        assert_eq!(state, State::Ok, "{name}");
        assert!(
            !text.chars().any(rules::drives_terminals),
            "{name}: {text:.2000}"
        );
        let path = format!("/nonexistent/{attack}");
        let of = |out: (String, State)| {
            let said = Said {
                code: Some(3),
                out: out.0.into_bytes(),
                writes: 1,
                ..Said::default()
            };
            let broken = rules::broken(&Case {
                kind: Kind::Bad,
                said: &said,
                expected: None,
            });
            assert_eq!((out.1, broken), (State::Unknown, vec![]), "{name}");
        };
        of(rehearse::<PostgreyWhitelist>(
            &[&format!("--whitelist={path}"), "/dev/null"],
            &host,
        ));
        of(rehearse::<MailqBlacklist>(
            &[&format!("--rules={path}")],
            &host,
        ));
        of(rehearse::<Memory>(&[&format!("--root={path}")], &host));
        of(rehearse::<Memory>(
            &[&format!("--cgroup=/{attack}x")],
            &host,
        ));
        of(rehearse::<Memory>(
            &[&format!("--warning={attack}x")],
            &host,
        ));
    }
}

#[test]
fn file_names_in_a_diagnosis() {
    let directory = TempDir::new().unwrap();
    let host = host(directory.path());
    for (name, attack) in attacks().into_iter().filter(|(name, _)| *name != "NUL") {
        let path = format!("/nonexistent/{attack}");
        let list = format!("--whitelist={path}");
        let root = format!("--root={path}");
        for (text, state) in [
            rehearse::<PostgreyWhitelist>(&["--diagnose", &path], &host),
            rehearse::<PostgreyWhitelist>(&["--diagnose", &list, "/dev/null"], &host),
            rehearse::<MailqBlacklist>(&["--diagnose", "--file", &path], &host),
            rehearse::<Memory>(&["--diagnose", &root], &host),
        ] {
            assert_eq!(state, State::Unknown, "{name}: {text:.2000}");
            assert!(text.lines().count() < 25, "{name}: {text:.2000}");
            assert!(
                !text.contains(|c| "|;$<>&\\".contains(c) || rules::drives_terminals(c)),
                "{name}: {text:.2000}"
            );
        }
    }
}

#[test]
fn process_names_and_groups() {
    for (name, attack) in attacks() {
        let directory = TempDir::new().unwrap();
        std::fs::create_dir_all(directory.path().join("proc/7")).unwrap();
        std::fs::create_dir_all(directory.path().join("proc/8")).unwrap();
        file(
            &directory,
            "proc/meminfo",
            "MemTotal: 1000 kB\nMemFree: 10 kB\nMemAvailable: 20 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
        );
        file(
            &directory,
            "proc/7/status",
            format!("Name:\t{attack}\nUid:\t0\t0\t0\t0\nVmRSS:\t  500 kB\n"),
        );
        file(
            &directory,
            "proc/7/cgroup",
            format!("0::/system.slice/{attack}.service\n"),
        );
        file(
            &directory,
            "proc/8/status",
            "Name:\tmysqld\nUid:\t0\t0\t0\t0\nVmRSS:\t  300 kB\n",
        );
        let root = directory.path().to_str().unwrap();
        let arguments = ["--root", root, "-w", "50%", "-c", "10%"];
        let (state, json) = harmless::<Memory>(name, &arguments, directory.path());
        assert_eq!(state, State::Critical, "{name}");
        assert_eq!(json["facts"]["total"], 1_024_000, "{name}");
    }
}
