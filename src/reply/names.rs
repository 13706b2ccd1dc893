//! Whom a host name belongs to: mail providers (`providers.toml`) and blocklists (`lists.toml`), by domain suffix.
//!
//! Only these tables say where to ask; a reply never does, for it is written by a stranger.

use hashbrown::{HashMap, HashSet};
use serde::Deserialize;

use super::written::{RuleError, parsed};

/// What a blocklist lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListKind {
    /// Addresses of hosts.
    Ip,
    /// Domains of senders and links.
    Domain,
    /// A maker of filters that judge hosts and messages alike: the name alone says little.
    Filter,
}

/// A blocklist as the tables know it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    pub(super) name: String,
    pub(super) kind: ListKind,
    /// DNS zones and web hosts, folded.
    #[serde(default)]
    pub(super) zones: Vec<String>,
    /// Other wordings that name the list, folded.
    #[serde(default)]
    pub(super) words: Vec<String>,
    pub(super) ask: Option<String>,
    /// Holds lists that have names of their own: where the text names one of them, that one counts.
    #[serde(default)]
    pub(super) holds_others: bool,
}

/// A mail provider or the maker of a filter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Provider {
    pub(super) name: String,
    /// Domains of its mail servers and of the pages it points to.
    pub(super) hosts: Vec<String>,
    pub(super) ask: Option<String>,
}

/// Both tables, indexed by domain.
#[derive(Debug, Clone)]
pub struct Names {
    providers: Vec<Provider>,
    lists: Vec<List>,
    provider_of: HashMap<String, usize>,
    list_of: HashMap<String, usize>,
    /// The domains of both tables: names below them are never replaced.
    kept: HashSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderFile {
    provider: Vec<Provider>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListFile {
    list: Vec<List>,
}

impl Names {
    /// The tables compiled in.
    ///
    /// # Errors
    /// When a table is not valid TOML of its format, which a unit test rules out for a release.
    pub fn builtin() -> Result<Self, RuleError> {
        let providers: ProviderFile = parsed(include_str!("providers.toml"), "providers.toml")?;
        let lists: ListFile = parsed(include_str!("lists.toml"), "lists.toml")?;
        Ok(Self::indexed(providers.provider, lists.list))
    }

    fn indexed(providers: Vec<Provider>, lists: Vec<List>) -> Self {
        let hosts = |(nth, provider): (usize, &Provider)| {
            provider
                .hosts
                .iter()
                .map(move |host| (host.clone(), nth))
                .collect::<Vec<_>>()
        };
        let of_list = |(nth, list): (usize, &List)| {
            let zones = list.zones.iter();
            zones
                .map(move |zone| (zone.clone(), nth))
                .collect::<Vec<_>>()
        };
        let list_of = lists.iter().enumerate().flat_map(of_list).collect();
        let zones = lists.iter().flat_map(|list| &list.zones);
        let kept = providers.iter().flat_map(|provider| &provider.hosts);
        let kept = kept.chain(zones).cloned();
        let kept = kept.chain(REVERSE_ZONES.map(str::to_owned)).collect();
        let provider_of = providers.iter().enumerate().flat_map(hosts).collect();
        Names {
            providers,
            lists,
            provider_of,
            list_of,
            kept,
        }
    }

    pub(super) fn lists(&self) -> &[List] {
        &self.lists
    }

    /// The list to which a zone (lower case) belongs.
    pub(super) fn list_of(&self, zone: &str) -> Option<&List> {
        suffixes(zone)
            .find_map(|suffix| self.list_of.get(suffix))
            .and_then(|nth| self.lists.get(*nth))
    }

    /// The provider to which a host name (lower case) belongs.
    pub(super) fn provider(&self, host: &str) -> Option<&Provider> {
        suffixes(host)
            .find_map(|suffix| self.provider_of.get(suffix))
            .and_then(|nth| self.providers.get(*nth))
    }

    /// The first provider whose host a text names.
    pub(super) fn provider_in(&self, text: &str) -> Option<&Provider> {
        let runs =
            text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')));
        runs.filter(|run| run.contains('.'))
            .find_map(|run| self.provider(run.trim_matches('.')))
    }

    pub(super) fn provider_named(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.name == name)
    }

    /// Whether this name (lower case) is that of a blocklist, by our table or by its looks, or the zone of reverse DNS.
    pub(super) fn is_zone(&self, name: &str) -> bool {
        let reverse = REVERSE_ZONES.contains(&name);
        reverse
            || self.list_of(name).is_some()
            || is_host_name(name) && labels(name).any(is_zone_label)
    }

    /// What the text should show instead of this host name; `None` when it is no host name or one of ours to keep.
    pub(super) fn stand_in(&self, name: &str) -> Option<&'static str> {
        if !is_host_name(name) || suffixes(name).any(|suffix| self.kept.contains(suffix)) {
            return None;
        }
        let zone = labels(name).any(is_zone_label);
        Some(if zone { zone_for(name) } else { HOST })
    }
}

/// Where the names of addresses live: a reply that speaks of them speaks of reverse DNS.
const REVERSE_ZONES: [&str; 2] = ["in-addr.arpa", "ip6.arpa"];

/// Stand-ins for host names: a plain host, a DNS blocklist that our table does not know, a greylister's zone.
pub(super) const HOST: &str = "#host";
pub(super) const ZONE: &str = "#zone";
pub(super) const GREY_ZONE: &str = "#greyzone";

/// The stand-in for a name that is known to be a blocklist's.
pub(super) fn zone_for(name: &str) -> &'static str {
    let grey = labels(name).any(|label| label.starts_with(b"grey") || label.starts_with(b"gray"));
    if grey { GREY_ZONE } else { ZONE }
}

fn labels(name: &str) -> impl Iterator<Item = &[u8]> {
    let between = |b: &u8| matches!(b, b'.' | b'-' | b'_');
    name.as_bytes().split(between)
}

/// Labels by which operators name their DNS blocklists. A pattern, not a table: it is asked for each label of a queue.
fn is_zone_label(label: &[u8]) -> bool {
    matches!(
        label,
        b"rbl"
            | b"dnsbl"
            | b"bl"
            | b"dnsrbl"
            | b"blacklist"
            | b"blocklist"
            | b"xbl"
            | b"sbl"
            | b"spamlist"
            | b"badip"
            | b"dul"
            | b"dynip"
            | b"ipbl"
            | b"drbl"
    )
}

/// Names outside the public suffix list that are host names all the same (RFC 2606, RFC 6762, common habit).
const PRIVATE_ENDS: [&str; 8] = [
    "example",
    "test",
    "invalid",
    "local",
    "localdomain",
    "lan",
    "internal",
    "intern",
];

fn is_host_name(name: &str) -> bool {
    let Some((_, end)) = name.rsplit_once('.') else {
        return false;
    };
    let mut last = b'.';
    let plain = name.bytes().all(|b| {
        let fits =
            b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_') || b == b'.' && last != b'.';
        last = b;
        fits
    });
    let letters = end.bytes().all(|b| b.is_ascii_alphabetic()) || end.starts_with("xn--");
    let known = || psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known());
    plain && last != b'.' && letters && (PRIVATE_ENDS.contains(&end) || known())
}

/// `a.b.c`, `b.c`, `c`.
fn suffixes(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| {
        let stop = name.bytes().position(|b| b == b'.')?;
        name.get(stop + 1..)
    })
}
