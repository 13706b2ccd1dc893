//! The narrowest suffixes that cover a sender's hosts: what a whitelist line may safely name.
//!
//! A suffix is shared by at least two hosts and at least one label shorter than each. It is never a public suffix, nor does it have one
//! below it that one of the hosts lies under, nor anything to do with the machines that hosters rent out: that would cover strangers. Where a sender has hosts named like dynamic lines
//! beside others, they are not sought to be covered: they are what greylisting is for. What covers them all the same is too wide. Where one
//! host is left, perhaps a pool behind one name, it is named exactly.

use super::domain::{is_public_suffix, private_suffix};
use super::naming::is_named_dynamic;
use super::rented;
use crate::state::record::record;
use hashbrown::{HashMap, HashSet};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What whitelist lines may name of a sender.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Suffixes, none of which covers another.
    pub suffixes: Vec<String>,
    /// The only host, which is named without what is below it.
    pub exact: Option<String>,
    /// Those that a person must decide about, none of which covers another.
    pub too_wide: Vec<TooWide>,
}

/// A suffix that covers hosts named like dynamic lines, beside others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TooWide {
    /// The suffix.
    pub suffix: String,
    /// How many such hosts it covers.
    pub dynamic_hosts: u32,
    /// One of them.
    pub example: String,
}

record!(TooWide {
    suffix,
    dynamic_hosts,
    example
});

/// What lines may name to cover `hosts` (lower case). Hosts that share no safe suffix are left out.
pub fn names(hosts: &[&str]) -> Names {
    let (others, dynamic) = by_naming(hosts);
    let exact = only(&others, hosts);
    let found = match exact {
        Some(host) => BTreeSet::from([host]),
        None => narrowest(&others, hosts),
    };
    let strays = strays(&dynamic, &found);
    let (wide, safe): (BTreeSet<&str>, BTreeSet<&str>) = found
        .into_iter()
        .partition(|suffix| strays.contains_key(suffix));
    let wide = outermost(&wide).filter_map(|suffix| strays.get(suffix).cloned());
    Names {
        too_wide: wide.collect(),
        suffixes: match exact {
            Some(_) => Vec::new(),
            None => outermost(&safe).map(str::to_owned).collect(),
        },
        exact: exact.map(str::to_owned),
    }
}

/// The host, where there is one only and it is not itself what strangers rent names under.
fn only<'h>(hosts: &[&'h str], all: &[&str]) -> Option<&'h str> {
    let [host] = *hosts else {
        return None;
    };
    let is_own = || {
        !is_public_suffix(host)
            && !all
                .iter()
                .any(|other| above_strangers(other).any(|name| name == host))
    };
    (is_host_name(host) && !rented::holds(host) && is_own()).then_some(host)
}

/// The hosts that lines are to cover, and those named like dynamic lines. Where all are named so, their names tell nothing.
pub fn by_naming<'h>(hosts: &[&'h str]) -> (Vec<&'h str>, Vec<&'h str>) {
    let (dynamic, others): (Vec<&str>, Vec<&str>) =
        hosts.iter().partition(|host| is_named_dynamic(host));
    match others.is_empty() {
        true => (dynamic, others),
        false => (others, dynamic),
    }
}

/// The suffixes that two of `hosts` share, for each host the narrowest; strangers rent under none of them, as far as `all` hosts show.
fn narrowest<'h>(hosts: &[&'h str], all: &[&'h str]) -> BTreeSet<&'h str> {
    let hosts: BTreeSet<&str> = hosts
        .iter()
        .copied()
        .filter(|host| is_host_name(host))
        .collect();
    let mut below: HashMap<&str, usize> = HashMap::new();
    for suffix in hosts.iter().flat_map(|host| parents(host)) {
        *below.entry(suffix).or_default() += 1;
    }
    let is_shared = |suffix: &&str| below.get(suffix).is_some_and(|count| *count > 1);
    // Few, of however many hosts: only these are looked up in the Public Suffix List.
    let shared: HashSet<&str> = hosts
        .iter()
        .filter_map(|host| parents(host).find(is_shared))
        .collect();
    let rented: HashSet<&str> = all.iter().flat_map(|host| above_strangers(host)).collect();
    shared
        .into_iter()
        .filter(|suffix| !is_public_suffix(suffix) && !rented::is_shared(suffix))
        .filter(|suffix| !rented.contains(suffix))
        .collect()
}

/// Of those of `suffixes` that cover some of the `dynamic` hosts, how many, and the first.
fn strays<'h>(dynamic: &[&'h str], suffixes: &BTreeSet<&'h str>) -> BTreeMap<&'h str, TooWide> {
    let mut strays: BTreeMap<&str, TooWide> = BTreeMap::new();
    for host in dynamic.iter().filter(|host| is_host_name(host)) {
        let covering = std::iter::once(*host).chain(parents(host));
        for suffix in covering.filter(|suffix| suffixes.contains(suffix)) {
            let known = strays.entry(suffix).or_insert_with(|| TooWide {
                suffix: suffix.to_owned(),
                dynamic_hosts: 0,
                example: (*host).to_owned(),
            });
            known.dynamic_hosts = known.dynamic_hosts.saturating_add(1);
        }
    }
    strays
}

/// Those that none of the others covers.
fn outermost<'h>(suffixes: &BTreeSet<&'h str>) -> impl Iterator<Item = &'h str> {
    let covered = |suffix: &str| parents(suffix).any(|parent| suffixes.contains(parent));
    suffixes
        .iter()
        .copied()
        .filter(move |suffix| !covered(suffix))
}

/// The hosts that neither are one that is named nor lie below a suffix.
pub fn not_covered<'h>(hosts: &'h [&'h str], names: &'h Names) -> impl Iterator<Item = &'h str> {
    let suffixes: HashSet<&str> = names.suffixes.iter().map(String::as_str).collect();
    let exact = |host: &str| names.exact.as_deref() == Some(host);
    let covered = move |host: &str| {
        let mut covering = std::iter::once(host).chain(parents(host));
        exact(host) || covering.any(|suffix| suffixes.contains(suffix))
    };
    hosts.iter().copied().filter(move |host| !covered(host))
}

/// The suffixes of `name` that are shorter than it, the longest first.
fn parents(name: &str) -> impl Iterator<Item = &str> {
    memchr::memchr_iter(b'.', name.as_bytes()).map(|dot| &name[dot + 1..])
}

/// The private suffix that `host` lies under, and all above it: lines for them would cover strangers.
fn above_strangers(host: &str) -> impl Iterator<Item = &str> {
    private_suffix(host)
        .into_iter()
        .flat_map(|suffix| std::iter::once(suffix).chain(parents(suffix)))
}

/// Letters, digits, hyphens and underscores in labels that are not empty: nothing that means something in a whitelist.
pub fn is_host_name(name: &str) -> bool {
    let (mut label, mut letter) = (0, false);
    for byte in name.bytes() {
        match byte {
            b'.' if label > 0 => label = 0,
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' if label < 63 => label += 1,
            _ => return false,
        }
        letter |= byte.is_ascii_lowercase();
    }
    // All digits would be an address.
    label > 0 && letter && name.len() <= 253
}

#[cfg(test)]
mod tests;
