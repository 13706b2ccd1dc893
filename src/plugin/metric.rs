//! Perfdata: `'label'=value[UOM];[warn];[crit];[min];[max]`.
//!
//! Labels are fixed by the code, never made from input: graph histories hang on them. Units are `s`, `B`, `%` or none, because
//! Icinga 2 reads `b` as bits and `KB` as 1000 bytes.

use super::decimal::Decimal;
use super::limits::Limits;
use std::fmt;

/// The unit of a metric's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A count.
    None,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// Per cent.
    Percent,
}

impl Unit {
    /// The unit as perfdata writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            Unit::None => "",
            Unit::Seconds => "s",
            Unit::Bytes => "B",
            Unit::Percent => "%",
        }
    }
}

/// One number for the graphs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// `[A-Za-z0-9_.-]+`, stable for ever.
    pub label: &'static str,
    /// The value, in `unit`.
    pub value: Decimal,
    /// The unit of value, limits, minimum and maximum.
    pub unit: Unit,
    /// The ranges to draw.
    pub limits: Limits,
    /// The least possible value.
    pub min: Option<Decimal>,
    /// The greatest possible value.
    pub max: Option<Decimal>,
}

impl Metric {
    /// A metric that cannot be negative, without limits.
    pub fn new(label: &'static str, value: impl Into<Decimal>, unit: Unit) -> Self {
        Self {
            label,
            value: value.into(),
            unit,
            limits: Limits::default(),
            min: Some(Decimal::ZERO),
            max: None,
        }
    }

    /// A count, without limits.
    pub fn count(label: &'static str, value: u64) -> Self {
        Self::new(label, value, Unit::None)
    }

    /// A length of time in whole seconds, without limits.
    pub fn seconds(label: &'static str, seconds: u64) -> Self {
        Self::new(label, seconds, Unit::Seconds)
    }

    /// The same metric with limits.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same metric with a greatest possible value.
    pub fn with_max(mut self, max: impl Into<Decimal>) -> Self {
        self.max = Some(max.into());
        self
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn part<T: fmt::Display>(value: Option<T>) -> String {
            value.map_or_else(String::new, |value| value.to_string())
        }
        let text = format!(
            "{}={}{};{};{};{};{}",
            self.label,
            self.value,
            self.unit.symbol(),
            part(self.limits.warning),
            part(self.limits.critical),
            part(self.min),
            part(self.max)
        );
        f.write_str(text.trim_end_matches(';'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed() {
        let limits = Limits {
            warning: Some("0".parse().unwrap()),
            critical: Some("10:".parse().unwrap()),
        };
        for (metric, text) in [
            (
                Metric::count("senders", 2).with_limits(limits),
                "senders=2;0;10:;0",
            ),
            (Metric::count("tries", 1912), "tries=1912;;;0"),
            (
                Metric::seconds("delay_worst", 33_120),
                "delay_worst=33120s;;;0",
            ),
            (
                Metric::new("free", 5_u64, Unit::Bytes).with_max(9_u64),
                "free=5B;;;0;9",
            ),
            (
                Metric {
                    min: None,
                    ..Metric::new("x", 1_u64, Unit::Percent)
                },
                "x=1%",
            ),
        ] {
            assert_eq!(metric.to_string(), text);
        }
    }
}
