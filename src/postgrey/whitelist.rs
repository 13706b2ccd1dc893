//! Postgrey's client whitelist: its file syntax and its matching, and where an entry does not do what it seems to.
//!
//! Read from `read_clients_whitelists` of Postgrey 1.37 and tried against it; a file is bytes, and blanks are ASCII's. `#` cuts the rest of the line, even inside an
//! expression; blanks at the ends go; then the first rule that fits:
//!
//! | entry | covers |
//! |---|---|
//! | `/regex/` without blanks | names that match, whatever their case, anywhere in the name; never addresses |
//! | `1.2.3.4`, `1.2.3.0/24` | the address, the network (host bits may be set) |
//! | `1.2.3` | 1.2.3.0/24 |
//! | `1.2` | 1.2.0.0/24 only: a bug, the manual says /16 |
//! | two colons or more | the IPv6 address or network, also in brackets |
//! | anything without blanks | the name and all names below it, whatever their case; taken literally |
//! | anything else with blanks | nothing |

use super::network::{Networks, Read};
use super::pattern::Patterns;
use super::perl::Fault;
use hashbrown::HashSet;
use std::fmt;
use std::net::IpAddr;

/// The entries of one file.
#[derive(Debug, Default)]
pub struct Whitelist {
    names: Names,
    networks: Networks,
    patterns: Patterns,
    oddities: Vec<Oddity>,
}

/// What Windows' editors put in front of a file.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// An entry that is ignored or does not cover what it seems to. Tells the line, never what stands there; displayed as what Postgrey
/// makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oddity {
    /// The line, counted from 1.
    pub line: usize,
    why: Odd,
}

/// Why an entry is odd: what is wrong, what Postgrey or this check makes of it, and what would be right.
type Odd = (&'static str, &'static str, &'static str);

mod odd {
    use super::Odd;

    pub(super) const BLANKS: Odd = (
        "holds blanks",
        ", Postgrey ignores it",
        ": write one entry a line",
    );
    pub(super) const BAD_ADDRESS: Odd = (
        "is not a valid address or network",
        ", its hosts count as not covered",
        ": write ADDRESS or ADDRESS/LENGTH",
    );
    pub(super) const OCTAL: Odd = (
        "has numbers with a zero in front, which are read as octal",
        "",
        ": leave the zeros out",
    );
    pub(super) const WITHOUT_LENGTH: Odd = (
        "covers one address only, not the network",
        "",
        ": leave the brackets out",
    );
    pub(super) const TWO_OCTETS: Odd = (
        "covers N.N.0.0/24 only, not /16",
        "",
        ": write the networks out",
    );
    pub(super) const LEADING_DOT: Odd = (
        "begins with a dot",
        NEVER,
        ": leave the dot out, a name covers all below it",
    );
    pub(super) const STAR: Odd = (
        "holds a star",
        NEVER,
        ": leave the star out, a name covers all below it",
    );
    pub(super) const TRAILING_DOT: Odd = ("ends in a dot", NEVER, ": leave the dot out");
    pub(super) const NOT_A_NAME: Odd = ("holds characters that no host name has", NEVER, "");
    pub(super) const BYTE_ORDER_MARK: Odd = (
        "begins with an invisible byte order mark (BOM)",
        NEVER,
        ": save the file as UTF-8 without BOM",
    );
    pub(super) const FOREIGN_PATTERN: Odd = (
        "is a regular expression that cannot be understood here",
        ", its hosts count as not covered",
        ": write a simpler one",
    );
    pub(super) const BAD_PATTERN: Odd = (
        "is not a valid regular expression",
        ", Postgrey does not start with it",
        ": correct it",
    );
    const NEVER: &str = " and never matches";
}

impl Oddity {
    /// What is wrong and what would be right in a file that is not Postgrey's.
    pub fn without_postgrey(&self) -> String {
        let (what, _, right) = self.why;
        format!("{what}{right}")
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, effect, right) = self.why;
        write!(f, "{what}{effect}{right}")
    }
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

impl Whitelist {
    /// Reads the text of a file. Every text is a whitelist; what is odd in it is kept as [`Oddity`].
    pub fn parse(text: &[u8]) -> Self {
        let mut list = Self::default();
        let marked = text.starts_with(BYTE_ORDER_MARK);
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        for (index, line) in text.split(|&b| b == b'\n').enumerate() {
            let entry = entry(line);
            if entry.is_empty() {
                continue;
            }
            match marked && index == 0 {
                true => list.odd(1, odd::BYTE_ORDER_MARK),
                false => list.add(index + 1, entry),
            }
        }
        list
    }

    fn add(&mut self, line: usize, entry: &[u8]) {
        let blank = entry.iter().any(is_blank);
        let dotted = octets(entry);
        if let (Some(pattern), false) = (pattern(entry), blank) {
            self.patterns.push(line, pattern);
        } else if dotted == Some(4) || memchr::memchr_iter(b':', entry).nth(1).is_some() {
            self.network(line, &String::from_utf8_lossy(entry));
        } else if let Some(parts @ (2 | 3)) = dotted {
            self.partial_address(line, &String::from_utf8_lossy(entry), parts);
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
        match self.networks.add(entry) {
            Some(Read::Plain) => {}
            Some(Read::Octal) => self.odd(line, odd::OCTAL),
            Some(Read::WithoutLength) => self.odd(line, odd::WITHOUT_LENGTH),
            None => self.odd(line, odd::BAD_ADDRESS),
        }
    }

    fn name(&mut self, line: usize, entry: &[u8]) {
        match never(entry) {
            Some(why) => self.odd(line, why),
            None => self
                .names
                .insert(String::from_utf8_lossy(entry).to_ascii_lowercase()),
        }
    }

    fn odd(&mut self, line: usize, why: Odd) {
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
            - self.patterns.faults().len()
    }

    /// Entries that are ignored or do not cover what they seem to, in order of lines. Compiles the expressions.
    pub fn oddities(&self) -> Vec<Oddity> {
        let faults = self.patterns.faults().iter();
        let bad = faults.map(|&(line, fault)| Oddity {
            line,
            why: match fault {
                Fault::Refused => odd::BAD_PATTERN,
                Fault::Foreign => odd::FOREIGN_PATTERN,
            },
        });
        let mut all: Vec<Oddity> = self.oddities.iter().copied().chain(bad).collect();
        all.sort_by_key(|oddity| oddity.line);
        all
    }
}

/// The line without comment and blanks around.
fn entry(line: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'#', line).unwrap_or(line.len());
    let begin = line[..end].iter().take_while(|b| is_blank(b)).count();
    let behind = line[begin..end].iter().rev().take_while(|b| is_blank(b));
    &line[begin..end - behind.count()]
}

/// Perl's `\s`, for bytes.
fn is_blank(byte: &u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

fn pattern(entry: &[u8]) -> Option<&[u8]> {
    entry
        .strip_prefix(b"/")?
        .strip_suffix(b"/")
        .filter(|inner| !inner.is_empty())
}

/// Why this name matches no client.
fn never(entry: &[u8]) -> Option<Odd> {
    let in_names = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    match entry {
        _ if entry.contains(&b'*') => Some(odd::STAR),
        [b'.', ..] => Some(odd::LEADING_DOT),
        [.., b'.'] => Some(odd::TRAILING_DOT),
        _ => (!entry.iter().all(in_names)).then_some(odd::NOT_A_NAME),
    }
}

/// How many groups of one to three digits, separated by dots, the entry consists of; four may have a prefix length.
fn octets(entry: &[u8]) -> Option<usize> {
    let slash = memchr::memchr(b'/', entry);
    let (address, prefix) = slash.map_or((entry, &b"/0"[..]), |at| entry.split_at(at));
    let digits =
        |text: &[u8], most| (1..=most).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    let mut parts = address.split(|&b| b == b'.');
    let shaped = parts.all(|part| digits(part, 3)) && digits(&prefix[1..], 2);
    let parts = memchr::memchr_iter(b'.', address).count() + 1;
    (shaped && (parts == 4 || (2..=3).contains(&parts) && slash.is_none())).then_some(parts)
}

/// `a.b.c`, `b.c`, `c`.
fn suffixes(name: &str) -> impl Iterator<Item = &str> {
    let dots = memchr::memchr_iter(b'.', name.as_bytes());
    std::iter::once(name).chain(dots.map(|dot| &name[dot + 1..]))
}

#[cfg(test)]
mod tests;
