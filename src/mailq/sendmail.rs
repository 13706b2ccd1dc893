//! Sendmail's listing: `mailq`, `sendmail -bp`, with or without -v. Source: `sendmail/queue.c` (8.17) and captures.
//!
//! The reason follows the line of the sender and is cut (at about 45 characters, at 100 with -v); it is the last one of the whole
//! message. With -v a recipient's own reason follows its line and is worth more. Dates have no seconds, with -v no day of the week.

use super::calendar::{Calendar, Yearless, word};
use super::listing::{Parser, Sink};
use super::message::{Message, Queue, Reason, Recipient, sender};
use std::rc::Rc;

const TOTAL: &str = "the last line, Total requests: N";
/// Letters of the shortest id.
const SHORTEST: usize = 12;
const ALL: &str = "all requests of the queue, not only those that MaxQueueRunSize lets it print";

/// The parser.
pub(super) struct Sendmail {
    calendar: Calendar,
    message: Option<Message<'static>>,
    reason: Option<Reason<'static>>,
    complete: bool,
}

impl Sendmail {
    pub(super) fn new(calendar: &Calendar) -> Self {
        Self {
            calendar: calendar.clone(),
            message: None,
            reason: None,
            complete: false,
        }
    }

    /// Hands the message out; its own reason goes to its recipients unless one of them has a better one.
    fn flush(&mut self, sink: Sink<'_>) {
        let reason = self.reason.take();
        let Some(mut message) = self.message.take() else {
            return;
        };
        if message.recipients.iter().all(|r| r.reason.is_none()) {
            for recipient in &mut message.recipients {
                recipient.reason.clone_from(&reason);
            }
        }
        sink(&message);
    }

    fn reason(&mut self, text: &str) -> Result<(), &'static str> {
        let message = self
            .message
            .as_mut()
            .ok_or("a queue id before the first reason")?;
        let reason = as_postfix(text.strip_suffix(')').unwrap_or(text));
        match message.recipients.last_mut() {
            Some(recipient) => recipient.reason = Some(reason),
            None => self.reason = Some(reason),
        }
        Ok(())
    }

    fn recipient(&mut self, address: &str) -> Result<(), &'static str> {
        let message = self
            .message
            .as_mut()
            .ok_or("a queue id before the first recipient")?;
        message.recipients.push(Recipient {
            address: sender(address).to_owned().into(),
            reason: None,
        });
        Ok(())
    }

    /// An indented line: `[8BITMIME] (reason)`, `(---:postmaster---)`, a body type, why it is in quarantine or a recipient.
    fn indented(&mut self, text: &str) -> Result<(), &'static str> {
        let (first, rest) = word(text).unwrap_or((text, ""));
        if first == "QUARANTINE:" {
            self.message.iter_mut().for_each(|m| m.queue = Queue::Hold);
            return Ok(());
        }
        let body_type = matches!(first, "8BITMIME" | "7BIT");
        let text = if body_type { rest } else { text };
        if text.is_empty() || text.starts_with("(---") {
            return Ok(());
        }
        match text.strip_prefix('(') {
            Some(reason) => self.reason(reason),
            None => self.recipient(text),
        }
    }

    fn begin(&mut self, line: &str) -> Result<(), &'static str> {
        self.complete = false;
        let head = Head::parse(line).ok_or("a queue id, a size, a date and a sender")?;
        // "(no control file)", "(job completed)": a message that went while it was listed.
        self.message = head.details.map(|(message, date)| Message {
            arrival: self.calendar.instant(date),
            ..message
        });
        Ok(())
    }
}

impl Parser for Sendmail {
    fn line(&mut self, line: &str, sink: Sink<'_>) -> Result<(), &'static str> {
        let text = line.trim();
        if text.is_empty() {
            return Ok(());
        }
        if let Some(count) = text.strip_prefix("Total requests: ") {
            self.flush(sink);
            self.complete = true;
            return count.parse::<u64>().map(|_| ()).map_err(|_| TOTAL);
        }
        if opens(line) {
            self.flush(sink);
            self.complete = false;
            return if is_short(text) { Err(ALL) } else { Ok(()) };
        }
        if line.starts_with([' ', '\t']) {
            return self.indented(text);
        }
        self.flush(sink);
        self.begin(line)
    }

    fn end(&mut self, _whole: bool, sink: Sink<'_>) -> Result<(), &'static str> {
        self.flush(sink);
        if self.complete { Ok(()) } else { Err(TOTAL) }
    }

    fn is_complete(&self) -> bool {
        self.complete
    }
}

/// Of a connection that was refused Postfix says that it was one: without that it reads like a server's refusal.
fn as_postfix(reason: &str) -> Reason<'static> {
    match reason.strip_prefix("Deferred: Connection refused by ") {
        Some(host) => Reason::Shared(Rc::from(format!("connect to {host}: Connection refused"))),
        None => Reason::Shared(Rc::from(reason)),
    }
}

/// Whether `line` can stand before the first message: a title, a queue's name with its number of requests, the column heads.
pub(super) fn opens(line: &str) -> bool {
    let text = line.trim();
    let title = text.ends_with(" Queue status...") || text.starts_with("-----Q-ID-----");
    let queue = text.starts_with('/')
        && (text.ends_with(" is empty")
            || text.ends_with(" requests)")
            || text.ends_with(" request)")
            || is_short(text));
    title || queue || text.starts_with("Total requests: ")
}

/// `/var/spool/mqueue (1500 requests, only 1000 printed)`
fn is_short(text: &str) -> bool {
    text.ends_with(" printed)") && text.contains(" requests, only ")
}

/// Whether `line` begins a message.
pub(super) fn begins(line: &str) -> bool {
    Head::parse(line).is_some()
}

/// The first line of a message; without details where the message has gone.
struct Head {
    details: Option<(Message<'static>, Yearless)>,
}

impl Head {
    /// `ID[*-?X] size date sender`, with -v `ID size priority[+] date sender`.
    fn parse(line: &str) -> Option<Self> {
        let (id, mark, rest) = marked(line)?;
        if rest.starts_with('(') {
            return Some(Self { details: None });
        }
        let (size, rest) = word(rest)?;
        let size = size.parse().ok()?;
        let (date, shown) =
            Yearless::parse(rest).or_else(|| Yearless::parse(behind_priority(rest)?))?;
        let message = Message {
            id: id.to_owned().into(),
            queue: queue(mark),
            size: Some(size),
            sender: sender(shown.trim_end()).to_owned().into(),
            ..Message::default()
        };
        Some(Self {
            details: Some((message, date)),
        })
    }
}

/// The id, the mark behind it, and what follows: a size of eight digits leaves no blank behind the mark (`%13s`, mark, `%8ld`).
fn marked(line: &str) -> Option<(&str, char, &str)> {
    let end = line.find(|c: char| !c.is_ascii_alphanumeric())?;
    let (word, _) = line.split_at(end);
    // An id ends with the digits of a process, so that X (the load is too high) is none of it.
    let number = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    let busy = word.rfind('X').filter(|at| number(&word[at + 1..]));
    let id = &word[..busy.filter(|at| *at >= SHORTEST).unwrap_or(end)];
    let mark = line[id.len()..].chars().next()?;
    let known = id.len() >= SHORTEST && matches!(mark, '*' | '-' | '?' | '!' | 'X' | ' ' | '\t');
    known.then(|| (id, mark, line[id.len() + 1..].trim_start()))
}

/// What follows the priority of -v (`%10ld%c%.12s`): a `+` tells that the sender was warned of the delay, and leaves no blank.
fn behind_priority(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let ended = rest.len() < digits.len() && rest.starts_with([' ', '+']);
    ended.then(|| rest.trim_start_matches('+'))
}

/// `*`: being delivered; `?`: quarantined.
fn queue(mark: char) -> Queue {
    match mark {
        '*' => Queue::Active,
        '?' => Queue::Hold,
        _ => Queue::Waiting,
    }
}
