//! A log line behind its time: host, tag, process id and message, and how often the line counts.
//!
//! The tag is the only proof of who wrote a line: words in the message are chosen by strangers.

use super::stamp::{self, Form};
use crate::host::time::Micros;

/// A line with its time.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// When it was written.
    pub at: Micros,
    /// How it goes on behind the time.
    pub form: Form,
    /// Everything behind the time, with the blank in front, without the end of the line.
    pub rest: &'a [u8],
}

/// A line of syslog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The program's name: `postgrey`, `postfix/smtpd`.
    pub tag: &'a [u8],
    /// The message.
    pub message: &'a [u8],
    /// How many equal messages the line stands for (rsyslog's `message repeated N times`).
    pub times: u32,
}

impl<'a> Line<'a> {
    /// The line's parts, or `None` where it has no tag.
    pub fn entry(&self) -> Option<Entry<'a>> {
        let (tag, message) = parts(self.form, self.rest).or_else(|| {
            let (_, form, rest) = stamp::parse(behind_stream(self.rest))?;
            parts(form, rest)
        })?;
        let (message, times) = repeats(message);
        Some(Entry {
            tag,
            message,
            times,
        })
    }
}

/// Tag and message.
fn parts(form: Form, rest: &[u8]) -> Option<(&[u8], &[u8])> {
    match form {
        Form::Bsd => bsd(rest),
        Form::Rfc5424 => rfc5424(rest),
    }
}

/// The line that a program in a container wrote, behind the time when the container's log took it: `docker logs -t` puts only that in
/// front, Kubernetes also ` stdout F `.
fn behind_stream(rest: &[u8]) -> &[u8] {
    let rest = rest.trim_ascii_start();
    let whole = [&b"stdout F "[..], b"stderr F "];
    let behind = whole.iter().find_map(|head| rest.strip_prefix(*head));
    behind.unwrap_or(rest)
}

/// ` host tag[pid]: message`; journalctl leaves the host out on request, some programs the process id. BusyBox puts `mail.info` in front
/// of the tag, FreeBSD `<mail.info>` in front of the host (`syslogd -v`), Solaris `[ID 197553 mail.info]` behind the tag.
fn bsd(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let first = behind_level(rest.trim_ascii_start());
    let (tag, message) = tagged(first).or_else(|| {
        let second = behind_word(first)?;
        tagged(second).or_else(|| tagged(behind_priority(second)?))
    })?;
    Some((tag, behind_message_id(message)))
}

/// What stands behind a word such as `mail.info`.
fn behind_priority(text: &[u8]) -> Option<&[u8]> {
    let end = text.iter().position(|&b| b == b' ')?;
    is_priority(&text[..end]).then(|| text[end..].trim_ascii_start())
}

/// Facility and level, by name or number: `mail.info`, `2.6`.
fn is_priority(word: &[u8]) -> bool {
    let is_name = |name: &[u8]| !name.is_empty() && name.iter().all(u8::is_ascii_alphanumeric);
    let dot = word.iter().position(|&b| b == b'.');
    dot.is_some_and(|dot| is_name(&word[..dot]) && is_name(&word[dot + 1..]))
}

/// What stands behind `<mail.info> `, or all.
fn behind_level(text: &[u8]) -> &[u8] {
    let behind = text.strip_prefix(b"<").and_then(|inner| {
        let end = inner.iter().position(|&b| b == b'>')?;
        let rest = inner[end + 1..].strip_prefix(b" ")?;
        is_priority(&inner[..end]).then_some(rest)
    });
    behind.unwrap_or(text)
}

/// What stands behind `[ID 197553 mail.info] `, or all.
fn behind_message_id(message: &[u8]) -> &[u8] {
    let inner = message.strip_prefix(b"[ID ").and_then(|inner| {
        let end = inner.iter().position(|&b| b == b']')?;
        inner[end + 1..].strip_prefix(b" ")
    });
    inner.unwrap_or(message)
}

/// What stands behind the first word.
fn behind_word(text: &[u8]) -> Option<&[u8]> {
    let end = text.iter().position(|&b| b == b' ')?;
    Some(text[end..].trim_ascii_start())
}

/// `tag[pid]: message` or `tag: message`.
fn tagged(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|b| matches!(b, b'[' | b':' | b' '))?;
    let (tag, rest) = text.split_at(end);
    let rest = match rest[0] {
        b' ' => return None,
        b'[' => &rest[rest.iter().position(|&b| b == b']')? + 1..],
        _ => rest,
    };
    let message = rest.strip_prefix(b":")?;
    // "a:b" is a host with a port or an IPv6 address, not a tag.
    let separated = message.is_empty() || message[0] == b' ';
    (!tag.is_empty() && separated).then(|| (tag, message.strip_prefix(b" ").unwrap_or(message)))
}

/// ` host tag pid id structured-data message` (RFC 5424, section 6).
fn rfc5424(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_host, rest) = word(rest)?;
    let (tag, rest) = word(rest)?;
    // Some relays leave the process id where the sender put it.
    let tag = &tag[..memchr::memchr(b'[', tag).unwrap_or(tag.len())];
    let (_pid, rest) = word(rest)?;
    let (_id, rest) = word(rest)?;
    let message = structured_data(rest.strip_prefix(b" ")?)?;
    let message = message.strip_prefix(b" ").unwrap_or(message);
    let message = message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message);
    // rsyslog's file format keeps the blank that stood behind the tag's colon.
    Some((tag, message.strip_prefix(b" ").unwrap_or(message)))
}

fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b" ")?;
    let end = memchr::memchr(b' ', text)?;
    (end > 0).then(|| text.split_at(end))
}

/// What follows `-` or `[id name="value"]…`; `\]` and `\"` inside a value do not end it.
fn structured_data(text: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = text.strip_prefix(b"-") {
        return Some(rest);
    }
    let mut rest = text;
    while rest.first() == Some(&b'[') {
        let (mut quoted, mut escaped) = (false, false);
        let end = rest.iter().position(|&b| {
            let ends = b == b']' && !quoted;
            quoted ^= b == b'"' && !escaped;
            escaped = b == b'\\' && !escaped;
            ends
        })?;
        rest = &rest[end + 1..];
    }
    Some(rest)
}

/// Unpacks `message repeated 3 times: [ action=… ]`.
fn repeats(message: &[u8]) -> (&[u8], u32) {
    unpack(message).unwrap_or((message, 1))
}

fn unpack(message: &[u8]) -> Option<(&[u8], u32)> {
    let rest = message.strip_prefix(b"message repeated ")?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let times = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    if times == 0 {
        return None;
    }
    let inner = rest[digits..].strip_prefix(b" times: [")?;
    // A line that was cut has lost its bracket.
    let inner = inner.strip_suffix(b"]").unwrap_or(inner);
    Some((inner.trim_ascii_start(), times))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::stamp;
    use proptest::prelude::*;

    fn read(line: &str) -> Option<(String, String, u32)> {
        let (_, form, rest) = stamp::parse(line.as_bytes())?;
        let entry = Line { at: 0, form, rest }.entry()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some((text(entry.tag), text(entry.message), entry.times))
    }

    #[test]
    fn heads() {
        for (line, tag, message, times) in [
            (
                "Nov 21 08:19:33 vm postgrey[21089]: action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "Nov 21 08:19:33 mail.example.org postfix/smtpd[1]: a: b",
                "postfix/smtpd",
                "a: b",
                1,
            ),
            (
                "Nov 21 08:19:33 10.0.0.1 postgrey: action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "Nov 21 08:19:33 2001:db8::1 postgrey[1]: action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "Nov 21 08:19:33 postgrey[21089]: action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "Nov 21 08:19:33 openwrt mail.info postgrey[21089]: action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "Nov 21 08:19:33 <mail.info> bsd postgrey[21089]: action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "2026-11-21T08:16:03.123456789Z Nov 21 08:16:03 vm postgrey[1]: action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "2026-11-21T08:16:03.123456789Z stdout F 2026-11-21T08:16:03+00:00 vm postgrey[1]: action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "2026-11-21T08:16:03.1Z stderr F <21>1 2026-11-21T08:16:03Z vm postgrey[7] - - - action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "Nov 21 08:19:33 sun postgrey[21089]: [ID 197553 mail.info] action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "Nov 21 08:19:33 vm a[1]: message repeated 0 times: [ y]",
                "a",
                "message repeated 0 times: [ y]",
                1,
            ),
            ("Nov 21 08:19:33 vm postgrey[21089]:", "postgrey", "", 1),
            (
                "Nov 21 08:19:33 vm kernel: [ 12.3] x",
                "kernel",
                "[ 12.3] x",
                1,
            ),
            (
                "<22>Nov 21 08:19:33 vm postgrey[1]: action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "2026-11-21T07:59:04+0000 vm postgrey[1]: action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "Sat 2026-11-21 07:59:04 UTC vm postgrey[1]: action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "<21>1 2026-11-21T08:16:03Z vm postgrey 6464 - -  action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "<21>1 2026-11-21T08:16:03Z vm postgrey - - [a b=\"]\\\"]\"][c] \u{feff}action=x",
                "postgrey",
                "action=x",
                1,
            ),
            (
                "Nov 21 08:19:33 vm postgrey[1]: message repeated 3 times: [ action=x, recipient=a@b]",
                "postgrey",
                "action=x, recipient=a@b",
                3,
            ),
            (
                "Nov 21 08:19:33 vm postgrey[1]: message repeated 3 times: [ action=x, rec",
                "postgrey",
                "action=x, rec",
                3,
            ),
            (
                "Nov 21 08:19:33 vm a[1]: message repeated x times: [ y]",
                "a",
                "message repeated x times: [ y]",
                1,
            ),
        ] {
            assert_eq!(
                read(line),
                Some((tag.into(), message.into(), times)),
                "{line}"
            );
        }
    }

    #[test]
    fn no_heads() {
        for line in [
            "Nov 21 08:19:33",
            "Nov 21 08:19:33 vm",
            "Nov 21 08:19:33 vm postgrey action=x",
            "Nov 21 08:19:33 vm mail.info from postgrey[1]: action=x",
            "Nov 21 08:19:33 vm last message repeated 2 times",
            "Nov 21 08:19:33 <mail info> bsd postgrey[1]: action=x",
            "2026-11-21T08:16:03Z stdout P Nov 21 08:16:03 vm postgrey[1]: action=x",
            "2026-11-21T08:16:03Z stdout F action=x",
            "<21>1 2026-11-21T08:16:03Z vm postgrey",
            "<21>1 2026-11-21T08:16:03Z vm postgrey 1 - [a b=\"",
            "postgrey[1]: action=x",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes(rest in proptest::collection::vec(any::<u8>(), 0..80), new: bool) {
            let form = if new { Form::Rfc5424 } else { Form::Bsd };
            let _ = Line { at: 0, form, rest: &rest }.entry();
        }
    }
}
