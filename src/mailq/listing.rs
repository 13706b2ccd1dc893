//! A listing as it comes: bytes in pieces of any size, messages out, one at a time (OpenSMTPD's all at the end: their lines need not stand
//! together).
//!
//! The format is recognised at the first line that says something. Errors name the line and what was expected there, never what
//! stands there: a listing may be any file the caller named. After an error, or a greeting in front, the reader goes on at the next
//! line that begins a message, so that a count stays the best lower bound there is.

use super::calendar::Calendar;
use super::detect::{self, Format};
use super::message::Message;
use memchr::memchr;
use std::borrow::Cow;
use std::fmt;

/// The longest line: a message to 100,000 recipients is one line of JSON.
const LINE_LIMIT: usize = 64 << 20;

/// What Windows' editors and shells put in front of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Takes the messages of a listing.
pub type Sink<'a> = &'a mut dyn FnMut(&Message<'_>);

/// What is wrong with a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListingError {
    /// There is not a single line.
    Empty,
    /// No known mail system writes this.
    Unrecognised {
        /// The line, from 1.
        line: u64,
    },
    /// A line does not belong there.
    Unexpected {
        /// The line, from 1.
        line: u64,
        /// Whose listing it is.
        format: Format,
        /// What would be right.
        expected: &'static str,
    },
    /// The end is missing.
    CutOff {
        /// The last line, from 1.
        line: u64,
        /// Whose listing it is.
        format: Format,
        /// What is missing.
        expected: &'static str,
    },
}

impl fmt::Display for ListingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str(
                "nothing in it: an empty queue and a command that failed look alike; run the plugin where the queue is, or save the \
                 listing with a command that says so when the queue is empty: postqueue -p of Postfix does, for Exim, OpenSMTPD and \
                 postqueue -j see docs/troubleshooting.md",
            ),
            Self::Unrecognised { line } => write!(
                f,
                "line {line}: expected the listing of Postfix (text or JSON), Sendmail, OpenSMTPD, Exim, nullmailer or dma"
            ),
            Self::Unexpected {
                line,
                format,
                expected,
            } => write!(f, "line {line} of the {format} listing: expected {expected}"),
            Self::CutOff {
                line,
                format,
                expected,
            } => write!(
                f,
                "the {format} listing is cut off after line {line}: expected {expected}"
            ),
        }
    }
}

impl std::error::Error for ListingError {}

/// The parser of one format. Errors are what would have been right.
pub(super) trait Parser {
    /// Takes one line without its end.
    fn line(&mut self, line: &str, sink: Sink<'_>) -> Result<(), &'static str>;

    /// Takes the end; `whole` says whether the last line had one. What is left of a message is handed out.
    fn end(&mut self, whole: bool, sink: Sink<'_>) -> Result<(), &'static str>;

    /// Whether what has come so far is whole, as a last line that belongs to the format tells.
    fn is_complete(&self) -> bool {
        false
    }
}

/// Reads one listing.
pub struct Listing {
    calendar: Calendar,
    format: Option<Format>,
    parser: Option<Box<dyn Parser>>,
    rest: Vec<u8>,
    line: u64,
    lost: bool,
    /// The first line in front of the listing that is no part of it.
    notice: Option<u64>,
    error: Option<ListingError>,
}

/// What is known at the end of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whose listing it was; `None` where it was empty or not recognised.
    pub format: Option<Format>,
    /// The first thing that was wrong.
    pub error: Option<ListingError>,
}

impl Listing {
    /// A reader whose dates are those of `calendar`.
    pub fn new(calendar: Calendar) -> Self {
        Self {
            calendar,
            format: None,
            parser: None,
            rest: Vec::new(),
            line: 0,
            lost: false,
            notice: None,
            error: None,
        }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, mut bytes: &[u8], sink: Sink<'_>) {
        while let Some(end) = memchr(b'\n', bytes) {
            if self.rest.is_empty() {
                self.take(&bytes[..end], sink);
            } else {
                let mut line = std::mem::take(&mut self.rest);
                line.extend_from_slice(&bytes[..end]);
                self.take(&line, sink);
                line.clear();
                self.rest = line;
            }
            bytes = &bytes[end + 1..];
        }
        if self.rest.len() + bytes.len() <= LINE_LIMIT {
            self.rest.extend_from_slice(bytes);
        } else {
            self.rest.clear();
            self.fail("a line of less than 64 MiB");
        }
    }

    /// Takes the end.
    pub fn finish(mut self, sink: Sink<'_>) -> Outcome {
        let whole = self.rest.is_empty();
        if !whole {
            let line = std::mem::take(&mut self.rest);
            self.take(&line, sink);
        }
        match (&mut self.parser, self.format) {
            (Some(parser), Some(format)) => {
                if let Err(expected) = parser.end(whole, sink) {
                    let line = self.line;
                    self.error.get_or_insert(ListingError::CutOff {
                        line,
                        format,
                        expected,
                    });
                }
            }
            _ => {
                let unrecognised = |line| ListingError::Unrecognised { line };
                let error = self.notice.map_or(ListingError::Empty, unrecognised);
                self.error.get_or_insert(error);
            }
        }
        Outcome {
            format: self.format,
            error: self.error,
        }
    }

    fn take(&mut self, bytes: &[u8], sink: Sink<'_>) {
        self.line += 1;
        let mark = bytes.strip_prefix(BYTE_ORDER_MARK);
        let bytes = mark.filter(|_| self.line == 1).unwrap_or(bytes);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let line = match std::str::from_utf8(bytes) {
            Ok(line) => Cow::Borrowed(line),
            Err(_) => String::from_utf8_lossy(bytes),
        };
        if is_warning(&line) || self.is_beside(&line) {
            return;
        }
        let Some(format) = self.format.or_else(|| self.recognise(&line)) else {
            return;
        };
        if self.lost && !detect::begins_message(format, &line) {
            return;
        }
        self.lost = false;
        if let Some(parser) = &mut self.parser
            && let Err(expected) = parser.line(&line, sink)
        {
            self.fail(expected);
        }
    }

    /// Whether a line stands in front of a listing or behind its end and is no part of it.
    fn is_beside(&mut self, line: &str) -> bool {
        match &self.parser {
            None if is_notice(line) => {
                self.notice.get_or_insert(self.line);
                true
            }
            None => false,
            Some(parser) => parser.is_complete() && (is_notice(line) || is_farewell(line)),
        }
    }

    /// The format of the first line that says something; sets the parser.
    fn recognise(&mut self, line: &str) -> Option<Format> {
        if line.trim().is_empty() {
            return None;
        }
        match detect::format(line) {
            Some(format) => {
                self.format = Some(format);
                // Without a header and a last line the listing cannot prove that nothing else is amiss.
                if let (Some(line), false) = (self.notice, detect::is_header(format, line)) {
                    self.error
                        .get_or_insert(ListingError::Unrecognised { line });
                }
                self.parser = Some(detect::parser(format, &self.calendar));
            }
            None => {
                let line = self.line;
                self.error
                    .get_or_insert(ListingError::Unrecognised { line });
            }
        }
        self.format
    }

    fn fail(&mut self, expected: &'static str) {
        self.lost = true;
        let line = self.line;
        self.error.get_or_insert(match self.format {
            Some(format) => ListingError::Unexpected {
                line,
                format,
                expected,
            },
            None => ListingError::Unrecognised { line },
        });
    }
}

/// A warning that got into the listing, which is whole all the same: Postfix's where it is stopped and root asks, Sendmail's of its
/// configuration (`WARNING: local host name (vm) is not qualified`).
fn is_warning(line: &str) -> bool {
    const STARTS: [&str; 5] = [
        "postqueue: warning: ",
        "mailq: warning: ",
        "sendmail: warning: ",
        "Warning: ",
        "WARNING: ",
    ];
    STARTS.iter().any(|start| line.starts_with(start))
}

/// A program's warning (`/usr/sbin/postconf: warning: …`), or one of OpenSSH (`** WARNING: connection is not using a post-quantum …`).
fn is_notice(line: &str) -> bool {
    let program = line.split_once(": warning: ").map(|(program, _)| program);
    line.starts_with("** ") || program.is_some_and(|program| !program.contains(' '))
}

/// What `ssh -t` says at the end.
fn is_farewell(line: &str) -> bool {
    let starts = ["Connection to ", "Shared connection to "];
    starts.iter().any(|start| line.starts_with(start)) && line.trim_end().ends_with(" closed.")
}
