//! The files of the kernel below a root directory: `/` on the host itself, another one in tests and in containers that mount the
//! host's /proc and /sys. No file is read further than [`LIMIT`].

use crate::host::env::under;
use crate::memory::Fault;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Bytes read of one file at most. The largest file used, /proc/zoneinfo of a machine with hundreds of CPUs, has a tenth of it.
pub const LIMIT: u64 = 4 << 20;

/// What the files need, /proc/vmstat a little more than half of it: each further read would have the kernel sum up anew.
const USUAL: usize = 8 << 10;

/// A root directory.
#[derive(Debug, Clone, Copy)]
pub struct Tree<'a> {
    root: &'a Path,
}

/// A file that cannot be read.
#[derive(Debug)]
pub struct Unreadable {
    /// The file, root directory included.
    pub path: PathBuf,
    /// What the system says.
    pub error: io::Error,
}

impl<'a> Tree<'a> {
    /// The files below `root`.
    pub fn new(root: &'a Path) -> Self {
        Self { root }
    }

    /// An absolute path, below the root.
    pub fn path(&self, absolute: &str) -> PathBuf {
        under(self.root, absolute)
    }

    /// Whether there is a file or directory `absolute`.
    pub fn has(&self, absolute: &str) -> bool {
        self.path(absolute).exists()
    }

    /// The content of a file that must be there.
    ///
    /// # Errors
    /// [`Unreadable`] with the path as it was opened.
    pub fn read(&self, absolute: &str) -> Result<Vec<u8>, Unreadable> {
        let path = self.path(absolute);
        read(&path).map_err(|error| Unreadable { path, error })
    }

    /// The content of a file that may be missing.
    ///
    /// # Errors
    /// [`Unreadable`] where the file exists and cannot be read.
    pub fn read_if_there(&self, absolute: &str) -> Result<Option<Vec<u8>>, Unreadable> {
        match self.read(absolute) {
            Ok(content) => Ok(Some(content)),
            Err(unreadable) if unreadable.error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(unreadable) => Err(unreadable),
        }
    }

    /// A fault of the format of `absolute`.
    pub fn malformed(&self, absolute: &str, what: impl Into<String>) -> Fault {
        Fault::Malformed {
            path: self.path(absolute),
            what: what.into(),
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::with_capacity(USUAL);
    File::open(path)?.take(LIMIT).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_missing_and_unreadable() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("proc")).unwrap();
        std::fs::write(dir.path().join("proc/vmstat"), "x 1\n").unwrap();
        let tree = Tree::new(dir.path());
        assert_eq!(tree.read("/proc/vmstat").unwrap(), b"x 1\n");
        assert!(tree.read_if_there("/proc/none").unwrap().is_none());
        assert!(tree.read_if_there("/proc").is_err(), "a directory");
        assert_eq!(
            tree.read("/proc/none").unwrap_err().path,
            dir.path().join("proc/none")
        );
        assert!(tree.has("/proc/vmstat") && !tree.has("/sys"));
    }
}
