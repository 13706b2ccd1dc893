//! Postfix's log messages, the part behind `tag[pid]: `. Postfix 2.3 to 3.11; sources `src/global/log_adhoc.c`,
//! `src/smtp/smtp_trouble.c`, `src/qmgr/qmgr_active.c`, and captures.
//!
//! ```text
//! postfix/smtp    ID: to=<R>, [orig_to=<O>, ]relay=NAME[IP]:25, [conn_use=2, ]delay=1, delays=…, dsn=4.7.0, status=deferred (REASON)
//! postfix/smtp    ID: host NAME[IP] refused to talk to me: REPLY          (not the last server to be tried; `said:` likewise)
//! postfix/qmgr    ID: from=<S>, size=337, nrcpt=1 (queue active)
//! postfix/qmgr    ID: from=<S>, status=expired, returned to sender        (force-expired from 3.5 on)
//! postfix/qmgr    ID: removed
//! ```
//!
//! Addresses are not quoted in these lines: one may contain `>, relay=…`. What is read as the end of an address is followed by all
//! the fields up to the status. syslog cuts a line at about 2,000 bytes, so the last bracket may be missing.

use super::event::{Attempt, Event, Outcome, What};
use crate::host::time::{Micros, SECOND};
use std::borrow::Cow;

/// Words one of which is in every line that [`event`] understands.
pub const WORDS: [&str; 5] = [
    "status=",
    " refused to talk to me: ",
    "] said: ",
    ", nrcpt=",
    ": removed",
];

/// What `message`, logged under `tag`, says about a message; `None` where it is something else.
pub fn event<'a>(tag: &'a [u8], message: &'a [u8]) -> Option<Event<'a>> {
    let (instance, program) = split_tag(tag)?;
    let (id, rest) = queue_id(message)?;
    let what = match program {
        b"qmgr" => manager(rest)?,
        b"postsuper" => removed(rest)?,
        b"smtp" | b"lmtp" => refused(rest).or_else(|| tried(rest))?,
        b"error" | b"retry" | b"local" | b"virtual" | b"pipe" | b"discard" => tried(rest)?,
        _ => return None,
    };
    Some(Event {
        instance: text(instance),
        id: text(id),
        what,
    })
}

/// `postfix/smtp`, `postfix-out/smtp`, `postfix/relay/smtp`: the instance is the first part, the program the last.
fn split_tag(tag: &[u8]) -> Option<(&[u8], &[u8])> {
    let instance = tag.split(|&b| b == b'/').next()?;
    let program = tag.rsplit(|&b| b == b'/').next()?;
    (instance.len() < tag.len()).then_some((instance, program))
}

fn queue_id(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = message.iter().position(|b| !b.is_ascii_alphanumeric())?;
    let rest = message[end..].strip_prefix(b": ")?;
    (end >= 5).then(|| (&message[..end], rest))
}

fn removed(rest: &[u8]) -> Option<What<'static>> {
    (rest == b"removed").then_some(What::Removed)
}

fn manager(rest: &[u8]) -> Option<What<'_>> {
    if let Some(what) = removed(rest) {
        return Some(what);
    }
    let sender = rest.strip_prefix(b"from=<")?;
    // Postfix's own words stand at the end; the sender may hold the same ones.
    let ends = [
        &b">, status=expired, returned to sender"[..],
        b">, status=force-expired, returned to sender",
    ];
    if ends.iter().any(|end| sender.ends_with(end)) {
        return Some(What::Expired);
    }
    let end = memchr::memmem::rfind(sender, b">, size=")?;
    let sender = text(&sender[..end]);
    Some(What::Queued { sender })
}

/// A line without `to=`: another server is tried next.
fn refused(rest: &[u8]) -> Option<What<'_>> {
    let name = rest.strip_prefix(b"host ")?;
    let end = memchr::memchr(b' ', name)?;
    let verb = &name[end + 1..];
    let known = verb.starts_with(b"refused to talk to me: ") || verb.starts_with(b"said: ");
    known.then(|| What::Refused { reason: text(rest) })
}

fn tried(rest: &[u8]) -> Option<What<'_>> {
    let rest = rest.strip_prefix(b"to=<")?;
    let mut ends = memchr::memmem::find_iter(rest, b">, ");
    ends.find_map(|end| {
        let fields = Fields::parse(&rest[end + 3..])?;
        Some(What::Tried(Attempt {
            recipient: text(&rest[..end]),
            relay: fields.relay.map(text),
            delay: fields.delay,
            outcome: fields.outcome,
            reason: text(fields.reason),
        }))
    })
}

/// The fields behind the recipient, all of them, in their order.
struct Fields<'a> {
    relay: Option<&'a [u8]>,
    delay: Option<Micros>,
    outcome: Outcome,
    reason: &'a [u8],
}

impl<'a> Fields<'a> {
    fn parse(rest: &'a [u8]) -> Option<Self> {
        let rest = without_original(rest)?.strip_prefix(b"relay=")?;
        let (relay, rest) = field(rest)?;
        let rest = match rest.strip_prefix(b"conn_use=") {
            Some(rest) => field(rest)?.1,
            None => rest,
        };
        let (delay, rest) = field(rest.strip_prefix(b"delay=")?)?;
        let rest = match rest.strip_prefix(b"delays=") {
            Some(rest) => field(rest)?.1,
            None => rest,
        };
        let (_dsn, rest) = field(rest.strip_prefix(b"dsn=")?)?;
        let rest = rest.strip_prefix(b"status=")?;
        let end = memchr::memchr(b' ', rest)?;
        let reason = rest[end + 1..].strip_prefix(b"(")?;
        Some(Self {
            relay: host(relay),
            delay: micros(delay),
            outcome: outcome(&rest[..end])?,
            reason: reason.strip_suffix(b")").unwrap_or(reason),
        })
    }
}

/// Skips `orig_to=<…>, ` up to the `relay=` that follows it.
fn without_original(rest: &[u8]) -> Option<&[u8]> {
    match rest.strip_prefix(b"orig_to=<") {
        Some(original) => {
            let end = memchr::memmem::find(original, b">, relay=")?;
            Some(&original[end + 3..])
        }
        None => Some(rest),
    }
}

/// A value up to `, `; none of these holds a blank.
fn field(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b',', rest)?;
    let value = &rest[..end];
    let clean = !value.contains(&b' ');
    clean.then_some((value, rest[end + 1..].strip_prefix(b" ")?))
}

/// The name in `NAME[IP]:25`; `none` and `local` are no servers.
fn host(relay: &[u8]) -> Option<&[u8]> {
    let end = memchr::memchr(b'[', relay)?;
    (end > 0).then(|| &relay[..end])
}

fn outcome(word: &[u8]) -> Option<Outcome> {
    match word {
        b"sent" => Some(Outcome::Sent),
        b"deferred" | b"SOFTBOUNCE" => Some(Outcome::Deferred),
        b"bounced" => Some(Outcome::Bounced),
        _ => None,
    }
}

/// `0.02` or `86412`, in seconds.
fn micros(delay: &[u8]) -> Option<Micros> {
    let delay = std::str::from_utf8(delay).ok()?;
    let (whole, part) = delay.split_once('.').unwrap_or((delay, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 6 {
        return None;
    }
    let seconds: Micros = whole.parse().ok()?;
    let part: Micros = format!("{part:0<6}").parse().ok()?;
    seconds.checked_mul(SECOND)?.checked_add(part)
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `instance id: what` in short.
    fn read(tag: &str, message: &str) -> Option<String> {
        let event = event(tag.as_bytes(), message.as_bytes())?;
        let what = match event.what {
            What::Queued { sender } => format!("from <{sender}>"),
            What::Refused { reason } => format!("refused: {reason}"),
            What::Expired => String::from("expired"),
            What::Removed => String::from("removed"),
            What::Tried(a) => format!(
                "<{}> {:?} via {} after {}: {}",
                a.recipient,
                a.outcome,
                a.relay.as_deref().unwrap_or("-"),
                a.delay.unwrap_or(-1),
                a.reason
            ),
        };
        Some(format!("{} {}: {what}", event.instance, event.id))
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
                "postfix B7BD799219A: <a@b> Sent via mx.b after 86412000000: 250 ok",
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
        let forged =
            "B7BD799219A: from=<x>, status=expired, y@z>, size=337, nrcpt=1 (queue active)";
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
        let log = include_str!("../../fixtures/mailq/postfix-mail.log");
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
                None => continue,
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
}
