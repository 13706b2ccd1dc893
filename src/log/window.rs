//! The stretch of time that is looked at.

use crate::host::time::{DAY, HOUR, MINUTE, Micros, SECOND, Span};
use std::fmt;
use std::str::FromStr;

/// From `since` to `until`, both inside; `None` is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// The oldest instant inside.
    pub since: Option<Micros>,
    /// The newest instant inside.
    pub until: Option<Micros>,
}

impl Window {
    /// Whether `at` lies inside.
    pub fn contains(&self, at: Micros) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at <= until)
    }

    /// The same window, begun at the last full `step` of UTC before its start.
    pub fn begun_at(self, step: Micros) -> Self {
        let floor = |since: Micros| since - since.rem_euclid(step.max(1));
        Self {
            since: self.since.map(floor),
            ..self
        }
    }

    /// Whether all that was written up to `newest` lies before the window.
    pub fn is_behind(&self, newest: Micros) -> bool {
        self.since.is_some_and(|since| newest < since)
    }
}

/// How far back to look: a span, or as far as there is anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// As far as there is anything.
    All,
    /// This long before now.
    Back(Span),
}

impl Reach {
    /// How finely the start of the window is set: an hour for days, a minute for hours, a second for less. A window without a start is
    /// counted by days.
    pub fn step(self) -> Micros {
        match self {
            Reach::All => DAY,
            Reach::Back(Span(span)) if span >= DAY => HOUR,
            Reach::Back(Span(span)) if span >= HOUR => MINUTE,
            Reach::Back(_) => SECOND,
        }
    }
}

impl FromStr for Reach {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Reach::All),
            _ => text
                .parse()
                .map(Reach::Back)
                .map_err(|why| format!("{why}, or all")),
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reach::All => f.write_str("all"),
            Reach::Back(span) => span.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_inside() {
        let window = Window {
            since: Some(5),
            until: Some(9),
        };
        let inside: Vec<Micros> = (0..12).filter(|at| window.contains(*at)).collect();
        assert_eq!(inside, [5, 6, 7, 8, 9]);
        assert!(window.is_behind(4) && !window.is_behind(5));
        assert!(
            Window::default().contains(Micros::MIN) && !Window::default().is_behind(Micros::MIN)
        );
    }

    #[test]
    fn reaches_parse_and_print() {
        for text in ["all", "7d", "6h"] {
            assert_eq!(text.parse::<Reach>().unwrap().to_string(), text);
        }
        assert!("".parse::<Reach>().is_err() && "ALL".parse::<Reach>().is_err());
    }
}
