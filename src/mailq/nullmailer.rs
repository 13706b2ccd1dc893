//! nullmailer's listing: `2026-11-21 08:15:01 303 bytes from <sender>`, then `  to <recipient>`. No ids, no reasons; what failed for
//! good is not listed; an empty queue prints nothing. Source: captures of 2.2.

use super::calendar::{Calendar, word};
use super::listing::{Parser, Sink};
use super::message::Message;
use super::open::{Open, whole_line};
use crate::host::time::Zone;

/// The parser.
pub(super) struct Nullmailer {
    calendar: Calendar,
    open: Open,
}

impl Nullmailer {
    pub(super) fn new(calendar: &Calendar) -> Self {
        Self {
            calendar: calendar.clone(),
            open: Open::default(),
        }
    }
}

impl Parser for Nullmailer {
    fn line(&mut self, line: &str, sink: Sink<'_>) -> Result<(), &'static str> {
        if line.trim().is_empty() {
            return Ok(());
        }
        if let Some(address) = line
            .strip_prefix("  to <")
            .and_then(|r| r.strip_suffix('>'))
        {
            let expected = "a date, a size and a sender before the first recipient";
            return self.open.recipient(address, None, expected);
        }
        let next = head(line, &mut self.calendar)
            .ok_or("DATE TIME N bytes from <sender>, or to <recipient>")?;
        self.open.begin(next, sink);
        Ok(())
    }

    fn end(&mut self, whole: bool, sink: Sink<'_>) -> Result<(), &'static str> {
        self.open.close(sink);
        whole_line(whole)
    }
}

/// Whether `line` begins a message.
pub(super) fn begins(line: &str) -> bool {
    head(line, &mut Calendar::new(0, Zone::Fixed(0))).is_some()
}

fn head(line: &str, calendar: &mut Calendar) -> Option<Message<'static>> {
    let (arrival, rest) = calendar.full(line)?;
    let (size, rest) = word(rest)?;
    let sender = rest.strip_prefix("bytes from <")?.strip_suffix('>')?;
    Some(Message {
        arrival: Some(arrival),
        size: Some(size.parse().ok()?),
        sender: sender.to_owned().into(),
        ..Message::default()
    })
}
