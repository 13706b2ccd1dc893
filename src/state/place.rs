//! Where a state is kept: the file, the base that it stands on, and who may write them.
//!
//! Only their user may write them and the directory that they are in, so nobody can put other files in their place. The base is one of two
//! files, `NAME.a` and `NAME.b`: a new one never takes the place of one that is still needed.

use super::base::{Base, Basis, Seal};
use super::file::{Found, State};
use super::spool::Scratch;
use crate::host::access::{Identity, Obstacle, plain_error};
use crate::host::shell;
use rustix::fs::{Access, Mode, OFlags};
use std::cell::Cell;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The rights of others to write.
const OTHERS_WRITE: u32 = 0o022;
/// A directory that is nobody else's.
const OWN: &str = "/var/lib/postmaster-plugins";
/// Directories of the system, not to be given to a user; of the first ones not what is below them either.
const SYSTEM_TREES: [&str; 10] = [
    "/etc", "/root", "/usr", "/bin", "/sbin", "/lib", "/boot", "/dev", "/proc", "/sys",
];
const SYSTEM: [&str; 16] = [
    "/",
    "/var",
    "/var/log",
    "/var/lib",
    "/var/spool",
    "/var/cache",
    "/var/tmp",
    "/var/mail",
    "/var/backups",
    "/run",
    "/run/lock",
    "/tmp",
    "/home",
    "/srv",
    "/opt",
    "/mnt",
];

/// Where a state is kept, and whose it is.
#[derive(Debug, Clone)]
pub struct Place {
    pub(super) path: PathBuf,
    identity: Identity,
    /// Which file was found there: whoever writes another one meanwhile knows more.
    pub(super) seen: Cell<Option<FileId>>,
}

/// A file's device and inode.
pub(super) type FileId = (u64, u64);

/// Which file it is that `meta` describes.
pub(super) fn id_of(meta: &Metadata) -> FileId {
    (meta.dev(), meta.ino())
}

impl Place {
    /// A place for a state of the user who asks.
    pub fn new(path: &Path, identity: &Identity) -> Self {
        Self {
            path: path.to_path_buf(),
            identity: identity.clone(),
            seen: Cell::new(None),
        }
    }

    /// Opens the file that is there.
    ///
    /// # Errors
    /// The obstacle, where the file or its directory could be another user's work, or cannot be read.
    pub fn open(&self) -> Result<Found, Obstacle> {
        self.check_directory()?;
        self.seen.set(None);
        let Some((file, meta)) = self.open_file(&self.path)? else {
            return Ok(Found::Nothing);
        };
        self.seen.set(Some(id_of(&meta)));
        Ok(match meta.len() {
            0 => Found::Nothing,
            length => State::found(file, length),
        })
    }

    /// Opens the base that `seal` is of.
    ///
    /// # Errors
    /// As of [`Self::open`].
    pub fn open_base(&self, seal: Seal) -> Result<Basis, Obstacle> {
        let Some((file, meta)) = self.open_file(&self.base_path(seal))? else {
            return Ok(Basis::Nothing);
        };
        Ok(Base::found(file, meta.len(), seal))
    }

    /// A file that only this user can have written; `None` where there is none.
    fn open_file(&self, path: &Path) -> Result<Option<(File, Metadata)>, Obstacle> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(descriptor) => File::from(descriptor),
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(rustix::io::Errno::LOOP) => return Err(self.symlink()),
            Err(error) => {
                // Another user's is closed, as a rule: to open it would not be enough.
                let theirs = std::fs::symlink_metadata(path).ok();
                theirs.map_or(Ok(()), |meta| self.check_file(path, &meta))?;
                return Err(self.explain(&error.into()));
            }
        };
        let meta = file.metadata().map_err(|error| self.explain(&error))?;
        self.check_file(path, &meta)?;
        Ok(Some((file, meta)))
    }

    /// Where the base that `seal` is of lies.
    pub fn base_path(&self, seal: Seal) -> PathBuf {
        self.beside(if seal.second { ".b" } else { ".a" })
    }

    /// Only this user and root may put files beside it.
    fn check_directory(&self) -> Result<(), Obstacle> {
        let directory = self.directory();
        let meta = match std::fs::metadata(directory) {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Obstacle::with_fix(
                    "its directory does not exist",
                    self.own_directory(),
                ));
            }
            Err(error) => return Err(self.identity.explain(directory, &error)),
        };
        let ours = [0, self.identity.uid()].contains(&meta.uid());
        if ours && meta.mode() & OTHERS_WRITE == 0 {
            return self.check_access(Access::EXEC_OK);
        }
        let (user, shown) = (self.identity.user(), directory.display());
        let mode = meta.mode() & 0o7777;
        Err(Obstacle::with_fix(
            format!("others than user {user} can write its directory {shown} ({mode:04o})"),
            self.another_directory(),
        ))
    }

    /// What this user may do in the directory.
    fn check_access(&self, wanted: Access) -> Result<(), Obstacle> {
        rustix::fs::access(self.directory(), wanted)
            .map_err(|error| self.write_error(&error.into()))
    }

    /// Opens the file that is there, and looks whether a new one could be written.
    ///
    /// # Errors
    /// As of [`Self::open`] and [`Self::write`], but for a disk that is full.
    pub fn try_out(&self) -> Result<Found, Obstacle> {
        let found = self.open()?;
        self.check_access(Access::WRITE_OK | Access::EXEC_OK)?;
        self.check_new(&self.beside(".new"))
            .map_err(|error| self.write_error(&error))?;
        Ok(found)
    }

    /// How the directory becomes this user's own; one that others have files in stays theirs.
    fn own_directory(&self) -> String {
        match self.install(self.directory()).filter(|_| !self.is_shared()) {
            Some(command) => command,
            None => self.another_directory(),
        }
    }

    fn another_directory(&self) -> String {
        let command = self.install(Path::new(OWN)).unwrap_or_default();
        format!("keep it in a directory of its own: {command}")
    }

    fn install(&self, directory: &Path) -> Option<String> {
        let user = self.identity.user_word();
        shell::command_on(&["install", "-d", "-m", "0700", "-o", &user], directory)
    }

    /// Whether the directory is of the system, or holds files of others.
    fn is_shared(&self) -> bool {
        let directory = self.directory();
        let whole = std::fs::canonicalize(directory).or_else(|_| std::path::absolute(directory));
        let whole = whole.unwrap_or_default();
        let of_system = SYSTEM.iter().any(|place| whole == Path::new(place))
            || SYSTEM_TREES.iter().any(|tree| whole.starts_with(tree));
        let name = self.path.file_name().unwrap_or_default().as_encoded_bytes();
        let is_foreign = |entry: std::fs::DirEntry| {
            let ours = |meta: Metadata| meta.uid() == self.identity.uid();
            !entry.file_name().as_encoded_bytes().starts_with(name)
                && !entry.metadata().is_ok_and(ours)
        };
        of_system
            || match std::fs::read_dir(directory) {
                Ok(mut entries) => entries.any(|entry| entry.is_ok_and(is_foreign)),
                // What nobody may look into may hold anything.
                Err(error) => error.kind() != io::ErrorKind::NotFound,
            }
    }

    /// A regular file of this user that nobody else can write.
    pub(super) fn check_file(&self, path: &Path, meta: &Metadata) -> Result<(), Obstacle> {
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
                shell::command_on(&["rm"], path).unwrap_or_else(|| String::from("remove it")),
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

    pub(super) fn explain(&self, error: &io::Error) -> Obstacle {
        match error.kind() {
            io::ErrorKind::PermissionDenied => self.identity.explain(&self.path, error),
            _ => Obstacle {
                what: plain_error(error),
                fix: None,
            },
        }
    }

    pub(super) fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(directory) if !directory.as_os_str().is_empty() => directory,
            _ => Path::new("."),
        }
    }

    /// The path with an ending.
    pub(super) fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    }

    /// Puts the damaged file `path`, this one or its base, aside, and says where it is now.
    ///
    /// # Errors
    /// Whatever renaming says.
    pub fn set_aside(&self, path: &Path) -> Result<PathBuf, Obstacle> {
        let aside = self.beside(".damaged");
        match std::fs::rename(path, &aside) {
            // Another run was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(self.write_error(&error)),
            Ok(()) => {}
        }
        if path == self.path {
            self.seen.set(None);
        }
        Ok(aside)
    }

    /// All files that a state may be in, or that are written on the way.
    pub fn paths(&self) -> [PathBuf; 5] {
        ["", ".a", ".b", ".new", ".spool"].map(|ending| self.beside(ending))
    }

    /// Where bytes may wait that will be written.
    pub fn scratch(&self) -> Scratch {
        Scratch::new(self.beside(".spool"))
    }

    /// The file itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is in the way of writing.
    pub fn write_error(&self, error: &io::Error) -> Obstacle {
        if error.kind() != io::ErrorKind::PermissionDenied {
            return self.explain(error);
        }
        let directory = self.directory().display();
        let user = self.identity.user();
        Obstacle::with_fix(
            format!("user {user} may not write in {directory}"),
            self.own_directory(),
        )
    }
}
