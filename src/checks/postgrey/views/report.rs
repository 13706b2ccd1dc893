//! The table for people, 80 columns wide.

use super::super::facts::{Facts, SenderFacts, span};
use super::super::judge::Judgement;
use super::super::plan::Plan;
use super::check;
use crate::host::both::both;
use crate::plugin::clean::Clean;
use crate::plugin::page::{WIDTH, wrap};
use crate::plugin::table::{Cell, Column, headings, write_row};
use crate::postgrey::verdict::Verdict;
use compact_str::ToCompactString;

const COLUMNS: [Column; 11] = [
    Column::left("sender", 21),
    Column::right("tries", 5),
    Column::right("new", 5),
    Column::right("hosts", 5),
    Column::right("nets", 4),
    Column::right("pool", 4),
    Column::right("pass", 4),
    Column::right("lost", 4),
    Column::right("pend", 4),
    Column::right("worst", 5),
    Column::left("verdict", 9),
];

/// What the headings mean.
const LEGEND: [&str; 10] = [
    "tries    greylisted tries; new: those not retried too early",
    "hosts    client names; nets: their networks (/24, /64)",
    "pool     mails tried from two or more networks: no retry matches",
    "pass     mails that came back and passed",
    "lost     mails without a pass within 2 days after the last try",
    "pend     mails too young to tell",
    "worst    longest delay of a mail that passed, from its first try",
    "verdict  whitelist: greylisting only delays its mail; leave: what greylisting",
    "         is for, or hardly hurt by it; look: a person should look",
    "k, M     thousands, millions, where a number is too long for its column",
];

/// Senders that are written at once, by two threads: few enough that the rows of one need not much memory until they are put behind
/// those of the other.
const AT_ONCE: usize = 16_384;

/// The report.
pub fn text(facts: &Facts, judgement: &Judgement, plan: &Plan, colour: bool) -> String {
    let mut text = String::with_capacity((facts.senders.len() + 40) * WIDTH);
    text.push_str(&headings(&COLUMNS));
    text.push('\n');
    for senders in facts.senders.chunks(AT_ONCE) {
        let (front, back) = senders.split_at(senders.len() / 2);
        let (back, ()) = both(
            senders.len(),
            || rows(back, colour),
            || write_rows(&mut text, front, colour),
        );
        text.push_str(&back);
    }
    for line in explanation(facts, judgement, plan) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// What stands below the table.
fn explanation(facts: &Facts, judgement: &Judgement, plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    if facts.senders.is_empty() {
        lines.push(String::from("(no sender was greylisted)"));
    }
    lines.push(String::new());
    lines.extend(LEGEND.map(str::to_owned));
    lines.push(String::new());
    lines.extend(reasons(facts));
    let not_read = facts
        .partial
        .iter()
        .map(|partial| format!("not read wholly: {partial}"));
    let headline = check::headline(facts, judgement, plan);
    let mut paragraphs = check::apart(facts);
    paragraphs.extend(facts.not_reloaded.iter().map(check::not_reloaded));
    paragraphs.extend(not_read);
    paragraphs.extend(facts.state_file.clone());
    paragraphs.push(format!("{}: {headline}", judgement.state));
    lines.extend(paragraphs.iter().flat_map(|paragraph| wrap(paragraph, 0)));
    lines
}

fn rows(senders: &[SenderFacts], colour: bool) -> String {
    let mut text = String::with_capacity(senders.len() * WIDTH);
    write_rows(&mut text, senders, colour);
    text
}

fn write_rows(text: &mut String, senders: &[SenderFacts], colour: bool) {
    for sender in senders {
        write_sender(text, sender, colour);
    }
}

/// One line; a name that is too long for its column has a line of its own.
fn write_sender(text: &mut String, sender: &SenderFacts, colour: bool) {
    let counts = &sender.counts;
    let mut name = &*sender.name;
    if name.chars().count() > COLUMNS[0].width {
        text.push_str(Clean::short(name, WIDTH).as_str());
        text.push('\n');
        name = "";
    }
    let worst = counts
        .delay_worst
        .map(|worst| span(worst).to_compact_string());
    let cells = [
        Cell::Text(name),
        Cell::Number(counts.tries.into()),
        Cell::Number(counts.new.into()),
        Cell::Number(sender.hosts.into()),
        Cell::Number(sender.networks.into()),
        Cell::Number(counts.pool_mails.into()),
        Cell::Number(counts.passed.into()),
        Cell::Number(counts.lost.into()),
        Cell::Number(counts.pending.into()),
        Cell::Text(worst.as_deref().unwrap_or("-")),
        Cell::Text(sender.verdict.word()),
    ];
    write_row(text, &COLUMNS, cells);
    if colour {
        paint(text, sender.verdict);
    }
    text.push('\n');
}

/// Colours the verdict, the last word of the text.
fn paint(text: &mut String, verdict: Verdict) {
    let code = match verdict {
        Verdict::Whitelist => "33",
        Verdict::Look => "36",
        Verdict::Leave => "32",
    };
    if let Some(blank) = text.rfind(' ') {
        text.insert_str(blank + 1, &format!("\u{1b}[{code}m"));
        text.push_str("\u{1b}[0m");
    }
}

/// Why the big senders got their verdicts.
fn reasons(facts: &Facts) -> Vec<String> {
    let lines = facts.big().map(|sender| {
        format!(
            "{}: {}, {}",
            Clean::short(&sender.name, check::NAME_LENGTH),
            sender.verdict.word(),
            sender.why
        )
    });
    let mut lines: Vec<_> = lines.flat_map(|line| wrap(&line, 0)).collect();
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}
