//! Postgrey: its log lines, its whitelist rules, the sender that a client belongs to, and the series of tries of one mail.
//!
//! Relies on Postgrey 1.37 (and the lines of 1.28 to HEAD of 2024), read from its source and from real logs.

pub mod apart;
pub mod base;
pub mod budget;
pub mod client;
pub mod domain;
pub mod event;
pub mod keyed;
pub mod mail;
pub mod naming;
mod network;
pub mod pattern;
pub mod perl;
pub mod rented;
pub mod sender;
pub mod senders;
pub mod suffix;
pub mod tally;
pub mod verdict;
pub mod whitelist;
