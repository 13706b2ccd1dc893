//! Three views of the same facts and the same verdict. None of them decides anything.

mod details;
mod headline;
mod judged;
mod metrics;
mod picture;

use super::facts::Facts;
use super::judge::Verdict;
use super::plan::{Plan, View};
use crate::plugin::edge::{Answer, Page};
use crate::plugin::report::Report;

/// What the edge prints.
///
/// # Errors
/// None that is expected: facts that cannot be written as JSON are a bug.
pub fn answer(plan: &Plan, facts: &Facts, verdict: &Verdict) -> anyhow::Result<Answer> {
    let mut report = Report::new(
        verdict.state,
        headline::parts(plan, facts, verdict).join(", "),
    );
    report.metrics = metrics::metrics(plan, facts, verdict);
    report.partial = [&facts.no_pressure, &facts.no_processes]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    details::add(&mut report, plan, facts, verdict);
    let page = match plan.view {
        View::Check => Page::Check,
        View::Json => Page::Json(serde_json::to_value(facts)?),
        View::Report => Page::Text(picture::text(plan, facts, verdict)),
    };
    Ok(Answer { report, page })
}
