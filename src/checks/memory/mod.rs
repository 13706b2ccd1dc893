//! check_memory: is there enough memory for programs, on this host or in this container, and who has the rest?
//!
//! A drop-in for `check_memory.pl` 1.0 of Thomas Guyot-Sionnest (2007), which parsed the output of free(1): the same options,
//! thresholds and first words. Nothing is run, nothing is slept for; /proc and /sys are read.

pub mod amount;
pub mod bound;
pub mod facts;
pub mod gather;
pub mod judge;
pub mod needs;
pub mod options;
pub mod plan;
pub mod threshold;
pub mod views;

#[cfg(test)]
mod threshold_tests;

pub use options::Options;

use crate::host::aside::aside;
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::partial::Partial;
use crate::host::probe::Finding;
use crate::plugin::edge::{Answer, Check};
use crate::plugin::options::Common;
use plan::Plan;
use std::time::Duration;

/// Between two processes the reading stops so long before its time is over.
const LAST: Duration = Duration::from_millis(50);

/// The check, for the edge.
#[derive(Debug)]
pub struct Memory;

impl Check for Memory {
    const NAME: &'static str = "check_memory";
    type Options = Options;

    fn common(options: &Options) -> &Common {
        &options.common
    }

    fn needs(options: Options, host: &Host, _: &Deadline) -> anyhow::Result<Vec<Finding>> {
        Ok(needs::needs(&Plan::new(options, &host.root)?))
    }

    fn run(options: Options, host: &Host, deadline: &Deadline) -> anyhow::Result<Answer> {
        let plan = Plan::new(options, &host.root)?;
        deadline.enter("reading /proc/meminfo and the limits of cgroups");
        let mut facts = gather::facts(&plan)?;
        let verdict = judge::judge(&plan, &facts)?;
        if plan.wants_consumers(verdict.state) {
            deadline.enter("reading the processes in /proc");
            // The verdict is there: a process that does not let itself be looked at must not keep it back.
            let (theirs, limit) = (plan.clone(), deadline.clone());
            let found = aside(deadline, move || {
                gather::consumers(&theirs, || limit.remaining() < LAST)
            });
            let late = || (None, Some(Partial::new("processes", deadline.reason())));
            (facts.consumers, facts.no_processes) = found.unwrap_or_else(late);
        }
        views::answer(&plan, &facts, &verdict)
    }
}
