//! What is counted of a stretch of log: clients, mails, passes.

use super::budget::cost;
use super::client::{Client, Lens, MOST, Visits, network};
use super::domain::registrable;
use super::event::{self, Action, Decision, Message, PASSED};
use super::keyed::{Hasher, Key, Keyed};
use super::mail::{Mails, Trail};
use crate::host::both::both;
use crate::host::time::Micros;
use crate::log::budget::{Budget, PORTION};
use crate::log::entry::{Entry, Line};
use crate::log::fold::Tally;
use crate::log::memo::Lasting;
use crate::state::spool::Spool;
use crate::state::stream::Stream;
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
}

impl GreylistTally {
    /// Whether every sender that is named by its number has one, and no number is beyond what lines can make.
    pub(super) fn is_sound(&self) -> bool {
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
mod tests {
    use super::*;
    use crate::log::budget::Budget;
    use crate::log::stamp::Form;
    use crate::postgrey::domain::Grouping;
    use crate::postgrey::keyed;
    use crate::postgrey::whitelist::Whitelist;

    fn tally(budget: usize) -> GreylistTally {
        let lens = Lens {
            grouping: Grouping::Domain,
            whitelists: Vec::new(),
            ignored: Whitelist::default(),
            budget: Budget::new(budget),
        };
        GreylistTally::new(Arc::new(lens), keyed::hasher(7))
    }

    /// Greylisted hosts of `length` bytes, each of another sender.
    fn see(tally: &mut GreylistTally, numbers: std::ops::Range<u32>, length: usize) {
        for number in numbers {
            let name = format!(".d{number}.example");
            let name = "x".repeat(length - name.len()) + &name;
            let rest = format!(
                "mail postgrey[1]: action=greylist, reason=new, client_name={name}, client_address=192.0.2.1, sender=a@b.example, recipient=c@d.example"
            );
            tally.see(&Line {
                at: 0,
                form: Form::Bsd,
                rest: rest.as_bytes(),
            });
        }
    }

    fn copied(tally: &GreylistTally, into: &mut GreylistTally) {
        let mut spool = Spool::default();
        tally.write(&mut spool);
        let bytes = spool.into_bytes().unwrap();
        into.join_written(Stream::of(&bytes)).unwrap();
    }

    /// What an earlier run counted costs what lines cost: where there is no room for it none of it is counted, and said so.
    #[test]
    fn what_was_remembered_keeps_to_the_budget() {
        for length in [20, 180] {
            let (mut first, mut second) = (tally(1 << 30), tally(1 << 30));
            see(&mut first, 0..1000, length);
            see(&mut second, 1000..2000, length);
            let cost = first.paid;
            for (budget, uncounted, counted) in [
                (2 * cost, 0, 2000),
                (cost * 3 / 2, 1000, 1000),
                (cost / 2, 2000, 0),
                (0, 2000, 0),
            ] {
                let mut read = tally(budget);
                copied(&first, &mut read);
                copied(&second, &mut read);
                let found = (read.uncounted, read.clients.len(), read.lines);
                assert_eq!(
                    found,
                    (uncounted, counted, 2000),
                    "{length}: {budget} of {cost}"
                );
            }
        }
    }

    /// However little is left, a record without rows is counted, and the bytes must be a record.
    #[test]
    fn what_there_is_no_room_for_is_looked_at() {
        let mut kept = tally(1 << 30);
        let mut spool = Spool::default();
        kept.write(&mut spool);
        assert_eq!(
            tally(0).join_written(Stream::of(&spool.into_bytes().unwrap())),
            Some(())
        );
        see(&mut kept, 0..10, 20);
        let mut spool = Spool::default();
        kept.write(&mut spool);
        let mut bytes = spool.into_bytes().unwrap();
        bytes.push(0);
        assert_eq!(tally(0).join_written(Stream::of(&bytes)), None);
    }

    /// Names are as long as strangers like: what is longer than usual is paid, and once, however often the client is joined.
    #[test]
    fn long_names_are_paid() {
        const HALF: usize = 1 << 30;
        let paid = |length: usize| {
            let mut all = tally(2 * HALF);
            see(&mut all, 0..1000, length);
            let alone = (all.names, all.paid);
            let mut later = tally(2 * HALF);
            see(&mut later, 500..1500, length);
            let mut read = tally(2 * HALF);
            copied(&all, &mut read);
            copied(&later, &mut read);
            all.join(later);
            assert_eq!(all.names, 1500 * cost::name(&"x".repeat(length)));
            assert_eq!(read.names, all.names);
            alone
        };
        assert_eq!(paid(32).0, 0);
        let (usual, long) = (paid(20).1, paid(180).1);
        assert!(
            (usual + 290_000..usual + 310_000).contains(&long),
            "{usual} {long}"
        );
    }
}
