//! The lines of one block: which of them matter, and what time they cover.

use super::{Job, Slot, Tally};
use crate::host::time::{DAY, Micros};
use crate::log::clock::Clock;
use crate::log::entry::Line;

/// Counts the block that follows those that `slot` has seen.
pub(super) fn see_block<T: Tally>(job: &Job, clock: &mut Clock, slot: &mut Slot<T>, block: &[u8]) {
    slot.trace.bytes += block.len() as u64;
    slot.trace.lines = slot.trace.lines || lines(block).any(is_line);
    let first = lines(block).find_map(|line| clock.read(line));
    let (mut ahead, mut newest) = at_end(clock, block);
    // A clock that was set back may have written lines of the window before the block's last one.
    if !newest.is_some_and(|newest| job.window.is_behind(newest.saturating_add(DAY))) {
        see_lines(job, clock, slot, block);
        // Without a year in its lines, those between tell whether a year has passed.
        (ahead, newest) = at_end(clock, block);
    }
    slot.trace.note_ends(first.map(|(at, _, _)| at), newest);
    if newest.is_some() {
        *clock = ahead;
    }
}

/// The clock behind the last line of a block, and that line's time.
fn at_end(clock: &Clock, block: &[u8]) -> (Clock, Option<Micros>) {
    let mut ahead = clock.clone();
    let mut backwards = block.rsplit(|&b| b == b'\n').map(trim_end);
    let last = backwards.find_map(|line| ahead.read(line));
    let newest = last.map(|(at, _, _)| at);
    (ahead, newest)
}

/// Gives the tally each line that holds a wanted word and lies in the window.
fn see_lines<T: Tally>(job: &Job, clock: &mut Clock, slot: &mut Slot<T>, block: &[u8]) {
    let mut at = 0;
    while let Some(found) = job.search.find(&block[at..]) {
        let hit = at + found;
        let start = memchr::memrchr(b'\n', &block[at..hit]).map_or(at, |end| at + end + 1);
        let end = memchr::memchr(b'\n', &block[hit..]).map_or(block.len(), |end| hit + end);
        at = (end + 1).min(block.len());
        let Some((time, form, rest)) = clock.read(trim_end(&block[start..end])) else {
            continue;
        };
        // Whether lines before the window are read at all depends on how the log was cut.
        if !job.window.is_behind(time) {
            slot.trace.note(time);
        }
        if job.window.contains(time) {
            slot.tally.see(&Line {
                at: time,
                form,
                rest,
            });
        }
    }
}

/// Not blank, and not one of journalctl's own remarks (`-- No entries --`).
fn is_line(line: &[u8]) -> bool {
    !line.trim_ascii().is_empty() && !line.starts_with(b"-- ")
}

fn lines(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    block.split(|&b| b == b'\n').map(trim_end)
}

/// Without the carriage return of a log that passed through Windows.
fn trim_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
