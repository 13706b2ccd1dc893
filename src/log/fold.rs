//! Reads pieces of logs on several threads and joins what was counted.
//!
//! A [`Tally`] is anything counted from lines. Its `join` is associative in order of time, so it does not matter where a log was
//! cut. Lines are found by byte search for the wanted words; a line without one is never parsed, except the first and the last of
//! a block, which tell what time the log covers.

use super::clock::Clock;
use super::coverage::Coverage;
use super::entry::Line;
use super::search::Search;
use super::source::{Piece, PieceBlocks};
use super::window::Window;
use crate::host::access::plain_error;
use crate::host::deadline::Deadline;
use crate::host::partial::Partial;
use crate::host::time::HOUR;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Threads that read: a mail server has other work to do.
const THREADS: usize = 2;

/// Something counted from the lines of a log.
pub trait Tally: Send + 'static {
    /// Counts a line. Lines come in order within a piece.
    fn see(&mut self, line: &Line<'_>);
    /// Adds what was counted from the lines that follow.
    fn join(&mut self, later: Self);
}

/// What a fold needs to know.
#[derive(Clone)]
pub struct Job {
    /// The lines that matter.
    pub search: Search,
    /// The time that matters.
    pub window: Window,
    /// When to stop.
    pub deadline: Deadline,
}

/// What a fold found.
#[derive(Debug)]
pub struct Outcome<T> {
    /// All pieces joined.
    pub tally: T,
    /// What the lines cover.
    pub coverage: Coverage,
    /// What was not read wholly.
    pub partial: Vec<Partial>,
}

/// What one piece gave so far. Locked for a block at a time, so that a stuck reader does not keep it.
struct Slot<T> {
    tally: T,
    coverage: Coverage,
    state: SlotState,
}

enum SlotState {
    Unread,
    Complete,
    Broken(String),
}

struct Shared<T> {
    pieces: Vec<Piece>,
    slots: Vec<Mutex<Slot<T>>>,
    fresh: Box<dyn Fn() -> T + Send + Sync>,
    next: AtomicUsize,
    stop: AtomicBool,
    job: Job,
}

impl<T> Slot<T> {
    fn new(tally: T) -> Self {
        Self {
            tally,
            coverage: Coverage::default(),
            state: SlotState::Unread,
        }
    }

    /// Why the piece was not read wholly.
    fn missing(&self, deadline: &Deadline) -> Option<String> {
        match &self.state {
            SlotState::Complete if self.coverage.lines && self.coverage.newest.is_none() => {
                Some(String::from(
                    "none of its lines begins with a time that logs have, is it a mail log?",
                ))
            }
            SlotState::Complete => None,
            SlotState::Broken(why) => Some(why.clone()),
            SlotState::Unread if deadline.expired() => Some(deadline.reason()),
            SlotState::Unread => Some(String::from("internal error, please report this")),
        }
    }
}

/// Reads `pieces`, which are in order of time, and joins what `fresh` tallies counted.
pub fn fold<T: Tally>(
    pieces: Vec<Piece>,
    job: Job,
    fresh: impl Fn() -> T + Send + Sync + 'static,
) -> Outcome<T> {
    let slots = pieces
        .iter()
        .map(|_| Mutex::new(Slot::new(fresh())))
        .collect();
    let shared = Arc::new(Shared {
        pieces,
        slots,
        fresh: Box::new(fresh),
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
        job,
    });
    wait(&shared);
    collect(&shared)
}

/// Starts the threads and waits for all pieces, until the time is over.
fn wait<T: Tally>(shared: &Arc<Shared<T>>) {
    let (sender, receiver) = channel();
    for _ in 0..THREADS.min(shared.pieces.len()) {
        let (shared, sender) = (Arc::clone(shared), sender.clone());
        std::thread::spawn(move || work(&shared, &sender));
    }
    drop(sender);
    // A thread that panics drops its sender without a word; its piece stays unread.
    let mut left = shared.pieces.len();
    while left > 0
        && receiver
            .recv_timeout(shared.job.deadline.remaining())
            .is_ok()
    {
        left -= 1;
    }
    shared.stop.store(true, Ordering::Relaxed);
}

fn work<T: Tally>(shared: &Shared<T>, done: &Sender<()>) {
    loop {
        let index = shared.next.fetch_add(1, Ordering::Relaxed);
        let (Some(piece), Some(slot)) = (shared.pieces.get(index), shared.slots.get(index)) else {
            return;
        };
        shared.job.deadline.enter(format!("reading {}", piece.name));
        let result = read(shared, slot, piece);
        lock(slot).state = match result {
            Ok(true) => SlotState::Complete,
            Ok(false) => SlotState::Unread,
            Err(error) => SlotState::Broken(plain_error(&error)),
        };
        if done.send(()).is_err() {
            return;
        }
    }
}

/// Reads one piece; `false` where it was stopped.
fn read<T: Tally>(shared: &Shared<T>, slot: &Mutex<Slot<T>>, piece: &Piece) -> io::Result<bool> {
    let (blocks, calendar) = piece.open()?;
    if !read_blocks(shared, slot, blocks, Clock::new(calendar))? {
        return Ok(false);
    }
    let Coverage { oldest, newest, .. } = lock(slot).coverage;
    let Some(again) = oldest
        .zip(newest)
        .and_then(|(oldest, newest)| piece.reopen(oldest, newest))
    else {
        return Ok(true);
    };
    let (blocks, calendar) = again?;
    *lock(slot) = Slot::new((shared.fresh)());
    read_blocks(shared, slot, blocks, Clock::new(calendar))
}

fn read_blocks<T: Tally>(
    shared: &Shared<T>,
    slot: &Mutex<Slot<T>>,
    mut blocks: PieceBlocks,
    mut clock: Clock,
) -> io::Result<bool> {
    loop {
        if shared.stop.load(Ordering::Relaxed) || shared.job.deadline.expired() {
            return Ok(false);
        }
        let Some(block) = blocks.next_block()? else {
            return Ok(true);
        };
        let mut slot = lock(slot);
        // Whoever waited has given up and taken what there was.
        if shared.stop.load(Ordering::Relaxed) {
            return Ok(false);
        }
        see_block(&shared.job, &mut clock, &mut slot, block);
    }
}

fn see_block<T: Tally>(job: &Job, clock: &mut Clock, slot: &mut Slot<T>, block: &[u8]) {
    slot.coverage.bytes += block.len() as u64;
    slot.coverage.lines = slot.coverage.lines || lines(block).any(is_line);
    if let Some((at, _, _)) = lines(block).find_map(|line| clock.read(line)) {
        slot.coverage.note(at);
    }
    let mut ahead = clock.clone();
    let mut backwards = block.rsplit(|&b| b == b'\n').map(trim_end);
    let last = backwards.find_map(|line| ahead.read(line));
    let newest = last.map(|(at, _, _)| at);
    if let Some(at) = newest {
        slot.coverage.note(at);
    }
    if !newest.is_some_and(|newest| job.window.is_behind(newest.saturating_add(HOUR))) {
        see_lines(job, clock, slot, block);
    }
    if newest.is_some() {
        *clock = ahead;
    }
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
        slot.coverage.note(time);
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

/// Joins what the slots hold now, whether their threads have finished or not.
fn collect<T: Tally>(shared: &Shared<T>) -> Outcome<T> {
    let mut joined: Option<T> = None;
    let mut coverage = Coverage::default();
    let mut partial: Vec<Partial> = Vec::new();
    for (piece, slot) in shared.pieces.iter().zip(&shared.slots) {
        let mut slot = lock(slot);
        let tally = std::mem::replace(&mut slot.tally, (shared.fresh)());
        coverage.join(slot.coverage);
        let why = slot.missing(&shared.job.deadline);
        drop(slot);
        match joined.as_mut() {
            Some(joined) => joined.join(tally),
            None => joined = Some(tally),
        }
        // A file is named once, however many of its pieces are missing.
        let named = partial.last().is_some_and(|last| last.what == piece.name);
        if let (Some(why), false) = (why, named) {
            partial.push(Partial::new(piece.name.clone(), why));
        }
    }
    Outcome {
        tally: joined.unwrap_or_else(|| (shared.fresh)()),
        coverage,
        partial,
    }
}

/// A poisoned lock means that a reader panicked: what it counted until then is still a lower bound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
