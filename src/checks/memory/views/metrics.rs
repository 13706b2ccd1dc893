//! Perfdata. The labels are an interface: graphs hang on them.

use crate::checks::memory::facts::Facts;
use crate::checks::memory::judge::Verdict;
use crate::checks::memory::plan::Plan;
use crate::memory::swap::Swap;
use crate::plugin::decimal::Decimal;
use crate::plugin::metric::{Metric, Unit};

/// free, used, total, swap_used, swap_free, oom_kills, pressure_full_avg60: as far as they are known.
pub(super) fn metrics(plan: &Plan, facts: &Facts, verdict: &Verdict) -> Vec<Metric> {
    let bytes = |label, value: u64| Metric::new(label, value, Unit::Bytes);
    let mut metrics = vec![
        bytes("free", facts.free)
            .with_limits(verdict.free)
            .with_max(facts.total),
        bytes("used", facts.used)
            .with_limits(verdict.used)
            .with_max(facts.total),
        bytes("total", facts.total),
    ];
    let space = match facts.swap {
        Swap::Space { total, free, used } => Some((total, free, used)),
        Swap::Absent => Some((0, 0, 0)),
        Swap::Unreadable | Swap::Implausible => None,
    };
    if let Some((total, free, used)) = space {
        metrics.extend([
            bytes("swap_used", used)
                .with_limits(verdict.swap_used)
                .with_max(total),
            bytes("swap_free", free)
                .with_limits(verdict.swap_free)
                .with_max(total),
        ]);
    }
    metrics.extend(
        facts
            .oom_kills
            .map(|kills| Metric::count("oom_kills", kills)),
    );
    if let Some(pressure) = facts.pressure.filter(|_| plan.judges_pressure()) {
        let share = Decimal::ratio(pressure.full.avg60.into(), 100);
        metrics.push(
            Metric::new("pressure_full_avg60", share, Unit::Percent)
                .with_limits(verdict.pressure)
                .with_max(100_u64),
        );
    }
    metrics
}
