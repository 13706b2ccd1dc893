//! Listings of Sendmail.

use super::*;

#[test]
fn sendmail_reasons() {
    let found: Vec<String> = messages(SENDMAIL_V).iter().map(brief).collect();
    assert_eq!(
        found[8],
        "6AL8DasO005141 <news@lab.example> blocked@mixed.example=Deferred: 450 4.7.1 <blocked@mixed.example>: Recipient address \
         rejected: Client host [203.0.113.25]  full@mixed.example=Deferred: 452 4.2.2 <full@mixed.example>: Mailbox full"
    );
    assert_eq!(found[0], "6AL8DagF005124 <> root=Operating system error");
    let plain: Vec<String> = messages(SENDMAIL).iter().map(brief).collect();
    assert_eq!(
        plain[5],
        "6AL8DapC005137 <news@lab.example> dora@live.com=Deferred: 451 4.7.650 The mail server [203.0.113.25] has bee"
    );
    assert_eq!(messages(SENDMAIL)[5].arrival, Some(at(8, 13, 0)));
    assert_eq!(messages(SENDMAIL_V)[5].arrival, Some(at(8, 13, 0)));
}

#[test]
fn sendmail_odd_lines() {
    let text = "\t\t/var/spool/mqueue (3 requests)\n\
        -----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------\n\
        6AL8DapC005137*    1103 Sat Nov 21 08:13 <a@x>\n      8BITMIME   (Deferred: (b))\n\t\t\t\t\t <b@y>\n\
        6AL8DapC005138 (job completed)\n\
        6AL8DapC005140X    1103 Sat Nov 21 08:13 <a@x>\n\t\t\t\t\t d@y\n\
        6AL8DapC005139?    1103 Sat Nov 21 08:13 <>\n      8BITMIME\n\t\t\t\t\t c@y\n\
        \t\tTotal requests: 3\n";
    let found = messages(text);
    let shown: Vec<String> = found.iter().map(brief).collect();
    assert_eq!(
        shown,
        [
            "6AL8DapC005137 <a@x> b@y=Deferred: (b)",
            "6AL8DapC005140 <a@x> d@y=-",
            "6AL8DapC005139 <> c@y=-"
        ]
    );
    assert_eq!(
        found.iter().map(|m| m.queue).collect::<Vec<_>>(),
        [Queue::Active, Queue::Waiting, Queue::Hold]
    );
}

/// `mailq -qQ` of 8.18, with a warning of its configuration.
#[test]
fn sendmail_quarantine_and_warnings() {
    let text = "WARNING: local host name (vm) is not qualified; see cf/README: WHO AM I?\n\
        MTA Queue status...\n\
        Warning: Cannot use HostStatusDirectory = /var/lib/sendmail/host_status: No such file or directory\n\
        \t\t/var/spool/mqueue/q1 (1 request)\n\
        -----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------\n\
        6ASLQJo9000118        6 Sat Nov 28 21:26 news@lab.example\n     QUARANTINE: bad_one\n\
        \u{20}                (Deferred: Connection refused by mx02.t-online.de.)\n\t\t\t\t\t c@t-online.de\n\
        \t\tTotal requests: 1\n";
    let (found, outcome) = read(text);
    assert_eq!(outcome.error, None);
    assert_eq!(
        brief(&found[0]),
        "6ASLQJo9000118 <news@lab.example> c@t-online.de=connect to mx02.t-online.de.: Connection refused"
    );
    assert_eq!(found[0].queue, Queue::Hold);
}

/// MaxQueueRunSize is a limit of the listing too.
#[test]
fn sendmail_prints_only_some() {
    let text = "\t\t/var/spool/mqueue (1500 requests, only 1 printed)\n\
        -----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------\n\
        6AL8DapC005137*    1103 Sat Nov 21 08:13 <a@x>\n\t\t\t\t\t <b@y>\n\t\tTotal requests: 1500\n";
    let (found, outcome) = read(text);
    assert_eq!(
        (
            found.len(),
            outcome.format,
            outcome.error.map(|e| e.to_string())
        ),
        (
            1,
            Some(Format::Sendmail),
            Some(String::from(
                "line 1 of the Sendmail listing: expected all requests of the queue, not only those that MaxQueueRunSize lets it print"
            ))
        )
    );
}

/// `%13s`, a mark, `%8ld %.16s ` and with -v `%8ld %10ld%c%.12s `: no field has a blank of its own behind it.
#[test]
fn sendmail_heads_without_blanks() {
    for (head, expected) in [
        ("6AL8DapC005137     1103 Sat Nov 21 08:13 ", "Waiting 1103"),
        ("6AL8DapC005137*    1103 Sat Nov 21 08:13 ", "Active 1103"),
        ("6AL8DapC005137-    1103 Sat Nov 21 08:13 ", "Waiting 1103"),
        ("6AL8DapC005137?    1103 Sat Nov 21 08:13 ", "Hold 1103"),
        ("6AL8DapC005137X    1103 Sat Nov 21 08:13 ", "Waiting 1103"),
        (
            "6AL8DapC005137*10485760 Sat Nov 21 08:13 ",
            "Active 10485760",
        ),
        (
            "6AL8DapC005137-10485760 Sat Nov 21 08:13 ",
            "Waiting 10485760",
        ),
        ("6AL8DapC005137?10485760 Sat Nov 21 08:13 ", "Hold 10485760"),
        (
            "6AL8DapC005137X10485760 Sat Nov 21 08:13 ",
            "Waiting 10485760",
        ),
        (
            "6AL8DapC005137 10485760 Sat Nov 21 08:13 ",
            "Waiting 10485760",
        ),
        (
            "6AL8DapC005137     1103      30043 Nov 21 08:13 ",
            "Waiting 1103",
        ),
        (
            "6AL8DapC005137     1103      30043+Nov 21 08:13 ",
            "Waiting 1103",
        ),
        (
            "6AL8DapC005137*    1103     -30043+Nov 21 08:13 ",
            "Active 1103",
        ),
        (
            "6AL8DapC005137X10485760 1234567890+Nov 21 08:13 ",
            "Waiting 10485760",
        ),
    ] {
        let text = format!(
            "\t\t/var/spool/mqueue (1 request)\n\
             -----Q-ID----- --Size-- -Priority- ---Q-Time--- --------Sender/Recipient--------\n\
             {head}<a@x>\n                 (Deferred: b)\n\t\t\t\t\t <b@y>\n\t\tTotal requests: 1\n"
        );
        let found = messages(text).remove(0);
        assert_eq!(
            brief(&found),
            "6AL8DapC005137 <a@x> b@y=Deferred: b",
            "{head}"
        );
        let shown = format!("{:?} {}", found.queue, found.size.unwrap_or(0));
        assert_eq!(
            (shown.as_str(), found.arrival),
            (expected, Some(at(8, 13, 0))),
            "{head}"
        );
    }
}
