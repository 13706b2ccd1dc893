//! What went wrong, in one line: what is wrong, what would be right, and the fix where it is known.

use crate::host::access::Obstacle;
use std::fmt;

/// An expected failure: the check could not look. Printed as UNKNOWN. An error that is not a `Failure` is a bug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    what: String,
    fix: Option<String>,
}

impl Failure {
    /// What is wrong and what would be right, in one sentence.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            fix: None,
        }
    }

    /// The same with the command or step that mends it.
    pub fn with_fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// A file or program that is out of reach: `cannot read PATH: why (fix: command)`.
    pub fn obstacle(subject: impl fmt::Display, obstacle: Obstacle) -> Self {
        Self {
            what: format!("cannot read {subject}: {}", obstacle.what),
            fix: obstacle.fix,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.fix {
            Some(fix) => write!(f, " (fix: {fix})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}
