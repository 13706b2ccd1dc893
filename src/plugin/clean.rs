//! The only door through which text reaches the output.
//!
//! Log lines, SMTP replies, file names and process names are written by strangers. What harms is replaced, not dropped, so that
//! a reader sees that something was there: `|` would start perfdata, `;` becomes `:` in Nagios, `$` is expanded as a macro in
//! notifications, `<`, `>` and `&` are HTML in web interfaces, a backslash may begin `\n`, control and escape characters drive
//! terminals, and invisible or direction characters make one name look like another.

use std::borrow::Cow;
use std::fmt;

/// Text that may be printed on one line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clean(String);

/// What stands for a character that is not printed as it is.
fn substitute(c: char) -> char {
    match c {
        '|' | '\\' => '/',
        ';' => ',',
        '<' => '(',
        '>' => ')',
        '&' => '+',
        '$' => '?',
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{a0}' => ' ',
        _ if is_hidden(c) => '?',
        _ => c,
    }
}

/// Control characters, and characters that are invisible, change the direction of writing, stack on others or mean nothing to others.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{20d0}'..='\u{20ff}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{10ffff}')
}

/// What [`substitute`] leaves as it is, among the bytes of ASCII: most of what is printed.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'|' | b'\\' | b';' | b'<' | b'>' | b'&' | b'$')
}

impl Clean {
    /// Cleans one line of text. Blanks at both ends go. Idempotent.
    pub fn text(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        if Self::is_clean(text) {
            return Self(text.trim().to_owned());
        }
        let replaced: String = text.chars().map(substitute).collect();
        Self(replaced.trim().to_owned())
    }

    /// Whether text is printed as it is, because it is plain ASCII without anything harmful.
    pub fn is_clean(text: &str) -> bool {
        text.bytes().all(is_plain)
    }

    /// Cleans bytes; invalid UTF-8 becomes `?`.
    pub fn bytes(bytes: &[u8]) -> Self {
        Self::text(String::from_utf8_lossy(bytes))
    }

    /// Cleans a foreign word or sentence and cuts it to `limit` characters, the last of them `…`.
    pub fn short(text: &str, limit: usize) -> Self {
        if text.len() <= limit {
            return Self::text(text);
        }
        // Cut first: a name may be a megabyte long.
        let head: String = text.chars().take(limit + 1).collect();
        let cleaned = Self::text(head);
        if cleaned.0.chars().count() <= limit {
            return cleaned;
        }
        let mut cut: String = cleaned.0.chars().take(limit.saturating_sub(1)).collect();
        cut.push('…');
        Self(cut)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text cut to at most `bytes` bytes, at a character's edge, ending in `…` where something is missing.
    pub fn fit(&self, bytes: usize) -> Cow<'_, str> {
        if self.0.len() <= bytes {
            return Cow::Borrowed(&self.0);
        }
        let ellipsis = '…';
        let mut end = bytes.saturating_sub(ellipsis.len_utf8());
        while !self.0.is_char_boundary(end) {
            end -= 1;
        }
        let mut cut = self.0[..end].trim_end().to_owned();
        if bytes >= ellipsis.len_utf8() {
            cut.push(ellipsis);
        }
        Cow::Owned(cut)
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::shell;
    use proptest::prelude::*;

    #[test]
    fn attacks() {
        for (name, dirty, clean) in [
            (
                "plain",
                "sendgrid.net (579, worst 9h12m)",
                "sendgrid.net (579, worst 9h12m)",
            ),
            ("perfdata", "a | senders=0;0;0", "a / senders=0,0,0"),
            ("macro", "$HOSTADDRESS$ $(id)", "?HOSTADDRESS? ?(id)"),
            (
                "html",
                "<script>alert(1)</script>&amp;",
                "(script)alert(1)(/script)+amp,",
            ),
            ("escape", "\u{1b}[31mred\u{7}", "?[31mred?"),
            ("newline", "a\nOK\r\nb\tc", "a OK  b c"),
            ("backslash-n", "a\\nb", "a/nb"),
            ("nul", "a\0b", "a?b"),
            ("bidi", "\u{202e}moc.elgoog\u{2066}", "?moc.elgoog?"),
            ("zero width", "goo\u{200b}gle\u{feff}", "goo?gle?"),
            ("line separator", "a\u{2028}b\u{85}c", "a b c"),
            ("leading blank", "  \n x ", "x"),
            (
                "umlauts stay",
                "Boîte pleine – réessayez",
                "Boîte pleine – réessayez",
            ),
            ("stacked", "a\u{301}\u{489}", "a?\u{489}"),
        ] {
            assert_eq!(Clean::text(dirty).as_str(), clean, "{name}");
        }
        assert_eq!(Clean::bytes(b"a\xff\xfeb").as_str(), "a??b");
    }

    #[test]
    fn cuts() {
        assert_eq!(Clean::short("abcdef", 6).as_str(), "abcdef");
        assert_eq!(Clean::short("abcdefg", 6).as_str(), "abcde…");
        assert_eq!(
            Clean::short(&"x".repeat(1 << 20), 10)
                .as_str()
                .chars()
                .count(),
            10
        );
        assert_eq!(Clean::text("abcdefghij").fit(8), "abcde…");
        assert_eq!(Clean::text("äöüäöü").fit(8), "äö…");
        assert_eq!(Clean::text("abc").fit(3), "abc");
        assert_eq!(Clean::text("abc").fit(1), "");
    }

    #[test]
    fn clean_text_is_known_and_padded() {
        for (text, clean) in [
            ("mx.example (3)", true),
            ("", true),
            ("a|b", false),
            ("ä", false),
        ] {
            assert_eq!(Clean::is_clean(text), clean, "{text}");
        }
        assert_eq!(format!("[{:>4}]", Clean::text("a|b")), "[ a/b]");
    }

    /// A command that is printed must reach the shell as it is: `host::shell` makes none of anything else.
    #[test]
    fn what_commands_are_made_of_stays() {
        for c in char::MIN..=char::MAX {
            assert!(!shell::is_kept(c) || substitute(c) == c, "{c:?}");
        }
    }

    #[test]
    fn plain_bytes_are_those_that_stay() {
        for byte in 0..=127_u8 {
            let stays = substitute(char::from(byte)) == char::from(byte);
            assert_eq!(is_plain(byte), stays, "{byte}");
        }
        assert!(!is_plain(0x80));
    }

    proptest! {
        #[test]
        fn nothing_harmful_remains_and_cleaning_is_idempotent(text in any::<String>()) {
            let clean = Clean::text(&text);
            prop_assert!(!clean.as_str().chars().any(|c| "|;$<>&\\".contains(c) || c.is_control()));
            prop_assert!(!clean.as_str().starts_with(' '));
            prop_assert_eq!(&Clean::text(clean.as_str()), &clean);
        }

        #[test]
        fn fitting_fits(text in any::<String>(), bytes in 0usize..40) {
            prop_assert!(Clean::text(text).fit(bytes).len() <= bytes);
        }
    }
}
