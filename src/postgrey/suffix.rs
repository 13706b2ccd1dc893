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
            let found = names(&hosts);
            assert_eq!(found.suffixes, expected, "{name}");
            assert_eq!(found.too_wide, [], "{name}");
        }
    }

    #[test]
    fn hosts_named_like_dynamic_lines_are_not_sought_to_be_covered() {
        let wide = |suffix: &str, dynamic_hosts, example: &str| TooWide {
            suffix: suffix.to_owned(),
            dynamic_hosts,
            example: example.to_owned(),
        };
        let cable = "modemcable1.2-3-73.mc.videotron.ca";
        let home = ["c-73-1.hsd1.ga.comcast.net", "c-73-2.hsd1.ga.comcast.net"];
        for (name, hosts, suffixes, too_wide) in [
            (
                "the suffix covers one",
                vec!["smtp1.videotron.ca", "smtp2.videotron.ca", cable],
                vec![],
                vec![wide("videotron.ca", 1, cable)],
            ),
            (
                "they lie elsewhere",
                vec![
                    home[0],
                    home[1],
                    "resqmta-1.sys.comcast.net",
                    "resqmta-2.sys.comcast.net",
                ],
                vec!["sys.comcast.net"],
                vec![],
            ),
            (
                "a safe suffix below one that is too wide",
                vec![
                    home[0],
                    home[1],
                    "mx.comcast.net",
                    "resqmta-1.sys.comcast.net",
                    "resqmta-2.sys.comcast.net",
                ],
                vec!["sys.comcast.net"],
                vec![wide("comcast.net", 2, home[0])],
            ),
            (
                "the suffix is itself such a host",
                vec![
                    "a.dyn.foo.com",
                    "dyn.foo.com",
                    "x1.out.foo.com",
                    "x2.out.foo.com",
                ],
                vec!["out.foo.com"],
                vec![],
            ),
            (
                "all are named so",
                home.to_vec(),
                vec!["hsd1.ga.comcast.net"],
                vec![],
            ),
            (
                "addresses are no words",
                vec![
                    "66-220-144-1.mail-mail.facebook.com",
                    "66-220-144-2.mail-mail.facebook.com",
                    "66-220-155-1.outmail.facebook.com",
                    "66-220-155-2.outmail.facebook.com",
                ],
                vec!["mail-mail.facebook.com", "outmail.facebook.com"],
                vec![],
            ),
            (
                "a firm called so",
                vec!["mx1.mobile.de", "mx2.mobile.de"],
                vec!["mobile.de"],
                vec![],
            ),
        ] {
            let found = names(&hosts);
            assert_eq!(found.suffixes, suffixes, "{name}");
            assert_eq!(found.too_wide, too_wide, "{name}");
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
        let names = Names {
            suffixes: vec![String::from("m.foo.com")],
            ..Names::default()
        };
        let left: Vec<&str> = not_covered(&hosts, &names).collect();
        assert_eq!(left, ["xm.foo.com", "foo.com"]);
        assert_eq!(not_covered(&hosts, &Names::default()).count(), hosts.len());
        let names = Names {
            exact: Some(String::from("m.foo.com")),
            ..Names::default()
        };
        let left: Vec<&str> = not_covered(&hosts, &names).collect();
        assert_eq!(
            left,
            ["a.m.foo.com", "xm.foo.com", "b.a.m.foo.com", "foo.com"]
        );
    }

    #[test]
    fn rented_machines_share_no_suffix() {
        for (name, hosts, suffixes, exact) in [
            (
                "neighbours",
                vec![
                    "static.1.2.3.88.clients.your-server.de",
                    "static.2.2.3.88.clients.your-server.de",
                ],
                vec![],
                None,
            ),
            (
                "machines and the hoster's own",
                vec![
                    "static.1.2.3.88.clients.your-server.de",
                    "www1.your-server.de",
                    "www2.your-server.de",
                ],
                vec![],
                None,
            ),
            (
                "above one, without a machine",
                vec!["www1.your-server.de", "www2.your-server.de"],
                vec![],
                None,
            ),
            (
                "the hoster's own, elsewhere",
                vec![
                    "1.2.3.4.host.secureserver.net",
                    "a.prod.phx3.secureserver.net",
                    "b.prod.phx3.secureserver.net",
                ],
                vec!["prod.phx3.secureserver.net"],
                None,
            ),
            (
                "regions",
                vec![
                    "a.westeurope.cloudapp.azure.com",
                    "b.westeurope.cloudapp.azure.com",
                ],
                vec![],
                None,
            ),
            (
                "one machine",
                vec!["4.3.2.1.bc.googleusercontent.com"],
                vec![],
                Some("4.3.2.1.bc.googleusercontent.com"),
            ),
            ("the name", vec!["bc.googleusercontent.com"], vec![], None),
            (
                "above the name",
                vec!["googleusercontent.com"],
                vec![],
                None,
            ),
        ] {
            let found = names(&hosts);
            assert_eq!(found.suffixes, suffixes, "{name}");
            assert_eq!(found.exact.as_deref(), exact, "{name}");
            assert_eq!(found.too_wide, [], "{name}");
        }
    }

    #[test]
    fn one_host_is_named_exactly() {
        let cable = "modemcable1.2-3-73.mc.videotron.ca";
        for (name, hosts, exact, too_wide) in [
            (
                "a pool behind one name",
                vec!["mout.kundenserver.de"],
                Some("mout.kundenserver.de"),
                None,
            ),
            (
                "the domain itself",
                vec!["kundenserver.de"],
                Some("kundenserver.de"),
                None,
            ),
            (
                "two hosts",
                vec!["kundenserver.de", "mout.kundenserver.de"],
                None,
                None,
            ),
            (
                "one beside dynamic lines",
                vec![cable, "smtp.videotron.ca"],
                Some("smtp.videotron.ca"),
                None,
            ),
            (
                "the domain itself above dynamic lines",
                vec![cable, "videotron.ca"],
                Some("videotron.ca"),
                Some("videotron.ca"),
            ),
            ("one dynamic line", vec![cable], Some(cable), None),
            (
                "a customer of a private suffix",
                vec!["mail.github.io"],
                Some("mail.github.io"),
                None,
            ),
            ("a private suffix", vec!["github.io"], None, None),
            (
                "above a private suffix",
                vec!["ppp1.x.compute-1.amazonaws.com", "amazonaws.com"],
                None,
                None,
            ),
            ("a public suffix", vec!["co.uk"], None, None),
            ("a single label", vec!["localhost"], None, None),
            ("no host name", vec!["a|b.foo.com"], None, None),
            ("no host", vec![], None, None),
        ] {
            let found = names(&hosts);
            assert_eq!(found.exact.as_deref(), exact, "{name}");
            assert_eq!(found.suffixes, [""; 0], "{name}");
            let wide = found.too_wide.first().map(|wide| wide.suffix.as_str());
            assert_eq!(wide, too_wide, "{name}");
        }
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
            let found = names(&borrowed);
            if let Some(host) = &found.exact {
                prop_assert!(hosts.iter().all(|other| other == host) && !is_public_suffix(host));
                prop_assert!(found.suffixes.is_empty());
            }
            for suffix in found.suffixes {
                let distinct: BTreeSet<&String> = hosts.iter().filter(|host| is_below(host, &suffix)).collect();
                prop_assert!(distinct.len() >= 2);
                prop_assert!(!is_public_suffix(&suffix));
            }
        }
    }
}
