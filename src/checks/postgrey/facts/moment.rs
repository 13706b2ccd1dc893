//! Times and lengths of time among the facts.

use crate::host::env::Host;
use crate::host::time::{Civil, Micros, SECOND, Span};
use serde::{Serialize, Serializer};
use std::fmt;

/// A time: in JSON as all others are, for people in the host's zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Micros,
    /// The same on the clock of the host.
    pub local: String,
}

impl Moment {
    pub(super) fn new(at: Micros, host: &Host) -> Self {
        Self {
            at,
            local: host.zone.civil(at).to_string(),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.local)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(self.at))
    }
}

/// As [`seconds`], in half the room: 136 years.
pub(super) fn whole_seconds(length: Micros) -> u32 {
    u32::try_from(length / SECOND).unwrap_or(u32::MAX)
}

/// In seconds; none where it is negative.
pub(super) fn seconds(length: Micros) -> u64 {
    u64::try_from(length / SECOND).unwrap_or(0)
}

/// `2026-11-21T08:19:33Z`
pub(super) fn rfc3339(at: Micros) -> String {
    format!("{}Z", Civil::from_utc(at)).replace(' ', "T")
}

/// A length of time for people.
pub fn span(seconds: impl Into<u64>) -> Span {
    let seconds = seconds.into();
    Span(
        i64::try_from(seconds)
            .unwrap_or(i64::MAX / SECOND)
            .saturating_mul(SECOND),
    )
}
