//! Exim's main log, the part behind the time. Exim 4.9x; source: Exim's specification, "Log files", and captures.
//!
//! ```text
//! ID <= SENDER …            arrived            ID => RCPT …  and  ID -> RCPT …   delivered
//! ID == RCPT … defer (N) …: text   to be tried again          ID ** RCPT …: text   returned to the sender
//! ID H=host [ip]: SMTP error …     a server that was not the last     ID Completed   has left the queue
//! ```
//!
//! Lines of a reply stand one behind the other with a literal `\n` between, and bytes that are not ASCII as `\303\251`
//! (`string_printing2` in string.c). Reasons are rewritten as Postfix would put them.

use super::event::{Attempt, Event, Outcome, What};
use crate::log::escape::{self, octal};
use std::borrow::Cow;

/// Words one of which is in every line that [`event`] understands.
pub const WORDS: [&str; 7] = [
    " <= ",
    " == ",
    " ** ",
    " => ",
    " -> ",
    " Completed",
    // With log_selector = +outgoing_port a port stands between the address and the colon.
    ": SMTP error from remote mail server after ",
];

const SMTP_ERROR: &str = "SMTP error from remote mail server after ";
/// Exim's words for a queue run that came too early: they say nothing new about the reason.
const TOO_EARLY: &str = "retry time not reached";
/// The end of all tries: the reason is the one before.
const GIVEN_UP: &str = "retry timeout exceeded";

/// What a line says; `rest` is what stands behind its time.
pub fn event(rest: &[u8]) -> Option<Event<'_>> {
    let line = behind_process(rest.trim_ascii_start());
    // Nearly all lines of other programs are told by this.
    if line.get(6) != Some(&b'-') {
        return None;
    }
    let end = memchr::memchr(b' ', line)?;
    let (id, rest) = (&line[..end], &line[end + 1..]);
    if !is_id(id) {
        return None;
    }
    Some(Event {
        instance: b"exim",
        id,
        what: what(&String::from_utf8_lossy(rest))?,
    })
}

/// A message of syslog without the number of its part: Exim cuts long lines into `[1/2] …` (at a line end) or `[1\2] …`.
pub fn behind_part(message: &[u8]) -> &[u8] {
    let parts = || {
        let inner = message.strip_prefix(b"[")?;
        let end = memchr::memchr(b']', inner)?;
        let plain = |b: &u8| b.is_ascii_digit() || matches!(b, b'/' | b'\\');
        inner[..end]
            .iter()
            .all(plain)
            .then(|| inner[end + 1..].trim_ascii_start())
    };
    parts().unwrap_or(message)
}

/// With log_selector = +pid the process stands before the id: `[1234] `.
fn behind_process(line: &[u8]) -> &[u8] {
    let Some(inner) = line.strip_prefix(b"[") else {
        return line;
    };
    let digits = inner.iter().take_while(|b| b.is_ascii_digit()).count();
    inner[digits..].strip_prefix(b"] ").unwrap_or(line)
}

/// 6-6-2 characters, from 4.97 on 6-11-4.
fn is_id(word: &[u8]) -> bool {
    let middle = match word.len() {
        16 => 6,
        23 => 11,
        _ => return false,
    };
    let dash = |at: usize| at == 6 || at == 7 + middle;
    let fits = |(at, b): (usize, &u8)| match dash(at) {
        true => *b == b'-',
        false => b.is_ascii_alphanumeric(),
    };
    word.iter().enumerate().all(fits)
}

fn what(rest: &str) -> Option<What<'static>> {
    if rest == "Completed" || rest.starts_with("Completed ") {
        return Some(What::Removed);
    }
    if rest.starts_with("H=") {
        let reason = reason(rest)?;
        return Some(What::Refused {
            reason: Cow::Owned(reason),
        });
    }
    let (flag, rest) = rest.split_once(' ')?;
    let outcome = match flag {
        "<=" => {
            let (sender, _) = address(rest);
            let sender = if sender == "<>" { "" } else { sender };
            return Some(What::Queued {
                sender: Cow::Owned(sender.to_owned()),
            });
        }
        "=>" | "->" => Outcome::Sent,
        "==" => Outcome::Deferred,
        "**" => Outcome::Bounced,
        _ => return None,
    };
    tried(rest, outcome)
}

fn tried(rest: &str, outcome: Outcome) -> Option<What<'static>> {
    let (recipient, fields) = address(rest);
    if outcome == Outcome::Deferred && fields.contains(TOO_EARLY) {
        return None;
    }
    if outcome == Outcome::Bounced && fields.contains(GIVEN_UP) {
        return Some(What::Expired);
    }
    let reason = match outcome {
        Outcome::Sent => String::new(),
        _ => reason(fields).unwrap_or_else(|| plain(fields)),
    };
    Some(What::Tried(Attempt {
        recipient: Cow::Owned(recipient.to_owned()),
        relay: host(fields).map(|(name, _)| Cow::Owned(name.as_bytes().to_vec())),
        delay: None,
        outcome,
        reason: Cow::Owned(reason),
    }))
}

/// The address, and what follows it. A deferral without router ends it with a colon.
///
/// A quoted local part may hold blanks; where Exim knows the domain it writes it without the quotes: `john doe@x <"john doe"@x> R=…`.
fn address(rest: &str) -> (&str, &str) {
    let mut quoted = false;
    let mut escaped = false;
    let word = rest
        .find(|c: char| {
            quoted ^= c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            c == ' ' && !quoted
        })
        .unwrap_or(rest.len());
    let end = match rest[..word].contains('@') {
        true => word,
        false => behind_local_part(rest).unwrap_or(word),
    };
    let (address, fields) = rest.split_at(end);
    (address.trim_end_matches(':'), fields)
}

/// The end of an address with blanks in its local part: it has its `@` before any field begins.
fn behind_local_part(rest: &str) -> Option<usize> {
    let at = rest.find('@')?;
    let end = at + rest[at..].find(' ')?;
    let fields = [" <", " R=", " F=", " routing defer", " defer ("];
    let begun = |field: &&str| rest[..at].contains(*field);
    (!fields.iter().any(begun)).then_some(end)
}

/// Name and address of `H=name [address]`; a name that is not verified stands in parentheses.
fn host(fields: &str) -> Option<(&str, &str)> {
    let at = match fields.strip_prefix("H=") {
        Some(rest) => rest,
        None => &fields[fields.find(" H=")? + 3..],
    };
    let (name, rest) = at.split_once(" [")?;
    let (address, _) = rest.split_once(']')?;
    let single = !name.is_empty() && !name.contains(' ');
    single.then_some((name, address))
}

/// `host NAME[IP] said: REPLY`, or `refused to talk to me` where the greeting or EHLO was refused.
fn reason(fields: &str) -> Option<String> {
    let (before, error) = fields.split_once(SMTP_ERROR)?;
    let (name, address) = host(before)?;
    let (command, reply) = error.split_once(": ")?;
    let reply = unescaped(reply);
    // With pipelining Exim says so before the command.
    let command = command.strip_prefix("pipelined ").unwrap_or(command);
    let greeting = ["initial connection", "EHLO", "HELO", "LHLO"];
    let verb = match greeting.iter().any(|start| command.starts_with(start)) {
        true => "refused to talk to me",
        false => "said",
    };
    Some(format!("host {name}[{address}] {verb}: {reply}"))
}

/// Text as it was before Exim escaped it: one line, `\303\251` is an é.
fn unescaped(text: &str) -> String {
    escape::unescaped(text, |behind| match behind {
        [b'n', ..] => Some((b' ', 1)),
        digits => octal(digits),
    })
}

/// What stands behind the first colon that ends a field. Of a connection that was refused Postfix says to whom.
fn plain(fields: &str) -> String {
    let text = fields.split_once(": ").map_or(fields, |(_, text)| text);
    let text = unescaped(text.trim());
    match text.starts_with("Connection refused") {
        true => format!("connect to the next server: {text}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
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
        let log = include_str!("../../fixtures/mailq/exim-mainlog");
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
}
