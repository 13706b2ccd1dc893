//! What was counted of all but the newest lines, laid out in the sections of a base (`state::base`) so that what is new can be added
//! to it without reading it all.
//!
//! What the facts are made of are sums over clients, networks and mails. A row that the new lines do not name adds to them what it added
//! before; so only the rows that they name are looked up, and the mails that were pending and are lost by now. Their part in the sums is
//! taken out and what they are now is put in ([`add()`]).

use super::apart::Apart;
use super::client::{CLASSES, Client};
use super::event::PASSED;
use super::keyed::Hasher;
use super::sender::Evidence;
use crate::host::time::Micros;
use crate::state::record::record;
use std::hash::BuildHasher as _;

mod add;
mod lay;

pub use add::{Added, Touched, add};
pub use lay::lay;

/// How many sections there are.
pub const SECTIONS: usize = 16;

/// [`Totals`].
const TOTALS: usize = 0;
/// The keys of senders, by their numbers.
const NUMBERS: usize = 1;
/// A table of [`SenderRow`]s.
const SENDERS: usize = 2;
/// A table of clients.
const CLIENTS: usize = 4;
/// A table of the names of clients that count, by the keys of their senders.
const HOSTS: usize = 6;
/// A table of networks.
const NETWORKS: usize = 8;
/// A table of the mails that have not passed. What has passed is over: the next try begins another mail.
const MAILS: usize = 10;
/// A table of hosts that are counted apart, without anything else.
const APART: usize = 12;
/// Pending mails: when each is lost, and its key, in order of time.
const PENDING: usize = 14;
/// The delays of mails that passed, sender by sender and then of all, each in order.
const DELAYS: usize = 15;

/// What is known of all rows together.
#[derive(Debug)]
struct Totals {
    /// As of when mails were judged.
    now: Micros,
    all: Evidence,
    /// Where in the delays those of all mails begin.
    delays: u64,
    passes: [u64; PASSED.len()],
    lines: u64,
    loaded: Option<Micros>,
    latest: Vec<(u32, (Micros, Box<str>))>,
    apart: [Apart; CLASSES.len()],
}

record!(Totals {
    now,
    all,
    delays,
    passes,
    lines,
    loaded,
    latest,
    apart
});

/// A sender.
#[derive(Debug)]
struct SenderRow {
    name: Box<str>,
    evidence: Evidence,
    /// Where in the delays its own begin.
    delays: u64,
}

record!(SenderRow {
    name,
    evidence,
    delays
});

/// What tells a host that is counted apart from others of its class: its name, or its address where it has none.
fn apart_key(class: usize, client: &Client, hasher: &Hasher) -> u64 {
    let address = client.name.is_empty().then_some(client.address);
    hasher.hash_one((class, &*client.name, address))
}
