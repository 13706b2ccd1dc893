//! Adds what is new.

use super::{
    APART, CLIENTS, DELAYS, HOSTS, MAILS, NETWORKS, NUMBERS, PENDING, SENDERS, SenderRow, Totals,
    apart_key,
};
use crate::host::time::Micros;
use crate::log::fold::Tally as _;
use crate::postgrey::apart::{Apart, apart, latest};
use crate::postgrey::client::{CLASSES, Client, MOST, Standing, Visits};
use crate::postgrey::event::PASSED;
use crate::postgrey::keyed::Key;
use crate::postgrey::mail::LATEST;
use crate::postgrey::sender::{Evidence, Sums};
use crate::postgrey::tally::GreylistTally;
use crate::state::base::Base;
use crate::state::record::Record;
use crate::state::table::Table;
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// What a base and the lines behind it make together.
#[derive(Debug)]
pub struct Added {
    /// All mails of named clients, as of [`count`](crate::postgrey::sender::count).
    pub all: Evidence,
    /// The senders whose evidence may have changed.
    pub touched: Vec<Touched>,
    /// How many recipients passed, in the order of [`PASSED`].
    pub passes: [u64; PASSED.len()],
    /// How many decisions Postgrey logged.
    pub lines: u64,
    /// When Postgrey last started or read its whitelists again.
    pub loaded: Option<Micros>,
    /// As of [`latest`].
    pub latest: BTreeMap<u32, (Micros, Box<str>)>,
    /// What is counted apart, in the order of [`CLASSES`].
    pub apart: [Apart; CLASSES.len()],
    /// A moment before which no pending mail is lost.
    pub next_loss: Option<Micros>,
}

/// A sender of which something is new.
#[derive(Debug)]
pub struct Touched {
    /// The domain (or host) that groups its clients.
    pub name: Box<str>,
    /// What was seen.
    pub evidence: Evidence,
    /// Its host names, sorted; none where there are too few tries.
    pub hosts: Vec<Box<str>>,
}

/// Adds the lines that follow, judged as of `now`, with the hosts of senders that have `least` tries. `None` where it takes a look at all
/// that was counted: then the base cannot be read, or is younger than `now`.
pub fn add(base: &Base, new: GreylistTally, now: Micros, least: u64) -> Option<Added> {
    let totals = Totals::read(&mut base.whole(super::TOTALS)?.as_slice())?;
    if now < totals.now {
        return None;
    }
    let mut known = Known::new(base, &new)?;
    known.look_up(&new)?;
    let next_loss = known.look_up_lost(now)?;
    known.sum_up(totals, new, now, least, next_loss)
}

/// The rows of the base that the new lines name.
struct Known<'b> {
    base: &'b Base,
    senders: Table<'b>,
    mails: Table<'b>,
    /// What their rows make together.
    tally: GreylistTally,
    /// The senders in it, by their numbers there.
    rows: Vec<Option<SenderRow>>,
    /// The names of hosts that the base does not know, by sender.
    hosts: HashMap<Key, Vec<Box<str>>>,
}

impl<'b> Known<'b> {
    fn new(base: &'b Base, new: &GreylistTally) -> Option<Self> {
        Some(Self {
            base,
            senders: Table::open(base, SENDERS)?,
            mails: Table::open(base, MAILS)?,
            tally: GreylistTally::new(Arc::clone(&new.lens), new.hasher.clone()),
            rows: Vec::new(),
            hosts: HashMap::new(),
        })
    }

    /// The clients, networks and mails that are named.
    fn look_up(&mut self, new: &GreylistTally) -> Option<()> {
        let (clients, networks) = (
            Table::open(self.base, CLIENTS)?,
            Table::open(self.base, NETWORKS)?,
        );
        for (_, key, client) in new.clients.entries() {
            let sender = new.senders.key(client.sender_number);
            match clients.find::<Client>(key)? {
                Some(mut before) => {
                    before.sender_number = self.tally.senders.number(sender, || ());
                    self.tally.clients.insert(key, before);
                }
                None if client.standing == Standing::Counted => {
                    let hosts = self.hosts.entry(sender).or_default();
                    hosts.push(client.name.clone());
                }
                None => {}
            }
        }
        for (_, key, visits) in new.networks.entries() {
            if let Some(mut before) = networks.find::<Visits>(key)? {
                let sender = new.senders.key(visits.sender);
                before.sender = self.tally.senders.number(sender, || ());
                self.tally.networks.insert(key, before);
            }
        }
        new.mails.keys().try_for_each(|key| self.look_up_mail(key))
    }

    /// A mail, if it is known and has not passed.
    fn look_up_mail(&mut self, key: Key) -> Option<()> {
        if self.tally.mails.knows(key) {
            return Some(());
        }
        let Some(mail) = self.mails.find(key)? else {
            return Some(());
        };
        let (base, senders) = (self.base, &mut self.tally.senders);
        let number = |number: u32| {
            let at = u64::from(number) * 8;
            let bytes = base.read(NUMBERS, at..at + 8)?;
            Some(senders.number(Key::read(&mut bytes.as_slice())?, || ()))
        };
        self.tally.mails.add(key, mail, number)
    }

    /// The mails that were pending and are lost as of `now`. Also gives when the next one will be.
    fn look_up_lost(&mut self, now: Micros) -> Option<Option<Micros>> {
        /// Read at once.
        const PART: u64 = 256 * 16;
        let end = self.base.length(PENDING);
        for start in (0..end).step_by(PART as usize) {
            let bytes = self.base.read(PENDING, start..end.min(start + PART))?;
            let mut from = bytes.as_slice();
            while !from.is_empty() {
                let (loss, key) = <(Micros, Key)>::read(&mut from)?;
                if loss > now {
                    return Some(Some(loss));
                }
                self.look_up_mail(key)?;
            }
        }
        Some(None)
    }

    /// Looks up the senders that came since.
    fn look_up_senders(&mut self) -> Option<()> {
        for number in self.rows.len()..self.tally.senders() {
            let key = self.tally.senders.key(u32::try_from(number).ok()?);
            self.rows.push(self.senders.find(key)?);
        }
        Some(())
    }

    fn sums(&self, now: Micros) -> Sums {
        let counts = |number: u32| matches!(self.rows.get(number as usize), Some(Some(_)));
        Sums::of(&self.tally, now, counts)
    }

    fn sum_up(
        mut self,
        totals: Totals,
        new: GreylistTally,
        now: Micros,
        least: u64,
        next_loss: Option<Micros>,
    ) -> Option<Added> {
        self.look_up_senders()?;
        if !self.tally.is_sound() {
            return None;
        }
        let removed = self.sums(totals.now);
        let apart = self.apart(&totals, &new)?;
        let latest = later(totals.latest, latest(&new));
        let sum = |known: u64, more: u64| (known <= MOST).then_some(known + more);
        let mut passes = totals.passes;
        for (known, more) in passes.iter_mut().zip(new.passes()) {
            *known = sum(*known, more)?;
        }
        let (lines, loaded) = (
            sum(totals.lines, new.lines())?,
            totals.loaded.max(new.loaded()),
        );
        self.tally.join(new);
        self.look_up_senders()?;
        let added = self.sums(now);
        let next_loss = [next_loss, self.tally.mails.next_loss(now)];
        let mut all = totals.all.changed(&removed.all, &added.all)?;
        let delays = Range {
            start: totals.delays,
            end: totals.delays.checked_add(totals.all.passed.into())?,
        };
        all.delay_worst = totals
            .all
            .delay_worst
            .max(added.delays.all.iter().max().copied());
        all.delay_median = self.median(delays, added.delays.all.clone())?;
        let touched = self.touched(&removed.senders, added, least)?;
        Some(Added {
            all,
            touched,
            passes,
            lines,
            loaded,
            latest,
            apart,
            next_loss: next_loss.into_iter().flatten().min(),
        })
    }

    /// The evidence on all senders that were looked up; they had `removed`, and have what was `added`.
    fn touched(&self, removed: &[Evidence], added: Sums, least: u64) -> Option<Vec<Touched>> {
        let mut delays: HashMap<u32, Vec<Micros>> = HashMap::new();
        for (number, delay) in added.delays.of_senders {
            delays.entry(number).or_default().push(delay);
        }
        let (hosts, nothing) = (Table::open(self.base, HOSTS)?, Evidence::default());
        let mut names: HashMap<u32, &str> = HashMap::new();
        for client in self.tally.clients() {
            names.insert(client.sender_number, client.sender());
        }
        let mut touched = Vec::new();
        for (number, key, ()) in self.tally.senders.entries() {
            let place = number as usize;
            let row = self.rows.get(place)?.as_ref();
            let known = row.map_or(&nothing, |row| &row.evidence);
            let less = removed.get(place).unwrap_or(&nothing);
            let mut evidence = known.changed(less, added.senders.get(place)?)?;
            if evidence.hosts == 0 {
                continue;
            }
            let delays = delays.remove(&number).unwrap_or_default();
            evidence.delay_worst = known.delay_worst.max(delays.iter().max().copied());
            let start = row.map_or(0, |row| row.delays);
            let stored = start..start.checked_add(known.passed.into())?;
            evidence.delay_median = self.median(stored, delays)?;
            let name = match (row, names.get(&number)) {
                (Some(row), _) => row.name.clone(),
                (None, name) => (*name?).into(),
            };
            let hosts = match u64::from(evidence.tries) >= least {
                true => self.hosts(&hosts, key)?,
                false => Vec::new(),
            };
            touched.push(Touched {
                name,
                evidence,
                hosts,
            });
        }
        Some(touched)
    }

    fn hosts(&self, known: &Table<'_>, sender: Key) -> Option<Vec<Box<str>>> {
        let mut hosts: Vec<Box<str>> = known.all(sender)?;
        hosts.extend(self.hosts.get(&sender).into_iter().flatten().cloned());
        hosts.sort_unstable();
        Some(hosts)
    }

    /// The median of the stored delays, which are in order, and of more: only the middle of them is read.
    fn median(&self, stored: Range<u64>, mut more: Vec<Micros>) -> Option<Option<Micros>> {
        let (count, new) = (stored.end - stored.start, more.len() as u64);
        let Some(last) = (count + new).checked_sub(1) else {
            return Some(None);
        };
        let (lower, upper) = (last / 2, last.div_ceil(2));
        // What lies before this comes before the middle however many of the new ones do, and what lies behind comes behind it.
        let (start, end) = (lower.saturating_sub(new), count.min(upper + 1));
        let at = |place: u64| stored.start.checked_add(place)?.checked_mul(8);
        let bytes = self.base.read(DELAYS, at(start)?..at(end)?)?;
        let mut from = bytes.as_slice();
        while !from.is_empty() {
            more.push(Micros::read(&mut from)?);
        }
        more.sort_unstable();
        let value = |place: u64| {
            let value = more.get(usize::try_from(place - start).ok()?)?;
            (0..=2 * LATEST).contains(value).then_some(*value)
        };
        let (lower, upper) = (value(lower)?, value(upper)?);
        Some(Some(lower + (upper - lower) / 2))
    }

    /// What is counted apart: hosts that the base knows are not counted again.
    fn apart(&self, totals: &Totals, new: &GreylistTally) -> Option<[Apart; CLASSES.len()]> {
        let (table, mut sums) = (Table::open(self.base, APART)?, totals.apart.clone());
        let more = apart(new);
        for (number, class) in CLASSES.iter().enumerate() {
            let sum = &mut sums[number];
            sum.tries = sum.tries.checked_add(more[number].tries)?;
            let clients = new.clients().filter(|client| class(client.standing));
            let keys: HashSet<Key> = clients
                .map(|client| apart_key(number, client, &new.hasher))
                .collect();
            for key in keys {
                let is_new = table.find::<()>(key)?.is_none();
                sum.hosts = sum.hosts.checked_add(u64::from(is_new))?;
            }
        }
        Some(sums)
    }
}

/// Of each whitelist the later one.
fn later(
    known: Vec<(u32, (Micros, Box<str>))>,
    new: BTreeMap<u32, (Micros, &str)>,
) -> BTreeMap<u32, (Micros, Box<str>)> {
    let mut latest: BTreeMap<u32, (Micros, Box<str>)> = known.into_iter().collect();
    for (number, (at, name)) in new {
        let seen = (at, Box::from(name));
        let known = latest.entry(number).or_insert_with(|| seen.clone());
        *known = seen.max(known.clone());
    }
    latest
}
