use super::*;
use proptest::prelude::*;

fn read(line: &str) -> Option<String> {
    let event = event(line.as_bytes())?;
    let what = match event.what {
        What::Queued { sender } => format!("from <{sender}>"),
        What::Refused { reason } => format!("refused: {reason}"),
        What::Expired => String::from("expired"),
        What::Skipped {
            recipient,
            given_up,
        } => format!("<{recipient}> skipped, given up: {given_up}"),
        What::Removed => String::from("removed"),
        What::Tried(a) => format!(
            "<{}> {:?} via {}: {}",
            a.recipient,
            a.outcome,
            String::from_utf8_lossy(a.relay.as_deref().unwrap_or(b"-")),
            a.reason
        ),
    };
    Some(format!("{}: {what}", String::from_utf8_lossy(event.id)))
}

#[test]
fn lines() {
    for (line, expected) in [
        (
            "1xUg39-0000Kx-1p <= news@lab.example U=root P=local S=306",
            Some("1xUg39-0000Kx-1p: from <news@lab.example>"),
        ),
        (
            "1xUg39-0000L4-1r <= <> R=1xUg39-0000Kx-1p U=Debian-exim P=local S=1943",
            Some("1xUg39-0000L4-1r: from <>"),
        ),
        (
            "1xUg39-0000Lt-29 => ok@mixed.example R=dnslookup T=remote_smtp H=mx.mixed.example [127.0.1.31] C=\"250 2.0.0 Ok: queued\"",
            Some("1xUg39-0000Lt-29: <ok@mixed.example> Sent via mx.mixed.example: "),
        ),
        (
            "1xUg39-0000Ld-24 == full@gmail.com R=dnslookup T=remote_smtp defer (-44) H=mx.l.google.com [127.0.1.10]: SMTP error from remote mail server after RCPT TO:<full@gmail.com>: 452-4.2.2 out of storage\\n452 4.2.2  gsmtp",
            Some(
                "1xUg39-0000Ld-24: <full@gmail.com> Deferred via mx.l.google.com: host mx.l.google.com[127.0.1.10] said: 452-4.2.2 out of storage 452 4.2.2  gsmtp",
            ),
        ),
        (
            "1xUg39-0000Kx-1p ** paul@t-online.de <p@x> R=dnslookup T=remote_smtp H=mx01.t-online.de [127.0.1.12]: SMTP error from remote mail server after initial connection: 554 IP=203.0.113.25 - A problem",
            Some(
                "1xUg39-0000Kx-1p: <paul@t-online.de> Bounced via mx01.t-online.de: host mx01.t-online.de[127.0.1.12] refused to talk to me: 554 IP=203.0.113.25 - A problem",
            ),
        ),
        (
            "[1234] 1xUg39-0000Kx-1p H=mx00.t-online.de [2001:db8::1]: SMTP error from remote mail server after pipelined EHLO x: 554 no",
            Some(
                "1xUg39-0000Kx-1p: refused: host mx00.t-online.de[2001:db8::1] refused to talk to me: 554 no",
            ),
        ),
        (
            "1xUg39-0000L4-1r ** news@lab.example: Unrouteable address",
            Some("1xUg39-0000L4-1r: <news@lab.example> Bounced via -: Unrouteable address"),
        ),
        (
            "1xUg39-0000M1-2C == a@closed.example R=dnslookup T=remote_smtp defer (111): Connection refused",
            Some(
                "1xUg39-0000M1-2C: <a@closed.example> Deferred via -: connect to the next server: Connection refused",
            ),
        ),
        (
            "1xUg39-0000M1-2C == a@closed.example R=dnslookup T=remote_smtp defer (-53): retry time not reached for any host",
            Some("1xUg39-0000M1-2C: <a@closed.example> skipped, given up: false"),
        ),
        (
            "1xUg39-0000M1-2C ** a@closed.example: retry timeout exceeded",
            Some("1xUg39-0000M1-2C: <a@closed.example> skipped, given up: true"),
        ),
        (
            "1xUg39-0000M1-2C ** u@b.example R=dnslookup T=remote_smtp H=mx2.b.example [192.0.2.2]: Connection timed out: retry timeout exceeded",
            Some("1xUg39-0000M1-2C: <u@b.example> skipped, given up: true"),
        ),
        (
            "1xUg39-0000M1-2C ** u@b.example R=dnslookup T=remote_smtp H=mx2.b.example [192.0.2.2]: SMTP error from remote mail server after RCPT TO:<u@b.example>: 421 no: retry timeout exceeded",
            Some(
                "1xUg39-0000M1-2C: <u@b.example> Bounced via mx2.b.example: host mx2.b.example[192.0.2.2] said: 421 no",
            ),
        ),
        (
            "1xUg39-00000000Lt9-2234 Completed",
            Some("1xUg39-00000000Lt9-2234: removed"),
        ),
        (
            "1xUg39-0000M1-2C == \"a b\"@x R=r T=t defer (0): x",
            Some("1xUg39-0000M1-2C: <\"a b\"@x> Deferred via -: x"),
        ),
        (
            "1xXPfU-0000000004G-0EZP == john doe@soft.example <\"john doe\"@soft.example> R=dnslookup T=remote_smtp defer (-44) H=mx.soft.example [127.0.1.24]: SMTP error from remote mail server after RCPT TO:<\"john doe\"@soft.example>: 450 no",
            Some(
                "1xXPfU-0000000004G-0EZP: <john doe@soft.example> Deferred via mx.soft.example: host mx.soft.example[127.0.1.24] said: 450 no",
            ),
        ),
        (
            "1xXPfU-0000000004G-0EZP => news <news@lab.example> R=local T=bye",
            Some("1xXPfU-0000000004G-0EZP: <news> Sent via -: "),
        ),
        (
            "1xXPfU-0000000004G-0EZP == news R=local T=bye defer (0): user@host is away",
            Some("1xXPfU-0000000004G-0EZP: <news> Deferred via -: user@host is away"),
        ),
        (
            "1xXPfT-0000000003B-2d1G == o@utf.example R=dnslookup T=remote_smtp defer (-44) H=mx.utf.example [127.0.1.27]:25 I=[127.0.0.1]:51868 DT=0.000s: SMTP error from remote mail server after RCPT TO:<o@utf.example>: 451 4.7.1 bloqu\\303\\251e \\342\\200\\223 C:\\temp\\9\\n451 fin",
            Some(
                "1xXPfT-0000000003B-2d1G: <o@utf.example> Deferred via mx.utf.example: host mx.utf.example[127.0.1.27] said: 451 4.7.1 bloquée – C:\\temp\\9 451 fin",
            ),
        ),
        (
            "1xXPgM-0000000001P-0LCj H=mx01.t-online.de [127.0.1.29]:25: SMTP error from remote mail server after initial connection: 554 no",
            Some(
                "1xXPgM-0000000001P-0LCj: refused: host mx01.t-online.de[127.0.1.29] refused to talk to me: 554 no",
            ),
        ),
        ("1xUg39-0000M1-2C Frozen (delivery error message)", None),
        ("Warning: purging the environment.", None),
        ("vm postfix/smtp[1]: x == y", None),
    ] {
        assert_eq!(read(line).as_deref(), expected, "{line}");
        let searched = WORDS.iter().any(|word| line.contains(word));
        assert!(searched || expected.is_none(), "{line}");
    }
}

/// Where the server stands, and whose mail a command gets: the line behind the id, what is read of it.
#[test]
fn forms_of_reasons() {
    const ERROR: &str = "SMTP error from remote mail server after";
    for (line, expected) in [
        (
            format!(
                "** u@x.example R=dnslookup T=remote_smtp: {ERROR} initial connection: host mx00.t-online.de [194.25.134.8]: 554 IP=203.0.113.25 - A problem"
            ),
            "<u@x.example> Bounced via -: host mx00.t-online.de[194.25.134.8] refused to talk to me: 554 IP=203.0.113.25 - A problem",
        ),
        (
            format!(
                "** u@x.example R=dnslookup T=remote_smtp: {ERROR} RCPT TO:<u@x.example>: host mx.x.example [192.0.2.7]: 550 5.7.1 no"
            ),
            "<u@x.example> Bounced via -: host mx.x.example[192.0.2.7] said: 550 5.7.1 no",
        ),
        (
            format!(
                "== u@x.example R=dnslookup T=remote_smtp defer (-45): {ERROR} MAIL FROM:<s@lab.example> SIZE=1745: host mx.x.example [2001:db8::7]: 451-no\\n451 203.0.113.25"
            ),
            "<u@x.example> Deferred via -: host mx.x.example[2001:db8::7] said: 451-no 451 203.0.113.25",
        ),
        (
            format!(
                "** u@x.example R=dnslookup T=remote_smtp H=mx.x.example [192.0.2.7]: {ERROR} end of data: host mx.x.example [192.0.2.7]: 550 no"
            ),
            "<u@x.example> Bounced via mx.x.example: host mx.x.example[192.0.2.7] said: 550 no",
        ),
        (
            format!(
                "** u@x.example R=dnslookup T=remote_smtp: {ERROR} end of data: 550 no host named"
            ),
            "<u@x.example> Bounced via -: SMTP error from remote mail server after end of data: 550 no host named",
        ),
        (
            String::from(
                "== u@z.example R=dnslookup T=remote_smtp defer (110): Connection timed out H=mx.z.example [192.0.2.7]",
            ),
            "<u@z.example> Deferred via mx.z.example: connect to mx.z.example[192.0.2.7]: Connection timed out",
        ),
        (
            String::from(
                "== u@z.example R=dnslookup T=remote_smtp defer (110) H=mx.z.example [192.0.2.7]:25: Connection timed out",
            ),
            "<u@z.example> Deferred via mx.z.example: connect to mx.z.example[192.0.2.7]: Connection timed out",
        ),
        (
            String::from(
                "== u@z.example R=dnslookup T=remote_smtp defer (-18): Remote host closed connection H=mx.z.example [192.0.2.7]:25",
            ),
            "<u@z.example> Deferred via mx.z.example: Remote host closed connection",
        ),
        (
            String::from(
                "== u@z.example R=dnslookup T=remote_smtp defer (-53): retry time not reached for any host for 'z.example'",
            ),
            "<u@z.example> skipped, given up: false",
        ),
        (
            String::from(
                "** u@z.example R=dnslookup T=remote_smtp: all hosts for 'z.example' have been failing for a long time (and retry time not reached)",
            ),
            "<u@z.example> skipped, given up: true",
        ),
        (
            format!(
                "== u@z.example R=dnslookup T=remote_smtp defer (-44) H=mx.z.example [192.0.2.7]: {ERROR} RCPT TO:<u@z.example>: 450 retry time not reached"
            ),
            "<u@z.example> Deferred via mx.z.example: host mx.z.example[192.0.2.7] said: 450 retry time not reached",
        ),
        (
            String::from(
                "** |/usr/bin/filter (k@lab.example) <k@lab.example> R=pipe T=address_pipe: Child process returned 1",
            ),
            "<k@lab.example> Bounced via -: Command output: Child process returned 1",
        ),
        (
            String::from(
                "== |/usr/bin/filter -d a@b (k@lab.example) R=pipe T=address_pipe defer (0): Child process returned 75",
            ),
            "<k@lab.example> Deferred via -: Command output: Child process returned 75",
        ),
        (
            String::from("=> |/usr/bin/filter <k@lab.example> R=pipe T=address_pipe"),
            "<k@lab.example> Sent via -: ",
        ),
        (
            String::from(
                "** k@lab.example R=user T=lmtp: LMTP error from remote mail server after RCPT TO:<k@lab.example>: 550 listed 192.0.2.9",
            ),
            "<k@lab.example> Bounced via -: LMTP error from remote mail server after RCPT TO:<k@lab.example>: 550 listed 192.0.2.9",
        ),
        (
            String::from(
                "** k@lab.example R=user T=lmtp H=store.lab.example [192.0.2.9]: LMTP error from remote mail server after RCPT TO:<k@lab.example>: 550 full",
            ),
            "<k@lab.example> Bounced via store.lab.example: host store.lab.example[192.0.2.9] said: 550 full",
        ),
    ] {
        let found = read(&format!("1xUg39-0000Kx-1p {line}"));
        assert_eq!(
            found,
            Some(format!("1xUg39-0000Kx-1p: {expected}")),
            "{line}"
        );
    }
}

#[test]
fn quoted_errors() {
    const REFUSED: &str = "host mx.x.example[192.0.2.7] said: 550 no";
    for (text, expected) in [
        (
            "SMTP error from remote mail server after RCPT TO:<u@x.example>: host mx.x.example [192.0.2.7]: 550 no",
            Some(REFUSED),
        ),
        (
            "  u@x.example\n    SMTP error from remote mail server after RCPT TO:<u@x.example>:\n    host mx.x.example [192.0.2.7]: 550 no\n",
            Some(REFUSED),
        ),
        (
            "host mx.x.example [192.0.2.7]\n    SMTP error from remote mail server after RCPT TO:<u@x.example>:\n    550 no",
            Some(REFUSED),
        ),
        (
            "H=mx.x.example [192.0.2.7]: SMTP error from remote mail server after end of data: 550 no",
            None,
        ),
        (
            "SMTP error from remote mail server after end of data: 550 no",
            None,
        ),
        (
            "defer (110): Connection timed out H=mx.x.example [192.0.2.7]",
            Some("connect to mx.x.example[192.0.2.7]: Connection timed out"),
        ),
        (
            "Connection timed out H=mx.x.example [192.0.2.7]",
            Some("connect to mx.x.example[192.0.2.7]: Connection timed out"),
        ),
        (
            "defer (-44) H=mx.x.example [192.0.2.7]: SMTP error from remote mail server after end of data: 550 no",
            None,
        ),
        ("550 5.7.1 blocked: see H=mx.x.example [192.0.2.7]", None),
        ("Connection refused", None),
        ("host mx.x.example[192.0.2.7] said: 550 no", None),
    ] {
        assert_eq!(quoted(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn the_captured_log() {
    let log = include_str!("../../../fixtures/mailq/exim-mainlog");
    let count = |found: fn(&What<'_>) -> bool| {
        log.lines()
            .filter_map(|line| event(line.get(19..)?.as_bytes()))
            .filter(|event| found(&event.what))
            .count()
    };
    let grep = |word: &str| log.lines().filter(|line| line.contains(word)).count();
    assert_eq!(count(|w| matches!(w, What::Queued { .. })), grep(" <= "));
    assert_eq!(
        count(|w| matches!(w, What::Tried(a) if a.outcome == Outcome::Deferred)),
        grep(" == ")
    );
    assert_eq!(
        count(|w| matches!(w, What::Tried(a) if a.outcome == Outcome::Bounced)),
        grep(" ** ")
    );
    assert_eq!(
        count(|w| matches!(w, What::Tried(a) if a.outcome == Outcome::Sent)),
        1
    );
    assert_eq!(count(|w| matches!(w, What::Removed)), grep(" Completed"));
}

proptest! {
    #[test]
    fn no_line_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), start in 0usize..4) {
        let head = ["1xUg39-0000M1-2C == ", "1xUg39-0000M1-2C ** ", "1xUg39-0000M1-2C H=", ""][start];
        event(&[head.as_bytes(), &bytes[..]].concat());
    }
}
