//! One message with what was said about it, from queue and log together.

use super::trail::{Reply, Trail};
use crate::delivery::event::Outcome;
use crate::host::time::Micros;
use crate::mailq::message::{Message, Queue};
use smallvec::SmallVec;

/// What became of the recipient that a reply is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Still in the queue.
    Waiting,
    /// On hold in the queue.
    Held,
    /// Returned to the sender.
    Bounced,
    /// Delivered after all.
    Delivered,
}

/// A reply, the recipient it is about, when it was given, what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<'a> {
    /// `None`: the message as a whole.
    pub recipient: Option<&'a str>,
    /// The reason as Postfix writes it.
    pub reason: &'a str,
    /// First and last time, as far as a log tells.
    pub times: Option<(Micros, Micros)>,
    /// What became of the recipient.
    pub fate: Fate,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case<'a> {
    /// The queue id.
    pub id: &'a str,
    /// The envelope sender, where it is known.
    pub sender: Option<&'a str>,
    /// When it came in.
    pub arrival: Option<Micros>,
    /// What was said.
    pub said: SmallVec<[Said<'a>; 2]>,
}

impl<'a> Case<'a> {
    /// A message of the queue and what the log adds: the time of a reply, servers that were not the last to be tried, recipients
    /// that have left the queue. Where the listing has no reasons (`from_log`), the log's last words are: to the recipients of the
    /// log, for an alias of the listing may have led to several others.
    pub fn queued(
        message: &'a Message<'_>,
        trail: Option<&'a Trail>,
        since: Option<Micros>,
        from_log: bool,
    ) -> Self {
        let fate = match message.queue {
            Queue::Hold => Fate::Held,
            Queue::Active | Queue::Waiting => Fate::Waiting,
        };
        let replies = trail.map_or(&[][..], |trail| trail.replies.as_slice());
        let times = |address: &str, reason: &str| {
            let same = |r: &&Reply| r.recipient.as_deref() == Some(address) && r.reason == reason;
            replies.iter().find(same).map(|r| (r.first, r.last))
        };
        let mut said = SmallVec::with_capacity(message.recipients.len());
        for recipient in &message.recipients {
            let address: &str = &recipient.address;
            if let Some(reason) = recipient.reason.as_deref() {
                let times = times(address, reason);
                said.push(Said {
                    recipient: Some(address),
                    reason,
                    times,
                    fate,
                });
            }
        }
        let open = |r: &&Reply| match r.recipient {
            Some(_) => from_log && r.outcome == Outcome::Deferred,
            None => r.outcome != Outcome::Sent,
        };
        said.extend(replies.iter().filter(open).map(|r| r.said(fate)));
        said.extend(bounced(replies, since));
        Self {
            id: &message.id,
            sender: Some(&message.sender),
            arrival: message.arrival,
            said,
        }
    }

    /// A message that is known from the log alone. Where it was given up, every server that refused it is a reason why.
    pub fn logged(id: &'a str, trail: &'a Trail, since: Option<Micros>) -> Self {
        let recent = |at: Micros| since.is_none_or(|since| at >= since);
        let replies = || trail.replies.iter();
        let mut said: SmallVec<[Said<'a>; 2]> = bounced(&trail.replies, since).collect();
        if trail.expired.is_some_and(recent) {
            let undelivered = replies().filter(|r| r.outcome == Outcome::Deferred);
            said.extend(undelivered.map(|r| r.said(Fate::Bounced)));
        }
        if trail.is_sent() {
            let delayed = |r: &&Reply| r.outcome == Outcome::Sent || r.recipient.is_none();
            let delayed = replies().filter(delayed).filter(|r| recent(r.last));
            said.extend(delayed.map(|r| r.said(Fate::Delivered)));
        }
        said.retain(|said| !said.reason.is_empty());
        Self {
            id,
            sender: trail.sender.as_deref(),
            arrival: trail.arrival,
            said,
        }
    }
}

/// Recipients that were refused for good within the window.
fn bounced(replies: &[Reply], since: Option<Micros>) -> impl Iterator<Item = Said<'_>> {
    replies
        .iter()
        .filter(move |r| r.outcome == Outcome::Bounced && since.is_none_or(|since| r.last >= since))
        .map(|r| r.said(Fate::Bounced))
}

impl Reply {
    fn said(&self, fate: Fate) -> Said<'_> {
        Said {
            recipient: self.recipient.as_deref(),
            reason: &self.reason,
            times: Some((self.first, self.last)),
            fate,
        }
    }
}
