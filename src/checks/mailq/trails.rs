//! What a log tells of all messages, as a tally.
//!
//! A message is a queue id and an arrival: short ids are used again. The arrival is the time of a line less its `delay=`, to the
//! second. Messages that were never refused are forgotten as soon as they leave the queue, if all of their history was seen: so
//! most lines find their message in a small table.

use super::sites::Sites;
use super::trail::{Taken, Trail};
use crate::delivery::event::{Attempt, Event, Outcome, What};
use crate::delivery::{exim, postfix};
use crate::host::time::Micros;
use crate::log::entry::Line;
use crate::log::fold::Tally;
use compact_str::CompactString;
use hashbrown::HashMap;
use smallvec::SmallVec;

/// Messages that had the same queue id, one after the other.
type Lives = SmallVec<[Trail; 1]>;

/// What a log tells, by queue id.
#[derive(Debug, Default)]
pub struct Trails {
    trails: HashMap<CompactString, Lives>,
    sites: Sites,
    pub(super) first: Option<Micros>,
}

impl Trails {
    /// The words that the lines hold which this tally reads.
    pub fn words() -> Vec<&'static str> {
        postfix::WORDS.into_iter().chain(exim::WORDS).collect()
    }

    /// Takes out what is known of a message: the last one with this id that fits.
    pub fn take(&mut self, instance: &str, id: &str, arrival: Option<Micros>) -> Option<Trail> {
        let trails = self.trails.get_mut(id)?;
        let at = trails
            .iter()
            .rposition(|trail| trail.is_of(instance, arrival))?;
        Some(trails.remove(at))
    }

    /// The messages left that were refused, with their ids, in the order in which the log tells of them.
    pub fn rest(&self) -> Vec<(&str, &Trail)> {
        let lives = self.trails.iter();
        let mut rest: Vec<(&str, &Trail)> = lives
            .flat_map(|(id, trails)| trails.iter().map(move |trail| (id.as_str(), trail)))
            .filter(|(_, trail)| trail.is_refused())
            .collect();
        rest.sort_by_key(|(id, trail)| (trail.begun(), *id));
        rest
    }

    /// How many messages a site has accepted after `since`.
    pub fn accepted_since(&self, site: &str, since: Micros) -> u64 {
        self.sites.accepted_since(site, since)
    }

    fn note(&mut self, at: Micros, event: Event<'_>) {
        let first = *self.first.get_or_insert(at);
        let Event { instance, id, what } = event;
        let arrival = match &what {
            What::Tried(attempt) => attempt.delay.map(|delay| at - delay),
            _ => None,
        };
        let taken = match what {
            What::Tried(ref attempt) if attempt.outcome == Outcome::Sent => {
                Some(accepted(&mut self.sites, attempt, at))
            }
            _ => None,
        };
        let trail = self.trail(&id, &instance, arrival, at);
        trail.arrival = trail.arrival.or(arrival);
        match (what, taken) {
            (_, Some(taken)) => trail.taken(taken),
            (What::Tried(attempt), None) => trail.failed(attempt, at),
            (What::Queued { sender }, _) => trail.sender = Some(sender.as_ref().into()),
            (What::Refused { reason }, _) => trail.refused(&reason, at),
            (What::Expired, _) => trail.expired = trail.expired.or(Some(at)),
            (What::Removed, _) => {
                trail.removed = true;
                self.forget(&id, first);
            }
        }
    }

    /// The last message with this id, or a new one.
    fn trail(
        &mut self,
        id: &str,
        instance: &str,
        arrival: Option<Micros>,
        at: Micros,
    ) -> &mut Trail {
        let lives = self.trails.entry(id.into()).or_default();
        let last = lives.last();
        if !last.is_some_and(|last| last.goes_on(instance, arrival)) {
            lives.push(Trail::new(instance, at));
        }
        let last = lives.len() - 1;
        &mut lives[last]
    }

    /// Forgets the last message with this id where nothing will be asked about it.
    fn forget(&mut self, id: &str, first: Micros) {
        if let Some(lives) = self.trails.get_mut(id)
            && lives.last().is_some_and(|trail| trail.is_done(first))
        {
            lives.pop();
            if lives.is_empty() {
                self.trails.remove(id);
            }
        }
    }

    /// Adds what came later to the last message with this id.
    fn add(&mut self, id: &str, news: Trail, first: Micros) {
        let lives = self.trails.entry(id.into()).or_default();
        match lives.last_mut() {
            Some(last) if last.goes_on(&news.instance, news.arrival) => last.absorb(news),
            _ => lives.push(news),
        }
        self.forget(id, first);
    }
}

/// Notes that a server has accepted a message.
fn accepted(sites: &mut Sites, attempt: &Attempt<'_>, at: Micros) -> Taken {
    let server = attempt.relay.as_deref();
    Taken {
        recipient: attempt.recipient.as_ref().into(),
        site: server.and_then(|server| sites.accepts(server, at)),
        at,
    }
}

impl Tally for Trails {
    fn see(&mut self, line: &Line<'_>) {
        if let Some(event) = exim::event(line.rest) {
            self.note(line.at, event);
        } else if let Some(entry) = line.entry()
            && let Some(event) = postfix::event(entry.tag, entry.message)
        {
            self.note(line.at, event);
        }
    }

    fn join(&mut self, later: Self) {
        let first = *match (&mut self.first, later.first) {
            (Some(first), _) => first,
            (first, Some(later)) => first.insert(later),
            (None, None) => return,
        };
        for (id, lives) in later.trails {
            for trail in lives {
                self.add(&id, trail, first);
            }
        }
        self.sites.join(later.sites);
    }
}

#[cfg(test)]
mod tests;
