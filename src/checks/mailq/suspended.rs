//! Recipients that Exim did not try because their server had refused others: what that server said to those stands in for a reason.
//!
//! Exim logs a refusal for one message per server and retry interval; of all the others it notes only `retry time not reached`. Postfix
//! tells each of them why (`delivery temporarily suspended: host … refused …`). Exim names no server in such a line, so the last
//! word of the recipient's domain is taken: its last refusal, unless it took a message since.

use super::lookup::Lookup;
use super::site::lower;
use crate::delivery::event::{Event, Outcome, What};
use crate::host::time::Micros;
use hashbrown::HashMap;
use std::sync::Arc;

/// Domains whose last word is remembered: senders choose whom they write to.
const MOST_DOMAINS: usize = 20_000;
/// What a recipient costs that was skipped, beside its text: a message of its own, in the end.
const SKIP: usize = 900;
/// How a reason begins that a server gave.
const REPLY: &str = "host ";
/// Postfix's words for the same.
const SUSPENDED: &str = "delivery temporarily suspended: ";

/// What was last heard of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    at: Micros,
    /// Why it refused; `None` where it took the message.
    reason: Option<Arc<str>>,
}

/// The last words of domains, and who waits for them. Joins: what a later part could not know of its domain is known from the one before.
#[derive(Debug, Default)]
pub(super) struct Suspended {
    /// By the domain in lower case.
    domains: HashMap<Box<str>, Word>,
    /// By the message's id.
    messages: HashMap<Vec<u8>, Skips>,
    /// The bytes of the messages.
    filled: usize,
}

/// The recipients of one message that were skipped.
#[derive(Debug, Default)]
struct Skips {
    list: Vec<Skip>,
    by_recipient: Lookup,
}

#[derive(Debug, Clone)]
struct Skip {
    recipient: Box<str>,
    /// The domain's last word before; `None` where nothing was heard of it.
    word: Option<Word>,
}

/// Why a recipient was skipped.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inferred {
    pub(super) id: Vec<u8>,
    pub(super) recipient: String,
    /// As Postfix puts it.
    pub(super) reason: String,
    /// When the domain said so.
    pub(super) at: Micros,
}

impl Suspended {
    /// Takes what Exim logged; says whether the line tells more of the message itself than that a recipient was skipped.
    pub(super) fn hears(&mut self, event: &Event<'_>, at: Micros) -> bool {
        match &event.what {
            What::Skipped {
                recipient,
                given_up,
            } => {
                let word = self.word(recipient);
                let recipient = recipient.as_ref().into();
                self.skip(event.id, Skip { recipient, word });
                return *given_up;
            }
            What::Tried(attempt) => {
                let refused = attempt.outcome != Outcome::Sent;
                let reason = refused.then(|| Arc::from(attempt.reason.as_ref()));
                // What failed on our side or on the way is no word of the domain.
                let speaks = !refused || attempt.reason.starts_with(REPLY);
                if let Some(domain) = domain(&attempt.recipient).filter(|_| speaks) {
                    self.note(&lower(domain), Word { at, reason });
                }
            }
            _ => {}
        }
        true
    }

    fn note(&mut self, domain: &str, word: Word) {
        if let Some(known) = self.domains.get_mut(domain) {
            *known = word;
        } else if self.domains.len() < MOST_DOMAINS {
            self.domains.insert(domain.into(), word);
        }
    }

    fn skip(&mut self, id: &[u8], skip: Skip) {
        let cost = skip.cost();
        if self.messages.entry_ref(id).or_default().put(skip) {
            self.filled += cost;
        }
    }

    /// The bytes that are filled.
    pub(super) fn filled(&self) -> usize {
        self.filled
    }

    /// Forgets who was skipped of a message of which nothing will be asked.
    pub(super) fn forget(&mut self, id: &[u8]) {
        if let Some(skips) = self.messages.remove(id) {
            let cost: usize = skips.list.iter().map(Skip::cost).sum();
            self.filled = self.filled.saturating_sub(cost);
        }
    }

    fn word(&self, recipient: &str) -> Option<Word> {
        self.domains
            .get(lower(domain(recipient)?).as_ref())
            .cloned()
    }

    /// Adds what came later.
    pub(super) fn join(&mut self, later: Self) {
        for (id, skips) in later.messages {
            for mut skip in skips.list {
                skip.word = skip.word.or_else(|| self.word(&skip.recipient));
                self.skip(&id, skip);
            }
        }
        for (domain, word) in later.domains {
            self.note(&domain, word);
        }
    }

    /// Why the recipients were skipped, as far as it is known, those of one message in their order.
    pub(super) fn inferred(self) -> impl Iterator<Item = Inferred> {
        let skips = self.messages.into_iter();
        let skips = skips
            .flat_map(|(id, skips)| skips.list.into_iter().map(move |skip| (id.clone(), skip)));
        skips.filter_map(|(id, skip)| {
            let Word { at, reason } = skip.word?;
            Some(Inferred {
                id,
                recipient: skip.recipient.into_string(),
                reason: [SUSPENDED, &reason?].concat(),
                at,
            })
        })
    }
}

impl Skip {
    fn cost(&self) -> usize {
        SKIP + 2 * self.recipient.len()
    }
}

impl Skips {
    /// The last time counts; says whether there was none before.
    fn put(&mut self, skip: Skip) -> bool {
        let known = self
            .by_recipient
            .find(&skip.recipient, &self.list, |known| Some(&known.recipient));
        match known.and_then(|at| self.list.get_mut(at)) {
            Some(known) => {
                known.word = skip.word;
                false
            }
            None => {
                self.list.push(skip);
                true
            }
        }
    }
}

fn domain(recipient: &str) -> Option<&str> {
    recipient.rsplit_once('@').map(|(_, domain)| domain)
}

#[cfg(test)]
mod tests;
