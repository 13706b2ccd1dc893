//! Reads pieces of logs on several threads and joins what was counted.
//!
//! A [`Tally`] is anything counted from lines. Its `join` is associative in order of time, so it does not matter where a log was
//! cut. Lines are found by byte search for the wanted words; a line without one is never parsed, except the first and the last of
//! a block, which tell what time the log covers.

use super::calendar::Calendar;
use super::entry::Line;
use super::source::{Piece, PieceBlocks};
use super::stamp;
use super::window::Window;
use crate::host::access::plain_error;
use crate::host::deadline::Deadline;
use crate::host::partial::Partial;
use crate::host::time::{HOUR, Micros};
use aho_corasick::AhoCorasick;
use memchr::memmem::Finder;
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

/// The time that the lines read cover, inside the window or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// The oldest time seen.
    pub oldest: Option<Micros>,
    /// The newest time seen.
    pub newest: Option<Micros>,
    /// Whether there was any line.
    pub lines: bool,
    /// Bytes read, unpacked.
    pub bytes: u64,
}

impl Coverage {
    fn note(&mut self, at: Micros) {
        self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
        self.newest = Some(self.newest.map_or(at, |newest| newest.max(at)));
    }

    fn join(&mut self, later: Coverage) {
        later
            .oldest
            .into_iter()
            .chain(later.newest)
            .for_each(|at| self.note(at));
        self.lines |= later.lines;
        self.bytes += later.bytes;
    }
}

/// What to look for.
#[derive(Clone)]
pub struct Search(Arc<Words>);

enum Words {
    One(Box<Finder<'static>>),
    Several(AhoCorasick),
}

impl Search {
    /// Lines that contain at least one of `words`. `None` where the words cannot be searched for (none, or far too many).
    pub fn new(words: &[&str]) -> Option<Self> {
        let words = match words {
            [] => return None,
            [word] => Words::One(Box::new(Finder::new(word.as_bytes()).into_owned())),
            several => Words::Several(AhoCorasick::new(several).ok()?),
        };
        Some(Self(Arc::new(words)))
    }

    fn find(&self, text: &[u8]) -> Option<usize> {
        match &*self.0 {
            Words::One(finder) => finder.find(text),
            Words::Several(words) => words.find(text).map(|found| found.start()),
        }
    }
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
    if !read_blocks(shared, slot, blocks, calendar)? {
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
    read_blocks(shared, slot, blocks, calendar)
}

fn read_blocks<T: Tally>(
    shared: &Shared<T>,
    slot: &Mutex<Slot<T>>,
    mut blocks: PieceBlocks,
    mut calendar: Calendar,
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
        see_block(&shared.job, &mut calendar, &mut slot, block);
    }
}

fn see_block<T: Tally>(job: &Job, calendar: &mut Calendar, slot: &mut Slot<T>, block: &[u8]) {
    slot.coverage.bytes += block.len() as u64;
    slot.coverage.lines = slot.coverage.lines || lines(block).any(is_line);
    let stamped = |line: &[u8]| stamp::parse(line).map(|(stamp, _, _)| stamp);
    if let Some(at) = lines(block)
        .find_map(stamped)
        .and_then(|stamp| calendar.resolve(stamp))
    {
        slot.coverage.note(at);
    }
    let mut ahead = calendar.clone();
    let last = block
        .rsplit(|&b| b == b'\n')
        .find_map(|line| stamped(trim_end(line)));
    let newest = last.and_then(|stamp| ahead.resolve(stamp));
    if let Some(at) = newest {
        slot.coverage.note(at);
    }
    if !newest.is_some_and(|newest| job.window.is_behind(newest.saturating_add(HOUR))) {
        see_lines(job, calendar, slot, block);
    }
    if newest.is_some() {
        *calendar = ahead;
    }
}

/// Gives the tally each line that holds a wanted word and lies in the window.
fn see_lines<T: Tally>(job: &Job, calendar: &mut Calendar, slot: &mut Slot<T>, block: &[u8]) {
    let mut at = 0;
    while let Some(found) = job.search.find(&block[at..]) {
        let hit = at + found;
        let start = memchr::memrchr(b'\n', &block[at..hit]).map_or(at, |end| at + end + 1);
        let end = memchr::memchr(b'\n', &block[hit..]).map_or(block.len(), |end| hit + end);
        at = (end + 1).min(block.len());
        let Some((stamp, form, rest)) = stamp::parse(trim_end(&block[start..end])) else {
            continue;
        };
        let Some(time) = calendar.resolve(stamp) else {
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
mod tests {
    use super::*;
    use crate::host::env::Host;
    use crate::host::time::{DAY, SECOND, Zone};
    use crate::log::locate::Origin;
    use crate::log::source;
    use flate2::{Compression, write::GzEncoder};
    use std::fs;
    use std::io::Write;
    use std::path::PathBuf;
    use std::time::Duration;

    /// The time and the text of each line.
    struct Seen(Vec<(Micros, String)>);

    impl Tally for Seen {
        fn see(&mut self, line: &Line<'_>) {
            self.0
                .push((line.at, String::from_utf8_lossy(line.rest).into_owned()));
        }
        fn join(&mut self, later: Self) {
            self.0.extend(later.0);
        }
    }

    const NOW: Micros = 20_778 * DAY; // 2026-11-21

    fn host() -> Host {
        Host {
            root: PathBuf::from("/"),
            now: NOW,
            zone: Zone::Fixed(0),
            terminal: false,
        }
    }

    fn read_in(paths: &[PathBuf], window: Window, limit: Duration) -> Outcome<Seen> {
        let origins = paths.iter().cloned().map(Origin::Path).collect();
        let (sources, obstacles) = source::open(origins, &host());
        assert!(obstacles.is_empty(), "{obstacles:?}");
        let pieces = sources
            .into_iter()
            .flat_map(|s| s.pieces(&window, Zone::Fixed(0)))
            .collect();
        let job = Job {
            search: Search::new(&["want", "need"]).unwrap(),
            window,
            deadline: Deadline::new(limit),
        };
        fold(pieces, job, || Seen(Vec::new()))
    }

    fn read(paths: &[PathBuf], window: Window) -> Outcome<Seen> {
        read_in(paths, window, Duration::from_secs(60))
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn texts(outcome: &Outcome<Seen>) -> Vec<&str> {
        outcome
            .tally
            .0
            .iter()
            .map(|(_, text)| text.as_str())
            .collect()
    }

    fn write(dir: &tempfile::TempDir, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        let changed = std::time::UNIX_EPOCH + Duration::from_micros(NOW as u64);
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(changed)
            .unwrap();
        path
    }

    #[test]
    fn files_are_read_in_order_of_time_whatever_order_they_are_named_in() {
        let dir = tempfile::tempdir().unwrap();
        let new = write(
            &dir,
            "mail.log",
            "Nov 20 10:00:00 vm x: want 3\r\nNov 20 10:00:01 vm x: other\nNov 20 10:00:02 vm x: need 4",
        );
        let old = write(
            &dir,
            "mail.log.1",
            gzip(b"Dec 30 10:00:00 vm x: want 1\nJan  2 10:00:00 vm x: want 2\n"),
        );
        let outcome = read(&[new.clone(), old, new], Window::default());
        assert_eq!(
            texts(&outcome),
            [
                " vm x: want 1",
                " vm x: want 2",
                " vm x: want 3",
                " vm x: need 4"
            ]
        );
        assert!(outcome.partial.is_empty());
        let days: Vec<i64> = outcome
            .tally
            .0
            .iter()
            .map(|(at, _)| (at - NOW).div_euclid(DAY))
            .collect();
        assert_eq!(days, [-326, -323, -1, -1]);
        assert_eq!(outcome.coverage.newest, Some(NOW - DAY + 36_002 * SECOND));
        let window = Window {
            since: Some(NOW - 325 * DAY),
            until: Some(NOW - DAY + 36_000 * SECOND),
        };
        assert_eq!(
            texts(&read(
                &[dir.path().join("mail.log"), dir.path().join("mail.log.1")],
                window
            )),
            [" vm x: want 2", " vm x: want 3"]
        );
    }

    #[test]
    fn streams_that_span_years_are_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let text = b"Oct  1 10:00:00 vm x: want 1\nMar  1 10:00:00 vm x: want 2\nSep  1 10:00:00 vm x: want 3\nJan  3 10:00:00 vm x: want 4\n";
        let outcome = read(&[write(&dir, "a.gz", gzip(text))], Window::default());
        let years: Vec<i32> = outcome
            .tally
            .0
            .iter()
            .map(|(at, _)| crate::host::time::Civil::from_utc(*at).year)
            .collect();
        assert_eq!(years, [2024, 2025, 2025, 2026]);
    }

    #[test]
    fn large_files_are_cut_and_nothing_is_lost_or_doubled() {
        let dir = tempfile::tempdir().unwrap();
        let mut text = String::new();
        for n in 0..300_000 {
            let word = if n % 100 == 0 { "want" } else { "nothing" };
            text += &format!(
                "Nov {:2} 10:00:00 vm x: {word} {n} {:60}\n",
                1 + n / 20_000,
                ""
            );
        }
        let outcome = read(&[write(&dir, "big", &text)], Window::default());
        assert!(text.len() > 20_000_000);
        let numbers: Vec<usize> = outcome
            .tally
            .0
            .iter()
            .map(|(_, text)| text.split_whitespace().nth(3).unwrap().parse().unwrap())
            .collect();
        assert_eq!(numbers, (0..3000).map(|n| n * 100).collect::<Vec<_>>());
        assert_eq!(outcome.coverage.bytes, text.len() as u64);
    }

    #[test]
    fn damage_is_named_and_the_rest_still_read() {
        let dir = tempfile::tempdir().unwrap();
        let mut packed = gzip(&b"Nov 19 10:00:00 vm x: want 1\n".repeat(50_000));
        packed.truncate(packed.len() - 20);
        let damaged = write(&dir, "damaged.gz", &packed);
        let foreign = write(&dir, "foreign", b"BZh91AY&SY");
        let good = write(&dir, "good", "Nov 20 10:00:00 vm x: want 2\n");
        let outcome = read(&[damaged, foreign, good], Window::default());
        assert!(texts(&outcome).len() > 1);
        assert_eq!(texts(&outcome).last(), Some(&" vm x: want 2"));
        let why: Vec<String> = outcome.partial.iter().map(ToString::to_string).collect();
        assert!(why[0].contains("damaged.gz: "), "{why:?}");
        assert!(why[1].contains("foreign: is packed with bzip2"), "{why:?}");
    }

    #[test]
    fn what_is_no_log_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let outcome = read(
            &[
                write(&dir, "elf", b"\x7fELF want\n"),
                write(&dir, "none", "-- No entries --\n\n"),
                write(&dir, "empty", ""),
            ],
            Window::default(),
        );
        let why: Vec<String> = outcome.partial.iter().map(ToString::to_string).collect();
        assert_eq!(why.len(), 1);
        assert!(
            why[0].contains("elf: none of its lines begins with a time"),
            "{why:?}"
        );
    }

    #[test]
    fn a_reader_that_never_ends_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &fifo,
            rustix::fs::FileType::Fifo,
            0o600.into(),
            0,
        )
        .unwrap();
        let good = write(&dir, "good", "Nov 20 10:00:00 vm x: want 2\n");
        let outcome = read_in(
            &[fifo.clone(), good],
            Window::default(),
            Duration::from_secs(1),
        );
        assert_eq!(texts(&outcome), [" vm x: want 2"]);
        assert_eq!(
            outcome.partial,
            [Partial::new(
                fifo.display().to_string(),
                "the time limit of 1 s ran out"
            )]
        );
    }
}
