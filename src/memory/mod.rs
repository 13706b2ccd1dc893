//! Memory as the Linux kernel tells of it: what is there, what programs can still get, who has the rest.
//!
//! Parsers are pure functions over bytes; [`tree`] is the thin layer that reads the files below a root directory. Relies on the
//! text interfaces of the kernel: proc_meminfo(5), proc_zoneinfo(5), proc_pid_status(5), Documentation/accounting/psi.rst,
//! Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst. Sizes are bytes; the kernel's `kB` is 1024 bytes.

pub mod available;
pub mod breakdown;
pub mod cgroup;
pub mod container;
pub mod hugepages;
pub mod keyed;
pub mod meminfo;
pub mod oom;
pub mod page;
pub mod pressure;
pub mod process;
pub mod quantity;
pub mod swap;
pub mod tree;
pub mod zfs;
pub mod zoneinfo;

use std::fmt;
use std::path::PathBuf;
use tree::Unreadable;

/// Why the memory cannot be told.
#[derive(Debug)]
pub enum Fault {
    /// A file that must be there cannot be read.
    Unreadable(Unreadable),
    /// A file does not say what its format promises.
    Malformed {
        /// The file, root directory included.
        path: PathBuf,
        /// What is wrong and what would be right.
        what: String,
    },
    /// The cgroup that was asked for does not exist.
    NoSuchGroup {
        /// The directory that was looked for, root directory included.
        path: PathBuf,
    },
}

impl From<Unreadable> for Fault {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Unreadable(Unreadable { path, error }) => {
                write!(f, "cannot read {}: {error}", path.display())
            }
            Fault::Malformed { path, what } => write!(f, "{}: {what}", path.display()),
            Fault::NoSuchGroup { path } => write!(f, "there is no cgroup {}", path.display()),
        }
    }
}

impl std::error::Error for Fault {}
