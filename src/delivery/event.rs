//! One thing that a log line says about one message.

use crate::host::time::Micros;
use std::borrow::Cow;

/// What a line says about a message. What nearly all lines are only compared by stays as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<'a> {
    /// The mail system's name in the log: `postfix`, `postfix-out`, `exim`.
    pub instance: &'a [u8],
    /// The queue id: letters, digits, dashes.
    pub id: &'a [u8],
    /// What happened.
    pub what: What<'a>,
}

/// What happened to the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What<'a> {
    /// It is in the queue.
    Queued {
        /// The envelope sender, empty for bounces.
        sender: Cow<'a, str>,
    },
    /// A recipient was tried.
    Tried(Attempt<'a>),
    /// A recipient was not tried, because the server had refused others before: why stands with one of them (Exim).
    Skipped {
        /// Who was to get it.
        recipient: Cow<'a, str>,
        /// It went on for too long: returned to the sender.
        given_up: bool,
    },
    /// A server refused that was not the last one to be tried: nothing is decided yet.
    Refused {
        /// The reason as Postfix writes it: `host NAME[IP] refused to talk to me: …`.
        reason: Cow<'a, str>,
    },
    /// It stayed too long, or an admin ended it: returned to the sender for the last reason.
    Expired,
    /// It has left the queue.
    Removed,
}

/// The outcome of one try for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt<'a> {
    /// Who was to get it.
    pub recipient: Cow<'a, str>,
    /// The name of the server that was spoken to last.
    pub relay: Option<Cow<'a, [u8]>>,
    /// How long the message had been in the queue, where the log says so.
    pub delay: Option<Micros>,
    /// How it ended.
    pub outcome: Outcome,
    /// The reason as Postfix writes it: `host NAME[IP] said: … (in reply to MAIL FROM command)`; empty where it was sent.
    pub reason: Cow<'a, str>,
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted by the next server.
    Sent,
    /// To be tried again; `soft_bounce` is the same.
    Deferred,
    /// Returned to the sender.
    Bounced,
}
