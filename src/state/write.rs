//! Writing: whole or not at all. What is new is written beside its place (`NAME.new`) and renamed; the lock on it keeps a second run away.
//! A new base is written first, under the name that is free; when the file that needs it is in its place, the base before it goes.

use super::base::{Bytes, Seal};
use super::file::{self, SECTIONS};
use super::place::{Place, id_of};
use crate::host::access::Obstacle;
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

/// The base that a file stands on.
#[derive(Debug, Clone, Copy)]
pub enum Ground<'a> {
    /// None.
    Nothing,
    /// The one that is there.
    Kept(Seal),
    /// A new one.
    New(Seal, &'a Bytes),
}

/// What is in the way of a write.
enum Why {
    /// Another run writes, or has written.
    Late,
    Io(io::Error),
}

impl From<io::Error> for Why {
    fn from(error: io::Error) -> Self {
        Why::Io(error)
    }
}

impl Place {
    /// Writes the file anew, with its base; `false` where another run is about to, or wrote since this one looked.
    ///
    /// # Errors
    /// The obstacle; then the file that was there is still there.
    pub fn write(&self, sections: [&[u8]; SECTIONS], ground: Ground<'_>) -> Result<bool, Obstacle> {
        let new = self.beside(".new");
        match self.write_new(&new, sections, ground) {
            Ok(()) => Ok(true),
            Err(Why::Late) => Ok(false),
            Err(Why::Io(error)) => {
                // Nothing is left that fills a disk.
                drop(std::fs::remove_file(&new));
                Err(self.write_error(&error))
            }
        }
    }

    fn write_new(
        &self,
        new: &Path,
        sections: [&[u8]; SECTIONS],
        ground: Ground<'_>,
    ) -> Result<(), Why> {
        let mut file = self.locked(new)?;
        if !self.is_as_seen() {
            std::fs::remove_file(new)?;
            return Err(Why::Late);
        }
        if let Ground::New(seal, bytes) = ground {
            let base = self.base_path(seal);
            self.write_base(&base, bytes)
                .inspect_err(|_| drop(std::fs::remove_file(&base)))?;
        }
        let written = self.put_in_place(&mut file, new, sections);
        match (&written, ground) {
            // Beside the one that is needed there may be what a run left that was killed.
            (Ok(()), Ground::New(seal, _) | Ground::Kept(seal)) => self.remove_base(seal.other()),
            (Ok(()), Ground::Nothing) => {
                self.remove_base(Seal::default());
                self.remove_base(Seal::default().other());
            }
            (Err(_), Ground::New(seal, _)) => self.remove_base(seal),
            (_, _) => {}
        }
        Ok(written?)
    }

    /// The file that is to be renamed, empty and locked.
    fn locked(&self, new: &Path) -> Result<File, Why> {
        self.check_new(new)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = open(new, flags)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(Why::Late),
            Err(error) => return Err(io::Error::from(error).into()),
        }
        // Whoever had the lock before may have renamed what was opened: then it is finished, and not to be touched.
        let (ours, there) = (file.metadata()?, std::fs::symlink_metadata(new));
        if !there.is_ok_and(|there| id_of(&there) == id_of(&ours)) {
            return Err(Why::Late);
        }
        if self.check_file(new, &ours).is_err() {
            return Err(foreign_new().into());
        }
        file.set_len(0)?;
        Ok(file)
    }

    /// What is left of a run before must be this user's.
    pub(super) fn check_new(&self, new: &Path) -> io::Result<()> {
        match std::fs::symlink_metadata(new) {
            Ok(meta) if self.check_file(new, &meta).is_err() => Err(foreign_new()),
            _ => Ok(()),
        }
    }

    /// Whether the file that was opened is still there: another one may stand on another base.
    fn is_as_seen(&self) -> bool {
        let there = std::fs::symlink_metadata(&self.path);
        there.ok().as_ref().map(id_of) == self.seen.get()
    }

    /// What lies there is nobody's: a run that was killed left it. Not written over, for an older run may still read it.
    fn write_base(&self, path: &Path, bytes: &Bytes) -> io::Result<()> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mut file = open(path, flags)?;
        bytes.write(&mut file)?;
        file.sync_data()
    }

    fn put_in_place(
        &self,
        file: &mut File,
        new: &Path,
        sections: [&[u8]; SECTIONS],
    ) -> io::Result<()> {
        file.write_all(&file::header(&sections))?;
        for section in sections {
            file.write_all(section)?;
        }
        file.sync_data()?;
        std::fs::rename(new, &self.path)?;
        self.seen.set(file.metadata().ok().as_ref().map(id_of));
        // Where the rename is lost with the power, the file before is still there.
        drop(File::open(self.directory()).and_then(|directory| directory.sync_all()));
        Ok(())
    }

    fn remove_base(&self, seal: Seal) {
        drop(std::fs::remove_file(self.base_path(seal)));
    }
}

fn foreign_new() -> io::Error {
    io::Error::other("the file NAME.new beside it is not this user's alone, remove it")
}

fn open(path: &Path, flags: OFlags) -> io::Result<File> {
    let mode = Mode::RUSR | Mode::WUSR;
    Ok(File::from(rustix::fs::open(path, flags, mode)?))
}
