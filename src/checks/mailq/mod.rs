//! check_mailq_blacklist: who refuses our mail, why, and where to ask.
//!
//! Arguments → [`plan`] → [`gather`] (log, then queue, each message a [`case`] that is counted once) → [`facts`] → [`judge`] → views.

pub mod alarm;
pub mod case;
pub mod count;
pub mod facts;
pub mod gather;
mod instances;
pub mod judge;
pub mod known;
mod late;
mod ledger;
mod lookup;
mod meaning;
pub mod needs;
pub mod options;
mod pasted;
pub mod plan;
mod seen;
mod shelf;
mod site;
mod sites;
mod suspended;
pub mod trail;
pub mod trails;
pub mod views;

use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::probe::Finding;
use crate::plugin::edge::{Answer, Check, Page};
use crate::plugin::options::Common;
use crate::plugin::report::Report;
use crate::plugin::state::State;
use crate::reply::Classifier;
use options::Options;
use plan::Plan;

/// The check.
#[derive(Debug)]
pub struct MailqBlacklist;

impl Check for MailqBlacklist {
    const NAME: &'static str = "check_mailq_blacklist";
    type Options = Options;

    fn common(options: &Options) -> &Common {
        &options.common
    }

    fn needs(options: Options, host: &Host, deadline: &Deadline) -> anyhow::Result<Vec<Finding>> {
        Ok(needs::needs(options, host, deadline)?)
    }

    fn run(options: Options, host: &Host, deadline: &Deadline) -> anyhow::Result<Answer> {
        if let Some(reply) = &options.explain {
            return explain(reply, &options, host);
        }
        let plan = Plan::new(&options, host)?;
        let (facts, partial) = gather::gather(&plan, host, deadline)?;
        let judgement = judge::judge(&facts, &partial, &plan);
        let report = views::check::report(&facts, partial, &judgement, &plan, host.zone);
        let page = if options.common.json() {
            Page::Json(serde_json::to_value(&facts)?)
        } else if options.common.report {
            Page::Text(views::report::page(&facts, &report, plan.now(), host.zone))
        } else {
            Page::Check
        };
        Ok(Answer { report, page })
    }
}

fn explain(reply: &str, options: &Options, host: &Host) -> anyhow::Result<Answer> {
    let extra = options
        .rules
        .as_deref()
        .map(|path| plan::named(path, host))
        .transpose()?;
    let classifier = Classifier::new(plan::rule_set(extra.as_ref())?);
    let explanation = classifier.explain(&pasted::reply(reply));
    let counts = options.alarm.has(explanation.verdict.class);
    Ok(Answer {
        report: Report::new(State::Ok, "explained"),
        page: Page::Text(views::explain::page(&explanation, counts)),
    })
}
