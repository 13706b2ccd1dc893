//! From plan and facts to the verdict: a pure function.

use super::facts::Facts;
use super::options::Metric;
use super::plan::{Plan, Thresholds};
use super::threshold::Bad;
use crate::memory::swap::Swap;
use crate::plugin::decimal::Decimal;
use crate::plugin::failure::Failure;
use crate::plugin::limits::Limits;
use crate::plugin::range::Range;
use crate::plugin::state::State;

/// The judgement, with everything the views say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The worst of all.
    pub state: State,
    /// Limits of free memory, given or complementary.
    pub free: Limits,
    /// Limits of used memory, given or complementary.
    pub used: Limits,
    /// Limits of free swap.
    pub swap_free: Limits,
    /// Limits of used swap, complementary.
    pub swap_used: Limits,
    /// Limits of the pressure, per cent.
    pub pressure: Limits,
    /// Why the memory is not OK: `below 60%`.
    pub memory_reason: Option<String>,
    /// Why the swap is not OK.
    pub swap_reason: Option<String>,
    /// Why the pressure is not OK.
    pub pressure_reason: Option<String>,
}

/// A state and the reason for it, where it is not OK.
type Judged = (State, Option<String>);

/// Judges the facts.
///
/// # Errors
/// Where a threshold makes no sense for this amount of memory.
pub fn judge(plan: &Plan, facts: &Facts) -> Result<Verdict, Failure> {
    let given = plan.memory.limits(plan.metric.bad(), facts.total)?;
    let other = given.map(|range| complement(range, facts.total));
    let (free, used, value) = match plan.metric {
        Metric::Free => (given, other, facts.free),
        Metric::Used => (other, given, facts.used),
    };
    let (memory, memory_reason) = memory(plan, given, value);
    let swap_limits = match facts.swap {
        Swap::Space { total, .. } => plan.swap.limits(Bad::Low, total)?,
        _ => Limits::default(),
    };
    let (swap, swap_reason) = swap(plan, facts, swap_limits);
    let pressure_limits = plan.pressure.limits(Bad::High, 100)?;
    let (pressure, pressure_reason) = pressure(plan, facts, pressure_limits);
    Ok(Verdict {
        state: memory.max(swap).max(pressure),
        free,
        used,
        swap_free: swap_limits,
        swap_used: match facts.swap {
            Swap::Space { total, .. } => swap_limits.map(|range| complement(range, total)),
            _ => Limits::default(),
        },
        pressure: pressure_limits,
        memory_reason,
        swap_reason,
        pressure_reason,
    })
}

/// The same alarms for `total - value`: `N:` for free becomes `total-N` for used, which every front end can draw.
fn complement(range: Range, total: u64) -> Range {
    let total = Decimal::from(total);
    let mirrored = |end: Decimal| (total - end).max(Decimal::ZERO);
    let start = range.end().map(mirrored).or(Some(Decimal::ZERO));
    let end = range.start().map(mirrored).filter(|end| *end < total);
    Range::new(range.inverted(), start, end).unwrap_or(range)
}

fn memory(plan: &Plan, limits: Limits, value: u64) -> Judged {
    let state = limits.judge(value.into());
    let reason = reason(&plan.memory, plan.metric.bad(), limits, state, value.into());
    (state, reason)
}

/// How `value` lies to the threshold behind `state`. A bare number that makes an alarm of plenty was hardly meant so.
fn reason(
    thresholds: &Thresholds,
    bad: Bad,
    limits: Limits,
    state: State,
    value: Decimal,
) -> Option<String> {
    let (threshold, range) = match state {
        State::Critical => (&thresholds.critical, limits.critical),
        State::Warning => (&thresholds.warning, limits.warning),
        State::Ok | State::Unknown => return None,
    };
    let threshold = threshold.as_ref()?;
    let words = threshold.passed_by(value, range?);
    Some(match threshold.is_bare() && bad == Bad::Low {
        true => format!("{words}, did you mean {threshold}: ?"),
        false => words,
    })
}

fn swap(plan: &Plan, facts: &Facts, limits: Limits) -> Judged {
    match facts.swap {
        _ if !plan.swap.any() => (State::Ok, None),
        Swap::Absent => (plan.no_swap, None),
        Swap::Space { free, .. } => {
            let state = limits.judge(free.into());
            (
                state,
                reason(&plan.swap, Bad::Low, limits, state, free.into()),
            )
        }
        unknown => (
            State::Unknown,
            unknown.why_unknown().map(|why| format!("unknown: {why}")),
        ),
    }
}

fn pressure(plan: &Plan, facts: &Facts, limits: Limits) -> Judged {
    if !plan.judges_pressure() {
        return (State::Ok, None);
    }
    let Some(pressure) = facts.pressure else {
        let why = facts.no_pressure.as_ref().map(ToString::to_string);
        return (
            State::Unknown,
            Some(format!("unknown: {}", why.unwrap_or_default())),
        );
    };
    let value = Decimal::ratio(pressure.full.avg60.into(), 100);
    let state = limits.judge(value);
    (
        state,
        reason(&plan.pressure, Bad::High, limits, state, value),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Free and used alarm together, as long as no end lies above the total.
        #[test]
        fn complements_alarm_alike(inverted: bool, ends in [0u64..=1000, 0u64..=1000], open in 0u8..4, free in 0u64..=1000) {
            let end = |value: u64, mask: u8| (open & mask == 0).then(|| Decimal::from(value));
            let [a, b] = ends;
            let range = Range::new(inverted, end(a.min(b), 1), end(a.max(b), 2)).unwrap();
            let alarms = complement(range, 1000).alerts((1000 - free).into());
            prop_assert_eq!(alarms, range.alerts(free.into()));
        }
    }

    #[test]
    fn complements_can_be_drawn() {
        for (free, used) in [
            ("250:", "750"),
            ("0:", "0:"),
            ("1001:", "0"),
            ("400", "600:"),
            ("100:900", "100:900"),
            ("@100", "@900:"),
            ("~:", "0:"),
        ] {
            let range: Range = free.parse().unwrap();
            assert_eq!(complement(range, 1000).to_string(), used, "{free}");
        }
    }
}
