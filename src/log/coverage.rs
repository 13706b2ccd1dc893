//! What time the lines that were read cover.

use super::calendar::AHEAD;
use super::window::Window;
use crate::host::time::Micros;
use crate::state::record::record;

/// The time that the lines read cover, inside the window or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// The oldest time that a log begins with.
    pub oldest: Option<Micros>,
    /// The newest time seen.
    pub newest: Option<Micros>,
    /// Whether there was any line.
    pub lines: bool,
    /// Bytes read, unpacked.
    pub bytes: u64,
}

impl Coverage {
    /// Adds what the lines of a log cover.
    pub fn add(&mut self, log: &Trace) {
        self.oldest = self.oldest.into_iter().chain(log.first).min();
        self.newest = self.newest.max(log.newest());
        self.lines |= log.lines;
        self.bytes += log.bytes;
    }
}

/// What is known of the times in a stretch of one log: its first line, its last line, and the wanted lines between. It is the same however
/// the stretch was cut and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trace {
    /// The time of the first line that has one.
    pub first: Option<Micros>,
    /// The time of the last line that has one.
    pub last: Option<Micros>,
    /// The newest wanted line that is not before the window.
    pub wanted: Option<Micros>,
    /// Whether there was any line.
    pub lines: bool,
    /// Bytes read, unpacked.
    pub bytes: u64,
}

impl Trace {
    /// The newest time known. A line much younger than the last one was written by a clock that was ahead, and does not make the log
    /// younger.
    pub fn newest(&self) -> Option<Micros> {
        let limit = self.last?.saturating_add(AHEAD);
        self.last.max(self.wanted.filter(|wanted| *wanted <= limit))
    }

    /// Why a log with these lines counts as not read, if it does.
    pub(super) fn timeless(&self) -> Option<String> {
        const WHY: &str = "none of its lines begins with a time that logs have, is it a mail log? (if grep made it of several: grep -h)";
        (self.lines && self.newest().is_none()).then(|| String::from(WHY))
    }

    /// The same for a later `window` than the one the lines were read for.
    pub fn within(self, window: &Window) -> Self {
        let wanted = self.wanted.filter(|newest| !window.is_behind(*newest));
        Self { wanted, ..self }
    }

    /// Notes the times of the first and the last line of a block.
    pub(super) fn note_ends(&mut self, first: Option<Micros>, last: Option<Micros>) {
        self.first = self.first.or(first);
        self.last = last.or(self.last);
    }

    /// Notes the time of a wanted line.
    pub(super) fn note(&mut self, at: Micros) {
        self.wanted = self.wanted.max(Some(at));
    }

    /// Adds the stretch behind this one.
    pub fn follow(&mut self, later: &Trace) {
        self.note_ends(later.first, later.last);
        self.wanted = self.wanted.max(later.wanted);
        self.lines |= later.lines;
        self.bytes += later.bytes;
    }
}

record!(Trace {
    first,
    last,
    wanted,
    lines,
    bytes
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::time::{DAY, HOUR};

    #[test]
    fn the_newest_line() {
        for (name, last, wanted, newest) in [
            ("in order", Some(5 * DAY), Some(4 * DAY), Some(5 * DAY)),
            (
                "a little out of order",
                Some(5 * DAY),
                Some(5 * DAY + HOUR),
                Some(5 * DAY + HOUR),
            ),
            (
                "a clock that was ahead",
                Some(5 * DAY),
                Some(900 * DAY),
                Some(5 * DAY),
            ),
            ("nothing wanted", Some(5 * DAY), None, Some(5 * DAY)),
            ("nothing with a time", None, None, None),
        ] {
            let trace = Trace {
                last,
                wanted,
                ..Trace::default()
            };
            assert_eq!(trace.newest(), newest, "{name}");
        }
    }

    #[test]
    fn a_later_window_leaves_older_wanted_lines_behind() {
        let trace = Trace {
            wanted: Some(5 * DAY),
            ..Trace::default()
        };
        for (since, wanted) in [
            (None, Some(5 * DAY)),
            (Some(5 * DAY), Some(5 * DAY)),
            (Some(6 * DAY), None),
        ] {
            let window = Window { since, until: None };
            assert_eq!(trace.within(&window).wanted, wanted, "{since:?}");
        }
    }
}
