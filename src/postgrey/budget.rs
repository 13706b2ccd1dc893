//! How much memory all tallies of a run may fill together: names are chosen by strangers, and there is no end of them. What comes when the
//! budget is spent is not counted, and said so.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What may be filled, so that the whole process stays within 512 MiB at its peak, while it is summed up: enough for a million senders.
pub const BYTES: usize = 508_000_000;

/// What may be filled where all is counted a second time: not all memory of the first time comes back.
pub const SECOND: usize = BYTES / 8 * 5;

/// So many bytes are taken out at a time: the threads that count would wait for each other if each row were paid by itself.
pub const PORTION: usize = 16 * 1024;

/// What a row costs at the peak, with its place in a table and what is made of it: measured with a million senders of one client, one
/// network and one mail each, with two million clients without a name, and with five million mails of 40,000 senders.
pub mod cost {
    /// A sender, with its evidence and the facts about it.
    pub const SENDER: usize = 250;
    /// A client, with a name of [`USUAL`] bytes.
    pub const CLIENT: usize = 150;
    /// A name as most are.
    const USUAL: usize = 32;
    /// A sender's network.
    pub const NETWORK: usize = 30;
    /// A mail, or a pass that may belong to one.
    pub const MAIL: usize = 76;

    /// What a client's name costs beside the client: a sender that counts shows some of its hosts, so it may be there twice.
    pub fn name(name: &str) -> usize {
        2 * name.len().saturating_sub(USUAL)
    }
}

/// The bytes that are left.
#[derive(Debug)]
pub struct Budget(AtomicUsize);

impl Budget {
    /// A budget of `bytes`.
    pub fn new(bytes: usize) -> Self {
        Self(AtomicUsize::new(bytes))
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    /// Whether at least as much is left as was taken out.
    pub fn is_half_left(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= BYTES / 2
    }

    /// Takes bytes out, as far as there are some.
    pub fn take(&self, bytes: usize) {
        let left = |left: usize| Some(left.saturating_sub(bytes));
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spent_at_the_last_byte() {
        let budget = Budget::new(3);
        budget.take(2);
        assert!(!budget.is_spent());
        budget.take(5);
        assert!(budget.is_spent());
        assert!(Budget::new(0).is_spent() && !Budget::default().is_spent());
    }
}
