//! What a check needs of the machine, tried out one by one, for `--diagnose`.
//!
//! A regular file is opened and one byte of it is read, because a permission bit promises less than a read proves. What is no regular
//! file (a FIFO, a device) is only asked for, because opening one may wait for ever.

use super::access::{Identity, Obstacle};
use rustix::fs::{self, Access};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// One thing that a check needs or uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file or the command.
    pub subject: String,
    /// What it is for.
    pub purpose: &'static str,
    /// How it stands.
    pub outcome: Outcome,
}

/// How it stands with a thing that a check needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It can be had.
    Works,
    /// It is not there, and the check does without it.
    Absent,
    /// It stands in the way.
    Fails(Obstacle),
}

impl Finding {
    /// Something that works.
    pub fn works(subject: impl Into<String>, purpose: &'static str) -> Self {
        Self::new(subject, purpose, Outcome::Works)
    }

    /// Something that does not.
    pub fn fails(subject: impl Into<String>, purpose: &'static str, obstacle: Obstacle) -> Self {
        Self::new(subject, purpose, Outcome::Fails(obstacle))
    }

    /// Something with an outcome.
    pub fn new(subject: impl Into<String>, purpose: &'static str, outcome: Outcome) -> Self {
        Self {
            subject: subject.into(),
            purpose,
            outcome,
        }
    }

    /// A file, tried; `needed` says whether its absence is an obstacle.
    pub fn file(identity: &Identity, path: &Path, purpose: &'static str, needed: bool) -> Self {
        let outcome = match try_to_read(path) {
            Ok(()) => Outcome::Works,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !needed => Outcome::Absent,
            Err(error) => Outcome::Fails(identity.explain(path, &error)),
        };
        Self::new(path.display().to_string(), purpose, outcome)
    }

    /// The same for what must be no directory.
    pub fn text(identity: &Identity, path: &Path, purpose: &'static str, needed: bool) -> Self {
        if !path.is_dir() {
            return Self::file(identity, path, purpose, needed);
        }
        let error = io::Error::from(io::ErrorKind::IsADirectory);
        let obstacle = identity.explain(path, &error);
        Self::fails(path.display().to_string(), purpose, obstacle)
    }
}

/// Reads a byte of a file, lists a directory, or asks whether anything else may be read.
fn try_to_read(path: &Path) -> io::Result<()> {
    let meta = std::fs::metadata(path)?;
    if meta.is_dir() {
        return std::fs::read_dir(path).map(drop);
    }
    if meta.is_file() {
        return File::open(path)?.read(&mut [0]).map(drop);
    }
    fs::access(path, Access::READ_OK).map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes() {
        let directory = tempfile::tempdir().unwrap();
        let there = directory.path().join("there");
        std::fs::write(&there, "x").unwrap();
        let identity = Identity::current(Path::new("/"));
        let outcome =
            |path: &Path, needed| Finding::file(&identity, path, "a file", needed).outcome;
        assert_eq!(outcome(&there, true), Outcome::Works);
        assert_eq!(outcome(directory.path(), true), Outcome::Works);
        assert_eq!(outcome(Path::new("/dev/zero"), true), Outcome::Works);
        let text = Finding::text(&identity, directory.path(), "a file", false);
        assert!(matches!(text.outcome, Outcome::Fails(_)));
        let missing = directory.path().join("missing");
        assert_eq!(outcome(&missing, false), Outcome::Absent);
        assert!(
            matches!(outcome(&missing, true), Outcome::Fails(obstacle) if obstacle.what == "no such file")
        );
        assert!(matches!(
            outcome(&there.join("below"), false),
            Outcome::Fails(_)
        ));
    }
}
