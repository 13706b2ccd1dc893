//! The report for people: 80 columns, the causes as a table, then a block for each.

use super::words::{block, many, plural};
use crate::checks::mailq::facts::{Cause, Facts};
use crate::host::time::{Micros, Zone};
use crate::plugin::clean::Clean;
use crate::plugin::report::Report;
use crate::plugin::table::{Column, headings, row};

/// The width of the page.
const WIDTH: usize = 80;

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
        .map(|row| format!("  {} {}", plural(row.messages, "message"), many(row.class)))
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
                plural(listing.messages, "message")
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

/// Cleans a line and breaks it at blanks; further lines are indented by two more.
fn wrap(line: &str, indent: usize) -> Vec<String> {
    let clean = Clean::text(line);
    let mut lines: Vec<String> = Vec::new();
    let mut current = " ".repeat(indent);
    let mut empty = true;
    for word in clean.as_str().split(' ') {
        let length = current.chars().count() + word.chars().count() + usize::from(!empty);
        if !empty && length > WIDTH {
            lines.push(std::mem::replace(&mut current, " ".repeat(indent + 2)));
            empty = true;
        }
        if !empty {
            current.push(' ');
        }
        // A word that is longer than a line is cut: nothing of ours is that long.
        let room = WIDTH - current.chars().count();
        current.extend(word.chars().take(room));
        empty = false;
    }
    lines.push(current);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_never_exceed_the_page() {
        let text = format!("{} {}", "word ".repeat(30), "x".repeat(200));
        let lines = wrap(&text, 2);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert!(lines[0].starts_with("  word") && lines[1].starts_with("    word"));
        assert_eq!(wrap("a|b", 0), ["a/b"]);
    }
}
