//! What was found, as plain data: the check line, JSON and the report are views of this and compute no number.

use crate::host::time::{Civil, Micros};
use crate::mailq::detect::Format;
use crate::reply::Class;
use serde::{Serialize, Serializer};

/// All that a run found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Facts {
    /// Distinct messages refused for a class that counts: waiting now, or bounced within the window.
    pub refused: u64,
    /// Their recipients that were refused.
    pub refused_recipients: u64,
    /// Those of the refused messages that went back to the sender, for one recipient at least.
    pub bounced: u64,
    /// Messages in the queue that are not on hold.
    pub waiting: u64,
    /// Messages on hold: shown, never counted as refused for the reason they keep.
    pub held: u64,
    /// Those on hold whose old reason is one that counts.
    pub held_refused: u64,
    /// Messages refused for a class that counts and delivered after all.
    pub delayed_delivered: u64,
    /// The first refusal of the refused messages, or the arrival where no log tells.
    #[serde(serialize_with = "instant")]
    pub since: Option<Micros>,
    /// The age of the oldest refused message, in seconds.
    pub oldest_refused: u64,
    /// Messages by class, those that do not count too; a message with several replies may be in several.
    pub classes: Vec<ClassCount>,
    /// Why messages are refused, those that count first, then by number of messages.
    pub causes: Vec<Cause>,
    /// Blocks that the admin knows of.
    pub set_aside: Vec<SetAside>,
    /// Messages with a reason set aside and none that counts.
    pub set_aside_messages: u64,
    /// Replies that no rule could decide within its step limit.
    pub not_classified: u64,
    /// The rules that gave up on them.
    pub gave_up: Vec<String>,
    /// What was read for the queue.
    pub listings: Vec<Listing>,
    /// The mail system whose listing has no reasons and no log that gives them.
    pub without_reasons: Option<String>,
    /// What was read of the log.
    pub log: Option<Log>,
    /// What an admin should know.
    pub notes: Vec<String>,
}

/// Messages of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ClassCount {
    /// The class.
    pub class: Class,
    /// Messages with at least one such reply.
    pub messages: u64,
}

/// One reason for refusals: a class and who refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// The class.
    pub class: Class,
    /// The list, else the provider, else the site of the replying server.
    pub name: String,
    /// Whether it counts.
    pub counts: bool,
    /// The rule that decided about the sample.
    pub rule: Option<String>,
    /// Distinct messages.
    pub messages: u64,
    /// Refused recipients.
    pub recipients: u64,
    /// Recipient domains and their recipients, the largest first.
    pub domains: Vec<Counted>,
    /// The first refusal, or the arrival of the first message where no log tells.
    #[serde(serialize_with = "instant")]
    pub first: Option<Micros>,
    /// The last refusal, or the arrival of the last message where no log tells.
    #[serde(serialize_with = "instant")]
    pub last: Option<Micros>,
    /// Whether `first` and `last` are arrivals.
    pub by_arrival: bool,
    /// Messages that the same sites accepted after `last`; only with a log.
    pub accepted_since: Option<u64>,
    /// Our addresses as the replies name them, and in how many messages.
    pub ours: Vec<Counted>,
    /// Envelope senders and their messages, the largest first; empty is the null sender of bounces.
    pub senders: Vec<Counted>,
    /// Some queue ids.
    pub ids: Vec<String>,
    /// One reply.
    pub sample: String,
    /// Where to ask.
    pub ask: Option<String>,
}

/// A name and how often it was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The name.
    pub name: String,
    /// How often.
    pub count: u64,
}

/// A known block that was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetAside {
    /// As the admin wrote it.
    pub name: String,
    /// Replies set aside.
    pub replies: u64,
    /// What the admin noted.
    pub comment: Option<String>,
}

/// One listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// The command or the file.
    pub name: String,
    /// Whose it is; `null` where the queue is empty and says nothing.
    pub format: Option<Format>,
    /// Messages in it.
    pub messages: u64,
}

/// What was read of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Log {
    /// The files, in order of time.
    pub names: Vec<String>,
    /// The window, as `6h`.
    pub window: String,
    /// The oldest time seen.
    #[serde(serialize_with = "instant")]
    pub oldest: Option<Micros>,
    /// The newest time seen.
    #[serde(serialize_with = "instant")]
    pub newest: Option<Micros>,
    /// Reasons to doubt that it tells the whole.
    pub doubts: Vec<String>,
}

impl Facts {
    /// Messages of one class.
    pub fn of_class(&self, class: Class) -> u64 {
        let row = self.classes.iter().find(|row| row.class == class);
        row.map_or(0, |row| row.messages)
    }
}

/// `2026-11-21T08:20:00Z`, to the second.
fn instant<S: Serializer>(at: &Option<Micros>, serializer: S) -> Result<S::Ok, S::Error> {
    let text = at.map(|at| format!("{}Z", Civil::from_utc(at).to_string().replace(' ', "T")));
    text.serialize(serializer)
}
