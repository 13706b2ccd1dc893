//! Pieces of logs: what one thread reads at a time.

use super::block::Blocks;
use super::calendar::{Calendar, Position};
use super::plain::Stretch;
use super::stream::Stream;
use crate::host::progress::{Counted, Progress};
use crate::host::time::{DAY, Micros, Zone};
use std::io::{self, Read};

/// Days that a year may be longer or shorter than another, and a margin.
const YEAR_MARGIN: Micros = 3 * DAY;

/// A part of a log that is read in one go.
#[derive(Debug)]
pub struct Piece {
    /// The log's name, for messages.
    pub name: String,
    zone: Zone,
    body: PieceBody,
    progress: Progress,
}

#[derive(Debug)]
pub(super) enum PieceBody {
    Stretch(Stretch),
    Stream(Stream),
}

/// What a piece is read through.
pub type PieceBlocks = Blocks<Box<dyn Read + Send>>;

impl Piece {
    pub(super) fn new(name: &str, zone: Zone, body: PieceBody) -> Self {
        Self {
            name: name.to_owned(),
            zone,
            body,
            progress: Progress::default(),
        }
    }

    /// The same piece, whose bytes count as progress.
    pub fn counted_by(self, progress: &Progress) -> Self {
        progress.expect(match &self.body {
            PieceBody::Stretch(stretch) => stretch.length(),
            PieceBody::Stream(stream) => stream.length(),
        });
        let progress = progress.clone();
        Self { progress, ..self }
    }

    /// Begins to read.
    ///
    /// # Errors
    /// Whatever opening says.
    pub fn open(&self) -> io::Result<(PieceBlocks, Calendar)> {
        match &self.body {
            PieceBody::Stretch(stretch) => {
                let reader = Box::new(Counted::new(stretch.reader(), self.progress.clone()));
                let blocks = Blocks::stretch(reader as _, stretch.length(), stretch.inside());
                Ok((blocks, Calendar::new(self.zone, stretch.position)))
            }
            PieceBody::Stream(stream) => {
                let calendar = Calendar::new(self.zone, Position::NotAfter(stream.bounds.first));
                Ok((Blocks::all(stream.reader(&self.progress)?), calendar))
            }
        }
    }

    /// Begins to read a stream again when its years turned out to be guessed too late: `first` and `last` are the times of the
    /// first and the last line that the first reading found. `None` where the years were right.
    ///
    /// # Errors
    /// The stream cannot be read a second time.
    pub fn reopen(
        &self,
        first: Micros,
        last: Micros,
    ) -> Option<io::Result<(PieceBlocks, Calendar)>> {
        let PieceBody::Stream(stream) = &self.body else {
            return None;
        };
        let late = last - stream.bounds.last;
        if late <= 0 {
            return None;
        }
        let years = late / (366 * DAY) + 1;
        let position = Position::NotAfter(first - years * 365 * DAY + YEAR_MARGIN);
        let again = stream.again(&self.progress);
        Some(again.map(|reader| (Blocks::all(reader), Calendar::new(self.zone, position))))
    }
}
