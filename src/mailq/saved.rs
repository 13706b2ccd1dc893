//! A saved listing, from a file or a pipe. It is read and parsed ahead of the one who counts: for a large queue each takes a core.

use super::batch::Batch;
use super::calendar::Calendar;
use super::detect::Format;
use super::listing::{Listing, Outcome, Sink};
use crate::host::access::plain_error;
use crate::host::ahead::{Ahead, Next, Outlet};
use crate::host::deadline::Deadline;
use crate::host::time::{Micros, Zone};
use std::io::{self, Read};

/// Bytes that are read at a time, at most.
const BLOCK: usize = 256 * 1024;

/// What is known of the listing at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Whose it was; `None` where it was empty, not recognised, or never came to an end.
    pub format: Option<Format>,
    /// Why it is not whole.
    pub trouble: Option<String>,
}

/// What the reader hands over.
enum Piece {
    Messages(Batch),
    End(Saved),
}

/// Reads `input`, whose dates are those of `zone` and not later than `now`, and hands its messages to `sink`, until the time is over.
pub fn read(
    input: impl Read + Send + 'static,
    (now, zone): (Micros, Zone),
    deadline: &Deadline,
    sink: Sink<'_>,
) -> Saved {
    let ahead = Ahead::start(move |out| read_ahead(input, Calendar::new(now, zone), out));
    let trouble = loop {
        match ahead.next(deadline) {
            Next::Piece(Piece::Messages(batch)) => batch.messages().for_each(|m| sink(&m)),
            Next::Piece(Piece::End(saved)) => return saved,
            Next::Late => break deadline.reason(),
            Next::End => break String::from("internal error, please report this"),
        }
    };
    Saved {
        format: None,
        trouble: Some(trouble),
    }
}

fn read_ahead(mut input: impl Read, calendar: Calendar, out: &Outlet<Piece>) {
    let mut listing = Listing::new(calendar);
    let mut buffer = vec![0; BLOCK];
    let trouble = loop {
        let mut batch = Batch::default();
        match input.read(&mut buffer) {
            Ok(0) => break None,
            Ok(length) => listing.push(&buffer[..length], &mut |message| batch.push(message)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Some(plain_error(&error)),
        }
        if !batch.is_empty() && !out.put(Piece::Messages(batch)) {
            return;
        }
    };
    let mut batch = Batch::default();
    let Outcome { format, error } = listing.finish(&mut |message| batch.push(message));
    out.put(Piece::Messages(batch));
    let trouble = trouble.or_else(|| error.map(|error| error.to_string()));
    out.put(Piece::End(Saved { format, trouble }));
}
