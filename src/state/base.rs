//! The base: a large file that is read here and there, and believed block by block.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | a magic word |
//! | 8 | the build that wrote it |
//! | 8 | a number that was drawn for it |
//! | 8 | how many sections it has |
//! | 8 × sections | their lengths |
//! | 8 | the checksum of the checksums of the blocks |
//! | 8 | the checksum of all this: the seal, which the small file knows |
//! | 8 × blocks | the checksums of the blocks |
//! | | the sections, each in blocks of its own; the last one of each may be shorter |

use super::checksum::{self, sum};
use super::spool::Spool;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

const MAGIC: u64 = u64::from_le_bytes(*b"PMBASE\0\x01");
/// What is believed or not at once.
const BLOCK: u64 = 4096;
/// No base has more sections.
const MOST_SECTIONS: u64 = 64;

/// Which base it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seal {
    /// Which of the two names it has.
    pub second: bool,
    /// The checksum of its head.
    pub sum: u64,
}

super::record::record!(Seal { second, sum });

impl Seal {
    /// The base before or behind this one.
    pub(super) fn other(self) -> Self {
        Self {
            second: !self.second,
            ..self
        }
    }
}

/// How the base that is there stands.
#[derive(Debug)]
pub enum Basis {
    /// There is none, or another one.
    Nothing,
    /// It can be read.
    Whole(Base),
    /// It is not what was written.
    Damaged,
}

/// A base to be written.
#[derive(Debug)]
pub struct Bytes {
    head: Vec<u8>,
    sums: Vec<u8>,
    sections: Vec<Spool>,
}

impl Bytes {
    /// A base of these sections; `number` tells it from others with the same.
    ///
    /// # Errors
    /// What keeps the bytes from being read.
    pub fn new(sections: Vec<Spool>, number: u64) -> io::Result<Self> {
        let mut sums = Vec::new();
        for section in &sections {
            section.each(|piece| {
                sums.extend(checksum::bytes(piece.chunks(BLOCK as usize).map(sum)));
                Ok(())
            })?;
        }
        let words = [MAGIC, checksum::build(), number, sections.len() as u64];
        let lengths = sections.iter().map(Spool::length);
        let mut head = checksum::bytes(words.into_iter().chain(lengths).chain([sum(&sums)]));
        let whole = sum(&head);
        head.extend_from_slice(&whole.to_le_bytes());
        Ok(Self {
            head,
            sums,
            sections,
        })
    }

    /// The seal that the base gets behind the one `before`.
    pub fn seal(&self, before: Option<Seal>) -> Seal {
        let sum = checksum::words(&self.head).last().unwrap_or_default();
        Seal {
            second: before.is_some_and(|before| !before.second),
            sum,
        }
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// Whatever writing says.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.head)?;
        to.write_all(&self.sums)?;
        let mut parts = self.sections.iter();
        parts.try_for_each(|part| part.each(|piece| to.write_all(piece)))
    }
}

/// A base that can be read.
#[derive(Debug)]
pub struct Base {
    file: File,
    length: u64,
    sections: Vec<Section>,
    sums: Vec<u64>,
    torn: Cell<bool>,
}

/// Where a section is.
#[derive(Debug, Clone, Copy)]
struct Section {
    at: u64,
    length: u64,
    /// The number of its first block.
    block: u64,
}

impl Base {
    /// How a file of `length` bytes stands that should be the base with this seal.
    pub fn found(file: File, length: u64, seal: Seal) -> Basis {
        let Some(head) = Head::read(&file) else {
            return Basis::Damaged;
        };
        if head.seal != seal.sum {
            return Basis::Nothing;
        }
        match head.open(file, length) {
            Some(base) => Basis::Whole(base),
            None => Basis::Damaged,
        }
    }

    /// Bytes of the whole file.
    pub fn file_length(&self) -> u64 {
        self.length
    }

    /// Bytes of a section.
    pub fn length(&self, section: usize) -> u64 {
        self.sections.get(section).map_or(0, |part| part.length)
    }

    /// A whole section; `None` as of [`Self::read`].
    pub fn whole(&self, section: usize) -> Option<Vec<u8>> {
        self.read(section, 0..self.length(section))
    }

    /// Bytes of a section; `None` where there are none, or not those that were written.
    pub fn read(&self, section: usize, range: Range<u64>) -> Option<Vec<u8>> {
        let part = self.sections.get(section)?;
        if range.start > range.end || range.end > part.length {
            return None;
        }
        let bytes = self.blocks(part, &range);
        self.torn.set(self.torn.get() || bytes.is_none());
        bytes
    }

    /// Whether bytes were read that are not those that were written.
    pub fn is_torn(&self) -> bool {
        self.torn.get()
    }

    /// The blocks that hold the range, checked, and then the range alone.
    fn blocks(&self, part: &Section, range: &Range<u64>) -> Option<Vec<u8>> {
        let first = range.start / BLOCK;
        let end = range.end.next_multiple_of(BLOCK).min(part.length);
        let start = (first * BLOCK).min(end);
        let mut bytes = vec![0; usize::try_from(end - start).ok()?];
        self.file.read_exact_at(&mut bytes, part.at + start).ok()?;
        let sums = self
            .sums
            .get(usize::try_from(part.block + first).ok()?..)?
            .iter();
        let blocks = bytes.chunks(BLOCK as usize);
        if blocks.len() > sums.len() || !blocks.zip(sums).all(|(block, known)| sum(block) == *known)
        {
            return None;
        }
        bytes.truncate((range.end - start) as usize);
        bytes.drain(..(range.start - start) as usize);
        Some(bytes)
    }
}

/// What stands in front.
struct Head {
    lengths: Vec<u64>,
    sums: u64,
    seal: u64,
    end: u64,
}

impl Head {
    fn read(file: &File) -> Option<Self> {
        let mut front = [0; 32];
        file.read_exact_at(&mut front, 0).ok()?;
        let count = checksum::words(&front).last();
        let count = count.filter(|count| *count <= MOST_SECTIONS)?;
        let mut bytes = vec![0; 8 * (4 + count as usize + 2)];
        file.read_exact_at(&mut bytes, 0).ok()?;
        let mut words = checksum::words(&bytes);
        // Another build's seal is another one.
        let known = words.next()? == MAGIC;
        let mut rest = words.skip(3);
        let lengths = rest.by_ref().take(count as usize).collect();
        let (sums, seal) = (rest.next()?, rest.next()?);
        let whole = sum(bytes.get(..bytes.len() - 8)?) == seal;
        (known && whole).then_some(Self {
            lengths,
            sums,
            seal,
            end: bytes.len() as u64,
        })
    }

    /// The base behind, if the file is as long as it should be.
    fn open(self, file: File, length: u64) -> Option<Base> {
        let blocks = |length: &u64| length.div_ceil(BLOCK);
        let count = self
            .lengths
            .iter()
            .map(blocks)
            .try_fold(0, u64::checked_add)?;
        let start = count.checked_mul(8)?.checked_add(self.end)?;
        let end = self
            .lengths
            .iter()
            .copied()
            .try_fold(start, u64::checked_add)?;
        if end != length {
            return None;
        }
        let mut bytes = vec![0; usize::try_from(start - self.end).ok()?];
        file.read_exact_at(&mut bytes, self.end).ok()?;
        let (mut at, mut block) = (start, 0);
        let sections = self.lengths.iter().map(|length| {
            let section = Section {
                at,
                length: *length,
                block,
            };
            at += length;
            block += blocks(length);
            section
        });
        (sum(&bytes) == self.sums).then(|| Base {
            sections: sections.collect(),
            sums: checksum::words(&bytes).collect(),
            torn: Cell::new(false),
            length,
            file,
        })
    }
}

#[cfg(test)]
mod tests;
