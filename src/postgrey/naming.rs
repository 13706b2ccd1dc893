//! Whether a host's name looks like that of a line that gets its address from a pool: the name holds its own address, or a word
//! that providers use for such lines.
//!
//! Never decides alone: Facebook's, Amazon's and Outlook's mail servers carry their address in the name too
//! (`mail-oln040092073082…` is 40.92.73.82).

use super::domain::registrable;
use crate::state::record::Record;
use std::net::IpAddr;

/// Words that stand alone in the name (between dots, hyphens, underscores and digits) of a line whose address comes from a pool.
const WORDS: [&str; 41] = [
    "adsl",
    "broadband",
    "cable",
    "cablemodem",
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
    "dynamicip",
    "dynip",
    "fiber",
    "ftth",
    "gpon",
    "gprs",
    "hsd",
    "isdn",
    "lte",
    "mobile",
    "modemcable",
    "pool",
    "pools",
    "ppp",
    "pppoa",
    "pppoe",
    "range",
    "residential",
    "revip",
    "umts",
    "vdsl",
    "wimax",
    "wireless",
    "xdsl",
];

/// Where the words with each first letter begin and end in [`WORDS`].
const BY_LETTER: [(u8, u8); 26] = {
    let mut places = [(0, 0); 26];
    let mut index = 0;
    while index < WORDS.len() {
        let letter = (WORDS[index].as_bytes()[0] - b'a') as usize;
        if places[letter].1 == 0 {
            places[letter].0 = index as u8;
        }
        places[letter].1 = index as u8 + 1;
        index += 1;
    }
    places
};

/// Whether `name` (lower case) holds a word of dynamic lines in front of its registrable domain: a firm may be called mobile.de. An
/// address in it is no such word.
pub fn is_named_dynamic(name: &str) -> bool {
    Naming::of_own_part(name) == Naming::Dynamic
}

/// What a name says, whatever the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// It holds a word of dynamic lines.
    Dynamic,
    /// It may hold an address.
    MayHoldAddress,
    /// Neither.
    Plain,
}

impl Naming {
    /// Looks at `name` (lower case).
    pub fn of(name: &str) -> Self {
        if holds_word(name) {
            Naming::Dynamic
        } else if may_hold_address(name) {
            Naming::MayHoldAddress
        } else {
            Naming::Plain
        }
    }

    /// What is said by the part of `name` (lower case) in front of its registrable domain: a firm may be called mobile.de.
    pub fn of_own_part(name: &str) -> Self {
        match Naming::of(name) {
            // What the whole does not say, no part of it does.
            Naming::Plain => Naming::Plain,
            _ => {
                let domain = registrable(name).unwrap_or_default();
                Naming::of(&name[..name.len() - domain.len()])
            }
        }
    }

    /// Whether `name`, which this was found of, looks dynamic for a host at `address`.
    pub fn is_dynamic(self, name: &str, address: Option<IpAddr>) -> bool {
        match (self, address.map(|address| address.to_canonical())) {
            (Naming::Dynamic, _) => true,
            (Naming::MayHoldAddress, Some(IpAddr::V4(v4))) => holds_address(name, v4.octets()),
            _ => false,
        }
    }
}

impl Record for Naming {
    fn write(&self, to: &mut Vec<u8>) {
        let code: u8 = match self {
            Naming::Dynamic => 0,
            Naming::MayHoldAddress => 1,
            Naming::Plain => 2,
        };
        code.write(to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match u8::read(from)? {
            0 => Some(Naming::Dynamic),
            1 => Some(Naming::MayHoldAddress),
            2 => Some(Naming::Plain),
            _ => None,
        }
    }
}

fn holds_word(name: &str) -> bool {
    let mut rest = name.as_bytes();
    while let Some(start) = rest.iter().position(u8::is_ascii_lowercase) {
        let part = &rest[start..];
        let end = part
            .iter()
            .position(|b| !b.is_ascii_lowercase())
            .unwrap_or(part.len());
        if is_word(&part[..end]) {
            return true;
        }
        rest = &part[end..];
    }
    false
}

/// `part` is not empty.
fn is_word(part: &[u8]) -> bool {
    let (from, to) = BY_LETTER[usize::from(part[0] - b'a')];
    WORDS[usize::from(from)..usize::from(to)]
        .iter()
        .any(|word| word.as_bytes() == part)
}

/// Whether the name has four numbers, or eight hexadecimal digits in a row.
fn may_hold_address(name: &str) -> bool {
    let (mut numbers, mut last, mut row) = (0, 0, 0);
    for byte in name.bytes() {
        let kind = KINDS[usize::from(byte)];
        numbers += u32::from(kind & !last & DIGIT);
        row = if kind == 0 { 0 } else { row + 1 };
        last = kind;
        if numbers >= 4 || row >= 8 {
            return true;
        }
    }
    false
}

/// In [`KINDS`]; a digit is hexadecimal too.
const DIGIT: u8 = 1;
const HEXADECIMAL: u8 = 2;

/// What the bytes of a name can be in an address, looked up because every new host's name is read to its end.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_digit() {
            kinds[byte] = DIGIT | HEXADECIMAL;
        } else if (byte as u8).is_ascii_hexdigit() {
            kinds[byte] = HEXADECIMAL;
        }
        byte += 1;
    }
    kinds
};

/// Whether the four octets stand in the name, forwards or backwards: as decimal numbers with something between them, run together
/// in three digits each, or as eight hexadecimal digits.
fn holds_address(name: &str, octets: [u8; 4]) -> bool {
    let mut reversed = octets;
    reversed.reverse();
    let forms = [Forms::of(octets), Forms::of(reversed)];
    let mut digits = Digits::default();
    for byte in name.bytes() {
        digits.take(byte);
        if forms.iter().any(|form| digits.show(form)) {
            return true;
        }
    }
    digits.end_of_number();
    forms.iter().any(|form| digits.show(form))
}

/// The forms in which an address stands in a name.
struct Forms {
    numbers: [u16; 4],
    decimal: u64,
    hexadecimal: u32,
}

impl Forms {
    fn of(octets: [u8; 4]) -> Self {
        Self {
            numbers: octets.map(u16::from),
            decimal: octets
                .iter()
                .fold(0, |sum, octet| sum * 1000 + u64::from(*octet)),
            hexadecimal: u32::from_be_bytes(octets),
        }
    }
}

/// A number of more than three digits, which is no octet.
const NO_OCTET: u16 = u16::MAX;

/// The digits read so far.
struct Digits {
    /// The last four numbers that ended.
    numbers: [u16; 4],
    /// Whether the last byte ended a number.
    ended: bool,
    /// The digits in a row, and their value: the last twelve of them, and as an octet.
    decimal: (u32, u64),
    /// The hexadecimal digits in a row, and the value of the last eight.
    hexadecimal: (u32, u32),
}

impl Default for Digits {
    fn default() -> Self {
        Self {
            numbers: [NO_OCTET; 4],
            ended: false,
            decimal: (0, 0),
            hexadecimal: (0, 0),
        }
    }
}

impl Digits {
    fn take(&mut self, byte: u8) {
        /// Twelve digits.
        const TWELVE: u64 = 1_000_000_000_000;
        self.ended = false;
        match byte {
            b'0'..=b'9' => {
                let value = self.decimal.1 * 10 + u64::from(byte - b'0');
                let cut = if self.decimal.0 >= 12 {
                    value % TWELVE
                } else {
                    value
                };
                self.decimal = (self.decimal.0 + 1, cut);
                self.hexadecimal(byte - b'0');
            }
            b'a'..=b'f' => {
                self.end_of_number();
                self.hexadecimal(byte - b'a' + 10);
            }
            _ => {
                self.end_of_number();
                self.hexadecimal = (0, 0);
            }
        }
    }

    fn hexadecimal(&mut self, digit: u8) {
        let (count, value) = self.hexadecimal;
        self.hexadecimal = (count + 1, value << 4 | u32::from(digit));
    }

    fn end_of_number(&mut self) {
        let (count, value) = std::mem::take(&mut self.decimal);
        if count == 0 {
            return;
        }
        self.numbers.rotate_left(1);
        self.numbers[3] = if count <= 3 { value as u16 } else { NO_OCTET };
        self.ended = true;
    }

    /// Whether an address in one of its forms ends here.
    fn show(&self, forms: &Forms) -> bool {
        self.ended && self.numbers == forms.numbers
            || self.decimal.0 >= 12 && self.decimal.1 == forms.decimal
            || self.hexadecimal.0 >= 8 && self.hexadecimal.1 == forms.hexadecimal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_for_the_search() {
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn names_with_a_word_of_dynamic_lines() {
        for (name, dynamic) in [
            ("modemcable012.34-56-74.mc.videotron.ca", true),
            ("smtp12.videotron.ca", false),
            ("c-73-1-2-3.hsd1.ga.comcast.net", true),
            ("resqmta-ch2-01v.sys.comcast.net", false),
            ("p57a1b2c3.dip0.t-ipconnect.de", true),
            ("adsl-pool-1.isp.example", true),
            ("1-2-3-4.dynamic.isp.example", true),
            ("host7.dyn.isp.example", true),
            ("cpe-74-71-2-3.nyc.res.rr.com", true),
            ("dhcp-7.isp.example", true),
            ("ppp83-237-1-2.isp.example", true),
            ("host-1-2-3-4.range86-1.btcentralplus.com", true),
            ("mail.btcentralplus.com", false),
            ("orange1.isp.example", false),
            // An address, but no word: mail servers have these too.
            (
                "mail-oln040092073082.outbound.protection.outlook.com",
                false,
            ),
            ("66-220-144-146.mail-mail.facebook.com", false),
            ("a8-31.smtp-out.amazonses.com", false),
            // The firm's own domain.
            ("mx1.mobile.de", false),
            ("mx1.mobile.mobila.de", true),
            ("mail.range.co.uk", false),
        ] {
            assert_eq!(is_named_dynamic(name), dynamic, "{name}");
        }
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
            ("h0a0b0c0d.isp.example", "10.11.12.13", true),
            ("xd0c0b0a.isp.example", "10.11.12.13", false),
            ("h0d0c0b0a.isp.example", "10.11.12.13", true),
            ("h70a0b0c0d9.isp.example", "10.11.12.13", true),
            ("a010011012013.isp.example", "10.11.12.13", true),
            ("a7010011012013.isp.example", "10.11.12.13", true),
            ("a013012011010z.isp.example", "10.11.12.13", true),
            ("a10111213.isp.example", "10.11.12.13", false),
            ("10-11-12.13", "10.11.12.13", true),
            ("1-10-11-12-13-1.isp.example", "10.11.12.13", true),
            ("10-11-1-12-13.isp.example", "10.11.12.13", false),
            ("0010-11-12-13.isp.example", "10.11.12.13", false),
            ("010-11-12-13.isp.example", "10.11.12.13", true),
            ("zebra.pools", "", true),
            ("spool.example", "", false),
        ] {
            let found = Naming::of(name).is_dynamic(name, address.parse().ok());
            assert_eq!(found, dynamic, "{name}");
        }
    }
}
