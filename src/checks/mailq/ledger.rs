//! The book of one cause: how many messages, whose, when, to whom. Bounded, because strangers choose most of what is in it.

use super::case::{Case, Said};
use super::facts::{Cause, Counted};
use super::site::lower;
use super::trails::Trails;
use crate::host::time::Micros;
use crate::reply::{Class, Told, Verdict};
use hashbrown::{Equivalent, HashMap, HashSet};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;

/// Different names that one tally keeps.
const MOST: usize = 1000;
/// Names that a cause shows.
const SHOWN: usize = 5;
/// Queue ids that a cause shows.
const IDS: usize = 3;
/// Characters of the sample.
const SAMPLE: usize = 300;

/// Names and how often they were met.
#[derive(Debug)]
struct Tally<K>(HashMap<K, u64>);

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq + ToString> Tally<K> {
    fn add<Q>(&mut self, name: &Q)
    where
        Q: Hash + Equivalent<K> + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(count) = self.0.get_mut(name) {
            *count += 1;
        } else if self.0.len() < MOST {
            self.0.insert(name.to_owned(), 1);
        }
    }

    /// The largest first, the same number by name.
    fn top(self) -> Vec<Counted> {
        let mut all: Vec<Counted> = self
            .0
            .into_iter()
            .map(|(name, count)| Counted {
                name: name.to_string(),
                count,
            })
            .collect();
        all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        all.truncate(SHOWN);
        all
    }
}

/// What is known of one cause.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    messages: u64,
    recipients: u64,
    domains: Tally<String>,
    senders: Tally<String>,
    ours: Tally<IpAddr>,
    sites: HashSet<Arc<str>>,
    ids: Vec<String>,
    logged: Option<(Micros, Micros)>,
    arrivals: Option<(Micros, Micros)>,
    rule: Option<String>,
    sample: Option<String>,
    ask: Option<String>,
    /// The number of the message entered last: its replies come one after the other.
    last: Option<u64>,
    last_addresses: Vec<IpAddr>,
}

impl Ledger {
    /// Enters one reply about one message, which has a number of its own.
    pub(super) fn enter(
        &mut self,
        number: u64,
        case: &Case<'_>,
        said: &Said<'_>,
        (told, verdict): (&Told<'_>, &Verdict),
        site: Option<Arc<str>>,
    ) {
        if self.last != Some(number) {
            self.last = Some(number);
            self.message(case);
        }
        if let Some(recipient) = said.recipient {
            self.recipients += 1;
            let at = memchr::memrchr(b'@', recipient.as_bytes());
            let domain = at
                .and_then(|at| recipient.get(at + 1..))
                .unwrap_or(recipient);
            self.domains.add(lower(domain).as_ref());
        }
        if let Some(ours) = told.ours
            && !self.last_addresses.contains(&ours)
        {
            self.last_addresses.push(ours);
            self.ours.add(&ours);
        }
        if let Some(site) = site
            && self.sites.len() < MOST
        {
            self.sites.insert(site);
        }
        self.logged = widen(self.logged, said.times);
        self.rule = self.rule.take().or_else(|| verdict.rule.clone());
        self.ask = self.ask.take().or_else(|| verdict.ask.clone());
        self.sample
            .get_or_insert_with(|| said.reason.chars().take(SAMPLE).collect());
    }

    fn message(&mut self, case: &Case<'_>) {
        self.messages += 1;
        self.last_addresses.clear();
        if let Some(sender) = case.sender {
            self.senders.add(sender);
        }
        if self.ids.len() < IDS && !case.id.is_empty() {
            self.ids.push(case.id.to_owned());
        }
        self.arrivals = widen(self.arrivals, case.arrival.map(|at| (at, at)));
    }

    /// The cause; the log tells what its sites have accepted since.
    pub(super) fn cause(
        self,
        class: Class,
        name: String,
        counts: bool,
        log: Option<&Trails>,
    ) -> Cause {
        let times = self.logged.or(self.arrivals);
        let accepted_since = log.zip(times).map(|(log, (_, last))| {
            let accepted = |site: &Arc<str>| log.accepted_since(site, last);
            self.sites.iter().map(accepted).sum()
        });
        Cause {
            class,
            name,
            counts,
            rule: self.rule,
            messages: self.messages,
            recipients: self.recipients,
            domains: self.domains.top(),
            first: times.map(|(first, _)| first),
            last: times.map(|(_, last)| last),
            by_arrival: self.logged.is_none(),
            accepted_since,
            ours: self.ours.top(),
            senders: self.senders.top(),
            ids: self.ids,
            sample: self.sample.unwrap_or_default(),
            ask: self.ask,
        }
    }
}

fn widen(
    known: Option<(Micros, Micros)>,
    more: Option<(Micros, Micros)>,
) -> Option<(Micros, Micros)> {
    match (known, more) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (known, more) => known.or(more),
    }
}
