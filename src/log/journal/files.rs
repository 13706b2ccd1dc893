//! The files of the journal: where they are, which they are, and what time their entries span.
//!
//! Relies on the head of a file (systemd, "Journal File Format"): integers are little endian; the id stays when journald renames a file,
//! and what is archived is never written again.

use crate::host::env::under;
use crate::host::time::Micros;
use crate::state::record::record;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Where the journal's files are: those that stay and those that a boot begins anew. Each has a directory for each machine.
const PLACES: [&str; 2] = ["/var/log/journal", "/run/log/journal"];
/// What the journal of the whole system is called; users have files of their own beside it.
const SYSTEM: &str = "system.journal";
/// What a file of the journal begins with.
const MAGIC: &[u8] = b"LPKSHHRH";
/// What their names end in; the second was found damaged and put aside, and is read as far as it can be.
const ENDINGS: [&str; 2] = [".journal", ".journal~"];
/// The length of the head, as far as it is read.
const HEAD: usize = 200;
/// The state of a file that is never written again.
const ARCHIVED: u8 = 2;

/// A file of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalFile {
    /// Which it is, whatever its name.
    pub id: (u64, u64),
    /// How many entries it has.
    pub entries: u64,
    /// When its first entry was received; `None` where there is none.
    pub oldest: Option<Micros>,
    /// When its last entry was received, 0 where there is none; `None` where that is not known, as the file may still be written.
    pub newest: Option<Micros>,
}

record!(JournalFile {
    id,
    entries,
    oldest,
    newest
});

impl JournalFile {
    fn read(path: &Path) -> io::Result<Self> {
        let mut head = [0; HEAD];
        File::open(path)?.read_exact(&mut head)?;
        Self::of(&head).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
    }

    /// What the head of a file says; `None` where it is none.
    pub fn of(head: &[u8]) -> Option<Self> {
        let head: &[u8; HEAD] = head.first_chunk()?;
        let word = |at: usize| {
            let bytes = head.get(at..)?.first_chunk()?;
            Some(u64::from_le_bytes(*bytes))
        };
        let time = |at| Micros::try_from(word(at)?).ok();
        let entries = word(152)?;
        head.starts_with(MAGIC).then_some(Self {
            id: (word(24)?, word(32)?),
            entries,
            oldest: time(184).filter(|_| entries > 0),
            newest: time(192).filter(|_| head[16] == ARCHIVED),
        })
    }
}

/// Whether `path` is a file of the journal.
pub fn is_file(path: &Path) -> bool {
    let mut head = [0; MAGIC.len()];
    let regular = std::fs::metadata(path).is_ok_and(|meta| meta.is_file());
    regular
        && File::open(path)
            .and_then(|mut file| file.read_exact(&mut head))
            .is_ok()
        && head == MAGIC
}

/// The files that journalctl reads: `file`, or else those of this machine. `None` where one of them cannot be read, or there is none.
pub(super) fn listing(root: &Path, file: Option<&Path>) -> Option<Vec<JournalFile>> {
    let paths = match file {
        Some(file) => vec![file.to_path_buf()],
        None => paths(root)?,
    };
    let files: io::Result<Vec<_>> = paths.iter().map(|path| JournalFile::read(path)).collect();
    files.ok().filter(|files| !files.is_empty())
}

fn paths(root: &Path) -> Option<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for directory in directories(root) {
        let entries = match std::fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(_) => return None,
        };
        for entry in entries {
            let path = entry.ok()?.path();
            let name = path.to_string_lossy();
            if ENDINGS.iter().any(|ending| name.ends_with(ending)) {
                paths.push(path);
            }
        }
    }
    Some(paths)
}

/// The directories of this machine's journal, whether they exist or not.
fn directories(root: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let machine = std::fs::read_to_string(under(root, "/etc/machine-id")).unwrap_or_default();
    let machine = machine.trim().to_owned();
    PLACES
        .map(|place| under(root, place).join(&machine))
        .into_iter()
        .filter(move |_| !machine.is_empty())
}

/// The files of this machine's journal that are being written, whether they exist or not.
pub(super) fn written(root: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    directories(root).map(|directory| directory.join(SYSTEM))
}

/// Whether the journal does not outlive a boot.
pub(super) fn is_volatile(root: &Path) -> bool {
    let kept = under(root, PLACES[0]);
    let (kept, lost): (Vec<_>, Vec<_>) = written(root)
        .filter(|file| file.exists())
        .partition(|file| file.starts_with(&kept));
    kept.is_empty() && !lost.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of a file whose fields are at the places that the format gives them.
    fn head(state: u8, entries: u64, oldest: u64, newest: u64) -> [u8; HEAD] {
        let mut head = [0; HEAD];
        head[..8].copy_from_slice(MAGIC);
        head[16] = state;
        for (at, word) in [
            (24, 7),
            (32, 8),
            (152, entries),
            (184, oldest),
            (192, newest),
        ] {
            head[at..at + 8].copy_from_slice(&u64::to_le_bytes(word));
        }
        head
    }

    #[test]
    fn heads() {
        for (name, head, oldest, newest) in [
            ("archived", head(2, 9, 100, 200), Some(100), Some(200)),
            ("being written", head(1, 9, 100, 200), Some(100), None),
            ("closed", head(0, 9, 100, 200), Some(100), None),
            ("empty", head(2, 0, 0, 0), None, Some(0)),
            (
                "a time that is none",
                head(2, 1, u64::MAX, 200),
                None,
                Some(200),
            ),
        ] {
            let expected = JournalFile {
                id: (7, 8),
                entries: u64::from(head[152]),
                oldest,
                newest,
            };
            assert_eq!(JournalFile::of(&head), Some(expected), "{name}");
        }
        assert_eq!(JournalFile::of(&[0; HEAD]), None);
    }

    #[test]
    fn all_of_this_machine_or_nothing() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        let directory = path("var/log/journal/0123");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::create_dir_all(path("etc")).unwrap();
        std::fs::write(path("etc/machine-id"), "0123\n").unwrap();
        let count = || listing(root.path(), None).map(|files| files.len());
        assert_eq!(count(), None, "none");
        for name in ["system.journal", "user-7@1.journal~", "readme"] {
            std::fs::write(directory.join(name), head(1, 1, 1, 1)).unwrap();
        }
        assert_eq!(count(), Some(2));
        assert!(!is_volatile(root.path()));
        std::fs::write(directory.join("new.journal"), "").unwrap();
        assert_eq!(count(), None, "one that cannot be read");
        let file = directory.join("system.journal");
        let one = listing(root.path(), Some(&file));
        assert_eq!(one.map(|files| files.len()), Some(1));
    }
}
