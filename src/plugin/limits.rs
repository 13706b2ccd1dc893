//! The pair of limits behind `-w` and `-c`, for whole and for partial input.

use super::decimal::Decimal;
use super::range::Range;
use super::state::State;

/// Warning and critical range; a missing one never alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// The range behind `-w`.
    pub warning: Option<Range>,
    /// The range behind `-c`.
    pub critical: Option<Range>,
}

impl Limits {
    /// The same limits for another metric, such as the rest to a total.
    pub fn map(self, complement: impl Fn(Range) -> Range) -> Self {
        Self {
            warning: self.warning.map(&complement),
            critical: self.critical.map(&complement),
        }
    }

    /// The state of a value that is known exactly.
    pub fn judge(&self, value: Decimal) -> State {
        let alerts = |range: Option<Range>| range.is_some_and(|range| range.alerts(value));
        if alerts(self.critical) {
            State::Critical
        } else if alerts(self.warning) {
            State::Warning
        } else {
            State::Ok
        }
    }

    /// The state of a count of which only the lower bound `at_least` is known: an alarm that more input cannot undo, else UNKNOWN.
    /// A warning is proven only where the critical range could still be judged by an upper limit; with `N:` or `@` it could not.
    pub fn judge_at_least(&self, at_least: Decimal) -> State {
        let proven = |range: Option<Range>| range.is_some_and(|r| r.alerts_for_good(at_least));
        let open = self.critical.is_some_and(|range| {
            range.inverted() || range.end().is_none() && range.start().is_some()
        });
        if proven(self.critical) {
            State::Critical
        } else if proven(self.warning) && !open {
            State::Warning
        } else {
            State::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(warning: &str, critical: &str) -> Limits {
        let range = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        Limits {
            warning: range(warning),
            critical: range(critical),
        }
    }

    #[test]
    fn whole_and_partial() {
        use State::{Critical, Ok, Unknown, Warning};
        for (warning, critical, value, whole, partial) in [
            ("0", "", 0_u64, Ok, Unknown),
            ("0", "", 1, Warning, Warning),
            ("0", "10", 11, Critical, Critical),
            ("0", "10", 10, Warning, Warning),
            ("", "", 5, Ok, Unknown),
            ("5:", "2:", 1, Critical, Unknown),
            ("@1:5", "", 3, Warning, Unknown),
            ("0", "3:", 5, Warning, Unknown),
            ("0", "@7:9", 5, Warning, Unknown),
            ("2:4", "", 5, Warning, Warning),
            ("2:4", "", 1, Warning, Unknown),
        ] {
            let limits = limits(warning, critical);
            assert_eq!(
                limits.judge(value.into()),
                whole,
                "{warning} {critical} {value}"
            );
            assert_eq!(
                limits.judge_at_least(value.into()),
                partial,
                "{warning} {critical} {value}"
            );
        }
    }

    #[test]
    fn mapping_keeps_what_is_missing() {
        let doubled = limits("5:", "").map(|_| Range::at_least(10_u64.into()));
        assert_eq!(doubled, limits("10:", ""));
    }

    #[test]
    fn worse_input_is_never_a_better_state() {
        let limits = limits("0", "10");
        let states: Vec<State> = (0..20_u64)
            .map(|n| limits.judge_at_least(n.into()))
            .collect();
        assert_eq!(states[0], State::Unknown);
        assert!(states[1..].is_sorted());
    }
}
