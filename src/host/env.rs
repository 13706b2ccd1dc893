//! The machine as one value: clock, root of the file tree, terminal, user. The only place that reads the wall clock.

use super::time::{Micros, Zone};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// What a check may know of the machine it runs on.
#[derive(Debug, Clone)]
pub struct Host {
    /// The directory that stands for `/`.
    pub root: PathBuf,
    /// The time of the run.
    pub now: Micros,
    /// The zone of times that name none.
    pub zone: Zone,
    /// Whether standard output is a terminal that shows colours (`NO_COLOR` and `TERM=dumb` are respected).
    pub terminal: bool,
}

impl Host {
    /// This machine, now.
    pub fn real() -> Self {
        Self {
            root: PathBuf::from("/"),
            now: wall_clock(),
            zone: Zone::Local,
            terminal: std::io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && std::env::var_os("TERM").is_some_and(|term| term != "dumb"),
        }
    }

    /// What decides which zone is the local one: `TZ`, and the file whose name is given.
    pub fn zone_rules(&self) -> (String, PathBuf) {
        let variable = std::env::var_os("TZ").unwrap_or_default();
        let variable = variable.to_string_lossy().into_owned();
        (variable, PathBuf::from("/etc/localtime"))
    }

    /// An absolute path below [`Host::root`].
    pub fn path(&self, absolute: &str) -> PathBuf {
        under(&self.root, absolute)
    }
}

/// `absolute` below `root`: `/etc/passwd` below `/` or below a test's directory.
pub fn under(root: &Path, absolute: &str) -> PathBuf {
    root.join(absolute.trim_start_matches('/'))
}

/// The time of a file's stamp, as [`Micros`]; times before 1970 are negative.
pub fn micros_of(time: SystemTime) -> Micros {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |m| -m),
    }
}

fn wall_clock() -> Micros {
    micros_of(SystemTime::now())
}
