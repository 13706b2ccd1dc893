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
mod tests;
