//! Exim's listing: `mailq`, `exim -bp`. It has no reasons; an empty queue prints nothing.
//!
//! ` 4m  1.9K 1xUg39-0000L4-1r <sender> [(login)] [*** frozen ***]`, then one recipient a line; a `D` marks one who has it already.
//! The arrival is exact although the listing shows an age: an id begins with the seconds since 1970, six digits to the base 62 (ids
//! are 6-6-2 characters, from 4.97 on 6-11-4). Source: Exim's specification, "Message identification" and "The queue listing".

use super::calendar::word;
use super::listing::{Parser, Sink};
use super::message::{Message, Queue, sender};
use super::open::Open;
use crate::host::time::{Micros, SECOND};

/// The parser.
#[derive(Default)]
pub(super) struct Exim {
    open: Open,
}

impl Parser for Exim {
    fn line(&mut self, line: &str, sink: Sink<'_>) -> Result<(), &'static str> {
        if line.trim().is_empty() {
            self.open.close(sink);
            return Ok(());
        }
        if let Some(next) = head(line) {
            self.open.begin(next, sink);
            return Ok(());
        }
        let expected = "an age, a size, a message id and a sender";
        self.open.message(expected)?;
        if !line.starts_with(' ') {
            return Err("a recipient");
        }
        match waiting(line.trim()) {
            Some(address) => self.open.recipient(address, None, expected),
            None => Ok(()),
        }
    }

    fn end(&mut self, whole: bool, sink: Sink<'_>) -> Result<(), &'static str> {
        let open = self.open.close(sink);
        match !open && whole {
            true => Ok(()),
            false => Err("the empty line behind the last message"),
        }
    }
}

/// Whether `line` begins a message.
pub(super) fn begins(line: &str) -> bool {
    head(line).is_some()
}

/// The recipient, unless delivered (`D`, or `+D` for an address that another one led to).
fn waiting(text: &str) -> Option<&str> {
    match word(text) {
        Some(("D" | "+D", rest)) if !rest.is_empty() => None,
        _ => Some(text),
    }
}

fn head(line: &str) -> Option<Message<'static>> {
    let (age, rest) = word(line)?;
    let (size, rest) = word(rest)?;
    let (id, rest) = word(rest)?;
    let count = age.strip_suffix(['m', 'h', 'd'])?;
    count.parse::<u64>().ok()?;
    let frozen = rest.trim_end().ends_with("*** frozen ***");
    let shown = rest.strip_prefix('<').and_then(|r| r.split_once('>'));
    Some(Message {
        arrival: Some(arrival(id)?),
        id: id.to_owned().into(),
        queue: if frozen { Queue::Hold } else { Queue::Waiting },
        size: bytes(size),
        sender: sender(shown.map_or("", |(address, _)| address))
            .to_owned()
            .into(),
        ..Message::default()
    })
}

/// The time in an id; `None` where it is no id.
pub(super) fn arrival(id: &str) -> Option<Micros> {
    let mut parts = id.split('-');
    let (time, process, tail) = (parts.next()?, parts.next()?, parts.next()?);
    let lengths = (time.len(), process.len(), tail.len());
    if parts.next().is_some() || !matches!(lengths, (6, 6, 2) | (6, 11, 4)) {
        return None;
    }
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(i64::from(b - b'0')),
        b'A'..=b'Z' => Some(i64::from(b - b'A') + 10),
        b'a'..=b'z' => Some(i64::from(b - b'a') + 36),
        _ => None,
    };
    let seconds = time
        .bytes()
        .try_fold(0_i64, |n, b| Some(n * 62 + digit(b)?))?;
    Some(seconds * SECOND)
}

/// `303`, `1.9K`, `12M`: the listing rounds.
fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = match text.strip_suffix('K') {
        Some(number) => (number, 1 << 10),
        None => match text.strip_suffix('M') {
            Some(number) => (number, 1 << 20),
            None => (text, 1),
        },
    };
    let (whole, tenth) = number.split_once('.').unwrap_or((number, "0"));
    let (whole, tenth): (u64, u64) = (whole.parse().ok()?, tenth.parse().ok()?);
    (tenth < 10).then(|| whole.checked_mul(unit)?.checked_add(tenth * unit / 10))?
}
