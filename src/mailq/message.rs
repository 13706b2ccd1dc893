//! One queued message, the same whatever listing it came from.

use crate::host::time::Micros;
use std::rc::Rc;

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// The queue id; empty where the mail system shows none (nullmailer).
    pub id: String,
    /// Where in the queue it is.
    pub queue: Queue,
    /// An admin let it expire (`postsuper -e`).
    pub forced_expire: bool,
    /// When it came in.
    pub arrival: Option<Micros>,
    /// Its size in bytes; rounded where the listing rounds (Exim).
    pub size: Option<u64>,
    /// The envelope sender; empty for the null sender of bounces.
    pub sender: String,
    /// Those who have not got it yet.
    pub recipients: Vec<Recipient>,
}

/// A recipient who has not got the message yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address as the listing shows it, quotes kept.
    pub address: String,
    /// Why the last try failed; `None` where nothing was tried or the listing has no reasons. Shared by recipients with the same
    /// reason: one message may have thousands.
    pub reason: Option<Rc<str>>,
}

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

impl Recipient {
    /// A recipient and the reason that stands beside it.
    pub fn new(address: impl Into<String>, reason: Option<Rc<str>>) -> Self {
        Self {
            address: address.into(),
            reason,
        }
    }

    /// What follows the last `@`, or the whole of a local address.
    pub fn domain(&self) -> &str {
        self.address
            .rsplit_once('@')
            .map_or(self.address.as_str(), |(_, domain)| domain)
    }
}

/// The sender behind what listings print for the null sender.
pub(super) fn sender(shown: &str) -> String {
    let bare = shown
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(shown);
    match bare {
        "MAILER-DAEMON" | "@" => String::new(),
        _ => bare.to_owned(),
    }
}
