//! The small file, which is written anew each time: checked before it is believed.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | a magic word |
//! | 8 | the build that wrote it: another one may mean other things |
//! | 8 × sections | the lengths of the sections |
//! | 8 × sections | the checksums of the sections |
//! | 8 | the checksum of all this |
//! | | the sections |

use super::checksum::{self, sum};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;

/// The parts of a file that can be read by themselves.
pub const SECTIONS: usize = 4;
const MAGIC: u64 = u64::from_le_bytes(*b"PMSTATE\x01");
const HEADER: usize = 8 * (3 + 2 * SECTIONS);

/// How the file that is there stands.
#[derive(Debug)]
pub enum Found {
    /// There is none.
    Nothing,
    /// It can be read.
    Whole(State),
    /// Another version wrote it.
    Foreign,
    /// It is not what was written.
    Damaged,
}

/// A file that can be read.
#[derive(Debug)]
pub struct State {
    file: File,
    lengths: [u64; SECTIONS],
    sums: [u64; SECTIONS],
}

impl State {
    pub(super) fn found(file: File, length: u64) -> Found {
        let mut bytes = [0; HEADER];
        if file.read_exact_at(&mut bytes, 0).is_err() {
            return Found::Damaged;
        }
        let mut words = checksum::words(&bytes);
        let mut next = || words.next().unwrap_or_default();
        let (magic, build) = (next(), next());
        let lengths = [(); SECTIONS].map(|()| next());
        let sums = [(); SECTIONS].map(|()| next());
        let end = lengths
            .iter()
            .try_fold(HEADER as u64, |sum, length| sum.checked_add(*length));
        let sound = magic == MAGIC && next() == sum(&bytes[..HEADER - 8]);
        match sound && (build != checksum::build() || end == Some(length)) {
            false => Found::Damaged,
            true if build != checksum::build() => Found::Foreign,
            true => Found::Whole(Self {
                file,
                lengths,
                sums,
            }),
        }
    }

    /// The bytes of a section; `None` where they are not what was written.
    ///
    /// # Errors
    /// Whatever reading says.
    pub fn section(&self, section: usize) -> io::Result<Option<Vec<u8>>> {
        let before: u64 = self.lengths[..section].iter().sum();
        let length = self.lengths[section];
        let mut bytes = Vec::new();
        let reader = At {
            file: &self.file,
            at: HEADER as u64 + before,
        };
        reader.take(length).read_to_end(&mut bytes)?;
        let whole = bytes.len() as u64 == length && sum(&bytes) == self.sums[section];
        Ok(whole.then_some(bytes))
    }
}

/// Reads a file from a place on.
struct At<'a> {
    file: &'a File,
    at: u64,
}

impl io::Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read_at(buffer, self.at)?;
        self.at += length as u64;
        Ok(length)
    }
}

pub(super) fn header(sections: &[&[u8]; SECTIONS]) -> Vec<u8> {
    let lengths = sections.map(|section| section.len() as u64);
    let sums = sections.map(sum);
    let words = [MAGIC, checksum::build()]
        .into_iter()
        .chain(lengths)
        .chain(sums);
    let mut header = checksum::bytes(words);
    let whole = sum(&header);
    header.extend_from_slice(&whole.to_le_bytes());
    header
}

#[cfg(test)]
mod tests;
