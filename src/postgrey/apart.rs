//! What is counted apart from senders: clients without a name or a domain, and those that a whitelist or the ignore file covers.

use super::client::{CLASSES, Standing};
use super::tally::GreylistTally;
use crate::host::time::Micros;
use crate::state::record::record;
use hashbrown::HashSet;
use std::collections::BTreeMap;
use std::hash::BuildHasher as _;

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

record!(Apart { hosts, tries });

/// What is counted apart, in the order of [`CLASSES`].
pub fn apart(tally: &GreylistTally) -> [Apart; CLASSES.len()] {
    let mut all = CLASSES.map(|class| (class, Apart::default(), HashSet::new()));
    for client in tally.clients() {
        let own = all.iter_mut().find(|(class, ..)| class(client.standing));
        if let Some((_, apart, hosts)) = own {
            apart.tries += client.tries();
            // Their keys alone: there may be millions, and by the time of the facts there is no room for their names.
            let address = client.name.is_empty().then_some(client.address);
            hosts.insert(tally.hasher.hash_one((&*client.name, address)));
        }
    }
    all.map(|(_, apart, hosts)| Apart {
        hosts: hosts.len() as u64,
        ..apart
    })
}
