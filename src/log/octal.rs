//! Bytes that programs write in octal: of `\303\251`, an é in UTF-8, each byte is a backslash and three digits.

/// The byte that the three digits at the start of `digits` stand for.
pub fn byte(digits: &[u8]) -> Option<u8> {
    let [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] = digits else {
        return None;
    };
    Some(((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes() {
        for (digits, expected) in [
            ("303\\251", Some(0xc3)),
            ("377", Some(0xff)),
            ("000", Some(0)),
            ("400", None),
            ("38", None),
            ("389", None),
            ("", None),
        ] {
            assert_eq!(byte(digits.as_bytes()), expected, "{digits}");
        }
    }
}
