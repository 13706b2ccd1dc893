//! With -v: which thresholds there are, which way they go, and what they mean in bytes on this machine.

use crate::checks::memory::facts::Facts;
use crate::checks::memory::judge::Verdict;
use crate::checks::memory::options::Metric;
use crate::checks::memory::plan::Plan;
use crate::plugin::decimal::Decimal;
use crate::plugin::range::Range;
use crate::plugin::report::Report;

/// Adds the lines.
pub(super) fn add(report: &mut Report, plan: &Plan, facts: &Facts, verdict: &Verdict) {
    estimate(report, facts);
    let (metric, side, limits) = match plan.metric {
        Metric::Free => ("free", "below", verdict.free),
        Metric::Used => ("used", "above", verdict.used),
    };
    report.line(
        1,
        format!("-w and -c judge the {metric} memory: a percentage or size alarms {side} it"),
    );
    if !plan.memory.any() {
        report.line(1, "neither -w nor -c is given, so the memory is always OK");
    }
    for (option, threshold, range) in [
        ("-w", &plan.memory.warning, limits.warning),
        ("-c", &plan.memory.critical, limits.critical),
    ] {
        if let (Some(threshold), Some(range)) = (threshold, range) {
            report.line(
                1,
                format!("{option} {threshold} is the range {range} in bytes"),
            );
            if threshold.is_bare() {
                report.line(
                    1,
                    format!("{option} {threshold} is a bare number: it alarms above it, {threshold}: would alarm below it"),
                );
            }
        }
    }
    if let (Some(warning), Some(critical)) = (limits.warning, limits.critical)
        && hides(critical, warning)
    {
        report.line(
            1,
            "with this much memory -c is passed before -w, so there is no WARNING",
        );
    }
}

/// Whether `warning` cannot alarm before `critical` on one of its sides. A percentage and a size may lie so on a small machine.
fn hides(critical: Range, warning: Range) -> bool {
    let comparable = !critical.inverted() && !warning.inverted();
    let low = matches!((critical.start(), warning.start()), (Some(c), Some(w)) if c > w && w > Decimal::ZERO);
    let high = matches!((critical.end(), warning.end()), (Some(c), Some(w)) if c < w);
    comparable && (low || high)
}

fn estimate(report: &mut Report, facts: &Facts) {
    if facts.host_decides() && facts.host.estimated {
        report.line(
            1,
            format!("free is estimated: {}", facts.host.available.explained()),
        );
    }
}
