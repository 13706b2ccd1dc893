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
use crate::state::record::{Record, read_length, record};
use crate::state::spool::{Scratch, Spool};
use crate::state::stream::{Stored, Stream};
use std::io;

/// A tally that outlasts its run.
pub trait Lasting: Tally {
    /// Appends all that was counted.
    fn write(&self, to: &mut Spool);
    /// Adds what an earlier run wrote of the lines that follow. `None` where the bytes are no such thing; then the tally is not to be used.
    fn join_written(&mut self, from: Stream<'_>) -> Option<()>;
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
    pub runs: Vec<Run<Stored<'a>>>,
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

    /// Takes a memo without runs from the front.
    pub fn read(from: &mut &[u8]) -> Option<Self> {
        Some(Self {
            mark: Mark::read(from)?,
            trace: Trace::read(from)?,
            runs: Vec::new(),
        })
    }

    /// Takes runs from the front, which follow those that are known.
    pub fn read_runs(&mut self, from: &mut Stream<'a>) -> Option<()> {
        for _ in 0..from.length(1)? {
            let (oldest, newest) = from.value()?;
            let length = from.length(1)?;
            let tally = from.skip(length)?;
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
#[derive(Debug)]
pub struct Memos {
    count: u64,
    memos: Vec<u8>,
    runs: Spool,
}

impl Default for Memos {
    fn default() -> Self {
        Self::new(&Scratch::default())
    }
}

impl Memos {
    /// None yet.
    pub fn new(scratch: &Scratch) -> Self {
        let mut runs = scratch.spool();
        // How many logs there are.
        runs.put(&0_u64);
        Self {
            count: 0,
            memos: vec![0; 8],
            runs,
        }
    }

    /// Begins a memo; so many `runs` are to follow.
    pub fn begin(&mut self, mark: &Mark, trace: &Trace, runs: usize) {
        self.count += 1;
        mark.write(&mut self.memos);
        trace.write(&mut self.memos);
        self.runs.put(&(runs as u64));
    }

    /// Adds a run: its oldest and newest line, and what `write` writes.
    pub fn run<R>(&mut self, reach: (Micros, Micros), write: impl FnOnce(&mut Spool) -> R) -> R {
        self.runs.put(&reach);
        let at = self.runs.length();
        self.runs.put(&0_u64);
        let written = write(&mut self.runs);
        let length = self.runs.length() - at - 8;
        self.runs.patch(at, length);
        written
    }

    /// Adds a memo; `None` where its runs cannot be read.
    pub fn add(&mut self, memo: &Memo<'_>) -> Option<()> {
        self.begin(&memo.mark, &memo.trace, memo.runs.len());
        let mut runs = memo.runs.iter();
        runs.try_for_each(|run| self.run((run.oldest, run.newest), |to| run.tally.copy(to)))
    }

    /// Whether there is more in them than memory should be given for.
    pub fn are_many(&self) -> bool {
        self.runs.is_spilled()
    }

    /// The memos as bytes, and the runs of each.
    pub fn finish(mut self) -> (Vec<u8>, Spool) {
        self.memos[..8].copy_from_slice(&self.count.to_le_bytes());
        self.runs.patch(0, self.count);
        (self.memos, self.runs)
    }

    /// Reads memos, with the runs of several stretches, one behind the other. A stretch may know less logs than there are.
    pub fn read<'a>(mut memos: &[u8], runs: &[Stored<'a>]) -> Option<Vec<Memo<'a>>> {
        let count = read_length(&mut memos, 1)?;
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(Memo::read(&mut memos)?);
        }
        for stretch in runs {
            let mut stretch = stretch.clone().stream();
            for index in 0..stretch.length(1)? {
                all.get_mut(index as usize)?.read_runs(&mut stretch)?;
            }
        }
        Some(all)
    }
}
