//! Postfix's text listing: `postqueue -p`, `mailq`, `sendmail -bp`.
//!
//! Source: `src/postqueue/showq_compat.c`, Postfix 2.3 to 3.11. Columns shift when ids, flags or sizes are long, and Postfix before
//! 2.11 left no blank between flag and size, so lines are split by blanks, never by column. A reason is one line in parentheses
//! before the recipients it holds for, up to the next reason or message. A reason shorter than 76 characters ends at the right margin,
//! longer ones begin the line; recipients stand behind 41 blanks or, with long ids, 47. An address that begins with `(` is quoted, except
//! by old versions.

use super::calendar::{Calendar, Yearless};
use super::listing::{Parser, Sink};
use super::message::{Message, Queue, sender};
use super::open::Open;
use std::rc::Rc;

const TRAILER: &str = "the last line, -- N Kbytes in M Requests.";
/// Blanks in front of a recipient, with short ids and with long ones.
const RECIPIENT_INDENTS: [usize; 2] = [41, 47];
/// What a recipient has that was never tried while another was (3.1 and later).
const NO_REASON: &str = "reason unavailable";

/// The parser.
pub(super) struct Text {
    calendar: Calendar,
    open: Open,
    reason: Option<Rc<str>>,
    since_trailer: u64,
    complete: bool,
}

impl Text {
    pub(super) fn new(calendar: &Calendar) -> Self {
        Self {
            calendar: calendar.clone(),
            open: Open::default(),
            reason: None,
            since_trailer: 0,
            complete: false,
        }
    }

    fn flush(&mut self, sink: Sink<'_>) {
        self.reason = None;
        self.open.close(sink);
    }

    fn begin(&mut self, line: &str, sink: Sink<'_>) -> Result<(), &'static str> {
        let head = Head::parse(line).ok_or(
            "a queue id with flags, a size, a date as in Sat Nov 21 07:48:37, and a sender",
        )?;
        self.complete = false;
        self.since_trailer += 1;
        let message = Message {
            arrival: self.calendar.instant(head.date),
            ..head.message
        };
        self.open.begin(message, sink);
        Ok(())
    }

    fn reason(&mut self, text: &str) -> Result<(), &'static str> {
        self.open.message("a queue id before the first reason")?;
        let inner = text
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
            .ok_or("a reason in parentheses on one line")?;
        self.reason = (inner != NO_REASON).then(|| Rc::from(inner));
        Ok(())
    }

    fn recipient(&mut self, address: &str) -> Result<(), &'static str> {
        let expected = "a queue id before the first recipient";
        self.open.recipient(address, self.reason.as_ref(), expected)
    }

    fn trailer(&mut self, count: Option<u64>) -> Result<(), &'static str> {
        self.complete = true;
        let listed = std::mem::take(&mut self.since_trailer);
        match count {
            Some(count) if count == listed => Ok(()),
            Some(_) => Err("as many messages as the last line counts"),
            None => Err(TRAILER),
        }
    }
}

impl Parser for Text {
    fn line(&mut self, line: &str, sink: Sink<'_>) -> Result<(), &'static str> {
        let text = line.trim();
        let indented = line.starts_with([' ', '\t']);
        if text.is_empty() || is_header(line) {
            self.flush(sink);
            self.complete &= text.is_empty();
            Ok(())
        } else if text.starts_with('(') && !is_recipient(line) {
            self.reason(text)
        } else if indented {
            self.recipient(text)
        } else if is_empty_queue(line) {
            self.complete = true;
            Ok(())
        } else if line.starts_with("-- ") {
            self.flush(sink);
            self.trailer(requests(line))
        } else {
            self.flush(sink);
            self.begin(line, sink)
        }
    }

    fn end(&mut self, _whole: bool, sink: Sink<'_>) -> Result<(), &'static str> {
        self.flush(sink);
        if self.complete { Ok(()) } else { Err(TRAILER) }
    }

    fn is_complete(&self) -> bool {
        self.complete
    }
}

/// Whether `line` can stand before the first message.
pub(super) fn opens(line: &str) -> bool {
    is_header(line) || is_empty_queue(line)
}

/// Whether `line` begins a message.
pub(super) fn begins(line: &str) -> bool {
    Head::parse(line).is_some()
}

/// Whether a line that begins with a parenthesis is an address: one word, which no reason is, and it need not end with the parenthesis.
fn is_recipient(line: &str) -> bool {
    let text = line.trim();
    let indent = line.len() - line.trim_start().len();
    let parts = text.rsplit_once('@').filter(|_| !text.contains(' '));
    let is_address = parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    let fits = RECIPIENT_INDENTS.contains(&indent) || !text.ends_with(')');
    is_address && indent > 0 && fits
}

/// `-Queue ID-  --Size-- …` with one blank or two, or `----Queue ID----- …`.
fn is_header(line: &str) -> bool {
    line.starts_with('-') && line.trim_start_matches('-').starts_with("Queue ID-")
}

fn is_empty_queue(line: &str) -> bool {
    line.trim_end() == "Mail queue is empty"
}

/// M of `-- N Kbytes in M Request[s].`
fn requests(line: &str) -> Option<u64> {
    let (_, count) = line.split_once(" Kbytes in ")?;
    let (count, word) = count.trim_end().split_once(' ')?;
    let named = matches!(word, "Request." | "Requests.");
    named.then(|| count.parse().ok()).flatten()
}

/// The first line of a message.
struct Head {
    message: Message<'static>,
    date: Yearless,
}

impl Head {
    fn parse(line: &str) -> Option<Self> {
        let (id, rest) = split_while(line, |b| b.is_ascii_alphanumeric());
        let (flags, rest) = split_while(rest, |b| matches!(b, b'*' | b'!' | b'#'));
        let glued = flags.is_empty() && !rest.starts_with(' ');
        let (size, rest) = split_while(rest.trim_start(), |b| b.is_ascii_digit());
        if id.len() < 5 || size.is_empty() || glued {
            return None;
        }
        let (date, rest) = Yearless::parse(rest)?;
        let message = Message {
            id: id.to_owned().into(),
            queue: queue(flags),
            forced_expire: flags.contains('#'),
            size: size.parse().ok(),
            sender: sender(without_maildrop_note(rest.trim_end()))
                .to_owned()
                .into(),
            ..Message::default()
        };
        Some(Self { message, date })
    }
}

fn queue(flags: &str) -> Queue {
    if flags.contains('!') {
        Queue::Hold
    } else if flags.contains('*') {
        Queue::Active
    } else {
        Queue::Waiting
    }
}

fn split_while(text: &str, keep: fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().position(|b| !keep(b)).unwrap_or(text.len());
    text.split_at(end)
}

/// Mail that `pickup` has not seen yet carries a note behind the sender: ` (maildrop queue, sender UID 0)`.
pub(super) fn without_maildrop_note(shown: &str) -> &str {
    if !shown.ends_with(')') {
        return shown;
    }
    match shown.rfind(" (maildrop queue, sender UID ") {
        Some(note) => &shown[..note],
        None => shown,
    }
}
