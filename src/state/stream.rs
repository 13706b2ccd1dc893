//! Bytes that an earlier run left, taken value by value: of what lies in a base only a little stands in memory at a time.

use super::base::Base;
use super::record::Record;
use super::spool::{CHUNK, Spool};
use std::ops::Range;

/// Where bytes are kept.
#[derive(Debug, Clone)]
pub enum Stored<'a> {
    /// In memory.
    Here(&'a [u8]),
    /// In a section of a base.
    Based(&'a Base, usize, Range<u64>),
}

impl<'a> Stored<'a> {
    /// A whole section of a base.
    pub fn section(base: &'a Base, section: usize) -> Self {
        Self::Based(base, section, 0..base.length(section))
    }

    /// How many there are.
    pub fn length(&self) -> u64 {
        match self {
            Self::Here(bytes) => bytes.len() as u64,
            Self::Based(_, _, range) => range.end - range.start,
        }
    }

    /// Takes them from the front.
    pub fn stream(self) -> Stream<'a> {
        Stream {
            stored: self,
            window: Vec::new(),
            start: 0,
        }
    }

    /// Appends them all; `None` where they cannot be read.
    pub fn copy(&self, to: &mut Spool) -> Option<()> {
        let mut left = self.clone();
        while left.length() > 0 {
            let piece = left.front(CHUNK as u64)?;
            match piece {
                Piece::Here(bytes) => to.extend(bytes),
                Piece::Read(bytes) => to.extend(&bytes),
            }
        }
        Some(())
    }

    /// Takes so many bytes from the front, or all.
    fn take(&mut self, length: u64) -> Self {
        let length = length.min(self.length());
        match self {
            Self::Here(bytes) => {
                let (front, behind) = bytes.split_at(length as usize);
                *bytes = behind;
                Self::Here(front)
            }
            Self::Based(base, section, range) => {
                let start = range.start;
                range.start += length;
                Self::Based(base, *section, start..start + length)
            }
        }
    }

    /// Takes so many bytes from the front, or all, and reads them; `None` where they cannot be read.
    fn front(&mut self, length: u64) -> Option<Piece<'a>> {
        Some(match self.take(length) {
            Self::Here(bytes) => Piece::Here(bytes),
            Self::Based(base, section, range) => Piece::Read(base.read(section, range)?),
        })
    }
}

/// Bytes that were asked for.
enum Piece<'a> {
    Here(&'a [u8]),
    Read(Vec<u8>),
}

/// What is left of the bytes.
#[derive(Debug)]
pub struct Stream<'a> {
    /// What was not read yet.
    stored: Stored<'a>,
    /// What was read of a base, and how much of it was taken.
    window: Vec<u8>,
    start: usize,
}

impl<'a> Stream<'a> {
    /// Of bytes in memory.
    pub fn of(bytes: &'a [u8]) -> Self {
        Stored::Here(bytes).stream()
    }

    /// Takes a value from the front; `None` where the bytes are no such value.
    pub fn value<T: Record>(&mut self) -> Option<T> {
        if let Stored::Here(bytes) = &mut self.stored {
            return T::read(bytes);
        }
        loop {
            let mut front = self.window.get(self.start..)?;
            let length = front.len();
            if let Some(value) = T::read(&mut front) {
                self.start += length - front.len();
                return Some(value);
            }
            self.fill()?;
        }
    }

    /// Reads more; a value that is larger than any other makes the window grow. `None` where there is nothing left.
    fn fill(&mut self) -> Option<()> {
        self.window.drain(..self.start);
        self.start = 0;
        let more = CHUNK.max(self.window.len()) as u64;
        match self.stored.front(more)? {
            Piece::Read(bytes) if !bytes.is_empty() => self.window.extend_from_slice(&bytes),
            _ => return None,
        }
        Some(())
    }

    /// Takes a length: that many things of at least `least` bytes each can follow.
    pub fn length(&mut self, least: usize) -> Option<u64> {
        let length: u64 = self.value()?;
        (length.checked_mul(least.max(1) as u64)? <= self.left()).then_some(length)
    }

    /// Takes so many bytes from the front, to be looked at later; `None` where there are less.
    pub fn skip(&mut self, length: u64) -> Option<Stored<'a>> {
        if length > self.left() {
            return None;
        }
        let ahead = (self.window.len() - self.start) as u64;
        let Stored::Based(base, section, range) = &mut self.stored else {
            return Some(self.stored.take(length));
        };
        let from = range.start - ahead;
        if length <= ahead {
            // What was read ahead stays: many short things are skipped one after the other.
            self.start += length as usize;
        } else {
            range.start = from + length;
            (self.window, self.start) = (Vec::new(), 0);
        }
        Some(Stored::Based(base, *section, from..from + length))
    }

    /// How many bytes are left.
    pub fn left(&self) -> u64 {
        self.stored.length() + (self.window.len() - self.start) as u64
    }
}
