//! Blocks of whole lines out of a reader, or out of one stretch of it.
//!
//! A stretch owns the lines that begin in it: the first stretch begins at its first byte, each other one behind the first line
//! end at or after the byte before it, and each reads on to the end of its last line. So the lines of a file are the same
//! wherever it is cut.

use std::io::{self, Read};

/// How much is read at once: fits the second-level cache.
const BLOCK: usize = 256 * 1024;
/// A longer line is cut: syslog's own limit is 8 KiB, rsyslog's largest useful one 64 KiB.
pub const LINE_LIMIT: usize = 64 * 1024;

/// Reads blocks of whole lines.
pub struct Blocks<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that hold data.
    filled: usize,
    /// Bytes at the start of `buffer` that were handed out.
    used: usize,
    /// Bytes read before `buffer`, from where the reader began.
    position: u64,
    /// Lines that begin behind this many bytes belong to somebody else.
    stop: Option<u64>,
    /// What has come so far belongs to a line that is not wanted.
    skipping: bool,
    done: bool,
}

impl<R: Read> Blocks<R> {
    /// All lines of `reader`.
    pub fn all(reader: R) -> Self {
        Self::new(reader, false, None)
    }

    /// The lines that begin in a stretch of `length` bytes. `reader` begins at the stretch's first byte, or one byte before it
    /// where `inside` says that the stretch is not the first.
    pub fn stretch(reader: R, length: u64, inside: bool) -> Self {
        Self::new(reader, inside, Some(length + u64::from(inside)))
    }

    fn new(reader: R, skipping: bool, stop: Option<u64>) -> Self {
        Self {
            reader,
            buffer: vec![0; BLOCK],
            filled: 0,
            used: 0,
            position: 0,
            stop,
            skipping,
            done: stop == Some(0),
        }
    }

    /// The next block: whole lines, the last one of the input perhaps without its end. `None` at the end.
    ///
    /// # Errors
    /// Whatever the reader says; the blocks before it stay valid.
    pub fn next_block(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            if self.done {
                return Ok(None);
            }
            let ended = self.fill()? == 0;
            self.skip();
            if self.done {
                return Ok(None);
            }
            if let Some(end) = self.end_of_lines(ended) {
                let start = self.used;
                self.used = end;
                if start < end {
                    return Ok(Some(&self.buffer[start..end]));
                }
            }
        }
    }

    /// Moves what is left to the front and reads behind it.
    fn fill(&mut self) -> io::Result<usize> {
        self.buffer.copy_within(self.used..self.filled, 0);
        self.position += self.used as u64;
        self.filled -= self.used;
        self.used = 0;
        loop {
            match self.reader.read(&mut self.buffer[self.filled..]) {
                Ok(count) => {
                    self.filled += count;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Drops the rest of a line that is not wanted.
    fn skip(&mut self) {
        if !self.skipping {
            return;
        }
        match memchr::memchr(b'\n', &self.buffer[..self.filled]) {
            Some(end) => {
                self.used = end + 1;
                self.skipping = false;
                if self.beyond(self.used) {
                    self.done = true;
                }
            }
            None => self.used = self.filled,
        }
    }

    /// Whether a line that begins at `index` of the buffer belongs to somebody else.
    fn beyond(&self, index: usize) -> bool {
        self.stop
            .is_some_and(|stop| self.position + index as u64 >= stop)
    }

    /// The end of the whole lines in the buffer, if there is any; `ended` says that no more bytes come.
    fn end_of_lines(&mut self, ended: bool) -> Option<usize> {
        let data = &self.buffer[self.used..self.filled];
        if let Some(end) = self.end_of_stretch() {
            self.done = true;
            return Some(end);
        }
        if ended {
            self.done = true;
            return Some(self.filled);
        }
        match memchr::memrchr(b'\n', data) {
            Some(end) => Some(self.used + end + 1),
            // An endless line: its head counts, the rest does not.
            None if data.len() >= LINE_LIMIT => {
                self.skipping = true;
                Some(self.filled)
            }
            None => None,
        }
    }

    /// The end of the line that holds the stretch's last byte, once it has been read.
    fn end_of_stretch(&self) -> Option<usize> {
        let last =
            usize::try_from(self.stop?.saturating_sub(1).saturating_sub(self.position)).ok()?;
        let from = last.max(self.used);
        let data = self.buffer.get(from..self.filled)?;
        memchr::memchr(b'\n', data).map(|end| from + end + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn collect<R: Read>(mut blocks: Blocks<R>) -> Vec<u8> {
        let mut text = Vec::new();
        while let Some(block) = blocks.next_block().unwrap() {
            assert!(!block.is_empty());
            text.extend_from_slice(block);
        }
        text
    }

    /// The lines of the stretches of `text` between `cuts`.
    fn stretches(text: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
        cuts.windows(2)
            .map(|cut| {
                let inside = cut[0] > 0;
                let reader = &text[cut[0] - usize::from(inside)..];
                collect(Blocks::stretch(reader, (cut[1] - cut[0]) as u64, inside))
            })
            .collect()
    }

    #[test]
    fn every_single_cut() {
        let text = b"one\n\ntwo\nthree\nfour";
        for cut in 0..=text.len() {
            let pieces = stretches(text, &[0, cut, text.len()]);
            assert_eq!(pieces.concat(), text, "cut at {cut}");
            assert!(pieces[0].is_empty() || pieces[0].ends_with(b"\n") || pieces[1].is_empty());
        }
    }

    #[test]
    fn endless_lines_lose_their_tail() {
        let long = vec![b'x'; 5 * BLOCK];
        let text = [b"before\n".as_slice(), &long, b"\nafter\n"].concat();
        let read = collect(Blocks::all(text.as_slice()));
        assert!(read.starts_with(b"before\nxxx") && read.ends_with(b"after\n"));
        assert!(read.len() < 2 * BLOCK && read.len() > LINE_LIMIT);
    }

    proptest! {
        #[test]
        fn any_cuts_give_the_same_lines(lines in proptest::collection::vec("[a-z]{0,9}", 0..40), cuts in proptest::collection::vec(0usize..300, 0..6)) {
            let text = lines.join("\n").into_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            prop_assert_eq!(stretches(&text, &cuts).concat(), text);
        }
    }
}
