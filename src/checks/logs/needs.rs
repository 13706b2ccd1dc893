//! What `--diagnose` tries out for checks that read logs: the logs themselves, and the journal where the host has one.

use super::plan::{LogPlan, Selection};
use crate::host::access::{Identity, Obstacle};
use crate::host::child;
use crate::host::env::Host;
use crate::host::probe::{Finding, Outcome};
use crate::log::journal;
use crate::log::locate::{self, Origin, PLACES};
use std::path::PathBuf;

const LOG: &str = "the mail log";

/// The logs that the plan would read.
pub fn needs(plan: &LogPlan, identity: &Identity, host: &Host) -> Vec<Finding> {
    match &plan.selection {
        Selection::Named(arguments) => named(arguments, identity),
        Selection::Journal => vec![journal(host)],
        Selection::Found => {
            let journal = journal(host);
            let stands_in = journal.outcome == Outcome::Works;
            let mut findings = found(plan, identity, host, stands_in);
            findings.push(journal);
            findings
        }
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

/// This machine's logs; the journal may stand in for them.
fn found(plan: &LogPlan, identity: &Identity, host: &Host, stands_in: bool) -> Vec<Finding> {
    match locate::found(host, &plan.window) {
        Ok(origins) if origins.is_empty() && stands_in => {
            vec![Finding::new(PLACES.join(", "), LOG, Outcome::Absent)]
        }
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

/// The journal, through journalctl.
fn journal(host: &Host) -> Finding {
    const JOURNAL: &str = "the journal";
    let Some(program) = child::find(&host.root, &journal::PROGRAM) else {
        return Finding::new(journal::PROGRAM.join(", "), JOURNAL, Outcome::Absent);
    };
    let program = program.display().to_string();
    match journal::access(host) {
        Ok(()) => Finding::works(program, JOURNAL),
        Err(obstacle) => Finding::fails(program, JOURNAL, obstacle),
    }
}
