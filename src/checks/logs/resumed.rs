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
use crate::log::fold::{self, Job, Logs, Outcome, Part, Tally as _};
use crate::log::identity::Print;
use crate::log::look::Look;
use crate::log::memo::{Lasting, Memo};
use crate::log::runs::{DISORDER, Grid, Run, Runs};
use crate::log::source::{Parts, Piece, Source};
use crate::log::window::Window;
use crate::plugin::failure::Failure;
use crate::state::record::write_length;

/// What an earlier run left.
#[derive(Debug, Default)]
pub struct Memory<'a> {
    /// The key of fingerprints.
    pub key: u64,
    /// One memo for each log.
    pub memos: Vec<Memo<'a>>,
}

/// What was read, and what to remember of it.
#[derive(Debug)]
pub struct Resumed<T> {
    /// As of a reading of all.
    pub outcome: Outcome<T>,
    /// The logs, in order of time.
    pub names: Vec<String>,
    /// The memos, as bytes.
    pub memos: Vec<u8>,
    /// How far what was counted holds.
    pub hold: Hold,
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

struct Reading<'a, F> {
    plan: &'a LogPlan,
    zone: Zone,
    grid: Grid,
    fresh: F,
}

/// A log, what is remembered of it, and what of it is new.
struct Log<'a> {
    name: String,
    memo: Option<Memo<'a>>,
    /// The memo without runs that the next run gets.
    next: Memo<'a>,
    look: Option<Look>,
    /// How many pieces of whole lines it has, and whether a rest.
    pieces: (usize, bool),
}

/// A stretch of time as it was kept, or as it was counted now, with its bytes.
enum Stretch<'a, T> {
    Kept(Run<&'a [u8]>),
    New(Run<T>, Vec<u8>),
}

impl<T> Stretch<'_, T> {
    fn reach(&self) -> (Micros, Micros) {
        match self {
            Stretch::Kept(run) => (run.oldest, run.newest),
            Stretch::New(run, _) => (run.oldest, run.newest),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Stretch::Kept(run) => run.tally,
            Stretch::New(_, bytes) => bytes,
        }
    }
}

impl<T: Lasting, F: Fn() -> T + Send + Sync + Clone + 'static> Reading<'_, F> {
    fn read(
        &self,
        sources: Vec<Source>,
        wanted: &Wanted<'_>,
        deadline: &Deadline,
        mut memory: Memory<'_>,
    ) -> Result<Resumed<T>, Unfit> {
        let end = sources.iter().filter_map(Source::newest).max();
        let (mut logs, mut pieces) = (Vec::new(), Vec::new());
        for source in &sources {
            let (log, parts) = self.recall(source, &mut memory)?;
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
        let mut parts = parts.into_iter();
        for log in logs {
            sum.add(log, &mut parts)?;
        }
        Ok(sum.finish())
    }

    /// What is remembered of a log, and what is left to be read of it.
    fn recall<'m>(
        &self,
        source: &Source,
        memory: &mut Memory<'m>,
    ) -> Result<(Log<'m>, Parts), Unfit> {
        const UNREAD: Unfit = "a log cannot be read";
        let (file, stamp) = source.regular_file().ok_or(UNREAD)?;
        let known = memory.memos.iter().enumerate();
        let known = known.filter(|(_, memo)| memo.is_of(source, memory.key));
        let longest = known.max_by_key(|(_, memo)| memo.print.length);
        let memo = longest
            .map(|(index, _)| index)
            .map(|index| memory.memos.swap_remove(index));
        let offset = memo.as_ref().map_or(0, |memo| memo.print.length);
        let parts = source
            .parts_from(offset, &self.plan.window, self.zone)
            .map_err(|_| UNREAD)?;
        let next = Memo {
            stamp,
            print: Print::take(file, parts.end, memory.key).map_err(|_| UNREAD)?,
            first: source.times(0).and_then(|(first, _)| first),
            trace: Trace::default(),
            runs: Vec::new(),
        };
        let log = Log {
            name: source.name().to_owned(),
            memo,
            next,
            look: source.look(),
            pieces: (parts.whole.len(), parts.rest.is_some()),
        };
        Ok((log, parts))
    }
}

/// Adds what was kept as `bytes`.
fn join_kept<T: Lasting>(tally: &mut T, bytes: &[u8]) -> Result<(), Unfit> {
    let joined = tally.join_written(bytes);
    joined.ok_or("what was remembered is no tally")
}

/// All logs, one behind the other.
struct Sum<'r, 'a, T, F> {
    reading: &'r Reading<'a, F>,
    tally: T,
    logs: Logs,
    names: Vec<String>,
    memos: (u64, Vec<u8>),
    hold: Hold,
}

impl<'r, 'a, T: Lasting, F: Fn() -> T + Send + Sync + Clone + 'static> Sum<'r, 'a, T, F> {
    fn new(reading: &'r Reading<'a, F>, end: Option<Micros>) -> Self {
        Self {
            reading,
            tally: (reading.fresh)(),
            logs: Logs::default(),
            names: Vec::new(),
            memos: (0, Vec::new()),
            hold: Hold {
                end,
                ..Hold::default()
            },
        }
    }

    /// Adds a log: what was kept of it, and its next pieces out of `parts`.
    fn add(
        &mut self,
        log: Log<'_>,
        parts: &mut impl Iterator<Item = Part<Runs<T, F>>>,
    ) -> Result<(), Unfit> {
        let (name, mut next) = (&log.name, log.next);
        let (mut kept, mut complete) = (Vec::new(), true);
        if let Some(memo) = &log.memo {
            self.logs.add(name, &memo.trace, None);
            (next.trace, kept) = (memo.trace, memo.runs.clone());
        }
        let mut new: Option<Runs<T, F>> = None;
        for part in parts.by_ref().take(log.pieces.0) {
            next.trace.follow(&part.trace);
            complete &= part.missing.is_none();
            self.logs.add(name, &part.trace, part.missing);
            match new.as_mut() {
                Some(new) => new.join(part.tally),
                None => new = Some(part.tally),
            }
        }
        let (stretches, ordered) = self.stretches(kept, new)?;
        match log.memo {
            _ if complete && ordered && next.print.length > 0 => self.remember(&next, &stretches),
            // What is new is for the next run.
            Some(memo) if !complete => self.keep(&memo),
            _ => {}
        }
        for stretch in stretches {
            self.count(stretch)?;
        }
        if let Some(part) = parts.by_ref().take(usize::from(log.pieces.1)).next() {
            self.logs.add(name, &part.trace, part.missing);
            let (rest, _) = self.stretches(Vec::new(), Some(part.tally))?;
            for stretch in rest {
                self.count(stretch)?;
            }
        }
        self.names.push(log.name);
        Ok(())
    }

    /// What was kept and what was counted now in one order, and whether it can be kept again.
    fn stretches<'k>(
        &self,
        kept: Vec<Run<&'k [u8]>>,
        new: Option<Runs<T, F>>,
    ) -> Result<(Vec<Stretch<'k, T>>, bool), Unfit> {
        let since = self.reading.plan.window.since.unwrap_or(Micros::MIN);
        let mut kept: Vec<_> = kept.into_iter().filter(|run| run.newest >= since).collect();
        let (mut new, ordered) = match new.map(Runs::finish) {
            None => (Vec::new(), true),
            Some(Ok(runs)) => (runs, true),
            Some(Err(all)) => (all.into_iter().collect(), false),
        };
        let newest = kept.iter().map(|run| run.newest).max();
        let oldest = new.iter().map(|run| run.oldest).min();
        if let (Some(newest), Some(oldest), Some(first)) = (newest, oldest, new.first()) {
            if !ordered || oldest < newest.saturating_sub(DISORDER) {
                return Err("lines were written with a clock that was set back");
            }
            if let Some(last) = kept.pop_if(|last| self.reading.grid.is_one(last, first)) {
                let mut before = Run {
                    oldest: last.oldest,
                    newest: last.newest,
                    tally: (self.reading.fresh)(),
                };
                join_kept(&mut before.tally, last.tally)?;
                let after = new.remove(0);
                new.insert(0, before.joined(after));
            }
        }
        let bytes = |run: Run<T>| {
            let mut bytes = Vec::new();
            run.tally.write(&mut bytes);
            Stretch::New(run, bytes)
        };
        let kept = kept.into_iter().map(Stretch::Kept);
        Ok((kept.chain(new.into_iter().map(bytes)).collect(), ordered))
    }

    fn remember(&mut self, memo: &Memo<'_>, stretches: &[Stretch<'_, T>]) {
        let run = |stretch| {
            let (oldest, newest) = Stretch::reach(stretch);
            Run {
                oldest,
                newest,
                tally: Stretch::bytes(stretch),
            }
        };
        self.keep(&memo.with_runs(stretches.iter().map(run).collect()));
    }

    fn keep(&mut self, memo: &Memo<'_>) {
        let (count, bytes) = &mut self.memos;
        *count += 1;
        memo.write(bytes);
    }

    /// Adds a stretch of time to the whole, if it is in the window.
    fn count(&mut self, stretch: Stretch<'_, T>) -> Result<(), Unfit> {
        let window = self.reading.plan.window;
        let (oldest, newest) = stretch.reach();
        match (window.contains(oldest), window.contains(newest)) {
            (true, true) => {}
            (false, false) if window.is_behind(newest) => return Ok(()),
            (false, false) if !window.is_behind(oldest) => {
                self.hold.cut = true;
                return Ok(());
            }
            _ => return Err("the window begins or ends inside of what was counted as one"),
        }
        self.hold.oldest = Some(self.hold.oldest.map_or(oldest, |known| known.min(oldest)));
        self.hold.newest = self.hold.newest.max(Some(newest));
        match stretch {
            Stretch::Kept(run) => join_kept(&mut self.tally, run.tally)?,
            Stretch::New(run, _) => self.tally.join(run.tally),
        }
        Ok(())
    }

    fn finish(self) -> Resumed<T> {
        let (count, bytes) = self.memos;
        let mut memos = Vec::with_capacity(bytes.len() + 8);
        write_length(count as usize, &mut memos);
        memos.extend_from_slice(&bytes);
        Resumed {
            outcome: Outcome {
                tally: self.tally,
                coverage: self.logs.coverage(),
                partial: self.logs.partial(),
            },
            names: self.names,
            memos,
            hold: self.hold,
        }
    }
}
