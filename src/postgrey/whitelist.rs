//! Postgrey's client whitelist: its file syntax and its matching, and where an entry does not do what it seems to.
//!
//! Read from `read_clients_whitelists` of Postgrey 1.37 and tried against it. `#` cuts the rest of the line, even inside an
//! expression; blanks at the ends go; then the first rule that fits:
//!
//! | entry | covers |
//! |---|---|
//! | `/regex/` without blanks | names that match, whatever their case, anywhere in the name; never addresses |
//! | `1.2.3.4`, `1.2.3.0/24` | the address, the network (host bits may be set) |
//! | `1.2.3` | 1.2.3.0/24 |
//! | `1.2` | 1.2.0.0/24 only: a bug, the manual says /16 |
//! | two colons or more | the IPv6 address or network |
//! | anything without blanks | the name and all names below it, whatever their case; taken literally |
//! | anything with blanks | nothing |

use super::pattern::Patterns;
use hashbrown::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The entries of one file.
#[derive(Debug, Default)]
pub struct Whitelist {
    names: Names,
    networks: Networks,
    patterns: Patterns,
    oddities: Vec<Oddity>,
}

/// An entry that is ignored or does not cover what it seems to. Tells the line, never what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// The line, counted from 1.
    pub line: usize,
    /// What is odd, and what would be right.
    pub why: &'static str,
}

/// Why an entry is odd.
mod odd {
    pub(super) const BLANKS: &str = "holds blanks, Postgrey ignores it: write one entry a line";
    pub(super) const BAD_ADDRESS: &str = "is not an address that exists, Postgrey ignores it";
    pub(super) const TWO_OCTETS: &str = "covers N.N.0.0/24 only, not /16: write the networks out";
    pub(super) const LEADING_DOT: &str =
        "begins with a dot and never matches: leave the dot out, a name covers all below it";
    pub(super) const STAR: &str =
        "holds a star and never matches: leave the star out, a name covers all below it";
    pub(super) const TRAILING_DOT: &str = "ends in a dot and never matches: leave the dot out";
    pub(super) const NOT_A_NAME: &str = "holds characters that no host name has and never matches";
    pub(super) const BAD_PATTERN: &str =
        "is a regular expression that cannot be understood here, its hosts count as not covered";
}

/// Names that cover all below them.
#[derive(Debug, Default)]
struct Names {
    names: HashSet<String>,
    /// For each first byte the lengths that names have, as bits: tells for most names that they are not there.
    shapes: Shapes,
}

/// See [`Names::shapes`]; lengths count modulo 64.
#[derive(Debug)]
struct Shapes([u64; 256]);

impl Default for Shapes {
    fn default() -> Self {
        Self([0; 256])
    }
}

impl Shapes {
    fn place(name: &str) -> (usize, u64) {
        let first = name.as_bytes().first().copied().unwrap_or_default();
        (usize::from(first), 1 << (name.len() % 64))
    }
}

impl Names {
    fn insert(&mut self, name: String) {
        let (first, length) = Shapes::place(&name);
        self.shapes.0[first] |= length;
        self.names.insert(name);
    }

    fn contains(&self, name: &str) -> bool {
        let (first, length) = Shapes::place(name);
        self.shapes.0[first] & length != 0 && self.names.contains(name)
    }
}

/// Address blocks as base and mask; the bits behind the prefix are zero.
#[derive(Debug, Default)]
struct Networks {
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
}

impl Networks {
    /// Adds an address or a network, if it exists. Zeros in front of an octet are read as decimal, as NetAddr::IP does.
    fn add(&mut self, entry: &str) -> Option<()> {
        let (address, prefix) = match entry.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u32>().ok()?)),
            None => (entry, None),
        };
        match address.contains(':') {
            true => self.add_v6(address.parse().ok()?, prefix.unwrap_or(128)),
            false => self.add_v4(dotted(address)?, prefix.unwrap_or(32)),
        }
    }

    fn add_v4(&mut self, address: Ipv4Addr, prefix: u32) -> Option<()> {
        let host_bits = 32_u32.checked_sub(prefix)?;
        let mask = u32::MAX.checked_shl(host_bits).unwrap_or(0);
        self.v4.push((u32::from(address) & mask, mask));
        Some(())
    }

    fn add_v6(&mut self, address: Ipv6Addr, prefix: u32) -> Option<()> {
        let host_bits = 128_u32.checked_sub(prefix)?;
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        self.v6.push((u128::from(address) & mask, mask));
        Some(())
    }

    fn contain(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => {
                let address = u32::from(address);
                self.v4.iter().any(|(base, mask)| address & mask == *base)
            }
            IpAddr::V6(address) => {
                let address = u128::from(address);
                self.v6.iter().any(|(base, mask)| address & mask == *base)
            }
        }
    }

    fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }
}

impl Whitelist {
    /// Reads the text of a file. Every text is a whitelist; what is odd in it is kept as [`Oddity`].
    pub fn parse(text: &[u8]) -> Self {
        let mut list = Self::default();
        for (index, line) in text.split(|&b| b == b'\n').enumerate() {
            let line = String::from_utf8_lossy(line);
            let entry = line.split('#').next().unwrap_or_default().trim();
            if !entry.is_empty() {
                list.add(index + 1, entry);
            }
        }
        list
    }

    fn add(&mut self, line: usize, entry: &str) {
        let blank = entry.contains(char::is_whitespace);
        let dotted = octets(entry);
        if let (Some(pattern), false) = (pattern(entry), blank) {
            self.patterns.push(line, pattern.to_owned());
        } else if dotted == Some(4) || dotted.is_none() && entry.matches(':').count() >= 2 {
            self.network(line, entry);
        } else if let Some(parts @ (2 | 3)) = dotted {
            self.partial_address(line, entry, parts);
        } else if blank {
            self.odd(line, odd::BLANKS);
        } else {
            self.name(line, entry);
        }
    }

    /// `1.2.3` and `1.2`: both become a /24.
    fn partial_address(&mut self, line: usize, entry: &str, parts: usize) {
        let missing = ".0".repeat(4 - parts);
        self.network(line, &format!("{entry}{missing}/24"));
        if parts == 2 {
            self.odd(line, odd::TWO_OCTETS);
        }
    }

    fn network(&mut self, line: usize, entry: &str) {
        if self.networks.add(entry).is_none() {
            self.odd(line, odd::BAD_ADDRESS);
        }
    }

    fn name(&mut self, line: usize, entry: &str) {
        let why = if entry.contains('*') {
            odd::STAR
        } else if entry.starts_with('.') {
            odd::LEADING_DOT
        } else if entry.ends_with('.') {
            odd::TRAILING_DOT
        } else if !entry
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        {
            odd::NOT_A_NAME
        } else {
            self.names.insert(entry.to_ascii_lowercase());
            return;
        };
        self.odd(line, why);
    }

    fn odd(&mut self, line: usize, why: &'static str) {
        self.oddities.push(Oddity { line, why });
    }

    /// Whether the client `name` at `address` is covered, by the one or the other.
    pub fn covers(&self, name: Option<&str>, address: Option<IpAddr>) -> bool {
        address.is_some_and(|address| self.covers_address(address)) || self.covers_name(name)
    }

    /// Whether the client's name (lower case; `None` for `unknown`) is covered.
    pub fn covers_name(&self, name: Option<&str>) -> bool {
        // Postgrey matches the word "unknown" like any name.
        let name = name.unwrap_or("unknown");
        suffixes(name).any(|suffix| self.names.contains(suffix)) || self.patterns.is_match(name)
    }

    /// Whether the client's address is covered.
    pub fn covers_address(&self, address: IpAddr) -> bool {
        self.networks.contain(address)
    }

    /// How many entries cover something.
    pub fn entries(&self) -> usize {
        self.names.names.len() + self.networks.len() + self.patterns.len()
            - self.patterns.bad_lines().len()
    }

    /// Entries that are ignored or do not cover what they seem to, in order of lines. Compiles the expressions.
    pub fn oddities(&self) -> Vec<Oddity> {
        let bad = self.patterns.bad_lines().iter().map(|&line| Oddity {
            line,
            why: odd::BAD_PATTERN,
        });
        let mut all: Vec<Oddity> = self.oddities.iter().cloned().chain(bad).collect();
        all.sort_by_key(|oddity| oddity.line);
        all
    }
}

fn pattern(entry: &str) -> Option<&str> {
    entry
        .strip_prefix('/')?
        .strip_suffix('/')
        .filter(|inner| !inner.is_empty())
}

/// How many groups of one to three digits, separated by dots, the entry consists of; four may have a prefix length.
fn octets(entry: &str) -> Option<usize> {
    let (address, prefix) = entry.split_once('/').unwrap_or((entry, "0"));
    let digits = |text: &str, most| {
        (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let parts = address.split('.').count();
    let shaped = address.split('.').all(|part| digits(part, 3)) && digits(prefix, 2);
    (shaped && (parts == 4 || (2..=3).contains(&parts) && !entry.contains('/'))).then_some(parts)
}

/// Four octets; zeros may stand in front.
fn dotted(address: &str) -> Option<Ipv4Addr> {
    let mut octets = [0_u8; 4];
    for (octet, part) in octets.iter_mut().zip(address.split('.')) {
        *octet = part.parse().ok()?;
    }
    Some(octets.into())
}

/// `a.b.c`, `b.c`, `c`.
fn suffixes(name: &str) -> impl Iterator<Item = &str> {
    let dots = memchr::memchr_iter(b'.', name.as_bytes());
    std::iter::once(name).chain(dots.map(|dot| &name[dot + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_every_kind_count() {
        let text = b"192.0.2.0/24\n192.0.3.9\n2001:db8::/32\nmx.example\n/^a$/\n# no entry\n";
        assert_eq!(Whitelist::parse(text).entries(), 5);
    }

    fn covers(entry: &str, name: &str, address: &str) -> bool {
        let name = (name != "unknown").then(|| name.to_ascii_lowercase());
        Whitelist::parse(entry.as_bytes()).covers(name.as_deref(), address.parse().ok())
    }

    #[test]
    fn coverage() {
        for (entry, name, address, covered) in [
            ("partner.example", "partner.example", "", true),
            ("partner.example", "mx.PARTNER.example", "", true),
            ("Partner.Example", "mx.partner.example", "", true),
            ("partner.example", "notpartner.example", "", false),
            ("partner.example", "partner.example.evil.example", "", false),
            (
                "  partner.example   # no retry",
                "partner.example",
                "",
                true,
            ),
            ("partner.example\r", "partner.example", "", true),
            ("# partner.example", "partner.example", "", false),
            (
                r"/.*\.protection\.outlook\.com$/",
                "a.protection.outlook.com",
                "",
                true,
            ),
            (
                r"/.*\.protection\.outlook\.com$/",
                "protection.outlook.com",
                "",
                false,
            ),
            (r"/OUTLOOK/", "x.outlook.com.evil", "", true),
            (r"/^10\.0/", "x", "10.0.0.1", false),
            (r"/a b/", "a b", "", false),
            (r"/x#y/", "x", "", false),
            ("1.2.3.4", "x", "1.2.3.4", true),
            ("1.2.3.4", "x", "1.2.3.5", false),
            ("1.2.3.77/24", "x", "1.2.3.5", true),
            ("1.2.3", "x", "1.2.3.200", true),
            ("1.2.3", "x", "1.2.4.1", false),
            ("1.2", "x", "1.2.0.9", true),
            ("1.2", "x", "1.2.3.9", false),
            ("0.0.0.0/0", "x", "9.9.9.9", true),
            ("1.2.3.4/33", "x", "1.2.3.4", false),
            ("300.1.1.1", "x", "44.1.1.1", false),
            ("2001:db8::/32", "x", "2001:db8:beef::1", true),
            ("2001:DB8:0:0::1", "x", "2001:db8::1", true),
            ("2001:db8::/32", "x", "2001:db9::1", false),
            ("2001:db8::/129", "x", "2001:db8::1", false),
            ("unknown", "unknown", "9.9.9.9", true),
            ("com", "a.b.com", "", true),
            (".example.com", "mx.example.com", "", false),
            ("*.example.com", "mx.example.com", "", false),
            ("example.com.", "mx.example.com", "", false),
            ("two words", "words", "", false),
            ("", "x", "1.1.1.1", false),
        ] {
            assert_eq!(
                covers(entry, name, address),
                covered,
                "{entry:?} {name} {address}"
            );
        }
    }

    #[test]
    fn oddities_have_lines_and_no_content() {
        let text = b"good.example\n.x.com\n*.x.com\n1.2\ntwo words\n300.1.1.1\nx.com.\n/(/\nsecret$hash\n1.2.3.4/33\na:b:c\n/a b/\n";
        let odd: Vec<(usize, &str)> = Whitelist::parse(text)
            .oddities()
            .iter()
            .map(|o| (o.line, o.why))
            .collect();
        assert_eq!(
            odd,
            [
                (2, odd::LEADING_DOT),
                (3, odd::STAR),
                (4, odd::TWO_OCTETS),
                (5, odd::BLANKS),
                (6, odd::BAD_ADDRESS),
                (7, odd::TRAILING_DOT),
                (8, odd::BAD_PATTERN),
                (9, odd::NOT_A_NAME),
                (10, odd::BAD_ADDRESS),
                (11, odd::BAD_ADDRESS),
                (12, odd::BLANKS),
            ]
        );
        assert_eq!(Whitelist::parse(text).entries(), 2);
    }
}
