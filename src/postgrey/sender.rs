//! The evidence on each sender, from clients and mails.

use super::client::{Client, Standing};
use super::mail::{Fate, Mail};
use super::tally::GreylistTally;
use super::verdict::COMES_BACK_AFTER;
use crate::host::time::Micros;
use hashbrown::HashSet;
use smallvec::SmallVec;
use std::cmp::Reverse;

/// What was seen of one sender.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Greylisted tries.
    pub tries: u64,
    /// Those with reason `new`; the rest are early retries.
    pub new: u64,
    /// Host names.
    pub hosts: u64,
    /// Host names that look like dynamic lines.
    pub dynamic_hosts: u64,
    /// Client networks, /24 and /64.
    pub networks: u64,
    /// Networks that tried one triplet only.
    pub networks_used_once: u64,
    /// Mails it tried to deliver.
    pub mails: u64,
    /// Mails it tried from two networks or more.
    pub pool_mails: u64,
    /// Mails that passed.
    pub passed: u64,
    /// Mails that did not pass within the retry window.
    pub lost: u64,
    /// Mails too young to tell.
    pub pending: u64,
    /// Mails that passed or were tried again later.
    pub returned: u64,
    /// The pending ones among them.
    pub pending_returned: u64,
    /// Half of the mails that passed waited longer than this.
    pub delay_median: Option<Micros>,
    /// The longest that a mail that passed had to wait.
    pub delay_worst: Option<Micros>,
}

/// A sender with its hosts and the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender<'t> {
    /// The domain (or host) that groups its clients.
    pub name: &'t str,
    /// What was seen.
    pub evidence: Evidence,
    /// Its host names, sorted.
    pub hosts: SmallVec<[&'t str; 1]>,
}

/// All senders, and all mails of named clients together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Senders<'t> {
    /// Most tries first.
    pub list: Vec<Sender<'t>>,
    /// The sum, each mail counted once; hosts and networks are not counted here.
    pub all: Evidence,
}

/// Sums up a tally as of `now`.
pub fn senders(tally: &GreylistTally, now: Micros) -> Senders<'_> {
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    drafts.resize_with(tally.senders(), Draft::default);
    for client in tally.clients() {
        if let (Standing::Counted, Some(draft)) = (
            client.standing,
            drafts.get_mut(client.sender_number as usize),
        ) {
            draft.add_client(client);
        }
    }
    for visits in tally.networks() {
        if let Some(draft) = drafts.get_mut(visits.sender as usize) {
            draft.evidence.networks += 1;
            draft.evidence.networks_used_once += u64::from(visits.new <= 1);
        }
    }
    let mut all = Draft::default();
    for mail in tally.mails().iter() {
        let mut pool = None;
        for trail in mail.trails() {
            let counted = drafts
                .get_mut(trail.sender as usize)
                .filter(|draft| draft.is_counted());
            if let Some(draft) = counted {
                draft.add_mail(mail, trail.is_pool(), now);
                pool = Some(pool.unwrap_or(false) || trail.is_pool());
            }
        }
        if let Some(pool) = pool {
            all.add_mail(mail, pool, now);
        }
    }
    let mut list: Vec<Sender<'_>> = drafts
        .into_iter()
        .filter(Draft::is_counted)
        .map(Draft::finish)
        .collect();
    // Senders are large: each is moved once.
    list.sort_by_cached_key(|sender| (Reverse(sender.evidence.tries), sender.name));
    let mut all = all.finish().evidence;
    all.tries = list.iter().map(|sender| sender.evidence.tries).sum();
    all.new = list.iter().map(|sender| sender.evidence.new).sum();
    Senders { list, all }
}

/// A sender while it is summed up.
#[derive(Default)]
struct Draft<'t> {
    name: &'t str,
    evidence: Evidence,
    /// Host names, and whether each looks dynamic.
    hosts: SmallVec<[(&'t str, bool); 1]>,
    delays: Vec<Micros>,
}

impl<'t> Draft<'t> {
    /// Whether a client of it was counted, not only set aside.
    fn is_counted(&self) -> bool {
        !self.hosts.is_empty()
    }

    fn add_client(&mut self, client: &'t Client) {
        self.name = client.sender();
        self.evidence.tries += client.tries();
        self.evidence.new += client.new;
        self.hosts.push((&client.name, client.dynamic));
    }

    fn add_mail(&mut self, mail: &Mail, pool: bool, now: Micros) {
        let came_again = mail.last - mail.first >= COMES_BACK_AFTER;
        let evidence = &mut self.evidence;
        evidence.mails += 1;
        evidence.pool_mails += u64::from(pool);
        let fate = mail.fate(now);
        match fate {
            Fate::Passed(delay) => {
                evidence.passed += 1;
                self.delays.push(delay);
            }
            Fate::Lost => evidence.lost += 1,
            Fate::Pending => {
                evidence.pending += 1;
                evidence.pending_returned += u64::from(came_again);
            }
        }
        evidence.returned += u64::from(came_again || matches!(fate, Fate::Passed(_)));
    }

    fn finish(mut self) -> Sender<'t> {
        self.hosts.sort_unstable();
        let evidence = &mut self.evidence;
        evidence.delay_worst = self.delays.iter().max().copied();
        evidence.delay_median = median(&mut self.delays);
        evidence.hosts = self.hosts.len() as u64;
        evidence.dynamic_hosts = self.hosts.iter().filter(|(_, dynamic)| *dynamic).count() as u64;
        Sender {
            name: self.name,
            evidence: self.evidence,
            hosts: self.hosts.into_iter().map(|(name, _)| name).collect(),
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

/// What is counted apart from senders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Apart {
    /// Hosts (or addresses, where there is no name).
    pub hosts: u64,
    /// Their greylisted tries.
    pub tries: u64,
}

/// The clients with a standing that `wanted` accepts.
pub fn apart(tally: &GreylistTally, wanted: impl Fn(Standing) -> bool) -> Apart {
    let mut hosts = HashSet::new();
    let mut apart = Apart::default();
    for client in tally.clients().filter(|client| wanted(client.standing)) {
        apart.tries += client.tries();
        let address = client.name.is_empty().then_some(client.address);
        hosts.insert((&*client.name, address));
    }
    apart.hosts = hosts.len() as u64;
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        for (values, expected) in [
            (vec![], None),
            (vec![7], Some(7)),
            (vec![1, 4], Some(2)),
            (vec![9, 1, 2], Some(2)),
            (vec![9, 3, 1, 6], Some(4)),
        ] {
            let mut values = values;
            assert_eq!(median(&mut values), expected);
        }
    }
}
