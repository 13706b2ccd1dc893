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

/// Three stops or two colons: tells most runs apart without parsing.
fn may_be_address(run: &[u8]) -> bool {
    let mut counts = [0_usize; 2];
    for b in run {
        counts[0] += usize::from(*b == b'.');
        counts[1] += usize::from(*b == b':');
    }
    run.len() >= 3 && (counts[0] >= 3 || counts[1] >= 2)
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
    let address = run
        .parse()
        .map(|v4: Ipv4Addr| IpAddr::V4(v4))
        .or_else(|_| run.parse().map(|v6: Ipv6Addr| IpAddr::V6(v6)));
    let address = address.ok().or_else(|| v4_behind_a_colon(run))?;
    let width = if address.is_ipv4() {
        run.rsplit(':').next().map_or(run.len(), str::len)
    } else {
        run.len()
    };
    Some(Found {
        at: end - width..end,
        address,
    })
}

/// Full stops and colons of the sentence do not belong to the address; neither does the tag of `IPv6:2001:…`.
fn trimmed(text: &str, mut start: usize, mut end: usize) -> (usize, usize) {
    let run = |start: usize, end: usize| text.get(start..end).unwrap_or_default();
    if run(start, end).starts_with("6:")
        && run(start.saturating_sub(3), start).eq_ignore_ascii_case("ipv")
    {
        start += 2;
    }
    while run(start, end).ends_with(['.', ':']) && !run(start, end).ends_with("::") {
        end -= 1;
    }
    while run(start, end).starts_with(['.', ':']) && !run(start, end).starts_with("::") {
        start += 1;
    }
    (start, end)
}

/// `ip:203.0.113.7` and `b:203.0.113.7`: the part behind the last colon.
fn v4_behind_a_colon(run: &str) -> Option<IpAddr> {
    let (_, last) = run.rsplit_once(':')?;
    last.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
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
