//! One queued message, the same whatever listing it came from. It borrows from the listing where it can: a queue may hold hundreds of
//! thousands, each is looked at once and not kept.

use crate::host::time::Micros;
use std::borrow::Cow;
use std::ops::Deref;
use std::rc::Rc;

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message<'a> {
    /// The queue id; empty where the mail system shows none (nullmailer).
    pub id: Cow<'a, str>,
    /// Where in the queue it is.
    pub queue: Queue,
    /// An admin let it expire (`postsuper -e`).
    pub forced_expire: bool,
    /// When it came in.
    pub arrival: Option<Micros>,
    /// Its size in bytes; rounded where the listing rounds (Exim).
    pub size: Option<u64>,
    /// The envelope sender; empty for the null sender of bounces.
    pub sender: Cow<'a, str>,
    /// Those who have not got it yet.
    pub recipients: Vec<Recipient<'a>>,
}

/// A recipient who has not got the message yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient<'a> {
    /// The address as the listing shows it, quotes kept.
    pub address: Cow<'a, str>,
    /// Why the last try failed; `None` where nothing was tried or the listing has no reasons.
    pub reason: Option<Reason<'a>>,
}

/// Why a try failed, as the listing has it.
#[derive(Debug, Clone)]
pub enum Reason<'a> {
    /// The recipient's own.
    Own(Cow<'a, str>),
    /// Shared by the recipients of a line above them: one message may have thousands.
    Shared(Rc<str>),
}

impl Reason<'_> {
    /// Whether both are one text in memory.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Shared(a), Self::Shared(b)) if Rc::ptr_eq(a, b))
    }
}

impl Deref for Reason<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Own(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl PartialEq for Reason<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Reason<'_> {}

/// Where a message is. Postfix's text does not tell deferred, incoming and maildrop apart, so neither does this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Queue {
    /// A delivery is under way.
    Active,
    /// Put on hold (Postfix), frozen (Exim), suspended (OpenSMTPD) or quarantined (Sendmail): never tried, its reason is an old one.
    Hold,
    /// Waiting for the first or the next try.
    #[default]
    Waiting,
}

impl Message<'_> {
    /// The same, free of the listing.
    pub fn into_owned(self) -> Message<'static> {
        let recipients = self.recipients.into_iter().map(Recipient::into_owned);
        Message {
            id: owned(self.id),
            sender: owned(self.sender),
            recipients: recipients.collect(),
            queue: self.queue,
            forced_expire: self.forced_expire,
            arrival: self.arrival,
            size: self.size,
        }
    }
}

impl Recipient<'_> {
    fn into_owned(self) -> Recipient<'static> {
        let reason = self.reason.map(|reason| match reason {
            Reason::Own(text) => Reason::Own(owned(text)),
            Reason::Shared(text) => Reason::Shared(text),
        });
        Recipient {
            address: owned(self.address),
            reason,
        }
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// The sender behind what listings print for the null sender.
pub(super) fn sender(shown: &str) -> &str {
    let bare = shown
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(shown);
    match bare {
        "MAILER-DAEMON" | "@" => "",
        _ => bare,
    }
}
