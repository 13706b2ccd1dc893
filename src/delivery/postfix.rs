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
//! An address may contain `>, relay=…`. From 3.5 on such a local part is quoted (`info_log_address_format`); before that it is not, and
//! what is read as the end of an address has an `@` in front of it, if any such end has, and is followed by all the fields up to the
//! status. syslog cuts a line at about 2,000 bytes, so the last bracket may be missing.

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
        b"qmgr" | b"oqmgr" | b"nqmgr" => manager(rest)?,
        b"postsuper" => removed(rest)?,
        b"smtp" | b"lmtp" => refused(rest).or_else(|| tried(rest))?,
        b"error" | b"retry" | b"local" | b"virtual" | b"pipe" | b"discard" => tried(rest)?,
        _ => return None,
    };
    Some(Event { instance, id, what })
}

/// `postfix/smtp`, `postfix-out/smtp`, `postfix/relay/smtp`: the instance is the first part, the program the last.
fn split_tag(tag: &[u8]) -> Option<(&[u8], &[u8])> {
    let first = tag.iter().position(|&b| b == b'/')?;
    let last = tag.iter().rposition(|&b| b == b'/')?;
    Some((&tag[..first], &tag[last + 1..]))
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
    let end =
        memchr::memrchr_iter(b'>', sender).find(|&end| sender[end..].starts_with(b">, size="))?;
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
    let quoted = behind_quotes(rest);
    let ends = || memchr::memchr_iter(b'>', &rest[quoted..]).map(|end| quoted + end);
    let at = |end: usize| {
        let fields = Fields::parse(rest[end + 1..].strip_prefix(b", ")?)?;
        Some((&rest[..end], fields))
    };
    let has_domain = |end: &usize| memchr::memchr(b'@', &rest[..*end]).is_some();
    let (recipient, fields) = ends()
        .filter(has_domain)
        .find_map(at)
        .or_else(|| ends().find_map(at))?;
    Some(What::Tried(Attempt {
        recipient: text(recipient),
        relay: fields.relay.map(Cow::Borrowed),
        delay: fields.delay,
        outcome: fields.outcome,
        reason: match fields.outcome {
            Outcome::Sent => Cow::Borrowed(""),
            Outcome::Deferred | Outcome::Bounced => text(fields.reason),
        },
    }))
}

/// Where the quoted local part of an address ends; 0 where it has none.
fn behind_quotes(address: &[u8]) -> usize {
    if address.first() != Some(&b'"') {
        return 0;
    }
    let mut escaped = false;
    let end = address[1..].iter().position(|&b| {
        let ends = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        ends
    });
    let end = end.map_or(0, |end| end + 2);
    match address.get(end) {
        Some(b'@' | b'>') => end,
        _ => 0,
    }
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
        // Long as it is, it is searched through by vectors; the others are short.
        let (relay, rest) = split(rest, memchr::memchr2(b',', b' ', rest)?)?;
        let (delay, rest) = field(from(rest, b"delay=")?)?;
        let (_dsn, rest) = field(from(rest, b"dsn=")?)?;
        let rest = rest.strip_prefix(b"status=")?;
        let end = rest.iter().position(|&b| b == b' ')?;
        let reason = rest[end + 1..].strip_prefix(b"(")?;
        Some(Self {
            relay: host(relay),
            delay: micros(&delay[b"delay=".len()..]),
            outcome: outcome(&rest[..end])?,
            reason: reason.strip_suffix(b")").unwrap_or(reason),
        })
    }
}

/// Skips `orig_to=<…>, ` up to the `relay=` that follows it.
fn without_original(rest: &[u8]) -> Option<&[u8]> {
    match rest.strip_prefix(b"orig_to=<") {
        Some(original) => {
            let original = &original[behind_quotes(original)..];
            let end = memchr::memmem::find(original, b">, relay=")?;
            Some(&original[end + 3..])
        }
        None => Some(rest),
    }
}

/// Skips `conn_use=`, `delays=`, and what other versions put there, up to the field that begins with `name`.
fn from<'a>(mut rest: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    while !rest.starts_with(name) {
        rest = field(rest)?.1;
    }
    Some(rest)
}

/// `NAME=VALUE` up to `, `; none of these holds a blank.
fn field(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    split(rest, rest.iter().position(|b| matches!(b, b',' | b' '))?)
}

fn split(rest: &[u8], end: usize) -> Option<(&[u8], &[u8])> {
    Some((&rest[..end], rest[end..].strip_prefix(b", ")?))
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

/// No message waits longer, in seconds: a hundred years.
const LONGEST_DELAY: i64 = 100 * 366 * 86_400;

/// `0.02` or `86412`, in seconds; no more than six digits behind the point.
fn micros(delay: &[u8]) -> Option<Micros> {
    let point = delay.iter().position(|&b| b == b'.');
    let point = point.unwrap_or(delay.len());
    let part = delay[point..].get(1..).unwrap_or_default();
    let seconds = number(&delay[..point]).filter(|seconds| *seconds <= LONGEST_DELAY)?;
    let missing = 6_usize.checked_sub(part.len())?;
    let part = number(part)? * 10_i64.pow(missing as u32);
    seconds.checked_mul(SECOND)?.checked_add(part)
}

/// A number of digits; none of them is 0.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |sum, b| {
        let digit = i64::from(b.checked_sub(b'0').filter(|digit| *digit < 10)?);
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// Nearly all of it is ASCII, which the strict reading is quicker at.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

#[cfg(test)]
mod tests;
