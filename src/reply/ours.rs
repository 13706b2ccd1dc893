//! Which of our addresses the reply names: an admin with several outgoing addresses needs to know the blocked one.
//!
//! Replies also hold other dotted numbers: the receiver's own address, return codes of DNS lists (127.0.0.2), internal
//! codes of providers (`4.16.55.1`). The address that stands behind a word for "your host" wins, else the first; one that a DNS list was
//! asked for comes next, and one of a private network last, for the receiver saw a public one. A network is no address of ours.

use std::net::IpAddr;

use super::address::{self, Found};
use super::head::Head;
use super::lister;
use super::names::Names;

/// Words before an address that mean us.
const MEAN_US: [&str; 16] = [
    "ip",
    "from",
    "client",
    "host",
    "sender",
    "address",
    "server",
    "connection",
    "adresse",
    "hostname",
    "by",
    "mta",
    "de",
    "von",
    "your",
    "relay",
];

/// Our address among those `found` in the reply; never that of the server that replied.
pub(super) fn among(head: &Head<'_>, found: &[Found], names: &Names) -> Option<IpAddr> {
    let theirs = head.address();
    let possible = |found: &&Found| {
        Some(found.address) != theirs
            && can_be_ours(found.address)
            && !is_network(head.reply, found)
    };
    let best = |private: bool| {
        let fits = |found: &&Found| possible(found) && is_private(found.address) == private;
        let mut named = found.iter().filter(fits);
        let named = named.find(|found| is_named(head.reply, found));
        named
            .or_else(|| found.iter().find(fits))
            .map(|found| found.address)
    };
    best(false)
        .or_else(|| asked(head.reply, names).filter(|asked| Some(*asked) != theirs))
        .or_else(|| best(true))
}

/// The address that a blocklist was asked for: `7.113.0.203.zen.spamhaus.org`.
fn asked(text: &str, names: &Names) -> Option<IpAddr> {
    let mut words =
        text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')));
    words.find_map(|word| {
        // Four octets and a zone of two labels have five stops.
        if !word.starts_with(|c: char| c.is_ascii_hexdigit()) || word.matches('.').count() < 5 {
            return None;
        }
        let (address, zone) = address::asked(word.trim_end_matches('.'))?;
        let before = text.split_once(word).map_or("", |(before, _)| before);
        let of_list = names.is_zone(&zone.to_ascii_lowercase()) || lister::is_behind(before);
        (of_list && can_be_ours(address)).then_some(address)
    })
}

fn can_be_ours(address: IpAddr) -> bool {
    let broadcast =
        matches!(address, IpAddr::V4(v4) if v4.is_broadcast() || v4.octets().first() == Some(&0));
    !(address.is_loopback() || address.is_unspecified() || address.is_multicast() || broadcast)
}

/// `203.0.113.0/24`, and Gmail's `Netblock [203.0.113.0      35]`: the address of a network as it is, or with the length of its prefix.
fn is_network(text: &str, found: &Found) -> bool {
    let behind = text.get(found.at.end..).unwrap_or_default();
    let digits = behind.strip_prefix('/').unwrap_or_default();
    let end = digits.bytes().position(|b| !b.is_ascii_digit());
    let length: Option<u32> = digits
        .get(..end.unwrap_or(digits.len()))
        .and_then(|digits| digits.parse().ok());
    match found.address {
        IpAddr::V4(v4) => {
            let zeros = v4.to_bits().trailing_zeros();
            zeros >= 8 || length.is_some_and(|length| length < 32 && zeros >= 32 - length)
        }
        IpAddr::V6(v6) => {
            let zeros = v6.to_bits().trailing_zeros();
            zeros >= 64 || length.is_some_and(|length| length < 128 && zeros >= 128 - length)
        }
    }
}

/// RFC 1918, RFC 3927, RFC 4193, RFC 4291.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Whether the last word before the address means us, or the address is an argument `ip=`.
fn is_named(text: &str, found: &Found) -> bool {
    let before = text.as_bytes().get(..found.at.start).unwrap_or_default();
    let last = |bytes: &[u8], letter: bool| {
        let end = bytes
            .iter()
            .rposition(|b| b.is_ascii_alphanumeric() == letter);
        end.map_or(0, |end| end + 1)
    };
    let before = before.get(..last(before, true)).unwrap_or_default();
    let word = before.get(last(before, false)..).unwrap_or_default();
    MEAN_US
        .iter()
        .any(|mean| mean.as_bytes().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::super::address::addresses;
    use super::*;

    #[test]
    fn the_address_that_means_us_is_found() {
        let rows = [
            ("Client host [203.0.113.7] blocked", "203.0.113.7"),
            (
                "messages from 203.0.113.7 temporarily deferred - 4.16.55.1; see",
                "203.0.113.7",
            ),
            (
                "421 198.51.100.9 has blocked your ip (203.0.113.7)",
                "203.0.113.7",
            ),
            ("421 4.7.0 [2001:db8::7 15] our system", "2001:db8::7"),
            (
                "listed, see https://a.example/?ip=203.0.113.7&c=bip",
                "203.0.113.7",
            ),
            ("error 127.255.255.254 for 203.0.113.7", "203.0.113.7"),
            (
                "your address 192.0.2.1 is theirs, 203.0.113.7",
                "203.0.113.7",
            ),
            ("rejected: 127.0.0.2", "none"),
            ("[::ffff:203.0.113.7] blocked", "203.0.113.7"),
            (
                "from (m.a.example [10.0.0.5]) by (g.a.example [203.0.113.7])",
                "203.0.113.7",
            ),
            (
                "from fd00::5, 192.168.1.5 or 169.254.3.4, by 2001:db8::7",
                "2001:db8::7",
            ),
            ("from 10.0.0.5", "10.0.0.5"),
            ("net 203.0.113.0/24 is listed", "none"),
            (
                "Netblock [203.0.113.0      35] [2001:db8:1:2::      7]",
                "none",
            ),
            (
                "net 203.0.113.64/26, 2001:db8::100/120, host 203.0.113.65/26",
                "203.0.113.65",
            ),
            ("7.113.0.203.zen.spamhaus.org", "203.0.113.7"),
            ("7.113.0.203.DNSBL.a.example.", "203.0.113.7"),
            ("7.113.0.203.in-addr.arpa", "203.0.113.7"),
            ("7.113.0.203.static.a.example", "none"),
            ("listed at 7.113.0.203.srn.a.example", "203.0.113.7"),
            (
                "8.113.0.203.zen.spamhaus.org, your host 203.0.113.7",
                "203.0.113.7",
            ),
            ("0.0.0.0 255.255.255.255 ::1", "none"),
        ];
        for (text, expected) in rows {
            let reason = format!("host mx.a.example[192.0.2.1] said: {text}");
            let names = Names::builtin().unwrap();
            let ours = among(&Head::of(&reason), &addresses(text), &names);
            let ours = ours.map_or_else(|| "none".to_owned(), |ours| ours.to_string());
            assert_eq!(ours, expected, "{text}");
        }
    }
}
