//! The evidence on each sender, from clients and mails.

use super::client::{CLASSES, Client, Standing, Visits};
use super::mail::{Fate, Mail};
use super::tally::GreylistTally;
use super::verdict::{COMES_BACK_AFTER, KEEPS_TRYING_FOR};
use crate::host::both::both;
use crate::host::time::Micros;
use crate::state::record::record;
use hashbrown::{HashMap, HashSet};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What was seen of one sender. Small: a log may hold a million senders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Greylisted tries.
    pub tries: u32,
    /// Those with reason `new`; the rest are early retries.
    pub new: u32,
    /// Host names.
    pub hosts: u32,
    /// Host names that look like dynamic lines.
    pub dynamic_hosts: u32,
    /// Client networks, /24 and /64.
    pub networks: u32,
    /// Networks that tried one triplet only.
    pub networks_used_once: u32,
    /// Mails it tried to deliver.
    pub mails: u32,
    /// Mails it tried from two networks or more of its own.
    pub pool_mails: u32,
    /// Mails that passed.
    pub passed: u32,
    /// Mails that did not pass within the retry window.
    pub lost: u32,
    /// Mails too young to tell.
    pub pending: u32,
    /// Mails that passed or were tried again later.
    pub returned: u32,
    /// The pending ones among them.
    pub pending_returned: u32,
    /// Mails that were tried again long after the first try.
    pub kept_trying: u32,
    /// Half of the mails that passed waited longer than this.
    pub delay_median: Option<Micros>,
    /// The longest that a mail that passed had to wait.
    pub delay_worst: Option<Micros>,
}

record!(Evidence {
    tries,
    new,
    hosts,
    dynamic_hosts,
    networks,
    networks_used_once,
    mails,
    pool_mails,
    passed,
    lost,
    pending,
    returned,
    pending_returned,
    kept_trying,
    delay_median,
    delay_worst
});
record!(Apart { hosts, tries });

impl Evidence {
    /// With `added` and without `removed`, but for the delays; `None` where that is not to be known.
    pub(super) fn changed(&self, removed: &Self, added: &Self) -> Option<Self> {
        let with = |count: fn(&Self) -> u32| {
            let (known, less, more) = (count(self), count(removed), count(added));
            // A count at the end of its range may be any.
            let known = Some(known).filter(|known| *known < u32::MAX)?;
            known.checked_sub(less)?.checked_add(more)
        };
        Some(Self {
            tries: with(|evidence| evidence.tries)?,
            new: with(|evidence| evidence.new)?,
            hosts: with(|evidence| evidence.hosts)?,
            dynamic_hosts: with(|evidence| evidence.dynamic_hosts)?,
            networks: with(|evidence| evidence.networks)?,
            networks_used_once: with(|evidence| evidence.networks_used_once)?,
            mails: with(|evidence| evidence.mails)?,
            pool_mails: with(|evidence| evidence.pool_mails)?,
            passed: with(|evidence| evidence.passed)?,
            lost: with(|evidence| evidence.lost)?,
            pending: with(|evidence| evidence.pending)?,
            returned: with(|evidence| evidence.returned)?,
            pending_returned: with(|evidence| evidence.pending_returned)?,
            kept_trying: with(|evidence| evidence.kept_trying)?,
            delay_median: self.delay_median,
            delay_worst: self.delay_worst,
        })
    }

    fn add_client(&mut self, client: &Client) {
        self.tries = self.tries.saturating_add(narrow(client.tries()));
        self.new = self.new.saturating_add(narrow(client.new));
        self.hosts += 1;
        self.dynamic_hosts += u32::from(client.dynamic);
    }

    fn add_visits(&mut self, visits: &Visits) {
        self.networks += 1;
        self.networks_used_once += u32::from(visits.new <= 1);
    }

    fn add_mail(&mut self, mail: &Mail, pool: bool, now: Micros) {
        let came_again = mail.last - mail.first >= COMES_BACK_AFTER;
        let fate = mail.fate(now);
        self.mails += 1;
        self.pool_mails += u32::from(pool);
        match fate {
            Fate::Passed(_) => self.passed += 1,
            Fate::Lost => self.lost += 1,
            Fate::Pending => {
                self.pending += 1;
                self.pending_returned += u32::from(came_again);
            }
        }
        self.returned += u32::from(came_again || matches!(fate, Fate::Passed(_)));
        self.kept_trying += u32::from(mail.last - mail.first >= KEEPS_TRYING_FOR);
    }

    /// Sets what follows from the delays of the mails that passed.
    fn set_delays(&mut self, delays: &mut [Micros]) {
        self.delay_worst = delays.iter().max().copied();
        self.delay_median = median(delays);
    }
}

fn narrow(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A sender with its hosts and the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender<'t> {
    /// The domain (or host) that groups its clients.
    pub name: &'t str,
    /// What was seen.
    pub evidence: &'t Evidence,
    /// Its host names, sorted; none where there are too few tries.
    pub hosts: &'t [&'t str],
}

/// The evidence on all senders, by their numbers, and on all mails of named clients together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Count {
    senders: Vec<Evidence>,
    /// The sum, each mail counted once; hosts and networks are not counted here.
    pub all: Evidence,
}

/// Sums up a tally as of `now`.
pub fn count(tally: &GreylistTally, now: Micros) -> Count {
    let Sums {
        mut senders,
        mut all,
        delays,
    } = Sums::of(tally, now, |_| false);
    delays.tell(&mut senders, &mut all);
    Count { senders, all }
}

/// What is a sum over clients, networks and mails, so that the sums of two tallies without a common one can be added.
pub(super) struct Sums {
    /// By their numbers, without delays.
    pub senders: Vec<Evidence>,
    /// As of [`Count::all`], without delays.
    pub all: Evidence,
    pub delays: Delays,
}

impl Sums {
    /// Sums up a tally as of `now`; `counts` tells of senders' numbers whether they count whatever their clients here.
    pub(super) fn of(tally: &GreylistTally, now: Micros, counts: impl Fn(u32) -> bool) -> Self {
        let mut senders = vec![Evidence::default(); tally.senders()];
        for client in counted(tally) {
            if let Some(evidence) = senders.get_mut(client.sender_number as usize) {
                evidence.add_client(client);
            }
        }
        let mut sums = Self {
            all: Evidence::default(),
            delays: Delays::default(),
            senders,
        };
        for visits in tally.networks() {
            if let Some(evidence) = sums.counted(visits.sender, &counts) {
                evidence.add_visits(visits);
            }
        }
        for mail in tally.mails().iter() {
            sums.add_mail(mail, now, &counts);
        }
        for evidence in &sums.senders {
            sums.all.tries = sums.all.tries.saturating_add(evidence.tries);
            sums.all.new = sums.all.new.saturating_add(evidence.new);
        }
        sums
    }

    /// The evidence on a sender that counts.
    fn counted(&mut self, number: u32, counts: impl Fn(u32) -> bool) -> Option<&mut Evidence> {
        let evidence = self.senders.get_mut(number as usize)?;
        (evidence.hosts > 0 || counts(number)).then_some(evidence)
    }

    fn add_mail(&mut self, mail: &Mail, now: Micros, counts: impl Fn(u32) -> bool) {
        let mut is_counted = false;
        for trail in mail.trails() {
            if let Some(evidence) = self.counted(trail.sender, &counts) {
                evidence.add_mail(mail, trail.is_pool(), now);
                self.delays.add(trail.sender, mail.fate(now));
                is_counted = true;
            }
        }
        if is_counted {
            self.all.add_mail(mail, mail.is_pool(), now);
            self.delays.all.extend(delay(mail.fate(now)));
        }
    }
}

/// The clients that count with their senders.
fn counted(tally: &GreylistTally) -> impl Iterator<Item = &Client> {
    tally
        .clients()
        .filter(|client| client.standing == Standing::Counted)
}

/// The delays of mails that passed, of each sender and of all.
#[derive(Default)]
pub(super) struct Delays {
    pub of_senders: Vec<(u32, Micros)>,
    pub all: Vec<Micros>,
}

fn delay(fate: Fate) -> Option<Micros> {
    match fate {
        Fate::Passed(delay) => Some(delay),
        Fate::Lost | Fate::Pending => None,
    }
}

impl Delays {
    fn add(&mut self, sender: u32, fate: Fate) {
        self.of_senders
            .extend(delay(fate).map(|delay| (sender, delay)));
    }

    fn tell(mut self, senders: &mut [Evidence], all: &mut Evidence) {
        all.set_delays(&mut self.all);
        self.of_senders.sort_unstable_by_key(|(sender, _)| *sender);
        for row in self.of_senders.chunk_by(|a, b| a.0 == b.0) {
            self.all.clear();
            self.all.extend(row.iter().map(|(_, delay)| *delay));
            let sender = row
                .first()
                .and_then(|(sender, _)| senders.get_mut(*sender as usize));
            if let Some(evidence) = sender {
                evidence.set_delays(&mut self.all);
            }
        }
    }
}

/// The middle of the values; between the two middle ones their mean.
fn median(values: &mut [Micros]) -> Option<Micros> {
    let (middle, even) = (values.len() / 2, values.len().is_multiple_of(2));
    if values.is_empty() {
        return None;
    }
    let (below, upper, _) = values.select_nth_unstable(middle);
    match below.iter().max().filter(|_| even) {
        Some(lower) => Some(lower + (*upper - lower) / 2),
        None => Some(*upper),
    }
}

/// The senders by name.
#[derive(Debug)]
pub struct Senders<'t> {
    count: &'t Count,
    /// Most tries first.
    order: Vec<Place<'t>>,
    /// How many of them have enough tries to count.
    big: usize,
    /// Host names, by number.
    hosts: HashMap<u32, Vec<&'t str>>,
}

/// A sender's tries, the head of its name, the name and its number: what comes first decides, and mostly the name need not be looked at.
type Place<'t> = (Reverse<u32>, u64, &'t str, u32);

/// The first eight bytes of a name, as a number that is in the same order.
fn head(name: &str) -> u64 {
    let mut head = [0; 8];
    let length = name.len().min(head.len());
    head[..length].copy_from_slice(&name.as_bytes()[..length]);
    u64::from_be_bytes(head)
}

impl<'t> Senders<'t> {
    /// The senders that were counted, with the hosts of those with at least `min_attempts` tries.
    pub fn new(tally: &'t GreylistTally, count: &'t Count, min_attempts: u64) -> Self {
        let mut names = vec![""; count.senders.len()];
        let mut hosts: HashMap<u32, Vec<&str>> = HashMap::new();
        for client in counted(tally) {
            let number = client.sender_number;
            let Some(evidence) = count.senders.get(number as usize) else {
                continue;
            };
            names[number as usize] = client.sender();
            if u64::from(evidence.tries) >= min_attempts {
                let room = || Vec::with_capacity(evidence.hosts as usize);
                let hosts = hosts.entry(number).or_insert_with(room);
                hosts.push(&client.name);
            }
        }
        let numbered = names.into_iter().zip(&count.senders).zip(0..);
        let mut order: Vec<Place<'_>> = numbered
            .filter(|((name, _), _)| !name.is_empty())
            .map(|((name, evidence), number)| (Reverse(evidence.tries), head(name), name, number))
            .collect();
        both(
            order.len(),
            || hosts.values_mut().for_each(|hosts| hosts.sort_unstable()),
            || order.sort_unstable(),
        );
        Self {
            count,
            big: order.partition_point(|(tries, ..)| u64::from(tries.0) >= min_attempts),
            order,
            hosts,
        }
    }

    /// The senders, most tries first: those that count, with their hosts, and behind them the others.
    pub fn list(
        &self,
    ) -> (
        impl ExactSizeIterator<Item = Sender<'_>> + Send,
        impl ExactSizeIterator<Item = Sender<'_>>,
    ) {
        let of = |(_, _, name, number): &Place<'t>| Sender {
            name,
            evidence: &self.count.senders[*number as usize],
            hosts: self.hosts.get(number).map_or(&[], Vec::as_slice),
        };
        let (big, small) = self.order.split_at(self.big);
        (big.iter().map(of), small.iter().map(of))
    }
}

/// Of each whitelist, by its number, the client it covers that was greylisted last, and when.
pub fn latest(tally: &GreylistTally) -> BTreeMap<u32, (Micros, &str)> {
    let mut latest: BTreeMap<u32, (Micros, &str)> = BTreeMap::new();
    for client in tally.clients() {
        if let Standing::Whitelisted(number) = client.standing {
            let seen = (client.last, &*client.name);
            let known = latest.entry(number).or_insert(seen);
            *known = seen.max(*known);
        }
    }
    latest
}

/// What is counted apart from senders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Apart {
    /// Hosts (or addresses, where there is no name).
    pub hosts: u64,
    /// Their greylisted tries.
    pub tries: u64,
}

/// What is counted apart, in the order of [`CLASSES`].
pub fn apart(tally: &GreylistTally) -> [Apart; CLASSES.len()] {
    let mut all = CLASSES.map(|class| (class, Apart::default(), HashSet::new()));
    for client in tally.clients() {
        let own = all.iter_mut().find(|(class, ..)| class(client.standing));
        if let Some((_, apart, hosts)) = own {
            apart.tries += client.tries();
            let address = client.name.is_empty().then_some(client.address);
            hosts.insert((&*client.name, address));
        }
    }
    all.map(|(_, apart, hosts)| Apart {
        hosts: hosts.len() as u64,
        ..apart
    })
}

#[cfg(test)]
mod tests;
