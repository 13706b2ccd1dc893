//! The real binary on logs: what a user types and sees.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;
use support::{Said, file, fixture, gzip, run_with, touch};

const PLUGIN: &str = env!("CARGO_BIN_EXE_check_postgrey_whitelist");
/// Whatever whitelists this machine has.
const BARE: [&str; 4] = ["--whitelist", "/dev/null", "--ignore", "/dev/null"];

fn check(arguments: &[&str]) -> Said {
    check_with(arguments, b"")
}

fn check_with(arguments: &[&str], input: &[u8]) -> Said {
    run_with(PLUGIN, &[arguments, &BARE].concat(), input)
}

/// Runs without replacing the whitelists.
fn plain(arguments: &[&str]) -> Said {
    support::run(PLUGIN, arguments)
}

fn facts(arguments: &[&str], input: &[u8]) -> Value {
    let said = check_with(&[arguments, &["--format", "json"]].concat(), input);
    said.json()["facts"].clone()
}

/// Seconds since 1970 of 2026-11-21 00:00:00 UTC.
const DAY: i64 = 1_795_219_200;

/// A line of Postgrey at so many minutes of 2026-11-21 (negative: before).
fn line(minute: i64, action: &str, name: &str, address: &str, envelope: &str) -> String {
    let at = DAY + minute * 60;
    let days = at.div_euclid(86_400) - DAY / 86_400;
    let (hour, minute) = (at.rem_euclid(86_400) / 3600, at.rem_euclid(3600) / 60);
    let day = 21 + days;
    assert!((1..=30).contains(&day));
    format!(
        "2026-11-{day:02}T{hour:02}:{minute:02}:00.000000+00:00 mx postgrey[1]: action={action}, client_name={name}, client_address={address}{envelope}\n"
    )
}

fn greylist(minute: i64, name: &str, address: &str, mail: usize) -> String {
    let envelope = format!(", sender=s{mail}@news.example, recipient=r@lab.example");
    line(minute, "greylist, reason=new", name, address, &envelope)
}

fn pass(minute: i64, name: &str, address: &str, mail: usize) -> String {
    let envelope = format!(", sender=s{mail}@news.example, recipient=r@lab.example");
    line(
        minute,
        "pass, reason=triplet found, delay=300",
        name,
        address,
        &envelope,
    )
}

/// `mails` mails, each tried `tries` times an hour apart from another host and network each time, then passed.
fn pool(domain: &str, mails: usize, tries: usize) -> String {
    let mut log = String::new();
    for mail in 0..mails {
        for step in 0..=tries {
            let (name, address) = (format!("o{step}.{domain}"), format!("192.0.{step}.{mail}"));
            let minute = 60 * step as i64 + mail as i64;
            log += &match step == tries {
                true => pass(minute, &name, &address, mail),
                false => greylist(minute, &name, &address, mail),
            };
        }
    }
    log
}

/// `count` bots of a provider that try once each.
fn bots(count: usize) -> String {
    (0..count)
        .map(|n| {
            greylist(
                n as i64,
                &format!("ppp-171-4-{n}-9.revip.asianet.co.th"),
                &format!("171.4.{n}.9"),
                1000 + n,
            )
        })
        .collect()
}

const LATER: &str = "2026-11-24T12:00:00Z";

#[test]
fn the_command_of_the_readme_shows_a_finding() {
    let said = plain(&["fixtures/postgrey/sample-mail.log"]);
    assert_eq!(said.code, 1);
    assert!(
        said.headline()
            .starts_with("CHECK_POSTGREY_WHITELIST WARNING - "),
        "{}",
        said.out
    );
    assert!(
        said.headline().contains("sendgrid.net (278, worst 8h17m)"),
        "{}",
        said.out
    );
    assert!(
        said.headline().contains("mandrillapp.com ("),
        "{}",
        said.out
    );
    assert!(
        said.out
            .contains("\nwhitelist sendgrid.net: a pool, and its mail comes back - "),
        "{}",
        said.out
    );
    assert!(!said.out.contains("not reloaded"), "{}", said.out);
}

#[test]
fn whole_output_of_a_small_log() {
    let log = pool("mail.sendgrid.net", 5, 3) + &bots(16);
    let said = check_with(&["-", "--now", LATER], log.as_bytes());
    assert_eq!(
        said.out,
        "CHECK_POSTGREY_WHITELIST WARNING - 2 senders to whitelist or ignore: asianet.co.th (16), sendgrid.net (15, worst 3h), \
         the newest line is 3d08h old (2026-11-21 03:04:00) | senders=2;0;;0 tries=31;;;0 mails=21;;;0 pool_mails=5;;;0 passed=5;;;0 \
         lost=16;;;0 pending=0;;;0 unknown_clients=0;;;0 set_aside=0;;;0 delay_median=10800s;;;0 delay_worst=10800s;;;0\n\
         leave asianet.co.th: never returns, 16 networks used once - 16 tries (16 new) by 16 hosts in 16 networks, 16 mails: \
         0 from several networks, 0 passed, 16 lost, 0 pending\n\
         whitelist sendgrid.net: a pool, and its mail comes back - 15 tries (15 new) by 3 hosts in 3 networks, 5 mails: \
         5 from several networks, 5 passed (delay median 3h, worst 3h), 0 lost, 0 pending\n"
    );
    assert_eq!(said.code, 1);
    let said = check_with(
        &["-", "--now", "2026-11-21T04:00:00Z", "--alert-on", "hurt"],
        pool("a.sendgrid.net", 2, 3).as_bytes(),
    );
    assert_eq!(
        said.out,
        "CHECK_POSTGREY_WHITELIST OK - the top domains are whitelisted or ignored (6 tries in 3h01m) | senders=0;0;;0 tries=6;;;0 \
         mails=2;;;0 pool_mails=2;;;0 passed=2;;;0 lost=0;;;0 pending=0;;;0 unknown_clients=0;;;0 set_aside=0;;;0 \
         delay_median=10800s;;;0 delay_worst=10800s;;;0\n"
    );
    assert_eq!(said.code, 0);
}

#[test]
fn states_and_first_lines() {
    let hurt = pool("x.sendgrid.net", 5, 3);
    let both = hurt.clone() + &bots(16);
    let now = ["-", "--now", "2026-11-21T04:00:00Z"];
    for (arguments, log, code, start) in [
        (
            &["-w", "2"][..],
            &both,
            0,
            "OK - 2 senders to whitelist or ignore: asianet.co.th (16), sendgrid.net (15, worst 3h)",
        ),
        (
            &["-w", "1"],
            &both,
            1,
            "WARNING - 2 senders to whitelist or ignore: ",
        ),
        (
            &["-w", "0", "-c", "1"],
            &both,
            2,
            "CRITICAL - 2 senders to whitelist or ignore: ",
        ),
        (
            &["--alert-on", "hurt", "-c", "0"],
            &hurt,
            2,
            "CRITICAL - 1 sender to whitelist or ignore: sendgrid.net (15, worst 3h)",
        ),
        (
            &["--min-attempts", "16"],
            &hurt,
            0,
            "OK - the top domains are whitelisted or ignored (15 tries in 3h04m)",
        ),
        (
            &["--group-by", "host"],
            &both,
            0,
            "OK - the top domains are whitelisted or ignored (31 tries in 3h04m)",
        ),
        (
            &["--group-by", "strip:1"],
            &both,
            1,
            "WARNING - 2 senders to whitelist or ignore: revip.asianet.co.th (16), x.sendgrid.net (15, worst 3h)",
        ),
        (&["-w", "@0:5"], &both, 1, "WARNING - 2 senders"),
        (&["-w", "3:"], &both, 1, "WARNING - 2 senders"),
    ] {
        let said = check_with(&[&now[..], arguments].concat(), log.as_bytes());
        assert!(
            said.headline()
                .starts_with(&format!("CHECK_POSTGREY_WHITELIST {start}")),
            "{arguments:?}\n{}",
            said.out
        );
        assert_eq!(said.code, code, "{arguments:?}");
    }
}

/// What the one-liner counts: `grep -ohP 'reason=new, client_name=[^,.]+\.[^,.]+\.\K[^,.]+\.[^,]+' | sort | uniq -c`.
fn one_liner(log: &str) -> BTreeMap<String, u64> {
    let pattern = regex::Regex::new(r"postgrey\[[0-9]+\]: (?:[0-9A-F]+: )?action=greylist, reason=new, client_name=[^,.]+\.[^,.]+\.([^,.]+\.[^,]+)").unwrap();
    let mut counts = BTreeMap::new();
    for found in log.lines().filter_map(|line| pattern.captures(line)) {
        *counts.entry(found[1].to_ascii_lowercase()).or_default() += 1;
    }
    counts
}

#[test]
fn strip_2_counts_new_as_the_one_liner_does() {
    for name in [
        "postgrey/captured-traditional.log",
        "postgrey/captured-rfc3339.log",
        "postgrey/sample-mail.log",
    ] {
        let log = String::from_utf8_lossy(&std::fs::read(fixture(name)).unwrap()).into_owned();
        let facts = facts(
            &[&fixture(name), "--group-by", "strip:2", "--now", LATER],
            b"",
        );
        let ours: BTreeMap<String, u64> = facts["senders"]
            .as_array()
            .unwrap()
            .iter()
            .map(|sender| {
                (
                    sender["name"].as_str().unwrap().to_owned(),
                    sender["new"].as_u64().unwrap(),
                )
            })
            .filter(|(_, new)| *new > 0)
            .collect();
        assert_eq!(ours, one_liner(&log), "{name}");
        assert!(ours.len() >= 3, "{name}");
    }
}

#[test]
fn real_logs_in_both_date_formats_tell_the_same() {
    let counts = |name: &str| {
        let mut facts = facts(&[&fixture(name), "--now", LATER], b"");
        for field in ["logs", "oldest", "newest", "covered"] {
            facts[field] = Value::Null;
        }
        // The traditional format has no fractions of a second: delays may differ by one.
        let text = facts.to_string();
        regex::Regex::new(r#""delay_(median|worst)":\d+"#)
            .unwrap()
            .replace_all(&text, "")
            .into_owned()
    };
    let traditional = counts("postgrey/captured-traditional.log");
    assert_eq!(traditional, counts("postgrey/captured-rfc3339.log"));
    assert!(traditional.contains(r#""passes":{"client AWL":2,"client whitelist":13,"other":0,"recipient whitelist":8,"triplet found":16}"#), "{traditional}");
    assert!(
        traditional.contains(r#""unknown":{"hosts":4,"tries":5}"#),
        "{traditional}"
    );
}

#[test]
fn the_forged_sender_of_the_capture_counts_for_nobody_else() {
    let facts = facts(&[&fixture("postgrey/captured-rfc3339.log")], b"");
    let senders = facts["senders"].to_string();
    assert!(!senders.contains("victim.example"), "{senders}");
    let forger = facts["senders"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["name"] == "forger.example")
        .unwrap();
    assert_eq!(forger["tries"], 2);
}

#[test]
fn journal_captures_are_read() {
    let tries = |name: &str| {
        facts(&[&fixture(name), "--now", LATER], b"")["total"]["tries"]
            .as_u64()
            .unwrap()
    };
    // Greylisted lines of named clients, counted with grep.
    assert_eq!(tries("journal/short.txt"), 53);
    assert_eq!(tries("journal/short-iso.txt"), 49);
}

/// The tries of lines that begin in different ways.
#[test]
fn forms_of_lines() {
    const TAIL: &str = "action=greylist, reason=new, client_name=a.b.sender.net, client_address=192.0.2.1, sender=x@y, recipient=r@lab.example";
    let long = format!("{}\n", "x".repeat(300_000));
    for (name, log, tries) in [
        (
            "traditional",
            format!("Nov 21 08:19:33 vm postgrey[1]: {TAIL}\n"),
            1,
        ),
        (
            "no process id",
            format!("Nov  1 08:19:33 vm postgrey: {TAIL}\n"),
            1,
        ),
        (
            "tag with the name of postfix",
            format!("Nov 21 08:19:33 vm postfix/postgrey[1]: {TAIL}\n"),
            1,
        ),
        (
            "priority",
            format!("<134>Nov 21 08:19:33 vm postgrey[1]: {TAIL}\n"),
            1,
        ),
        (
            "RFC 5424",
            format!("<21>1 2026-11-21T08:16:03Z vm postgrey 6464 - -  {TAIL}\n"),
            1,
        ),
        (
            "short-full",
            format!("Sat 2026-11-21 07:59:04 UTC vm postgrey[1]: {TAIL}\n"),
            1,
        ),
        (
            "short-unix",
            format!("1795247858.790946 vm postgrey[1]: {TAIL}\n"),
            1,
        ),
        (
            "queue id",
            format!("Nov 21 08:19:33 vm postgrey[1]: 9FE9B98E842: {TAIL}\n"),
            1,
        ),
        (
            "repeated",
            format!("Nov 21 08:19:33 vm postgrey[1]: message repeated 3 times: [ {TAIL}]\n"),
            3,
        ),
        (
            "CRLF",
            format!("Nov 21 08:19:33 vm postgrey[1]: {TAIL}\r\n"),
            1,
        ),
        (
            "no line end",
            format!("Nov 21 08:19:33 vm postgrey[1]: {TAIL}"),
            1,
        ),
        (
            "mixed",
            format!(
                "Nov 21 08:19:33 vm postgrey[1]: {TAIL}\n2026-11-21T08:20:00+01:00 vm postgrey[1]: {TAIL}\n"
            ),
            2,
        ),
        (
            "cut lines",
            format!(
                "Nov 21 08:19:33 vm postgrey[1]: {TAIL}\n{}\nNov 21 08:19:34 vm post\n",
                &TAIL[..70]
            ),
            1,
        ),
        (
            "behind an endless line",
            format!("{long}Nov 21 08:19:33 vm postgrey[1]: {TAIL}\n"),
            1,
        ),
        (
            "other programs",
            format!(
                "Nov 21 08:19:33 vm postfix/smtpd[1]: {TAIL}\nNov 21 08:19:33 vm x[1]: postgrey[1]: {TAIL}\n"
            ),
            0,
        ),
        (
            "no time",
            format!("vm postgrey[1]: {TAIL}\nNov 21 08:19:33 vm x: y\n"),
            0,
        ),
    ] {
        assert_eq!(
            facts(&["-", "--now", LATER], log.as_bytes())["total"]["tries"],
            tries,
            "{name}"
        );
    }
    let odd = [
        b"Nov 21 08:19:33 vm postgrey[1]: ".as_slice(),
        &TAIL.as_bytes()[..90],
        b"\xff\xfe\0\x03",
        &TAIL.as_bytes()[90..],
        b"\n",
    ]
    .concat();
    assert_eq!(
        facts(&["-", "--now", LATER], &odd)["total"]["tries"],
        1,
        "odd bytes"
    );
}

#[test]
fn addresses_and_missing_fields() {
    let greylist = "action=greylist, reason=new";
    let mut log = String::new();
    for tail in [
        ", client_name=a.x.net, client_address=2001:DB8:0:0:0:0:0:1/128, sender=a@b, recipient=c@d",
        ", client_name=A.X.net, client_address=2001:db8::2, recipient=c@d",
        ", client_name=b.x.net, client_address=192.0.2.7/32, sender=a@b",
        ", client_name=b.x.net",
        ", client_name=unknown, client_address=192.0.2.8, sender=a@b, recipient=c@d",
        ", client_address=192.0.2.9, sender=a@b, recipient=c@d",
        "",
    ] {
        writeln!(log, "2026-11-21T08:00:00Z vm postgrey[1]: {greylist}{tail}").unwrap();
    }
    let facts = facts(&["-", "--now", LATER], log.as_bytes());
    let sender = &facts["senders"][0];
    assert_eq!(
        (
            &sender["name"],
            &sender["tries"],
            &sender["hosts"],
            &sender["networks"]
        ),
        (&"x.net".into(), &4.into(), &2.into(), &3.into())
    );
    assert_eq!(
        facts["unknown"],
        serde_json::json!({"hosts": 3, "tries": 3})
    );
}

#[test]
fn one_mail_is_one_mail_whatever_its_clients() {
    let counts = |log: String| {
        let facts = facts(&["-", "--now", "2026-11-24T00:00:00Z"], log.as_bytes());
        let sender = facts["senders"]
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["name"] == "x.net")
            .unwrap()
            .clone();
        [
            "mails",
            "pool_mails",
            "passed",
            "lost",
            "pending",
            "delay_worst",
        ]
        .map(|field| sender[field].as_u64().unwrap_or(u64::MAX))
    };
    let none = u64::MAX;
    let null = |minute, name, action| {
        line(
            minute,
            action,
            name,
            "192.0.2.1",
            ", recipient=r@lab.example",
        )
    };
    for (name, log, expected) in [
        (
            "pool",
            greylist(0, "a.x.net", "192.0.2.1", 1) + &pass(90, "b.x.net", "192.0.3.1", 1),
            [1, 0, 1, 0, 0, 5400],
        ),
        (
            "two networks",
            greylist(0, "a.x.net", "192.0.2.1", 1) + &greylist(9, "b.x.net", "192.0.3.1", 1),
            [1, 1, 0, 1, 0, none],
        ),
        (
            "one network",
            greylist(0, "a.x.net", "192.0.2.1", 1) + &greylist(9, "b.x.net", "192.0.2.9", 1),
            [1, 0, 0, 1, 0, none],
        ),
        (
            "the pass comes from a client without a name",
            greylist(0, "a.x.net", "192.0.2.1", 1) + &pass(6, "unknown", "192.0.9.1", 1),
            [1, 0, 1, 0, 0, 360],
        ),
        (
            "case does not matter",
            greylist(0, "a.x.net", "192.0.2.1", 1)
                + &pass(6, "a.x.net", "192.0.2.1", 1).replace("s1@news", "S1@NEWS"),
            [1, 0, 1, 0, 0, 360],
        ),
        (
            "a pass of another mail",
            greylist(0, "a.x.net", "192.0.2.1", 1) + &pass(6, "a.x.net", "192.0.2.1", 2),
            [1, 0, 0, 1, 0, none],
        ),
        (
            "a gap of two days",
            greylist(-2880, "a.x.net", "192.0.2.1", 1)
                + &greylist(0, "a.x.net", "192.0.2.1", 1)
                + &pass(5, "a.x.net", "192.0.2.1", 1),
            [2, 0, 1, 1, 0, 300],
        ),
        (
            "just below",
            greylist(-2879, "a.x.net", "192.0.2.1", 1)
                + &greylist(0, "a.x.net", "192.0.2.1", 1)
                + &pass(5, "a.x.net", "192.0.2.1", 1),
            [1, 0, 1, 0, 0, 2884 * 60],
        ),
        (
            "too young",
            greylist(24 * 60 + 1, "a.x.net", "192.0.2.1", 1),
            [1, 0, 0, 0, 1, none],
        ),
        (
            "bounces of two senders",
            null(0, "a.x.net", "greylist, reason=new")
                + &null(5, "a.other.net", "pass, reason=triplet found"),
            [1, 0, 0, 1, 0, none],
        ),
        (
            "a bounce",
            null(0, "a.x.net", "greylist, reason=new")
                + &null(5, "b.x.net", "pass, reason=triplet found"),
            [1, 0, 1, 0, 0, 300],
        ),
    ] {
        assert_eq!(counts(log), expected, "{name}");
    }
}

#[test]
fn whitelists_and_ignore_files_set_hosts_aside() {
    let dir = tempfile::tempdir().unwrap();
    let log = pool("mail.sendgrid.net", 5, 3) + &bots(16);
    let old = |name, text| {
        let path = file(&dir, name, text);
        touch(&path, DAY as u64 + 86_400);
        path
    };
    let regex = old("regex", "/.*\\.sendgrid\\.net$/ # a pool\n");
    let network = old("network", "192.0.0.0/16\n");
    let ignore = old("ignore", "# bots\n\nasianet.co.th\r\n");
    let narrow = old("narrow", "o0.mail.sendgrid.net\n");
    for (options, senders, set_aside) in [
        (
            vec!["--whitelist", &regex, "--ignore", "/dev/null"],
            "asianet.co.th (16)",
            3,
        ),
        (vec!["--whitelist", &network, "--ignore", &ignore], "", 19),
        (
            vec![
                "--whitelist",
                &regex,
                "--whitelist",
                "/dev/null",
                "--ignore",
                &ignore,
            ],
            "",
            19,
        ),
        (
            vec!["--whitelist", &narrow, "--ignore", "/dev/null"],
            "asianet.co.th (16)",
            1,
        ),
        (
            vec!["--whitelist", "/dev/null", "--ignore", &ignore],
            "sendgrid.net (15, worst 3h)",
            16,
        ),
    ] {
        let said = run_with(
            PLUGIN,
            &[&["-", "--now", "2026-11-21T04:00:00Z"], &options[..]].concat(),
            log.as_bytes(),
        );
        let expected = match senders {
            "" => String::from(
                "CHECK_POSTGREY_WHITELIST OK - the top domains are whitelisted or ignored (0 tries in 3h04m)",
            ),
            names => format!(
                "CHECK_POSTGREY_WHITELIST WARNING - 1 sender to whitelist or ignore: {names}"
            ),
        };
        assert_eq!(said.headline(), expected, "{options:?}");
        assert!(
            said.perfdata()
                .contains(&format!(" set_aside={set_aside};;;0 ")),
            "{options:?} {}",
            said.out
        );
    }
}

/// Postgrey's NetAddr::IP takes `::ffff:1.2.3.4` for IPv6: only an entry in that form covers it, and all such clients share one /64.
#[test]
fn addresses_of_ipv4_in_ipv6_count_as_postgrey_counts_them() {
    let dir = tempfile::tempdir().unwrap();
    let tries: String = (0..20)
        .map(|n| greylist(n, "mx.partner.example", &format!("::ffff:198.51.{n}.7"), 1))
        .collect();
    for (entry, set_aside) in [
        ("198.51.0.0/16", 0),
        ("198.51.7.7", 0),
        ("::ffff:198.51.0.0/112", 1),
        ("::/0", 1),
        ("partner.example", 1),
    ] {
        let list = file(&dir, "list", entry);
        let call = [
            "-",
            "--now",
            LATER,
            "--format",
            "json",
            "--ignore",
            "/dev/null",
        ];
        let said = run_with(
            PLUGIN,
            &[&call[..], &["--whitelist", &list]].concat(),
            tries.as_bytes(),
        );
        let facts = &said.json()["facts"];
        assert_eq!(facts["whitelisted"]["hosts"], set_aside, "{entry}");
        if set_aside == 0 {
            let sender = &facts["senders"][0];
            assert_eq!(
                (&sender["networks"], &sender["pool_mails"]),
                (&1.into(), &0.into())
            );
        }
    }
}

/// A host that is on both is whitelisted: the ignore file hides nothing that Postgrey was told and has not read.
#[test]
fn the_whitelist_comes_before_the_ignore_file() {
    let dir = tempfile::tempdir().unwrap();
    let list = |name: &str, text: &str| file(&dir, name, text);
    let (both, network) = (
        list("w", "mail.sendgrid.net\n"),
        list("n", "192.0.0.0/16\n"),
    );
    let ignore = list("i", "sendgrid.net\n");
    let log = pool("mail.sendgrid.net", 5, 3);
    for (name, whitelist, whitelisted, ignored) in [
        ("by name", both.as_str(), 3, 0),
        ("by address", &network, 3, 0),
        ("ignored only", "/dev/null", 0, 3),
    ] {
        touch(&both, DAY as u64 + 3600);
        touch(&network, DAY as u64 + 3600);
        let call = [
            "-",
            "--now",
            "2026-11-21T04:00:00Z",
            "--whitelist",
            whitelist,
            "--ignore",
            &ignore,
        ];
        let said = run_with(
            PLUGIN,
            &[&call[..], &["--format", "json"]].concat(),
            log.as_bytes(),
        );
        let facts = &said.json()["facts"];
        let hosts = (&facts["whitelisted"]["hosts"], &facts["ignored"]["hosts"]);
        assert_eq!(hosts, (&whitelisted.into(), &ignored.into()), "{name}");
        let named = facts["not_reloaded"].as_array().unwrap();
        assert_eq!(named.len(), usize::from(whitelisted > 0), "{name}");
        for known in named {
            assert_eq!(known["changed"], "2026-11-21T01:00:00Z", "{name}");
            assert_eq!(known["at"], "2026-11-21T02:04:00Z", "{name}");
        }
    }
}

#[test]
fn a_whitelist_that_postgrey_has_not_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let whitelist = file(&dir, "whitelist_clients.local", "sendgrid.net\n");
    let log = pool("mail.sendgrid.net", 5, 3);
    let reload =
        "2026-11-21T03:30:00+00:00 mx postgrey[1]: HUP received: reloading whitelists...\n";
    for (name, changed, log, said_so) in [
        (
            "greylisted before the change",
            DAY + 3 * 3600,
            log.clone(),
            false,
        ),
        ("greylisted after the change", DAY + 3600, log.clone(), true),
        ("reloaded later", DAY + 3600, log.clone() + reload, false),
    ] {
        touch(&whitelist, changed as u64);
        let options = [
            "-",
            "--now",
            "2026-11-21T04:00:00Z",
            "--whitelist",
            &whitelist,
            "--ignore",
            "/dev/null",
        ];
        let said = run_with(PLUGIN, &options, log.as_bytes());
        assert_eq!(said.code, 0, "{name}");
        assert_eq!(
            said.headline().contains("Postgrey was not reloaded after "),
            said_so,
            "{name}: {}",
            said.out
        );
        let detail = "covers o2.mail.sendgrid.net, greylisted at 2026-11-21 02:04:00, fix: systemctl kill -s HUP postgrey\n";
        assert_eq!(said.out.contains(detail), said_so, "{name}: {}", said.out);
    }
}

#[test]
fn odd_whitelist_entries_are_named_by_line_in_v() {
    let dir = tempfile::tempdir().unwrap();
    let whitelist = file(
        &dir,
        "w",
        "good.example\n.secret.example\n*.secret.example\n1.2\nsecret words\n",
    );
    let said = run_with(
        PLUGIN,
        &[
            "-",
            "-v",
            "--now",
            LATER,
            "--whitelist",
            &whitelist,
            "--ignore",
            "/dev/null",
        ],
        bots(1).as_bytes(),
    );
    for (line, words) in [
        (2, "begins with a dot and never matches"),
        (3, "holds a star"),
        (4, "covers N.N.0.0/24 only"),
        (5, "holds blanks"),
    ] {
        assert!(
            said.out
                .contains(&format!("{whitelist} line {line} {words}")),
            "{}",
            said.out
        );
    }
    assert!(!said.out.contains("secret"), "{}", said.out);
}

/// Whole lines for what cannot be read. `DIR` stands for the test's directory.
#[test]
fn failures_are_one_line_and_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let good = file(&dir, "good.log", bots(1));
    file(&dir, "ignore", "asianet.co.th\n\ntop secret\n");
    file(&dir, "elf", b"\x7fELF\n\n");
    file(&dir, "packed.xz", b"\xfd7zXZ\0rest");
    let at = |name: &str| dir.path().join(name).display().to_string();
    let base = dir.path().display().to_string();
    for (arguments, expected) in [
        (vec![at("missing")], "cannot read DIR/missing: no such file"),
        (
            vec![at("a*")],
            "cannot read DIR/a*: no file matches this pattern",
        ),
        (
            vec![base.clone()],
            "cannot read DIR: is a directory, name the files in it",
        ),
        (
            vec![at("missing"), at("a*")],
            "cannot read DIR/a*: no file matches this pattern (and 1 more)",
        ),
        (
            vec![good.clone(), "--ignore".into(), at("ignore")],
            "DIR/ignore line 3 holds blanks: write one entry a line",
        ),
        (
            vec![good.clone(), "--ignore".into(), at("none")],
            "cannot read DIR/none: no such file",
        ),
        (
            vec![good.clone(), "--whitelist".into(), at("none")],
            "cannot read DIR/none: no such file",
        ),
        (
            vec![good.clone(), "--whitelist".into(), base.clone()],
            "cannot read DIR: is a directory, name the files in it",
        ),
        (
            vec![good.clone(), "-w".into(), "20:10".into()],
            "invalid value '20:10' for '--warning': '20:10' is not a range: its start lies above its end, write 10, 10:, ~:10, 10:20 or @10:20 (see --help)",
        ),
        (
            vec![good.clone(), "-w".into(), String::new()],
            "invalid value '' for '--warning': '' is not a range: there is no number, write 10, 10:, ~:10, 10:20 or @10:20 (see --help)",
        ),
        (
            vec![String::new()],
            "invalid value '' for '[LOG]...': the name is empty (see --help)",
        ),
        (
            vec![good.clone(), "--min-attempts".into(), "0".into()],
            "invalid value '0' for '--min-attempts': 0 is not in 1..18446744073709551615 (see --help)",
        ),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let said = plain(&arguments);
        assert_eq!(
            said.out.replace(&base, "DIR"),
            format!("CHECK_POSTGREY_WHITELIST UNKNOWN - {expected}\n"),
            "{arguments:?}"
        );
        assert_eq!(said.code, 3, "{arguments:?}");
    }
    for name in ["elf", "packed.xz"] {
        let said = check(&[&at(name)]);
        assert_eq!(said.code, 3, "{name}");
        assert!(
            said.headline().contains(&format!(
                "UNKNOWN - not everything could be read: {base}/{name}: "
            )),
            "{}",
            said.out
        );
    }
}

#[test]
fn partial_input_is_a_lower_bound() {
    let dir = tempfile::tempdir().unwrap();
    let alarm = file(&dir, "alarm.log", pool("mail.sendgrid.net", 5, 3));
    let quiet = file(&dir, "quiet.log", bots(3));
    let mut packed = gzip(
        (0..2000)
            .map(|n| pass(n % 200, "mx.pass.example", "192.0.2.1", n as usize))
            .collect::<String>()
            .as_bytes(),
    );
    packed.truncate(packed.len() / 2);
    let damaged = file(&dir, "damaged.gz", packed);
    let missing = dir.path().join("missing.log").display().to_string();
    for (logs, options, code, start) in [
        (
            [&quiet, &damaged],
            &[][..],
            3,
            "UNKNOWN - not everything could be read: DIR/damaged.gz: ",
        ),
        (
            [&alarm, &damaged],
            &[],
            1,
            "WARNING - at least 1 sender to whitelist or ignore: sendgrid.net (15, worst 3h) (log incomplete: DIR/damaged.gz: ",
        ),
        (
            [&alarm, &missing],
            &[],
            1,
            "WARNING - at least 1 sender to whitelist or ignore: sendgrid.net (15, worst 3h) (log incomplete: DIR/missing.log: no such file)",
        ),
        (
            [&quiet, &missing],
            &["--no-data", "ok"],
            3,
            "UNKNOWN - not everything could be read: DIR/missing.log: no such file",
        ),
        (
            [&alarm, &missing],
            &["-w", "@1:5"],
            3,
            "UNKNOWN - at least 1 sender to whitelist or ignore: sendgrid.net (15, worst 3h) (log incomplete: DIR/missing.log: no such file)",
        ),
        ([&alarm, &missing], &["-c", "3:"], 3, "UNKNOWN - at least"),
    ] {
        let now = [
            "--now",
            "2026-11-21T04:00:00Z",
            "--min-attempts",
            "15",
            "--alert-on",
            "hurt",
        ];
        let said = check(&[&[logs[0].as_str(), logs[1]], &now[..], options].concat());
        let base = dir.path().display().to_string();
        let headline = said.headline().replace(&base, "DIR");
        assert!(
            headline.starts_with(&format!("CHECK_POSTGREY_WHITELIST {start}")),
            "{headline}"
        );
        assert_eq!(said.code, code, "{options:?} {headline}");
    }
    let said = check(&[&alarm, &missing, "--format", "json"]);
    assert_eq!(said.json()["partial"][0]["why"], "no such file");
}

#[test]
fn the_time_limit_names_what_it_cut_short() {
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
    let fifo = fifo.display().to_string();
    let alarm = file(&dir, "alarm.log", pool("mail.sendgrid.net", 5, 3));
    let now = ["-t", "5", "--now", "2026-11-21T04:00:00Z"];
    let said = check(&[&[fifo.as_str()], &now[..]].concat());
    assert_eq!(said.code, 3);
    assert!(
        said.headline().contains(&format!(
            "not everything could be read: {fifo}: the time limit of 5 s ran out while reading it"
        )),
        "{}",
        said.out
    );
    let said = check(&[&[fifo.as_str(), &alarm], &now[..]].concat());
    assert_eq!(said.code, 1);
    assert!(
        said.headline().contains(&format!(
            "at least 1 sender to whitelist or ignore: sendgrid.net (15, worst 3h) (log incomplete: {fifo}: the time limit of 5 s ran out while reading it)"
        )),
        "{}",
        said.out
    );
}

#[test]
fn lines_that_are_missing() {
    let other = "2026-11-21T00:00:00Z vm postfix/smtpd[1]: connect\n2026-11-21T04:00:00Z vm postfix/smtpd[1]: disconnect\n";
    let quiet = bots(3);
    let now = "2026-11-21T04:00:00Z";
    for (name, log, options, code, words) in [
        (
            "none of Postgrey's",
            other,
            &["--now", now][..],
            0,
            "the log has no decision of Postgrey",
        ),
        (
            "none of Postgrey's",
            other,
            &["--now", now, "--no-data", "critical"],
            2,
            "the log has no decision of Postgrey",
        ),
        (
            "old",
            &quiet,
            &["--now", "2026-11-22T04:00:00Z"],
            0,
            "the newest line is 1d03h old (2026-11-21 00:02:00)",
        ),
        (
            "old",
            &quiet,
            &["--now", "2026-11-22T04:00:00Z", "--no-data", "warning"],
            1,
            "the newest line is 1d03h old",
        ),
        (
            "short",
            &quiet,
            &["--now", now, "--window", "7d", "--no-data", "unknown"],
            3,
            "the log covers only 4h of the 7d asked for",
        ),
        ("empty", "\n", &["--now", now], 0, "the log has no lines"),
        (
            "empty",
            "\n",
            &["--now", now, "--no-data", "unknown"],
            3,
            "the log has no lines",
        ),
        (
            "no entries of the journal",
            "-- No entries --\n",
            &["--now", now],
            0,
            "the log has no lines",
        ),
    ] {
        let said = check_with(&[&["-"], options].concat(), log.as_bytes());
        assert!(said.headline().contains(words), "{name}: {}", said.out);
        assert_eq!(said.code, code, "{name}: {}", said.out);
    }
}

#[test]
fn windows_cut_by_time() {
    let log = greylist(-3 * 1440, "a.x.net", "192.0.2.1", 1)
        + &greylist(0, "a.x.net", "192.0.2.1", 2)
        + &greylist(60, "a.x.net", "192.0.2.1", 3);
    for (window, now, tries) in [
        ("all", "2026-11-21T02:00:00Z", 3),
        ("all", "2026-11-21T00:30:00Z", 2),
        ("all", "2026-11-18T00:00:00Z", 1),
        ("1d", "2026-11-21T02:00:00Z", 2),
        ("2h", "2026-11-21T02:00:00Z", 2),
        ("119m", "2026-11-21T02:00:00Z", 1),
        ("1d", "2026-11-21T00:30:00Z", 1),
        ("90d", "2026-11-21T02:00:00Z", 3),
    ] {
        assert_eq!(
            facts(&["-", "--window", window, "--now", now], log.as_bytes())["total"]["tries"],
            tries,
            "{window} {now}"
        );
    }
    let named = facts(&["-", "--now", "2026-11-21T00:30:00Z"], log.as_bytes());
    assert_eq!(named["total"]["tries"], 2, "no --window");
}

#[test]
fn quiet_speaks_only_when_something_is_wrong() {
    let now = ["-", "-q", "--now", "2026-11-21T04:00:00Z"];
    assert_eq!(
        check_with(&now, bots(3).as_bytes()),
        Said {
            code: 0,
            out: String::new()
        }
    );
    assert_eq!(
        check_with(&[&now[..], &["--report"]].concat(), bots(3).as_bytes()).out,
        ""
    );
    assert!(
        check_with(&now, bots(16).as_bytes())
            .out
            .contains("WARNING")
    );
}

#[test]
fn the_report_fits_80_columns_and_lists_all() {
    for log in ["postgrey/sample-mail.log", "postgrey/captured-rfc3339.log"] {
        let said = check(&[&fixture(log), "--report", "--now", LATER]);
        for line in said.out.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        assert!(!said.out.contains('\u{1b}'));
    }
    let said = check_with(
        &["-", "--report", "--now", LATER],
        (pool("mail.sendgrid.net", 5, 3) + &bots(4)).as_bytes(),
    );
    let expected = "\
sender                tries   new hosts nets pool pass lost pend worst verdict
sendgrid.net             15    15     3    3    5    5    0    0    3h whitelist
asianet.co.th             4     4     4    4    0    0    4    0     - leave

tries    greylisted tries; new: those not retried too early
";
    assert!(said.out.starts_with(expected), "{}", said.out);
    assert!(said.out.ends_with("\nsendgrid.net: whitelist, a pool, and its mail comes back\n\nWARNING: 1 sender to whitelist or ignore: sendgrid.net (15, worst 3h), the\n  newest line is 3d08h old (2026-11-21 03:04:00)\n"), "{}", said.out);
    assert_eq!(said.code, 1);
}

#[test]
fn suggestions() {
    let look: String = (0..8)
        .flat_map(|n| {
            [
                greylist(n, "a.mail.look.com", "198.51.100.1", 50 + n as usize),
                greylist(n, "b.mail.look.com", "198.51.100.9", 60 + n as usize),
            ]
        })
        .collect();
    let rented: String = pool("compute-1.amazonaws.com", 5, 3);
    let log = pool("mail.sendgrid.net", 5, 3) + &bots(16) + &look + &rented;
    let said = check_with(&["-", "--suggest", "--now", LATER], log.as_bytes());
    let entries: Vec<&str> = said
        .out
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .collect();
    assert_eq!(
        entries,
        [
            r"#/^(.*\.)?mail\.look\.com$/",
            r"/^(.*\.)?mail\.sendgrid\.net$/"
        ],
        "{}",
        said.out
    );
    assert!(
        said.out.contains(
            "# look.com: never returns, and comes from 2 hosts only: mail may be lost for good\n"
        ),
        "{}",
        said.out
    );
    assert!(said.out.contains("# sendgrid.net: a pool, and its mail comes back\n# 15 tries (15 new) by 3 hosts in 3 networks, "), "{}", said.out);
    assert!(
        said.out
            .ends_with("\n# Then: systemctl kill -s HUP postgrey\n"),
        "{}",
        said.out
    );
    assert!(!said.out.contains("asianet"), "{}", said.out);
    let said = check_with(
        &["-", "--suggest", "--suggest-form", "name", "--now", LATER],
        log.as_bytes(),
    );
    assert!(said.out.contains("\nmail.sendgrid.net\n"), "{}", said.out);
    let nothing = check_with(&["-", "--suggest", "--now", LATER], bots(16).as_bytes());
    assert!(
        nothing.out.contains("# Nothing to suggest"),
        "{}",
        nothing.out
    );
}

/// What `--suggest` prints of this log between its first line and its last.
fn suggested(log: &str, form: &str) -> String {
    let arguments = ["-", "--suggest", "--suggest-form", form, "--now", LATER];
    let said = check_with(&arguments, log.as_bytes());
    let head = "# For /etc/postgrey/whitelist_clients.local, by check_postgrey_whitelist\n\
                # the newest line is 3d08h old (2026-11-21 03:04:00)\n\n";
    let tail = "\n# Then: systemctl kill -s HUP postgrey\n";
    let text = said
        .out
        .strip_prefix(head)
        .and_then(|text| text.strip_suffix(tail));
    text.unwrap_or_else(|| panic!("{}", said.out)).to_owned()
}

/// `count` bots on an access provider's lines, in a network each; `{n}` in the name is their number.
fn lines_of(provider: &str, count: usize) -> String {
    (0..count)
        .map(|n| {
            let (name, address) = (
                provider.replace("{n}", &n.to_string()),
                format!("24.200.{n}.73"),
            );
            greylist(1, &name, &address, 2000 + n)
        })
        .collect()
}

/// The mail servers of access providers stand beside their customers' lines.
#[test]
fn suggestions_do_not_cover_dynamic_lines() {
    let cable = "modemcable{n}.2-3-73.mc.videotron.ca";
    let home = "c-73-{n}-2-3.hsd1.ga.comcast.net";
    let other = |mail| greylist(2, "mx.comcast.net", "198.51.100.9", mail);
    for (name, log, form, expected) in [
        (
            "the suffix covers them",
            pool("videotron.ca", 5, 3) + &lines_of(cable, 4),
            "regex",
            "# videotron.ca: a pool, and its mail comes back\n\
             # 19 tries (19 new) by 7 hosts in 7 networks, 9 mails: 5 from several networks, 5 passed (delay median 3h, worst 3h), 4 lost, 0 pending\n\
             # covers 4 hosts named like dynamic lines too, as modemcable0.2-3-73.mc.videotron.ca - to whitelist them as well, take the # off:\n\
             #/^(.*\\.)?videotron\\.ca$/\n",
        ),
        (
            "one of them, by name",
            pool("videotron.ca", 5, 3) + &lines_of(cable, 1),
            "name",
            "# videotron.ca: a pool, and its mail comes back\n\
             # 16 tries (16 new) by 4 hosts in 4 networks, 6 mails: 5 from several networks, 5 passed (delay median 3h, worst 3h), 1 lost, 0 pending\n\
             # covers 1 host named like dynamic lines too, as modemcable0.2-3-73.mc.videotron.ca - to whitelist them as well, take the # off:\n\
             #videotron.ca\n",
        ),
        (
            "they lie elsewhere",
            pool("sys.comcast.net", 5, 3) + &lines_of(home, 4),
            "regex",
            "# comcast.net: a pool, and its mail comes back\n\
             # 19 tries (19 new) by 7 hosts in 7 networks, 9 mails: 5 from several networks, 5 passed (delay median 3h, worst 3h), 4 lost, 0 pending\n\
             /^(.*\\.)?sys\\.comcast\\.net$/\n\
             # left out, so still greylisted: 4 hosts: c-73-0-2-3.hsd1.ga.comcast.net, c-73-1-2-3.hsd1.ga.comcast.net, c-73-2-2-3.hsd1.ga.comcast.net, c-73-3-2-3.hsd1.ga.comcast.net\n",
        ),
        (
            "one suffix is safe, a wider one is not",
            pool("sys.comcast.net", 5, 3) + &lines_of(home, 2) + &other(99),
            "regex",
            "# comcast.net: a pool, and its mail comes back\n\
             # 18 tries (18 new) by 6 hosts in 6 networks, 8 mails: 5 from several networks, 5 passed (delay median 3h, worst 3h), 3 lost, 0 pending\n\
             /^(.*\\.)?sys\\.comcast\\.net$/\n\
             # covers 2 hosts named like dynamic lines too, as c-73-0-2-3.hsd1.ga.comcast.net - to whitelist them as well, take the # off:\n\
             #/^(.*\\.)?comcast\\.net$/\n\
             # left out, so still greylisted: 3 hosts: mx.comcast.net, c-73-0-2-3.hsd1.ga.comcast.net, c-73-1-2-3.hsd1.ga.comcast.net\n",
        ),
        (
            "all are named so",
            pool("dyn.isp.example", 5, 3),
            "regex",
            "# isp.example: a pool, and its mail comes back\n\
             # 15 tries (15 new) by 3 hosts in 3 networks, 5 mails: 5 from several networks, 5 passed (delay median 3h, worst 3h), 0 lost, 0 pending\n\
             /^(.*\\.)?dyn\\.isp\\.example$/\n",
        ),
        (
            "a firm called so",
            pool("mobile.de", 5, 3) + &lines_of("mx-{n}-2-3.mobile.de", 1),
            "regex",
            "# mobile.de: a pool, and its mail comes back\n\
             # 16 tries (16 new) by 4 hosts in 4 networks, 6 mails: 5 from several networks, 5 passed (delay median 3h, worst 3h), 1 lost, 0 pending\n\
             /^(.*\\.)?mobile\\.de$/\n",
        ),
    ] {
        assert_eq!(suggested(&log, form), expected, "{name}");
    }
    let log = pool("sys.comcast.net", 5, 3) + &lines_of(home, 2) + &other(99);
    let sender = &facts(&["-", "--now", LATER], log.as_bytes())["senders"][0];
    assert_eq!(
        (&sender["suffixes"], &sender["too_wide"]),
        (
            &serde_json::json!(["sys.comcast.net"]),
            &serde_json::json!([{"suffix": "comcast.net", "dynamic_hosts": 2, "example": "c-73-0-2-3.hsd1.ga.comcast.net"}])
        )
    );
}

/// A pool of one client name: `mails` mails, each tried three times an hour apart from another network, then passed.
fn pool_of_one(name: &str) -> String {
    let step = |mail: usize, step: usize| {
        let (minute, address) = (60 * step as i64, format!("192.0.{step}.{mail}"));
        match step {
            3 => pass(minute, name, &address, mail),
            _ => greylist(minute, name, &address, mail),
        }
    };
    let last = greylist(184, name, "192.0.2.1", 99);
    let tries = (0..5).flat_map(|mail| (0..=3).map(move |n| step(mail, n)));
    tries.collect::<String>() + &last
}

#[test]
fn a_pool_behind_one_name_is_named_exactly() {
    let cable = "modemcable{n}.2-3-73.mc.videotron.ca";
    let evidence = |sender: &str, hosts: &str, networks: u32, tries: u32| {
        format!(
            "# {sender}: a pool, and its mail comes back\n# {tries} tries ({tries} new) by {hosts} in {networks} networks, {} mails: \
             5 from several networks, 5 passed (delay median 3h, worst 3h), {} lost, 0 pending\n",
            tries - 10,
            tries - 15
        )
    };
    for (name, log, form, expected) in [
        (
            "a host",
            pool_of_one("mout.kundenserver.de"),
            "regex",
            evidence("kundenserver.de", "1 host", 3, 16) + "/^mout\\.kundenserver\\.de$/\n",
        ),
        (
            "its name",
            pool_of_one("mout.kundenserver.de"),
            "name",
            evidence("kundenserver.de", "1 host", 3, 16) + "mout.kundenserver.de\n",
        ),
        (
            "the domain itself",
            pool_of_one("kundenserver.de"),
            "regex",
            evidence("kundenserver.de", "1 host", 3, 16) + "/^kundenserver\\.de$/\n",
        ),
        (
            "a private suffix",
            pool_of_one("github.io"),
            "regex",
            evidence("github.io", "1 host", 3, 16)
                + "# no line: no two of its hosts share a suffix that belongs to it alone, whitelist them by name (-vvv) or by address\n",
        ),
        (
            "beside dynamic lines",
            pool_of_one("smtp.videotron.ca") + &lines_of(cable, 2),
            "name",
            evidence("videotron.ca", "3 hosts", 5, 18)
                + "smtp.videotron.ca\n# left out, so still greylisted: 2 hosts: modemcable0.2-3-73.mc.videotron.ca, \
                   modemcable1.2-3-73.mc.videotron.ca\n",
        ),
        (
            "above dynamic lines",
            pool_of_one("videotron.ca") + &lines_of(cable, 1),
            "regex",
            evidence("videotron.ca", "2 hosts", 4, 17)
                + "/^videotron\\.ca$/\n# left out, so still greylisted: 1 host: modemcable0.2-3-73.mc.videotron.ca\n",
        ),
        (
            "its name above dynamic lines",
            pool_of_one("videotron.ca") + &lines_of(cable, 1),
            "name",
            evidence("videotron.ca", "2 hosts", 4, 17)
                + "# covers 1 host named like dynamic lines too, as modemcable0.2-3-73.mc.videotron.ca - to whitelist them as well, \
                   take the # off:\n#videotron.ca\n# left out, so still greylisted: 1 host: modemcable0.2-3-73.mc.videotron.ca\n",
        ),
    ] {
        assert_eq!(suggested(&log, form), expected, "{name}");
    }
    let look: String = (0..16)
        .map(|n| greylist(n + 169, "mx.look.example", "192.0.2.1", n as usize))
        .collect();
    assert_eq!(
        suggested(&look, "regex"),
        "# look.example: never returns, and comes from 1 host only: mail may be lost for good\n\
         # 16 tries (16 new) by 1 host in 1 network, 16 mails: 0 from several networks, 0 passed, 16 lost, 0 pending\n\
         # look first - to whitelist it, take the # off:\n\
         #/^mx\\.look\\.example$/\n"
    );
    let log = pool_of_one("mout.kundenserver.de");
    let sender = &facts(&["-", "--now", LATER], log.as_bytes())["senders"][0];
    assert_eq!(
        (&sender["suffixes"], &sender["exact"]),
        (&serde_json::json!([]), &"mout.kundenserver.de".into())
    );
}

/// Each of a hoster's customers retries from its own machine: what they share is the hoster's, and no line covers them all.
#[test]
fn suggestions_do_not_cover_a_hosters_customers() {
    let customers = |name: &str, count: usize| -> String {
        let tries = (0..count).flat_map(|n| {
            let (name, address) = (name.replace("{n}", &n.to_string()), format!("88.{n}.2.1"));
            let minute = 184 - 61 - 16 + n as i64;
            [
                greylist(minute, &name, &address, n),
                pass(minute + 61, &name, &address, n),
            ]
        });
        let last = greylist(184, &name.replace("{n}", "0"), "88.0.2.1", 99);
        tries.collect::<String>() + &last
    };
    let evidence = |sender: &str, hosts: &str| {
        format!(
            "# {sender}: long delays, and its mail comes back\n# 17 tries (17 new) by {hosts} in 16 networks, 17 mails: \
             0 from several networks, 16 passed (delay median 1h01m, worst 1h01m), 1 lost, 0 pending\n"
        )
    };
    let none = "# no line: no two of its hosts share a suffix that belongs to it alone, whitelist them by name (-vvv) or by address\n";
    for (name, sender) in [
        ("static.1.2.{n}.88.clients.your-server.de", "your-server.de"),
        (
            "1.2.{n}.88.bc.googleusercontent.com",
            "googleusercontent.com",
        ),
        ("vm{n}.westeurope.cloudapp.azure.com", "azure.com"),
        ("vmi{n}.contaboserver.net", "contaboserver.net"),
    ] {
        let log = customers(name, 16);
        assert_eq!(
            suggested(&log, "regex"),
            evidence(sender, "16 hosts") + none,
            "{name}"
        );
    }
    let own = customers("mail{n}.out.your-server.de", 16);
    assert_eq!(
        suggested(&own, "regex"),
        evidence("your-server.de", "16 hosts") + "/^(.*\\.)?out\\.your-server\\.de$/\n"
    );
    let one = customers("static.1.2.3.88.clients.your-server.de", 16);
    assert_eq!(
        suggested(&one, "regex"),
        evidence("your-server.de", "1 host")
            + "/^static\\.1\\.2\\.3\\.88\\.clients\\.your-server\\.de$/\n"
    );
}

#[test]
fn suggestions_name_the_hosts_that_they_leave_out() {
    // Lines may name what two hosts share and nobody else rents: never all of amazonaws.com.
    let mail = 10..17;
    let alone: String = mail
        .map(|n| {
            greylist(
                1,
                &format!("h{n}.r{n}.amazonaws.com"),
                &format!("198.51.{n}.1"),
                n,
            )
        })
        .collect();
    let rented = |n: usize| greylist(1, "x.compute-1.amazonaws.com", "198.51.100.1", n);
    let log = pool("mail.amazonaws.com", 5, 3) + &alone + &rented(20);
    for (name, log, comment) in [
        (
            "more than are named",
            log,
            Some(
                "# left out, so still greylisted: 8 hosts: h10.r10.amazonaws.com, h11.r11.amazonaws.com, h12.r12.amazonaws.com, h13.r13.amazonaws.com, h14.r14.amazonaws.com, +3 more",
            ),
        ),
        ("none", pool("mail.sendgrid.net", 5, 3), None),
    ] {
        let said = check_with(&["-", "--suggest", "--now", LATER], log.as_bytes());
        let left_out = said.out.lines().filter(|line| line.contains("left out"));
        assert_eq!(
            left_out.collect::<Vec<_>>(),
            Vec::from_iter(comment),
            "{name}: {}",
            said.out
        );
    }
}

/// What --suggest prints is a whitelist that covers the senders it names, by our own reading of Postgrey's rules.
#[test]
fn suggested_lines_end_the_alarm() {
    let dir = tempfile::tempdir().unwrap();
    for form in ["regex", "name"] {
        let suggested = check(&[
            &fixture("postgrey/sample-mail.log"),
            "--suggest",
            "--suggest-form",
            form,
        ])
        .out;
        let whitelist = file(&dir, form, suggested);
        let options = [
            "--whitelist",
            &whitelist,
            "--ignore",
            "/dev/null",
            "--alert-on",
            "hurt",
        ];
        let said = run_with(
            PLUGIN,
            &[
                &[fixture("postgrey/sample-mail.log").as_str()],
                &options[..],
            ]
            .concat(),
            b"",
        );
        assert_eq!(said.code, 0, "{form}: {}", said.out);
    }
}

/// The commands of the documentation append lines, and nothing where the check fails.
#[test]
fn what_fails_is_not_appended() {
    let dir = tempfile::tempdir().unwrap();
    let log = file(&dir, "mail.log", pool("mail.sendgrid.net", 5, 3));
    let missing = dir.path().join("missing.log").display().to_string();
    let list = "/etc/postgrey/whitelist_clients.local";
    for (page, start) in [
        (
            "check_postgrey_whitelist.md",
            "    check_postgrey_whitelist --suggest >",
        ),
        ("alarms.md", "       check_postgrey_whitelist --suggest >"),
    ] {
        let page =
            std::fs::read_to_string(format!("{}/docs/{page}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let command = page.lines().find(|line| line.starts_with(start)).unwrap();
        assert!(command.contains(list), "{command}");
        for (log, appended) in [(&log, true), (&missing, false)] {
            let options = format!("{PLUGIN} {log} --now {LATER} {} --suggest", BARE.join(" "));
            let command = command
                .replace("sudo ", "")
                .replace("check_postgrey_whitelist --suggest", &options)
                .replace(list, "list");
            let _ = std::fs::remove_file(dir.path().join("list"));
            let status = std::process::Command::new("sh")
                .args(["-c", &command])
                .current_dir(dir.path())
                .stdout(std::process::Stdio::null())
                .status();
            assert_eq!(status.unwrap().success(), appended, "{command}");
            let list = std::fs::read_to_string(dir.path().join("list"));
            let lines = list.is_ok_and(|text| text.contains("mail\\.sendgrid\\.net$/\n"));
            assert_eq!(lines, appended, "{command}");
        }
    }
}

#[test]
fn hostile_names_come_out_clean() {
    let mut log = String::new();
    for n in 0..20 {
        for name in [
            "a|b;c$HOME$.evil.example",
            "\u{1b}[31m<b>x\\n.evil2.example",
            &format!("{}.evil3.example", "x".repeat(3000)),
        ] {
            log += &greylist(n, name, "192.0.2.1", n as usize);
        }
    }
    let said = check_with(&["-", "-vvv", "--now", LATER], log.as_bytes());
    assert_eq!(said.out.matches('|').count(), 1, "{}", said.out);
    assert!(
        !said.out.contains(['\u{1b}', '$', '<', '>', '\\', ';']) || said.perfdata().contains(';'),
        "{}",
        said.out
    );
    let text: String = said.out.replace(said.perfdata(), "");
    assert!(
        !text.contains(['\u{1b}', '$', '<', '>', '\\', ';', '&']),
        "{text}"
    );
    assert!(said.out.len() <= 4096 && said.out.lines().next().unwrap().len() < 1000);
    let suggested = check_with(&["-", "--suggest", "--now", LATER], log.as_bytes());
    assert!(
        suggested
            .out
            .lines()
            .all(|line| line.is_empty() || line.starts_with("# ")),
        "{}",
        suggested.out
    );
    let said = check_with(&["-", "--report", "--now", LATER], log.as_bytes());
    assert!(!said.out.contains(['\u{1b}', '$', '<']), "{}", said.out);
    let json = check_with(&["-", "--format", "json", "--now", LATER], log.as_bytes()).json();
    assert!(json["facts"]["senders"].to_string().contains("evil3"));
}

/// Enough that all that two threads share is shared: the file, its two tallies, the senders, the rows.
#[test]
fn a_great_many_senders_are_all_listed_in_order() {
    let mut log = pool("mail.sendgrid.net", 5, 3);
    let mut expected = vec![(15, String::from("sendgrid.net"))];
    for round in 0..2 {
        for n in 0..18_000 {
            if round == 0 || n % 3 == 0 {
                let (name, address) = (format!("mx.site{n}.example"), format!("192.0.2.{}", n % 9));
                log += &greylist(10 * round, &name, &address, n);
            }
            if round == 1 {
                expected.push((if n % 3 == 0 { 2 } else { 1 }, format!("site{n}.example")));
            }
        }
    }
    expected.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "many.log", &log);
    let said = check(&[&path, "--report", "--now", LATER]);
    let rows = said.out.lines().skip(1).take_while(|row| !row.is_empty());
    let rows: Vec<(u32, String)> = rows
        .map(|row| {
            let mut words = row.split_whitespace();
            let name = words.next().unwrap().to_owned();
            (words.next().unwrap().parse().unwrap(), name)
        })
        .collect();
    assert!(rows == expected, "{} rows", rows.len());
}

#[test]
fn many_senders_fit_and_say_how_many_more() {
    let log: String = (0..300)
        .flat_map(|d| {
            (0..15).map(move |n| {
                greylist(
                    n,
                    &format!("mx{n}.domain{d}.example"),
                    &format!("192.0.{n}.1"),
                    d * 20 + n as usize,
                )
            })
        })
        .collect();
    let said = check_with(&["-", "--now", LATER], log.as_bytes());
    assert!(said.out.len() <= 4096, "{}", said.out.len());
    assert!(
        said.headline()
            .contains("300 senders to whitelist or ignore: domain0.example (15), "),
        "{}",
        said.headline()
    );
    assert!(
        said.headline().contains(", +295 more, "),
        "{}",
        said.headline()
    );
    let last = said.out.lines().last().unwrap();
    assert!(last.starts_with('+') && last.ends_with(" more"), "{last}");
}

#[test]
fn the_json_of_a_small_log() {
    let said = check_with(
        &["-", "--format", "json", "--now", LATER],
        pool("mail.sendgrid.net", 5, 3).as_bytes(),
    );
    let golden: Value =
        serde_json::from_str(&std::fs::read_to_string(fixture("postgrey/golden.json")).unwrap())
            .unwrap();
    let mut json = said.json();
    json["version"] = golden["version"].clone();
    assert_eq!(json, golden, "{}", said.out);
}

#[test]
fn years_of_files_and_standard_input() {
    let dir = tempfile::tempdir().unwrap();
    let entry = |day: &str, n: u32| {
        format!(
            "{day} 10:00:00 vm postgrey[1]: action=greylist, reason=new, client_name=a{n}.x.net, client_address=192.0.2.{n}, sender=a@b, recipient=r{n}@d\n"
        )
    };
    let log = entry("Dec 30", 1) + &entry("Dec 31", 2) + &entry("Jan  2", 3);
    let path = file(&dir, "mail.log", &log);
    touch(&path, 1_798_884_000); // 2027-01-02 10:00
    let ends = |arguments: &[&str], input: &str| {
        let facts = facts(arguments, input.as_bytes());
        (
            facts["oldest"].as_str().unwrap().to_owned(),
            facts["newest"].as_str().unwrap().to_owned(),
        )
    };
    let expected = (
        String::from("2026-12-30T10:00:00Z"),
        String::from("2027-01-02T10:00:00Z"),
    );
    assert_eq!(ends(&[&path], ""), expected);
    assert_eq!(
        ends(&["-", "--now", "2027-01-02T11:00:00Z"], &log),
        expected
    );
    let packed = file(&dir, "mail.log.1.gz", gzip(log.as_bytes()));
    touch(&packed, 1_798_884_000);
    assert_eq!(ends(&[&packed], ""), expected);
    let leap = entry("Feb 29", 1);
    assert_eq!(
        ends(&["-", "--now", "2026-11-21T11:00:00Z"], &leap).0,
        "2024-02-29T10:00:00Z"
    );
}

#[test]
fn several_logs_patterns_and_standard_input_together() {
    let dir = tempfile::tempdir().unwrap();
    file(&dir, "mail.log", greylist(60, "a.x.net", "192.0.2.1", 1));
    file(&dir, "mail.log.1", greylist(30, "b.x.net", "192.0.3.1", 1));
    let two = [
        gzip(greylist(0, "c.x.net", "192.0.4.1", 1).as_bytes()),
        gzip(greylist(1, "d.x.net", "192.0.5.1", 1).as_bytes()),
    ]
    .concat();
    file(&dir, "mail.log.2.gz", two);
    let pattern = dir.path().join("mail.log*").display().to_string();
    let again = dir.path().join("mail.log").display().to_string();
    let input = pass(90, "e.x.net", "192.0.6.1", 1);
    let facts = facts(&[&pattern, "-", &again, "--now", LATER], input.as_bytes());
    assert_eq!(facts["total"]["tries"], 4);
    assert_eq!(facts["total"]["delay_worst"], 5400);
    let names: Vec<&str> = facts["logs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|log| log.as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    assert_eq!(
        names,
        ["mail.log.2.gz", "mail.log.1", "mail.log", "standard input"]
    );
}

/// Two servers' logs of the same time are no parts of one log: merged as docs/logs.md says they count as one.
#[test]
fn logs_of_two_servers_are_merged_by_time() {
    let dir = tempfile::tempdir().unwrap();
    let (name, address) = ("o1.mail.sendgrid.net", "192.0.2.1");
    let lines = [
        greylist(0, name, address, 1),
        greylist(60, name, address, 1),
        greylist(90, name, address, 1),
        pass(120, name, address, 1),
    ];
    let traditional = |line: &String| {
        line.replace("2026-11-21T", "Nov 21 ")
            .replace(".000000+00:00", "")
    };
    for (keys, form) in [
        (&["-k1,1"][..], lines.clone()),
        (
            &["-k1,1M", "-k2,2n", "-k3,3"],
            lines.each_ref().map(traditional),
        ),
    ] {
        let [first, second, third, last] = form.each_ref().map(String::as_str);
        let one = file(&dir, "mx1.log", [first, last].concat());
        let other = file(&dir, "mx2.log", [second, third].concat());
        let merged = std::process::Command::new("sort")
            .arg("-m")
            .args(keys)
            .args([&one, &other])
            .env("LC_ALL", "C")
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8(merged.stdout.clone()).unwrap(),
            form.concat()
        );
        let total = &facts(&["-", "--now", LATER], &merged.stdout)["total"];
        let found = ["tries", "mails", "passed", "lost", "delay_worst"].map(|name| &total[name]);
        assert_eq!(found, [3, 1, 1, 0, 7200].map(Value::from).each_ref());
    }
}

#[test]
fn words_of_the_verdicts_are_explained_in_vv() {
    let said = check_with(&["-", "-vv", "--now", LATER], bots(1).as_bytes());
    for words in [
        "\"long\" is a median delay of 1h or more",
        "\"many\" is 10 networks or more",
        "\"few\" is at most 5 hosts",
        "\"dynamic\" is at least 50 %",
        "window: all, judged as of 2026-11-24T12:00:00Z",
    ] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
}

/// Bots of today are not told from a slow pool by the one mail that passed.
#[test]
fn a_wave_of_today_is_not_whitelisted() {
    let shop = |minute| greylist(minute, "ppp70.dyn.asianet.co.th", "110.169.70.9", 99);
    let passed = pass(240, "ppp70.dyn.asianet.co.th", "110.169.70.9", 99);
    let log = bots(60) + &shop(61) + &passed;
    let now = ["--now", "2026-11-21T12:00:00Z"];
    let said = check_with(&[&["-"], &now[..]].concat(), log.as_bytes());
    let line = said.out.lines().nth(1).unwrap();
    assert!(
        line.starts_with("look asianet.co.th: too young to tell - 61 tries"),
        "{line}"
    );
    let said = check_with(&[&["-", "--suggest"], &now[..]].concat(), log.as_bytes());
    let active = said.out.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(active.collect::<String>(), "", "{}", said.out);
    let later = ["--now", "2026-11-24T12:00:00Z"];
    let said = check_with(&[&["-"], &later[..]].concat(), log.as_bytes());
    let line = said.out.lines().nth(1).unwrap();
    assert!(
        line.starts_with("leave asianet.co.th: never returns"),
        "{line}"
    );
}

/// A network of a real pool comes again with other mail; neither bots that repeat theirs nor bounces of a forged sender do.
#[test]
fn repeated_mail_makes_no_pool() {
    // 30 hosts in 30 networks, a try each, of 4 mails; the second time a host comes again with the next mail.
    let repeats = |name: &str, rounds: usize| -> String {
        let tries = (0..rounds * 30).map(|t| {
            let (n, mail) = (t % 30, (t % 30 + t / 30) % 4);
            let name = name.replace("{n}", &n.to_string());
            greylist(10 * t as i64, &name, &format!("171.4.{n}.9"), mail)
        });
        tries.collect()
    };
    let bounces = |count: usize, victims: usize| -> String {
        let bounce = |n: usize| {
            let (name, address) = (format!("mx{n}.isp.example"), format!("192.0.{n}.1"));
            let envelope = format!(", recipient=victim{}@lab.example", n % victims);
            let action = "greylist, reason=new";
            line(10 * n as i64, action, &name, &address, &envelope)
        };
        (0..count).map(bounce).collect()
    };
    let bot = "171-{n}-{n}-9.dynamic.asianet.co.th";
    for (log, expected) in [
        (
            repeats(bot, 1),
            "look asianet.co.th: tried again from elsewhere but hardly ever passed, from names like dynamic lines - 30 tries (30 new) by \
             30 hosts in 30 networks, 4 mails: 4 from several networks, 0 passed, 4 lost, 0 pending",
        ),
        (
            repeats(bot, 2),
            "whitelist asianet.co.th: a pool, and its mail comes back - 60 tries (60 new) by 30 hosts in 30 networks, 4 mails: \
             4 from several networks, 0 passed, 4 lost, 0 pending",
        ),
        (
            repeats("mx{n}.asianet.co.th", 1),
            "whitelist asianet.co.th: a pool, and its mail comes back - 30 tries (30 new) by 30 hosts in 30 networks, 4 mails: \
             4 from several networks, 0 passed, 4 lost, 0 pending",
        ),
        (
            bounces(20, 1),
            "look isp.example: one mail only, from many networks used once, and it never passed - 20 tries (20 new) by 20 hosts in \
             20 networks, 1 mail: 1 from several networks, 0 passed, 1 lost, 0 pending",
        ),
        (
            bounces(20, 2),
            "whitelist isp.example: a pool, and its mail comes back - 20 tries (20 new) by 20 hosts in 20 networks, 2 mails: \
             2 from several networks, 0 passed, 2 lost, 0 pending",
        ),
    ] {
        let said = check_with(&["-", "--now", LATER], log.as_bytes());
        assert_eq!(said.out.lines().nth(1), Some(expected), "{}", said.out);
    }
}

/// mobile.de is a firm.
#[test]
fn words_of_dynamic_lines_count_left_of_the_domain_only() {
    for (host, start) in [
        (
            "mx1.mobile.de",
            "look mobile.de: never returns, and comes from 1 host only",
        ),
        (
            "mx1.mobile.mobila.de",
            "leave mobila.de: never returns, names like dynamic lines",
        ),
    ] {
        let log: String = (0..16)
            .map(|n| greylist(n, host, "194.50.69.9", n as usize))
            .collect();
        let said = check_with(&["-", "--now", LATER], log.as_bytes());
        let line = said.out.lines().nth(1).unwrap();
        assert!(line.starts_with(start), "{line}");
    }
}

#[test]
fn what_was_asked_for_stands_before_the_small_senders() {
    let small: String = (0..30)
        .map(|n| greylist(n, &format!("mx.site{n}.example"), "192.0.2.1", n as usize))
        .collect();
    let said = check_with(&["-", "-vv", "--now", LATER], small.as_bytes());
    let place = |words: &str| {
        said.out
            .find(words)
            .unwrap_or_else(|| panic!("{words}: {}", said.out))
    };
    assert!(place("\"comes back\" is at least 50 %") < place("(fewer than 15 tries)"));
    assert!(place("logs: standard input") < place("(fewer than 15 tries)"));
}

#[test]
fn nothing_is_suggested_from_nothing_seen() {
    let old = bots(3);
    let said = check_with(&["-", "--suggest", "--now", LATER], old.as_bytes());
    assert!(said.out.contains("# the newest line is 3d"), "{}", said.out);
    assert!(
        said.out
            .ends_with("# Nothing to suggest from what could be read.\n"),
        "{}",
        said.out
    );
}

#[test]
fn a_window_needs_a_unit() {
    let said = check(&["x.log", "--window", "7"]);
    assert_eq!(said.code, 3);
    assert!(
        said.headline()
            .contains("'7' is not a length of time: write a number and s, m, h, d or w, as in 7d"),
        "{}",
        said.out
    );
}

/// A stream cannot be looked at before it is read: it stays where it was named.
#[test]
fn streams_are_read_where_they_are_named() {
    let log = std::fs::read_to_string(fixture("postgrey/sample-mail.log")).unwrap();
    let half = log[..log.len() / 2].rfind('\n').unwrap() + 1;
    let dir = tempfile::tempdir().unwrap();
    let (head, tail) = (file(&dir, "1", &log[..half]), file(&dir, "2", &log[half..]));
    let now = ["--now", LATER];
    let whole = facts(&[&["-"], &now[..]].concat(), log.as_bytes())["total"].clone();
    let named = |names: [&str; 2], input: &str| {
        facts(&[&names[..], &now].concat(), input.as_bytes())["total"].clone()
    };
    assert_eq!(named(["-", &tail], &log[..half]), whole);
    assert_eq!(named([&head, "-"], &log[half..]), whole);
}

/// Fourteen months without a year, from October to November of the year after next New Year: the first guess of the year is wrong.
fn months_without_years(lines_an_hour: usize) -> String {
    const MONTHS: [(&str, usize); 14] = [
        ("Oct", 31),
        ("Nov", 30),
        ("Dec", 31),
        ("Jan", 31),
        ("Feb", 28),
        ("Mar", 31),
        ("Apr", 30),
        ("May", 31),
        ("Jun", 30),
        ("Jul", 31),
        ("Aug", 31),
        ("Sep", 30),
        ("Oct", 31),
        ("Nov", 20),
    ];
    let mut log = String::new();
    for (month, days) in MONTHS {
        for (day, try_) in (1..=days).flat_map(|day| (0..lines_an_hour).map(move |n| (day, n))) {
            log += &format!(
                "{month} {day:2} 12:{:02}:00 vm postgrey[1]: action=greylist, reason=new, client_name=m{try_}.out.pool.example, client_address=198.51.100.{try_}, sender=a{day}@pool.example, recipient=b{month}@lab.example\n",
                try_ % 60
            );
        }
    }
    log
}

/// What cannot be read again is kept as far as it is small, under whatever name it comes.
#[test]
fn a_pipe_may_have_to_be_read_twice() {
    let whole = "its lines name no year and span more than one, name the files instead";
    for (lines, expected) in [(1, None), (20, Some(whole))] {
        let log = months_without_years(lines);
        assert_eq!(log.len() > 1 << 20, expected.is_some());
        let dir = tempfile::tempdir().unwrap();
        let path = file(&dir, "log", &log);
        let arguments = |name| [name, "--now", "2026-11-21T00:00:00Z", "--window", "all"];
        let counted = facts(&arguments(&path), b"")["total"].clone();
        assert_eq!(counted["tries"], 416 * lines);
        let fifo = dir.path().join("fifo").display().to_string();
        assert!(
            Command::new("mkfifo")
                .arg(&fifo)
                .status()
                .unwrap()
                .success()
        );
        let fed = std::thread::spawn({
            let (fifo, log) = (fifo.clone(), log.clone());
            move || std::fs::write(fifo, log)
        });
        let by_name = check_with(
            &[&arguments(&fifo)[..], &["--format", "json"]].concat(),
            b"",
        );
        fed.join().unwrap().unwrap();
        let piped = [&arguments("-")[..], &["--format", "json"]].concat();
        let piped = check_with(&piped, log.as_bytes());
        for said in [by_name, piped] {
            match expected {
                None => assert_eq!(said.json()["facts"]["total"], counted),
                Some(why) => assert!(said.code == 1 && said.out.contains(why), "{}", said.out),
            }
        }
    }
}

/// `check_postgrey_whitelist <(false)`
#[test]
fn nothing_from_a_pipe_with_a_name_is_no_empty_log_either() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo").display().to_string();
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let opened = std::thread::spawn({
        let fifo = fifo.clone();
        move || std::fs::write(fifo, "")
    });
    let said = check(&[&fifo]);
    opened.join().unwrap().unwrap();
    assert_eq!(said.code, 3);
    let expected = ": nothing came, did the command in front of the pipe fail?";
    assert!(said.headline().contains(expected), "{}", said.out);
    assert_ne!(check(&["/dev/null"]).code, 3);
}

/// `zcat missing.gz | check_postgrey_whitelist -`
#[test]
fn nothing_from_a_pipe_is_no_empty_log() {
    let said = check(&["-"]);
    assert_eq!(said.code, 3);
    let expected = "UNKNOWN - not everything could be read: standard input: nothing came, did the command in front of the pipe fail?";
    assert!(said.headline().contains(expected), "{}", said.out);
}
