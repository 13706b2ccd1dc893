//! How much has been read of how much: counted by whoever reads, shown by whoever has a person to show it to.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes on the disk, packed as they are there. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    expected: AtomicU64,
    read: AtomicU64,
}

impl Progress {
    /// This many bytes more are to be read.
    pub fn expect(&self, bytes: u64) {
        self.0.expected.fetch_add(bytes, Ordering::Relaxed);
    }

    /// This many bytes more have been read.
    pub fn advance(&self, bytes: u64) {
        self.0.read.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes that were to be read, as far as that is known.
    pub fn expected(&self) -> u64 {
        self.0.expected.load(Ordering::Relaxed)
    }

    /// Bytes read.
    pub fn read(&self) -> u64 {
        self.0.read.load(Ordering::Relaxed)
    }
}

/// Counts what passes.
pub struct Counted<R> {
    reader: R,
    progress: Progress,
}

impl<R: Read> Counted<R> {
    /// Counts what is read of `reader`.
    pub fn new(reader: R, progress: Progress) -> Self {
        Self { reader, progress }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.progress.advance(length as u64);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_counted_by_all_clones() {
        let progress = Progress::default();
        progress.expect(7);
        progress.clone().expect(3);
        let mut reader = Counted::new(&b"seven b"[..], progress.clone());
        io::copy(&mut reader, &mut io::sink()).unwrap();
        assert_eq!((progress.read(), progress.expected()), (7, 10));
    }
}
