//! check_postgrey_whitelist: which senders greylisting hurts.
//!
//! Options → plan → gather (whitelists, logs) → facts → judge → one of the views.

pub mod counting;
pub mod facts;
pub mod gather;
pub mod ground;
pub mod judge;
pub mod little;
pub mod needs;
pub mod options;
pub mod plan;
pub mod resume;
pub mod summary;
pub mod views;

use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::probe::Finding;
use crate::plugin::edge::{Answer, Check};
use crate::plugin::options::Common;
use options::Options;
use plan::Plan;

/// The plugin.
#[derive(Debug)]
pub struct PostgreyWhitelist;

impl Check for PostgreyWhitelist {
    const NAME: &'static str = "check_postgrey_whitelist";
    type Options = Options;

    fn common(options: &Options) -> &Common {
        &options.common
    }

    fn for_people(options: &Options) -> bool {
        options.common.report || options.suggest
    }

    fn needs(options: Options, host: &Host, deadline: &Deadline) -> anyhow::Result<Vec<Finding>> {
        Ok(needs::needs(&Plan::new(options, host), host, deadline))
    }

    fn run(options: Options, host: &Host, deadline: &Deadline) -> anyhow::Result<Answer> {
        let plan = Plan::new(options, host);
        let facts = gather::gather(&plan, host, deadline)?;
        deadline.enter("judging");
        let answer = views::answer(&facts, &judge::judge(&facts, &plan), &plan, host);
        // The process ends soon: to free the senders one by one would only take time. The fuzzer's does not.
        #[cfg(not(fuzzing))]
        std::mem::forget(facts);
        Ok(answer)
    }
}
