//! Which file it is, and whether it still holds what was read of it.
//!
//! A log that was renamed keeps its inode; a copy (copytruncate) has another one and the same bytes. So a log is known again by its bytes:
//! the start of what was read and its end, hashed with a key that only the reader knows.

use crate::host::env::micros_of;
use crate::host::time::Micros;
use crate::state::record::record;
use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;
use std::fs::{File, Metadata};
use std::hash::Hasher as _;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};

/// How many bytes are hashed at either end.
const LENGTH: u64 = 4096;

/// What the system says of a file: as long as it says the same, the file holds the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    /// Bytes in the file.
    pub size: u64,
    modified: Micros,
    changed: (i64, i64),
}

record!(Stamp {
    device,
    inode,
    size,
    modified,
    changed
});

impl Stamp {
    /// The stamp of the file that `meta` describes.
    pub fn of(meta: &Metadata) -> Self {
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified: meta.modified().map_or(0, micros_of),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }

    /// Whether it is the same file, whatever its name and content.
    pub fn is_file_of(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// Whether it is the same file with the same content, whatever its name: a new name changes the time of change only.
    pub fn is_renamed(&self, other: &Self) -> bool {
        let known = |stamp: &Self| (stamp.device, stamp.inode, stamp.size, stamp.modified);
        known(self) == known(other)
    }
}

/// The fingerprint of the first bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Print {
    /// How many bytes.
    pub length: u64,
    head: u64,
    tail: u64,
}

record!(Print { length, head, tail });

impl Print {
    /// Of the first `length` bytes of `file`.
    ///
    /// # Errors
    /// Whatever reading says; [`io::ErrorKind::UnexpectedEof`] where the file is shorter.
    pub fn take(file: &File, length: u64, key: u64) -> io::Result<Self> {
        let part = length.min(LENGTH);
        Ok(Self {
            length,
            head: hashed(file, 0, part, key)?,
            tail: hashed(file, length - part, part, key)?,
        })
    }

    /// Whether `file` still begins so.
    pub fn fits(&self, file: &File, key: u64) -> bool {
        Self::take(file, self.length, key).is_ok_and(|print| print == *self)
    }
}

fn hashed(file: &File, at: u64, length: u64, key: u64) -> io::Result<u64> {
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(&mut bytes, at)?;
    let mut hasher = FoldHasher::with_seed(key, SharedSeed::global_fixed());
    hasher.write(&bytes);
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn prints() {
        let long: Vec<u8> = (0..20_000_u32).map(|byte| byte as u8).collect();
        let with = |at: usize| {
            let mut other = long.clone();
            other[at] ^= 1;
            other
        };
        let print = Print::take(&file(&long), 15_000, 7).unwrap();
        for (name, bytes, fits) in [
            ("the same", long.clone(), true),
            ("grown", [long.clone(), vec![1]].concat(), true),
            ("changed behind", with(15_000), true),
            ("another start", with(0), false),
            ("another start, at its end", with(4095), false),
            ("another end", with(14_999), false),
            ("truncated", long[..14_999].to_vec(), false),
            ("empty", Vec::new(), false),
        ] {
            assert_eq!(print.fits(&file(&bytes), 7), fits, "{name}");
        }
        assert!(!print.fits(&file(&long), 8), "another key");
        assert!(Print::take(&file(b""), 0, 7).unwrap().fits(&file(b"x"), 7));
    }

    #[test]
    fn a_new_name_is_no_new_file() {
        let directory = tempfile::tempdir().unwrap();
        let (old, new) = (directory.path().join("a"), directory.path().join("b"));
        std::fs::write(&old, "x").unwrap();
        let before = Stamp::of(&std::fs::metadata(&old).unwrap());
        std::fs::rename(&old, &new).unwrap();
        assert!(before.is_renamed(&Stamp::of(&std::fs::metadata(&new).unwrap())));
        std::fs::write(&new, "xy").unwrap();
        assert!(!before.is_renamed(&Stamp::of(&std::fs::metadata(&new).unwrap())));
    }
}
