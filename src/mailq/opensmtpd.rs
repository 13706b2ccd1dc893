//! OpenSMTPD's listing: `smtpctl show queue`, one envelope (one recipient) a line, fields between `|`, an empty queue prints nothing.
//!
//! `id|inet4|mta|flags|sender|recipient|destination|creation|expiry|last try|retries|state|seconds|reason`; source: `smtpctl.c` (6.8).
//! Addresses and the reason may hold `|` themselves, so the four numbers before the state are what the fields hang on. The first
//! eight digits of the id are the message, whose envelopes follow one another.

use super::listing::{Parser, Sink};
use super::message::{Message, Queue, Reason, Recipient, sender};
use super::open::{Open, whole_line};
use crate::host::time::SECOND;

const EXPECTED: &str = "an envelope of 14 fields between |";
const STATES: [&str; 4] = ["pending", "inflight", "offline", "invalid"];

/// The parser.
#[derive(Default)]
pub(super) struct Envelopes {
    open: Open,
}

impl Parser for Envelopes {
    fn line(&mut self, line: &str, sink: Sink<'_>) -> Result<(), &'static str> {
        if line.trim().is_empty() {
            return Ok(());
        }
        let mut envelope = parse(line).ok_or(EXPECTED)?;
        match self.open.message(EXPECTED) {
            Ok(message) if message.id == envelope.id => {
                message.recipients.append(&mut envelope.recipients);
            }
            _ => self.open.begin(envelope, sink),
        }
        Ok(())
    }

    fn end(&mut self, whole: bool, sink: Sink<'_>) -> Result<(), &'static str> {
        self.open.close(sink);
        whole_line(whole)
    }
}

/// Whether `line` begins a message.
pub(super) fn begins(line: &str) -> bool {
    parse(line).is_some()
}

fn parse(line: &str) -> Option<Message<'static>> {
    let fields: Vec<&str> = line.split('|').collect();
    let id = fields[0];
    if id.len() != 16 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    // id, family, transport, flags, and at least three addresses come before the numbers.
    let numbers = (7..fields.len().checked_sub(6)?).find(|&at| {
        fields[at..at + 4].iter().all(|field| is_number(field)) && STATES.contains(&fields[at + 4])
    })?;
    let reason = fields[numbers + 6..].join("|");
    let reason = (!reason.is_empty()).then(|| Reason::Own(reason.into()));
    Some(Message {
        id: id[..8].to_owned().into(),
        queue: queue(fields[3], fields[numbers + 4]),
        arrival: fields[numbers]
            .parse::<i64>()
            .ok()
            .and_then(|seconds| seconds.checked_mul(SECOND)),
        sender: sender(&fields[4..numbers - 2].join("|")).to_owned().into(),
        recipients: vec![Recipient {
            address: fields[numbers - 2].to_owned().into(),
            reason,
        }],
        ..Message::default()
    })
}

fn is_number(field: &str) -> bool {
    !field.is_empty() && field.bytes().all(|b| b.is_ascii_digit())
}

fn queue(flags: &str, state: &str) -> Queue {
    let held = flags
        .split(',')
        .any(|flag| matches!(flag, "hold" | "suspend"));
    match state {
        _ if held => Queue::Hold,
        "inflight" => Queue::Active,
        _ => Queue::Waiting,
    }
}
