//! Where IP addresses stand in a text: the one scanner that masking and `ours` share.
//!
//! Relies on the usual written forms: `203.0.113.7`, `2001:db8::7`, in brackets, behind `ip=` or `IPv6:`. A dotted
//! number inside a longer dotted name (`7.113.0.203.zen.example.org`, `4.96.0.1.2`) is no address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// One address and the bytes it takes up in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) at: Range<usize>,
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
        .map(|v6| (IpAddr::V6(v6), start..end))
        .or_else(|| v4().map(|v4| (IpAddr::V4(v4), start + last..end)))
        .or_else(|| before_a_port().map(|v4| (IpAddr::V4(v4), start..start + last - 1)))?;
    Some(Found { at, address })
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
    fn the_range_covers_the_address_alone() {
        let text = "ip:203.0.113.7, [IPv6:2001:db8::7].";
        let cut: Vec<&str> = addresses(text)
            .into_iter()
            .map(|found| &text[found.at])
            .collect();
        assert_eq!(cut, ["203.0.113.7", "2001:db8::7"]);
    }
}
