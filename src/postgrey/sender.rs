//! The evidence on each sender, from clients and mails.

use super::client::{Client, Standing, Visits};
use super::mail::{Fate, Mail};
use super::tally::GreylistTally;
use super::verdict::{COMES_BACK_AFTER, KEEPS_TRYING_FOR};
use crate::host::time::Micros;
use crate::state::record::record;

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

/// The evidence on all senders, by their numbers, and on all mails of named clients together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Count {
    pub(super) senders: Vec<Evidence>,
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
pub(super) fn counted(tally: &GreylistTally) -> impl Iterator<Item = &Client> {
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

#[cfg(test)]
mod tests;
