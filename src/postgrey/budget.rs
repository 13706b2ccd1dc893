//! What the rows of the tally of Postgrey's lines cost of the memory that a run may fill.

/// What may be filled, so that the whole process stays within 512 MiB at its peak, while it is summed up: enough for a million senders.
pub const BYTES: usize = 508_000_000;

/// What may be filled where all is counted a second time: not all memory of the first time comes back.
pub const SECOND: usize = BYTES / 8 * 5;

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
