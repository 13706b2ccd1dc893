//! What a run leaves of a tally for the next, and how that is read back: as far as the budget has room, and only what lines can make.

use super::GreylistTally;
use crate::log::budget::Budget;
use crate::log::fold::Tally as _;
use crate::log::memo::Lasting;
use crate::postgrey::budget::cost;
use crate::postgrey::client::{Client, MOST};
use crate::postgrey::keyed::Keyed;
use crate::postgrey::mail::Mails;
use crate::state::spool::Spool;
use crate::state::stream::Stream;
use std::sync::Arc;

impl Lasting for GreylistTally {
    fn write(&self, to: &mut Spool) {
        self.senders.write(to);
        self.clients.write(to);
        self.networks.write(to);
        self.mails.write(to);
        to.put(&self.passes);
        to.put(&self.lines);
        to.put(&self.loaded);
    }

    fn join_written(&mut self, mut from: Stream<'_>) -> Option<()> {
        let lens = Arc::clone(&self.lens);
        let mut room = Room::of(&lens.budget);
        let later = self.read(&mut from, &mut room)?;
        if from.left() > 0 {
            return None;
        }
        if room.is_too_small {
            // What was read is a part of it: as with lines, all or nothing.
            self.lines += later.lines;
            self.uncounted += later.lines.max(1);
            return Some(());
        }
        later.is_sound().then(|| {
            self.join(later);
            self.pay();
        })
    }
}

/// What the budget has room for of what an earlier run counted. It stands in memory beside what is counted already, until both are joined.
struct Room<'b> {
    budget: &'b Budget,
    needed: usize,
    is_too_small: bool,
}

impl<'b> Room<'b> {
    fn of(budget: &'b Budget) -> Self {
        Self {
            budget,
            needed: 0,
            is_too_small: false,
        }
    }

    /// Whether there is room for a row of this cost, too.
    fn has(&mut self, cost: usize) -> bool {
        self.needed += cost;
        self.is_too_small = self.is_too_small || !self.budget.has(self.needed);
        !self.is_too_small
    }
}

impl GreylistTally {
    /// Takes what was counted from the front: all lines and passes, and the rows that there is room for.
    fn read(&self, from: &mut Stream<'_>, room: &mut Room<'_>) -> Option<Self> {
        let mut read = Self::new(Arc::clone(&self.lens), self.hasher.clone());
        read.senders = Keyed::read(from, |()| room.has(cost::SENDER))?;
        let names = &mut read.names;
        read.clients = Keyed::read(from, |client: &Client| {
            let name = cost::name(&client.name);
            *names += name;
            room.has(cost::CLIENT + name)
        })?;
        read.networks = Keyed::read(from, |_| room.has(cost::NETWORK))?;
        read.mails = Mails::read(from, || room.has(cost::MAIL))?;
        read.passes = from.value()?;
        read.lines = from.value()?;
        read.loaded = from.value()?;
        Some(read)
    }

    /// Whether every sender that is named by its number has one, and no number is beyond what lines can make.
    pub(in crate::postgrey) fn is_sound(&self) -> bool {
        let end = self.senders.end();
        let counts = self.passes.iter().chain([&self.lines]);
        self.clients
            .rows()
            .all(|client| client.sender_number < end && client.is_sound())
            && self.networks.rows().all(|visits| visits.sender < end)
            && self.mails.are_sound(end)
            && counts.into_iter().all(|count| *count <= MOST)
    }
}
