//! The evidence on each sender, from clients and mails.

use super::client::{Client, Standing};
use super::keyed::Keyed;
use super::mail::{Fate, Mail};
use super::tally::GreylistTally;
use super::verdict::COMES_BACK_AFTER;
use crate::host::time::Micros;
use hashbrown::HashSet;
use smallvec::SmallVec;

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
    pub hosts: Vec<&'t str>,
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
    let mut drafts: Keyed<Draft<'_>> = Keyed::default();
    for client in tally
        .clients()
        .filter(|client| client.standing == Standing::Counted)
    {
        drafts
            .get_or_insert_with(client.sender_key, Draft::default)
            .add_client(client);
    }
    let mut all = Draft::default();
    for mail in tally.mails().iter() {
        let mut pool = None;
        for trail in &mail.trails {
            if let Some(draft) = drafts.get_mut(trail.sender) {
                draft.add_mail(mail, trail.pool, now);
                pool = Some(pool.unwrap_or(false) || trail.pool);
            }
        }
        if let Some(pool) = pool {
            all.add_mail(mail, pool, now);
        }
    }
    let mut list: Vec<Sender<'_>> = drafts
        .into_iter()
        .map(|(_, draft)| draft.finish())
        .collect();
    list.sort_unstable_by(|a, b| {
        b.evidence
            .tries
            .cmp(&a.evidence.tries)
            .then_with(|| a.name.cmp(b.name))
    });
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
    /// Host names, and whether each looks dynamic; a host with several addresses is here several times.
    hosts: SmallVec<[(&'t str, bool); 1]>,
    /// Networks and the triplets tried from there, likewise.
    networks: SmallVec<[(u64, u64); 1]>,
    delays: Vec<Micros>,
}

impl<'t> Draft<'t> {
    fn add_client(&mut self, client: &'t Client) {
        self.name = client.sender();
        self.evidence.tries += client.tries();
        self.evidence.new += client.new;
        self.hosts.push((&client.name, client.dynamic));
        self.networks.push((client.network(), client.new));
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
        self.delays.sort_unstable();
        merge(&mut self.hosts, |known, more| *known |= more);
        merge(&mut self.networks, |known, more| *known += more);
        let evidence = &mut self.evidence;
        evidence.delay_median = median(&self.delays);
        evidence.delay_worst = self.delays.last().copied();
        evidence.hosts = self.hosts.len() as u64;
        evidence.dynamic_hosts = self.hosts.iter().filter(|(_, dynamic)| *dynamic).count() as u64;
        evidence.networks = self.networks.len() as u64;
        evidence.networks_used_once =
            self.networks.iter().filter(|(_, new)| *new <= 1).count() as u64;
        Sender {
            name: self.name,
            evidence: self.evidence,
            hosts: self.hosts.into_iter().map(|(name, _)| name).collect(),
        }
    }
}

/// Sorts by key and makes one row of those with the same.
fn merge<K: Ord, V: Copy>(rows: &mut SmallVec<[(K, V); 1]>, add: impl Fn(&mut V, V)) {
    rows.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    rows.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            add(&mut kept.1, later.1);
        }
        same
    });
}

/// The middle of sorted values; between the two middle ones their mean.
fn median(sorted: &[Micros]) -> Option<Micros> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    match sorted.len() % 2 {
        1 => Some(upper),
        _ => Some(sorted[middle - 1] + (upper - sorted[middle - 1]) / 2),
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
        hosts.insert((client.name.as_str(), address));
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
            (vec![1, 2, 9], Some(2)),
        ] {
            assert_eq!(median(&values), expected);
        }
    }
}
