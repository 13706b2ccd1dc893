//! Reads the planned logs. A log that cannot be opened is partial input as long as another one can.

use super::plan::{LogPlan, Selection};
use crate::host::access::{Identity, Obstacle};
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::partial::Partial;
use crate::log::fold::{self, Job, Outcome, Tally};
use crate::log::locate::{self, Origin, PLACES};
use crate::log::search::Search;
use crate::log::source;
use crate::plugin::failure::Failure;
use std::path::PathBuf;

/// Reads the lines that `search` finds into a tally. Also gives the names of the logs, in order of time.
///
/// # Errors
/// A [`Failure`] where no log could be opened at all.
pub fn read<T: Tally>(
    plan: &LogPlan,
    search: Search,
    host: &Host,
    deadline: &Deadline,
    fresh: impl Fn() -> T + Send + Sync + 'static,
) -> Result<(Outcome<T>, Vec<String>), Failure> {
    deadline.enter("looking for logs");
    let (origins, mut obstacles) = origins(plan, host)?;
    let host = Host {
        now: plan.now,
        ..host.clone()
    };
    let (sources, unopened) = source::open(origins, &host);
    obstacles.extend(unopened);
    if sources.is_empty() {
        return Err(refused(obstacles));
    }
    let names = sources
        .iter()
        .map(|source| source.name().to_owned())
        .collect();
    let pieces = sources
        .into_iter()
        .flat_map(|source| source.pieces(&plan.window, host.zone))
        .collect();
    let job = Job {
        search,
        window: plan.window,
        deadline: deadline.clone(),
    };
    let mut outcome = fold::fold(pieces, job, fresh);
    outcome.partial.extend(
        obstacles
            .into_iter()
            .map(|(path, obstacle)| Partial::new(path.display().to_string(), obstacle.to_string())),
    );
    Ok((outcome, names))
}

type Obstacles = Vec<(PathBuf, Obstacle)>;

fn origins(plan: &LogPlan, host: &Host) -> Result<(Vec<Origin>, Obstacles), Failure> {
    match &plan.selection {
        Selection::Named(arguments) => Ok(locate::named(arguments)),
        Selection::Found => match locate::found(host, &plan.window) {
            Ok(origins) if origins.is_empty() => Err(no_log()),
            Ok(origins) => Ok((origins, Vec::new())),
            Err((path, error)) => {
                let obstacle = Identity::current(&host.root).explain(&path, &error);
                Err(Failure::obstacle(path.display(), obstacle))
            }
        },
    }
}

fn no_log() -> Failure {
    let places = PLACES.join(", ");
    Failure::new(format!("no mail log found: none of {places} exists")).with_fix(
        "where only the journal is kept, install rsyslog, or name a file, or - for what journalctl -o short-iso prints",
    )
}

/// One line for all that stands in the way: the first obstacle, and how many more.
fn refused(mut obstacles: Obstacles) -> Failure {
    if obstacles.is_empty() {
        return Failure::new("no log to read");
    }
    let (path, mut obstacle) = obstacles.remove(0);
    if !obstacles.is_empty() {
        obstacle
            .what
            .push_str(&format!(" (and {} more)", obstacles.len()));
    }
    Failure::obstacle(path.display(), obstacle)
}
