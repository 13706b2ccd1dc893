//! The journal read on from the entry that an earlier run read last.
//!
//! journalctl looks for the entry that a cursor names and takes the next best where that is gone. So it is asked for that entry itself, and
//! what follows counts only behind the very entry.

use super::files::{self, JournalFile};
use super::{Bookmark, Entries, Query};
use crate::host::time::Micros;
use crate::log::coverage::Trace;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// What there was of the journal before it was read.
#[derive(Debug, Clone)]
pub(super) struct Noted {
    files: Vec<JournalFile>,
    /// The time of the last entry before the window.
    pub(super) before: Option<Micros>,
}

/// What follows an entry. The first answer was begun to see that the entry is there.
#[derive(Clone)]
pub(super) struct Behind {
    cursor: String,
    begun: Arc<Mutex<Option<Entries>>>,
}

impl fmt::Debug for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "behind {}", self.cursor)
    }
}

impl Query {
    /// The same question, asked so that where its answer ends can be remembered. `None` where not all of the journal can be read.
    ///
    /// # Errors
    /// What keeps journalctl from telling.
    pub fn noting(&self) -> io::Result<Option<Self>> {
        let Some(files) = files::listing(&self.root, self.file.as_deref()) else {
            return Ok(None);
        };
        let before = self.before()?;
        Ok(Some(Self {
            noted: Some(Noted { files, before }),
            ..self.clone()
        }))
    }

    /// The same question for what follows the last entry of `bookmark`; `None` where what was read up to there, and left `trace`, is not what
    /// would be read now.
    ///
    /// # Errors
    /// What keeps journalctl from telling.
    pub fn behind(&self, bookmark: &Bookmark, trace: &Trace) -> io::Result<Option<Self>> {
        let since = self.begin(0);
        let fits = |noted: &Noted| {
            let all_there = bookmark.asked == self.asked() && bookmark.fits(&noted.files, since);
            all_there && bookmark.covers(trace, noted.before.is_some(), since)
        };
        if !self.noted.as_ref().is_some_and(fits) {
            return Ok(None);
        }
        let cursor = bookmark.last.cursor.clone();
        let begun = self.entries_behind(&cursor)?;
        Ok(begun.map(|begun| Self {
            behind: Some(Behind {
                cursor,
                begun: Arc::new(Mutex::new(Some(begun))),
            }),
            ..self.clone()
        }))
    }

    /// Where the answer ended, which was read to its end; `None` where there was no entry.
    pub fn bookmark(&self) -> Option<Bookmark> {
        let noted = self.noted.as_ref()?;
        Some(Bookmark {
            asked: self.asked(),
            last: self.trail.last()?,
            files: noted.files.clone(),
            before: noted.before.is_some(),
        })
    }

    /// What decides which entries fit, but for the window.
    fn asked(&self) -> String {
        format!("{:?} {:?} {:?}", self.file, self.matches, self.from)
    }

    pub(super) fn entries_of(&self, behind: &Behind) -> io::Result<Entries> {
        const GONE: &str = "an entry was deleted while the journal was read";
        let mut begun = behind.begun.lock().unwrap_or_else(PoisonError::into_inner);
        match begun.take() {
            Some(begun) => Ok(begun),
            None => self
                .entries_behind(&behind.cursor)?
                .ok_or_else(|| io::Error::other(GONE)),
        }
    }

    fn entries_behind(&self, cursor: &str) -> io::Result<Option<Entries>> {
        let mut entries = self.entries(&[format!("--cursor={cursor}")], &self.matches)?;
        let first = entries.skip_entry()?;
        Ok((first.as_deref() == Some(cursor)).then_some(entries))
    }
}
