//! What a log tells of all messages, as a tally.
//!
//! A message is a queue id and an arrival: short ids are used again. The arrival is the time of a line less its `delay=`, to the
//! second. Messages that were never refused are forgotten as soon as they leave the queue, if all of their history was seen: so
//! most lines find their message in a small table.
//!
//! The instance is the name in the tag, by the queue manager's lines: a transport may have a name of its own (`-o syslog_name=` in
//! master.cf), as is usual where it sends from an address of its own.

use super::instances::{Instance, Instances};
use super::sites::Sites;
use super::suspended::{Inferred, Suspended};
use super::trail::{Taken, Trail};
use crate::delivery::event::{Attempt, Event, Outcome, What};
use crate::delivery::{exim, postfix};
use crate::host::time::Micros;
use crate::log::budget::{Budget, PORTION};
use crate::log::entry::{Entry, Line};
use crate::log::fold::Tally;
use crate::log::stamp;
use hashbrown::hash_map::{EntryRef, OccupiedEntry};
use hashbrown::{DefaultHashBuilder, HashMap};
use smallvec::SmallVec;
use std::sync::Arc;

/// A queue id; nearly all fit.
type Id = SmallVec<[u8; 24]>;
/// Messages that had the same queue id, one after the other. Most come and go soon: boxed, so that little moves in the table.
type Lives = SmallVec<[Box<Trail>; 1]>;

/// What a log tells, by queue id.
#[derive(Debug)]
pub struct Trails {
    trails: HashMap<Id, Lives>,
    sites: Sites,
    suspended: Suspended,
    pub(super) first: Option<Micros>,
    instances: Instances,
    budget: Arc<Budget>,
    /// Bytes that are filled, and bytes taken from the budget.
    filled: usize,
    paid: usize,
    /// Events that the budget had no room for.
    uncounted: u64,
}

/// What a message costs at the peak, with its place in the table: measured with a million of them that were refused or sent once.
const MESSAGE: usize = 640;
/// What a recipient costs beside the text.
const ROW: usize = 160;

impl Trails {
    /// An empty tally that shares a budget.
    pub fn within(budget: Arc<Budget>) -> Self {
        Self {
            trails: HashMap::new(),
            sites: Sites::default(),
            suspended: Suspended::default(),
            first: None,
            instances: Instances::default(),
            budget,
            filled: 0,
            paid: 0,
            uncounted: 0,
        }
    }

    /// How many events are not counted because the budget was spent.
    pub fn uncounted(&self) -> u64 {
        self.uncounted
    }

    /// The words that the lines hold which this tally reads.
    pub fn words() -> Vec<&'static str> {
        postfix::WORDS.into_iter().chain(exim::WORDS).collect()
    }

    /// Takes out what is known of a message: the last one with this id that fits. Of which instance it is may not be known.
    pub fn take(
        &mut self,
        instance: &str,
        id: &str,
        arrival: Option<Micros>,
    ) -> Option<Box<Trail>> {
        let instances = &self.instances;
        let own = instances.named(instance);
        let is_own = |trail: &Trail| instance.is_empty() || own == Some(trail.instance);
        let trails = self.trails.get_mut(id.as_bytes())?;
        let managed = own.is_some_and(|own| instances.manages(own));
        let at = trails
            .iter()
            .rposition(|trail| is_own(trail) && trail.fits(arrival))
            .or_else(|| {
                let of_transport = |trail: &Trail| !instances.manages(trail.instance);
                let fits = |trail: &Trail| of_transport(trail) && trail.fits(arrival);
                managed.then(|| trails.iter().rposition(|trail| fits(trail)))?
            })?;
        Some(trails.remove(at))
    }

    /// The same, with what transports logged under a name of their own put to the message of the queue manager.
    pub fn adopted(mut self) -> Self {
        let instances = &self.instances;
        for lives in self.trails.values_mut().filter(|lives| lives.len() > 1) {
            let (mut own, news): (Lives, Lives) = std::mem::take(lives)
                .into_iter()
                .partition(|trail| instances.manages(trail.instance));
            for trail in news {
                match trail.place_among(&own).and_then(|at| own.get_mut(at)) {
                    Some(message) => message.absorb(*trail),
                    None => lives.push(trail),
                }
            }
            lives.extend(own);
        }
        self
    }

    /// The same, with the reasons of recipients that Exim did not try because their server had refused others.
    pub fn settled(mut self) -> Self {
        let exim = self.instances.number(exim::INSTANCE);
        for Inferred {
            id,
            recipient,
            reason,
            at,
        } in std::mem::take(&mut self.suspended).inferred()
        {
            let lives = self.trails.entry(Id::from_slice(&id)).or_default();
            if lives.is_empty() {
                lives.push(Box::new(Trail::new(exim, at)));
            }
            if let Some(trail) = lives.last_mut() {
                trail.suspended(recipient, reason, at);
            }
        }
        self
    }

    /// Leaves only what concerns queue managers of these names, and what no queue manager logs of.
    pub fn only(mut self, names: &[String]) -> Self {
        let wanted: Vec<Instance> = names
            .iter()
            .filter_map(|name| self.instances.named(name))
            .collect();
        let of_others = |instance| self.instances.manages(instance) && !wanted.contains(&instance);
        self.trails.retain(|_, lives| {
            lives.retain(|trail| !of_others(trail.instance));
            !lives.is_empty()
        });
        self
    }

    /// The messages left that were refused, with their ids, in the order in which the log tells of them.
    pub fn rest(&self) -> Vec<(&str, &Trail)> {
        let lives = self.trails.iter();
        let mut rest: Vec<(&str, &Trail)> = lives
            .flat_map(|(id, trails)| trails.iter().map(move |trail| (id, &**trail)))
            .filter(|(_, trail)| trail.is_refused())
            .map(|(id, trail)| (std::str::from_utf8(id).unwrap_or_default(), trail))
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
        let instance = self.instances.number(event.instance);
        if let What::Queued { .. } | What::Expired = event.what {
            self.instances.note_manager(instance);
        }
        if self.budget.is_spent() {
            // What leaves makes room; of what is not counted nothing is to be known.
            let leaves = matches!(event.what, What::Removed | What::Expired);
            self.uncounted += u64::from(!leaves);
            if !leaves || !self.trails.contains_key(event.id) {
                return;
            }
        }
        let is_exims = event.instance == exim::INSTANCE;
        if is_exims && !self.suspended.hears(&event, at) {
            self.pay();
            return;
        }
        let text = length(&event.what);
        let arrival = match &event.what {
            What::Tried(attempt) => attempt.delay.map(|delay| at - delay),
            // Exim notes a message as it comes; Postfix's queue manager says the same whenever it takes it up.
            What::Queued { .. } if is_exims => Some(at),
            _ => None,
        };
        let mut entry = match self.trails.entry_ref(event.id) {
            EntryRef::Occupied(entry) => entry,
            EntryRef::Vacant(entry) => {
                entry.insert_entry_with_key(Id::from_slice(event.id), Lives::new())
            }
        };
        let lives = entry.get_mut();
        let known = open(lives, instance, arrival);
        let place = known.unwrap_or_else(|| {
            lives.push(Box::new(Trail::new(instance, at)));
            lives.len() - 1
        });
        let trail = &mut lives[place];
        let rows = trail.rows();
        trail.arrival = trail.arrival.or(arrival);
        match event.what {
            What::Tried(attempt) if attempt.outcome == Outcome::Sent => {
                trail.taken(accepted(&mut self.sites, attempt, at));
            }
            What::Tried(attempt) => trail.failed(attempt, at),
            What::Queued { sender } => trail.sender = Some(sender.into()),
            What::Refused { reason } => trail.refused(&reason, at),
            What::Expired | What::Skipped { .. } => trail.expired = trail.expired.or(Some(at)),
            What::Removed => trail.removed = true,
        }
        let message = MESSAGE * usize::from(known.is_none());
        self.filled += message + (trail.rows() - rows) * (ROW + text);
        if trail.is_done(first) {
            self.filled = self.filled.saturating_sub(cost(trail));
            forget(entry, place);
            self.suspended.forget(event.id);
        }
        self.pay();
    }

    /// Takes what is filled out of the budget, in advance.
    fn pay(&mut self) {
        let filled = self.filled + self.suspended.filled() + self.sites.filled();
        if filled > self.paid {
            let more = (filled - self.paid).max(PORTION);
            self.budget.take(more);
            self.paid += more;
        }
    }

    /// Adds what came later to the last message with this id.
    fn add(&mut self, id: Id, news: Box<Trail>, first: Micros) {
        let mut entry = self.trails.entry(id).or_insert_entry(Lives::new());
        let lives = entry.get_mut();
        let place = match open(lives, news.instance, news.arrival) {
            Some(place) => {
                lives[place].absorb(*news);
                place
            }
            None => {
                lives.push(news);
                lives.len() - 1
            }
        };
        if lives[place].is_done(first) {
            self.filled = self.filled.saturating_sub(cost(&lives[place]));
            self.suspended.forget(entry.key());
            forget(entry, place);
        }
    }
}

/// The text of an event that may be kept.
fn length(what: &What<'_>) -> usize {
    match what {
        What::Tried(attempt) => attempt.recipient.len() + attempt.reason.len(),
        What::Refused { reason } => reason.len(),
        _ => 0,
    }
}

/// What a message is reckoned at.
fn cost(trail: &Trail) -> usize {
    MESSAGE + trail.rows() * ROW + trail.text()
}

/// The last message of an instance, where news of it belong there: another instance may use the same id at the same time.
fn open(lives: &[Box<Trail>], instance: Instance, arrival: Option<Micros>) -> Option<usize> {
    let last = lives.iter().rposition(|trail| trail.instance == instance)?;
    lives[last].goes_on(arrival).then_some(last)
}

/// Forgets a message of which nothing will be asked.
fn forget(mut entry: OccupiedEntry<'_, Id, Lives, DefaultHashBuilder>, place: usize) {
    entry.get_mut().remove(place);
    if entry.get().is_empty() {
        entry.remove();
    }
}

/// Notes that a server has accepted a message.
fn accepted(sites: &mut Sites, attempt: Attempt<'_>, at: Micros) -> Taken {
    let server = attempt.relay.as_deref();
    Taken {
        site: server.and_then(|server| sites.accepts(server, at)),
        recipient: attempt.recipient.into(),
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
        self.suspended.join(later.suspended);
        self.filled += later.filled;
        self.paid += later.paid;
        self.uncounted += later.uncounted;
        let instances = self.instances.join(later.instances);
        let first = *match (&mut self.first, later.first) {
            (Some(first), _) => first,
            (first, Some(later)) => first.insert(later),
            (None, None) => return,
        };
        for (id, lives) in later.trails {
            for mut trail in lives {
                trail.instance = instances[trail.instance];
                self.add(id.clone(), trail, first);
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
