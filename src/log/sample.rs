//! Times at known offsets of an uncompressed file: where its years change, and where a window begins, without reading it all.
//!
//! A small file is looked at line by line. Of a large one the first line behind each of 256 offsets is, and the last line;
//! a year would have to pass between two of them without leaving a line to be missed. Where a window begins between two of them,
//! the half that it begins in is looked for, again and again.

use super::calendar::{self, Calendar, Position};
use super::stamp::{self, Stamp};
use crate::host::time::{HOUR, Micros, Zone};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// How many offsets of a large file are looked at.
const COUNT: u64 = 256;
/// Up to this size every line is.
const SMALL: u64 = 256 * 1024;
/// How near to the start of a window the reading begins.
const NEAR: u64 = 64 * 1024;
/// How much is read at an offset: several lines.
const PROBE: usize = 2 * 1024;
/// How much more where that holds no line with a time.
const LONG_PROBE: usize = 16 * 1024;
/// Lines may lie this far out of order without a window missing them.
const DISORDER: Micros = HOUR;

/// Offsets of lines and their times, in file order.
#[derive(Debug, Clone, Default)]
pub struct Samples(Vec<(u64, Micros)>);

impl Samples {
    /// Looks at a file of `length` bytes whose newest line is not younger than `limit`.
    ///
    /// # Errors
    /// Whatever reading says.
    pub fn take(file: &File, length: u64, zone: Zone, limit: Micros) -> io::Result<Self> {
        let stamps = if length <= SMALL {
            every_line(file, length)?
        } else {
            spread(file, length)?
        };
        let bare: Vec<Stamp> = stamps.iter().map(|(_, stamp)| *stamp).collect();
        let instants = calendar::backwards(zone, &bare, limit);
        let offsets = stamps.iter().map(|(offset, _)| *offset);
        Ok(Self(
            offsets
                .zip(instants)
                .filter_map(|(offset, at)| Some((offset, at?)))
                .collect(),
        ))
    }

    /// The time of the first line that has one.
    pub fn first(&self) -> Option<Micros> {
        self.0.first().map(|(_, at)| *at)
    }

    /// The time of the last line known at or before `offset`; before the first known line, that line's.
    pub fn near(&self, offset: u64) -> Option<Micros> {
        let behind = self.0.partition_point(|(sampled, _)| *sampled <= offset);
        self.0.get(behind.saturating_sub(1)).map(|(_, at)| *at)
    }

    /// An offset of `file` before which no line is as young as `since`; 0 where the file is not in order of time.
    pub fn offset_before(&self, since: Micros, file: &File, zone: Zone) -> u64 {
        let in_order = self
            .0
            .windows(2)
            .all(|pair| pair[0].1 <= pair[1].1 + DISORDER);
        if !in_order {
            return 0;
        }
        let since = since - DISORDER;
        let behind = self.0.partition_point(|(_, at)| *at < since);
        // The sample before the first that may be inside: lines between the two may be inside too.
        match (
            behind.checked_sub(1).map(|last| self.0[last]),
            self.0.get(behind),
        ) {
            (None, _) => 0,
            (Some((offset, _)), None) => offset,
            (Some(last), Some((first, _))) => nearer(file, zone, since, last, *first),
        }
    }
}

/// The last line found before `since`, between a `low` one that is and the offset of a `high` one that is not.
fn nearer(file: &File, zone: Zone, since: Micros, low: (u64, Micros), mut high: u64) -> u64 {
    let (mut low, mut position) = (low.0, Position::Behind(low.1));
    while high - low > NEAR {
        let middle = low + (high - low) / 2;
        // Where nothing can be found out, the reading begins a little earlier.
        let Ok(Some((offset, stamp))) = probe::<PROBE>(file, middle, |lines| lines.next()) else {
            break;
        };
        match Calendar::new(zone, position).resolve(stamp) {
            Some(at) if offset < high && at < since => {
                (low, position) = (offset, Position::Behind(at));
            }
            Some(_) if offset < high => high = middle,
            _ => break,
        }
    }
    low
}

fn every_line(file: &File, length: u64) -> io::Result<Vec<(u64, Stamp)>> {
    let mut text = vec![0; length as usize];
    let read = read_at(file, &mut text, 0)?;
    Ok(stamps_in(&text[..read], 0).collect())
}

fn spread(file: &File, length: u64) -> io::Result<Vec<(u64, Stamp)>> {
    let mut stamps: Vec<(u64, Stamp)> = Vec::new();
    for index in 0..COUNT {
        let offset = length / COUNT * index;
        let found = match probe::<PROBE>(file, offset, |lines| lines.next())? {
            None => probe::<LONG_PROBE>(file, offset, |lines| lines.next())?,
            found => found,
        };
        stamps.extend(found);
    }
    let tail = length - LONG_PROBE as u64;
    stamps.extend(probe::<LONG_PROBE>(file, tail, |lines| lines.last())?);
    stamps.dedup_by_key(|(offset, _)| *offset);
    Ok(stamps)
}

/// One of the lines that begin in the `SIZE` bytes at `offset`.
fn probe<const SIZE: usize>(
    file: &File,
    offset: u64,
    choose: impl Fn(&mut dyn Iterator<Item = (u64, Stamp)>) -> Option<(u64, Stamp)>,
) -> io::Result<Option<(u64, Stamp)>> {
    let mut text = [0; SIZE];
    let read = read_at(file, &mut text, offset)?;
    // Not at the start of the file, the first line may have lost its head.
    let skipped = match offset {
        0 => 0,
        _ => line_end(&text[..read]),
    };
    Ok(choose(&mut stamps_in(
        &text[skipped..read],
        offset + skipped as u64,
    )))
}

fn line_end(text: &[u8]) -> usize {
    memchr::memchr(b'\n', text).map_or(text.len(), |end| end + 1)
}

/// The offset and the stamp of each line of `text` that has one.
fn stamps_in(text: &[u8], base: u64) -> impl Iterator<Item = (u64, Stamp)> {
    let mut start = 0;
    text.split_inclusive(|&b| b == b'\n')
        .filter_map(move |line| {
            let offset = base + start as u64;
            start += line.len();
            let (stamp, _, _) = stamp::parse(line.trim_ascii_end())?;
            Some((offset, stamp))
        })
}

/// Fills `buffer` as far as the file reaches.
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::time::{Civil, DAY};
    use std::io::Write;

    const UTC: Zone = Zone::Fixed(0);

    fn at(year: i32, month: u8, day: u8) -> Micros {
        Civil::new(year, month, day, (0, 0, 0), 0).unwrap().as_utc()
    }

    /// A file with `per_day` lines of about 100 bytes on each of `days` days from `start` on.
    fn log(start: Micros, days: i64, per_day: usize) -> (File, u64) {
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let mut file = tempfile::tempfile().unwrap();
        let mut text = String::new();
        for day in 0..days {
            let civil = Civil::from_utc(start + day * DAY);
            let month = MONTHS[usize::from(civil.month) - 1];
            for _ in 0..per_day {
                text += &format!("{month} {:2} 12:00:00 vm x[1]: {:80}\n", civil.day, "");
            }
        }
        file.write_all(text.as_bytes()).unwrap();
        (file, text.len() as u64)
    }

    #[test]
    fn years_of_small_and_large_files() {
        for per_day in [1, 40] {
            let (file, length) = log(at(2024, 6, 1), 900, per_day);
            let samples = Samples::take(&file, length, UTC, at(2026, 11, 21)).unwrap();
            assert_eq!(
                Civil::from_utc(samples.first().unwrap()).year,
                2024,
                "{per_day}"
            );
            assert_eq!(
                Civil::from_utc(samples.near(length).unwrap()).year,
                2026,
                "{per_day}"
            );
        }
    }

    #[test]
    fn a_window_begins_behind_an_offset() {
        let (file, length) = log(at(2026, 10, 1), 30, 1000);
        let samples = Samples::take(&file, length, UTC, at(2026, 11, 21)).unwrap();
        let before = |since| samples.offset_before(since, &file, UTC);
        let offset = before(at(2026, 10, 21));
        let day = length / 30;
        assert!(
            offset < 20 * day && offset > 20 * day - NEAR,
            "{offset} of {length}"
        );
        assert_eq!(before(at(2026, 9, 1)), 0);
        assert!(before(at(2027, 1, 1)) > 29 * day);
    }

    #[test]
    fn files_without_times_have_no_samples() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![b'x'; 600 * 1024]).unwrap();
        let samples = Samples::take(&file, 600 * 1024, UTC, 0).unwrap();
        assert_eq!(
            (
                samples.first(),
                samples.near(5),
                samples.offset_before(5, &file, UTC)
            ),
            (None, None, 0)
        );
    }
}
