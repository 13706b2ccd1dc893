//! Which of our addresses the reply names: an admin with several outgoing addresses needs to know the blocked one.
//!
//! Replies also hold other dotted numbers: the receiver's own address, return codes of DNS lists (127.0.0.2), internal
//! codes of providers (`4.16.55.1`). The address that stands behind a word for "your host" wins, else the first.

use std::net::IpAddr;

use super::address::Found;
use super::head::Head;

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
pub(super) fn among(head: &Head<'_>, found: &[Found]) -> Option<IpAddr> {
    if found.is_empty() {
        return None;
    }
    let theirs = head.address();
    let possible = || {
        found
            .iter()
            .filter(|found| Some(found.address) != theirs && can_be_ours(found.address))
    };
    let named = possible()
        .find(|found| is_named(head.reply, found))
        .or_else(|| possible().next());
    named.map(|found| found.address)
}

fn can_be_ours(address: IpAddr) -> bool {
    let broadcast =
        matches!(address, IpAddr::V4(v4) if v4.is_broadcast() || v4.octets().first() == Some(&0));
    !(address.is_loopback() || address.is_unspecified() || address.is_multicast() || broadcast)
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
            ("0.0.0.0 255.255.255.255 ::1", "none"),
        ];
        for (text, expected) in rows {
            let reason = format!("host mx.a.example[192.0.2.1] said: {text}");
            let ours = among(&Head::of(&reason), &addresses(text));
            let ours = ours.map_or_else(|| "none".to_owned(), |ours| ours.to_string());
            assert_eq!(ours, expected, "{text}");
        }
    }
}
