//! What `--diagnose` tries out for checks that read logs: the logs themselves, and the journal where the host has one.

use super::plan::{LogPlan, Selection};
use crate::host::access::{Identity, Obstacle};
use crate::host::env::Host;
use crate::host::probe::Finding;
use crate::log::locate::{self, Origin, PLACES};
use std::path::PathBuf;

const LOG: &str = "the mail log";
/// Where systemd keeps the journal, lasting and passing.
const JOURNALS: [&str; 2] = ["/var/log/journal", "/run/log/journal"];

/// The logs that the plan would read.
pub fn needs(plan: &LogPlan, identity: &Identity, host: &Host) -> Vec<Finding> {
    match &plan.selection {
        Selection::Named(arguments) => named(arguments, identity),
        Selection::Found => found(plan, identity, host)
            .into_iter()
            .chain(journal(identity, host))
            .collect(),
    }
}

fn named(arguments: &[PathBuf], identity: &Identity) -> Vec<Finding> {
    let (origins, obstacles) = locate::named(arguments);
    let missing = obstacles
        .into_iter()
        .map(|(path, obstacle)| Finding::fails(path.display().to_string(), LOG, obstacle));
    files(origins, identity)
        .into_iter()
        .chain(missing)
        .collect()
}

fn found(plan: &LogPlan, identity: &Identity, host: &Host) -> Vec<Finding> {
    match locate::found(host, &plan.window) {
        Ok(origins) if origins.is_empty() => {
            let fix = "where only the journal is kept, install rsyslog, or name a file";
            let obstacle = Obstacle::with_fix("there is none", fix);
            vec![Finding::fails(PLACES.join(", "), LOG, obstacle)]
        }
        Ok(origins) => files(origins, identity),
        Err((path, error)) => {
            let obstacle = identity.explain(&path, &error);
            vec![Finding::fails(path.display().to_string(), LOG, obstacle)]
        }
    }
}

fn files(origins: Vec<Origin>, identity: &Identity) -> Vec<Finding> {
    let try_out = |origin| match origin {
        Origin::Path(path) => Finding::file(identity, &path, LOG, true),
        Origin::Stdin => Finding::works("standard input", LOG),
    };
    origins.into_iter().map(try_out).collect()
}

/// The system's journal: absent is fine, because logs are read first.
fn journal(identity: &Identity, host: &Host) -> Vec<Finding> {
    const JOURNAL: &str = "the journal";
    let machines = JOURNALS
        .iter()
        .filter_map(|place| std::fs::read_dir(host.path(place)).ok())
        .flatten()
        .filter_map(Result::ok);
    machines
        .map(|machine| machine.path().join("system.journal"))
        .map(|path| Finding::file(identity, &path, JOURNAL, false))
        .collect()
}
