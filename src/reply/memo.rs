//! Identical replies are judged once: a queue of 100,000 messages holds a few dozen causes.
//!
//! Two steps, because replies come with the names of servers and recipients in them. The first key is a `sketch` of the
//! reply as it came, the second one the normalised, masked text with the provider of the server: all that a rule can see. Only our
//! own address is looked up in each reply. The stores are bounded, because the texts come from strangers.

use hashbrown::HashMap;

use super::classify::{Classifier, Verdict};
use super::head::Head;
use super::mask;
use super::ours;
use super::sketch::Sketch;
use super::text::readable;

/// Different keys that are kept in each step; about 300 bytes each.
const MOST: usize = 20_000;

/// A classifier that remembers.
#[derive(Debug)]
pub struct Memo<'c> {
    classifier: &'c Classifier,
    sketched: HashMap<String, Verdict>,
    judged: HashMap<String, Verdict>,
}

impl<'c> Memo<'c> {
    /// Remembers nothing yet.
    #[must_use]
    pub fn new(classifier: &'c Classifier) -> Self {
        Memo {
            classifier,
            sketched: HashMap::new(),
            judged: HashMap::new(),
        }
    }

    /// The same verdict as [`Classifier::classify`].
    pub fn classify(&mut self, reason: &str) -> Verdict {
        let reason = readable(reason);
        let head = Head::of(reason);
        let sketch = Sketch::of(&head, self.classifier.names());
        let verdict = match self.sketched.get(&sketch.key) {
            Some(verdict) => verdict.clone(),
            None => {
                let verdict = self.judge(reason);
                remember(&mut self.sketched, sketch.key, &verdict);
                verdict
            }
        };
        Verdict {
            ours: ours::among(head.reply, &sketch.found, head.address),
            remote_host: head.host.map(str::to_lowercase),
            ..verdict
        }
    }

    /// How many different replies were judged.
    #[must_use]
    pub fn different(&self) -> usize {
        self.judged.len()
    }

    fn judge(&mut self, reason: &str) -> Verdict {
        let reply = self.classifier.normalise(reason);
        let masked = mask::mask(&reply.text);
        let host = reply.host.as_deref().unwrap_or_default();
        let provider = self.classifier.names().provider(host);
        // An unknown list is named after the text, so it is part of the key.
        let zone = reply.zones.first().map_or("", String::as_str);
        let provider = provider.map_or("", |provider| &provider.name);
        let key = [provider, "\n", zone, "\n", &masked].concat();
        if let Some(verdict) = self.judged.get(&key) {
            return verdict.clone();
        }
        let verdict = self.classifier.judge(&reply, &masked);
        remember(&mut self.judged, key, &verdict);
        verdict
    }
}

fn remember(store: &mut HashMap<String, Verdict>, key: String, verdict: &Verdict) {
    if store.len() < MOST {
        store.insert(key, verdict.clone());
    }
}
