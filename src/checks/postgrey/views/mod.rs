//! The pictures of the facts. None of them computes a number.

pub mod check;
pub mod report;
pub mod suggest;

use super::facts::{Facts, NAMED};
use super::judge::Judgement;
use super::plan::{Plan, View};
use crate::host::env::Host;
use crate::plugin::edge::{Answer, Page};
use serde_json::Value;

/// The view that was asked for.
pub fn answer(facts: &Facts, judgement: &Judgement, plan: &Plan, host: &Host) -> Answer {
    let page = match plan.view {
        View::Check => Page::Check,
        View::Report => Page::Text(report::text(facts, judgement, plan, host.terminal)),
        View::Suggest => Page::Text(suggest::text(facts, plan)),
        View::Json => Page::Json(json(facts)),
    };
    Answer {
        report: check::report(facts, judgement, plan),
        page,
    }
}

/// The facts, and how many senders they do not name.
fn json(facts: &Facts) -> Value {
    let mut value = serde_json::to_value(facts).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        let more = facts.senders.len().saturating_sub(NAMED);
        fields.insert(String::from("senders_left_out"), more.into());
    }
    value
}
