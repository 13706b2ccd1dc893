//! Numbers as the kernel writes them: `16384256 kB`, `512`, `0.42`.
//!
//! A negative number that a driver or lxcfs prints as unsigned (`18446744073709551488 kB`, lxc/lxcfs#115) does not fit into bytes:
//! it becomes [`TOO_LARGE`], and whoever uses it decides what that means.

/// What a size becomes that does not fit into 64 bits.
pub const TOO_LARGE: u64 = u64::MAX;

/// The bytes of ` 16384256 kB` (1024 each) or of a bare number; `None` for anything else. No blank is needed before the unit.
pub fn bytes(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim_ascii_start() {
        b"" => 1,
        unit if unit.eq_ignore_ascii_case(b"kB") => 1024,
        _ => return None,
    };
    Some(digits_only(number)?.saturating_mul(factor))
}

/// A whole number without a unit, blanks around it allowed.
pub fn number(text: &[u8]) -> Option<u64> {
    digits_only(text.trim_ascii())
}

/// Hundredths of a decimal number with two places, `0.42` → 42, as PSI prints it; further places are cut.
pub fn hundredths(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii();
    let point = text.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = match point {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &b"0"[..]),
    };
    digits_only(fraction)?;
    let places = [0, 1].map(|at| fraction.get(at).map_or(0, |digit| u64::from(digit - b'0')));
    digits_only(whole)?
        .checked_mul(100)?
        .checked_add(places[0] * 10 + places[1])
}

/// ASCII digits, at least one; more than 64 bits become [`TOO_LARGE`].
fn digits_only(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(text.iter().fold(0_u64, |number, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, expected) in [
            (" 16384256 kB", Some(16_384_256 * 1024)),
            ("\t16384256\tkB\r", Some(16_384_256 * 1024)),
            ("10373888kB", Some(10_373_888 * 1024)),
            ("10 KB", Some(10_240)),
            ("1024", Some(1024)),
            ("0 kB", Some(0)),
            ("18446744073709551488 kB", Some(TOO_LARGE)),
            ("99999999999999999999999", Some(TOO_LARGE)),
            ("", None),
            ("kB", None),
            ("-1 kB", None),
            ("X kB", None),
            ("2 MB", None),
            ("1 GB", None),
            ("blerble 1 GB", None),
            ("32495256 kB trailing", None),
            ("1 2 kB", None),
            ("1.5 kB", None),
        ] {
            assert_eq!(bytes(text.as_bytes()), expected, "{text:?}");
        }
        assert_eq!(number(b" 15\n"), Some(15));
        assert_eq!(number(b"15 kB"), None);
    }

    #[test]
    fn two_places() {
        for (text, expected) in [
            ("0.10", Some(10)),
            ("3.85", Some(385)),
            ("100.00", Some(10_000)),
            ("7", Some(700)),
            ("7.5", Some(750)),
            ("7.999", Some(799)),
            ("", None),
            (".5", None),
            ("1.", None),
            ("-1.00", None),
            ("1.0x", None),
        ] {
            assert_eq!(hundredths(text.as_bytes()), expected, "{text:?}");
        }
    }
}
