//! What a text must say to fit a rule, and what it must not.

use super::pattern::{Answer, Pattern};
use super::words::Words;
use super::written::{AnyOf, Written};

/// A rule's `pattern` and its `unless`, each of them compiled when it is first needed.
#[derive(Debug, Clone)]
pub(super) struct Wording {
    pattern: Pattern,
    unless: Option<Pattern>,
}

impl Wording {
    /// With the `{words}` filled in; an unknown one is an error.
    pub(super) fn new(written: &Written, words: &Words) -> Result<Self, String> {
        let pattern = |any: &AnyOf| words.filled(&any.joined()).map(Pattern::new);
        Ok(Self {
            pattern: pattern(&written.pattern)?,
            unless: written.unless.as_ref().map(pattern).transpose()?,
        })
    }

    /// Compiles now, to find mistakes of an admin's file when it is loaded.
    pub(super) fn check(&self) -> Result<(), String> {
        self.pattern.check()?;
        self.unless.as_ref().map_or(Ok(()), Pattern::check)
    }

    /// Whether a masked text fits; literals and names are asked elsewhere.
    pub(super) fn ask(&self, text: &str) -> Answer {
        let answer = self.pattern.ask(text);
        match (&answer, &self.unless) {
            (Answer::Yes(_), Some(unless)) => match unless.ask(text) {
                Answer::Yes(_) => Answer::No,
                Answer::No => answer,
                Answer::GaveUp => Answer::GaveUp,
            },
            _ => answer,
        }
    }
}
