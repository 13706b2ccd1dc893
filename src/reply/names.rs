//! Whom a host name belongs to: mail providers (`providers.toml`) and blocklists (`lists.toml`), by domain suffix.
//!
//! Only these tables say where to ask; a reply never does, for it is written by a stranger.

use hashbrown::HashMap;
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
    zones: HashMap<String, usize>,
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
        let zones = |(nth, list): (usize, &List)| {
            list.zones
                .iter()
                .map(move |zone| (zone.clone(), nth))
                .collect::<Vec<_>>()
        };
        let provider_of = providers.iter().enumerate().flat_map(hosts).collect();
        let zones = lists.iter().enumerate().flat_map(zones).collect();
        Names {
            providers,
            lists,
            provider_of,
            zones,
        }
    }

    pub(super) fn lists(&self) -> &[List] {
        &self.lists
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

    /// What the text should show instead of this host name; `None` when it is no host name or one of ours to keep.
    pub(super) fn stand_in(&self, name: &str) -> Option<&'static str> {
        if !is_host_name(name)
            || suffixes(name).any(|suffix| {
                self.zones.contains_key(suffix) || self.provider_of.contains_key(suffix)
            })
        {
            return None;
        }
        let mut labels = name.split('.').flat_map(|label| label.split(['-', '_']));
        let zone = labels.clone().any(|label| ZONE_LABELS.contains(&label));
        let grey = labels.any(|label| label.starts_with("grey") || label.starts_with("gray"));
        Some(if zone && grey {
            GREY_ZONE
        } else if zone {
            ZONE
        } else {
            HOST
        })
    }
}

/// Stand-ins for host names: a plain host, a DNS blocklist that our table does not know, a greylister's zone.
pub(super) const HOST: &str = "#host";
pub(super) const ZONE: &str = "#zone";
pub(super) const GREY_ZONE: &str = "#greyzone";

/// Labels by which operators name their DNS blocklists.
const ZONE_LABELS: [&str; 14] = [
    "rbl",
    "dnsbl",
    "bl",
    "dnsrbl",
    "blacklist",
    "blocklist",
    "xbl",
    "sbl",
    "spamlist",
    "badip",
    "dul",
    "dynip",
    "ipbl",
    "drbl",
];

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
    let labels = || name.split('.');
    let plain = labels().all(|label| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    });
    let letters = end.bytes().all(|b| b.is_ascii_alphabetic()) || end.starts_with("xn--");
    let known = || psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known());
    plain && letters && (PRIVATE_ENDS.contains(&end) || known())
}

/// `a.b.c`, `b.c`, `c`.
fn suffixes(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| {
        name.split_once('.').map(|(_, rest)| rest)
    })
}
