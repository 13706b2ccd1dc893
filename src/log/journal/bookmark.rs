//! How far the journal was read, and whether all that was read of it is still there.
//!
//! journald deletes whole files, the oldest first, of the system and of each user; so it is the files that tell what is gone. A file that was
//! there and is not may have held entries that were counted, unless all of it lay before the window. A file that is new holds what is new,
//! unless its entries are older than the last one that was read: then it came from elsewhere. A file with less entries than it had was damaged.

use super::files::JournalFile;
use crate::host::time::Micros;
use crate::log::coverage::Trace;
use crate::log::runs::DISORDER;
use crate::log::trail::Last;
use crate::state::record::record;

/// The last entry that was read, and what was there then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark {
    /// What was asked.
    pub asked: String,
    /// The last entry.
    pub last: Last,
    /// The files, from before they were read.
    pub files: Vec<JournalFile>,
    /// Whether there were entries in front of the window.
    pub before: bool,
}

record!(Bookmark {
    asked,
    last,
    files,
    before
});

impl Bookmark {
    /// Whether `files`, which are there now, are as good as those that were read, for a window that begins at `since`.
    pub(super) fn fits(&self, files: &[JournalFile], since: Option<Micros>) -> bool {
        let same = |file: &JournalFile, files: &[JournalFile]| {
            files.iter().find(|other| other.id == file.id).copied()
        };
        let needed = |file: &&JournalFile| !since.is_some_and(|since| file.is_behind(since));
        let all_there = self.files.iter().filter(needed).all(|file| {
            let now = same(file, files);
            now.is_some_and(|now| now.entries >= file.entries)
        });
        let new = files
            .iter()
            .filter(|file| same(file, &self.files).is_none());
        let mut new = new.filter_map(|file| file.oldest);
        all_there && new.all(|oldest| oldest > self.last.heard)
    }

    /// Whether what the lines behind `trace` tell of the start of the journal holds: `before` says whether it has entries in front of the
    /// window that begins at `since`. Without any, where it begins is told by its first line, which must be there still.
    pub(super) fn covers(&self, trace: &Trace, before: bool, since: Option<Micros>) -> bool {
        let since = since.unwrap_or(Micros::MIN);
        let is_in = |at: Option<Micros>| at.is_some_and(|at| at >= since);
        let begins_there = !self.before && is_in(trace.first);
        is_in(trace.wanted) && (before || begins_there)
    }
}

impl JournalFile {
    /// Whether all its entries are older than `since`, even if a clock was set back.
    fn is_behind(&self, since: Micros) -> bool {
        self.newest
            .is_some_and(|newest| newest < since.saturating_sub(DISORDER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::time::HOUR;

    fn file(id: u64, oldest: i64, newest: Option<i64>) -> JournalFile {
        JournalFile {
            id: (id, 0),
            entries: 9,
            oldest: Some(oldest * HOUR),
            newest: newest.map(|newest| newest * HOUR),
        }
    }

    fn bookmark(files: Vec<JournalFile>, before: bool) -> Bookmark {
        Bookmark {
            asked: String::new(),
            last: Last {
                cursor: String::from("x"),
                heard: 30 * HOUR,
            },
            files,
            before,
        }
    }

    #[test]
    fn files_that_come_and_go() {
        let [old, user, written] = [
            file(1, 0, Some(10)),
            file(2, 5, Some(20)),
            file(3, 10, None),
        ];
        let bookmark = bookmark(vec![old, user, written], true);
        let archived = file(3, 10, Some(40));
        let (new, restored) = (file(4, 31, None), file(5, 30, None));
        let cut = JournalFile { entries: 8, ..user };
        let empty = JournalFile {
            oldest: None,
            ..new
        };
        for (name, files, since, fits) in [
            ("the same", vec![old, user, written], 12, true),
            ("a rotation", vec![old, user, archived, new], 12, true),
            (
                "a file without entries",
                vec![old, user, written, empty],
                12,
                true,
            ),
            (
                "the oldest is gone and not needed",
                vec![user, written],
                12,
                true,
            ),
            ("it may be needed", vec![user, written], 11, false),
            ("a user's is gone", vec![old, written], 12, false),
            ("what was written is gone", vec![old, user, new], 100, false),
            ("one lost entries", vec![old, cut, written], 12, false),
            (
                "one came from elsewhere",
                vec![old, user, written, restored],
                12,
                false,
            ),
            ("all is gone", vec![], 12, false),
        ] {
            assert_eq!(bookmark.fits(&files, Some(since * HOUR)), fits, "{name}");
        }
        assert!(!bookmark.fits(&[user, written], None), "no window");
    }

    #[test]
    fn where_the_journal_begins() {
        let trace = |first, wanted| Trace {
            first: Some(first),
            wanted: Some(wanted),
            ..Trace::default()
        };
        for (name, trace, then, now, holds) in [
            ("entries before", trace(1, 50), true, true, true),
            ("all in the window", trace(11, 50), false, false, true),
            ("some were deleted", trace(9, 50), false, false, false),
            ("those before were", trace(11, 50), true, false, false),
            ("nothing is left", trace(1, 9), true, true, false),
        ] {
            let found = bookmark(Vec::new(), then).covers(&trace, now, Some(10));
            assert_eq!(found, holds, "{name}");
        }
        let lines = Trace::default();
        assert!(!bookmark(Vec::new(), true).covers(&lines, true, None));
    }
}
