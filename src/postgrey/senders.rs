//! All senders in the order in which they are shown, with the hosts of those that count.

use super::sender::{Count, Evidence, counted};
use super::tally::GreylistTally;
use crate::host::both::both;
use hashbrown::HashMap;
use std::cmp::Reverse;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_in_the_order_of_the_names() {
        let mut names = [
            "",
            "a",
            "a\0",
            "a.b",
            "ab",
            "abcdefgh",
            "abcdefgh.i",
            "abcdefgi",
            "é",
            "z",
        ];
        names.sort_unstable();
        for pair in names.windows(2) {
            assert!(head(pair[0]) <= head(pair[1]), "{pair:?}");
        }
        assert!(head("abcdefgh") < head("abcdefgi"));
    }
}
