//! The rules, loaded when the first reply comes: most queues hold none, and reading the tables takes longer than reading a short queue.

use super::plan::{Plan, unusable};
use crate::plugin::failure::Failure;
use crate::reply::Classifier;
use std::cell::OnceCell;

/// The classifier of a plan.
pub struct Late<'p> {
    plan: &'p Plan,
    /// With the rules of an admin.
    classifier: OnceCell<Classifier>,
}

impl<'p> Late<'p> {
    /// Nothing is loaded, except an admin's own rules: a mistake in them is told on a quiet day too.
    ///
    /// # Errors
    /// A [`Failure`] for a mistake in the admin's rules.
    pub fn new(plan: &'p Plan) -> Result<Self, Failure> {
        let late = Self {
            plan,
            classifier: OnceCell::new(),
        };
        if plan.rules.is_some() {
            late.classifier()?;
        }
        Ok(late)
    }

    /// The classifier, loaded now where it was not before.
    pub(super) fn classifier(&self) -> Result<&Classifier, Failure> {
        if self.plan.rules.is_none() {
            return Classifier::builtin().map_err(unusable);
        }
        if let Some(classifier) = self.classifier.get() {
            return Ok(classifier);
        }
        let loaded = Classifier::new(self.plan.rule_set()?);
        Ok(self.classifier.get_or_init(|| loaded))
    }
}
