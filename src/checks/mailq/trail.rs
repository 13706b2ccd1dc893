//! What a log tells of each message, as a tally: who refused it, whether it went out in the end.
//!
//! A message is a queue id and an arrival: short ids are used again. The arrival is the time of a line less its `delay=`, to the
//! second. Messages that were never refused are forgotten as soon as they leave the queue, if all of their history was seen.

use super::site::site;
use crate::delivery::event::{Attempt, Event, Outcome, What};
use crate::delivery::{exim, postfix};
use crate::host::time::{Micros, SECOND};
use crate::log::entry::Line;
use crate::log::fold::Tally;
use hashbrown::HashMap;

/// How far two reckonings of one arrival lie apart: stamps have seconds, `delay=` is rounded.
const SAME: Micros = 3 * SECOND;
/// How many servers that were not the last are remembered of one message.
const MOST_REFUSALS: usize = 8;

/// What a log tells, by queue id.
#[derive(Debug, Default)]
pub struct Trails {
    trails: HashMap<String, Vec<Trail>>,
    /// When each site accepted a message.
    accepted: HashMap<String, Vec<Micros>>,
    first: Option<Micros>,
}

/// What a log tells of one message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trail {
    /// The mail system's name in the log.
    pub instance: String,
    /// When the message came in.
    pub arrival: Option<Micros>,
    /// The envelope sender.
    pub sender: Option<String>,
    /// What the servers said, the last word to each recipient.
    pub replies: Vec<Reply>,
    /// It went back to the sender as a whole.
    pub expired: Option<Micros>,
    begun: Option<Micros>,
    removed: bool,
}

/// The last word to one recipient, or of a server that was not the last to be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// `None`: the message as a whole.
    pub recipient: Option<String>,
    /// The reason as Postfix writes it; that of the last refusal where the message was sent after all.
    pub reason: String,
    /// When such a reason was given first.
    pub first: Micros,
    /// When it was given last.
    pub last: Micros,
    /// What became of it.
    pub outcome: Outcome,
    /// The site of the server that accepted it, or of one that was not the last to be tried.
    site: Option<String>,
}

impl Trails {
    /// The words that the lines hold which this tally reads.
    pub fn words() -> Vec<&'static str> {
        postfix::WORDS.into_iter().chain(exim::WORDS).collect()
    }

    /// Takes out what is known of a message: the last one with this id that fits.
    pub fn take(&mut self, instance: &str, id: &str, arrival: Option<Micros>) -> Option<Trail> {
        let trails = self.trails.get_mut(id)?;
        let fits = |trail: &Trail| {
            let same = instance.is_empty() || trail.instance == instance;
            same && match (arrival, trail.arrival) {
                (Some(a), Some(b)) => (a - b).abs() <= SAME,
                (Some(a), None) => trail.begun.is_none_or(|begun| begun + SAME >= a),
                (None, _) => true,
            }
        };
        let at = trails.iter().rposition(fits)?;
        Some(trails.remove(at))
    }

    /// What is left, with the ids.
    pub fn rest(&self) -> impl Iterator<Item = (&str, &Trail)> {
        self.trails
            .iter()
            .flat_map(|(id, trails)| trails.iter().map(move |trail| (id.as_str(), trail)))
    }

    /// How many messages a site has accepted after `since`.
    pub fn accepted_since(&self, site: &str, since: Micros) -> u64 {
        let times = self.accepted.get(site).map_or(&[][..], Vec::as_slice);
        times.iter().filter(|at| **at > since).count() as u64
    }

    fn note(&mut self, at: Micros, event: Event<'_>) {
        self.first.get_or_insert(at);
        let mut news = Trail {
            instance: event.instance.into_owned(),
            begun: Some(at),
            ..Trail::default()
        };
        match event.what {
            What::Queued { sender } => news.sender = Some(sender.into_owned()),
            What::Expired => news.expired = Some(at),
            What::Removed => news.removed = true,
            What::Refused { reason } => news.replies.push(Reply {
                recipient: None,
                site: replying_host(&reason).map(|host| site(host).into_owned()),
                reason: reason.into_owned(),
                first: at,
                last: at,
                outcome: Outcome::Deferred,
            }),
            What::Tried(attempt) => self.tried(at, attempt, &mut news),
        }
        self.add(&event.id, news);
    }

    fn tried(&mut self, at: Micros, attempt: Attempt<'_>, news: &mut Trail) {
        let accepting = match (attempt.outcome, &attempt.relay) {
            (Outcome::Sent, Some(relay)) => Some(site(relay).into_owned()),
            _ => None,
        };
        if let Some(site) = &accepting {
            self.accepted.entry_ref(site.as_str()).or_default().push(at);
        }
        news.arrival = attempt.delay.map(|delay| at - delay);
        news.replies.push(Reply {
            recipient: Some(attempt.recipient.into_owned()),
            reason: match attempt.outcome {
                Outcome::Sent => String::new(),
                _ => attempt.reason.into_owned(),
            },
            first: at,
            last: at,
            outcome: attempt.outcome,
            site: accepting,
        });
    }

    /// Adds what came later to the last message with this id, or begins a new one.
    fn add(&mut self, id: &str, news: Trail) {
        let first = self.first;
        let trails = match self.trails.get_mut(id) {
            Some(trails) => trails,
            None => self.trails.entry(id.to_owned()).or_default(),
        };
        match trails.last_mut() {
            Some(last) if last.is_same(&news) => last.absorb(news),
            _ => trails.push(news),
        }
        let done = |trail: &Trail| trail.removed && !trail.is_refused() && trail.is_whole(first);
        if trails.last().is_some_and(done) {
            trails.pop();
        }
        if trails.is_empty() {
            self.trails.remove(id);
        }
    }
}

impl Trail {
    /// Nothing happens to a message before it arrives.
    fn is_same(&self, later: &Trail) -> bool {
        let close = match (self.arrival, later.arrival) {
            (Some(a), Some(b)) => (a - b).abs() <= SAME,
            (None, Some(b)) => self.begun.is_none_or(|begun| begun + SAME >= b),
            (_, None) => true,
        };
        !self.removed && close && self.instance == later.instance
    }

    fn is_refused(&self) -> bool {
        self.expired.is_some() || self.replies.iter().any(|reply| !reply.reason.is_empty())
    }

    /// Whether the log goes back to the message's arrival.
    fn is_whole(&self, first: Option<Micros>) -> bool {
        self.arrival
            .zip(first)
            .is_some_and(|(arrival, first)| arrival >= first + SAME)
    }

    /// Adds what came later.
    fn absorb(&mut self, later: Trail) {
        self.arrival = self.arrival.or(later.arrival);
        self.sender = later.sender.or_else(|| self.sender.take());
        self.expired = self.expired.or(later.expired);
        self.begun = self.begun.or(later.begun);
        self.removed |= later.removed;
        for reply in later.replies {
            self.reply(reply);
        }
    }

    fn reply(&mut self, reply: Reply) {
        if reply.outcome == Outcome::Sent && reply.site.is_some() {
            self.settle(&reply.site, reply.last);
        }
        let full = self.refusals() >= MOST_REFUSALS;
        let known = self
            .replies
            .iter_mut()
            .find(|known| match &reply.recipient {
                None => known.recipient.is_none() && known.reason == reply.reason,
                recipient => known.recipient == *recipient,
            });
        match known {
            Some(known) => known.update(reply),
            None if reply.recipient.is_none() && full => {}
            None => self.replies.push(reply),
        }
    }

    /// Another server of the same site took the message at `sent`: what its first one refused before has come to nothing.
    fn settle(&mut self, site: &Option<String>, sent: Micros) {
        let open = |r: &&mut Reply| r.recipient.is_none() && r.site == *site && r.last <= sent;
        for reply in self.replies.iter_mut().filter(open) {
            reply.outcome = Outcome::Sent;
        }
    }

    fn refusals(&self) -> usize {
        self.replies
            .iter()
            .filter(|r| r.recipient.is_none())
            .count()
    }

    /// Whether it was sent to anybody.
    pub fn is_sent(&self) -> bool {
        self.replies
            .iter()
            .any(|reply| reply.outcome == Outcome::Sent)
    }
}

impl Reply {
    fn update(&mut self, later: Reply) {
        // A recipient who has the message is done with.
        if self.recipient.is_some() && self.outcome == Outcome::Sent {
            return;
        }
        self.outcome = later.outcome;
        self.last = later.last;
        if self.reason.is_empty() {
            self.first = later.first;
        }
        if !later.reason.is_empty() {
            self.reason = later.reason;
        }
        self.site = later.site.or_else(|| self.site.take());
    }
}

/// NAME of `host NAME[IP] …`.
fn replying_host(reason: &str) -> Option<&str> {
    let (name, _) = reason.strip_prefix("host ")?.split_once('[')?;
    Some(name)
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
        self.first = self.first.or(later.first);
        for (id, trails) in later.trails {
            for trail in trails {
                self.add(&id, trail);
            }
        }
        for (site, times) in later.accepted {
            self.accepted.entry(site).or_default().extend(times);
        }
    }
}

#[cfg(test)]
mod tests;
