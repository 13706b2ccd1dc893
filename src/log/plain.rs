//! Uncompressed files: read by offset, cut into stretches, and joined again where a line was cut between two files.
//!
//! Whoever cuts a log by bytes (`split -b`, a rotation in the middle of a write) leaves half a line at the end of one file and the other
//! half, without a time, at the start of the next. The halves are read as one line.

use super::calendar::Position;
use super::look::Look;
use super::sample::Samples;
use super::stamp;
use super::window::Window;
use crate::host::time::{Micros, Zone};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// The least that is worth a stretch of its own.
const LEAST: u64 = 1024 * 1024;
/// How many stretches a large file makes: as many as there are threads; each has a tally of its own, which costs memory.
const STRETCHES: u64 = 2;
/// How long the first half of a cut line may be at the start of a file: longer lines are cut anyway.
const FRAGMENT: usize = super::block::LINE_LIMIT;

/// An uncompressed file.
#[derive(Debug)]
pub struct Plain {
    file: Arc<File>,
    length: u64,
    samples: Samples,
    zone: Zone,
    /// The newest line is not younger.
    limit: Micros,
    /// Bytes at the start that belong to the last line of the file before.
    head: u64,
    /// The rest of the last line, from the files behind.
    tail: Arc<[u8]>,
}

/// A part of a file.
#[derive(Debug)]
pub struct Stretch {
    file: Arc<File>,
    start: u64,
    end: u64,
    tail: Arc<[u8]>,
    /// What is known of the time of its first line.
    pub position: Position,
}

impl Plain {
    /// Looks at a file of `length` bytes whose newest line is not younger than `limit`.
    ///
    /// # Errors
    /// Whatever reading says.
    pub fn open(file: File, length: u64, zone: Zone, limit: Micros) -> io::Result<Self> {
        Ok(Self {
            samples: Samples::take(&file, length, zone, limit)?,
            zone,
            file: Arc::new(file),
            length,
            limit,
            head: 0,
            tail: Arc::from([]),
        })
    }

    /// The time of the first line that has one.
    pub fn first(&self) -> Option<Micros> {
        self.samples.first()
    }

    /// The time of the last line that has one.
    pub fn last(&self) -> Option<Micros> {
        self.samples.near(self.length)
    }

    /// The opened file.
    pub fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// What the file looked like when it was opened.
    pub fn look(&self) -> Look {
        Look::new(Arc::clone(&self.file), self.length)
    }

    /// The stretches of the file, as far as the window may reach.
    pub fn stretches(&self, window: &Window) -> Vec<Stretch> {
        self.cut(self.begin(window), self.length)
    }

    /// Where the lines begin that are this file's and that the window may reach.
    fn begin(&self, window: &Window) -> u64 {
        let since = window.since.map_or(0, |since| {
            self.samples.offset_before(since, &self.file, self.zone)
        });
        since.max(self.head)
    }

    fn cut(&self, begin: u64, whole: u64) -> Vec<Stretch> {
        let size = (whole.saturating_sub(begin) / STRETCHES).max(LEAST);
        let mut stretches = Vec::new();
        let mut start = begin;
        while start < whole {
            // The last stretch takes what would be too little for one more.
            let last = whole - start < 2 * size;
            let end = if last { whole } else { start + size };
            stretches.push(self.stretch(start, end));
            start = end;
        }
        stretches
    }

    /// The stretches from `from` on, as far as the window may reach: first those that hold whole lines, up to the end that is given too;
    /// then the rest, a line that may still be written.
    ///
    /// # Errors
    /// Whatever reading says.
    pub fn stretches_from(
        &self,
        from: u64,
        window: &Window,
    ) -> io::Result<(Vec<Stretch>, Option<Stretch>, u64)> {
        let begin = self.begin(window).max(from);
        let whole = self.end_of_lines()?.max(from);
        let rest = begin.max(whole);
        let unfinished = (rest < self.length).then(|| self.stretch(rest, self.length));
        Ok((self.cut(begin, whole), unfinished, whole))
    }

    /// Where the last line end is.
    fn end_of_lines(&self) -> io::Result<u64> {
        let mut end = self.length;
        let mut text = vec![0; FRAGMENT];
        while end > 0 {
            let start = end.saturating_sub(FRAGMENT as u64);
            let part = &mut text[..(end - start) as usize];
            self.file.read_exact_at(part, start)?;
            if let Some(found) = memchr::memrchr(b'\n', part) {
                return Ok(start + found as u64 + 1);
            }
            end = start;
        }
        Ok(0)
    }

    /// The time of the last line known at or before `offset`.
    pub fn near(&self, offset: u64) -> Option<Micros> {
        self.samples.near(offset)
    }

    fn stretch(&self, start: u64, end: u64) -> Stretch {
        let near = self.samples.near(start);
        let tail = match end == self.length {
            true => Arc::clone(&self.tail),
            false => Arc::from([]),
        };
        Stretch {
            file: Arc::clone(&self.file),
            start,
            end,
            tail,
            position: near.map_or(Position::NotAfter(self.limit), Position::Behind),
        }
    }

    fn ends_inside_a_line(&self) -> io::Result<bool> {
        let mut last = [b'\n'];
        if self.length > 0 {
            self.file.read_exact_at(&mut last, self.length - 1)?;
        }
        Ok(last != [b'\n'])
    }

    /// The start of the file up to its first line end, if it has no time of its own.
    fn fragment(&self) -> io::Result<Vec<u8>> {
        let mut text = vec![0; FRAGMENT.min(usize::try_from(self.length).unwrap_or(FRAGMENT))];
        self.file.read_exact_at(&mut text, 0)?;
        let end = memchr::memchr(b'\n', &text).map_or(text.len(), |end| end + 1);
        text.truncate(end);
        let own = stamp::parse(text.trim_ascii_end()).is_some();
        Ok(if own { Vec::new() } else { text })
    }
}

/// Gives the last line of each file what the files behind it begin with. `files` are in order of time.
pub fn join_cut_lines(files: &mut [&mut Plain]) {
    let lengths: Vec<u64> = files.iter().map(|file| file.length).collect();
    let mut open: Option<(usize, Vec<u8>)> = None;
    for index in (0..files.len()).filter(|&index| lengths[index] > 0) {
        // A file that cannot be read is reported when it is.
        if let Some((_, tail)) = &mut open {
            let fragment = files[index].fragment().unwrap_or_default();
            files[index].head = fragment.len() as u64;
            let whole = !fragment.is_empty()
                && fragment.len() as u64 == files[index].length
                && !fragment.ends_with(b"\n");
            tail.extend(fragment);
            if whole {
                continue;
            }
        }
        if let Some((owner, tail)) = open.take() {
            files[owner].tail = tail.into();
        }
        if files[index].ends_inside_a_line().unwrap_or(false) {
            open = Some((index, Vec::new()));
        }
    }
    if let Some((owner, tail)) = open {
        files[owner].tail = tail.into();
    }
}

impl Stretch {
    /// Whether the stretch begins behind the start of its file: then [`Stretch::reader`] begins one byte before it.
    pub fn inside(&self) -> bool {
        self.start > 0
    }

    /// Bytes in the stretch.
    pub fn length(&self) -> u64 {
        self.end - self.start
    }

    /// A reader that begins with the stretch and goes on behind its end.
    pub fn reader(&self) -> Box<dyn Read + Send> {
        let at = self.start - u64::from(self.inside());
        let offset = Offset::new(Arc::clone(&self.file), at);
        match self.tail.is_empty() {
            true => Box::new(offset),
            // What is written to the file from now on would come between the halves.
            false => Box::new(
                offset
                    .take(self.end - at)
                    .chain(io::Cursor::new(Arc::clone(&self.tail))),
            ),
        }
    }
}

/// A file read from an offset on, beside other readers of the same file.
pub(super) struct Offset {
    file: Arc<File>,
    at: u64,
}

impl Offset {
    pub(super) fn new(file: Arc<File>, at: u64) -> Self {
        Self { file, at }
    }
}

impl Read for Offset {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::Blocks;
    use super::*;
    use std::io::Write;

    const UTC: Zone = Zone::Fixed(0);

    fn plain(text: &[u8]) -> Plain {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        Plain::open(file, text.len() as u64, UTC, Micros::MAX / 2).unwrap()
    }

    fn lines(files: &[Plain]) -> Vec<String> {
        let mut lines = Vec::new();
        for stretch in files
            .iter()
            .flat_map(|file| file.stretches(&Window::default()))
        {
            let mut blocks = Blocks::stretch(stretch.reader(), stretch.length(), stretch.inside());
            while let Some(block) = blocks.next_block().unwrap() {
                lines.extend(
                    String::from_utf8(block.to_vec())
                        .unwrap()
                        .lines()
                        .map(str::to_owned),
                );
            }
        }
        lines
    }

    #[test]
    fn every_pair_of_cuts_gives_the_same_lines() {
        let log = b"Nov 21 10:00:00 a b: one\nNov 21 10:00:01 a b: two\nNov 21 10:00:02 a b: three";
        let whole = lines(&[plain(log)]);
        assert_eq!(whole.len(), 3);
        for first in 0..=log.len() {
            for second in first..=log.len() {
                let mut files = [
                    plain(&log[..first]),
                    plain(&log[first..second]),
                    plain(&log[second..]),
                ];
                let [a, b, c] = &mut files;
                join_cut_lines(&mut [a, b, c]);
                assert_eq!(lines(&files), whole, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn lines_with_a_time_of_their_own_are_not_joined() {
        let mut files = [
            plain(b"Nov 21 10:00:00 a b: cut he"),
            plain(b"Nov 21 10:00:01 a b: next\n"),
        ];
        let [a, b] = &mut files;
        join_cut_lines(&mut [a, b]);
        assert_eq!(
            lines(&files),
            ["Nov 21 10:00:00 a b: cut he", "Nov 21 10:00:01 a b: next"]
        );
    }
}
