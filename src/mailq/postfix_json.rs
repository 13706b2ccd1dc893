//! Postfix's JSON listing: `postqueue -j`, one object a line, no array; an empty queue prints nothing.
//!
//! Source: `src/postqueue/showq_json.c`, Postfix 3.1 to 3.11. Fields that are not named here are skipped: later versions add some.

use super::listing::{Parser, Sink};
use super::message::{Message, Queue, Reason, Recipient, sender};
use super::postfix_text::without_maildrop_note;
use crate::host::time::SECOND;
use serde::Deserialize;
use std::borrow::Cow;

const EXPECTED: &str =
    "one JSON object with queue_name, queue_id, arrival_time, message_size, sender and recipients";

/// The parser: every line stands for itself.
pub(super) struct Json;

/// Text that borrows from the line where nothing is escaped; serde borrows inside an `Option` only through a type of its own.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow)]
    queue_name: Cow<'a, str>,
    #[serde(borrow)]
    queue_id: Cow<'a, str>,
    arrival_time: i64,
    message_size: u64,
    #[serde(default)]
    forced_expire: bool,
    #[serde(borrow)]
    sender: Cow<'a, str>,
    #[serde(borrow)]
    recipients: Vec<Row<'a>>,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    address: Cow<'a, str>,
    #[serde(borrow)]
    delay_reason: Option<Text<'a>>,
    /// Of a recipient who was refused for good while the message is still there (3.11 and later).
    #[serde(borrow)]
    bounce_reason: Option<Text<'a>>,
    #[serde(borrow)]
    other_reason: Option<Text<'a>>,
}

impl Parser for Json {
    fn line(&mut self, line: &str, sink: Sink<'_>) -> Result<(), &'static str> {
        if line.trim().is_empty() {
            return Ok(());
        }
        let object: Object<'_> = serde_json::from_str(line).map_err(|_| EXPECTED)?;
        sink(&object.into());
        Ok(())
    }

    /// A listing that ends in the middle of a line is an error of that line already.
    fn end(&mut self, _whole: bool, _sink: Sink<'_>) -> Result<(), &'static str> {
        Ok(())
    }
}

/// Whether `line` begins a message.
pub(super) fn begins(line: &str) -> bool {
    let inner = line.strip_prefix('{');
    inner.is_some_and(|inner| inner.trim_start().starts_with('"'))
}

impl<'a> From<Object<'a>> for Message<'a> {
    fn from(object: Object<'a>) -> Self {
        Self {
            queue: match object.queue_name.as_ref() {
                "hold" => Queue::Hold,
                "active" => Queue::Active,
                _ => Queue::Waiting,
            },
            id: object.queue_id,
            forced_expire: object.forced_expire,
            arrival: object.arrival_time.checked_mul(SECOND),
            size: Some(object.message_size),
            sender: envelope_sender(object.sender),
            recipients: object.recipients.into_iter().map(Row::into).collect(),
        }
    }
}

fn envelope_sender(shown: Cow<'_, str>) -> Cow<'_, str> {
    match shown {
        Cow::Borrowed(shown) => Cow::Borrowed(sender(without_maildrop_note(shown))),
        Cow::Owned(shown) => Cow::Owned(sender(without_maildrop_note(&shown)).to_owned()),
    }
}

impl<'a> From<Row<'a>> for Recipient<'a> {
    fn from(row: Row<'a>) -> Self {
        let reason = row.delay_reason.or(row.bounce_reason);
        let reason = reason.or(row.other_reason);
        Self {
            address: row.address,
            reason: reason.map(|text| Reason::Own(text.0)),
        }
    }
}
