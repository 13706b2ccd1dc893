//! The narrowest suffixes that cover a sender's hosts: what a whitelist line may safely name.
//!
//! A suffix is shared by at least two hosts and at least one label shorter than each. It is never a public suffix, nor does it have one
//! below it that one of the hosts lies under: that would cover strangers who rent there.

use super::domain::{is_public_suffix, private_suffix};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeSet;

/// The suffixes that cover `hosts` (lower case), none of which covers another. Hosts that share no safe suffix are left out.
pub fn narrowest(hosts: &[&str]) -> Vec<String> {
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
    let rented: HashSet<&str> = hosts.iter().flat_map(|host| rented(host)).collect();
    let found: BTreeSet<&str> = shared
        .into_iter()
        .filter(|suffix| !is_public_suffix(suffix) && !rented.contains(suffix))
        .collect();
    let covered = |suffix: &str| parents(suffix).any(|parent| found.contains(parent));
    found
        .iter()
        .filter(|suffix| !covered(suffix))
        .map(|suffix| (*suffix).to_owned())
        .collect()
}

/// The hosts that neither are one of `suffixes` nor lie below one.
pub fn not_covered<'h>(
    hosts: &'h [&'h str],
    suffixes: &'h [String],
) -> impl Iterator<Item = &'h str> {
    let named = |name: &str| suffixes.iter().any(|suffix| suffix == name);
    let covered = move |host: &str| named(host) || parents(host).any(named);
    hosts.iter().copied().filter(move |host| !covered(host))
}

/// The suffixes of `name` that are shorter than it, the longest first.
fn parents(name: &str) -> impl Iterator<Item = &str> {
    memchr::memchr_iter(b'.', name.as_bytes()).map(|dot| &name[dot + 1..])
}

/// The private suffix that `host` lies under, and all above it: lines for them would cover strangers.
fn rented(host: &str) -> impl Iterator<Item = &str> {
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whether `name` lies below `suffix`, by at least one label.
    fn is_below(name: &str, suffix: &str) -> bool {
        name.strip_suffix(suffix)
            .is_some_and(|head| head.ends_with('.'))
    }

    #[test]
    fn suffixes() {
        for (name, hosts, expected) in [
            (
                "one family",
                vec![
                    "a1.outbound.protection.outlook.com",
                    "b2.outbound.protection.outlook.com",
                ],
                vec!["outbound.protection.outlook.com"],
            ),
            (
                "siblings",
                vec!["o1.ptr1.sendgrid.net", "o2.ptr2.sendgrid.net"],
                vec!["sendgrid.net"],
            ),
            (
                "two families",
                vec![
                    "x1.a.foo.com",
                    "x2.a.foo.com",
                    "y1.b.foo.com",
                    "y2.b.foo.com",
                ],
                vec!["a.foo.com", "b.foo.com"],
            ),
            (
                "an outlier widens",
                vec!["x1.a.foo.com", "x2.a.foo.com", "y.b.foo.com"],
                vec!["foo.com"],
            ),
            (
                "a host is no suffix of itself",
                vec!["foo.com", "mx.foo.com"],
                vec![],
            ),
            ("one host", vec!["mx.foo.com"], vec![]),
            ("a public suffix", vec!["a.co.uk", "b.co.uk"], vec![]),
            (
                "a private suffix",
                vec![
                    "ec2-1.compute-1.amazonaws.com",
                    "ec2-2.compute-1.amazonaws.com",
                ],
                vec![],
            ),
            (
                "above private suffixes",
                vec![
                    "x.compute-1.amazonaws.com",
                    "y.eu-west-1.compute.amazonaws.com",
                ],
                vec![],
            ),
            (
                "no host names",
                vec!["a/.foo.com", "b/.foo.com", "a b.foo.com", "x..foo.com"],
                vec![],
            ),
        ] {
            assert_eq!(narrowest(&hosts), expected, "{name}");
        }
    }

    #[test]
    fn hosts_that_lines_leave_out() {
        let hosts = [
            "a.m.foo.com",
            "m.foo.com",
            "xm.foo.com",
            "b.a.m.foo.com",
            "foo.com",
        ];
        let suffixes = [String::from("m.foo.com")];
        let left: Vec<&str> = not_covered(&hosts, &suffixes).collect();
        assert_eq!(left, ["xm.foo.com", "foo.com"]);
        assert_eq!(not_covered(&hosts, &[]).count(), hosts.len());
    }

    #[test]
    fn host_names() {
        for (name, valid) in [
            ("mail-db8eur05on2104.outbound.protection.outlook.com", true),
            ("static_ip_1.under_score.example", true),
            ("1.2.3.4", false),
            ("a..b", false),
            ("", false),
            ("A.b", false),
            ("a|b.c", false),
            ("a.b\n", false),
        ] {
            assert_eq!(is_host_name(name), valid, "{name}");
        }
    }

    proptest! {
        #[test]
        fn each_covers_two_hosts_and_is_no_host(hosts in proptest::collection::vec("[a-c]{1,2}(\\.[a-c]{1}){0,3}\\.(com|co\\.uk|github\\.io)", 0..8)) {
            let borrowed: Vec<&str> = hosts.iter().map(String::as_str).collect();
            for suffix in narrowest(&borrowed) {
                let distinct: BTreeSet<&String> = hosts.iter().filter(|host| is_below(host, &suffix)).collect();
                prop_assert!(distinct.len() >= 2);
                prop_assert!(!is_public_suffix(&suffix));
            }
        }
    }
}
