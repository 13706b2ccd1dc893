//! The file: private, checked before it is believed, written whole or not at all.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | a magic word |
//! | 8 | the build that wrote it: another one may mean other things |
//! | 8 × sections | the lengths of the sections |
//! | 8 × sections | the checksums of the sections |
//! | 8 | the checksum of all this |
//! | | the sections |
//!
//! It is written beside its place (`NAME.new`) and renamed; the lock on what is written keeps a second run away. Only its user may write it
//! and the directory that it is in, so nobody can put another file in its place.

use crate::host::access::{Identity, Obstacle, plain_error};
use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use std::fs::{File, Metadata};
use std::hash::Hasher as _;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// The parts of a file that can be read by themselves.
pub const SECTIONS: usize = 3;
const MAGIC: u64 = u64::from_le_bytes(*b"PMSTATE\x01");
/// What decides whether the bytes mean the same.
const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("CARGO_PKG_NAME"), " 1");
const HEADER: usize = 8 * (3 + 2 * SECTIONS);
/// The rights of others to write.
const OTHERS_WRITE: u32 = 0o022;

/// Where a state is kept, and whose it is.
#[derive(Debug, Clone)]
pub struct Place {
    path: PathBuf,
    identity: Identity,
}

/// How the file that is there stands.
#[derive(Debug)]
pub enum Found {
    /// There is none.
    Nothing,
    /// It can be read.
    Whole(State),
    /// Another version wrote it.
    Foreign,
    /// It is not what was written.
    Damaged,
}

/// A file that can be read.
#[derive(Debug)]
pub struct State {
    file: File,
    lengths: [u64; SECTIONS],
    sums: [u64; SECTIONS],
}

impl Place {
    /// A place for a state of the user who asks.
    pub fn new(path: &Path, identity: &Identity) -> Self {
        Self {
            path: path.to_path_buf(),
            identity: identity.clone(),
        }
    }

    /// Opens the file that is there.
    ///
    /// # Errors
    /// The obstacle, where the file or its directory could be another user's work, or cannot be read.
    pub fn open(&self) -> Result<Found, Obstacle> {
        self.check_directory()?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = match rustix::fs::open(&self.path, flags, Mode::empty()) {
            Ok(descriptor) => File::from(descriptor),
            Err(rustix::io::Errno::NOENT) => return Ok(Found::Nothing),
            Err(rustix::io::Errno::LOOP) => return Err(self.symlink()),
            Err(error) => return Err(self.explain(&error.into())),
        };
        let meta = file.metadata().map_err(|error| self.explain(&error))?;
        self.check_file(&meta)?;
        Ok(match meta.len() {
            0 => Found::Nothing,
            length => State::found(file, length),
        })
    }

    /// Only this user and root may put files beside it.
    fn check_directory(&self) -> Result<(), Obstacle> {
        let directory = self.directory();
        let shown = directory.display();
        let user = self.identity.user();
        let make = format!("install -d -m 0700 -o {user} {shown}");
        let meta = match std::fs::metadata(directory) {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Obstacle::with_fix("its directory does not exist", make));
            }
            Err(error) => return Err(self.identity.explain(directory, &error)),
        };
        let ours = [0, self.identity.uid()].contains(&meta.uid());
        if ours && meta.mode() & OTHERS_WRITE == 0 {
            return Ok(());
        }
        let mode = meta.mode() & 0o7777;
        Err(Obstacle::with_fix(
            format!("others than user {user} can write its directory {shown} ({mode:04o})"),
            format!(
                "keep it in a directory of its own: install -d -m 0700 -o {user} /var/lib/postmaster-plugins"
            ),
        ))
    }

    /// A regular file of this user that nobody else can write.
    fn check_file(&self, meta: &Metadata) -> Result<(), Obstacle> {
        let shown = self.path.display();
        let user = self.identity.user();
        if !meta.is_file() {
            return Err(Obstacle::with_fix(
                "is no regular file",
                "name another file",
            ));
        }
        if meta.uid() != self.identity.uid() {
            let owner = self.identity.user_name(meta.uid());
            return Err(Obstacle::with_fix(
                format!("belongs to user {owner}, and not to {user} who asks"),
                format!("ask as {owner}, or name another file"),
            ));
        }
        if meta.mode() & OTHERS_WRITE != 0 {
            let mode = meta.mode() & 0o7777;
            return Err(Obstacle::with_fix(
                format!("others can write it ({mode:04o})"),
                format!("rm {shown}"),
            ));
        }
        Ok(())
    }

    fn symlink(&self) -> Obstacle {
        Obstacle::with_fix(
            "is a symbolic link, which is not followed",
            "name the file itself",
        )
    }

    fn explain(&self, error: &io::Error) -> Obstacle {
        match error.kind() {
            io::ErrorKind::PermissionDenied => self.identity.explain(&self.path, error),
            _ => Obstacle {
                what: plain_error(error),
                fix: None,
            },
        }
    }

    fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(directory) if !directory.as_os_str().is_empty() => directory,
            _ => Path::new("."),
        }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    }

    /// Puts a damaged file aside, and says where it is now.
    ///
    /// # Errors
    /// Whatever renaming says.
    pub fn set_aside(&self) -> Result<PathBuf, Obstacle> {
        let aside = self.beside(".damaged");
        match std::fs::rename(&self.path, &aside) {
            // Another run was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(aside),
            Err(error) => Err(self.write_error(&error)),
            Ok(()) => Ok(aside),
        }
    }

    /// Writes the file anew; `false` where another run is about to.
    ///
    /// # Errors
    /// The obstacle; then the file that was there is still there.
    pub fn write(&self, sections: [&[u8]; SECTIONS]) -> Result<bool, Obstacle> {
        let new = self.beside(".new");
        let written = self.write_new(&new, sections);
        if written.is_err() {
            // Nothing is left that fills a disk.
            drop(std::fs::remove_file(&new));
        }
        written.map_err(|error| self.write_error(&error))
    }

    fn write_new(&self, new: &Path, sections: [&[u8]; SECTIONS]) -> io::Result<bool> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let mode = Mode::RUSR | Mode::WUSR;
        let mut file = File::from(rustix::fs::open(new, flags, mode)?);
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        // Whoever had the lock before may have renamed what was opened: then it is finished, and not to be touched.
        let (ours, there) = (file.metadata()?, std::fs::symlink_metadata(new));
        if !there.is_ok_and(|there| there.ino() == ours.ino()) {
            return Ok(false);
        }
        if self.check_file(&ours).is_err() {
            return Err(io::Error::other(
                "NAME.new beside it is not this user's file alone, remove it",
            ));
        }
        file.set_len(0)?;
        file.write_all(&header(&sections))?;
        for section in sections {
            file.write_all(section)?;
        }
        file.sync_data()?;
        std::fs::rename(new, &self.path)?;
        // Where the rename is lost with the power, the file before is still there.
        drop(File::open(self.directory()).and_then(|directory| directory.sync_all()));
        Ok(true)
    }

    fn write_error(&self, error: &io::Error) -> Obstacle {
        if error.kind() != io::ErrorKind::PermissionDenied {
            return self.explain(error);
        }
        let directory = self.directory().display();
        let user = self.identity.user();
        Obstacle::with_fix(
            format!("user {user} may not write in {directory}"),
            format!("install -d -m 0700 -o {user} {directory}"),
        )
    }
}

impl State {
    fn found(file: File, length: u64) -> Found {
        let mut bytes = [0; HEADER];
        if file.read_exact_at(&mut bytes, 0).is_err() {
            return Found::Damaged;
        }
        let mut words = bytes
            .as_chunks::<8>()
            .0
            .iter()
            .map(|word| u64::from_le_bytes(*word));
        let mut next = || words.next().unwrap_or_default();
        let (magic, build) = (next(), next());
        let lengths = [(); SECTIONS].map(|()| next());
        let sums = [(); SECTIONS].map(|()| next());
        let end = lengths
            .iter()
            .try_fold(HEADER as u64, |sum, length| sum.checked_add(*length));
        let sound = magic == MAGIC && next() == sum(&bytes[..HEADER - 8]);
        match sound && (build != build_number() || end == Some(length)) {
            false => Found::Damaged,
            true if build != build_number() => Found::Foreign,
            true => Found::Whole(Self {
                file,
                lengths,
                sums,
            }),
        }
    }

    /// The bytes of a section; `None` where they are not what was written.
    ///
    /// # Errors
    /// Whatever reading says.
    pub fn section(&self, section: usize) -> io::Result<Option<Vec<u8>>> {
        let before: u64 = self.lengths[..section].iter().sum();
        let length = self.lengths[section];
        let mut bytes = Vec::new();
        let reader = At {
            file: &self.file,
            at: HEADER as u64 + before,
        };
        reader.take(length).read_to_end(&mut bytes)?;
        let whole = bytes.len() as u64 == length && sum(&bytes) == self.sums[section];
        Ok(whole.then_some(bytes))
    }
}

/// Reads a file from a place on.
struct At<'a> {
    file: &'a File,
    at: u64,
}

impl io::Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read_at(buffer, self.at)?;
        self.at += length as u64;
        Ok(length)
    }
}

fn header(sections: &[&[u8]; SECTIONS]) -> Vec<u8> {
    let lengths = sections.map(|section| section.len() as u64);
    let sums = sections.map(sum);
    let words = [MAGIC, build_number()]
        .into_iter()
        .chain(lengths)
        .chain(sums);
    let mut header: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
    let whole = sum(&header);
    header.extend_from_slice(&whole.to_le_bytes());
    header
}

fn build_number() -> u64 {
    sum(BUILD.as_bytes())
}

/// Tells bytes that were written from others that came about by accident; only this user can write others on purpose.
fn sum(bytes: &[u8]) -> u64 {
    let mut hasher = FoldHasher::with_seed(0, SharedSeed::global_fixed());
    hasher.write(bytes);
    hasher.write_u64(bytes.len() as u64);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    const SECTIONS: [&[u8]; 3] = [b"head", b"", b"all the rest"];

    fn place() -> (tempfile::TempDir, Place) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state");
        let identity = Identity::current(Path::new("/"));
        (directory, Place::new(&path, &identity))
    }

    /// What is read back: `None` where a section is not what was written.
    fn read(place: &Place) -> Option<Vec<Vec<u8>>> {
        match place.open().unwrap() {
            Found::Whole(state) => (0..3)
                .map(|number| state.section(number).unwrap())
                .collect(),
            Found::Nothing | Found::Foreign | Found::Damaged => None,
        }
    }

    #[test]
    fn what_was_written_is_read_and_private() {
        let (_directory, place) = place();
        assert!(matches!(place.open(), Ok(Found::Nothing)));
        for _ in 0..2 {
            assert_eq!(place.write(SECTIONS), Ok(true));
            assert_eq!(read(&place).unwrap(), SECTIONS);
        }
        let mode = std::fs::metadata(&place.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
    }

    #[test]
    fn torn_or_changed_anywhere_it_is_damaged() {
        let (_directory, place) = place();
        place.write(SECTIONS).unwrap();
        let good = std::fs::read(&place.path).unwrap();
        for at in 0..good.len() {
            if at > 0 {
                std::fs::write(&place.path, &good[..at]).unwrap();
                assert_eq!(read(&place), None, "torn at {at}");
            }
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                std::fs::write(&place.path, bad).unwrap();
                assert_eq!(read(&place), None, "bit {bit} of {at}");
            }
        }
    }

    #[test]
    fn another_version_is_no_damage() {
        let (_directory, place) = place();
        let mut bytes = header(&SECTIONS);
        bytes[8] ^= 1;
        let whole = sum(&bytes[..HEADER - 8]);
        bytes[HEADER - 8..].copy_from_slice(&whole.to_le_bytes());
        std::fs::write(&place.path, bytes).unwrap();
        assert!(matches!(place.open(), Ok(Found::Foreign)));
    }

    #[test]
    fn who_comes_second_does_not_write() {
        let (_directory, place) = place();
        let new = place.beside(".new");
        let first = File::create(&new).unwrap();
        flock(&first, FlockOperation::LockExclusive).unwrap();
        assert_eq!(place.write(SECTIONS), Ok(false));
        assert!(matches!(place.open(), Ok(Found::Nothing)));
        drop(first);
        assert_eq!(place.write(SECTIONS), Ok(true));
    }

    #[test]
    fn a_planted_link_is_not_written_through() {
        let (directory, place) = place();
        let target = directory.path().join("target");
        std::fs::write(&target, "precious").unwrap();
        symlink(&target, place.beside(".new")).unwrap();
        assert!(place.write(SECTIONS).is_err());
        assert_eq!(std::fs::read(&target).unwrap(), b"precious");
    }
}
