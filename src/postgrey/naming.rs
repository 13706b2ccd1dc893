//! Whether a host's name looks like that of a line that gets its address from a pool: the name holds its own address, or a word
//! that providers use for such lines.
//!
//! Never decides alone: Facebook's, Amazon's and Outlook's mail servers carry their address in the name too
//! (`mail-oln040092073082…` is 40.92.73.82).

use std::net::IpAddr;

/// Words that stand alone in the name (between dots, hyphens, underscores and digits) of a line whose address comes from a pool.
const WORDS: [&str; 30] = [
    "adsl",
    "broadband",
    "cable",
    "catv",
    "client",
    "cpe",
    "cust",
    "customer",
    "dhcp",
    "dial",
    "dialin",
    "dialup",
    "dip",
    "dsl",
    "dyn",
    "dynamic",
    "dynip",
    "fiber",
    "ftth",
    "gprs",
    "hsd",
    "mobile",
    "pool",
    "pools",
    "ppp",
    "pppoe",
    "revip",
    "umts",
    "vdsl",
    "wireless",
];

/// Whether `name` (lower case) of the host at `address` looks dynamic.
pub fn looks_dynamic(name: &str, address: Option<IpAddr>) -> bool {
    holds_word(name) || matches!(address, Some(IpAddr::V4(v4)) if holds_address(name, v4.octets()))
}

fn holds_word(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphabetic())
        .any(|part| WORDS.binary_search(&part).is_ok())
}

/// Whether the four octets stand in the name, forwards or backwards: as decimal numbers with something between them, run together
/// in three digits each, or as eight hexadecimal digits.
fn holds_address(name: &str, octets: [u8; 4]) -> bool {
    let mut reversed = octets;
    reversed.reverse();
    [octets, reversed]
        .iter()
        .any(|order| holds_numbers(name, order) || holds_run(name, order))
}

/// Whether the octets stand in the name without anything between them.
fn holds_run(name: &str, octets: &[u8; 4]) -> bool {
    // Hexadecimal needs a run of eight digits, decimal one of twelve.
    let run = name
        .split(|c: char| !c.is_ascii_hexdigit())
        .map(str::len)
        .max()
        .unwrap_or(0);
    if run < 8 {
        return false;
    }
    let padded: String = octets.iter().map(|octet| format!("{octet:03}")).collect();
    let hexadecimal: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    name.contains(&padded) || name.contains(&hexadecimal)
}

/// Whether the numbers in the name have the four in a row.
fn holds_numbers(name: &str, octets: &[u8; 4]) -> bool {
    let mut row = [u32::MAX; 4];
    name.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .any(|digits| {
            row.rotate_left(1);
            row[3] = digits.parse().unwrap_or(u32::MAX);
            row.iter()
                .zip(octets)
                .all(|(number, octet)| *number == u32::from(*octet))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_for_the_search() {
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn names() {
        for (name, address, dynamic) in [
            ("ppp-110-169-1-2.revip5.asianet.co.th", "110.169.1.2", true),
            ("117.196.33.8.asianet.co.th", "117.196.33.8", true),
            ("p5b2a1c3d.dip0.t-ipconnect.de", "91.42.28.61", true),
            ("static-8-33-196-117.isp.example", "117.196.33.8", true),
            (
                "mail-oln040092073082.outbound.protection.outlook.com",
                "40.92.73.82",
                true,
            ),
            (
                "66-220-144-146.mail-mail.facebook.com",
                "66.220.144.146",
                true,
            ),
            ("o1.ptr2625.sendgrid.net", "167.89.1.2", false),
            ("mail.bigfirm.co.uk", "81.2.69.142", false),
            ("carpool.example", "81.2.69.142", false),
            ("mx.dsl.example", "2001:db8::1", true),
            ("adsl12.isp.example", "", true),
        ] {
            assert_eq!(looks_dynamic(name, address.parse().ok()), dynamic, "{name}");
        }
    }
}
