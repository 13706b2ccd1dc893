//! What the bytes of a reply are, and what its words are made of: tells at a glance which of them may be an address, an id or a time.

/// No shorter word is an address, an id or a time.
pub(super) const SHORT: usize = 5;

/// What the bytes of a reply are; 0 is not in a word. A word holds the bytes of addresses, ids and times, and those that would join
/// one to a longer word.
pub(super) const LETTER: u8 = 1;
pub(super) const DIGIT: u8 = 2;
pub(super) const STOP: u8 = 4;
/// With `:` or `#` it is more than a name.
pub(super) const JOINT: u8 = 8;
pub(super) const DASH: u8 = 16;
/// Begins an echo; not in a word.
const OPEN: u8 = 32;

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
            b'<' => OPEN,
            _ => 0,
        };
        at += 1;
    }
    kinds
}

pub(super) fn kind(b: u8) -> u8 {
    KINDS[usize::from(b)]
}

/// What a word is made of.
#[derive(Clone, Copy)]
pub(super) struct Marks(u8);

impl Marks {
    /// The length of the word at the start, and its marks.
    pub(super) fn of(bytes: &[u8]) -> (usize, Self) {
        let mut marks = 0;
        for (at, b) in bytes.iter().enumerate() {
            match kind(*b) {
                0 | OPEN => return (at, Self(marks)),
                kind => marks |= kind,
            }
        }
        (bytes.len(), Self(marks))
    }

    /// Whether it is made of nothing else.
    pub(super) fn only(self, mark: u8) -> bool {
        self.0 == mark
    }

    /// Whether there is such a byte in it.
    pub(super) fn has(self, mark: u8) -> bool {
        self.0 & mark != 0
    }

    /// Whether nothing in the word can be an address, an id or a time. `1.1.1.1` is the shortest address of numbers alone.
    pub(super) fn is_plain(self, word: &str) -> bool {
        let version = self.0 == DIGIT | STOP && word.len() < 7;
        let joined = self.has(JOINT) && word.contains("::");
        !joined && (version || word.len() < SHORT || !self.has(DIGIT))
    }
}

/// Whether the byte belongs to a word.
pub(super) fn in_word(b: u8) -> bool {
    !matches!(kind(b), 0 | OPEN)
}
