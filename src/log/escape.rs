//! Text of several lines or letters as programs write it in one line of ASCII: behind a backslash stands what it was.
//!
//! What the escapes are is each program's own; that bytes in octal have three digits is Exim's `string_printing` and vis(3).

/// The text as it was. `escape` tells what stands behind a backslash: the byte, and how long it is there; what it does not know stays
/// as it is. A control character is worth no more than a blank: it would only do harm where the text is shown.
pub fn unescaped(text: &str, escape: impl Fn(&[u8]) -> Option<(u8, usize)>) -> String {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let escaped = (*first == b'\\').then(|| escape(behind)).flatten();
        let (byte, taken) = escaped.map_or((*first, 0), |(byte, taken)| (visible(byte), taken));
        plain.push(byte);
        rest = behind.get(taken..).unwrap_or_default();
    }
    String::from_utf8_lossy(&plain).into_owned()
}

fn visible(byte: u8) -> u8 {
    if byte.is_ascii_control() { b' ' } else { byte }
}

/// The byte that three octal digits stand for, and their length: of `\303\251`, an é in UTF-8, each byte is written so.
pub fn octal(digits: &[u8]) -> Option<(u8, usize)> {
    let [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] = digits else {
        return None;
    };
    Some((((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'), 3))
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
            let byte = octal(digits.as_bytes()).map(|(byte, _)| byte);
            assert_eq!(byte, expected, "{digits}");
        }
    }

    #[test]
    fn texts() {
        for (text, expected) in [
            (r"bloqu\303\251e", "bloquée"),
            (r"one\012two\033[31m\177", "one two [31m "),
            (r"\377\", "\u{fffd}\\"),
            (r"C:\x \9", r"C:\x \9"),
            ("", ""),
        ] {
            assert_eq!(unescaped(text, octal), expected, "{text}");
        }
    }
}
