//! Exact decimal numbers for ranges and perfdata: no float takes part in a comparison, and what was typed is what is printed.

use std::fmt;
use std::ops::Sub;
use std::str::FromStr;

/// Billionths in one.
const ONE: i128 = 1_000_000_000;
/// Digits behind the point.
const PLACES: usize = 9;
/// Digits before the point: enough for every u64.
const WHOLE: usize = 20;

/// A decimal number with up to 20 digits before and 9 behind the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Decimal(i128);

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal(0);

    /// `numerator / denominator`, rounded to the nearest billionth; zero where the denominator is zero.
    pub fn ratio(numerator: i128, denominator: i128) -> Self {
        if denominator == 0 {
            return Self::ZERO;
        }
        let scaled = numerator.saturating_mul(ONE);
        let half = denominator.abs() / 2;
        let rounded = if (scaled < 0) == (denominator < 0) {
            scaled + half * denominator.signum()
        } else {
            scaled - half * denominator.signum()
        };
        Self(rounded / denominator)
    }

    /// The number times `factor / divisor`, rounded to the nearest billionth: `50 % of total` is `50.scaled(total, 100)`.
    pub fn scaled(self, factor: u64, divisor: u64) -> Self {
        if divisor == 0 {
            return Self::ZERO;
        }
        let product = self.0.saturating_mul(i128::from(factor));
        let half = i128::from(divisor) / 2 * product.signum();
        Self((product.saturating_add(half)) / i128::from(divisor))
    }

    /// Rounded half away from zero to `places` digits behind the point.
    pub fn round(self, places: u32) -> Self {
        let unit = 10_i128.pow((PLACES as u32).saturating_sub(places));
        let half = unit / 2 * self.0.signum();
        Self((self.0 + half) / unit * unit)
    }

    /// The whole part, towards zero.
    pub fn whole(self) -> i128 {
        self.0 / ONE
    }
}

impl From<u64> for Decimal {
    fn from(value: u64) -> Self {
        Self(i128::from(value) * ONE)
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self(i128::from(value) * ONE)
    }
}

impl Sub for Decimal {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl FromStr for Decimal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is not a plain decimal number");
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) {
            return Err(wrong());
        }
        if whole.len() > WHOLE || fraction.len() > PLACES {
            return Err(format!(
                "'{text}' has too many digits ({WHOLE} before and {PLACES} behind the point are possible)"
            ));
        }
        let billionths: i128 = format!("{whole}{fraction:0<PLACES$}")
            .parse()
            .map_err(|_| wrong())?;
        Ok(Self(if negative { -billionths } else { billionths }))
    }
}

impl fmt::Display for Decimal {
    /// Plain digits, no exponent, no zeros at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.abs() / ONE, self.0.abs() % ONE);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{fraction:0>PLACES$}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_number() {
        for (text, printed) in [
            ("0", "0"),
            ("10", "10"),
            ("-5", "-5"),
            ("0.5", "0.5"),
            ("-0.50", "-0.5"),
            ("007", "7"),
            ("18446744073709551615", "18446744073709551615"),
            ("1.000000001", "1.000000001"),
            ("-0", "0"),
        ] {
            assert_eq!(
                text.parse::<Decimal>().unwrap().to_string(),
                printed,
                "{text}"
            );
        }
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "+1",
            "1e3",
            "inf",
            "nan",
            "0x10",
            "1,5",
            "1_000",
            " 1",
            "1 ",
            "1.0000000001",
            "123456789012345678901",
            "--1",
            "١",
        ] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    #[test]
    fn order_and_ratio() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        assert!(number("0.3") > number("0.299999999"));
        assert!(number("-2") < number("-1.5"));
        assert_eq!(Decimal::ratio(1, 3).to_string(), "0.333333333");
        assert_eq!(Decimal::ratio(-2, 3).to_string(), "-0.666666667");
        assert_eq!(Decimal::ratio(2, 0), Decimal::ZERO);
        assert_eq!(
            number("50.5").scaled(8_371_765_248, 100).to_string(),
            "4227741450.24"
        );
        assert_eq!(number("58.6195").round(1).to_string(), "58.6");
        assert_eq!(number("58.65").round(1).to_string(), "58.7");
        assert_eq!(number("58.65").whole(), 58);
        assert_eq!((number("2") - number("2.5")).to_string(), "-0.5");
    }
}
