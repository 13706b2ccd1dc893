//! The messages met in listings. One that moves while its queue is listed appears twice, and one of the two entries may have no reason:
//! Postfix lists what it is just trying without the reason of the last try.
//!
//! A queue may hold a million messages, so only keys are kept, and messages only where the log tells of a refusal that the listing
//! does not tell: what was said before its reason comes must not be counted apart.

use super::trail::Trail;
use crate::mailq::message::Message;
use hashbrown::{DefaultHashBuilder, HashMap, HashSet};
use std::hash::BuildHasher;

/// The messages seen: instance, queue id, arrival, hashed with a key of this run.
#[derive(Default)]
pub(super) struct Seen {
    keys: HashSet<u64>,
    /// Those that had no reason yet.
    silent: HashSet<u64>,
    /// Those of them that the log tells of, with their number.
    put_off: HashMap<u64, (usize, Silent)>,
    hasher: DefaultHashBuilder,
}

/// A message without a reason, and what the log tells of it.
pub(super) type Silent = (Message<'static>, Box<Trail>);

/// What an entry of a listing is to those before it.
pub(super) enum Entry {
    /// Nothing was known of the message; its key.
    New(u64),
    /// The message is known, its reason is not; what was put off of it.
    Reason(Option<Box<Trail>>),
    /// It has been counted.
    Known,
}

impl Seen {
    /// Takes the next entry. A message without an id is always new.
    pub(super) fn entry(&mut self, place: &str, message: &Message<'_>) -> Entry {
        let key = self.hasher.hash_one((place, &message.id, message.arrival));
        let silent = is_silent(message);
        if message.id.is_empty() {
            return Entry::New(key);
        }
        if self.keys.insert(key) {
            if silent {
                self.silent.insert(key);
            }
            return Entry::New(key);
        }
        if silent || !self.silent.remove(&key) {
            return Entry::Known;
        }
        let put_off = self.put_off.remove(&key);
        Entry::Reason(put_off.map(|(_, (_, trail))| trail))
    }

    /// Keeps what the log tells of a message without a reason until all entries have come.
    pub(super) fn put_off(&mut self, key: u64, message: &Message<'_>, trail: Box<Trail>) {
        let silent = (message.clone().into_owned(), trail);
        self.put_off.insert(key, (self.keys.len(), silent));
    }

    /// Those that no reason came for, in the order in which they were listed.
    pub(super) fn silent(&mut self) -> Vec<Silent> {
        let mut left: Vec<(usize, Silent)> = self.put_off.drain().map(|(_, left)| left).collect();
        left.sort_by_key(|(number, _)| *number);
        left.into_iter().map(|(_, silent)| silent).collect()
    }
}

/// Whether the listing gives no reason for any recipient.
pub(super) fn is_silent(message: &Message<'_>) -> bool {
    message.recipients.iter().all(|r| r.reason.is_none())
}
