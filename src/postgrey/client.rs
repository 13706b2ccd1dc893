//! The clients that were greylisted: how often, and how each stands with the whitelists.

use super::domain::Grouping;
use super::naming::Naming;
use super::whitelist::Whitelist;
use crate::host::time::Micros;
use crate::log::budget::Budget;
use crate::state::record::{Record, record};
use std::net::IpAddr;

/// More lines than any log has: sums of such counts do not overflow.
pub(super) const MOST: u64 = 1 << 40;

/// What decides how a client is counted. Shared by all threads.
#[derive(Debug)]
pub struct Lens {
    /// How hosts make senders.
    pub grouping: Grouping,
    /// Postgrey's whitelists, with the time each last changed, oldest change first.
    pub whitelists: Vec<Listed>,
    /// Hosts that the admin does not want to hear of.
    pub ignored: Whitelist,
    /// How much may be counted.
    pub budget: Budget,
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
    Whitelisted(u32),
    /// Set aside: the ignore file covers it.
    Ignored,
}

/// How clients are counted that are counted apart.
pub const CLASSES: [fn(Standing) -> bool; 4] = [
    |standing| standing == Standing::Unknown,
    |standing| standing == Standing::Ungrouped,
    |standing| matches!(standing, Standing::Whitelisted(_)),
    |standing| standing == Standing::Ignored,
];

/// Which list covers a client: the whitelist that changed first, then the ignore file. In this order a host that stands in both still
/// tells that Postgrey was not reloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cover {
    /// The whitelist with this number.
    Listed(u32),
    /// The ignore file.
    Ignored,
    /// None.
    Nothing,
}

impl Lens {
    /// The list that covers a client at `address` whatever its name.
    pub fn by_address(&self, address: Option<IpAddr>) -> Cover {
        match address {
            Some(address) => self.cover(|list| list.covers_address(address)),
            None => Cover::Nothing,
        }
    }

    fn cover(&self, covers: impl Fn(&Whitelist) -> bool) -> Cover {
        let number = self
            .whitelists
            .iter()
            .position(|listed| covers(&listed.list));
        let number = number.and_then(|number| u32::try_from(number).ok());
        match number {
            Some(number) => Cover::Listed(number),
            None if covers(&self.ignored) => Cover::Ignored,
            None => Cover::Nothing,
        }
    }

    /// How the client `name` (lower case) is counted whose address has the cover `by_address`, and its sender.
    pub fn look<'n>(&self, name: Option<&'n str>, by_address: Cover) -> (Standing, &'n str) {
        let sender = name.map(|name| self.grouping.sender(name));
        let cover = by_address.min(self.cover(|list| list.covers_name(name)));
        let standing = match (cover, sender) {
            (Cover::Ignored, _) => Standing::Ignored,
            (Cover::Listed(number), _) => Standing::Whitelisted(number),
            (Cover::Nothing, None) => Standing::Unknown,
            (Cover::Nothing, Some(None)) => Standing::Ungrouped,
            (Cover::Nothing, Some(Some(_))) => Standing::Counted,
        };
        (standing, sender.flatten().unwrap_or_default())
    }
}

/// A client that was greylisted at least once: all addresses of a name together, those without a name one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its name in lower case; empty for `unknown`.
    pub name: Box<str>,
    /// The address it came from last.
    pub address: Option<IpAddr>,
    /// Where in the name its sender begins: a sender is the end of its hosts' names.
    sender_at: u32,
    /// The sender's number in the trails of mails.
    pub sender_number: u32,
    /// How it is counted.
    pub standing: Standing,
    naming: Naming,
    /// Whether its name looks like a dynamic line's, with one of its addresses.
    pub dynamic: bool,
    /// Tries with reason `new`.
    pub new: u64,
    /// Tries with reason `early-retry`.
    pub early: u64,
    /// When it was greylisted last.
    pub last: Micros,
}

impl Client {
    /// The client with this name (empty for `unknown`) and address before it is counted. `sender` is the end of the name.
    pub fn new(
        name: Box<str>,
        address: Option<IpAddr>,
        standing: Standing,
        sender: (usize, u32),
    ) -> Self {
        let naming = Naming::of_own_part(&name);
        Self {
            dynamic: naming.is_dynamic(&name, address),
            naming,
            name,
            address,
            sender_at: u32::try_from(sender.0).unwrap_or(u32::MAX),
            sender_number: sender.1,
            standing,
            new: 0,
            early: 0,
            last: Micros::MIN,
        }
    }

    /// Counts tries.
    pub fn greylisted(&mut self, at: Micros, address: Option<IpAddr>, new: u64, early: u64) {
        if address != self.address {
            self.address = address;
            self.dynamic = self.dynamic || self.naming.is_dynamic(&self.name, address);
        }
        self.new += new;
        self.early += early;
        self.last = self.last.max(at);
    }

    /// Its sender; empty where it has none.
    pub fn sender(&self) -> &str {
        self.name.get(self.sender_at as usize..).unwrap_or_default()
    }

    /// Whether its counts can be added to others.
    pub(super) fn is_sound(&self) -> bool {
        self.new <= MOST && self.early <= MOST
    }

    /// All tries.
    pub fn tries(&self) -> u64 {
        self.new + self.early
    }

    /// Whether a whitelist or the ignore file covers it.
    pub fn is_set_aside(&self) -> bool {
        matches!(self.standing, Standing::Whitelisted(_) | Standing::Ignored)
    }

    /// Adds what the same client did later.
    pub fn join(&mut self, later: &Client) {
        self.dynamic |= later.dynamic;
        self.new += later.new;
        self.early += later.early;
        self.last = self.last.max(later.last);
    }
}

/// What a sender tried from one client network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visits {
    /// The sender's number.
    pub sender: u32,
    /// Tries with reason `new`: triplets.
    pub new: u32,
}

impl Visits {
    /// Counts triplets.
    pub fn add(&mut self, new: u32) {
        self.new = self.new.saturating_add(new);
    }
}

/// A number for the network that stands for `address` in Postgrey's triplets, /24 for IPv4, /64 for IPv6: different for different
/// networks, 0 where the address is missing (and for ::/64, which all of `::ffff:1.2.3.4` share, in Postgrey too).
pub fn network(address: Option<IpAddr>) -> u64 {
    /// Set for IPv4: no global unicast IPv6 network begins with these bits.
    const V4: u64 = 0xffff_ffff_0000_0000;
    match address {
        None => 0,
        Some(IpAddr::V4(v4)) => V4 | u64::from(u32::from(v4) >> 8),
        Some(IpAddr::V6(v6)) => (u128::from(v6) >> 64) as u64,
    }
}

record!(Visits { sender, new });
record!(Client {
    name,
    address,
    sender_at,
    sender_number,
    standing,
    naming,
    dynamic,
    new,
    early,
    last
});

impl Record for Standing {
    fn write(&self, to: &mut Vec<u8>) {
        let code: u32 = match self {
            Standing::Counted => 0,
            Standing::Unknown => 1,
            Standing::Ungrouped => 2,
            Standing::Ignored => 3,
            Standing::Whitelisted(number) => number.saturating_add(4),
        };
        code.write(to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some(match u32::read(from)? {
            0 => Standing::Counted,
            1 => Standing::Unknown,
            2 => Standing::Ungrouped,
            3 => Standing::Ignored,
            more => Standing::Whitelisted(more - 4),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgrey::domain::registrable;
    use proptest::prelude::*;

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
            budget: Budget::new(1 << 30),
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
                "198.51.100.1",
                Standing::Ignored,
                "co.th",
            ),
            (
                Some("x.asianet.co.th"),
                "192.0.2.1",
                Standing::Whitelisted(0),
                "co.th",
            ),
        ] {
            assert_eq!(
                lens.look(name, lens.by_address(address.parse().ok())),
                (standing, sender),
                "{name:?} {address}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_name_says_what_its_own_labels_say(own in "[a-z0-9.-]{0,24}|(dsl|pool|[0-9]{1,3}[.-]){0,6}", domain in "(|dsl|adsl1|deadbeef1|1.2.3.4|a)\\.(de|co\\.uk|example)") {
            let name = format!("{own}{domain}");
            let domain = registrable(&name).unwrap_or_default();
            let labels = &name[..name.len() - domain.len()];
            prop_assert_eq!(Naming::of_own_part(&name), Naming::of(labels));
        }
    }

    #[test]
    fn networks() {
        let of = |text: &str| network(text.parse().ok());
        assert_eq!(of("40.92.73.82"), of("40.92.73.1"));
        assert_ne!(of("40.92.73.82"), of("40.92.74.82"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:3::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("::ffff:198.51.100.1"));
        assert_eq!(of(""), 0);
    }
}
