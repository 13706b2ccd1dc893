//! What a log tells of one message: who refused it, and whether it went out in the end.

use super::instances::Instance;
use super::lookup::Lookup;
use super::site::site;
use crate::delivery::event::{Attempt, Outcome};
use crate::host::time::{Micros, SECOND};
use compact_str::CompactString;
use smallvec::SmallVec;
use std::sync::Arc;

/// How far two reckonings of one arrival lie apart: stamps have seconds, `delay=` is rounded.
const SAME: Micros = 3 * SECOND;
/// How many servers that were not the last are remembered of one message.
const MOST_REFUSALS: usize = 8;

/// What a log tells of one message. Most messages are never refused: for those there is nothing on the heap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trail {
    /// Under which name the mail system logged it.
    pub(super) instance: Instance,
    /// When the message came in.
    pub arrival: Option<Micros>,
    /// The envelope sender.
    pub sender: Option<CompactString>,
    /// What the servers said, the last word to each recipient.
    pub replies: Vec<Reply>,
    /// It went back to the sender as a whole.
    pub expired: Option<Micros>,
    /// Who got it without having been refused before.
    taken: SmallVec<[Taken; 1]>,
    by_reply: Lookup,
    by_taken: Lookup,
    /// Replies to the message as a whole.
    refusals: usize,
    pub(super) removed: bool,
    begun: Option<Micros>,
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
    site: Option<Arc<str>>,
}

/// A recipient who got the message, from which site, when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) recipient: CompactString,
    pub(super) site: Option<Arc<str>>,
    pub(super) at: Micros,
}

impl Trail {
    /// The trail of a message of `instance` that is first heard of at `at`.
    pub(super) fn new(instance: Instance, at: Micros) -> Self {
        Self {
            instance,
            begun: Some(at),
            ..Self::default()
        }
    }

    /// Whether what is known of a message that arrived at `arrival`, as far as that is known, may belong here: nothing happens to a
    /// message before it arrives.
    pub(super) fn fits(&self, arrival: Option<Micros>) -> bool {
        match (self.arrival, arrival) {
            (Some(a), Some(b)) => (a - b).abs() <= SAME,
            (None, Some(b)) => self.begun.is_none_or(|begun| begun + SAME >= b),
            (_, None) => true,
        }
    }

    /// Whether news of a message of the same instance belong here.
    pub(super) fn goes_on(&self, arrival: Option<Micros>) -> bool {
        !self.removed && self.fits(arrival)
    }

    /// Which of some messages with this id the news belong to: the last one that had begun by then, else the first that fits.
    pub(super) fn place_among(&self, lives: &[Box<Self>]) -> Option<usize> {
        let fits = |life: &Self| life.fits(self.arrival);
        let begun = |life: &Self| fits(life) && life.begun <= self.begun;
        lives
            .iter()
            .rposition(|life| begun(life))
            .or_else(|| lives.iter().position(|life| fits(life)))
    }

    /// When the log first tells of it.
    pub(super) fn begun(&self) -> Option<Micros> {
        self.begun
    }

    /// Whether it was sent to anybody.
    pub fn is_sent(&self) -> bool {
        let sent = |reply: &Reply| reply.outcome == Outcome::Sent;
        !self.taken.is_empty() || self.replies.iter().any(sent)
    }

    pub(super) fn is_refused(&self) -> bool {
        self.expired.is_some() || !self.replies.is_empty()
    }

    /// Whether nothing will be asked about it: it was never refused and has left, and a log that begins at `first` has all of it.
    pub(super) fn is_done(&self, first: Micros) -> bool {
        let whole = self
            .arrival
            .is_some_and(|arrival| arrival >= first.saturating_add(SAME));
        self.removed && whole && !self.is_refused()
    }

    /// How many recipients and servers something is kept of.
    pub(super) fn rows(&self) -> usize {
        self.replies.len() + self.taken.len()
    }

    /// The bytes of their text.
    pub(super) fn text(&self) -> usize {
        let said =
            |reply: &Reply| reply.recipient.as_ref().map_or(0, String::len) + reply.reason.len();
        let taken = self.taken.iter().map(|taken| taken.recipient.len());
        self.replies.iter().map(said).chain(taken).sum()
    }

    /// A server that was not the last to be tried refused it.
    pub(super) fn refused(&mut self, reason: &str, at: Micros) {
        self.reply(Reply {
            recipient: None,
            site: replying_host(reason).map(|host| site(host).as_ref().into()),
            reason: reason.to_owned(),
            first: at,
            last: at,
            outcome: Outcome::Deferred,
        });
    }

    /// A try that failed.
    pub(super) fn failed(&mut self, attempt: Attempt<'_>, at: Micros) {
        self.reply(Reply {
            recipient: Some(attempt.recipient.into_owned()),
            reason: attempt.reason.into_owned(),
            first: at,
            last: at,
            outcome: attempt.outcome,
            site: None,
        });
    }

    /// A recipient of whom nothing else is known was not tried, for a reason that was told of others.
    pub(super) fn suspended(&mut self, recipient: String, reason: String, at: Micros) {
        if self.has(&recipient) || self.reply_to(&recipient).is_some() {
            return;
        }
        self.replies.push(Reply {
            recipient: Some(recipient),
            reason,
            first: at,
            last: at,
            outcome: Outcome::Deferred,
            site: None,
        });
    }

    /// A recipient got it.
    pub(super) fn taken(&mut self, taken: Taken) {
        self.settle(&taken.site, taken.at);
        if let Some(reply) = self.reply_to(&taken.recipient) {
            reply.take(taken);
        } else if !self.has(&taken.recipient) {
            self.taken.push(taken);
        }
    }

    fn has(&mut self, recipient: &str) -> bool {
        let found = self
            .by_taken
            .find(recipient, &self.taken, |taken| Some(&taken.recipient));
        found.is_some()
    }

    fn reply_to(&mut self, recipient: &str) -> Option<&mut Reply> {
        let at = self
            .by_reply
            .find(recipient, &self.replies, |reply| reply.recipient.as_deref())?;
        self.replies.get_mut(at)
    }

    /// Another server of the same site took the message: what its first one refused before has come to nothing.
    fn settle(&mut self, site: &Option<Arc<str>>, sent: Micros) {
        if site.is_none() || self.refusals == 0 {
            return;
        }
        let open = |r: &&mut Reply| r.recipient.is_none() && r.site == *site && r.last <= sent;
        for reply in self.replies.iter_mut().filter(open) {
            reply.outcome = Outcome::Sent;
        }
    }

    fn reply(&mut self, reply: Reply) {
        let Some(recipient) = &reply.recipient else {
            return self.refusal(reply);
        };
        if reply.outcome == Outcome::Sent {
            self.settle(&reply.site, reply.last);
        }
        // A recipient who has the message is done with.
        if self.has(recipient) {
            return;
        }
        match self.reply_to(recipient) {
            Some(known) => known.update(reply),
            None => self.replies.push(reply),
        }
    }

    fn refusal(&mut self, reply: Reply) {
        let general = |r: &&mut Reply| r.recipient.is_none();
        let mut known = self.replies.iter_mut().filter(general);
        if let Some(known) = known.find(|known| known.reason == reply.reason) {
            known.update(reply);
        } else if self.refusals < MOST_REFUSALS {
            self.refusals += 1;
            self.replies.push(reply);
        } else {
            // What was said last tells most.
            let known = self.replies.iter_mut().filter(general);
            if let Some(oldest) = known
                .min_by_key(|known| known.last)
                .filter(|oldest| oldest.last <= reply.last)
            {
                *oldest = reply;
            }
        }
    }

    /// Adds what came later.
    pub(super) fn absorb(&mut self, later: Self) {
        self.arrival = self.arrival.or(later.arrival);
        self.sender = later.sender.or_else(|| self.sender.take());
        self.expired = self.expired.or(later.expired);
        self.begun = self.begun.or(later.begun);
        self.removed |= later.removed;
        for reply in later.replies {
            self.reply(reply);
        }
        for taken in later.taken {
            self.taken(taken);
        }
    }
}

impl Reply {
    fn take(&mut self, taken: Taken) {
        if self.outcome != Outcome::Sent {
            self.outcome = Outcome::Sent;
            self.last = taken.at;
            self.site = taken.site;
        }
    }

    fn update(&mut self, later: Self) {
        if self.recipient.is_some() && self.outcome == Outcome::Sent {
            return;
        }
        self.first = self.first.min(later.first);
        // What a transport of another name logged is put together behind the rest.
        if later.last < self.last && later.outcome != Outcome::Sent {
            return;
        }
        self.outcome = later.outcome;
        self.last = later.last;
        self.reason = later.reason;
        self.site = later.site;
    }
}

/// NAME of `host NAME[IP] …`.
fn replying_host(reason: &str) -> Option<&str> {
    let (name, _) = reason.strip_prefix("host ")?.split_once('[')?;
    Some(name)
}
