//! Reads pieces of logs on several threads and joins what was counted.
//!
//! A [`Tally`] is anything counted from lines. Its `join` is associative in order of time, so it does not matter where a log was
//! cut. Lines are found by byte search for the wanted words; a line without one is never parsed, except the first and the last of
//! a block, which tell what time the log covers.

mod lines;

use super::clock::Clock;
use super::coverage::{Coverage, Trace};
use super::entry::Line;
use super::piece::{Piece, PieceBlocks};
use super::search::Search;
use super::window::Window;
use crate::host::access::plain_error;
use crate::host::deadline::Deadline;
use crate::host::partial::Partial;
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

/// What a piece gave.
#[derive(Debug)]
pub struct Part<T> {
    /// The name of its log.
    pub name: String,
    /// What was counted of it.
    pub tally: T,
    /// What its lines cover.
    pub trace: Trace,
    /// Why it was not read wholly.
    pub missing: Option<String>,
}

/// What one piece gave so far. Locked for a block at a time, so that a stuck reader does not keep it. Two threads write to neighbours:
/// they would wait for each other's caches if these shared a line, or the pair of lines that is fetched together.
#[repr(align(128))]
struct Slot<T> {
    tally: T,
    trace: Trace,
    state: SlotState,
}

enum SlotState {
    Waiting,
    Begun,
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
            trace: Trace::default(),
            state: SlotState::Waiting,
        }
    }

    /// Why the piece was not read wholly.
    fn missing(&self, deadline: &Deadline) -> Option<String> {
        match &self.state {
            SlotState::Complete => None,
            SlotState::Broken(why) => Some(why.clone()),
            SlotState::Waiting if deadline.expired() => {
                Some(format!("{} before reading it", deadline.reason()))
            }
            SlotState::Begun if deadline.expired() => {
                Some(format!("{} while reading it", deadline.reason()))
            }
            SlotState::Waiting | SlotState::Begun => {
                Some(String::from("internal error, please report this"))
            }
        }
    }
}

/// Reads `pieces`, which are in order of time, and joins what `fresh` tallies counted.
pub fn fold<T: Tally>(
    pieces: Vec<Piece>,
    job: Job,
    fresh: impl Fn() -> T + Send + Sync + 'static,
) -> Outcome<T> {
    let fresh = Arc::new(fresh);
    let each = Arc::clone(&fresh);
    let mut joined: Option<T> = None;
    let mut logs = Logs::default();
    for part in fold_each(pieces, job, move || each()) {
        logs.add(&part.name, &part.trace, part.missing);
        match joined.as_mut() {
            Some(joined) => joined.join(part.tally),
            None => joined = Some(part.tally),
        }
    }
    Outcome {
        tally: joined.unwrap_or_else(|| fresh()),
        coverage: logs.coverage(),
        partial: logs.partial(),
    }
}

/// What is known of logs whose pieces come one behind the other.
#[derive(Debug, Default)]
pub struct Logs(Vec<Known>);

/// A log that was read.
#[derive(Debug)]
struct Known {
    name: String,
    trace: Trace,
    missing: Option<String>,
}

impl Logs {
    /// Adds the next piece of the log `name`, and why it was not read wholly.
    pub fn add(&mut self, name: &str, trace: &Trace, missing: Option<String>) {
        match self.0.last_mut() {
            Some(last) if last.name == name => {
                last.trace.follow(trace);
                last.missing = last.missing.take().or(missing);
            }
            _ => self.0.push(Known {
                name: name.to_owned(),
                trace: *trace,
                missing,
            }),
        }
    }

    /// What all the logs cover.
    pub fn coverage(&self) -> Coverage {
        let mut coverage = Coverage::default();
        self.0.iter().for_each(|log| coverage.add(&log.trace));
        coverage
    }

    /// What was not read wholly. A file is named once, however many of its pieces are missing.
    pub fn partial(self) -> Vec<Partial> {
        let why = |log: Known| {
            Some(Partial::new(
                log.name,
                log.missing.or(log.trace.timeless())?,
            ))
        };
        self.0.into_iter().filter_map(why).collect()
    }
}

/// Reads `pieces` and tells what each gave, in their order.
pub fn fold_each<T: Tally>(
    pieces: Vec<Piece>,
    job: Job,
    fresh: impl Fn() -> T + Send + Sync + 'static,
) -> Vec<Part<T>> {
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

/// Starts the threads and waits for all pieces, until the time is over. Where no thread can be had the pieces are read here.
fn wait<T: Tally>(shared: &Arc<Shared<T>>) {
    let (sender, receiver) = channel();
    let start = |_: &usize| {
        let (shared, sender) = (Arc::clone(shared), sender.clone());
        let thread = std::thread::Builder::new();
        thread.spawn(move || work(&shared, &sender)).is_ok()
    };
    let threads = THREADS.min(shared.pieces.len());
    if (0..threads).filter(start).count() == 0 {
        work(shared, &sender);
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
        lock(slot).state = SlotState::Begun;
        let result = read(shared, slot, piece);
        lock(slot).state = match result {
            Ok(true) => SlotState::Complete,
            Ok(false) => SlotState::Begun,
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
    let mut clock = Clock::new(calendar);
    if !read_blocks(shared, slot, blocks, &mut clock)? {
        return Ok(false);
    }
    let trace = lock(slot).trace;
    // By its last line, not by the newest: one whose clock was ahead tells nothing of the others.
    let ends = trace.first.zip(trace.last);
    let Some(again) = ends
        .filter(|_| clock.has_guessed())
        .and_then(|(first, last)| piece.reopen(first, last))
    else {
        return Ok(true);
    };
    let (blocks, calendar) = again?;
    *lock(slot) = Slot {
        state: SlotState::Begun,
        ..Slot::new((shared.fresh)())
    };
    read_blocks(shared, slot, blocks, &mut Clock::new(calendar))
}

fn read_blocks<T: Tally>(
    shared: &Shared<T>,
    slot: &Mutex<Slot<T>>,
    mut blocks: PieceBlocks,
    clock: &mut Clock,
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
        lines::see_block(&shared.job, clock, &mut slot, block);
    }
}

/// Takes what the slots hold now, whether their threads have finished or not.
fn collect<T: Tally>(shared: &Shared<T>) -> Vec<Part<T>> {
    let parts = shared.pieces.iter().zip(&shared.slots);
    let part = |(piece, slot): (&Piece, &Mutex<Slot<T>>)| {
        let mut slot = lock(slot);
        Part {
            name: piece.name.clone(),
            tally: std::mem::replace(&mut slot.tally, (shared.fresh)()),
            trace: slot.trace,
            missing: slot.missing(&shared.job.deadline),
        }
    };
    parts.map(part).collect()
}

/// A poisoned lock means that a reader panicked: what it counted until then is still a lower bound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
