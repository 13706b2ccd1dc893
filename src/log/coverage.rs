//! What time the lines that were read cover.

use crate::host::time::Micros;

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
    pub(super) fn note(&mut self, at: Micros) {
        self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
        self.newest = Some(self.newest.map_or(at, |newest| newest.max(at)));
    }

    pub(super) fn join(&mut self, later: Coverage) {
        later
            .oldest
            .into_iter()
            .chain(later.newest)
            .for_each(|at| self.note(at));
        self.lines |= later.lines;
        self.bytes += later.bytes;
    }
}
