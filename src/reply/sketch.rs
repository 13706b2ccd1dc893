//! A quick key for a reply as it came: what a rule cannot see is left out, nothing else is.
//!
//! One pass over the bytes and one buffer for all replies, because a queue has a hundred thousand of them. Words without digits and
//! full stops are kept as they are; a word with digits can be an address, an id or a time, and is masked as the normalised text
//! would be; names of hosts get their stand-ins as in [`super::echo`]. Of an echoed mailbox nothing is left; of the server's name
//! only whose it is.

use super::address::{self, Found};
use super::echo;
use super::head::{Head, Stage};
use super::lister;
use super::marks::{DASH, DIGIT, JOINT, LETTER, Marks, SHORT, STOP, in_word, kind};
use super::mask;
use super::names::{self, Names};
use hashbrown::HashMap;
use memchr::memmem;
use std::borrow::Cow;

/// Names that are remembered: strangers choose them.
const MOST_NAMES: usize = 20_000;

/// The key of a reply, and the addresses in it.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    /// Two replies with the same key get the same verdict, but for our address and the server's name.
    pub(super) key: String,
    /// As [`address::addresses`] finds them in the head's reply.
    pub(super) found: Vec<Found>,
    /// The server that replied; empty where it is not known.
    server: String,
    /// Whether a name gives way to the stand-in of a host.
    hosts: HashMap<String, bool>,
    /// Whose a server is; empty where we know nobody.
    providers: HashMap<String, String>,
}

/// Where the pass is.
#[derive(Default)]
struct Place {
    /// Up to here the reply was looked at.
    at: usize,
    /// Up to here it is in the key.
    kept: usize,
}

impl Sketch {
    /// Sketches the reply behind a head; what was sketched before is forgotten.
    pub(super) fn draw(&mut self, head: &Head<'_>, names: &Names) {
        self.key.clear();
        self.found.clear();
        self.server.clear();
        self.server.push_str(head.host.unwrap_or_default());
        self.server(head, names);
        let mut place = Place::default();
        while place.go_on(head.reply) {
            self.step(head.reply, &mut place, names);
        }
        self.keep(head.reply, &mut place, 0);
    }

    /// Whose server it is, and the stage.
    fn server(&mut self, head: &Head<'_>, names: &Names) {
        if let Some(host) = head.host {
            self.provider(host, names);
        }
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

    fn provider(&mut self, host: &str, names: &Names) {
        if let Some(known) = self.providers.get(host) {
            self.key.push_str(known);
            return;
        }
        let provider = names.provider(&lower(host));
        let provider = provider.map_or("", |provider| &provider.name);
        self.key.push_str(provider);
        if self.providers.len() < MOST_NAMES {
            self.providers.insert(host.to_owned(), provider.to_owned());
        }
    }

    /// Takes what was looked at over as it is; the next `skipped` bytes are left out.
    fn keep(&mut self, text: &str, place: &mut Place, skipped: usize) {
        let plain = text.get(place.kept..place.at).unwrap_or_default();
        self.key.push_str(plain);
        place.at += skipped;
        place.kept = place.at;
    }

    fn replace(&mut self, text: &str, place: &mut Place, skipped: usize, stand_in: &str) {
        self.keep(text, place, skipped);
        self.key.push_str(stand_in);
    }

    /// Looks at an echo, or at a word that may be masked.
    fn step(&mut self, text: &str, place: &mut Place, names: &Names) {
        let rest = text.get(place.at..).unwrap_or_default();
        if rest.starts_with('<') {
            match mailbox(rest) {
                Some(end) => self.replace(text, place, end, "<>"),
                None => place.at += 1,
            }
            return;
        }
        let bytes = rest.as_bytes();
        // `550-mx.a.example` is a code and a name.
        let code =
            matches!(bytes, [a, b, c, b'-', ..] if [a, b, c].iter().all(|b| b.is_ascii_digit()));
        if code {
            place.at += 4;
        } else {
            self.word(text, Marks::of(bytes), place, names);
        }
    }

    fn word(
        &mut self,
        text: &str,
        (length, marks): (usize, Marks),
        place: &mut Place,
        names: &Names,
    ) {
        let rest = text.get(place.at..).unwrap_or_default();
        let (word, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let stop = marks.has(STOP) && length >= SHORT && marks.has(LETTER);
        if stop && !marks.has(JOINT) && self.host(text, word, place, names) {
            return;
        }
        if marks.only(DIGIT) && length < 8 && mask::counts_time(behind) {
            self.replace(text, place, length, mask::COUNT);
        } else if marks.is_plain(word) {
            place.at += length;
        } else {
            self.masked(text, (word, marks), place);
        }
    }

    /// The stand-in of a host's name, as the normalised text has it. Names of blocklists stay: a verdict may name them.
    fn host(&mut self, text: &str, word: &str, place: &mut Place, names: &Names) -> bool {
        let joined = |b: Option<u8>| matches!(b, Some(b'@' | b'+'));
        let behind = text.as_bytes().get(place.at + word.len()).copied();
        let before = place.before(text);
        let name = match before == Some(b'/') && place.in_web(text) {
            true => echo::without_page_end(word),
            false => word.trim_end_matches('.'),
        };
        if joined(before) || joined(behind) || !self.is_host(name, names) {
            return false;
        }
        if self.is_lister(text, name, place) {
            place.at += word.len();
            return true;
        }
        let page = name.len() < word.len() && !word.ends_with('.');
        let skipped = if page { word.len() } else { name.len() };
        self.replace(text, place, skipped, names::HOST);
        place.at += word.len() - skipped;
        true
    }

    /// Behind words that may make it the name of a list the name stays, for a verdict may name it; whether it is a host's all the same is part
    /// of the key.
    fn is_lister(&mut self, text: &str, name: &str, place: &mut Place) -> bool {
        let lister = lister::may_be_behind(text.get(..place.at).unwrap_or_default());
        let server = Some(self.server.as_str()).filter(|server| !server.is_empty());
        if lister && lister::is_a_host(name, server, text) {
            self.replace(text, place, 0, "\n");
        }
        lister
    }

    fn is_host(&mut self, name: &str, names: &Names) -> bool {
        if let Some(known) = self.hosts.get(name) {
            return *known;
        }
        let is_host = names.stand_in(&lower(name)) == Some(names::HOST);
        if self.hosts.len() < MOST_NAMES {
            self.hosts.insert(name.to_owned(), is_host);
        }
        is_host
    }

    fn masked(&mut self, text: &str, (word, marks): (&str, Marks), place: &mut Place) {
        let (at, first) = (place.at, self.found.len());
        self.keep(text, place, word.len());
        if marks.has(STOP | JOINT) {
            address::find(word, &mut self.found);
        }
        let found = self.found.get_mut(first..).unwrap_or_default();
        mask::mask_into(&mut self.key, word, found);
        for found in found {
            found.at = found.at.start + at..found.at.end + at;
        }
    }
}

impl Place {
    /// Goes to the next echo, or to the start of the next word with more than letters and dashes in it; says whether there is one.
    fn go_on(&mut self, text: &str) -> bool {
        let bytes = text.as_bytes().get(self.at..).unwrap_or_default();
        let plain = bytes.iter().position(|b| kind(*b) & !(LETTER | DASH) != 0);
        let between = bytes.get(..plain.unwrap_or(bytes.len()));
        let between = between.unwrap_or_default();
        self.at += between.len();
        let Some(b) = plain.and_then(|plain| bytes.get(plain)) else {
            return false;
        };
        if *b != b'<' {
            self.at -= between.iter().rev().take_while(|b| in_word(**b)).count();
        }
        true
    }

    fn before(&self, text: &str) -> Option<u8> {
        text.as_bytes().get(..self.at)?.last().copied()
    }

    /// Inside a web address: behind `://`, before a blank and the `?` of its page.
    fn in_web(&self, text: &str) -> bool {
        let before = text.as_bytes().get(..self.at).unwrap_or_default();
        let start = before.iter().rposition(|b| matches!(b, b' ' | b'?'));
        let page = before.get(start.map_or(0, |start| start + 1)..);
        page.is_some_and(|page| memmem::find(page, b"://").is_some())
    }
}

/// Small letters; borrowed where they are small already.
fn lower(name: &str) -> Cow<'_, str> {
    match name.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}

/// The length of `<user@domain>` at the start of the text. One with an address or the slash of a web address
/// in it stays.
fn mailbox(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    let mut at = false;
    let stop = |(_, b): &(usize, u8)| {
        at |= *b == b'@';
        matches!(b, b'>' | b' ' | b'<' | b'[' | b'/')
    };
    let (end, b) = inner.bytes().enumerate().find(stop)?;
    let echo = inner.get(..end)?;
    let cut = at && b == b'>' && address::addresses(echo).is_empty();
    cut.then_some(end + 2)
}

#[cfg(test)]
mod tests;
