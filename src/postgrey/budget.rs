//! What the rows of the tally of Postgrey's lines cost of the memory that a run may fill.

/// What may be filled, so that the whole process stays within 512 MiB at its peak, while it is summed up: enough for a million senders.
pub const BYTES: usize = 508_000_000;

/// What may be filled where all is counted a second time, and `left` was left the first time: not all memory that was filled comes back.
pub fn second(left: usize) -> usize {
    BYTES / 8 * 5 + left.min(BYTES) / 8 * 3
}

/// What a row costs at the peak, with its place in a table and what is made of it: measured with a million senders of one client, one
/// network and one mail each, with two million clients without a name, and with five million mails of 40,000 senders.
pub mod cost {
    /// A sender, with its evidence and the facts about it.
    pub const SENDER: usize = 250;
    /// A client, with a name as most are.
    pub const CLIENT: usize = 150;
    /// Bytes of a name as most are.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_was_filled_the_less_may_be() {
        assert_eq!((second(0), second(BYTES)), (317_500_000, BYTES));
        assert_eq!(second(usize::MAX), BYTES);
        assert!(second(BYTES / 2) < second(BYTES));
    }
}
