use super::*;
use proptest::prelude::*;

fn read(line: &str) -> Option<String> {
    let event = event(line.as_bytes())?;
    let what = match event.what {
        What::Queued { sender } => format!("from <{sender}>"),
        What::Refused { reason } => format!("refused: {reason}"),
        What::Expired => String::from("expired"),
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
            None,
        ),
        (
            "1xUg39-0000M1-2C ** a@closed.example: retry timeout exceeded",
            Some("1xUg39-0000M1-2C: expired"),
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
