//! Where IP addresses stand in a text: the one scanner that masking and `ours` share.
//!
//! Relies on the usual written forms: `203.0.113.7`, `2001:db8::7`, in brackets, behind `ip=` or `IPv6:`. A dotted
//! number inside a longer dotted name (`7.113.0.203.zen.example.org`, `4.96.0.1.2`) is no address; what was asked of a list by such a name
//! is told by [`asked`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// One address and the bytes it takes up in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) at: Range<usize>,
    /// `::ffff:203.0.113.7` is 203.0.113.7.
    pub(super) address: IpAddr,
}

/// All addresses of a text, from left to right.
pub(super) fn addresses(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    find(text, &mut found);
    found
}

/// The same, behind those that were found before.
pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    if !may_be_address(bytes) {
        return;
    }
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let start = at
            + rest
                .iter()
                .position(|b| in_address(*b))
                .unwrap_or(rest.len());
        let run = bytes.get(start..).unwrap_or_default();
        let end = start
            + run
                .iter()
                .position(|b| !in_address(*b))
                .unwrap_or(run.len());
        if bytes.get(start..end).is_some_and(may_be_address) {
            found.extend(address_in(text, start, end));
        }
        at = end;
    }
}

fn in_address(b: u8) -> bool {
    b.is_ascii_hexdigit() || matches!(b, b'.' | b':')
}

/// Three stops or two colons: tells most runs, and most texts, apart without parsing.
fn may_be_address(run: &[u8]) -> bool {
    let count = |wanted| run.iter().filter(|b| **b == wanted).count();
    run.len() >= 3 && (count(b'.') >= 3 || count(b':') >= 2)
}

fn address_in(text: &str, start: usize, end: usize) -> Option<Found> {
    let name_goes_on = text.get(start..end)?.ends_with('.') && is_word(text.as_bytes(), end);
    let (start, end) = trimmed(text, start, end);
    let run = text.get(start..end)?;
    let before = text.as_bytes().get(..start).and_then(<[u8]>::last);
    if before.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
        || name_goes_on
        || is_word(text.as_bytes(), end)
    {
        return None;
    }
    // A v4 may stand behind a label: `ip:203.0.113.7` and `b:203.0.113.7`.
    let last = memchr::memrchr(b':', run.as_bytes()).map_or(0, |colon| colon + 1);
    let v4 = || run.get(last..)?.parse::<Ipv4Addr>().ok();
    let before_a_port = || {
        let (host, port) = run.split_once(':')?;
        let port = port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
        host.parse::<Ipv4Addr>().ok().filter(|_| port)
    };
    let v6 = || (last > 0).then(|| run.parse::<Ipv6Addr>().ok()).flatten();
    let (address, at) = v6()
        .map(|v6| (IpAddr::V6(v6).to_canonical(), start..end))
        .or_else(|| v4().map(|v4| (IpAddr::V4(v4), start + last..end)))
        .or_else(|| before_a_port().map(|v4| (IpAddr::V4(v4), start..start + last - 1)))?;
    Some(Found { at, address })
}

/// The address that a DNS list was asked for: its octets or nibbles turned round in front of the zone, and the zone.
pub(super) fn asked(name: &str) -> Option<(IpAddr, &str)> {
    v4_asked(name).or_else(|| v6_asked(name))
}

fn v4_asked(name: &str) -> Option<(IpAddr, &str)> {
    let mut labels = name.splitn(5, '.');
    let mut octets = [0; 4];
    for octet in octets.iter_mut().rev() {
        *octet = number(labels.next()?)?;
    }
    let zone = labels.next()?;
    (number(zone.split('.').next()?).is_none()).then_some((IpAddr::from(octets), zone))
}

/// A decimal octet as it is written.
fn number(label: &str) -> Option<u8> {
    let plain = label.bytes().all(|b| b.is_ascii_digit());
    label.parse().ok().filter(|_| plain)
}

fn v6_asked(name: &str) -> Option<(IpAddr, &str)> {
    const NIBBLES: usize = 32;
    let (nibbles, zone) = name.split_at_checked(2 * NIBBLES)?;
    let mut address: u128 = 0;
    for (nth, pair) in nibbles.as_bytes().chunks(2).enumerate() {
        let [nibble, b'.'] = pair else { return None };
        let nibble = char::from(*nibble).to_digit(16)?;
        address |= u128::from(nibble) << (4 * nth);
    }
    Some((IpAddr::from(address.to_be_bytes()), zone))
}

/// Full stops and colons of the sentence do not belong to the address; neither does the tag of `IPv6:2001:…`.
fn trimmed(text: &str, mut start: usize, mut end: usize) -> (usize, usize) {
    let run = |start: usize, end: usize| text.as_bytes().get(start..end).unwrap_or_default();
    if run(start, end).starts_with(b"6:")
        && run(start.saturating_sub(3), start).eq_ignore_ascii_case(b"ipv")
    {
        start += 2;
    }
    while matches!(run(start, end), [.., b'.' | b':']) && !run(start, end).ends_with(b"::") {
        end -= 1;
    }
    while matches!(run(start, end), [b'.' | b':', ..]) && !run(start, end).starts_with(b"::") {
        start += 1;
    }
    (start, end)
}

/// Whether a word goes on at this byte, so that the number is part of a name.
fn is_word(bytes: &[u8], at: usize) -> bool {
    let letter = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
    };
    letter(at) || (bytes.get(at) == Some(&b'-') && letter(at.wrapping_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_every_usual_form_and_nowhere_else() {
        let rows: &[(&str, &[&str])] = &[
            ("Client host [203.0.113.7] blocked", &["203.0.113.7"]),
            ("from 203.0.113.7.", &["203.0.113.7"]),
            ("(203.0.113.7:41235)", &["203.0.113.7"]),
            ("at 203.0.113.7:12:30:07", &[]),
            ("IP=203.0.113.7 - A problem", &["203.0.113.7"]),
            ("client_ip:203.0.113.7: no", &["203.0.113.7"]),
            (
                "203.0.113.7/32 and 203.0.113.8",
                &["203.0.113.7", "203.0.113.8"],
            ),
            ("[2001:db8::7      12] unsolicited", &["2001:db8::7"]),
            ("[IPv6:2001:db8::7]", &["2001:db8::7"]),
            ("at 2001:DB8:0:0:0:0:0:7:", &["2001:db8::7"]),
            ("7.113.0.203.zen.example.org", &[]),
            ("[::ffff:203.0.113.7]", &["203.0.113.7"]),
            ("version 4.96.0.1.2 at 07:48:37", &[]),
            ("5.7.606 1.2.3 300.1.1.1", &[]),
            (
                "v4.16.55.1 b203.0.113.7x 203.0.113.7-static.example.net",
                &[],
            ),
            ("", &[]),
        ];
        for (text, expected) in rows {
            let found: Vec<String> = addresses(text)
                .iter()
                .map(|found| found.address.to_string())
                .collect();
            assert_eq!(&found, expected, "{text}");
        }
    }

    #[test]
    fn what_a_list_was_asked_for_stands_in_front_of_its_zone() {
        let nibbles = "7.".to_owned() + &"0.".repeat(23) + "8.b.d.0.1.0.0.2.zen.example.org";
        for (name, expected) in [
            ("7.113.0.203.zen.example.org", "203.0.113.7 zen.example.org"),
            (nibbles.as_str(), "2001:db8::7 zen.example.org"),
            ("113.0.203.zen.example.org", ""),
            ("5.7.113.0.203.zen.example.org", ""),
            ("7.113.0.300.zen.example.org", ""),
            ("7.113.0.203", ""),
            ("", ""),
        ] {
            let told = asked(name).map(|(address, zone)| format!("{address} {zone}"));
            assert_eq!(told.unwrap_or_default(), expected, "{name}");
        }
    }

    #[test]
    fn the_range_covers_the_address_alone() {
        let text = "ip:203.0.113.7, [IPv6:2001:db8::7].";
        let cut: Vec<&str> = addresses(text)
            .into_iter()
            .map(|found| &text[found.at])
            .collect();
        assert_eq!(cut, ["203.0.113.7", "2001:db8::7"]);
    }
}
