//! One line on the terminal of a person who waits: how much has been read, how fast, how long it will take. Never in check mode, never into
//! a file or a pipe: monitoring cores take whatever stands on standard error for a failure.

use crate::host::deadline::Deadline;
use crate::host::progress::Progress;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Whoever waits less is not told.
const PATIENCE: Duration = Duration::from_secs(1);
/// Begins the line anew and clears it.
const CLEAR: &str = "\r\x1b[K";
const MIB: u64 = 1024 * 1024;

/// The line, or nothing where nobody looks. Clones share it.
#[derive(Clone)]
pub struct Meter(Option<Arc<Line>>);

struct Line {
    progress: Progress,
    start: Instant,
    state: Mutex<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unseen,
    Drawn,
    Ended,
}

impl Meter {
    /// A line for what `deadline` knows to be read, if a person waits for it at a terminal.
    pub fn new(for_people: bool, deadline: &Deadline) -> Self {
        let looks = for_people && std::io::stderr().is_terminal();
        let line = || Line {
            progress: deadline.progress().clone(),
            start: Instant::now(),
            state: Mutex::new(State::Unseen),
        };
        Self(looks.then(|| Arc::new(line())))
    }

    /// Whether anybody looks.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Draws the line, if there is something to tell.
    pub fn draw(&self) {
        let Some(line) = &self.0 else {
            return;
        };
        let (read, expected) = (line.progress.read(), line.progress.expected());
        let mut state = line.state.lock().unwrap_or_else(PoisonError::into_inner);
        match words(read, expected, line.start.elapsed()) {
            Some(words) if *state != State::Ended => {
                *state = State::Drawn;
                write(&format!("{CLEAR}{words}"));
            }
            _ => {}
        }
    }

    /// Clears the line for good: what was waited for comes now.
    pub fn end(&self) {
        let Some(line) = &self.0 else {
            return;
        };
        let mut state = line.state.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *state, State::Ended) == State::Drawn {
            write(CLEAR);
        }
    }
}

/// A terminal that went away is no reason to stop.
fn write(text: &str) {
    let mut terminal = std::io::stderr().lock();
    let _ = terminal
        .write_all(text.as_bytes())
        .and_then(|()| terminal.flush());
}

/// `512 MiB of 2048 MiB read, 310 MiB/s, 5 s left`; without the total where it is not known, nothing at first.
fn words(read: u64, expected: u64, elapsed: Duration) -> Option<String> {
    if elapsed < PATIENCE || read == 0 {
        return None;
    }
    let rate = u128::from(read) * 1000 / elapsed.as_millis().max(1);
    let rate = u64::try_from(rate).unwrap_or(u64::MAX);
    let (done, speed) = (read / MIB, rate / MIB);
    if expected <= read || rate == 0 {
        return Some(format!("{done} MiB read, {speed} MiB/s"));
    }
    let (total, left) = (expected / MIB, (expected - read).div_ceil(rate));
    Some(format!(
        "{done} MiB of {total} MiB read, {speed} MiB/s, {left} s left"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        for (read, expected, seconds, line) in [
            (
                512 * MIB,
                2048 * MIB,
                2,
                Some("512 MiB of 2048 MiB read, 256 MiB/s, 6 s left"),
            ),
            (512 * MIB, 0, 2, Some("512 MiB read, 256 MiB/s")),
            (512 * MIB, 512 * MIB, 2, Some("512 MiB read, 256 MiB/s")),
            (512 * MIB, 2048 * MIB, 0, None),
            (0, 2048 * MIB, 2, None),
            (10, 100, 60, Some("0 MiB read, 0 MiB/s")),
            (
                u64::MAX / 2,
                u64::MAX,
                60,
                Some("8796093022207 MiB of 17592186044415 MiB read, 146601550370 MiB/s, 61 s left"),
            ),
        ] {
            let found = words(read, expected, Duration::from_secs(seconds));
            assert_eq!(
                found.as_deref(),
                line,
                "{read} of {expected} in {seconds} s"
            );
        }
    }
}
