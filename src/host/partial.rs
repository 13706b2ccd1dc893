//! Partial input as a value: what could not be read wholly, and why. Gathering goes on; the judge decides what it means.

use serde::Serialize;

/// One source of which only a part was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Partial {
    /// The source: a file's path, or a name such as `standard input`.
    pub what: String,
    /// Why the rest is missing, and what to do where that is known. One line.
    pub why: String,
}

impl Partial {
    /// Names a source that was not read wholly.
    pub fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
        }
    }
}

impl std::fmt::Display for Partial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}
