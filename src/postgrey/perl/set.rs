//! Sets of bytes: what one place of an expression may hold.

use std::fmt::Write as _;

/// A set of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ByteSet([bool; 256]);

impl ByteSet {
    pub(super) fn new() -> Self {
        Self([false; 256])
    }

    /// The bytes in these ranges, ends included.
    pub(super) fn of(ranges: &[(u8, u8)]) -> Self {
        let mut set = Self::new();
        for &(low, high) in ranges {
            set.insert(low, high);
        }
        set
    }

    pub(super) fn insert(&mut self, low: u8, high: u8) {
        for byte in low..=high {
            self.0[usize::from(byte)] = true;
        }
    }

    pub(super) fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine |= theirs;
        }
    }

    pub(super) fn complement(mut self) -> Self {
        for held in &mut self.0 {
            *held = !*held;
        }
        self
    }

    /// With the other case of each ASCII letter, as Perl folds bytes.
    pub(super) fn fold(mut self) -> Self {
        for letter in b'a'..=b'z' {
            let (lower, upper) = (usize::from(letter), usize::from(letter - 32));
            let held = self.0[lower] || self.0[upper];
            (self.0[lower], self.0[upper]) = (held, held);
        }
        self
    }

    /// The ranges of bytes that are in the set.
    fn ranges(&self) -> Vec<(u8, u8)> {
        let mut ranges: Vec<(u8, u8)> = Vec::new();
        for byte in (0..=u8::MAX).filter(|&byte| self.0[usize::from(byte)]) {
            match ranges.last_mut() {
                Some((_, high)) if *high + 1 == byte => *high = byte,
                _ => ranges.push((byte, byte)),
            }
        }
        ranges
    }

    /// Appends the set in the syntax of the regex crate, without Unicode.
    pub(super) fn write(&self, out: &mut String) {
        match self.ranges().as_slice() {
            [] => out.push_str(r"[^\x00-\xFF]"),
            [(low, high)] if low == high => write_byte(out, *low),
            ranges => {
                out.push('[');
                for &(low, high) in ranges {
                    write_byte(out, low);
                    if low < high {
                        out.push('-');
                        write_byte(out, high);
                    }
                }
                out.push(']');
            }
        }
    }
}

/// Appends a byte in that syntax.
pub(super) fn write_byte(out: &mut String, byte: u8) {
    if byte.is_ascii_alphanumeric() {
        out.push(char::from(byte));
    } else {
        // A String takes every write.
        let _ = write!(out, r"\x{byte:02X}");
    }
}

/// Appends a byte in either case.
pub(super) fn write_folded(out: &mut String, byte: u8) {
    if byte.is_ascii_alphabetic() {
        let cases = [byte.to_ascii_uppercase(), byte.to_ascii_lowercase()];
        out.push('[');
        out.extend(cases.map(char::from));
        out.push(']');
    } else {
        write_byte(out, byte);
    }
}
