//! Identical replies are judged once: a queue of 100,000 messages holds a few dozen causes.
//!
//! The key is the masked text and the provider of the replying host, for these two decide. The store is bounded, because
//! the texts come from strangers.

use std::collections::HashMap;

use super::classify::{Classifier, Verdict};
use super::mask;

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
        let reply = self.classifier.normalise(reason);
        let masked = mask::mask(&reply.text);
        let provider = self
            .classifier
            .provider_of(reply.host.as_deref())
            .unwrap_or_default();
        let key = [provider, "\n", &masked].concat();
        let verdict = match self.known.get(&key) {
            Some(verdict) => verdict.clone(),
            None => self.remembered(key, self.classifier.judge(&reply, &masked)),
        };
        self.classifier.particular(verdict, &reply)
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
