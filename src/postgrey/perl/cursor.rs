//! The place in an expression up to which it was read.

use super::Fault;

#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'p> {
    rest: &'p [u8],
}

impl<'p> Cursor<'p> {
    pub(super) fn new(pattern: &'p [u8]) -> Self {
        Self { rest: pattern }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(super) fn rest(&self) -> &'p [u8] {
        self.rest
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// Takes `text` if it comes next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text.as_bytes());
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes what stands before `end`, and `end`.
    pub(super) fn until(&mut self, end: u8) -> Result<&'p [u8], Fault> {
        let at = memchr::memchr(end, self.rest).ok_or(Fault::Refused)?;
        let found = &self.rest[..at];
        self.rest = &self.rest[at + 1..];
        Ok(found)
    }

    /// Takes at most `most` bytes that fit.
    pub(super) fn take_while(&mut self, most: usize, fits: impl Fn(u8) -> bool) -> &'p [u8] {
        let length = self
            .rest
            .iter()
            .take(most)
            .take_while(|&&b| fits(b))
            .count();
        let (found, rest) = self.rest.split_at(length);
        self.rest = rest;
        found
    }
}

/// A number written with the digits of `radix`; too large is foreign.
pub(super) fn number(digits: &[u8], radix: u32) -> Result<u32, Fault> {
    let text = std::str::from_utf8(digits).map_err(|_| Fault::Foreign)?;
    u32::from_str_radix(text, radix).map_err(|_| Fault::Foreign)
}
