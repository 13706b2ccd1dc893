//! What a check has to say, before it is rendered: the state, one headline, the numbers, and lines of detail.

use super::clean::Clean;
use super::metric::Metric;
use super::state::State;
use crate::host::partial::Partial;

/// A finished check. Takes [`Clean`] text only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The judgement; the exit status of every view.
    pub state: State,
    /// The text of the status line, behind `NAME STATE - `. Its first 80 characters tell the matter.
    pub headline: Clean,
    /// All perfdata, on the status line.
    pub metrics: Vec<Metric>,
    /// What was not read wholly.
    pub partial: Vec<Partial>,
    /// Further lines and the verbosity from which on they are shown (0: always).
    pub details: Vec<(u8, Clean)>,
}

impl Report {
    /// A report with a headline only.
    pub fn new(state: State, headline: impl AsRef<str>) -> Self {
        Self {
            state,
            headline: Clean::text(headline),
            metrics: Vec::new(),
            partial: Vec::new(),
            details: Vec::new(),
        }
    }

    /// Adds a line that is shown from `verbosity` on.
    pub fn line(&mut self, verbosity: u8, text: impl AsRef<str>) {
        self.details.push((verbosity, Clean::text(text)));
    }
}
