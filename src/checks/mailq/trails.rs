//! What a log tells of all messages, as a tally.
//!
//! A message is a queue id and an arrival: short ids are used again. The arrival is the time of a line less its `delay=`, to the
//! second. Messages that were never refused are forgotten as soon as they leave the queue, if all of their history was seen: so
//! most lines find their message in a small table.
//!
//! The instance is the name in the tag, by the queue manager's lines: a transport may have a name of its own (`-o syslog_name=` in
//! master.cf), as is usual where it sends from an address of its own.

use super::sites::Sites;
use super::trail::{Taken, Trail};
use crate::delivery::event::{Attempt, Event, Outcome, What};
use crate::delivery::{exim, postfix};
use crate::host::time::Micros;
use crate::log::entry::{Entry, Line};
use crate::log::fold::Tally;
use crate::log::stamp;
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
    /// The names under which queue managers log.
    managers: SmallVec<[CompactString; 1]>,
}

impl Trails {
    /// The words that the lines hold which this tally reads.
    pub fn words() -> Vec<&'static str> {
        postfix::WORDS.into_iter().chain(exim::WORDS).collect()
    }

    /// Takes out what is known of a message: the last one with this id that fits.
    pub fn take(&mut self, instance: &str, id: &str, arrival: Option<Micros>) -> Option<Trail> {
        let managers = &self.managers;
        let trails = self.trails.get_mut(id)?;
        let managed = managers.iter().any(|name| name == instance);
        let at = trails
            .iter()
            .rposition(|trail| trail.is_of(instance, arrival))
            .or_else(|| {
                let of_transport = |trail: &Trail| !managers.contains(&trail.instance);
                let own = |trail: &Trail| of_transport(trail) && trail.is_of("", arrival);
                managed.then(|| trails.iter().rposition(own)).flatten()
            })?;
        Some(trails.remove(at))
    }

    /// The same, with what transports logged under a name of their own put to the message of the queue manager.
    pub fn adopted(mut self) -> Self {
        let managers = &self.managers;
        for lives in self.trails.values_mut().filter(|lives| lives.len() > 1) {
            let (mut own, news): (Lives, Lives) = std::mem::take(lives)
                .into_iter()
                .partition(|trail| managers.contains(&trail.instance));
            for trail in news {
                match trail.place_among(&own).and_then(|at| own.get_mut(at)) {
                    Some(message) => message.absorb(trail),
                    None => lives.push(trail),
                }
            }
            lives.extend(own);
        }
        self
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
        if let What::Queued { .. } | What::Expired = what {
            self.manages(&instance);
        }
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
                self.forget(&id, &instance, first);
            }
        }
    }

    fn manages(&mut self, instance: &str) {
        if !self.managers.iter().any(|name| name == instance) {
            self.managers.push(instance.into());
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
        let last = last_of(lives, instance);
        let last = last.filter(|&last| lives[last].goes_on(instance, arrival));
        let last = last.unwrap_or_else(|| {
            lives.push(Trail::new(instance, at));
            lives.len() - 1
        });
        &mut lives[last]
    }

    /// Forgets the last message with this id where nothing will be asked about it.
    fn forget(&mut self, id: &str, instance: &str, first: Micros) {
        if let Some(lives) = self.trails.get_mut(id)
            && let Some(last) = last_of(lives, instance)
            && lives[last].is_done(first)
        {
            lives.remove(last);
            if lives.is_empty() {
                self.trails.remove(id);
            }
        }
    }

    /// Adds what came later to the last message with this id.
    fn add(&mut self, id: &str, news: Trail, first: Micros) {
        let lives = self.trails.entry(id.into()).or_default();
        let instance = news.instance.clone();
        match last_of(lives, &instance).and_then(|last| lives.get_mut(last)) {
            Some(last) if last.goes_on(&instance, news.arrival) => last.absorb(news),
            _ => lives.push(news),
        }
        self.forget(id, &instance, first);
    }
}

/// The last message of an instance: another one may use the same id at the same time.
fn last_of(lives: &[Trail], instance: &str) -> Option<usize> {
    lives.iter().rposition(|trail| trail.instance == instance)
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
            && let Some(event) = event(&entry)
        {
            self.note(line.at, event);
        }
    }

    fn join(&mut self, later: Self) {
        for name in &later.managers {
            self.manages(name);
        }
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

/// What a line of syslog says. Exim's lines have the time once more there, unless it is told to leave it out.
fn event<'a>(entry: &Entry<'a>) -> Option<Event<'a>> {
    if !entry.tag.starts_with(b"exim") {
        return postfix::event(entry.tag, entry.message);
    }
    let message = exim::behind_part(entry.message);
    exim::event(stamp::parse(message).map_or(message, |(_, _, rest)| rest))
}

#[cfg(test)]
mod tests;
