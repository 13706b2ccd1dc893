//! Reads the planned logs from where an earlier run left off.
//!
//! What is remembered replaces what would be read, never what the logs say: the files are listed and opened as without a memory, and a
//! memo counts only for a file that still begins with what was read. Where the two could differ, nothing is remembered.

use super::gather::Wanted;
use super::inputs;
use super::plan::LogPlan;
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::time::{Micros, Zone};
use crate::log::coverage::Trace;
use crate::log::fold::{self, Job, Outcome};
use crate::log::identity::Print;
use crate::log::look::Look;
use crate::log::memo::{Lasting, Memo, Memos};
use crate::log::runs::{Grid, Runs};
use crate::log::source::{Parts, Piece, Source};
use crate::log::window::Window;
use crate::plugin::failure::Failure;
use sum::Sum;

mod sum;

/// What an earlier run left.
#[derive(Debug, Default)]
pub struct Memory<'a> {
    /// The key of fingerprints.
    pub key: u64,
    /// One memo for each log, in order of time.
    pub memos: Vec<Memo<'a>>,
}

/// What was read, and what to remember of it.
#[derive(Debug)]
pub struct Resumed<T> {
    /// As of a reading of all, but for the `rest`.
    pub outcome: Outcome<T>,
    /// What was counted of the line that ends the last log and may still be written.
    pub rest: Option<T>,
    /// The logs, in order of time.
    pub names: Vec<String>,
    /// The memos.
    pub memos: Memos,
    /// How far what was counted holds.
    pub hold: Hold,
    /// Whether the memos hold all that was counted, but for the `rest`.
    pub whole: bool,
    /// Whether what is new lies behind all that was remembered.
    pub behind: bool,
}

impl<T: Lasting> Resumed<T> {
    /// With the `rest` as a part of the whole.
    pub fn with_rest(mut self) -> Self {
        if let Some(rest) = self.rest.take() {
            self.outcome.tally.join(rest);
        }
        self
    }
}

/// The windows in which the same lines count, and where the logs end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hold {
    /// The oldest line that counted.
    pub oldest: Option<Micros>,
    /// The newest line that counted.
    pub newest: Option<Micros>,
    /// Whether lines behind the end of the window were left out.
    pub cut: bool,
    /// The last line of the log that ends last.
    pub end: Option<Micros>,
}

impl Hold {
    /// Whether all that counted lies in `window`.
    pub fn is_in(&self, window: Window) -> bool {
        let inside = |at: Option<Micros>| at.is_none_or(|at| window.contains(at));
        inside(self.oldest) && inside(self.newest)
    }

    /// Of this and of what lies behind it.
    pub fn with(self, later: Self) -> Self {
        Self {
            oldest: self.oldest.into_iter().chain(later.oldest).min(),
            newest: self.newest.max(later.newest),
            cut: self.cut || later.cut,
            end: later.end,
        }
    }
}

/// Why a reading cannot be resumed; then all is to be read as if nothing were remembered.
pub type Unfit = &'static str;

/// Resumes the reading of the logs.
///
/// # Errors
/// A [`Failure`] where no log is to be found.
pub fn read<T: Lasting>(
    plan: &LogPlan,
    wanted: &Wanted<'_>,
    host: &Host,
    deadline: &Deadline,
    memory: Memory<'_>,
    fresh: impl Fn() -> T + Send + Sync + Clone + 'static,
) -> Result<Result<Resumed<T>, Unfit>, Failure> {
    deadline.enter("looking for logs");
    let as_of = Host {
        now: plan.now,
        ..host.clone()
    };
    let inputs = inputs::open(plan, wanted, &as_of, deadline)?;
    let files = |source: &Source| source.regular_file().is_some();
    let none = inputs.sources.is_empty();
    if none || !inputs.obstacles.is_empty() || !inputs.sources.iter().all(files) {
        return Ok(Err(
            "only regular files that can all be read are remembered",
        ));
    }
    let reading = Reading {
        plan,
        zone: as_of.zone,
        grid: Grid {
            step: plan.reach.step(),
            until: plan.window.until,
        },
        fresh,
    };
    Ok(reading.read(inputs.sources, wanted, deadline, memory))
}

pub(super) struct Reading<'a, F> {
    plan: &'a LogPlan,
    zone: Zone,
    grid: Grid,
    fresh: F,
}

/// A log, what is remembered of it, and what of it is new.
struct Log<'a> {
    name: String,
    /// Which memo was its own.
    place: Option<usize>,
    memo: Option<Memo<'a>>,
    /// The memo without runs that the next run gets.
    next: Memo<'a>,
    look: Option<Look>,
    /// How many pieces of whole lines it has, and whether a rest.
    pieces: (usize, bool),
}

impl<T: Lasting, F: Fn() -> T + Send + Sync + Clone + 'static> Reading<'_, F> {
    fn read(
        &self,
        sources: Vec<Source>,
        wanted: &Wanted<'_>,
        deadline: &Deadline,
        memory: Memory<'_>,
    ) -> Result<Resumed<T>, Unfit> {
        let end = sources.iter().filter_map(Source::newest).max();
        let (mut logs, mut pieces) = (Vec::new(), Vec::new());
        let mut memos: Vec<_> = memory.memos.into_iter().map(Some).collect();
        for source in &sources {
            let (log, parts) = self.recall(source, &mut memos, memory.key)?;
            pieces.extend(parts.whole);
            pieces.extend(parts.rest);
            logs.push(log);
        }
        let counted = |piece: Piece| piece.counted_by(deadline.progress());
        let job = Job {
            search: wanted.search.clone(),
            window: Window {
                until: None,
                ..self.plan.window
            },
            deadline: deadline.clone(),
        };
        let (grid, fresh) = (self.grid, self.fresh.clone());
        let pieces = pieces.into_iter().map(counted).collect();
        let parts = fold::fold_each(pieces, job, move || Runs::new(grid, fresh.clone()));
        if logs
            .iter()
            .filter_map(|log| log.look.as_ref())
            .any(Look::is_lost)
        {
            return Err("a log was truncated while it was read");
        }
        let mut sum = Sum::new(self, end);
        let behind = is_behind(&logs, memos.len());
        let mut parts = parts.into_iter();
        for log in logs {
            sum.add(log, &mut parts)?;
        }
        Ok(sum.finish(behind))
    }

    /// What is remembered of a log, and what is left to be read of it.
    fn recall<'m>(
        &self,
        source: &Source,
        memos: &mut [Option<Memo<'m>>],
        key: u64,
    ) -> Result<(Log<'m>, Parts), Unfit> {
        const UNREAD: Unfit = "a log cannot be read";
        let (file, stamp) = source.regular_file().ok_or(UNREAD)?;
        let length = |memo: &Option<Memo<'_>>| memo.as_ref().map(|memo| memo.print.length);
        let is_known =
            |memo: &Option<Memo<'_>>| memo.as_ref().is_some_and(|memo| memo.is_of(source, key));
        let known = memos.iter().enumerate().filter(|(_, memo)| is_known(memo));
        let place = known
            .max_by_key(|(_, memo)| length(memo))
            .map(|(place, _)| place);
        let memo = place.and_then(|place| memos.get_mut(place)?.take());
        let offset = memo.as_ref().map_or(0, |memo| memo.print.length);
        let parts = source
            .parts_from(offset, &self.plan.window, self.zone)
            .map_err(|_| UNREAD)?;
        let next = Memo {
            stamp,
            print: Print::take(file, parts.end, key).map_err(|_| UNREAD)?,
            first: source.times(0).and_then(|(first, _)| first),
            trace: Trace::default(),
            runs: Vec::new(),
        };
        let log = Log {
            name: source.name().to_owned(),
            place,
            memo,
            next,
            look: source.look(),
            pieces: (parts.whole.len(), parts.rest.is_some()),
        };
        Ok((log, parts))
    }
}

/// Whether the logs are those of all `memos`, in their order, with nothing new in front of the end of the last one of them.
fn is_behind(logs: &[Log<'_>], memos: usize) -> bool {
    let is_empty = |log: &&Log<'_>| log.place.is_none() && log.pieces == (0, false);
    let logs: Vec<_> = logs.iter().filter(|log| !is_empty(log)).collect();
    let known = logs.iter().map_while(|log| log.place);
    let in_order = known.eq(0..memos) && logs.iter().skip(memos).all(|log| log.place.is_none());
    let before = logs.iter().take(memos.saturating_sub(1));
    let unfinished = logs.iter().rev().skip(1).any(|log| log.pieces.1);
    in_order && before.clone().all(|log| log.pieces == (0, false)) && !unfinished
}
