//! Joins what was remembered of the logs and what was read of them now, in order of time, and remembers it.

use super::recall::Log;
use super::{Hold, Reading, Resumed, Unfit};
use crate::host::time::Micros;
use crate::log::fold::{Logs, Outcome, Part, Tally as _};
use crate::log::memo::{Lasting, Memos};
use crate::log::runs::{DISORDER, Run, Runs};
use crate::state::spool::{Scratch, Spool};
use crate::state::stream::Stored;

/// A stretch of time as it was kept, or as it was counted now.
enum Stretch<'a, T> {
    Kept(Run<Stored<'a>>),
    New(Run<T>),
}

impl<T: Lasting> Stretch<'_, T> {
    fn reach(&self) -> (Micros, Micros) {
        match self {
            Stretch::Kept(run) => (run.oldest, run.newest),
            Stretch::New(run) => (run.oldest, run.newest),
        }
    }

    fn write(&self, to: &mut Spool) -> Result<(), Unfit> {
        match self {
            Stretch::Kept(run) => run.tally.copy(to).ok_or(UNREADABLE),
            Stretch::New(run) => {
                run.tally.write(to);
                Ok(())
            }
        }
    }
}

const UNREADABLE: Unfit = "what was remembered is no tally";

/// Adds what was kept.
fn join_kept<T: Lasting>(tally: &mut T, kept: Stored<'_>) -> Result<(), Unfit> {
    tally.join_written(kept.stream()).ok_or(UNREADABLE)
}

/// All logs, one behind the other.
pub(super) struct Sum<'r, 'a, T, F> {
    reading: &'r Reading<'a, F>,
    tally: T,
    /// Of the last log.
    rest: Option<T>,
    logs: Logs,
    names: Vec<String>,
    memos: Memos,
    hold: Hold,
    whole: bool,
    recalled: bool,
}

impl<'r, 'a, T: Lasting, F: Fn() -> T + Send + Sync + Clone + 'static> Sum<'r, 'a, T, F> {
    pub(super) fn new(reading: &'r Reading<'a, F>, end: Option<Micros>, scratch: &Scratch) -> Self {
        Self {
            reading,
            tally: (reading.fresh)(),
            logs: Logs::default(),
            rest: None,
            names: Vec::new(),
            memos: Memos::new(scratch),
            whole: true,
            recalled: false,
            hold: Hold {
                end,
                ..Hold::default()
            },
        }
    }

    /// Adds a log: what was kept of it, and its next pieces out of `parts`.
    pub(super) fn add(
        &mut self,
        log: Log<'_>,
        parts: &mut impl Iterator<Item = Part<Runs<T, F>>>,
    ) -> Result<(), Unfit> {
        let known = log.trace().within(&self.reading.plan.window);
        let (name, mut trace) = (&log.name, known);
        let (mut kept, mut complete) = (Vec::new(), true);
        if let Some(memo) = &log.memo {
            self.logs.add(name, &trace, None);
            self.recalled = true;
            kept = memo.runs.clone();
        }
        let mut new: Option<Runs<T, F>> = None;
        for part in parts.by_ref().take(log.pieces.0) {
            trace.follow(&part.trace);
            complete &= part.missing.is_none();
            self.logs.add(name, &part.trace, part.missing);
            match new.as_mut() {
                Some(new) => new.join(part.tally),
                None => new = Some(part.tally),
            }
        }
        let (stretches, ordered) = self.stretches(kept, known.wanted, new)?;
        let mut remember = false;
        match (log.mark(), &log.memo) {
            (Some(mark), _) if complete && ordered => {
                self.memos.begin(&mark, &trace, stretches.len());
                remember = true;
            }
            // What is new is for the next run.
            (_, Some(memo)) if !complete => {
                self.memos.add(memo).ok_or(UNREADABLE)?;
                self.whole = false;
            }
            // There may be nothing whole in it yet.
            _ => self.whole &= complete && ordered,
        }
        self.join_rest(stretches.is_empty());
        for stretch in stretches {
            // One behind the other: all that is written would be as much again as all that was counted.
            if remember {
                self.memos.run(stretch.reach(), |to| stretch.write(to))?;
            }
            self.count(stretch, Self::tally)?;
        }
        if let Some(part) = parts.by_ref().take(usize::from(log.pieces.1)).next() {
            self.logs.add(name, &part.trace, part.missing);
            self.join_rest(false);
            let (rest, _) = self.stretches(Vec::new(), None, Some(part.tally))?;
            for stretch in rest {
                self.count(stretch, Self::rest)?;
            }
        }
        self.names.push(log.name);
        Ok(())
    }

    /// The rest of a log that is not the last one is in the midst of the whole.
    fn join_rest(&mut self, last: bool) {
        if let Some(rest) = self.rest.take_if(|_| !last) {
            self.tally.join(rest);
            self.whole = false;
        }
    }

    fn tally(&mut self) -> &mut T {
        &mut self.tally
    }

    fn rest(&mut self) -> &mut T {
        self.rest.get_or_insert_with(|| (self.reading.fresh)())
    }

    /// What was kept, up to `newest`, and what was counted now in one order, and whether it can be kept again.
    fn stretches<'k>(
        &self,
        kept: Vec<Run<Stored<'k>>>,
        newest: Option<Micros>,
        new: Option<Runs<T, F>>,
    ) -> Result<(Vec<Stretch<'k, T>>, bool), Unfit> {
        let since = self.reading.plan.window.since.unwrap_or(Micros::MIN);
        let mut kept: Vec<_> = kept.into_iter().filter(|run| run.newest >= since).collect();
        let (mut new, ordered) = match new.map(Runs::finish) {
            None => (Vec::new(), true),
            Some(Ok(runs)) => (runs, true),
            Some(Err(all)) => (all.into_iter().collect(), false),
        };
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
        let kept = kept.into_iter().map(Stretch::Kept);
        let new = new.into_iter().map(Stretch::New);
        Ok((kept.chain(new).collect(), ordered))
    }

    /// Adds a stretch of time to a tally, if it is in the window.
    fn count(&mut self, stretch: Stretch<'_, T>, to: fn(&mut Self) -> &mut T) -> Result<(), Unfit> {
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
            Stretch::Kept(run) => join_kept(to(self), run.tally)?,
            Stretch::New(run) => to(self).join(run.tally),
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Resumed<T> {
        let (coverage, partial) = (self.logs.coverage(), self.logs.partial());
        Resumed {
            whole: self.whole && !self.hold.cut && partial.is_empty(),
            outcome: Outcome {
                tally: self.tally,
                coverage,
                partial,
            },
            rest: self.rest,
            names: self.names,
            memos: self.memos,
            hold: self.hold,
            recalled: self.recalled,
        }
    }
}
