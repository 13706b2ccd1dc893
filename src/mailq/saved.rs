//! A saved listing, from a file or a pipe. It is read and parsed ahead of the one who counts: for a large queue each takes a core.
//!
//! Bytes come through a thread of their own, for a pipe may hang: then the parser still hands out what it has.

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

/// Why there is no end where a thread broke off.
const BROKEN: &str = "internal error, please report this";

/// What the reader hands over.
enum Block {
    Bytes(Vec<u8>),
    End(Option<String>),
}

/// What the parser hands over.
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
    let limit = deadline.clone();
    let blocks = Ahead::start(move |out| read_ahead(input, out));
    let pieces =
        Ahead::start(move |out| parse_ahead(&blocks, &limit, Calendar::new(now, zone), out));
    let trouble = loop {
        match pieces.next_of_punctual(deadline) {
            Next::Piece(Piece::Messages(batch)) => batch.messages().for_each(|m| sink(&m)),
            Next::Piece(Piece::End(saved)) => return saved,
            Next::Late => break deadline.reason(),
            Next::End => break String::from(BROKEN),
        }
    };
    Saved {
        format: None,
        trouble: Some(trouble),
    }
}

fn read_ahead(mut input: impl Read, out: &Outlet<Block>) {
    let trouble = loop {
        let mut block = vec![0; BLOCK];
        match input.read(&mut block) {
            Ok(0) => break None,
            Ok(length) => block.truncate(length),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => break Some(plain_error(&error)),
        }
        if !out.put(Block::Bytes(block)) {
            return;
        }
    };
    out.put(Block::End(trouble));
}

fn parse_ahead(
    blocks: &Ahead<Block>,
    deadline: &Deadline,
    calendar: Calendar,
    out: &Outlet<Piece>,
) {
    let mut listing = Listing::new(calendar);
    let trouble = loop {
        let mut batch = Batch::default();
        match blocks.next(deadline) {
            Next::Piece(Block::Bytes(bytes)) => {
                listing.push(&bytes, &mut |message| batch.push(message));
            }
            Next::Piece(Block::End(trouble)) => break trouble,
            Next::Late => break Some(deadline.reason()),
            Next::End => break Some(String::from(BROKEN)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Gives what it has, and then nothing more.
    struct Hanging(&'static [u8]);

    impl Read for Hanging {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                loop {
                    std::thread::park();
                }
            }
            self.0.read(buffer)
        }
    }

    /// Also of a format whose messages are whole only at the end.
    #[test]
    fn of_a_pipe_that_hangs_the_messages_that_came_are_handed_out() {
        for (listing, format) in [
            (
                &include_bytes!("../../fixtures/mailq/opensmtpd.txt")[..],
                Format::Opensmtpd,
            ),
            (
                include_bytes!("../../fixtures/mailq/postfix-short-ids.json"),
                Format::PostfixJson,
            ),
        ] {
            let deadline = Deadline::new(Duration::from_secs(5));
            let mut messages = 0;
            let dates = (0, Zone::Fixed(0));
            let saved = read(Hanging(listing), dates, &deadline, &mut |_| messages += 1);
            assert_eq!(saved.format, Some(format));
            assert_eq!(saved.trouble, Some(deadline.reason()));
            let mut whole = 0;
            read(
                listing,
                dates,
                &Deadline::new(Duration::from_secs(60)),
                &mut |_| whole += 1,
            );
            assert!(whole > 2, "{format}");
            assert_eq!(messages, whole, "{format}");
        }
    }
}
