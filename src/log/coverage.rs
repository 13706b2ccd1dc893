//! What time the lines that were read cover.

use crate::host::time::Micros;
use crate::state::record::record;

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
    /// Adds what the lines of a log cover.
    pub fn add(&mut self, log: &Trace) {
        self.oldest = self.oldest.into_iter().chain(log.oldest()).min();
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
    /// The oldest and the newest wanted line.
    pub wanted: Option<(Micros, Micros)>,
    /// Whether there was any line.
    pub lines: bool,
    /// Bytes read, unpacked.
    pub bytes: u64,
}

impl Trace {
    /// The oldest time known.
    pub fn oldest(&self) -> Option<Micros> {
        let wanted = self.wanted.map(|(oldest, _)| oldest);
        self.first.into_iter().chain(wanted).min()
    }

    /// The newest time known.
    pub fn newest(&self) -> Option<Micros> {
        self.last.max(self.wanted.map(|(_, newest)| newest))
    }

    /// Why a log with these lines counts as not read, if it does.
    pub(super) fn timeless(&self) -> Option<String> {
        const WHY: &str = "none of its lines begins with a time that logs have, is it a mail log? (if grep made it of several: grep -h)";
        (self.lines && self.newest().is_none()).then(|| String::from(WHY))
    }

    /// Notes the times of the first and the last line of a block.
    pub(super) fn note_ends(&mut self, first: Option<Micros>, last: Option<Micros>) {
        self.first = self.first.or(first);
        self.last = last.or(self.last);
    }

    /// Notes the time of a wanted line.
    pub(super) fn note(&mut self, at: Micros) {
        let (oldest, newest) = self.wanted.unwrap_or((at, at));
        self.wanted = Some((oldest.min(at), newest.max(at)));
    }

    /// Adds the stretch behind this one.
    pub fn follow(&mut self, later: &Trace) {
        self.note_ends(later.first, later.last);
        if let Some((oldest, newest)) = later.wanted {
            self.note(oldest);
            self.note(newest);
        }
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
