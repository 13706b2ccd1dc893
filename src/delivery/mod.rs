//! What mail logs tell of deliveries: one [`event::Event`] a line, from Postfix's programs and from Exim's main log.
//!
//! The log room gives tag and message of a line. Senders, recipients and replies in it are foreign text that may look like anything,
//! so lines are read from their start, by the grammar that the mail system writes.

pub mod event;
pub mod exim;
pub mod local;
pub mod postfix;
