//! The addresses and networks of a whitelist, as the NetAddr::IP 4.079 of Postgrey reads and compares them.
//!
//! An IPv4 address is the IPv6 address with its bits at the end and zeros in front: `::/0` covers IPv4 too, `::1.2.3.4` is 1.2.3.4, and
//! `::ffff:1.2.3.4` is not.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bits in front of an IPv4 address.
const V4_FRONT: u32 = 96;

/// Address blocks.
#[derive(Debug, Default)]
pub(super) struct Networks {
    all: Vec<(u128, u128)>,
    /// What of `all` covers IPv4 addresses: most clients have one.
    v4: Vec<(u32, u32)>,
}

/// How an entry was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// As it seems.
    Plain,
    /// With octal numbers that differ from the decimal ones.
    Octal,
    /// As one address, because the length stands behind brackets.
    WithoutLength,
}

impl Networks {
    /// Adds an address or a network; `None` if it is none.
    pub(super) fn add(&mut self, entry: &str) -> Option<Read> {
        match entry.contains(':') {
            true => self.add_v6(entry),
            false => self.add_v4(entry),
        }
    }

    fn add_v4(&mut self, entry: &str) -> Option<Read> {
        let (address, length) = entry.split_once('/').unwrap_or((entry, "32"));
        let length = prefix(length).filter(|&length| length <= 32)?;
        self.insert(u32::from(dotted(address, octal)?).into(), V4_FRONT + length)?;
        let same = dotted(address, |octet| octet.parse().ok()) == dotted(address, octal);
        Some(if same { Read::Plain } else { Read::Octal })
    }

    /// The length may stand behind a slash or blanks, and brackets around all of it it.
    fn add_v6(&mut self, entry: &str) -> Option<Read> {
        let inner = entry.strip_prefix('[').and_then(|e| e.strip_suffix(']'));
        if let Some((address, _)) = entry.strip_prefix('[').and_then(|e| e.split_once("]/")) {
            self.insert(v6(address)?, 128)?;
            return Some(Read::WithoutLength);
        }
        let (address, length) = split_length(inner.unwrap_or(entry));
        self.insert(v6(address)?, prefix(length)?)?;
        Some(Read::Plain)
    }

    fn insert(&mut self, address: u128, length: u32) -> Option<()> {
        let mask = u128::MAX
            .checked_shl(128_u32.checked_sub(length)?)
            .unwrap_or(0);
        let base = address & mask;
        self.all.push((base, mask));
        if base >> 32 == 0 {
            self.v4.push((low(base), low(mask)));
        }
        Some(())
    }

    pub(super) fn contain(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => {
                let address = u32::from(address);
                self.v4.iter().any(|(base, mask)| address & mask == *base)
            }
            IpAddr::V6(address) => {
                let address = u128::from(address);
                self.all.iter().any(|(base, mask)| address & mask == *base)
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }
}

fn v6(text: &str) -> Option<u128> {
    text.parse::<Ipv6Addr>().ok().map(u128::from)
}

/// The last 32 bits.
fn low(bits: u128) -> u32 {
    (bits & u128::from(u32::MAX)) as u32
}

/// Address and length, apart by a slash or blanks.
fn split_length(entry: &str) -> (&str, &str) {
    let blank = |c: char| c.is_ascii_whitespace() || c == '\x0B';
    match entry.split_once('/') {
        Some(parts) => parts,
        None => entry
            .split_once(blank)
            .map_or((entry, "128"), |(address, length)| {
                (address, length.trim_start_matches(blank))
            }),
    }
}

/// A length of at most three digits; zeros in front do not count.
fn prefix(text: &str) -> Option<u32> {
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// Four octets, each read by `octet`.
fn dotted(address: &str, octet: impl Fn(&str) -> Option<u8>) -> Option<Ipv4Addr> {
    let mut octets = [0_u8; 4];
    for (place, part) in octets.iter_mut().zip(address.split('.')) {
        *place = octet(part)?;
    }
    Some(octets.into())
}

/// A number as inet_aton(3) reads it: octal behind a zero.
fn octal(octet: &str) -> Option<u8> {
    match octet.strip_prefix('0') {
        Some(digits) if !digits.is_empty() => u8::from_str_radix(digits, 8).ok(),
        _ => octet.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_as_netaddr_ip_reads() {
        for (entry, read, inside, outside) in [
            ("1.2.3.4", Some(Read::Plain), "1.2.3.4", "1.2.3.5"),
            ("1.2.3.4", Some(Read::Plain), "::1.2.3.4", "::ffff:1.2.3.4"),
            ("1.2.3.4/00", Some(Read::Plain), "9.9.9.9", "::1:0:0"),
            ("1.2.3.77/24", Some(Read::Plain), "1.2.3.1", "1.2.4.1"),
            ("010.0.0.20", Some(Read::Octal), "8.0.0.20", "10.0.0.20"),
            ("007.0.0.00", Some(Read::Plain), "7.0.0.0", "0.0.0.7"),
            ("08.0.0.1", None, "", "8.0.0.1"),
            ("256.1.1.1", None, "", "0.1.1.1"),
            ("1.2.3.4/33", None, "", "1.2.3.4"),
            ("::/0", Some(Read::Plain), "9.9.9.9", ""),
            ("1::/0", Some(Read::Plain), "9.9.9.9", ""),
            ("::/95", Some(Read::Plain), "9.9.9.9", "::2:0:0"),
            ("::/96", Some(Read::Plain), "9.9.9.9", "::1:0:0"),
            ("::1.2.3.4", Some(Read::Plain), "1.2.3.4", "1.2.3.5"),
            ("::1.2.3.4/120", Some(Read::Plain), "1.2.3.9", "1.2.4.9"),
            (
                "::ffff:1.2.3.4",
                Some(Read::Plain),
                "::ffff:1.2.3.4",
                "1.2.3.4",
            ),
            (
                "2001:DB8::/032",
                Some(Read::Plain),
                "2001:db8::1",
                "2001:db9::",
            ),
            (
                "2001:db8:: \t32",
                Some(Read::Plain),
                "2001:db8::1",
                "2001:db9::",
            ),
            (
                "[2001:db8::1]",
                Some(Read::Plain),
                "2001:db8::1",
                "2001:db8::2",
            ),
            (
                "[2001:db8::/32]",
                Some(Read::Plain),
                "2001:db8::1",
                "2001:db9::",
            ),
            (
                "[2001:db8::]/32",
                Some(Read::WithoutLength),
                "2001:db8::",
                "2001:db8::1",
            ),
            ("2001:db8::/0032", None, "", "2001:db8::"),
            ("2001:db8::/+32", None, "", "2001:db8::"),
            ("2001:db8::/129", None, "", "2001:db8::"),
            ("2001:db8:: /32", None, "", "2001:db8::"),
            ("fe80::1%eth0", None, "", "fe80::1"),
            ("a:b:c", None, "", "a:b::c"),
        ] {
            let mut networks = Networks::default();
            assert_eq!(networks.add(entry), read, "{entry}");
            let holds = |text: &str| text.parse().is_ok_and(|address| networks.contain(address));
            assert_eq!(holds(inside), !inside.is_empty(), "{entry} {inside}");
            assert!(!holds(outside), "{entry} {outside}");
        }
    }
}
