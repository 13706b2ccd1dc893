//! systemd's journal, asked through journalctl: only the entries of the programs that matter, only those of the window.
//!
//! Relies on journalctl of systemd 236 or newer (`--output-fields`). It hides what its user may not see, and with `-o export` it does not
//! say so; therefore the journal's files are looked at first.

mod answer;
mod behind;
mod bookmark;
pub mod files;

pub use answer::is_closed;
pub use bookmark::Bookmark;

use super::export::{self, Lines, Syntax};
use super::runs::DISORDER;
use super::trail::Trail;
use super::window::Window;
use crate::host::access::{Identity, Obstacle, plain_error};
use crate::host::child::{self, ChildError};
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::time::{Micros, SECOND};
use answer::{Answer, restricted};
use behind::{Behind, Noted};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// Where journalctl is.
pub const PROGRAM: [&str; 2] = ["/usr/bin/journalctl", "/bin/journalctl"];

/// What is asked.
#[derive(Debug, Clone)]
pub struct Query {
    program: PathBuf,
    root: PathBuf,
    /// A file of the journal, instead of this machine's.
    file: Option<PathBuf>,
    matches: Vec<String>,
    /// Where the log ends that the journal goes on.
    from: Option<Micros>,
    window: Window,
    identity: Identity,
    deadline: Deadline,
    /// The last entry that was read.
    trail: Trail,
    /// What there was before it was read.
    noted: Option<Noted>,
    /// The entry that this goes on from.
    behind: Option<Behind>,
}

type Entries = Lines<BufReader<Answer>>;

impl Query {
    /// A question for the entries of the window that `matches` fits (journalctl's `FIELD=value`, with `+` between fields), to this machine's
    /// journal or to one of its files. `None` where there is no journalctl.
    pub fn new(
        file: Option<PathBuf>,
        matches: &[&str],
        window: Window,
        host: &Host,
        deadline: &Deadline,
    ) -> Option<Self> {
        Some(Self {
            program: child::find(&host.root, &PROGRAM)?,
            root: host.root.clone(),
            file,
            matches: matches.iter().map(|text| (*text).to_owned()).collect(),
            from: None,
            window,
            identity: Identity::current(&host.root),
            deadline: deadline.clone(),
            trail: Trail::default(),
            noted: None,
            behind: None,
        })
    }

    /// The same question for the entries from `since` on.
    pub fn since(self, since: Micros) -> Self {
        let from = Some(since);
        Self { from, ..self }
    }

    /// The file's name, or words for this machine's journal.
    pub fn name(&self) -> String {
        match &self.file {
            Some(file) => file.display().to_string(),
            None if files::is_volatile(&self.root) => {
                String::from("the journal (volatile: since the last boot)")
            }
            None => String::from("the journal"),
        }
    }

    /// Asks. Of the entries that do not fit, the last one before the window and the last of all stand in as bare times, so that what the
    /// journal covers can be told as it can of a log with the lines of all programs.
    ///
    /// # Errors
    /// What keeps journalctl from starting; while it is read, what it says is wrong.
    pub fn lines(&self) -> io::Result<Box<dyn Read + Send>> {
        // This journalctl looks for its entries while the others tell the times.
        let (entries, noted) = match (&self.behind, &self.noted) {
            (Some(behind), _) => (self.entries_of(behind)?, Some(None)),
            (None, noted) => {
                let entries = self.entries(&self.since_when(DISORDER), &self.matches)?;
                (entries, noted.as_ref().map(|noted| noted.before))
            }
        };
        let before = noted.map_or_else(|| self.before(), Ok);
        let last = self.last(None, self.window.until, &[]);
        let ((before, untold), (last, unknown)) = (told(before), told(last));
        // Without them the entries still count.
        let lines = bare(before).chain(entries).chain(bare(last));
        Ok(Box::new(lines.chain(Untold(untold.or(unknown)))))
    }

    /// The time of the newest entry that fits; `None` where there is none.
    ///
    /// # Errors
    /// What keeps journalctl from telling.
    pub fn newest(&self) -> io::Result<Option<Micros>> {
        self.last(self.begin(0), self.window.until, &self.matches)
    }

    /// Where the window begins, or so much earlier: entries may have been written out of order.
    fn begin(&self, earlier: Micros) -> Option<Micros> {
        self.window
            .since
            .map(|since| since.saturating_sub(earlier))
            .max(self.from)
    }

    fn since_when(&self, earlier: Micros) -> Vec<String> {
        since(self.begin(earlier)).into_iter().collect()
    }

    /// The time of the last entry received before the window, which is no later than its start, whatever it says. Behind a log there is none:
    /// what is before is told by the log.
    fn before(&self) -> io::Result<Option<Micros>> {
        let begin = self
            .window
            .since
            .filter(|_| self.begin(0) == self.window.since);
        let Some(begin) = begin else {
            return Ok(None);
        };
        let until = format!("--until=@{}", begin.max(0) / SECOND);
        let before = self.time_of(&[until], &[])?;
        Ok(before.map(|before| before.min(begin)))
    }

    fn last(
        &self,
        begin: Option<Micros>,
        until: Option<Micros>,
        matches: &[String],
    ) -> io::Result<Option<Micros>> {
        let range: Vec<String> = since(begin).into_iter().chain(upto(until)).collect();
        self.time_of(&range, matches)
    }

    /// The time of the last entry in a range. Without `--reverse` journalctl shows the first one behind `--since`, and of what ends with
    /// `--until` mostly none (systemd 252).
    fn time_of(&self, range: &[String], matches: &[String]) -> io::Result<Option<Micros>> {
        let one = [&["--reverse", "--lines=1"].map(str::to_owned), range].concat();
        // A stranger may have written it: what it says, if anything, is not looked at.
        self.ask(&one, matches)?.last_time()
    }

    /// The entries of a range, the last one of which is noted.
    fn entries(&self, range: &[String], matches: &[String]) -> io::Result<Entries> {
        let until: Vec<String> = upto(self.window.until).into_iter().collect();
        let entries = self.ask(&[range, &until].concat(), matches)?;
        Ok(entries.noting(self.trail.clone()))
    }

    fn ask(&self, more: &[String], matches: &[String]) -> io::Result<Entries> {
        let file = self.file.as_ref();
        let fixed = ["--output=export", "--no-pager"].map(str::to_owned);
        let arguments: Vec<String> = fixed
            .into_iter()
            .chain([format!("--output-fields={}", export::WANTED)])
            .chain(file.map(|file| file_option(file)))
            .chain(more.iter().cloned())
            .chain(matches.iter().cloned())
            .collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = child::open(&self.program, &arguments, &self.deadline);
        let answer = Answer {
            output: output.map_err(|error| self.not_run(&error))?,
            identity: self.identity.clone(),
        };
        Ok(Lines::new(
            BufReader::with_capacity(1 << 16, answer),
            Syntax::Export,
        ))
    }

    fn not_run(&self, error: &ChildError) -> io::Error {
        let kind = match self.identity.may_not_run(&self.program) {
            Some(_) => io::ErrorKind::PermissionDenied,
            None => io::ErrorKind::Other,
        };
        io::Error::new(kind, format!("journalctl {error}"))
    }
}

/// journalctl is not run in the directory that the name may be relative to.
fn file_option(file: &Path) -> String {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
    format!("--file={}", absolute.display())
}

fn since(at: Option<Micros>) -> Option<String> {
    at.map(|at| format!("--since=@{}", at.max(0) / SECOND))
}

/// It goes by when an entry was received, a moment after it was written.
fn upto(at: Option<Micros>) -> Option<String> {
    at.map(|at| format!("--until=@{}", (at + 2 * SECOND).max(0) / SECOND))
}

/// A line that has a time and says nothing.
fn bare(at: Option<Micros>) -> io::Cursor<String> {
    let line = |at: Micros| format!("{}.{:06} -\n", at / SECOND, at % SECOND);
    io::Cursor::new(at.map_or_else(String::new, line))
}

/// A time, or why it is not known.
fn told(at: io::Result<Option<Micros>>) -> (Option<Micros>, Option<io::Error>) {
    match at {
        Ok(at) => (at, None),
        Err(why) => (None, Some(why)),
    }
}

/// What journalctl could not tell is said behind what it told.
struct Untold(Option<io::Error>);

impl Read for Untold {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Why the journal of this machine cannot be read by this user. A machine without a journal has no obstacle: the answer will be empty.
///
/// # Errors
/// The obstacle.
pub fn access(host: &Host) -> Result<(), Obstacle> {
    let identity = Identity::current(&host.root);
    for file in files::written(&host.root) {
        match File::open(&file) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(restricted(&identity));
            }
            Err(error) => {
                let what = format!("{}: {}", file.display(), plain_error(&error));
                return Err(Obstacle { what, fix: None });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_the_root() {
        for (file, option) in [
            ("/var/a.journal", "--file=/var/a.journal"),
            ("a.journal", "/a.journal"),
        ] {
            let found = file_option(Path::new(file));
            assert!(
                found.starts_with("--file=/") && found.ends_with(option),
                "{found}"
            );
        }
    }
}
