//! The report for people: the verdict, a picture of where the memory is, swap, pressure, and the largest programs. 80 columns.

use super::headline::{self, name, percent};
use crate::checks::memory::amount::Share;
use crate::checks::memory::facts::Facts;
use crate::checks::memory::judge::Verdict;
use crate::checks::memory::plan::Plan;
use crate::memory::swap::Swap;
use crate::plugin::page::wrap;
use crate::plugin::table::{Column, headings, row};

const PARTS: [Column; 4] = [
    Column::left("where", 26),
    Column::right("size", 12),
    Column::right("share", 6),
    Column::left("", 30),
];

const PROGRAMS: [Column; 5] = [
    Column::left("program", 15),
    Column::left("unit", 30),
    Column::right("processes", 9),
    Column::right("memory", 10),
    Column::right("swap", 10),
];

/// The whole report, with its last newline.
pub(super) fn text(plan: &Plan, facts: &Facts, verdict: &Verdict) -> String {
    let headline = headline::lines(plan, facts, verdict);
    let mut lines: Vec<_> = headline.iter().flat_map(|line| wrap(line, 0)).collect();
    lines.push(String::new());
    lines.extend(parts(plan, facts));
    lines.push(String::new());
    lines.push(swap(plan, facts));
    lines.extend(facts.pressure.map(|pressure| {
        format!(
            "Pressure: all tasks waited {} of the last minute",
            percent(pressure.full.avg60)
        )
    }));
    lines.extend(facts.oom_kills.map(|kills| format!("OOM kills: {kills}")));
    lines.extend(programs(plan, facts));
    lines.join("\n") + "\n"
}

fn parts(plan: &Plan, facts: &Facts) -> Vec<String> {
    let cells = facts
        .breakdown
        .rows()
        .into_iter()
        .filter(|(_, bytes)| *bytes > 0);
    let lines = cells.map(|(part, bytes)| {
        let share = Share::of(bytes, facts.total);
        row(
            &PARTS,
            &[
                part.to_owned(),
                plan.unit.show(bytes),
                share.to_string(),
                share.bar(30),
            ],
        )
    });
    [headings(&PARTS)].into_iter().chain(lines).collect()
}

fn swap(plan: &Plan, facts: &Facts) -> String {
    match facts.swap {
        Swap::Absent => String::from("Swap: none"),
        Swap::Unreadable | Swap::Implausible => String::from("Swap: unknown"),
        Swap::Space { total, used, .. } => {
            format!(
                "Swap: {} of {} used",
                plan.unit.show(used),
                plan.unit.show_total(total)
            )
        }
    }
}

fn programs(plan: &Plan, facts: &Facts) -> Vec<String> {
    let Some(found) = facts
        .consumers
        .as_ref()
        .filter(|found| !found.top.is_empty())
    else {
        return Vec::new();
    };
    let rows = found.top.iter().map(|consumer| {
        let cells = [
            name(consumer),
            consumer.unit.clone().unwrap_or_default(),
            consumer.processes.to_string(),
            plan.unit.show(consumer.memory),
            plan.unit.show(consumer.swap),
        ];
        row(&PROGRAMS, &cells)
    });
    let mut lines = vec![String::new(), headings(&PROGRAMS)];
    lines.extend(rows);
    if found.more > 0 {
        lines.push(format!("{} more programs with less", found.more));
    }
    if found.others_hidden {
        lines.push(String::from(
            "Processes of other users are hidden (mount option hidepid of /proc).",
        ));
    }
    lines
}
