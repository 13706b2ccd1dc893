//! Identical replies are judged once: a queue of 100,000 messages holds a few dozen causes.
//!
//! Two steps, because replies come with the names of servers and recipients in them. The first key is a `sketch` of the
//! reply as it came, the second one the normalised, masked text with the provider of the server: all that a rule can see. Both
//! lead to the number of a verdict. Only our own address is looked up in each reply. The stores are bounded, because the texts come
//! from strangers.

use std::net::IpAddr;

use hashbrown::HashMap;

use super::classify::{Classifier, Verdict};
use super::head::Head;
use super::mask;
use super::ours;
use super::sketch::Sketch;
use super::text::readable;

/// Different keys that are kept in each step, and different verdicts; about 300 bytes each.
const MOST: usize = 20_000;

/// The number of a verdict, from 0: one for all replies that mean the same.
pub type VerdictId = usize;

/// One reply: what it means, and what is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told<'r> {
    /// See [`Memo::verdict`].
    pub verdict: VerdictId,
    /// Our own address as the reply names it.
    pub ours: Option<IpAddr>,
    /// The server that replied, as written.
    pub host: Option<&'r str>,
}

/// A classifier that remembers.
#[derive(Debug)]
pub struct Memo<'c> {
    classifier: &'c Classifier,
    sketch: Sketch,
    sketched: HashMap<String, VerdictId>,
    judged: HashMap<String, VerdictId>,
    numbers: HashMap<Verdict, VerdictId>,
    verdicts: Vec<Verdict>,
}

impl<'c> Memo<'c> {
    /// Remembers nothing yet.
    #[must_use]
    pub fn new(classifier: &'c Classifier) -> Self {
        Memo {
            classifier,
            sketch: Sketch::default(),
            sketched: HashMap::new(),
            judged: HashMap::new(),
            numbers: HashMap::new(),
            verdicts: Vec::new(),
        }
    }

    /// What the reply means; the same for all replies that mean the same.
    pub fn tell<'r>(&mut self, reason: &'r str) -> Told<'r> {
        let reason = readable(reason);
        let head = Head::of(reason);
        self.sketch.draw(&head, self.classifier.names());
        let known = self.sketched.get(self.sketch.key.as_str()).copied();
        let verdict = known.unwrap_or_else(|| {
            let verdict = self.judge(reason);
            remember(&mut self.sketched, &self.sketch.key, verdict);
            verdict
        });
        Told {
            verdict,
            ours: ours::among(&head, &self.sketch.found, self.classifier.names()),
            host: head.host,
        }
    }

    /// What replies of this number have in common: no address of ours, no server.
    #[must_use]
    pub fn verdict(&self, number: VerdictId) -> Option<&Verdict> {
        self.verdicts.get(number)
    }

    /// The same verdict as [`Classifier::classify`].
    pub fn classify(&mut self, reason: &str) -> Verdict {
        let told = self.tell(reason);
        let common = self.verdict(told.verdict).cloned();
        Verdict {
            ours: told.ours,
            remote_host: told.host.map(str::to_lowercase),
            ..common.unwrap_or_default()
        }
    }

    /// How many different replies were judged.
    #[must_use]
    pub fn different(&self) -> usize {
        self.judged.len()
    }

    fn judge(&mut self, reason: &str) -> VerdictId {
        let reply = self.classifier.normalise(reason);
        let masked = mask::mask(&reply.text);
        let host = reply.host.as_deref().unwrap_or_default();
        let provider = self.classifier.names().provider(host);
        // An unknown list is named after the text, so it is part of the key.
        let zone = reply.lister.as_ref().or(reply.zones.first());
        let zone = zone.map_or("", String::as_str);
        let provider = provider.map_or("", |provider| &provider.name);
        let key = [provider, "\n", zone, "\n", &masked].concat();
        if let Some(verdict) = self.judged.get(&key) {
            return *verdict;
        }
        let verdict = self.classifier.judge(&reply, &masked);
        let verdict = self.number(verdict);
        remember(&mut self.judged, &key, verdict);
        verdict
    }

    /// The number of a verdict. When there are very many, the names of lists are what strangers chose: they are given up.
    fn number(&mut self, mut verdict: Verdict) -> VerdictId {
        if self.verdicts.len() >= MOST {
            verdict.list = None;
        }
        *self.numbers.entry(verdict).or_insert_with_key(|verdict| {
            self.verdicts.push(verdict.clone());
            self.verdicts.len() - 1
        })
    }
}

fn remember(store: &mut HashMap<String, VerdictId>, key: &str, verdict: VerdictId) {
    if store.len() < MOST {
        store.insert(key.to_owned(), verdict);
    }
}
