//! What `--diagnose` tries out for checks that read logs: the logs themselves, and the journal where the host has one.

use super::gather::Wanted;
use super::inputs;
use super::plan::{LogPlan, Selection};
use crate::host::access::{Identity, Obstacle};
use crate::host::child;
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::probe::{Finding, Outcome};
use crate::log::journal::{self, Query};
use crate::log::locate::{self, Origin, PLACES, Unlisted};
use std::path::PathBuf;

const LOG: &str = "the mail log";
const JOURNAL: &str = "the journal";

/// The logs that the plan would read for what is `wanted`.
pub fn needs(
    plan: &LogPlan,
    wanted: &Wanted<'_>,
    host: &Host,
    deadline: &Deadline,
) -> Vec<Finding> {
    let identity = Identity::current(&host.root);
    let journal = || journal(|| entry(plan, wanted, host, deadline), host);
    match &plan.selection {
        Selection::Named(arguments) => named(arguments, &identity, host),
        Selection::Journal => vec![journal()],
        Selection::Found => found(plan, wanted, &identity, host, journal),
    }
}

/// This machine's logs; the journal stands in for those that should have the wanted lines.
fn found(
    plan: &LogPlan,
    wanted: &Wanted<'_>,
    identity: &Identity,
    host: &Host,
    journal_has_entries: impl Fn() -> Finding,
) -> Vec<Finding> {
    let syslog = locate::found(host, &plan.window);
    let own = inputs::own_log(plan, host)
        .map(|own| inputs::beside(syslog.as_deref().unwrap_or_default(), own));
    let (syslog, own) = (files(syslog, identity), files(own, identity));
    let expected = !syslog.is_empty() || wanted.postfix && !own.is_empty();
    let behind = match expected {
        true => vec![journal(|| Ok(()), host)],
        false => stand_in(journal_has_entries()),
    };
    [syslog, own, behind].concat()
}

fn named(arguments: &[PathBuf], identity: &Identity, host: &Host) -> Vec<Finding> {
    let (origins, obstacles) = locate::named(arguments, host);
    let missing = obstacles
        .into_iter()
        .map(|(path, obstacle)| Finding::fails(path.display().to_string(), LOG, obstacle));
    files(Ok(origins), identity)
        .into_iter()
        .chain(missing)
        .collect()
}

/// No log: the journal may stand in for it.
fn stand_in(journal: Finding) -> Vec<Finding> {
    let places = PLACES.join(", ");
    let log = match journal.outcome {
        Outcome::Works => Finding::new(places, LOG, Outcome::Absent),
        Outcome::Absent | Outcome::Fails(_) => {
            let fix = "where only the journal is kept, install rsyslog, or name a file";
            Finding::fails(places, LOG, Obstacle::with_fix("there is none", fix))
        }
    };
    vec![log, journal]
}

/// Each file, tried; or the directory that cannot be listed.
fn files(listed: Result<Vec<Origin>, Unlisted>, identity: &Identity) -> Vec<Finding> {
    let try_out = |origin| match origin {
        Origin::Path(path) => Finding::text(identity, &path, LOG, true),
        Origin::Stdin => Finding::works("standard input", LOG),
    };
    match listed {
        Ok(origins) => origins.into_iter().map(try_out).collect(),
        Err((path, error)) => {
            let obstacle = identity.explain(&path, &error);
            vec![Finding::fails(path.display().to_string(), LOG, obstacle)]
        }
    }
}

/// The journal, through journalctl, and what else must hold of it.
fn journal(more: impl Fn() -> Result<(), Obstacle>, host: &Host) -> Finding {
    let Some(program) = child::find(&host.root, &journal::PROGRAM) else {
        return Finding::new(journal::PROGRAM.join(", "), JOURNAL, Outcome::Absent);
    };
    let program = program.display().to_string();
    match journal::access(host).and_then(|()| more()) {
        Ok(()) => Finding::works(program, JOURNAL),
        Err(obstacle) => Finding::fails(program, JOURNAL, obstacle),
    }
}

/// Whether the journal has an entry that counts: else there is nothing to read.
fn entry(
    plan: &LogPlan,
    wanted: &Wanted<'_>,
    host: &Host,
    deadline: &Deadline,
) -> Result<(), Obstacle> {
    let query = Query::new(None, wanted.journal, plan.window, host, deadline);
    match query.map(|query| query.newest()) {
        None | Some(Ok(Some(_))) => Ok(()),
        Some(Ok(None)) => Err(Obstacle::with_fix(
            format!("has no entry that counts, looking back {}", plan.reach),
            format!(
                "see what it has of the mail system, whether that runs and where it logs: journalctl -n 20 {}",
                wanted.journal.join(" ")
            ),
        )),
        Some(Err(error)) => Err(Obstacle {
            what: error.to_string(),
            fix: None,
        }),
    }
}
