//! Amounts of memory as they are shown: in one unit, cut to whole numbers as the original did, and as a share of the whole.

use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The unit of all amounts in the text. Perfdata is always in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    letter: char,
    bytes: u64,
}

/// Letter and bytes of each unit; the letters are the original's.
const UNITS: [Unit; 4] = [
    Unit::new('b', 1),
    Unit::new('K', 1 << 10),
    Unit::new('M', 1 << 20),
    Unit::new('G', 1 << 30),
];

impl Unit {
    const fn new(letter: char, bytes: u64) -> Self {
        Self { letter, bytes }
    }

    /// `4680M`: cut, not rounded, so that less is never shown as more.
    pub fn show(self, bytes: u64) -> String {
        format!("{}{}", bytes / self.bytes, self.letter)
    }

    /// `7984M`: a total, rounded, as it only says how large the machine is.
    pub fn show_total(self, bytes: u64) -> String {
        let half = self.bytes / 2;
        format!("{}{}", bytes.saturating_add(half) / self.bytes, self.letter)
    }

    /// Whether `bytes` is shown as more than 0.
    pub fn is_visible(self, bytes: u64) -> bool {
        bytes >= self.bytes
    }
}

impl FromStr for Unit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        UNITS
            .into_iter()
            .find(|unit| text.chars().eq([unit.letter]))
            .ok_or_else(|| String::from("the unit must be one of b, K, M or G, case-sensitive"))
    }
}

/// A share of a whole in tenths of a per cent, rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u64);

impl Share {
    /// `part` of `whole`; nothing of nothing is 0 %.
    pub fn of(part: u64, whole: u64) -> Self {
        let (part, whole) = (u128::from(part), u128::from(whole));
        let tenths = (part * 1000 + whole / 2).checked_div(whole).unwrap_or(0);
        Self(u64::try_from(tenths).unwrap_or(u64::MAX))
    }

    /// A bar of `#`, as long as this share of `width`. Anything but nothing is visible.
    pub fn bar(self, width: u64) -> String {
        let length = self.0.saturating_mul(width).saturating_add(500) / 1000;
        let least = u64::from(self.0 > 0);
        "#".repeat(length.clamp(least, width) as usize)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}%", self.0 / 10, self.0 % 10))
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0 as f64 / 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        for (unit, free, total) in [
            ("b", "4907630592b", "8371765248b"),
            ("K", "4792608K", "8175552K"),
            ("M", "4680M", "7984M"),
            ("G", "4G", "8G"),
        ] {
            let unit: Unit = unit.parse().unwrap();
            assert_eq!(unit.show(4_907_630_592), free);
            assert_eq!(unit.show_total(8_371_765_248), total);
        }
        let gib: Unit = "G".parse().unwrap();
        assert!(gib.is_visible(1 << 30) && !gib.is_visible((1 << 30) - 1));
        for text in ["", "B", "k", "m", "g", "T", "MM", "X"] {
            assert!(text.parse::<Unit>().is_err(), "{text}");
        }
    }

    #[test]
    fn shares() {
        for (part, whole, shown) in [
            (4_907_630_592, 8_371_765_248, "58.6%"),
            (0, 100, "0.0%"),
            (100, 100, "100.0%"),
            (1, 2000, "0.1%"),
            (1, 2001, "0.0%"),
            (5, 0, "0.0%"),
            (u64::MAX, u64::MAX, "100.0%"),
        ] {
            assert_eq!(Share::of(part, whole).to_string(), shown, "{part} {whole}");
        }
        for (part, bar) in [(0, ""), (1, "#"), (50, "#####"), (100, "##########")] {
            assert_eq!(Share::of(part, 100).bar(10), bar, "{part}");
        }
    }
}
