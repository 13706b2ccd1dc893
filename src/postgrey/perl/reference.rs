//! References to what a group matched: `\1`, `\g{-1}`, `\k<name>`.

use super::cursor::number;
use super::group::Open;
use super::{Fault, Last, Walk};
use std::fmt::Write as _;

impl Walk<'_> {
    /// Whether `\1…` is a reference: one digit always, more if there are so many groups; else it is octal.
    pub(super) fn is_reference(&self, first: u8) -> bool {
        let more = self.digits();
        let octal = more > 0 && first < b'8';
        !octal
            || self
                .spelled(first, more)
                .is_some_and(|group| group <= self.total)
    }

    /// How many digits come next.
    fn digits(&self) -> usize {
        let rest = self.cursor.rest();
        rest.iter().take_while(|b| b.is_ascii_digit()).count()
    }

    /// The number that `first` and the next `more` digits spell.
    fn spelled(&self, first: u8, more: usize) -> Option<u32> {
        let digits: Vec<u8> = std::iter::once(first)
            .chain(self.cursor.rest().iter().take(more).copied())
            .collect();
        number(&digits, 10).ok()
    }

    pub(super) fn numbered_reference(&mut self, first: u8) -> Result<(), Fault> {
        let more = self.digits();
        let group = self.spelled(first, more).ok_or(Fault::Refused)?;
        self.cursor.take_while(more, |_| true);
        self.refer(group)
    }

    /// `letter` is `g` or `k`; what follows is a number (`g`) or a name, in braces or the like.
    pub(super) fn named_reference(&mut self, letter: u8) -> Result<(), Fault> {
        let end = match self.cursor.peek() {
            Some(b'{') => b'}',
            Some(b'<') if letter == b'k' => b'>',
            Some(b'\'') if letter == b'k' => b'\'',
            _ if letter == b'g' => return self.bare_number(),
            _ => return Err(Fault::Refused),
        };
        self.cursor.next();
        let text = self.cursor.until(end)?;
        match text {
            [b'-' | b'0'..=b'9', ..] if letter == b'g' => self.refer_to_number(text),
            name => self.refer_to_name(name),
        }
    }

    fn bare_number(&mut self) -> Result<(), Fault> {
        let rest = self.cursor.rest();
        let sign = usize::from(self.cursor.peek() == Some(b'-'));
        let digits = rest
            .iter()
            .skip(sign)
            .take_while(|b| b.is_ascii_digit())
            .count();
        let text = self.cursor.take_while(sign + digits, |_| true);
        self.refer_to_number(text)
    }

    /// `3`, or `-1` for the group opened last.
    fn refer_to_number(&mut self, text: &[u8]) -> Result<(), Fault> {
        let digits = text.strip_prefix(b"-").unwrap_or(text);
        if digits.is_empty() {
            return Err(Fault::Refused);
        }
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(Fault::Foreign);
        }
        let value = number(digits, 10)?;
        match digits.len() == text.len() {
            true => self.refer(value),
            false => self.refer((self.groups + 1).checked_sub(value).ok_or(Fault::Refused)?),
        }
    }

    pub(super) fn refer_to_name(&mut self, name: &[u8]) -> Result<(), Fault> {
        let mut groups = self.names.iter().filter(|(known, _)| *known == name);
        match (groups.next().copied(), groups.next()) {
            (Some((_, group)), None) => self.refer(group),
            // Perl knows names that come later, and takes the first of several that matched.
            _ => Err(Fault::Foreign),
        }
    }

    fn refer(&mut self, group: u32) -> Result<(), Fault> {
        if group == 0 {
            return Err(Fault::Refused);
        }
        if self.open.iter().any(Open::looks_behind) {
            return Err(Fault::Foreign);
        }
        self.referred = self.referred.max(group);
        self.last = Last::Atom(self.piece());
        self.needle.cut();
        let flag = if self.flags.fold { "i" } else { "" };
        // A String takes every write.
        let _ = write!(self.out, r"(?{flag}:\{group})");
        Ok(())
    }
}
