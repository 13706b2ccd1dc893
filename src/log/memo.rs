//! What is remembered of a log from one run to the next: which file it was, how far it was read, and what was counted, in runs.
//!
//! A memo counts for a file only when that file begins with the very bytes that were read: renamed, copied or grown, it does; truncated,
//! replaced or written anew, it does not. A compressed file is remembered as a whole. For the journal see [`super::journal::Bookmark`].

use super::calendar::DISORDER;
use super::coverage::Trace;
use super::fold::Tally;
use super::identity::{Print, Stamp};
use super::journal::{Bookmark, Query};
use super::runs::Run;
use super::source::Source;
use crate::host::time::Micros;
use crate::state::record::{Record, read_length, record, take, write_length};
use std::io;

/// A tally that outlasts its run.
pub trait Lasting: Tally {
    /// Appends all that was counted.
    fn write(&self, to: &mut Vec<u8>);
    /// Adds what an earlier run wrote of the lines that follow. `None` where the bytes are no such thing; then the tally is not to be used.
    fn join_written(&mut self, bytes: &[u8]) -> Option<()>;
}

/// Which log it was, and how far it was read.
#[derive(Debug, Clone)]
pub enum Mark {
    /// A file.
    File(FileMark),
    /// The journal, or a file of it.
    Journal(Bookmark),
}

/// Which file it was, and how far it was read.
#[derive(Debug, Clone)]
pub struct FileMark {
    /// The file when it was read.
    pub stamp: Stamp,
    /// What was read of it.
    pub print: Print,
    /// The time of the first line of an uncompressed file.
    pub first: Option<Micros>,
}

record!(FileMark {
    stamp,
    print,
    first
});

impl Record for Mark {
    fn write(&self, to: &mut Vec<u8>) {
        matches!(self, Self::Journal(_)).write(to);
        match self {
            Self::File(mark) => mark.write(to),
            Self::Journal(mark) => mark.write(to),
        }
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some(match bool::read(from)? {
            false => Self::File(Record::read(from)?),
            true => Self::Journal(Record::read(from)?),
        })
    }
}

/// What is remembered of a log.
#[derive(Debug)]
pub struct Memo<'a> {
    /// Which log, and how far.
    pub mark: Mark,
    /// What the lines that were read cover.
    pub trace: Trace,
    /// What was counted, as bytes.
    pub runs: Vec<Run<&'a [u8]>>,
}

impl<'a> Memo<'a> {
    /// How much of the file `log` was read, where what is remembered was read of it.
    pub fn length_in(&self, log: &Source, key: u64) -> Option<u64> {
        let (Mark::File(mark), Some((file, stamp))) = (&self.mark, log.regular_file()) else {
            return None;
        };
        let known = match log.times(mark.print.length) {
            Some((first, near)) => first == mark.first && self.is_near(near),
            // As the same stamp stands for the same content, so the content must be whole.
            None => mark.stamp.is_renamed(&stamp) && mark.print.length == stamp.size,
        };
        let is_it = known && (mark.stamp == stamp || mark.print.fits(file, key));
        is_it.then_some(mark.print.length)
    }

    /// The question for what is new in the journal, where what is remembered is the answer to `query` so far.
    ///
    /// # Errors
    /// What keeps journalctl from telling.
    pub fn behind(&self, query: &Query) -> io::Result<Option<Query>> {
        match &self.mark {
            Mark::Journal(mark) => query.behind(mark, &self.trace),
            Mark::File(_) => Ok(None),
        }
    }

    /// Whether the last line that was read is taken for one of the same year.
    fn is_near(&self, near: Option<Micros>) -> bool {
        let distance = near.zip(self.trace.last).map(|(near, last)| last - near);
        distance.is_none_or(|distance| distance.abs() < DISORDER)
    }

    /// Appends the memo without its runs.
    pub fn write(&self, to: &mut Vec<u8>) {
        self.mark.write(to);
        self.trace.write(to);
    }

    /// Takes a memo without runs from the front.
    pub fn read(from: &mut &[u8]) -> Option<Self> {
        Some(Self {
            mark: Mark::read(from)?,
            trace: Trace::read(from)?,
            runs: Vec::new(),
        })
    }

    /// Appends the runs.
    pub fn write_runs(&self, to: &mut Vec<u8>) {
        write_length(self.runs.len(), to);
        for run in &self.runs {
            (run.oldest, run.newest).write(to);
            write_length(run.tally.len(), to);
            to.extend_from_slice(run.tally);
        }
    }

    /// Takes runs from the front, which follow those that are known.
    pub fn read_runs(&mut self, from: &mut &'a [u8]) -> Option<()> {
        for _ in 0..read_length(from, 1)? {
            let (oldest, newest) = Record::read(from)?;
            let length = read_length(from, 1)?;
            let tally = take(from, length)?;
            self.runs.push(Run {
                oldest,
                newest,
                tally,
            });
        }
        Some(())
    }
}

/// What is remembered of some logs: the memos, and their runs, apart.
#[derive(Debug, Default, Clone)]
pub struct Memos {
    count: u64,
    memos: Vec<u8>,
    runs: Vec<u8>,
}

impl Memos {
    /// Adds a memo.
    pub fn add(&mut self, memo: &Memo<'_>) {
        self.count += 1;
        memo.write(&mut self.memos);
        memo.write_runs(&mut self.runs);
    }

    /// The memos as bytes, and the runs of each.
    pub fn bytes(&self) -> [Vec<u8>; 2] {
        [&self.memos, &self.runs]
            .map(|bytes| [&self.count.to_le_bytes(), bytes.as_slice()].concat())
    }

    /// Reads memos, with the runs of several stretches, one behind the other. A stretch may know less logs than there are.
    pub fn read<'a>(mut memos: &[u8], runs: &[&'a [u8]]) -> Option<Vec<Memo<'a>>> {
        let count = read_length(&mut memos, 1)?;
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(Memo::read(&mut memos)?);
        }
        for mut stretch in runs.iter().copied() {
            for index in 0..read_length(&mut stretch, 1)? {
                all.get_mut(index)?.read_runs(&mut stretch)?;
            }
        }
        Some(all)
    }
}
