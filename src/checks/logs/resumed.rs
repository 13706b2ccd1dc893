//! Reads the planned logs from where an earlier run left off.
//!
//! What is remembered replaces what would be read, never what the logs say: the files are listed and opened as without a memory, and a
//! memo counts only for a file that still begins with what was read. Where the two could differ, nothing is remembered.

use super::gather::Wanted;
use super::inputs::{self, Inputs};
use super::plan::LogPlan;
use crate::host::child;
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::time::{Micros, Zone};
use crate::log::fold::{self, Job, Outcome};
use crate::log::memo::{Lasting, Memo, Memos};
use crate::log::piece::Piece;
use crate::log::runs::{Grid, Runs};
use crate::log::source::Source;
use crate::log::window::Window;
use crate::plugin::failure::Failure;
use crate::state::spool::Scratch;
use recall::{Log, is_behind};
use sum::Sum;

mod recall;
mod sum;

/// What an earlier run left.
#[derive(Debug, Default)]
pub struct Memory<'a> {
    /// The key of fingerprints.
    pub key: u64,
    /// One memo for each log, in order of time.
    pub memos: Vec<Memo<'a>>,
    /// Whether nothing is to be read but what lies behind all that was remembered.
    pub behind: bool,
    /// Where what is to be remembered may wait.
    pub scratch: Scratch,
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
    /// Whether anything that was remembered was of use.
    pub recalled: bool,
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
    /// Where the journal may go on behind the logs, as of [`Inputs::end`]: a log without the wanted lines may be fresh meanwhile.
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
    let inputs = inputs::open(plan, wanted, host, deadline)?;
    if let Some(why) = unfit(&inputs, plan) {
        return Ok(Err(why));
    }
    let reading = Reading {
        plan,
        zone: host.zone,
        grid: Grid {
            step: plan.reach.step(),
            until: plan.window.until,
        },
        fresh,
    };
    Ok(reading.read(inputs, wanted, deadline, memory))
}

/// Why what these logs hold cannot be remembered.
fn unfit(inputs: &Inputs, plan: &LogPlan) -> Option<Unfit> {
    let is_file = |source: &Source| source.regular_file().is_some();
    let sources = &inputs.sources;
    if sources.is_empty() || !inputs.obstacles.is_empty() {
        Some("only logs that can all be read are remembered")
    } else if !sources
        .iter()
        .all(|source| is_file(source) || is_journal(source))
    {
        Some("only regular files and the journal are remembered")
    } else if plan.window.until.is_some() && sources.iter().any(is_journal) {
        Some("the journal is remembered as of now only")
    } else {
        None
    }
}

fn is_journal(source: &Source) -> bool {
    source.query().is_some()
}

pub(super) struct Reading<'a, F> {
    plan: &'a LogPlan,
    zone: Zone,
    grid: Grid,
    fresh: F,
}

impl<T: Lasting, F: Fn() -> T + Send + Sync + Clone + 'static> Reading<'_, F> {
    fn read(
        &self,
        Inputs { sources, end, .. }: Inputs,
        wanted: &Wanted<'_>,
        deadline: &Deadline,
        memory: Memory<'_>,
    ) -> Result<Resumed<T>, Unfit> {
        let (mut logs, mut pieces) = (Vec::new(), Vec::new());
        let mut memos: Vec<_> = memory.memos.into_iter().map(Some).collect();
        for source in &sources {
            let (log, parts) = self.recall(source, &mut memos, memory.key)?;
            pieces.extend(parts.whole);
            pieces.extend(parts.rest);
            logs.push(log);
        }
        if memory.behind && !is_behind(&logs, memos.len()) {
            return Err("not all that is new lies behind what was remembered");
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
        if logs.iter().any(Log::is_lost) {
            return Err("a log was truncated while it was read");
        }
        let failed = parts.iter().any(|part| part.missing.is_some());
        if failed && sources.iter().any(is_journal) && !child::is_over(deadline) {
            return Err("journalctl failed");
        }
        if sources.iter().all(is_journal) && !parts.iter().any(|part| part.trace.lines) {
            return Err("the journal is empty");
        }
        let mut sum = Sum::new(self, end, &memory.scratch);
        let mut parts = parts.into_iter();
        for log in logs {
            sum.add(log, &mut parts)?;
        }
        Ok(sum.finish())
    }
}
