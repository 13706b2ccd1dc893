//! The real binary on saved listings and logs: what a user types and sees.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use serde_json::Value;
use std::fmt::Write as _;
use support::{Said, file, fixture, run_with};

const PLUGIN: &str = env!("CARGO_BIN_EXE_check_mailq_blacklist");
const NOW: [&str; 2] = ["--now", "2026-11-21T10:00:00Z"];
const BLOCKED: &str = "host mx00.t-online.de[192.0.2.1] refused to talk to me: 554 IP=203.0.113.7 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.) (BL)";
const SPAMHAUS: &str = "host mx.b.example[192.0.2.2] said: 550 5.7.1 Service unavailable; client [203.0.113.7] blocked using zen.spamhaus.org (in reply to RCPT TO command)";
const GREYLISTED: &str = "host mx.c.example[192.0.2.3] said: 450 4.2.0 <c@d>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/d.html (in reply to RCPT TO command)";
const SLOW: &str = "connect to mx.e.example[192.0.2.4]:25: Connection timed out";
const DMARC: &str = "host mx.f.example[192.0.2.5] said: 451 4.7.26 Unauthenticated email from lab.example is not accepted due to domain's DMARC policy (in reply to end of DATA command)";

/// Checks a listing given on standard input, as of 10:00.
fn check(listing: &str, arguments: &[&str]) -> Said {
    run_with(
        PLUGIN,
        &[&["--file", "-"], &NOW[..], arguments].concat(),
        listing.as_bytes(),
    )
}

fn facts(listing: &str, arguments: &[&str]) -> Value {
    check(listing, &[arguments, &["--format", "json"]].concat()).json()["facts"].clone()
}

/// A message: id with flags, minute after 8 o'clock, recipients with their reasons.
type Row<'a> = (&'a str, u32, &'a [(&'a str, &'a str)]);

/// Postfix's text listing of some messages.
fn listing(rows: &[Row<'_>]) -> String {
    let mut text =
        String::from("-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n");
    for (id, minute, recipients) in rows {
        let (hour, minute) = (8 + minute / 60, minute % 60);
        writeln!(
            text,
            "{id:<11} {:>7} Sat Nov 21 {hour:02}:{minute:02}:00  news@lab.example",
            1833
        )
        .unwrap();
        for (address, reason) in *recipients {
            if !reason.is_empty() {
                writeln!(text, "({reason})").unwrap();
            }
            writeln!(text, "{:41}{address}", "").unwrap();
        }
        text.push('\n');
    }
    writeln!(
        text,
        "-- 9 Kbytes in {} Request{}.",
        rows.len(),
        if rows.len() == 1 { "" } else { "s" }
    )
    .unwrap();
    text
}

/// So many messages with one reason.
fn many(count: usize, reason: &str) -> String {
    let ids: Vec<String> = (0..count).map(|n| format!("B01699{n:05}")).collect();
    let recipients = [("paul@t-online.de", reason)];
    let rows: Vec<Row<'_>> = ids
        .iter()
        .map(|id| (id.as_str(), 0, &recipients[..]))
        .collect();
    listing(&rows)
}

/// A log line of Postfix, so many minutes after 8 o'clock.
fn line(minute: u32, program: &str, message: &str) -> String {
    let (hour, minute) = (8 + minute / 60, minute % 60);
    format!("2026-11-21T{hour:02}:{minute:02}:00.000000+00:00 mx postfix/{program}[1]: {message}\n")
}

/// A try for one recipient of a message that came in at 8 o'clock.
fn tried(minute: u32, id: &str, to: &str, status: &str, reason: &str) -> String {
    let message = format!(
        "{id}: to=<{to}>, relay=mx.b.example[192.0.2.2]:25, delay={}, delays=1/0/0/0, dsn=4.0.0, status={status} ({reason})",
        minute * 60
    );
    line(minute, "smtp", &message)
}

const EMPTY: &str = "Mail queue is empty\n";

#[test]
fn the_ticket_and_its_block() {
    let text = listing(&[
        ("B0169992181", 0, &[("paul@t-online.de", BLOCKED)]),
        (
            "B0169992182*",
            30,
            &[("anna@b.example", SPAMHAUS), ("otto@b.example", SPAMHAUS)],
        ),
        ("B0169992183", 40, &[("c@d", GREYLISTED)]),
        (
            "B0169992184",
            50,
            &[("e@e.example", SLOW), ("new@e.example", "")],
        ),
    ]);
    let said = check(&text, &[]);
    assert_eq!(
        said.out,
        "CHECK_MAILQ_BLACKLIST WARNING - 2 messages refused since 08:00: 203.0.113.7 on Spamhaus ZEN (1), T-Online BL (1) | refused=2;0;10;0 refused_recipients=3;;;0 bounced=0;;;0 waiting=4;;;0 held=0;;;0 oldest_refused=7200s;;;0 class_blocklist=2;;;0 class_reputation=0;;;0 class_unexplained=0;;;0 class_rdns=0;;;0 class_auth=0;;;0 class_domain=0;;;0 class_content=0;;;0 class_policy=0;;;0 class_receiver=0;;;0 class_greylist=1;;;0 class_rate=0;;;0 class_other=1;;;0\n\
         Spamhaus ZEN [blocklist]: 1 message, 2 recipients at b.example (2)\n\
         arrived from 08:30 to 08:30\n\
         our address: 203.0.113.7 (1)\n\
         senders: news@lab.example (1)\n\
         queue ids: B0169992182\n\
         reply: host mx.b.example[192.0.2.2] said: 550 5.7.1 Service unavailable, client [203.0.113.7] blocked using zen.spamhaus.org (in reply to RCPT TO command)\n\
         ask: https://check.spamhaus.org/ (rule blocklist-named)\n\
         T-Online BL [blocklist]: 1 message, 1 recipient at t-online.de (1)\n\
         arrived from 08:00 to 08:00\n\
         our address: 203.0.113.7 (1)\n\
         senders: news@lab.example (1)\n\
         queue ids: B0169992181\n\
         reply: host mx00.t-online.de[192.0.2.1] refused to talk to me: 554 IP=203.0.113.7 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.) (BL)\n\
         ask: tosa@rx.t-online.de (BL, NOWL), toda@rx.t-online.de (DIAL) (rule t-online)\n"
    );
    assert_eq!(said.code, 1);
}

#[test]
fn where_to_begin_when_nobody_is_known() {
    for (reply, ask) in [
        (
            "450 4.7.1 Client host rejected: cannot find your reverse hostname, [203.0.113.7]",
            "ask: our own DNS first, the PTR record and the HELO name of our host (rule reverse-dns)",
        ),
        (
            "550 5.7.1 rejected by DMARC policy of lab.example",
            "ask: our own DNS first, SPF, DKIM and DMARC of the sender's domain (rule authentication)",
        ),
        (
            "554 5.7.1 203.0.113.7 is on our local blacklist",
            "ask: nobody known, try the receiver's postmaster (rule on-a-blocklist)",
        ),
    ] {
        let reason =
            format!("host mx.b.example[192.0.2.2] said: {reply} (in reply to RCPT TO command)");
        let text = listing(&[("B0169992181", 0, &[("a@b.example", &reason)])]);
        let said = check(&text, &["--alarm", "+auth"]);
        assert_eq!((said.out.lines().last(), said.code), (Some(ask), 1));
    }
}

#[test]
fn ranges_as_before() {
    for (count, limits, code, state) in [
        (0, &[][..], 0, "OK"),
        (1, &[], 1, "WARNING"),
        (10, &[], 1, "WARNING"),
        (11, &[], 2, "CRITICAL"),
        (3, &["-w", "5", "-c", "20"], 0, "OK"),
        (6, &["-w", "5", "-c", "20"], 1, "WARNING"),
        (6, &["-w", "5", "-c", "@6:7"], 2, "CRITICAL"),
    ] {
        let said = check(&many(count, BLOCKED), limits);
        let first = said.headline().to_owned();
        assert_eq!(
            (said.code, first.contains(&format!(" {state} - "))),
            (code, true),
            "{count}: {first}"
        );
    }
}

#[test]
fn first_lines() {
    let one = |id, reason| listing(&[(id, 0, &[("a@b.example", reason)])]);
    for (name, text, arguments, code, headline) in [
        (
            "empty",
            String::from(EMPTY),
            &[][..],
            0,
            "OK - no mail refused because of our server, 0 queued",
        ),
        (
            "innocent",
            listing(&[
                ("B0169992181", 0, &[("c@d", GREYLISTED)]),
                ("B0169992182", 0, &[("e@f", SLOW)]),
            ]),
            &[],
            0,
            "OK - no mail refused because of our server, 2 queued (1 greylisted)",
        ),
        (
            "held",
            one("B0169992181!", BLOCKED),
            &[],
            0,
            "OK - no mail refused because of our server, 0 queued, 1 on hold",
        ),
        (
            "a large class that does not count",
            many(10, DMARC),
            &[],
            0,
            "OK - no mail refused because of our server, 10 queued, 10 refused for SPF, DKIM, DMARC or TLS",
        ),
        (
            "small",
            many(9, DMARC),
            &[],
            0,
            "OK - no mail refused because of our server, 9 queued",
        ),
        (
            "counted when asked for",
            one("B0169992181", DMARC),
            &["--alarm", "+auth"],
            1,
            "WARNING - 1 message refused since 08:00: SPF, DKIM or DMARC refused by f.example (1)",
        ),
        (
            "not counted",
            one("B0169992181", SPAMHAUS),
            &["--alarm", "rdns"],
            0,
            "OK - no mail refused because of our server, 1 queued",
        ),
        (
            "turned away",
            one(
                "B0169992181",
                "host mx.g.example[192.0.2.6] refused to talk to me: 554 Go away",
            ),
            &[],
            1,
            "WARNING - 1 message refused since 08:00: turned away by g.example (1)",
        ),
        (
            "out of slots, as the script had it",
            one(
                "B0169992181",
                "host mx.g.example[192.0.2.6] refused to talk to me: 421 out of connection slots",
            ),
            &[],
            0,
            "OK - no mail refused because of our server, 1 queued (1 rate limited)",
        ),
    ] {
        let said = check(&text, arguments);
        assert_eq!(
            (said.code, said.headline()),
            (code, format!("CHECK_MAILQ_BLACKLIST {headline}").as_str()),
            "{name}"
        );
    }
}

#[test]
fn every_format_of_one_queue_gives_the_same_facts() {
    let of = |name: &str| {
        let path = fixture(name);
        let mut facts = run_with(
            PLUGIN,
            &[
                "--file",
                &path,
                "--now",
                "2026-11-21T08:20:00Z",
                "--format",
                "json",
            ],
            b"",
        )
        .json()["facts"]
            .clone();
        facts["listings"].take();
        facts
    };
    let (text, json) = (
        of("mailq/postfix-short-ids.txt"),
        of("mailq/postfix-short-ids.json"),
    );
    assert_eq!(text, json);
    assert_eq!(text["waiting"], 59);
}

#[test]
fn held_mail_is_shown_and_not_counted() {
    let text = listing(&[
        ("B0169992181!", 0, &[("paul@t-online.de", BLOCKED)]),
        ("B0169992182!#", 0, &[("e@e", SLOW)]),
    ]);
    let said = check(&text, &[]);
    assert_eq!(said.code, 0);
    assert_eq!(
        said.out.lines().nth(1),
        Some("2 messages on hold, 1 with such a reason, not counted")
    );
    let facts = facts(&text, &[]);
    assert_eq!(
        (&facts["held"], &facts["held_refused"], &facts["waiting"]),
        (&2.into(), &1.into(), &0.into())
    );
    assert_eq!(facts["causes"], Value::Array(vec![]));
}

#[test]
fn a_message_that_appears_twice_counts_once() {
    let one = listing(&[("B0169992181", 0, &[("paul@t-online.de", BLOCKED)])]);
    assert_eq!(facts(&format!("{one}{one}"), &[])["refused"], 1);
    let later = listing(&[("B0169992181", 5, &[("paul@t-online.de", BLOCKED)])]);
    assert_eq!(facts(&format!("{one}{later}"), &[])["refused"], 2);
}

/// Postfix lists what it is just trying without the reason, and a moment later as deferred, with it.
#[test]
fn of_a_message_that_moves_the_entry_with_the_reason_counts() {
    let entry = |flag: &str, reason: &str| {
        let id = format!("B0169992181{flag}");
        listing(&[(&id, 0, &[("paul@t-online.de", reason)])])
    };
    let json = |queue: &str, reason: &str| {
        let reason = match reason {
            "" => String::new(),
            reason => format!(", \"delay_reason\": \"{reason}\""),
        };
        format!(
            "{{\"queue_name\": \"{queue}\", \"queue_id\": \"B0169992181\", \"arrival_time\": 1795248000, \"message_size\": 1, \
             \"sender\": \"news@lab.example\", \"recipients\": [{{\"address\": \"paul@t-online.de\"{reason}}}]}}\n"
        )
    };
    let dir = tempfile::tempdir().unwrap();
    let bounced = file(
        &dir,
        "bounced",
        tried(0, "B0169992181", "a@b.example", "bounced", SPAMHAUS),
    );
    let sent = file(
        &dir,
        "sent",
        tried(0, "B0169992181", "a@b.example", "sent", "250 ok"),
    );
    let deferred = file(
        &dir,
        "deferred",
        tried(0, "B0169992181", "paul@t-online.de", "deferred", SPAMHAUS),
    );
    for (name, text, log, expected) in [
        (
            "text",
            entry("*", "") + &entry("", BLOCKED),
            None,
            [1, 1, 0],
        ),
        (
            "text, the other way",
            entry("", BLOCKED) + &entry("*", ""),
            None,
            [1, 1, 0],
        ),
        (
            "text, never a reason",
            entry("*", "") + &entry("", ""),
            None,
            [1, 0, 0],
        ),
        (
            "three times",
            entry("*", "") + &entry("", BLOCKED) + &entry("", BLOCKED),
            None,
            [1, 1, 0],
        ),
        (
            "JSON",
            json("active", "") + &json("deferred", BLOCKED),
            None,
            [1, 1, 0],
        ),
        (
            "JSON, the other way",
            json("deferred", BLOCKED) + &json("active", ""),
            None,
            [1, 1, 0],
        ),
        (
            "a log without a word",
            entry("*", "") + &entry("", BLOCKED),
            Some(&sent),
            [1, 1, 0],
        ),
        (
            "another recipient bounced",
            entry("*", "") + &entry("", BLOCKED),
            Some(&bounced),
            [1, 1, 1],
        ),
        (
            "the log alone knows",
            entry("*", "") + &entry("*", ""),
            Some(&bounced),
            [1, 1, 1],
        ),
        (
            "it is tried again, and the log knows why",
            entry("*", ""),
            Some(&deferred),
            [1, 1, 0],
        ),
        (
            "the same in JSON",
            json("active", ""),
            Some(&deferred),
            [1, 1, 0],
        ),
    ] {
        let log = log.map_or(vec![], |log| vec!["--log-file", log.as_str()]);
        let facts = facts(&text, &log);
        let found = ["waiting", "refused", "bounced"].map(|name| facts[name].as_u64().unwrap());
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn known_blocks_are_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let text = listing(&[
        ("B0169992181", 0, &[("paul@t-online.de", BLOCKED)]),
        ("B0169992182", 0, &[("a@b.example", SPAMHAUS)]),
    ]);
    for (content, code, headline, second) in [
        (
            "t-online until 2026-11-21 # ticket 7",
            1,
            "1 message refused since 08:00: 203.0.113.7 on Spamhaus ZEN (1)",
            "known: t-online, 1 refusal set aside (ticket 7)",
        ),
        (
            "T-Online\nSpamhaus ZEN\n",
            0,
            "no mail refused because of our server, 2 queued, 2 refused for known blocks",
            "known: Spamhaus ZEN, 1 refusal set aside",
        ),
        (
            "T-Online until 2026-11-20",
            1,
            "2 messages refused since 08:00: 203.0.113.7 on Spamhaus ZEN (1), T-Online BL (1)",
            "no longer known: the entry T-Online has ended",
        ),
    ] {
        let known = file(&dir, "known", content);
        let said = check(&text, &["--known", &known]);
        assert_eq!(said.code, code, "{content}");
        assert!(said.headline().ends_with(headline), "{}", said.headline());
        assert!(said.out.contains(&format!("\n{second}\n")), "{}", said.out);
    }
}

/// So that a typo is seen, or `Spamhaus` where the list is called `Spamhaus ZEN`.
#[test]
fn entries_that_met_nothing_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let text = listing(&[("B0169992182", 0, &[("a@b.example", SPAMHAUS)])]);
    let (long, cut) = ("y".repeat(99), "y".repeat(60));
    let many: String = (0..12).map(|n| format!("x{n}\n")).collect();
    for (content, expected) in [
        ("spamhaus zen\n", None),
        ("Spamhaus\n", Some("Spamhaus")),
        (
            "Spamhaus ZEN\nSpamhouse # why\nold until 2026-11-20\nBarracuda until 2026-11-21",
            Some("Spamhouse, Barracuda"),
        ),
        (
            many.as_str(),
            Some("x0, x1, x2, x3, x4, x5, x6, x7, x8, x9 (and 2 more)"),
        ),
        (&long, Some(&cut)),
    ] {
        let known = file(&dir, "known", content);
        let lines = |verbosity: &str| {
            let said = check(&text, &["--known", &known, verbosity]).out;
            let line = said
                .lines()
                .find(|line| line.starts_with("known, but not met: "));
            line.map(str::to_owned)
        };
        let expected = expected.map(|names| format!("known, but not met: {names}"));
        assert_eq!((lines("-v"), lines("-vv")), (None, expected), "{content}");
    }
}

/// As editors of Windows write them.
#[test]
fn a_byte_order_mark_in_front_of_files_is_skipped() {
    let dir = tempfile::tempdir().unwrap();
    let text = listing(&[("B0169992181", 0, &[("a@b.example", SPAMHAUS)])]);
    let rule = "[[rule]]\nid = \"house\"\nclass = \"policy\"\nliterals = [\"blocked using\"]\npattern = 'blocked using'\nexamples = [\"554 blocked using\"]\ncounter-examples = [\"554 Stay\"]\n";
    for (option, content) in [("--known", "Spamhaus ZEN # why"), ("--rules", rule)] {
        let plain = file(&dir, "plain", content);
        let marked = file(&dir, "marked", format!("\u{feff}{content}"));
        let said = check(&format!("\u{feff}{text}"), &[option, &marked]);
        let expected = check(&text, &[option, &plain]);
        assert_eq!((said.code, &said.out), (0, &expected.out), "{option}");
    }
}

/// Where neither list nor provider is known the plugin names the server's site, and an entry may do so too.
#[test]
fn a_known_block_may_be_named_by_its_site() {
    let dir = tempfile::tempdir().unwrap();
    let nope =
        |site: &str| format!("host mx1.{site}[192.0.2.1] refused to talk to me: 554 5.7.1 nope");
    let (kunde, firm) = (nope("kunde.example"), nope("firm.co.uk"));
    let text = listing(&[
        ("B0169992181", 0, &[("a@kunde.example", &kunde)]),
        ("B0169992182", 0, &[("a@firm.co.uk", &firm)]),
    ]);
    for (content, headline) in [
        (
            "Kunde.example",
            "1 message refused since 08:00: turned away by firm.co.uk (1)",
        ),
        (
            "co.uk",
            "2 messages refused since 08:00: turned away by firm.co.uk (1), kunde.example (1)",
        ),
        (
            "mx1.firm.co.uk\nfirm.co.uk\nkunde.example",
            "no mail refused because of our server, 2 queued, 2 refused for known blocks",
        ),
    ] {
        let known = file(&dir, "known", content);
        let said = check(&text, &["--known", &known]);
        assert!(said.headline().ends_with(headline), "{}", said.headline());
    }
}

#[test]
fn rules_of_the_admin() {
    let dir = tempfile::tempdir().unwrap();
    let reply = "host mx.g.example[192.0.2.6] refused to talk to me: 554 Go away";
    let text = listing(&[("B0169992181", 0, &[("a@b", reply)])]);
    assert_eq!(check(&text, &[]).code, 1);
    let rule = "[[rule]]\nid = \"house\"\nclass = \"policy\"\nliterals = [\"go away\"]\npattern = 'go away'\nexamples = [\"554 Go away\"]\ncounter-examples = [\"554 Stay\"]\n";
    let added = file(&dir, "added.toml", rule);
    let said = check(&text, &["--rules", &added]);
    assert_eq!(
        (said.code, said.headline()),
        (
            0,
            "CHECK_MAILQ_BLACKLIST OK - no mail refused because of our server, 1 queued"
        )
    );
    let said = run_with(PLUGIN, &["--rules", &added, "--explain", reply], b"");
    assert!(
        said.out.contains("\ndecided by      house\n"),
        "{}",
        said.out
    );
    let wrong = file(&dir, "wrong.toml", "[[rule]]\nid = 5\n");
    let said = check(&text, &["--rules", &wrong]);
    assert_eq!(said.code, 3);
    let expected =
        format!("CHECK_MAILQ_BLACKLIST UNKNOWN - cannot use the rules: {wrong} line 2: ");
    assert!(
        said.headline().starts_with(&expected),
        "{}",
        said.headline()
    );
}

#[test]
fn what_the_log_adds() {
    let waiting = listing(&[("B0169992181", 0, &[("a@b.example", SLOW)])]);
    let qmgr = line(
        0,
        "qmgr",
        "B0169992181: from=<news@lab.example>, size=337, nrcpt=1 (queue active)",
    );
    let not_last = line(
        60,
        "smtp",
        "B0169992181: host mx0.b.example[192.0.2.9] refused to talk to me: 554 5.7.1 client [203.0.113.7] blocked using zen.spamhaus.org",
    );
    let removed = line(61, "qmgr", "B0169992181: removed");
    let expired = line(
        60,
        "qmgr",
        "B0169992181: from=<news@lab.example>, status=expired, returned to sender",
    );
    let other = |line: String| line.replace(" postfix/", " postfix-203.0.113.9/");
    // name, queue, log, refused, bounced, delayed and delivered
    for (name, queue, log, expected) in [
        (
            "a bounce",
            EMPTY,
            vec![
                qmgr.clone(),
                tried(60, "B0169992181", "a@b.example", "bounced", SPAMHAUS),
                removed.clone(),
            ],
            (1, 1, 0),
        ),
        (
            "the same seen twice",
            EMPTY,
            vec![
                tried(60, "B0169992181", "a@b.example", "bounced", SPAMHAUS),
                tried(60, "B0169992181", "c@b.example", "bounced", SPAMHAUS),
            ],
            (1, 1, 0),
        ),
        (
            "an innocent bounce",
            EMPTY,
            vec![tried(
                60,
                "B0169992181",
                "a@b.example",
                "bounced",
                "host mx.b.example[192.0.2.2] said: 550 5.1.1 <a@b.example>: User unknown (in reply to RCPT TO command)",
            )],
            (0, 0, 0),
        ),
        (
            "a retry storm",
            EMPTY,
            (0..9)
                .map(|n| tried(60 + n, "B0169992181", "a@b.example", "deferred", SPAMHAUS))
                .collect(),
            (0, 0, 0),
        ),
        (
            "delayed, delivered",
            EMPTY,
            vec![
                tried(10, "B0169992181", "a@b.example", "deferred", SPAMHAUS),
                tried(60, "B0169992181", "a@b.example", "sent", "250 ok"),
                removed.clone(),
            ],
            (0, 0, 1),
        ),
        (
            "deleted by an admin",
            EMPTY,
            vec![
                tried(10, "B0169992181", "a@b.example", "deferred", SPAMHAUS),
                line(60, "postsuper", "B0169992181: removed"),
            ],
            (0, 0, 0),
        ),
        (
            "expired",
            EMPTY,
            vec![
                tried(60, "B0169992181", "a@b.example", "deferred", SPAMHAUS),
                expired.clone(),
                removed.clone(),
            ],
            (1, 1, 0),
        ),
        (
            "forced to expire",
            EMPTY,
            vec![
                tried(60, "B0169992181", "a@b.example", "deferred", SPAMHAUS),
                line(
                    60,
                    "qmgr",
                    "B0169992181: from=<news@lab.example>, status=force-expired, returned to sender",
                ),
            ],
            (1, 1, 0),
        ),
        (
            "given up, the last server never answered, one before it refused",
            EMPTY,
            vec![
                not_last.clone(),
                tried(60, "B0169992181", "a@b.example", "deferred", SLOW),
                expired.clone(),
                removed.clone(),
            ],
            (1, 1, 0),
        ),
        (
            "a transport of another name, given up",
            EMPTY,
            vec![
                qmgr.clone(),
                other(tried(
                    60,
                    "B0169992181",
                    "a@b.example",
                    "deferred",
                    SPAMHAUS,
                )),
                expired.clone(),
                removed.clone(),
            ],
            (1, 1, 0),
        ),
        (
            "a transport of another name, the last word is another's",
            EMPTY,
            vec![
                qmgr.clone(),
                other(tried(
                    50,
                    "B0169992181",
                    "a@b.example",
                    "deferred",
                    GREYLISTED,
                )),
                tried(60, "B0169992181", "a@b.example", "bounced", SPAMHAUS),
                removed.clone(),
            ],
            (1, 1, 0),
        ),
        (
            "a transport of another name, waiting and bounced",
            &listing(&[("B0169992181", 0, &[("a@b.example", SPAMHAUS)])]),
            vec![
                qmgr.clone(),
                other(tried(60, "B0169992181", "c@b.example", "bounced", SPAMHAUS)),
            ],
            (1, 1, 0),
        ),
        (
            "another instance with the same id",
            EMPTY,
            vec![
                qmgr.clone(),
                other(qmgr.clone()),
                tried(60, "B0169992181", "a@b.example", "bounced", SPAMHAUS),
                other(tried(60, "B0169992181", "c@b.example", "bounced", SPAMHAUS)),
            ],
            (2, 2, 0),
        ),
        (
            "a server that was not the last",
            &waiting,
            vec![
                not_last.clone(),
                tried(60, "B0169992181", "a@b.example", "deferred", SLOW),
            ],
            (1, 0, 0),
        ),
        (
            "the next one of its site took it",
            EMPTY,
            vec![
                not_last.clone(),
                tried(60, "B0169992181", "a@b.example", "sent", "250 ok"),
                removed.clone(),
            ],
            (0, 0, 1),
        ),
        (
            "another recipient waits for another reason",
            &waiting,
            vec![
                not_last.clone(),
                tried(60, "B0169992181", "c@b.example", "sent", "250 ok"),
            ],
            (0, 0, 0),
        ),
        (
            "waiting and bounced",
            &listing(&[("B0169992181", 0, &[("a@b.example", SPAMHAUS)])]),
            vec![
                tried(60, "B0169992181", "a@b.example", "SOFTBOUNCE", SPAMHAUS),
                tried(60, "B0169992181", "c@b.example", "bounced", SPAMHAUS),
            ],
            (1, 1, 0),
        ),
        (
            "the same id again",
            &listing(&[("B0169992181", 90, &[("a@b.example", SPAMHAUS)])]),
            vec![tried(60, "B0169992181", "c@b.example", "bounced", SPAMHAUS)],
            (2, 1, 0),
        ),
        (
            "before the window",
            EMPTY,
            vec![
                tried(60, "B0169992181", "a@b.example", "bounced", SPAMHAUS).replace("T09", "T03"),
            ],
            (0, 0, 0),
        ),
        (
            "a forged recipient",
            EMPTY,
            vec![tried(
                60,
                "B0169992181",
                "x>, relay=y, status=bounced (blocked using zen.spamhaus.org)",
                "sent",
                "250 ok",
            )],
            (0, 0, 0),
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = file(&dir, "mail.log", log.concat());
        let facts = facts(queue, &["--log-file", &path]);
        let found =
            ["refused", "bounced", "delayed_delivered"].map(|key| facts[key].as_u64().unwrap());
        assert_eq!((found[0], found[1], found[2]), expected, "{name}");
    }
}

#[test]
fn the_block_with_a_log() {
    let dir = tempfile::tempdir().unwrap();
    let log = [
        line(
            0,
            "qmgr",
            "B0169992181: from=<hacked@lab.example>, size=337, nrcpt=1 (queue active)",
        ),
        tried(30, "B0169992181", "a@b.example", "deferred", SPAMHAUS),
        tried(60, "B0169992181", "a@b.example", "bounced", SPAMHAUS),
        tried(70, "B0169992182", "c@b.example", "sent", "250 ok"),
        tried(71, "B0169992183", "c@b.example", "sent", "250 ok"),
    ];
    let path = file(&dir, "mail.log", log.concat());
    let said = check(EMPTY, &["--log-file", &path]);
    assert!(
        said.out.contains(
            "\nSpamhaus ZEN [blocklist]: 1 message, 1 recipient at b.example (1)\nrefused from 08:30 to 09:00, accepted there since: 2\nour address: 203.0.113.7 (1)\nsenders: hacked@lab.example (1)\nqueue ids: B0169992181\n"
        ),
        "{}",
        said.out
    );
}

#[test]
fn exim_takes_its_reasons_from_its_log() {
    let (queue, log) = (fixture("mailq/exim.txt"), fixture("mailq/exim-mainlog"));
    let arguments = [
        "--file",
        &queue,
        "--log-file",
        &log,
        "--now",
        "2026-11-21T08:20:00Z",
    ];
    let facts = run_with(
        PLUGIN,
        &[&arguments[..], &["--format", "json"]].concat(),
        b"",
    )
    .json()["facts"]
        .clone();
    assert_eq!(
        (&facts["waiting"], &facts["held"], &facts["bounced"]),
        (&5.into(), &4.into(), &4.into())
    );
    assert_eq!(facts["refused"], 7);
    assert_eq!(facts["without_reasons"], Value::Null);
}

/// Exim tells the reason of one message; whether it is the first or not, in which file.
#[test]
fn exims_messages_that_are_not_tried_count_for_the_reason_of_their_domain() {
    let dir = tempfile::tempdir().unwrap();
    let id = |n: u32| format!("1xUg39-0000{n:02}-1p");
    let mut queue = String::new();
    let mut log = String::new();
    for n in 0..30 {
        let (id, to) = (id(n), format!("u{n}@t-online.de"));
        writeln!(queue, " 2h   303 {id} <news@lab.example>\n          {to}\n").unwrap();
        let error = match n {
            0 => {
                "defer (-45) H=mx00.t-online.de [192.0.2.1]: SMTP error from remote mail server after initial connection: 421 IP=203.0.113.7 - A problem occurred. (BL)"
            }
            _ => "defer (-53): retry time not reached for any host for 't-online.de'",
        };
        writeln!(
            log,
            "2026-11-21 08:{n:02}:00 {id} <= news@lab.example U=root P=local S=306"
        )
        .unwrap();
        writeln!(
            log,
            "2026-11-21 08:{n:02}:01 {id} == {to} R=dnslookup T=remote_smtp {error}"
        )
        .unwrap();
    }
    let (first, second) = log.split_at(log.find("2026-11-21 08:20").unwrap());
    let queue = file(&dir, "queue", &queue);
    let whole = file(&dir, "mainlog", &log);
    let (later, earlier) = (file(&dir, "part", second), file(&dir, "part.1", first));
    for logs in [
        vec!["--log-file", whole.as_str()],
        vec!["--log-file", &later, "--log-file", &earlier],
    ] {
        let words = [&["--file", &queue, "--format", "json"], &NOW[..], &logs].concat();
        let facts = run_with(PLUGIN, &words, b"").json()["facts"].clone();
        let numbers = ["waiting", "refused", "refused_recipients"].map(|name| &facts[name]);
        assert_eq!(numbers, [30, 30, 30], "{logs:?}");
        let cause = &facts["causes"][0];
        assert_eq!(
            (&cause["name"], &cause["messages"]),
            (&"T-Online BL".into(), &30.into())
        );
    }
}

/// What a filter or a mailbox of this host says is no refusal of this host, whatever it says.
#[test]
fn local_deliveries_never_alarm() {
    let dir = tempfile::tempdir().unwrap();
    let words =
        "550 5.7.1 Service unavailable; client [203.0.113.7] blocked using zen.spamhaus.org";
    for text in [
        format!("service unavailable. Command output: {words}"),
        format!("Command output: {words}"),
        format!("Command died with status 69: \"/usr/bin/filter\". Command output: {words}"),
    ] {
        let queue = listing(&[("B0169992181", 0, &[("k@lab.example", &text)])]);
        let bounced = tried(0, "B0169992182", "k@lab.example", "bounced", &text)
            .replace("postfix/smtp", "postfix/pipe")
            .replace("mx.b.example[192.0.2.2]:25", "filter");
        let log = file(&dir, "log", bounced);
        let facts = facts(&queue, &["--log-file", &log]);
        let counts = [&facts["refused"], &facts["classes"][11]["messages"]];
        assert_eq!(counts, [0, 2], "{text}");
    }
    for fields in [
        format!(
            "k@lab.example R=user T=lmtp: LMTP error from remote mail server after RCPT TO:<k@lab.example>: {words}"
        ),
        format!(
            "|/usr/bin/filter (k@lab.example) <k@lab.example> R=alias T=address_pipe: Child process returned 1: {words}"
        ),
    ] {
        let line = format!("2026-11-21 08:00:00 1xUg39-0000Kx-1p ** {fields}\n");
        let log = file(&dir, "log", line);
        let facts = facts(EMPTY, &["--log-file", &log]);
        let counts = [&facts["refused"], &facts["classes"][11]["messages"]];
        assert_eq!(counts, [0, 1], "{fields}");
        let domain = &facts["causes"][0]["domains"][0]["name"];
        assert_eq!(domain, "lab.example", "{fields}");
    }
}

/// The command of docs/troubleshooting.md, with a mail system that lists something, nothing, or fails.
#[test]
fn a_saved_listing_may_say_that_a_queue_is_empty() {
    let docs = fixture("../docs/troubleshooting.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let command = docs
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("{ queue=$(exim -bp)"))
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let saved = dir.path().join("saved").display().to_string();
    for (lists, messages, code) in [
        (format!("cat {}", fixture("mailq/exim.txt")), 9, 3),
        (format!("cat {}", fixture("mailq/opensmtpd.txt")), 9, 1),
        (
            format!("cat {}", fixture("mailq/postfix-short-ids.json")),
            59,
            2,
        ),
        (String::from("true"), 0, 0),
        (String::from("false"), 0, 3),
    ] {
        let command = command.replace("exim -bp", &lists).replace("FILE", &saved);
        let shell = std::process::Command::new("sh")
            .args(["-c", &command])
            .status()
            .unwrap();
        assert_eq!(shell.success(), lists != "false");
        let words = [&["--file", &saved, "--format", "json"], &NOW[..]].concat();
        let said = run_with(PLUGIN, &words, b"");
        let facts = said.json()["facts"].clone();
        assert_eq!(
            (&facts["listings"][0]["messages"], said.code),
            (&messages.into(), code),
            "{lists}"
        );
    }
}

#[test]
fn bad_input() {
    let dir = tempfile::tempdir().unwrap();
    let secret = file(&dir, "secret", "root:$6$secret:19000:0\n");
    let none = dir.path().join("none").display().to_string();
    let cut = {
        let whole = many(3, BLOCKED);
        file(&dir, "cut", &whole[..whole.len() - 40])
    };
    let innocent = {
        let whole = many(3, SLOW);
        file(&dir, "innocent", &whole[..whole.len() - 40])
    };
    let json = file(
        &dir,
        "json",
        "{\"queue_name\": \"deferred\", \"queue_id\": \"B01\", \"arr",
    );
    let cannot = "UNKNOWN - cannot tell whether mail is refused: ";
    for (path, code, start, end) in [
        (
            &secret,
            3,
            format!("{cannot}{secret}: line 1: expected the listing of Postfix"),
            "nullmailer or dma",
        ),
        (&none, 3, format!("{cannot}{none}: no such file"), ""),
        (
            &json,
            3,
            format!("{cannot}{json}: line 1 of the Postfix JSON listing: expected one JSON object"),
            "",
        ),
        (
            &innocent,
            3,
            format!(
                "{cannot}{innocent}: the Postfix listing is cut off after line 12: expected the last line, -- N Kbytes"
            ),
            "",
        ),
        (
            &cut,
            1,
            String::from(
                "WARNING - at least 3 messages refused since 08:00: 203.0.113.7 on T-Online BL (3) (listing incomplete: ",
            ),
            &format!(
                "{cut}: the Postfix listing is cut off after line 12: expected the last line, -- N Kbytes in M Requests.)"
            ),
        ),
        (&String::from("/"), 3, format!("{cannot}/: "), ""),
        (
            &String::from("/dev/null"),
            3,
            format!(
                "{cannot}/dev/null: nothing in it: an empty queue and a command that failed look alike"
            ),
            "",
        ),
        (
            &fixture("mailq/dma.txt"),
            3,
            format!("{cannot}this mail system's listing has no reasons (dma)"),
            "",
        ),
        (
            &fixture("mailq/nullmailer.txt"),
            3,
            format!("{cannot}this mail system's listing has no reasons (nullmailer)"),
            "",
        ),
        (
            &fixture("mailq/exim.txt"),
            3,
            format!(
                "{cannot}this mail system's listing has no reasons (Exim), and its main log cannot be read"
            ),
            "",
        ),
    ] {
        let said = run_with(PLUGIN, &[&["--file", path], &NOW[..]].concat(), b"");
        assert_eq!(said.code, code, "{path}");
        assert!(
            said.headline()
                .starts_with(&format!("CHECK_MAILQ_BLACKLIST {start}")),
            "{}",
            said.headline()
        );
        assert!(said.headline().ends_with(end), "{}", said.headline());
        assert!(!said.out.contains("$6"), "{}", said.out);
        assert_eq!(said.out.contains(" | refused="), code != 3, "{path}");
    }
}

#[test]
fn a_log_that_cannot_be_read_is_partial_input() {
    let said = check(EMPTY, &["--log-file", "/no/such/mail.log"]);
    assert_eq!(said.code, 3);
    assert!(said.headline().contains("cannot tell whether mail is refused: the mail log: cannot read /no/such/mail.log: no such file"), "{}", said.headline());
    let said = check(&many(11, BLOCKED), &["--log-file", "/no/such/mail.log"]);
    assert_eq!(said.code, 2);
    assert!(
        said.headline().contains("at least 11 messages refused"),
        "{}",
        said.headline()
    );
}

#[test]
fn arguments() {
    for (arguments, start) in [
        (
            &["--file", ""][..],
            "invalid value '' for '--file': the name is empty",
        ),
        (
            &["--alarm", "spam"],
            "invalid value 'spam' for '--alarm': unknown class 'spam'",
        ),
        (
            &["-w", "x"],
            "invalid value 'x' for '--warning': 'x' is not a range",
        ),
        (
            &["--file", "a", "--config-dir", "b"],
            "the argument '--file",
        ),
        (
            &["--file", "-", "--log-file", "-"],
            "--file - and --log-file - cannot both read standard input",
        ),
        (
            &["--known", "/no/such"],
            "cannot read /no/such: no such file",
        ),
        (
            &["--rules", "/no/such"],
            "cannot read /no/such: no such file",
        ),
    ] {
        let said = run_with(PLUGIN, arguments, b"");
        assert_eq!(said.code, 3, "{arguments:?}");
        let expected = format!("CHECK_MAILQ_BLACKLIST UNKNOWN - {start}");
        assert!(
            said.headline().starts_with(&expected),
            "{}",
            said.headline()
        );
    }
}

#[test]
fn hostile_text_does_not_get_through() {
    let evil = "host mx.evil.example[192.0.2.6] refused to talk to me: 554 go | refused=0 $HOSTADDRESS$ \\n <script> \u{1b}[31m \u{202e}";
    let text = listing(&[("B0169992181", 0, &[("\"a|b$c\"@evil.example", evil)])]);
    let said = check(&text, &["-vvv"]);
    assert_eq!(said.code, 1);
    assert_eq!(said.out.matches('|').count(), 1, "{}", said.out);
    assert!(
        !said
            .out
            .contains(['$', '<', '>', '\\', '\u{1b}', '\u{202e}']),
        "{}",
        said.out
    );
    let report = check(&text, &["--report"]).out;
    assert!(
        !report.contains(['|', '$', '<', '>', '\\', '\u{1b}', '\u{202e}']),
        "{report}"
    );
    let facts = facts(&text, &[]);
    assert!(
        facts["causes"][0]["sample"]
            .as_str()
            .unwrap()
            .contains("| refused=0 $HOST")
    );
}

#[test]
fn explained() {
    let said = run_with(PLUGIN, &["--explain", SPAMHAUS], b"");
    assert_eq!(said.code, 0);
    let rows: Vec<(&str, &str)> = said.out.lines().map(|line| line.split_at(16)).collect();
    let value = |name: &str| {
        rows.iter()
            .find(|(key, _)| key.trim_end() == name)
            .map(|(_, value)| *value)
    };
    assert_eq!(value("class"), Some("blocklist (counts)"));
    assert_eq!(value("list"), Some("Spamhaus ZEN"));
    assert_eq!(value("our address"), Some("203.0.113.7"));
    assert_eq!(value("ask"), Some("https://check.spamhaus.org/"));
    assert_eq!(value("decided by"), Some("blocklist-named"));
    assert!(
        value("text")
            .unwrap()
            .starts_with("550 5.7.1 service unavailable"),
        "{}",
        said.out
    );
    assert!(
        value("matching rules")
            .unwrap()
            .starts_with("blocklist-named"),
        "{}",
        said.out
    );
}

/// An admin pastes what is on the screen: the server's address is not ours.
#[test]
fn explained_from_a_log_line() {
    let pasted = "Nov 21 07:48:38 vm postfix/smtp[1]: A73E6992199: host mx0.b.example[192.0.2.1] refused to talk to me: 554 nope";
    let said = run_with(PLUGIN, &["--explain", pasted], b"");
    assert!(
        said.out.contains("\nserver          mx0.b.example\n"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("\nour address     none\n"),
        "{}",
        said.out
    );
}

/// The queue alone proves an alarm: a log that hangs does not take its time.
#[test]
fn a_log_that_hangs_leaves_time_for_the_queue() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let queue = file(&dir, "queue", many(11, SPAMHAUS));
    let pipe = pipe.display().to_string();
    let arguments = ["--file", &queue, "--log-file", &pipe, "-t", "2"];
    let said = run_with(PLUGIN, &[&arguments[..], &NOW].concat(), b"");
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(
        said.headline().contains("at least 11 messages refused"),
        "{}",
        said.headline()
    );
    assert!(
        said.headline().contains("(listing incomplete: "),
        "{}",
        said.headline()
    );
}

#[test]
fn the_report_fits_80_columns() {
    let path = fixture("mailq/postfix-long-ids.txt");
    let log = fixture("mailq/postfix-mail.log");
    let said = run_with(
        PLUGIN,
        &[
            "--file",
            &path,
            "--log-file",
            &log,
            "--now",
            "2026-11-21T08:21:00Z",
            "--report",
        ],
        b"",
    );
    assert_eq!(said.code, 2);
    assert!(
        said.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        said.out
    );
    assert!(said.out.contains("\nwho refuses  "), "{}", said.out);
}

#[test]
fn quiet_when_all_is_well() {
    assert_eq!(check(EMPTY, &["-q"]).out, "");
    assert!(
        check(&many(1, BLOCKED), &["-q"])
            .out
            .starts_with("CHECK_MAILQ_BLACKLIST WARNING - ")
    );
}

#[test]
fn json() {
    let dir = tempfile::tempdir().unwrap();
    let path = file(&dir, "queue", many(2, BLOCKED));
    let said = run_with(
        PLUGIN,
        &[&["--file", &path, "--format", "json"], &NOW[..]].concat(),
        b"",
    );
    assert_eq!(said.code, 1);
    let json = said.json();
    assert_eq!(
        (&json["schema"], &json["check"], &json["state"]),
        (
            &1.into(),
            &"check_mailq_blacklist".into(),
            &"WARNING".into()
        )
    );
    let cause = &json["facts"]["causes"][0];
    assert_eq!(
        *cause,
        serde_json::json!({
            "class": "blocklist", "name": "T-Online BL", "counts": true, "rule": "t-online", "messages": 2, "recipients": 2,
            "domains": [{"name": "t-online.de", "count": 2}], "first": "2026-11-21T08:00:00Z", "last": "2026-11-21T08:00:00Z",
            "by_arrival": true, "accepted_since": null, "ours": [{"name": "203.0.113.7", "count": 2}],
            "senders": [{"name": "news@lab.example", "count": 2}], "ids": ["B0169900000", "B0169900001"], "sample": BLOCKED,
            "ask": "tosa@rx.t-online.de (BL, NOWL), toda@rx.t-online.de (DIAL)",
        })
    );
    assert_eq!(
        json["facts"]["listings"],
        serde_json::json!([{"name": path, "format": "postfix_text", "messages": 2}])
    );
}

#[test]
fn how_it_was_computed() {
    let said = check(&many(1, SLOW), &["-vv"]);
    assert!(
        said.out.ends_with(
            "queue: standard input (Postfix), 1 message\nlog: not read, so refusals for good (5xx) are not seen, see --log\nclasses that count: blocklist,reputation,unexplained,rdns\nclass other: 1 message\n"
        ),
        "{}",
        said.out
    );
}
