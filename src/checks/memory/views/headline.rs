//! The status line: how much is free, by whose count, why that is not OK, and who has the rest.

use crate::checks::memory::facts::{Facts, Source};
use crate::checks::memory::judge::Verdict;
use crate::checks::memory::options::Metric;
use crate::checks::memory::plan::Plan;
use crate::memory::process::Consumer;
use crate::memory::swap::Swap;
use crate::plugin::clean::Clean;
use crate::plugin::state::State;

/// How many programs the first line names.
const NAMED: usize = 3;
/// Characters of a cgroup's path on the first line.
const PATH: usize = 60;
/// Characters of a program's name: the kernel keeps 15 bytes.
const NAME: usize = 15;

/// The parts of the line, most important first; the first one begins as the original's did.
pub(super) fn parts(plan: &Plan, facts: &Facts, verdict: &Verdict) -> Vec<String> {
    let mut parts = amounts(plan, facts);
    parts.extend(source(plan, facts));
    parts.extend(high(plan, facts));
    parts.extend(verdict.memory_reason.clone());
    parts.extend(counted(plan, facts));
    parts.extend(swap(plan, facts, verdict));
    parts.extend(pressure(plan, facts, verdict));
    parts.extend(oom_kills(facts));
    parts.extend(consumers(plan, facts));
    parts
}

fn amounts(plan: &Plan, facts: &Facts) -> Vec<String> {
    let total = plan.unit.show_total(facts.total);
    let free = plan.unit.show(facts.free);
    match plan.metric {
        Metric::Free => vec![format!("{free} free ({} of {total})", facts.free_percent)],
        Metric::Used => {
            let used = plan.unit.show(facts.used);
            let share = facts.used_percent;
            vec![
                format!("{used} used ({share} of {total})"),
                format!("{free} free"),
            ]
        }
    }
}

/// Who decided on the numbers, where it was not the kernel for the whole host.
fn source(plan: &Plan, facts: &Facts) -> Vec<String> {
    let short = |path: &str| Clean::short(path, PATH).to_string();
    let Some((group, limit)) = facts.limit() else {
        let unlimited = plan.group().map(|path| {
            let path = short(&path.to_string());
            format!("memory of the host as cgroup {path} has no limit")
        });
        let estimated = facts.host.estimated.then(|| String::from("estimated"));
        return estimated.into_iter().chain(unlimited).collect();
    };
    let limited = match (&*group.path, limit.limited_by == group.path) {
        ("/", _) => String::from("limit of this container's cgroup"),
        (path, true) => format!("limit of cgroup {}", short(path)),
        (path, false) => {
            let by = short(&limit.limited_by);
            format!("cgroup {}, limit of {by}", short(path))
        }
    };
    let host = facts
        .host_is_tightest
        .then(|| String::from("the host has no more"));
    let estimated =
        (facts.host_is_tightest && facts.host.estimated).then(|| String::from("estimated"));
    [Some(limited), host, estimated]
        .into_iter()
        .flatten()
        .collect()
}

/// The nearest memory.high that is reached: the kernel slows the programs down, whatever else is free.
fn high(plan: &Plan, facts: &Facts) -> Option<String> {
    let group = facts.cgroup.as_ref()?;
    let high = group.high.iter().find(|high| high.reached)?;
    let bytes = plan.unit.show_total(high.bytes);
    Some(match high.group == group.path {
        true => format!("at its memory.high of {bytes}"),
        false => format!(
            "{} at its memory.high of {bytes}",
            Clean::short(&high.group, PATH)
        ),
    })
}

/// What was added to the free memory and taken off the total.
fn counted(plan: &Plan, facts: &Facts) -> Vec<String> {
    if !facts.host_decides() {
        return Vec::new();
    }
    let mut parts = Vec::new();
    if let Some(arc @ 1..) = facts.host.zfs_arc_counted {
        parts.push(format!("with {} of the ZFS ARC", plan.unit.show(arc)));
    }
    if let Some(pages @ 1..) = facts.host.hugepages_excluded
        && facts.source == Source::Host
    {
        parts.push(format!("without {} of huge pages", plan.unit.show(pages)));
    }
    parts
}

/// Swap, where it is judged.
fn swap(plan: &Plan, facts: &Facts, verdict: &Verdict) -> Option<String> {
    if !plan.swap.any() {
        return None;
    }
    let text = match (facts.swap, facts.swap_free_percent) {
        (Swap::Space { total, free, .. }, Some(share)) => {
            let (free, total) = (plan.unit.show(free), plan.unit.show_total(total));
            format!("swap {free} free ({share} of {total})")
        }
        _ => String::from("swap"),
    };
    Some(match (&verdict.swap_reason, facts.swap) {
        (_, Swap::Absent) => String::from("no swap"),
        (None, _) => text,
        (Some(reason), _) => format!("{text} {reason}"),
    })
}

/// Pressure, where it is judged.
fn pressure(plan: &Plan, facts: &Facts, verdict: &Verdict) -> Option<String> {
    if !plan.judges_pressure() {
        return None;
    }
    let text = match facts.pressure {
        Some(pressure) => format!("pressure {}", percent(pressure.full.avg60)),
        None => String::from("pressure"),
    };
    Some(match &verdict.pressure_reason {
        Some(reason) => format!("{text} {reason}"),
        None => text,
    })
}

/// Hundredths of a per cent, as the kernel prints them.
pub(super) fn percent(hundredths: u64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// Kills are shown and never judged: the number does not go back until the next boot.
fn oom_kills(facts: &Facts) -> Option<String> {
    match facts.oom_kills {
        None | Some(0) => None,
        Some(1) => Some(String::from("1 OOM kill so far")),
        Some(kills) => Some(format!("{kills} OOM kills so far")),
    }
}

fn consumers(plan: &Plan, facts: &Facts) -> Option<String> {
    let found = facts.consumers.as_ref()?;
    let named: Vec<String> = found
        .top
        .iter()
        .filter(|consumer| plan.unit.is_visible(consumer.sum))
        .take(NAMED)
        .map(|consumer| format!("{} {}", name(consumer), plan.unit.show(consumer.sum)))
        .collect();
    (!named.is_empty() && !found.others_hidden).then(|| named.join(", "))
}

/// A program's name; a process may give itself an empty one.
pub(super) fn name(consumer: &Consumer) -> String {
    match Clean::short(&consumer.program, NAME).to_string() {
        name if name.trim().is_empty() => String::from("(no name)"),
        name => name,
    }
}

/// The state and the first line's parts, one a line, for a report.
pub(super) fn lines(plan: &Plan, facts: &Facts, verdict: &Verdict) -> Vec<String> {
    let state: State = verdict.state;
    let parts = parts(plan, facts, verdict);
    let mut lines = parts.iter().map(|part| Clean::text(part).to_string());
    let first = lines.next().unwrap_or_default();
    [format!("Memory {state}: {first}")]
        .into_iter()
        .chain(lines)
        .collect()
}
