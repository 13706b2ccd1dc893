//! Reads the planned logs. A log that cannot be opened is partial input as long as another one can.

use super::inputs::{self, Inputs, Obstacles};
use super::plan::{LogPlan, Selection};
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::partial::Partial;
use crate::log::fold::{self, Job, Outcome, Tally};
use crate::log::look::Look;
use crate::log::search::Search;
use crate::log::source::Source;
use crate::plugin::failure::Failure;
use crate::words::and_more;
use std::sync::Arc;

/// How often a log that loses lines while it is read (copytruncate) is looked for again.
const TRIES: usize = 3;

/// The lines that a check looks for.
#[derive(Clone)]
pub struct Wanted<'a> {
    /// The words that they hold.
    pub search: Search,
    /// How to ask journalctl for them: `FIELD=value`, and `+` for "or" between different fields.
    pub journal: &'a [&'a str],
    /// Whether Postfix itself writes them: then they may stand in a file of its own.
    pub postfix: bool,
}

/// Reads the lines that `wanted` describes into a tally. Also gives the names of the logs, in order of time.
///
/// # Errors
/// A [`Failure`] where no log could be opened at all, or the journal, where there is no other, is empty.
pub fn read<T: Tally>(
    plan: &LogPlan,
    wanted: &Wanted<'_>,
    host: &Host,
    deadline: &Deadline,
    fresh: impl Fn() -> T + Send + Sync + 'static,
) -> Result<(Outcome<T>, Vec<String>), Failure> {
    let fresh = Arc::new(fresh);
    let mut left = TRIES;
    loop {
        deadline.enter("looking for logs");
        let inputs = inputs::open(plan, wanted, host, deadline)?;
        let fresh = Arc::clone(&fresh);
        let reading = Reading::of(inputs, plan, wanted, host, deadline, move || fresh())?;
        left -= 1;
        // What was taken out of a found log stands in another one by now.
        let again = !reading.lost.is_empty() && plan.selection == Selection::Found;
        if !again || left == 0 || deadline.expired() {
            return reading.finish(plan);
        }
    }
}

/// Logs that have been read once.
struct Reading<T> {
    outcome: Outcome<T>,
    names: Vec<String>,
    obstacles: Obstacles,
    /// Logs that lost lines meanwhile.
    lost: Vec<String>,
    journal_only: bool,
}

impl<T: Tally> Reading<T> {
    fn of(
        inputs: Inputs,
        plan: &LogPlan,
        wanted: &Wanted<'_>,
        host: &Host,
        deadline: &Deadline,
        fresh: impl Fn() -> T + Send + Sync + 'static,
    ) -> Result<Self, Failure> {
        let Inputs {
            sources, obstacles, ..
        } = inputs;
        if sources.is_empty() {
            return Err(refused(obstacles));
        }
        let name = |source: &Source| source.name().to_owned();
        let names = sources.iter().map(name).collect();
        let looks: Vec<(String, Look)> = sources
            .iter()
            .filter_map(|source| Some((name(source), source.look()?)))
            .collect();
        let journal_only = sources.iter().all(|source| source.query().is_some());
        let pieces = sources
            .into_iter()
            .flat_map(|source| source.pieces(&plan.window, host.zone))
            .map(|piece| piece.counted_by(deadline.progress()))
            .collect();
        let job = Job {
            search: wanted.search.clone(),
            window: plan.window,
            deadline: deadline.clone(),
        };
        let outcome = fold::fold(pieces, job, fresh);
        let lost = looks.into_iter().filter(|(_, look)| look.is_lost());
        Ok(Self {
            outcome,
            names,
            obstacles,
            lost: lost.map(|(name, _)| name).collect(),
            journal_only,
        })
    }

    fn finish(mut self, plan: &LogPlan) -> Result<(Outcome<T>, Vec<String>), Failure> {
        let partial = &mut self.outcome.partial;
        let lost = |name| Partial::new(name, "was truncated while it was read");
        partial.extend(self.lost.into_iter().map(lost));
        partial.extend(missing(self.obstacles));
        let nothing = partial.is_empty() && !self.outcome.coverage.lines;
        if nothing && self.journal_only && plan.selection == Selection::Found {
            return Err(inputs::empty_journal());
        }
        Ok((self.outcome, self.names))
    }
}

fn missing(obstacles: Obstacles) -> impl Iterator<Item = Partial> {
    obstacles
        .into_iter()
        .map(|(path, obstacle)| Partial::new(path.display().to_string(), obstacle.to_string()))
}

/// One line for all that stands in the way: the first obstacle, and how many more.
fn refused(mut obstacles: Obstacles) -> Failure {
    if obstacles.is_empty() {
        return Failure::new("no log to read");
    }
    let (path, mut obstacle) = obstacles.remove(0);
    obstacle.what.push_str(&and_more(obstacles.len()));
    Failure::obstacle(path.display(), obstacle)
}
