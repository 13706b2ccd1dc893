//! One end of a threshold: a percentage, a size with its unit, or a number of bytes. Units are powers of 1024, with or without `iB`.

use crate::plugin::decimal::Decimal;
use std::cmp::Ordering;
use std::str::FromStr;

/// One end of a threshold, as typed and as a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// As typed.
    pub text: String,
    /// How much.
    pub amount: Amount,
}

/// How much, of what is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Bytes.
    Bytes(Decimal),
    /// Per cent of the total.
    Percent(Decimal),
}

/// Letters and powers of 1024.
const UNITS: [(&str, u32); 5] = [("B", 0), ("K", 1), ("M", 2), ("G", 3), ("T", 4)];

/// Whether each of `these` lies so to one of `those` of its kind. Of a percentage and a size the machine decides which one counts, so
/// that a pair is known to lie above or below another only where both of its parts do.
pub fn each_is(these: &[Amount], order: Ordering, those: &[Amount]) -> bool {
    let lies_so = |this: &Amount| those.iter().any(|that| compared(this, that) == Some(order));
    !these.is_empty() && these.iter().all(lies_so)
}

fn compared(this: &Amount, that: &Amount) -> Option<Ordering> {
    match (this, that) {
        (Amount::Bytes(this), Amount::Bytes(that))
        | (Amount::Percent(this), Amount::Percent(that)) => this.partial_cmp(that),
        _ => None,
    }
}

impl Bound {
    /// A percentage, its sign given or not.
    ///
    /// # Errors
    /// Where it is no number from 0 to 100.
    pub fn share(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix('%').unwrap_or(text);
        let (amount, text) = (percent(number)?, format!("{number}%"));
        Ok(Self { text, amount })
    }

    /// In bytes, of `total` bytes.
    pub fn of(&self, total: u64) -> Decimal {
        match self.amount {
            Amount::Bytes(bytes) => bytes,
            Amount::Percent(percent) => percent.scaled(total, 100),
        }
    }

    /// Whether it is a percentage.
    pub fn is_percent(&self) -> bool {
        matches!(self.amount, Amount::Percent(_))
    }

    /// Whether it is more than a bare number.
    pub fn has_unit(&self) -> bool {
        self.text.ends_with(|c: char| !c.is_ascii_digit())
    }
}

impl FromStr for Bound {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let amount = match text.strip_suffix('%') {
            Some(number) => percent(number)?,
            None => size(text)?,
        };
        let text = text.to_owned();
        Ok(Self { text, amount })
    }
}

fn percent(number: &str) -> Result<Amount, String> {
    let percent = decimal(number)?;
    if percent < Decimal::ZERO || percent > Decimal::from(100_u64) {
        return Err(format!("{number}% is not between 0% and 100%"));
    }
    Ok(Amount::Percent(percent))
}

/// A number and perhaps a unit of 1024: `2G`, `2g`, `2GB` and `2GiB` are the same.
fn size(text: &str) -> Result<Amount, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text[digits.len()..].to_ascii_uppercase();
    let letter = match unit.strip_suffix("IB").or_else(|| unit.strip_suffix('B')) {
        Some("") | None => &*unit,
        Some(letter) => letter,
    };
    let power = match UNITS.iter().find(|(name, _)| *name == letter) {
        Some((_, power)) => *power,
        None if unit.is_empty() => 0,
        None => return Err(format!("'{text}' has no unit of B, K, M, G or T")),
    };
    let bytes = decimal(digits)?.scaled(1 << (10 * power), 1);
    if bytes < Decimal::ZERO || bytes > Decimal::from(u64::MAX) {
        return Err(format!("'{text}' is no size of memory"));
    }
    Ok(Amount::Bytes(bytes))
}

fn decimal(text: &str) -> Result<Decimal, String> {
    match text {
        "" => Err(String::from("there is no number")),
        text => text.parse(),
    }
}
