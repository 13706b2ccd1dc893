//! The clients that were greylisted: how often, and how each stands with the whitelists.

use super::domain::Grouping;
use super::whitelist::Whitelist;
use crate::host::time::Micros;
use std::net::IpAddr;

/// What decides how a client is counted. Shared by all threads.
#[derive(Debug)]
pub struct Lens {
    /// How hosts make senders.
    pub grouping: Grouping,
    /// Postgrey's whitelists, with the time each last changed, oldest change first.
    pub whitelists: Vec<Listed>,
    /// Hosts that the admin does not want to hear of.
    pub ignored: Whitelist,
}

/// A whitelist and its file.
#[derive(Debug)]
pub struct Listed {
    /// The file's name.
    pub file: String,
    /// When it last changed.
    pub changed: Micros,
    /// Its entries.
    pub list: Whitelist,
}

/// How a client is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// With its sender.
    Counted,
    /// Apart: it has no name.
    Unknown,
    /// Apart: its name is too short for the grouping.
    Ungrouped,
    /// Set aside: the whitelist with this number covers it.
    Whitelisted(usize),
    /// Set aside: the ignore file covers it.
    Ignored,
}

impl Lens {
    /// How the client `name` (lower case) at `address` is counted, and its sender.
    pub fn look<'n>(&self, name: Option<&'n str>, address: Option<IpAddr>) -> (Standing, &'n str) {
        let sender = name.map(|name| self.grouping.sender(name));
        let standing = match sender {
            _ if self.ignored.covers(name, address) => Standing::Ignored,
            _ => match self
                .whitelists
                .iter()
                .position(|listed| listed.list.covers(name, address))
            {
                Some(number) => Standing::Whitelisted(number),
                None => match sender {
                    None => Standing::Unknown,
                    Some(None) => Standing::Ungrouped,
                    Some(Some(_)) => Standing::Counted,
                },
            },
        };
        (standing, sender.flatten().unwrap_or_default())
    }
}

/// A client that was greylisted at least once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its name in lower case; empty for `unknown`.
    pub name: String,
    /// Its address.
    pub address: Option<IpAddr>,
    /// Where in the name its sender begins: a sender is the end of its hosts' names.
    pub sender_at: usize,
    /// The sender's key in the trails of mails.
    pub sender_key: u64,
    /// How it is counted.
    pub standing: Standing,
    /// Whether its name looks like a dynamic line's.
    pub dynamic: bool,
    /// Tries with reason `new`.
    pub new: u64,
    /// Tries with reason `early-retry`.
    pub early: u64,
    /// When it was greylisted last.
    pub last: Micros,
}

impl Client {
    /// Its sender; empty where it has none.
    pub fn sender(&self) -> &str {
        self.name.get(self.sender_at..).unwrap_or_default()
    }

    /// All tries.
    pub fn tries(&self) -> u64 {
        self.new + self.early
    }

    /// The network that stands for the address in Postgrey's triplets: /24 for IPv4, /64 for IPv6.
    pub fn network(&self) -> u64 {
        network(self.address)
    }

    /// Adds what the same client did later.
    pub fn join(&mut self, later: &Client) {
        self.new += later.new;
        self.early += later.early;
        self.last = self.last.max(later.last);
    }
}

/// A number for the network of `address`: different for different networks, 0 where the address is missing.
pub fn network(address: Option<IpAddr>) -> u64 {
    /// Set for IPv4: no global unicast IPv6 network begins with these bits.
    const V4: u64 = 0xffff_ffff_0000_0000;
    match address {
        None => 0,
        Some(IpAddr::V4(v4)) => V4 | u64::from(u32::from(v4) >> 8),
        Some(IpAddr::V6(v6)) => (u128::from(v6) >> 64) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standings() {
        let lens = Lens {
            grouping: Grouping::Strip(2),
            whitelists: vec![Listed {
                file: String::from("w"),
                changed: 0,
                list: Whitelist::parse(b"partner.example\n192.0.2.0/24\n"),
            }],
            ignored: Whitelist::parse(b"asianet.co.th\n"),
        };
        for (name, address, standing, sender) in [
            (Some("a.b.c.net"), "1.1.1.1", Standing::Counted, "c.net"),
            (Some("mx.short.net"), "1.1.1.1", Standing::Ungrouped, ""),
            (None, "1.1.1.1", Standing::Unknown, ""),
            (None, "192.0.2.9", Standing::Whitelisted(0), ""),
            (
                Some("a.b.partner.example"),
                "1.1.1.1",
                Standing::Whitelisted(0),
                "partner.example",
            ),
            (
                Some("x.asianet.co.th"),
                "192.0.2.1",
                Standing::Ignored,
                "co.th",
            ),
        ] {
            assert_eq!(
                lens.look(name, address.parse().ok()),
                (standing, sender),
                "{name:?} {address}"
            );
        }
    }

    #[test]
    fn networks() {
        let of = |text: &str| network(text.parse().ok());
        assert_eq!(of("40.92.73.82"), of("40.92.73.1"));
        assert_ne!(of("40.92.73.82"), of("40.92.74.82"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:3::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of(""), 0);
    }
}
