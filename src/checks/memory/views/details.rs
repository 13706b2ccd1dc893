//! The lines below the status line: who has the memory; with -v what was judged; with -vv how it was computed; with -vvv where
//! the memory is.

use super::headline::{name, percent};
use super::judged;
use crate::checks::memory::facts::{Facts, Source};
use crate::checks::memory::judge::Verdict;
use crate::checks::memory::plan::Plan;
use crate::memory::cgroup::{Group, High};
use crate::memory::process::Consumer;
use crate::memory::swap::Swap;
use crate::plugin::clean::Clean;
use crate::plugin::report::Report;
use crate::plugin::state::State;
use crate::words::counted;

/// Characters of a unit's name; the scope of a container is longer.
const UNIT: usize = 40;

/// Adds all lines, each with the verbosity from which on it is shown.
pub(super) fn add(report: &mut Report, plan: &Plan, facts: &Facts, verdict: &Verdict) {
    ignored(report, plan);
    droppable(report, plan, facts, verdict);
    consumers(report, plan, facts, verdict);
    judged::add(report, plan, facts, verdict);
    group(report, plan, facts);
    swap_and_pressure(report, plan, facts);
    computed(report, plan, facts);
    for (part, bytes) in facts.breakdown.rows() {
        report.line(3, format!("{part}: {}", plan.unit.show(bytes)));
    }
}

/// The original took stray words without a sound; they are still taken, and named.
fn ignored(report: &mut Report, plan: &Plan) {
    for word in &plan.ignored {
        let word = Clean::short(word, UNIT);
        report.line(0, format!("'{word}' belongs to no option and is ignored"));
    }
}

/// The working set is the careful number: before an alarm wakes somebody up it says how careful.
fn droppable(report: &mut Report, plan: &Plan, facts: &Facts, verdict: &Verdict) {
    let (Some((group, limit)), Some(bytes)) = (facts.limit(), facts.droppable()) else {
        return;
    };
    report.line(
        u8::from(verdict.state == State::Ok),
        format!(
            "{} of what cgroup {} uses are cache that the kernel may still drop ({})",
            plan.unit.show(bytes),
            path(&limit.tightest),
            group.version.droppable().join(", ")
        ),
    );
}

fn consumers(report: &mut Report, plan: &Plan, facts: &Facts, verdict: &Verdict) {
    let from = u8::from(verdict.state == State::Ok);
    if let Some(missing) = &facts.no_processes {
        report.line(from, missing.to_string());
    }
    let Some(found) = &facts.consumers else {
        return;
    };
    if found.others_hidden {
        report.line(
            from,
            "the processes of other users are hidden from this one (mount option hidepid of /proc), so the list may miss the largest",
        );
    }
    for consumer in &found.top {
        report.line(from, row(plan, consumer));
    }
    if found.more > 0 && !found.top.is_empty() {
        report.line(1, format!("{} more programs with less", found.more));
    }
}

/// `php-fpm (php8.2-fpm.service): 1333M in 12 processes, 3M of it swapped`.
fn row(plan: &Plan, consumer: &Consumer) -> String {
    let unit = consumer
        .unit
        .as_deref()
        .map(|unit| Clean::short(unit, UNIT));
    let unit = unit.map_or_else(String::new, |unit| format!(" ({unit})"));
    let processes = counted(consumer.processes, "process");
    let swapped = match consumer.swap {
        swap if !plan.unit.is_visible(swap) => String::new(),
        swap => format!(", {} of it swapped", plan.unit.show(swap)),
    };
    let sum = plan.unit.show(consumer.sum);
    format!("{}{unit}: {sum} in {processes}{swapped}", name(consumer))
}

fn group(report: &mut Report, plan: &Plan, facts: &Facts) {
    let Some(group) = &facts.cgroup else {
        return;
    };
    if let Some(other) = &group.counted_in {
        report.line(
            1,
            format!(
                "cgroup {} has no memory controller, so the numbers are those of {}",
                path(&group.path),
                path(other)
            ),
        );
    }
    usage(report, plan, group);
    least_room(report, plan, facts);
    for high in &group.high {
        report.line(1, slowed_down(plan, group, high));
    }
}

fn usage(report: &mut Report, plan: &Plan, group: &Group) {
    let Some(usage) = group.usage else {
        return;
    };
    let show = |bytes: u64| plan.unit.show(bytes);
    let whose = path(group.counted_in.as_ref().unwrap_or(&group.path));
    let (current, working_set) = (show(usage.current), show(usage.working_set));
    let limit = match &group.limit {
        Some(limit) => format!(
            "limit {} by {}",
            plan.unit.show_total(limit.limit),
            path(&limit.limited_by)
        ),
        None => String::from("no limit"),
    };
    report.line(
        1,
        format!(
            "cgroup {whose} uses {current}, {working_set} of it without inactive files; {limit}"
        ),
    );
}

/// Where the room is smallest, if not where the limit is.
fn least_room(report: &mut Report, plan: &Plan, facts: &Facts) {
    let Some((_, limit)) = facts.limit() else {
        return;
    };
    if facts.host_is_tightest {
        let room = plan.unit.show(facts.host.room());
        report.line(1, format!("the host itself has the least room: {room}"));
    } else if limit.tightest != limit.limited_by {
        let room = plan.unit.show(limit.free);
        report.line(
            1,
            format!("{} has the least room: {room}", path(&limit.tightest)),
        );
    }
}

fn slowed_down(plan: &Plan, group: &Group, high: &High) -> String {
    let bytes = plan.unit.show(high.bytes);
    let reached = if high.reached { ", reached" } else { "" };
    match high.group == group.path {
        true => format!("memory.high: the kernel slows the cgroup down above {bytes}{reached}"),
        false => format!(
            "memory.high of {}: the kernel slows all below it down above {bytes}{reached}",
            path(&high.group)
        ),
    }
}

fn path(path: &str) -> Clean {
    Clean::short(path, 200)
}

fn swap_and_pressure(report: &mut Report, plan: &Plan, facts: &Facts) {
    let show = |bytes: u64| plan.unit.show(bytes);
    if let Some(why) = facts.swap.why_unknown() {
        report.line(1, format!("swap unknown: {why}"));
    }
    match facts.swap {
        Swap::Unreadable | Swap::Implausible => {}
        Swap::Absent => report.line(1, "swap: none"),
        Swap::Space { total, used, .. } => {
            report.line(
                1,
                format!(
                    "swap: {} of {} used",
                    show(used),
                    plan.unit.show_total(total)
                ),
            );
        }
    }
    if let Some(pressure) = facts.pressure {
        let full = pressure.full;
        report.line(
            1,
            format!(
                "pressure: all tasks waited for memory {} of the last 10 s, {} of the last minute, {} of the last 5 minutes",
                percent(full.avg10),
                percent(full.avg60),
                percent(full.avg300)
            ),
        );
    }
    if let Some(kills) = facts.oom_kills {
        let whose = match facts.cgroup {
            None => "since the host booted",
            Some(_) => "in this cgroup since it exists",
        };
        report.line(
            1,
            format!("OOM kills {whose}: {kills} (shown, never judged)"),
        );
    }
}

fn computed(report: &mut Report, plan: &Plan, facts: &Facts) {
    let host = &facts.host;
    report.line(
        2,
        format!(
            "{}: total {} bytes, available {} bytes ({})",
            plan.root.join("proc/meminfo").display(),
            host.total,
            host.available.bytes,
            host.available.explained()
        ),
    );
    if let Some(arc) = host.zfs_arc_counted {
        report.line(
            2,
            match facts.source {
                Source::Host => format!("ZFS ARC: {arc} bytes can shrink and count as free"),
                Source::Cgroup => {
                    format!("ZFS ARC: {arc} bytes can shrink and count as available on the host")
                }
            },
        );
    }
    if let Some((_, limit)) = facts.limit() {
        report.line(
            2,
            format!(
                "room in the cgroup {} bytes, on the host {} bytes: the smaller one is free",
                limit.free,
                host.room()
            ),
        );
    }
    if host.zfs_arc_foreign {
        report.line(
            2,
            "this is a container: the ZFS ARC is the host's and does not count",
        );
    }
    report.line(
        2,
        format!(
            "free {} + used {} = total {} bytes",
            facts.free, facts.used, facts.total
        ),
    );
}
