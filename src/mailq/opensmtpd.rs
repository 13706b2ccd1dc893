//! OpenSMTPD's listing: `smtpctl show queue`, one envelope (one recipient) a line, fields between `|`, an empty queue prints nothing.
//!
//! `id|inet4|mta|flags|sender|recipient|destination|creation|expiry|last try|retries|state|seconds|reason`; source: `smtpctl.c` and
//! `scheduler_ramqueue.c` (6.8 to 7.6). Addresses and the reason may hold `|` themselves, so the four numbers before the state are
//! what the fields hang on. The destination is who gets it: an alias of the recipient may lead to several. Bytes of the reason that
//! are not plain ASCII are as vis(3) writes them. The first eight digits of the id are the message. Its envelopes need not stand
//! together in a saved listing, so messages are handed out at the end.

use super::listing::{Parser, Sink};
use super::message::{Message, Queue, Reason, Recipient, sender};
use super::open::whole_line;
use crate::host::time::SECOND;
use crate::log::escape::{octal, unescaped};
use hashbrown::{HashMap, HashSet};
use std::rc::Rc;

const EXPECTED: &str = "an envelope of 14 fields between |";
const STATES: [&str; 4] = ["pending", "inflight", "offline", "invalid"];

/// The parser.
#[derive(Default)]
pub(super) struct Envelopes {
    messages: Vec<Message<'static>>,
    /// Where each message stands, by its id.
    places: HashMap<Box<str>, usize>,
    /// Thousands of envelopes wait for the same reason.
    reasons: HashSet<Rc<str>>,
}

impl Envelopes {
    fn add(&mut self, mut envelope: Message<'static>) {
        let known = self.places.get(&*envelope.id).copied();
        if let Some(message) = known.and_then(|place| self.messages.get_mut(place)) {
            message.recipients.append(&mut envelope.recipients);
            message.queue = of_both(message.queue, envelope.queue);
            return;
        }
        let id = Box::from(&*envelope.id);
        self.places.insert(id, self.messages.len());
        self.messages.push(envelope);
    }

    fn reason(&mut self, text: &str) -> Reason<'static> {
        let known = self.reasons.get_or_insert_with(text, |text| Rc::from(text));
        Reason::Shared(Rc::clone(known))
    }
}

impl Parser for Envelopes {
    fn line(&mut self, line: &str, _sink: Sink<'_>) -> Result<(), &'static str> {
        if line.trim().is_empty() {
            return Ok(());
        }
        let (mut envelope, reason) = parse(line).ok_or(EXPECTED)?;
        let reason = reason.map(|text| self.reason(&text));
        if let Some(recipient) = envelope.recipients.first_mut() {
            recipient.reason = reason;
        }
        self.add(envelope);
        Ok(())
    }

    fn end(&mut self, whole: bool, sink: Sink<'_>) -> Result<(), &'static str> {
        self.messages.drain(..).for_each(|message| sink(&message));
        whole_line(whole)
    }
}

/// Whether `line` begins a message.
pub(super) fn begins(line: &str) -> bool {
    parse(line).is_some()
}

/// An envelope as a message with one recipient, and the reason why it waits.
fn parse(line: &str) -> Option<(Message<'static>, Option<String>)> {
    let fields: Vec<&str> = line.split('|').collect();
    let id = fields[0];
    if id.len() != 16 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    // id, family, transport, flags, and at least three addresses come before the numbers.
    let numbers = (7..fields.len().checked_sub(6)?).find(|&at| {
        fields[at..at + 4].iter().all(|field| is_number(field)) && STATES.contains(&fields[at + 4])
    })?;
    let message = Message {
        id: id[..8].to_owned().into(),
        queue: queue(fields[3], fields[numbers + 4]),
        arrival: fields[numbers]
            .parse::<i64>()
            .ok()
            .and_then(|seconds| seconds.checked_mul(SECOND)),
        sender: sender(&fields[4..numbers - 2].join("|")).to_owned().into(),
        recipients: vec![Recipient {
            address: fields[numbers - 1].to_owned().into(),
            reason: None,
        }],
        ..Message::default()
    };
    let reason = unescaped(&fields[numbers + 6..].join("|"), vis);
    Some((message, (!reason.is_empty()).then_some(reason)))
}

/// What vis(3) wrote behind a backslash: `\M-C\M-)` is an é, `\^I` a tab, `\\` a backslash, `\240` a byte in octal.
fn vis(behind: &[u8]) -> Option<(u8, usize)> {
    match behind {
        [b'M', b'-', c, ..] => Some((c | 0x80, 3)),
        [b'M', b'^', c, ..] => Some(((c ^ 0x40) | 0x80, 3)),
        [b'^', _, ..] => Some((b' ', 2)),
        [b'\\', ..] => Some((b'\\', 1)),
        digits => octal(digits),
    }
}

fn is_number(field: &str) -> bool {
    !field.is_empty() && field.bytes().all(|b| b.is_ascii_digit())
}

/// `suspend` is an admin's `smtpctl pause envelope`. `hold` is none: the envelope waits for its turn while many go to one place.
fn queue(flags: &str, state: &str) -> Queue {
    match state {
        _ if flags.split(',').any(|flag| flag == "suspend") => Queue::Hold,
        "inflight" => Queue::Active,
        _ => Queue::Waiting,
    }
}

/// Of a message whose envelopes are in two places; on hold is one that is so as a whole.
fn of_both(one: Queue, other: Queue) -> Queue {
    match (one, other) {
        (Queue::Hold, queue) | (queue, Queue::Hold) => queue,
        (Queue::Active, _) | (_, Queue::Active) => Queue::Active,
        (Queue::Waiting, Queue::Waiting) => Queue::Waiting,
    }
}
