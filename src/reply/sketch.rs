//! A quick key for a reply as it came: what a rule cannot see is left out, nothing else is.
//!
//! One pass over the bytes, because a queue has a hundred thousand replies. Words without digits, and short ones, are kept as they
//! are; only a long word with digits can be an address, an id or a time, and is masked as the normalised text would be. Of an echoed
//! mailbox in `<>` nothing is left, as in [`super::echo`]; of the server's name only whose it is.

use super::address::{self, Found};
use super::head::{Head, Stage};
use super::mask;
use super::names::Names;

/// No shorter word is an address, an id or a time.
const SHORT: usize = 6;

/// The key of a reply, and the addresses in it.
pub(super) struct Sketch {
    /// Two replies with the same key get the same verdict, but for our address and the server's name.
    pub(super) key: String,
    /// As [`address::addresses`] finds them in the head's reply.
    pub(super) found: Vec<Found>,
}

impl Sketch {
    /// The sketch of a reply behind its head.
    pub(super) fn of(head: &Head<'_>, names: &Names) -> Self {
        let mut sketch = Sketch {
            key: String::with_capacity(head.reply.len() + 40),
            found: Vec::new(),
        };
        sketch.server(head, names);
        let mut at = sketch.silence(head, names);
        while at < head.reply.len() {
            at = sketch.step(head.reply, at);
        }
        sketch
    }

    /// Whose server it is, and the stage.
    fn server(&mut self, head: &Head<'_>, names: &Names) {
        let lower = head.host.map(str::to_ascii_lowercase);
        let provider = lower.as_deref().and_then(|host| names.provider(host));
        self.key
            .push_str(provider.map_or("", |provider| &provider.name));
        self.key.push_str(match head.stage {
            Stage::Greeting => "\ngreeting ",
            Stage::After(_) => "\nafter ",
            Stage::Told => "\ntold ",
        });
        if let Stage::After(command) = head.stage {
            self.key.push_str(command);
            self.key.push('\n');
        }
    }

    /// Where no reply came the server's name is part of the text: it is cut as an echo is. Gives where the rest begins.
    fn silence(&mut self, head: &Head<'_>, names: &Names) -> usize {
        let (Some(host), Some(start)) =
            (head.host, head.host.and_then(|host| head.reply.find(host)))
        else {
            return 0;
        };
        // Behind a head that was split off a name is an echo like any other.
        if head.reply.as_bytes().get(start + host.len()) != Some(&b'[') {
            return 0;
        }
        let Some(stand_in) = names.stand_in(&host.to_ascii_lowercase()) else {
            return 0;
        };
        self.key
            .push_str(head.reply.get(..start).unwrap_or_default());
        self.key.push_str(stand_in);
        start + host.len()
    }

    /// Takes what stands between two words, or a word, or an echo.
    fn step(&mut self, text: &str, at: usize) -> usize {
        let rest = text.get(at..).unwrap_or_default();
        if let Some(end) = mailbox(rest) {
            self.key.push_str("<>");
            return at + end;
        }
        let bytes = rest.as_bytes();
        if !bytes.first().is_some_and(|b| in_word(*b)) {
            let end = bytes.iter().skip(1).position(|b| in_word(*b) || *b == b'<');
            let end = end.map_or(rest.len(), |end| end + 1);
            self.key.push_str(rest.get(..end).unwrap_or_default());
            return at + end;
        }
        let end = bytes.iter().position(|b| !in_word(*b));
        let end = end.unwrap_or(rest.len());
        self.word(rest.get(..end).unwrap_or_default(), at);
        at + end
    }

    fn word(&mut self, word: &str, at: usize) {
        let has = |kind: fn(&u8) -> bool| word.as_bytes().iter().any(kind);
        let compressed = has(|b| *b == b':') && word.contains("::");
        if !compressed && (word.len() < SHORT || !has(u8::is_ascii_digit)) {
            self.key.push_str(word);
            return;
        }
        let found = address::addresses(word);
        self.key.push_str(&mask::mask_found(word, &found));
        let moved = found.into_iter().map(|found| Found {
            at: found.at.start + at..found.at.end + at,
            ..found
        });
        self.found.extend(moved);
    }
}

/// The length of `<user@domain>` at the start of the text. One with an address in it may name ours.
fn mailbox(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    let end = inner
        .bytes()
        .position(|b| matches!(b, b'>' | b' ' | b'<'))?;
    let echo = inner.get(..end)?;
    let cut = inner.as_bytes().get(end) == Some(&b'>')
        && echo.contains('@')
        && !echo.contains('[')
        && !echo.contains("://")
        && address::addresses(echo).is_empty();
    cut.then_some(end + 2)
}

/// The bytes of addresses, ids and times, and those that would join one to a longer word.
fn in_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'.' | b':' | b'-' | b'_' | b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(reason: &str) -> String {
        Sketch::of(&Head::of(reason), &Names::builtin().unwrap()).key
    }

    #[test]
    fn what_rules_cannot_see_is_left_out() {
        for (name, one, other, same) in [
            (
                "addresses",
                "host a.example[192.0.2.1] said: 550 [203.0.113.7] no",
                "host a.example[192.0.2.9] said: 550 [203.0.113.9] no",
                true,
            ),
            (
                "servers of nobody we know",
                "host a.example[192.0.2.1] said: 550 no",
                "host b.example[192.0.2.1] said: 550 no",
                true,
            ),
            (
                "servers of a provider",
                "host a.example[192.0.2.1] said: 550 no",
                "host mx.l.google.com[192.0.2.1] said: 550 no",
                false,
            ),
            (
                "stages",
                "host a.example[192.0.2.1] said: 550 no",
                "host a.example[192.0.2.1] refused to talk to me: 550 no",
                false,
            ),
            (
                "echoes",
                "550 <a@b.example>: no",
                "550 <c.d@e.example>: no",
                true,
            ),
            (
                "web addresses",
                "550 <http://a@b.example>: no",
                "550 <http://a@c.example>: no",
                false,
            ),
            (
                "silent servers",
                "connect to a.example[192.0.2.1]:25: Connection timed out",
                "connect to b.example[192.0.2.9]:25: Connection timed out",
                true,
            ),
            (
                "ids",
                "550 no 5b1f17b1804b1-42f4e7a1d2asi12.230 - gsmtp",
                "550 no 6c1f17b1804b1-42f4e7a1d2asi99.17 - gsmtp",
                true,
            ),
            (
                "codes of providers",
                "550 no (S3150)",
                "550 no (S3140)",
                false,
            ),
            ("status codes", "550 5.7.511 no", "550 5.7.606 no", false),
            (
                "Yahoo's codes",
                "421 4.7.0 [TSS04] no",
                "421 4.7.0 [TSS05] no",
                false,
            ),
            (
                "answers of lists",
                "550 no 127.255.255.254",
                "550 no 127.0.0.2",
                false,
            ),
        ] {
            assert_eq!(key(one) == key(other), same, "{name}");
        }
    }

    #[test]
    fn addresses_are_those_of_the_whole_text() {
        for reply in [
            "550 IP=203.0.113.7 - no",
            "550 [IPv6:2001:db8::7] v4.16.55.1 b203.0.113.7x 203.0.113.8.",
            "550 ip:203.0.113.9: x 203.0.113.7-static.example",
        ] {
            let sketch = Sketch::of(&Head::of(reply), &Names::builtin().unwrap());
            assert_eq!(sketch.found, address::addresses(reply), "{reply}");
        }
    }
}
