//! What is counted of a stretch of log: clients, mails, passes.

mod written;

use super::budget::cost;
use super::client::{Client, Lens, Visits, network};
use super::domain::registrable;
use super::event::{self, Action, Decision, Message, PASSED};
use super::keyed::{Hasher, Key, Keyed};
use super::mail::{Mails, Trail};
use crate::host::both::both;
use crate::host::time::Micros;
use crate::log::budget::PORTION;
use crate::log::entry::{Entry, Line};
use crate::log::fold::Tally;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::Arc;

/// The name that Postgrey's lines hold in their tag.
pub const PROGRAM: &str = "postgrey";

/// Counts Postgrey's lines.
#[derive(Debug)]
pub struct GreylistTally {
    pub(super) lens: Arc<Lens>,
    /// Keyed per run: names, senders and recipients are chosen by strangers.
    pub(super) hasher: Hasher,
    pub(super) clients: Keyed<Client>,
    /// Only numbered: their names are the ends of their clients' names.
    pub(super) senders: Keyed<()>,
    /// By sender and network.
    pub(super) networks: Keyed<Visits>,
    pub(super) mails: Mails,
    passes: [u64; PASSED.len()],
    lines: u64,
    /// Lines that the budget had no room for.
    uncounted: u64,
    /// Bytes taken from the budget.
    paid: usize,
    /// What the names of clients cost that are longer than usual.
    names: usize,
    loaded: Option<Micros>,
    /// Names in lower case, while their hash is made.
    scratch: Vec<u8>,
}

impl GreylistTally {
    /// An empty tally. Tallies that are joined must share `hasher`.
    pub fn new(lens: Arc<Lens>, hasher: Hasher) -> Self {
        Self {
            lens,
            hasher,
            clients: Keyed::default(),
            senders: Keyed::default(),
            networks: Keyed::default(),
            mails: Mails::default(),
            passes: [0; PASSED.len()],
            lines: 0,
            uncounted: 0,
            paid: 0,
            names: 0,
            loaded: None,
            scratch: Vec::new(),
        }
    }

    /// The clients that were greylisted.
    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        self.clients.rows()
    }

    /// All senders' numbers are below this one.
    pub fn senders(&self) -> usize {
        self.senders.end() as usize
    }

    /// The networks that senders were greylisted from.
    pub fn networks(&self) -> impl Iterator<Item = &Visits> {
        self.networks.rows()
    }

    /// The mails.
    pub fn mails(&self) -> &Mails {
        &self.mails
    }

    /// Forgets all but the clients and what is counted of all lines, once they are summed up: facts need the memory.
    pub fn forget_mails(&mut self) {
        self.mails = Mails::default();
        self.networks = Keyed::default();
        self.senders = Keyed::default();
        self.clients.forget_places();
    }

    /// How many recipients passed, in the order of [`PASSED`].
    pub fn passes(&self) -> [u64; PASSED.len()] {
        self.passes
    }

    /// How many decisions Postgrey logged.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// How many of them are not counted further, because the budget was spent.
    pub fn uncounted(&self) -> u64 {
        self.uncounted
    }

    /// When Postgrey last started or read its whitelists again.
    pub fn loaded(&self) -> Option<Micros> {
        self.loaded
    }

    fn decide(&mut self, at: Micros, times: u32, decision: &Decision<'_>) {
        let times = u64::from(times);
        self.lines += times;
        if self.lens.budget.is_spent() {
            self.uncounted += times;
            return;
        }
        match decision.action {
            Action::Pass(why) => {
                self.passes[why.index()] += times;
                let mail = self.mail_key(decision);
                self.mails.pass_at(mail, at);
            }
            Action::New => self.greylisted(at, decision, times, 0),
            Action::EarlyRetry => self.greylisted(at, decision, 0, times),
        }
        self.pay();
    }

    /// Takes what the rows that are new cost out of the budget, in advance.
    fn pay(&mut self) {
        let cost = self.senders.len() * cost::SENDER
            + self.clients.len() * cost::CLIENT
            + self.networks.len() * cost::NETWORK
            + self.mails.rows() * cost::MAIL
            + self.names;
        if cost > self.paid {
            let more = (cost - self.paid).max(PORTION);
            self.lens.budget.take(more);
            self.paid += more;
        }
    }

    fn greylisted(&mut self, at: Micros, decision: &Decision<'_>, new: u64, early: u64) {
        let address = decision.address();
        let client = self.client(decision, address);
        client.greylisted(at, address, new, early);
        if client.is_set_aside() {
            return;
        }
        let (sender, network) = (client.sender_number, network(address));
        let visits = self.hasher.hash_one((self.senders.key(sender), network));
        let visits = self
            .networks
            .get_or_insert_with(visits, || Visits { sender, new: 0 });
        visits.add(u32::try_from(new).unwrap_or(u32::MAX));
        let mail = self.mail_key(decision);
        self.mails.try_at(mail, at, Trail::new(sender, network));
    }

    fn client(&mut self, decision: &Decision<'_>, address: Option<IpAddr>) -> &mut Client {
        let (lens, hasher) = (&self.lens, &self.hasher);
        let by_address = lens.by_address(address);
        self.scratch.clear();
        let key = match decision.client_name {
            Some(name) => {
                self.scratch.extend_from_slice(name);
                self.scratch.make_ascii_lowercase();
                hasher.hash_one((self.scratch.as_slice(), by_address))
            }
            None => hasher.hash_one(address),
        };
        let (name, senders, names) = (&self.scratch, &mut self.senders, &mut self.names);
        self.clients.get_or_insert_with(key, || {
            let name = String::from_utf8_lossy(name).into_owned().into_boxed_str();
            *names += cost::name(&name);
            let named = (!name.is_empty()).then_some(&*name);
            let (standing, sender) = lens.look(named, by_address);
            let number = senders.number(hasher.hash_one(sender), || ());
            let sender = (name.len() - sender.len(), number);
            Client::new(name, address, standing, sender)
        })
    }

    /// The key of a mail: sender and recipient without regard to case; for the null sender the client's domain too.
    fn mail_key(&mut self, decision: &Decision<'_>) -> Key {
        let text = &mut self.scratch;
        text.clear();
        text.extend_from_slice(decision.sender);
        // No address holds a newline.
        text.push(b'\n');
        text.extend_from_slice(decision.recipient);
        if let (b"", Some(name)) = (decision.sender, decision.client_name) {
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            let domain = registrable(&name).unwrap_or(&name);
            text.push(b'\n');
            text.extend_from_slice(domain.as_bytes());
        }
        text.make_ascii_lowercase();
        self.hasher.hash_one(text.as_slice())
    }
}

impl Tally for GreylistTally {
    fn see(&mut self, line: &Line<'_>) {
        let Some(Entry {
            tag,
            message,
            times,
        }) = line.entry()
        else {
            return;
        };
        if !event::is_postgrey(tag) {
            return;
        }
        match event::parse(message) {
            Message::Decision(decision) => self.decide(line.at, times, &decision),
            Message::Loaded => self.loaded = self.loaded.max(Some(line.at)),
            Message::Other => {}
        }
    }

    fn join(&mut self, mut later: Self) {
        let senders = later.senders.into_iter();
        let numbers: Vec<u32> = senders
            .map(|(key, ())| self.senders.number(key, || ()))
            .collect();
        let here = |number: &mut u32| {
            *number = numbers.get(*number as usize).copied().unwrap_or(*number);
        };
        later
            .clients
            .rows_mut()
            .for_each(|client| here(&mut client.sender_number));
        later
            .networks
            .rows_mut()
            .for_each(|visits| here(&mut visits.sender));
        let names = &mut self.names;
        *names += later.names;
        both(
            later.mails.rows(),
            || self.mails.join(later.mails, &numbers),
            || {
                self.clients.join(later.clients, |_, ours, theirs| {
                    *names = names.saturating_sub(cost::name(&theirs.name));
                    ours.join(&theirs);
                });
                self.networks
                    .join(later.networks, |_, ours, theirs| ours.add(theirs.new));
            },
        );
        for (sum, more) in self.passes.iter_mut().zip(later.passes) {
            *sum += more;
        }
        self.lines += later.lines;
        self.uncounted += later.uncounted;
        self.paid += later.paid;
        self.loaded = self.loaded.max(later.loaded);
    }
}

#[cfg(test)]
mod tests;
