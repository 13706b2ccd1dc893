//! A quick key for a reply as it came: what a rule cannot see is left out, nothing else is.
//!
//! One pass over the bytes and one buffer for all replies, because a queue has a hundred thousand of them. Words without digits and
//! full stops are kept as they are; a word with digits can be an address, an id or a time, and is masked as the normalised text
//! would be; names of hosts get their stand-ins as in [`super::echo`]. Of an echoed mailbox nothing is left; of the server's name
//! only whose it is.

use super::address::{self, Found};
use super::echo;
use super::head::{Head, Stage};
use super::mask;
use super::names::{self, Names};
use std::borrow::Cow;

/// No shorter word is an address, an id or a time.
const SHORT: usize = 5;

/// The key of a reply, and the addresses in it.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    /// Two replies with the same key get the same verdict, but for our address and the server's name.
    pub(super) key: String,
    /// As [`address::addresses`] finds them in the head's reply.
    pub(super) found: Vec<Found>,
}

/// Where the pass is: behind `at`, in a web address or not.
struct Place {
    at: usize,
    web: bool,
}

impl Sketch {
    /// Sketches the reply behind a head; what was sketched before is forgotten.
    pub(super) fn draw(&mut self, head: &Head<'_>, names: &Names) {
        self.key.clear();
        self.found.clear();
        self.server(head, names);
        let mut place = Place {
            at: self.silence(head, names),
            web: false,
        };
        while place.at < head.reply.len() {
            self.step(head.reply, &mut place, names);
        }
    }

    /// Whose server it is, and the stage.
    fn server(&mut self, head: &Head<'_>, names: &Names) {
        let provider = head.host.and_then(|host| names.provider(&lower(host)));
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
        let Some(stand_in) = names.stand_in(&lower(host)) else {
            return 0;
        };
        self.key
            .push_str(head.reply.get(..start).unwrap_or_default());
        self.key.push_str(stand_in);
        start + host.len()
    }

    /// Takes what stands between two words, or a word, or an echo.
    fn step(&mut self, text: &str, place: &mut Place, names: &Names) {
        let rest = text.get(place.at..).unwrap_or_default();
        if let Some(end) = mailbox(rest) {
            self.key.push_str("<>");
            place.at += end;
            return;
        }
        let bytes = rest.as_bytes();
        if !bytes.first().is_some_and(|b| in_word(*b)) {
            let end = bytes.iter().skip(1).position(|b| in_word(*b) || *b == b'<');
            let end = end.map_or(rest.len(), |end| end + 1);
            self.between(rest.get(..end).unwrap_or_default(), place);
            return;
        }
        // `550-mx.a.example` is a code and a name.
        let code =
            matches!(bytes, [a, b, c, b'-', ..] if [a, b, c].iter().all(|b| b.is_ascii_digit()));
        let bytes = if code {
            bytes.get(..4).unwrap_or(bytes)
        } else {
            bytes
        };
        let (length, marks) = Marks::of(bytes);
        let (word, behind) = rest.split_at(length);
        self.word((word, marks), behind, place, names);
        place.at += length;
    }

    fn between(&mut self, text: &str, place: &mut Place) {
        if text.starts_with("//") && self.key.ends_with(':') {
            place.web = true;
        } else if text.bytes().any(|b| matches!(b, b' ' | b'?')) {
            place.web = false;
        }
        self.key.push_str(text);
        place.at += text.len();
    }

    fn word(&mut self, (word, marks): (&str, Marks), behind: &str, place: &Place, names: &Names) {
        let stop = marks.has(STOP) && word.len() >= SHORT && marks.has(LETTER);
        if stop && !marks.has(JOINT) && self.host(word, behind, place, names) {
            return;
        }
        if marks.0 == DIGIT && word.len() < 8 && mask::counts_time(behind) {
            self.key.push_str(mask::COUNT);
        } else if !(marks.has(JOINT) && word.contains("::"))
            && (word.len() < SHORT || !marks.has(DIGIT))
        {
            self.key.push_str(word);
        } else {
            self.masked(word, place.at);
        }
    }

    /// The stand-in of a host's name, as the normalised text has it. Names of blocklists stay: a verdict may name them.
    fn host(&mut self, word: &str, behind: &str, place: &Place, names: &Names) -> bool {
        let page = place.web && self.key.ends_with('/');
        let whole = !behind.starts_with(['@', '+']) && !self.key.ends_with(['@', '+']);
        let name = match page {
            true => echo::without_page_end(word),
            false => word.trim_end_matches('.'),
        };
        if !whole || names.stand_in(&lower(name)) != Some(names::HOST) {
            return false;
        }
        self.key.push_str(names::HOST);
        if !page {
            self.key
                .push_str(word.get(name.len()..).unwrap_or_default());
        }
        true
    }

    fn masked(&mut self, word: &str, at: usize) {
        let first = self.found.len();
        self.found.extend(address::addresses(word));
        let found = self.found.get_mut(first..).unwrap_or_default();
        mask::mask_into(&mut self.key, word, found);
        for found in found {
            found.at = found.at.start + at..found.at.end + at;
        }
    }
}

/// What the bytes of a word are; 0 is not in a word. A word holds the bytes of addresses, ids and times, and those that would join
/// one to a longer word.
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const STOP: u8 = 4;
/// With `:` or `#` it is more than a name.
const JOINT: u8 = 8;
const DASH: u8 = 16;

const KINDS: [u8; 256] = kinds();

const fn kinds() -> [u8; 256] {
    let mut kinds = [0; 256];
    let mut at = 0;
    while at < 128 {
        kinds[at] = match at as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'.' => STOP,
            b':' | b'#' => JOINT,
            b'-' | b'_' => DASH,
            _ => 0,
        };
        at += 1;
    }
    kinds
}

fn kind(b: u8) -> u8 {
    KINDS[usize::from(b)]
}

/// What a word is made of.
#[derive(Clone, Copy)]
struct Marks(u8);

impl Marks {
    /// The length of the word at the start, and its marks.
    fn of(bytes: &[u8]) -> (usize, Self) {
        let mut marks = 0;
        for (at, b) in bytes.iter().enumerate() {
            match kind(*b) {
                0 => return (at, Self(marks)),
                kind => marks |= kind,
            }
        }
        (bytes.len(), Self(marks))
    }

    fn has(self, mark: u8) -> bool {
        self.0 & mark != 0
    }
}

/// Small letters; borrowed where they are small already.
fn lower(name: &str) -> Cow<'_, str> {
    match name.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
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

fn in_word(b: u8) -> bool {
    kind(b) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(reason: &str) -> Sketch {
        let mut sketch = Sketch::default();
        sketch.draw(&Head::of(reason), &Names::builtin().unwrap());
        sketch
    }

    fn key(reason: &str) -> String {
        sketch(reason).key
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
                "550 <http://a@b.example/x>: no",
                "550 <http://a@b.example/y>: no",
                false,
            ),
            (
                "hosts in the text and in web addresses",
                "550 no, mx.a.example, see http://www.a.example/help/c.example.html?d=e.example.",
                "550 no, mx.b.example, see http://www.b.example/help/d.example.html?d=f.example.",
                true,
            ),
            (
                "names of our tables",
                "550 see http://www.spamhaus.org/x",
                "550 see http://www.spamcop.net/x",
                false,
            ),
            (
                "names that look like a list",
                "550 listed by rbl.a.example",
                "550 listed by rbl.b.example",
                false,
            ),
            (
                "status codes before a name",
                "554-a.example no",
                "451-a.example no",
                false,
            ),
            (
                "counted time",
                "451 in 243 seconds",
                "451 in 17 seconds",
                true,
            ),
            ("numbers", "550 no (ref 48213)", "550 no (ref 59177)", true),
            ("named numbers", "550 no=1000722", "550 no=1000723", false),
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
            assert_eq!(sketch(reply).found, address::addresses(reply), "{reply}");
        }
    }
}
