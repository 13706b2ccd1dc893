//! Identical replies are judged once: a queue of 100,000 messages holds a few dozen causes.
//!
//! The key is the whole reason with addresses, ids and times masked; two reasons of one key differ in nothing that a rule can
//! see. Only our own address is looked up in each reply. The store is bounded, because the texts come from strangers.

use hashbrown::HashMap;

use super::classify::{Classifier, Verdict, particular};
use super::text::readable;
use super::{address, mask};

/// Different masked texts that are kept; about 300 bytes each.
const MOST: usize = 20_000;

/// A classifier that remembers.
#[derive(Debug)]
pub struct Memo<'c> {
    classifier: &'c Classifier,
    known: HashMap<String, Verdict>,
}

impl<'c> Memo<'c> {
    /// Remembers nothing yet.
    #[must_use]
    pub fn new(classifier: &'c Classifier) -> Self {
        Memo {
            classifier,
            known: HashMap::new(),
        }
    }

    /// The same verdict as [`Classifier::classify`].
    pub fn classify(&mut self, reason: &str) -> Verdict {
        let reason = readable(reason);
        let found = address::addresses(reason);
        let key = mask::mask_found(reason, &found);
        let verdict = match self.known.get(&key) {
            Some(verdict) => verdict.clone(),
            None => self.remembered(key, self.classifier.classify(reason)),
        };
        particular(verdict, reason, &found)
    }

    /// How many different replies were judged.
    #[must_use]
    pub fn different(&self) -> usize {
        self.known.len()
    }

    fn remembered(&mut self, key: String, verdict: Verdict) -> Verdict {
        if self.known.len() < MOST {
            self.known.insert(key, verdict.clone());
        }
        verdict
    }
}
