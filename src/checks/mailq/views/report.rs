//! The report for people: 80 columns, the causes as a table, then a block for each.

use super::words::{block, many};
use crate::checks::mailq::facts::{Cause, Facts};
use crate::host::time::{Micros, Zone};
use crate::plugin::page::wrap;
use crate::plugin::report::Report;
use crate::plugin::table::{Column, headings, row};
use crate::words::counted;

const COLUMNS: [Column; 5] = [
    Column::left("who refuses", 28),
    Column::left("class", 11),
    Column::right("messages", 8),
    Column::right("recipients", 10),
    Column::left("our address", 15),
];

/// The whole page.
pub fn page(facts: &Facts, report: &Report, now: Micros, zone: Zone) -> String {
    let mut lines = wrap(&format!("{}: {}", report.state, report.headline), 0);
    lines.push(String::new());
    lines.extend(table(facts));
    let (counting, others): (Vec<&Cause>, Vec<&Cause>) =
        facts.causes.iter().partition(|c| c.counts);
    for cause in counting {
        lines.push(String::new());
        lines.extend(paragraph(cause, now, zone));
    }
    if !others.is_empty() {
        lines.push(String::new());
        lines.push(String::from("Not because of our server, by class:"));
        lines.extend(classes(facts));
    }
    lines.extend(sources(facts, report));
    lines.join("\n") + "\n"
}

fn table(facts: &Facts) -> Vec<String> {
    if facts.causes.is_empty() {
        return vec![String::from("Nobody refuses our mail.")];
    }
    let mut lines = vec![headings(&COLUMNS)];
    lines.extend(facts.causes.iter().map(|cause| {
        let ours = cause
            .ours
            .first()
            .map_or_else(String::new, |row| row.name.clone());
        row(
            &COLUMNS,
            &[
                cause.name.clone(),
                cause.class.to_string(),
                cause.messages.to_string(),
                cause.recipients.to_string(),
                ours,
            ],
        )
    }));
    lines
}

fn paragraph(cause: &Cause, now: Micros, zone: Zone) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, line) in block(cause, now, zone)
        .iter()
        .filter(|line| !line.is_empty())
        .enumerate()
    {
        lines.extend(wrap(line, if index == 0 { 0 } else { 2 }));
    }
    lines
}

fn classes(facts: &Facts) -> Vec<String> {
    facts
        .classes
        .iter()
        .filter(|row| {
            row.messages > 0
                && facts
                    .causes
                    .iter()
                    .any(|c| !c.counts && c.class == row.class)
        })
        .map(|row| format!("  {} {}", counted(row.messages, "message"), many(row.class)))
        .collect()
}

/// What was read.
fn sources(facts: &Facts, report: &Report) -> Vec<String> {
    let mut lines = vec![String::new()];
    for listing in &facts.listings {
        lines.extend(wrap(
            &format!(
                "Queue: {}, {}",
                listing.name,
                counted(listing.messages, "message")
            ),
            0,
        ));
    }
    match &facts.log {
        Some(log) => lines.extend(wrap(
            &format!("Log: {}, window {}", log.names.join(", "), log.window),
            0,
        )),
        None => lines.push(String::from(
            "Log: not read, refusals for good (5xx) are not seen; see --log",
        )),
    }
    for missing in &report.partial {
        lines.extend(wrap(&format!("Not read wholly: {missing}"), 0));
    }
    lines
}
