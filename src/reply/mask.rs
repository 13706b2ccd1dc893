//! Masks what differs between two replies of one cause: addresses, ids and times, so that each cause is judged once.
//!
//! Status codes and the codes of providers (`5.7.511`, `S3150`, `TSS04`, `OFR006_102`, `AS16012609`) stay as they are:
//! a word is an id only when it changes between letters and digits three times or more, or is a number of five digits or more
//! that nothing names (`no=1000722` is a code).

use super::address::{self, Found};

/// Stand-ins; none of them is a word that a mail server writes.
const ADDRESS: &str = "#ip";
const TIME: &str = "#time";
const ID: &str = "#id";
pub(super) const COUNT: &str = "#n";

/// The text with stand-ins. Masking a masked text changes nothing.
pub(super) fn mask(text: &str) -> String {
    mask_found(text, &address::addresses(text))
}

/// The same, for a text whose addresses are known already.
pub(super) fn mask_found(text: &str, found: &[Found]) -> String {
    let mut masked = String::with_capacity(text.len());
    mask_into(&mut masked, text, found);
    masked
}

/// The same, behind what is masked already.
pub(super) fn mask_into(masked: &mut String, text: &str, found: &[Found]) {
    let mut at = 0;
    // 127.0.0.2 and 127.255.255.254 are answers of DNS lists: codes, not hosts.
    for found in found.iter().filter(|found| !found.address.is_loopback()) {
        ids(masked, text.get(at..found.at.start).unwrap_or_default());
        masked.push_str(ADDRESS);
        at = found.at.end;
    }
    ids(masked, text.get(at..).unwrap_or_default());
}

fn ids(masked: &mut String, mut text: &str) {
    while !text.is_empty() {
        let (between, rest) =
            text.split_at(text.bytes().position(is_id_byte).unwrap_or(text.len()));
        masked.push_str(between);
        let end = rest
            .bytes()
            .position(|b| !is_id_byte(b))
            .unwrap_or(rest.len());
        let (label, rest) = rest.split_at(end);
        text = match stand_in(label, rest, masked.ends_with('=')) {
            Some(ID) => swallow_number(masked, rest),
            Some(word) => pushed(masked, word, rest),
            None => pushed(masked, label, rest),
        };
    }
}

fn pushed<'a>(masked: &mut String, word: &str, rest: &'a str) -> &'a str {
    masked.push_str(word);
    rest
}

/// An id's short numeric tail (`….311`) belongs to it.
fn swallow_number<'a>(masked: &mut String, rest: &'a str) -> &'a str {
    masked.push_str(ID);
    let Some(tail) = rest.strip_prefix('.') else {
        return rest;
    };
    let digits = tail
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(tail.len());
    tail.get(digits..).filter(|_| digits > 0).unwrap_or(rest)
}

/// Colons belong to times; nothing else with a colon is one word here.
fn is_id_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'#' | b':')
}

fn stand_in(label: &str, rest: &str, named: bool) -> Option<&'static str> {
    let looks = Looks::of(label);
    if looks.digits == 0 || label.starts_with('#') {
        return None;
    }
    let number = looks.digits == label.len();
    if looks.time() {
        Some(TIME)
    } else if number && looks.digits < 8 && counts_time(rest) {
        Some(COUNT)
    } else {
        let long = if named { 8 } else { 5 };
        (number && looks.digits >= long || label.len() >= 6 && looks.changes >= 3).then_some(ID)
    }
}

/// What a label is made of, found in one pass.
#[derive(Default)]
struct Looks {
    digits: usize,
    /// Colons and dashes.
    marks: usize,
    letters_t: usize,
    others: usize,
    /// How often it goes over from letters to digits or back.
    changes: usize,
}

impl Looks {
    fn of(label: &str) -> Self {
        let mut looks = Self::default();
        let mut last = None;
        for b in label.bytes() {
            let digit = b.is_ascii_digit();
            match b {
                b'0'..=b'9' => looks.digits += 1,
                b':' | b'-' => looks.marks += 1,
                b't' | b'T' => looks.letters_t += 1,
                _ => looks.others += 1,
            }
            let this = b.is_ascii_alphanumeric().then_some(digit);
            looks.changes += usize::from(this.is_some() && last == Some(!digit));
            last = this;
        }
        looks
    }

    /// `07:48:37`, `2026-11-21`, `2026-11-21t07:48:37`.
    fn time(&self) -> bool {
        self.digits >= 4 && self.marks >= 2 && self.others == 0 && self.letters_t <= 1
    }
}

/// Words for seconds, minutes and hours; whole words, for `554 security …` and `550 minimum …` count nothing.
const UNITS: [&str; 21] = [
    "sec", "secs", "second", "seconds", "secondes", "segundos", "secondi", "sekunden", "sekund",
    "min", "mins", "minute", "minutes", "minuten", "minutos", "minuti", "minut", "minuter",
    "minutter", "hour", "hours",
];

/// Whether the number before this text counts seconds, minutes or hours.
pub(super) fn counts_time(rest: &str) -> bool {
    let unit = rest.strip_prefix(' ').unwrap_or(rest);
    let end = unit
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(unit.len());
    unit.get(..end).is_some_and(|unit| UNITS.contains(&unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_varies_is_masked_and_codes_stay() {
        let rows = [
            (
                "client host [203.0.113.7] blocked",
                "client host [#ip] blocked",
            ),
            ("[2001:db8::7 15] unusual", "[#ip 15] unusual"),
            (
                "41be03b00d2f7-801d5c00011si4287631a12.311 - gsmtp",
                "#id - gsmtp",
            ),
            (
                "[db8eur06ft003.eop-eur06.prod.example 2026-02-25t11:12:39.245z 08dc93087f48f48a]",
                "[#id.eop-eur06.prod.example #time.245z #id]",
            ),
            (
                "at 07:48:37 try again in 300 seconds",
                "at #time try again in #n seconds",
            ),
            (
                "163 mx13,p8cowecpnvm_oevaenoeaq--.23796s3 1514512449",
                "163 mx13,p8cowecpnvm_oevaenoeaq--.23796s3 #id",
            ),
            (
                "550 5.7.511 (s3150) [tss04] ofr006_102 lpn007_102 (as16012609) bl000010",
                "550 5.7.511 (s3150) [tss04] ofr006_102 lpn007_102 (as16012609) bl000010",
            ),
            (
                "hl:rep c=r0301 no=1000722 con:b1 ib103 aup#in-1000 linkid=526655",
                "hl:rep c=r0301 no=1000722 con:b1 ib103 aup#in-1000 linkid=526655",
            ),
            ("554 security failure", "554 security failure"),
            ("550 minimum reputation", "550 minimum reputation"),
            (
                "in 7 hours, 30 sec, 5 minuten",
                "in #n hours, #n sec, #n minuten",
            ),
            ("ref 48213 at [7f3a9c] no 1234", "ref #id at [#id] no 1234"),
            ("listed (127.255.255.254)", "listed (127.255.255.254)"),
            ("<> #host #zone", "<> #host #zone"),
        ];
        for (text, expected) in rows {
            assert_eq!(mask(text), expected);
        }
    }

    proptest! {
        #[test]
        fn masking_is_idempotent(text in "[a-z0-9 .:#_<>-]{0,80}|\\PC{0,60}") {
            let once = mask(&text);
            prop_assert_eq!(mask(&once), once);
        }
    }
}
