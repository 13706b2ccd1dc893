//! Postfix's log lines, row by row.

use super::*;
use proptest::prelude::*;

fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// `instance id: what` in short.
fn read(tag: &str, message: &str) -> Option<String> {
    let event = event(tag.as_bytes(), message.as_bytes())?;
    let what = match event.what {
        What::Queued { sender } => format!("from <{sender}>"),
        What::Refused { reason } => format!("refused: {reason}"),
        What::Expired => String::from("expired"),
        What::Skipped { .. } => String::from("skipped"),
        What::Removed => String::from("removed"),
        What::Tried(a) => format!(
            "<{}> {:?} via {} after {}: {}",
            a.recipient,
            a.outcome,
            lossy(a.relay.as_deref().unwrap_or(b"-")),
            a.delay.unwrap_or(-1),
            a.reason
        ),
    };
    Some(format!(
        "{} {}: {what}",
        lossy(event.instance),
        lossy(event.id)
    ))
}

#[test]
fn lines() {
    let tail = "delay=0.02, delays=0/0/0/0, dsn=4.7.0";
    for (name, tag, message, expected) in [
        (
            "deferred",
            "postfix/smtp",
            format!(
                "B7BD799219A: to=<a@b>, relay=mx.b[192.0.2.1]:25, {tail}, status=deferred (host mx.b[192.0.2.1] said: 421 (x) (in reply to MAIL FROM command))"
            ),
            "postfix B7BD799219A: <a@b> Deferred via mx.b after 20000: host mx.b[192.0.2.1] said: 421 (x) (in reply to MAIL FROM command)",
        ),
        (
            "long id, instance, original recipient, reused connection",
            "postfix-out/smtp",
            format!(
                "4jWlRm5XXjz1Sf08: to=<a@b>, orig_to=<c>, relay=mx.b[2001:db8::1]:25, conn_use=3, {tail}, status=bounced (no)"
            ),
            "postfix-out 4jWlRm5XXjz1Sf08: <a@b> Bounced via mx.b after 20000: no",
        ),
        (
            "a field of another version",
            "postfix/smtp",
            String::from(
                "B7BD799219A: to=<a@b>, relay=mx.b[192.0.2.1]:25, tls=may, delay=3, delays=0/0/1/2, new=x, dsn=5.7.1, status=bounced (no)",
            ),
            "postfix B7BD799219A: <a@b> Bounced via mx.b after 3000000: no",
        ),
        (
            "soft bounce",
            "postfix/relay/smtp",
            format!("B7BD799219A: to=<a@b>, relay=none, {tail}, status=SOFTBOUNCE (cut here"),
            "postfix B7BD799219A: <a@b> Deferred via - after 20000: cut here",
        ),
        (
            "sent",
            "postfix/smtp",
            String::from(
                "B7BD799219A: to=<a@b>, relay=mx.b[192.0.2.1]:25, delay=86412, delays=1/2/3/4, dsn=2.0.0, status=sent (250 ok)",
            ),
            "postfix B7BD799219A: <a@b> Sent via mx.b after 86412000000: ",
        ),
        (
            "longer than mail ever waits",
            "postfix/smtp",
            format!(
                "B7BD799219A: to=<a@b>, relay=none, {}, status=deferred (x)",
                tail.replace("0.02", "9223372036854")
            ),
            "postfix B7BD799219A: <a@b> Deferred via - after -1: x",
        ),
        (
            "a server that was not the last",
            "postfix/smtp",
            String::from("B7BD799219A: host mx.b[192.0.2.1] refused to talk to me: 554 no"),
            "postfix B7BD799219A: refused: host mx.b[192.0.2.1] refused to talk to me: 554 no",
        ),
        (
            "the same at MAIL FROM",
            "postfix/smtp",
            String::from(
                "B7BD799219A: host mx.b[192.0.2.1] said: 421 no (in reply to MAIL FROM command)",
            ),
            "postfix B7BD799219A: refused: host mx.b[192.0.2.1] said: 421 no (in reply to MAIL FROM command)",
        ),
        (
            "queued",
            "postfix/qmgr",
            String::from("B7BD799219A: from=<x>, size=1@y>, size=337, nrcpt=1 (queue active)"),
            "postfix B7BD799219A: from <x>, size=1@y>",
        ),
        (
            "the other queue manager",
            "postfix/oqmgr",
            String::from("B7BD799219A: from=<x>, status=expired, returned to sender"),
            "postfix B7BD799219A: expired",
        ),
        (
            "null sender",
            "postfix/qmgr",
            String::from("B7BD799219A: from=<>, size=337, nrcpt=1 (queue active)"),
            "postfix B7BD799219A: from <>",
        ),
        (
            "expired",
            "postfix/qmgr",
            String::from("B7BD799219A: from=<x>, status=expired, returned to sender"),
            "postfix B7BD799219A: expired",
        ),
        (
            "forced",
            "postfix/qmgr",
            String::from("B7BD799219A: from=<x>, status=force-expired, returned to sender"),
            "postfix B7BD799219A: expired",
        ),
        (
            "removed",
            "postfix/qmgr",
            String::from("B7BD799219A: removed"),
            "postfix B7BD799219A: removed",
        ),
        (
            "deleted by an admin",
            "postfix/postsuper",
            String::from("B7BD799219A: removed"),
            "postfix B7BD799219A: removed",
        ),
    ] {
        assert_eq!(read(tag, &message).as_deref(), Some(expected), "{name}");
    }
}

#[test]
fn strangers_cannot_write_fields() {
    let real =
        "relay=mx.b[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=4.7.0, status=deferred (real)";
    let sent = "relay=evil[1.2.3.4]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (ok)";
    for (name, message, expected) in [
        (
            "a recipient with a relay",
            format!("B7BD799219A: to=<x>, relay=evil[1.2.3.4]:25, y@b>, {real}"),
            Some(
                "postfix B7BD799219A: <x>, relay=evil[1.2.3.4]:25, y@b> Deferred via mx.b after 1000000: real",
            ),
        ),
        (
            "a recipient with a status",
            format!("B7BD799219A: to=<x, status=sent (ok)@b>, {real}"),
            Some(
                "postfix B7BD799219A: <x, status=sent (ok)@b> Deferred via mx.b after 1000000: real",
            ),
        ),
        (
            "a reply with all fields",
            format!(
                "B7BD799219A: to=<a@b>, {} to=<c@d>, {real})",
                real.trim_end_matches(')')
            ),
            Some(
                "postfix B7BD799219A: <a@b> Deferred via mx.b after 1000000: real to=<c@d>, relay=mx.b[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=4.7.0, status=deferred (real)",
            ),
        ),
        (
            "a quoted recipient with all fields",
            format!("B7BD799219A: to=<\"a@c>, {sent}\"@b>, {real}"),
            Some(
                "postfix B7BD799219A: <\"a@c>, relay=evil[1.2.3.4]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (ok)\"@b> Deferred via mx.b after 1000000: real",
            ),
        ),
        (
            "with quotes in it, and as the original one",
            format!("B7BD799219A: to=<\"a\\\">, {sent}\"@b>, orig_to=<\"c@d>, {sent}\">, {real}"),
            Some(
                "postfix B7BD799219A: <\"a\\\">, relay=evil[1.2.3.4]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (ok)\"@b> Deferred via mx.b after 1000000: real",
            ),
        ),
        (
            "one with all fields, not quoted: before Postfix 3.5",
            format!("B7BD799219A: to=<a>, {sent}@b>, {real}"),
            Some(
                "postfix B7BD799219A: <a>, relay=evil[1.2.3.4]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (ok)@b> Deferred via mx.b after 1000000: real",
            ),
        ),
        (
            "a quote that does not end",
            format!("B7BD799219A: to=<\"a@b>, {real}"),
            Some("postfix B7BD799219A: <\"a@b> Deferred via mx.b after 1000000: real"),
        ),
        (
            "no domain, and a reply with all fields",
            format!("B7BD799219A: to=<root>, {real}").replace("(real)", "(real \"@ to=<c>, no)"),
            Some(
                "postfix B7BD799219A: <root> Deferred via mx.b after 1000000: real \"@ to=<c>, no",
            ),
        ),
        (
            "a sender that says expired",
            String::from("B7BD799219A: to=<a>, status=expired, x"),
            None,
        ),
        (
            "no queue id",
            format!("NOQUEUE: to=<a@b>, {real}").replace("NOQUEUE", "NO-QUEUE"),
            None,
        ),
    ] {
        assert_eq!(
            read("postfix/smtp", &message).as_deref(),
            expected,
            "{name}"
        );
    }
    let forged = "B7BD799219A: from=<x>, status=expired, y@z>, size=337, nrcpt=1 (queue active)";
    assert_eq!(
        read("postfix/qmgr", forged).as_deref(),
        Some("postfix B7BD799219A: from <x>, status=expired, y@z>")
    );
    for tag in ["postfix/smtpd", "postfix/cleanup", "smtp", "evil", ""] {
        assert_eq!(
            read(tag, &format!("B7BD799219A: to=<a@b>, {real}")),
            None,
            "{tag}"
        );
    }
}

#[test]
fn the_captured_log() {
    let log = include_str!("../../../fixtures/mailq/postfix-mail.log");
    let mut counts = [0; 7];
    for line in log.lines() {
        let (head, message) = line.split_once("]: ").unwrap();
        let tag = head.rsplit(' ').next().unwrap().split('[').next().unwrap();
        let index = match event(tag.as_bytes(), message.as_bytes()).map(|event| event.what) {
            Some(What::Tried(a)) => match a.outcome {
                Outcome::Sent => 0,
                Outcome::Deferred => 1,
                Outcome::Bounced => 2,
            },
            Some(What::Refused { .. }) => 3,
            Some(What::Queued { .. }) => 4,
            Some(What::Removed) => 5,
            Some(What::Expired) => 6,
            Some(What::Skipped { .. }) | None => continue,
        };
        counts[index] += 1;
    }
    let grep = |word: &str| log.lines().filter(|line| line.contains(word)).count();
    assert_eq!(counts[0], grep("status=sent"));
    assert_eq!(
        counts[1],
        grep("status=deferred") + grep("status=SOFTBOUNCE")
    );
    assert_eq!(counts[2], grep("status=bounced"));
    assert_eq!(counts[3], 18);
    assert_eq!(counts[4], grep("nrcpt="));
    assert_eq!(counts[5], grep(": removed"));
}

proptest! {
    #[test]
    fn no_line_makes_it_panic(message in proptest::collection::vec(any::<u8>(), 0..200), program in 0usize..4) {
        let tag = [&b"postfix/smtp"[..], b"postfix/qmgr", b"postfix/error", b"x"][program];
        event(tag, &message);
        event(tag, &[b"B7BD799219A: to=<", &message[..]].concat());
    }

    #[test]
    fn any_recipient_is_read_back_unless_it_holds_all_fields(recipient in "[ -~]{1,60}") {
        let line = format!("B7BD799219A: to=<{recipient}>, relay=mx[1.2.3.4]:25, delay=1, delays=0/0/0/1, dsn=4.0.0, status=deferred (r)");
        let Some(Event { what: What::Tried(attempt), .. }) = event(b"postfix/smtp", line.as_bytes()) else {
            return Err(TestCaseError::fail("not read"));
        };
        prop_assert_eq!(attempt.recipient, recipient);
    }
}
