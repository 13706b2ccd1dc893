//! Bytes on their way into a file: few of them wait in memory, many in a file without a name beside the state, so that what is written
//! never stands in memory beside what it is made of.

use super::record::Record;
use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

/// So many bytes may wait in memory.
const LIMIT: usize = 8 << 20;
/// So many are written, or read, at a time: whole blocks of a base.
pub(super) const CHUNK: usize = 256 * 1024;

/// Where spools may put what is too much for memory.
#[derive(Debug, Clone, Default)]
pub struct Scratch(Option<PathBuf>);

impl Scratch {
    /// Files with this name, which they have for a moment only.
    pub fn new(path: PathBuf) -> Self {
        Self(Some(path))
    }

    /// An empty spool.
    pub fn spool(&self) -> Spool {
        Spool {
            scratch: self.clone(),
            ..Spool::default()
        }
    }

    /// A spool of these bytes.
    pub fn keep(&self, bytes: Vec<u8>) -> Spool {
        let mut spool = self.spool();
        spool.buffer = bytes;
        spool.settle();
        spool
    }

    /// A file without a name; none where everything is to stay in memory. One that has the name was left by a run that was killed, or is
    /// another run's for this moment, which needs the name as little.
    fn file(&self) -> Option<io::Result<File>> {
        let path = self.0.as_ref()?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let open = || {
            drop(std::fs::remove_file(path));
            rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)
        };
        let mut tries = (0..16).map(|_| open());
        let opened = tries.find(|opened| !matches!(opened, Err(rustix::io::Errno::EXIST)));
        drop(std::fs::remove_file(path));
        let opened = opened.unwrap_or(Err(rustix::io::Errno::EXIST));
        Some(opened.map(File::from).map_err(io::Error::from))
    }
}

/// Bytes that are appended, and then taken in their order.
#[derive(Debug, Default)]
pub struct Spool {
    scratch: Scratch,
    /// What is behind that in the file.
    buffer: Vec<u8>,
    file: Option<File>,
    /// How many bytes are in the file.
    spilled: u64,
    /// Why bytes are missing.
    failed: Option<io::Error>,
}

impl From<Vec<u8>> for Spool {
    fn from(bytes: Vec<u8>) -> Self {
        Scratch::default().keep(bytes)
    }
}

impl Spool {
    /// How many bytes there are.
    pub fn length(&self) -> u64 {
        self.spilled + self.buffer.len() as u64
    }

    /// Whether there are more than memory should be given for.
    pub fn is_spilled(&self) -> bool {
        self.spilled > 0
    }

    /// Appends a value.
    pub fn put(&mut self, value: &impl Record) {
        value.write(&mut self.buffer);
        self.settle();
    }

    /// Appends bytes.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        self.settle();
    }

    /// Puts a number in the place of the eight bytes that begin `at`.
    pub fn patch(&mut self, at: u64, number: u64) {
        let bytes = number.to_le_bytes();
        for (at, byte) in (at..).zip(bytes) {
            match (at.checked_sub(self.spilled), &self.file) {
                (Some(place), _) => {
                    if let Some(there) = self.buffer.get_mut(place as usize) {
                        *there = byte;
                    }
                }
                (None, Some(file)) => {
                    let written = file.write_all_at(&[byte], at);
                    self.failed = self.failed.take().or(written.err());
                }
                (None, None) => {}
            }
        }
    }

    /// Moves what is too much for memory.
    fn settle(&mut self) {
        let most = if self.file.is_some() { CHUNK } else { LIMIT };
        if self.buffer.len() < most {
            return;
        }
        if self.file.is_none() && self.failed.is_none() {
            match self.scratch.file() {
                None => return,
                Some(Ok(file)) => self.file = Some(file),
                Some(Err(error)) => self.failed = Some(error),
            }
        }
        if let (Some(file), None) = (&self.file, &self.failed) {
            self.failed = file.write_all_at(&self.buffer, self.spilled).err();
        }
        self.spilled += self.buffer.len() as u64;
        self.buffer = Vec::new();
    }

    /// Hands over all bytes, in pieces that are [`CHUNK`] long, but for the last one.
    ///
    /// # Errors
    /// Whatever writing said before, reading says, or `take`.
    pub(super) fn each(&self, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        if let Some(error) = &self.failed {
            return Err(match error.raw_os_error() {
                Some(number) => io::Error::from_raw_os_error(number),
                None => io::Error::from(error.kind()),
            });
        }
        let Some(file) = &self.file else {
            return self.buffer.chunks(CHUNK).try_for_each(take);
        };
        let (mut at, mut rest, mut piece) = (0, self.buffer.as_slice(), vec![0; CHUNK]);
        while at < self.length() {
            let length = (self.length() - at).min(CHUNK as u64) as usize;
            let stored = (self.spilled.saturating_sub(at) as usize).min(length);
            let (from_file, from_buffer) = piece[..length].split_at_mut(stored);
            file.read_exact_at(from_file, at)?;
            let (next, behind) = rest.split_at(from_buffer.len());
            from_buffer.copy_from_slice(next);
            rest = behind;
            take(&piece[..length])?;
            at += length as u64;
        }
        Ok(())
    }

    /// All bytes.
    ///
    /// # Errors
    /// Whatever writing said before, or reading says.
    pub fn into_bytes(self) -> io::Result<Vec<u8>> {
        if self.file.is_none() && self.failed.is_none() {
            return Ok(self.buffer);
        }
        let mut bytes = Vec::new();
        self.each(|piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_bytes_come_back_as_they_were_put() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.spool");
        for (count, spilled) in [(0, false), (1000, false), (3 << 20, true)] {
            // What a run left that was killed.
            std::fs::write(&path, "left").unwrap();
            for scratch in [Scratch::new(path.clone()), Scratch::default()] {
                let mut spool = scratch.spool();
                (0..count).for_each(|number: u64| spool.put(&number));
                let mut expected: Vec<u8> = (0..count).flat_map(u64::to_le_bytes).collect();
                for at in [0, 8, 1 << 21, (8 * count).saturating_sub(8)] {
                    if at < expected.len() as u64 {
                        spool.patch(at, u64::MAX);
                        expected[at as usize..][..8].fill(255);
                    }
                }
                assert_eq!(spool.is_spilled(), spilled && scratch.0.is_some());
                assert!(spool.buffer.capacity() <= 2 * CHUNK || !spool.is_spilled());
                assert_eq!(spool.length(), expected.len() as u64);
                assert!(spool.into_bytes().unwrap() == expected, "{count}");
            }
            assert_eq!(path.exists(), !spilled);
        }
    }

    #[test]
    fn what_cannot_be_put_is_told_and_takes_no_memory() {
        let directory = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(directory.path().join("missing/state.spool"));
        let mut spool = scratch.spool();
        (0..20).for_each(|_| spool.extend(&[0; 1 << 20]));
        assert!(spool.buffer.capacity() < 16 << 20);
        assert_eq!(spool.length(), 20 << 20);
        let error = spool.into_bytes().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
