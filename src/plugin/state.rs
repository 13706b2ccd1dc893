//! The four states, their exit codes and their order.

use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// What a check says, in order of severity: OK < WARNING < UNKNOWN < CRITICAL (as monitoring-plugins and go-check order them).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nothing to do.
    Ok,
    /// Somebody should look.
    Warning,
    /// The check could not tell.
    Unknown,
    /// Somebody must act.
    Critical,
}

impl State {
    /// The exit code that the monitoring cores read: 0, 1, 2 or 3.
    pub fn exit_code(self) -> u8 {
        match self {
            State::Ok => 0,
            State::Warning => 1,
            State::Critical => 2,
            State::Unknown => 3,
        }
    }

    /// The word on the status line.
    pub fn name(self) -> &'static str {
        match self {
            State::Ok => "OK",
            State::Warning => "WARNING",
            State::Critical => "CRITICAL",
            State::Unknown => "UNKNOWN",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [State::Ok, State::Warning, State::Critical, State::Unknown]
            .into_iter()
            .find(|state| state.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| {
                format!("'{text}' is not a state: write ok, warning, critical or unknown")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_names_and_order() {
        let ordered = [State::Ok, State::Warning, State::Unknown, State::Critical];
        assert!(ordered.is_sorted());
        assert_eq!(ordered.map(State::exit_code), [0, 1, 3, 2]);
        for state in ordered {
            assert_eq!(state.to_string().to_lowercase().parse(), Ok(state));
        }
        assert!("okay".parse::<State>().is_err());
        assert!("".parse::<State>().is_err());
    }
}
