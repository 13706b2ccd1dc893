//! Exim's main log, the part behind the time. Exim 4.9x; source: Exim's specification, "Log files", and captures.
//!
//! ```text
//! ID <= SENDER …            arrived            ID => RCPT …  and  ID -> RCPT …   delivered
//! ID == RCPT … defer (N) …: text   to be tried again          ID ** RCPT …: text   returned to the sender
//! ID H=host [ip]: SMTP error …     a server that was not the last     ID Completed   has left the queue
//! ```
//!
//! A server's refusal is logged for one message per server and retry interval; of all others only `retry time not reached`.
//!
//! Lines of a reply stand one behind the other with a literal `\n` between, and bytes that are not ASCII as `\303\251`
//! (`string_printing2` in string.c). Reasons are rewritten as Postfix would put them.

use super::event::{Attempt, Event, Outcome, What};
use std::borrow::Cow;

mod reason;

pub use reason::quoted;

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

/// What Exim is called in an [`Event`].
pub const INSTANCE: &[u8] = b"exim";

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
        instance: INSTANCE,
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
        let reason = reason::refusal(rest)?;
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
    Some(tried(rest, outcome))
}

fn tried(rest: &str, outcome: Outcome) -> What<'static> {
    let (recipient, fields) = match rest.starts_with('|') {
        true => of_command(rest).unwrap_or_else(|| address(rest)),
        false => address(rest),
    };
    let recipient = Cow::Owned(recipient.to_owned());
    let is_bounced = outcome == Outcome::Bounced;
    let is_skipped = outcome != Outcome::Sent && reason::is_skipped(fields);
    if is_skipped || is_bounced && reason::gives_up(fields) {
        return What::Skipped {
            recipient,
            given_up: is_bounced,
        };
    }
    let reason = match outcome {
        Outcome::Sent => Cow::Borrowed(""),
        _ if rest.starts_with('|') => reason::by_command(reason::reason(fields)),
        _ => Cow::Owned(reason::reason(fields)),
    };
    What::Tried(Attempt {
        recipient,
        relay: reason::host(fields).map(|(name, _)| Cow::Owned(name.as_bytes().to_vec())),
        delay: None,
        outcome,
        reason,
    })
}

/// Whose mail a command gets, and what follows: `|/usr/bin/filter -x (k@lab.example) <k@lab.example> R=…`.
fn of_command(rest: &str) -> Option<(&str, &str)> {
    let (shown, fields) = rest.split_at(rest.find(" R=")?);
    let between = |open: &str, close: char| {
        let (_, inner) = shown.rsplit_once(open)?;
        inner.split_once(close).map(|(address, _)| address)
    };
    let address = between(" <", '>').or_else(|| between(" (", ')'))?;
    Some((address, fields))
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

#[cfg(test)]
mod tests;
