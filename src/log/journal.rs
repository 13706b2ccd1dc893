//! systemd's journal, asked through journalctl: only the entries of the programs that matter, only those of the window.
//!
//! Relies on journalctl of systemd 236 or newer (`--output-fields`). It hides what its user may not see, and with `-o export` it does not
//! say so; therefore the journal's files are looked at first.

use super::export::{self, Lines};
use super::stamp::{self, Stamp};
use super::window::Window;
use crate::host::access::{Identity, Obstacle, plain_error};
use crate::host::child::{self, Ended, Output};
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::time::{Micros, SECOND};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// Where journalctl is.
pub const PROGRAM: [&str; 2] = ["/usr/bin/journalctl", "/bin/journalctl"];
/// Where the journal's files are: those that stay and those that a boot begins anew. Each has a directory for each machine.
const PLACES: [&str; 2] = ["/var/log/journal", "/run/log/journal"];
/// What the journal of the whole system is called; users have files of their own beside it.
const SYSTEM: &str = "system.journal";
/// Whose members may read all of it.
const GROUP: &str = "systemd-journal";
/// What a file of the journal begins with.
const MAGIC: &[u8] = b"LPKSHHRH";
/// Words of journalctl's that mean the same as a file that cannot be opened.
const RESTRICTED: [&str; 2] = ["not seeing messages from", "insufficient permissions"];

/// What is asked.
#[derive(Debug, Clone)]
pub struct Query {
    program: PathBuf,
    /// A file of the journal, instead of this machine's.
    file: Option<PathBuf>,
    matches: Vec<String>,
    window: Window,
    identity: Identity,
    deadline: Deadline,
}

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
            file,
            matches: matches.iter().map(|text| (*text).to_owned()).collect(),
            window,
            identity: Identity::current(&host.root),
            deadline: deadline.clone(),
        })
    }

    /// The same question for the entries from `since` on.
    pub fn since(mut self, since: Micros) -> Self {
        self.window.since = Some(self.window.since.map_or(since, |old| old.max(since)));
        self
    }

    /// The file's name, or words for this machine's journal.
    pub fn name(&self, host: &Host) -> String {
        match &self.file {
            Some(file) => file.display().to_string(),
            None if is_volatile(host) => {
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
        let Window { since, until } = self.window;
        // Without them the entries still count.
        let last = |until| self.last(None, until, &[]).ok().flatten();
        let before = since.and_then(|since| last(Some(since)));
        let last = last(until);
        let answer = self.ask(&[], since, until, &self.matches)?;
        let lines = Lines::new(BufReader::with_capacity(1 << 16, answer));
        Ok(Box::new(bare(before).chain(lines).chain(bare(last))))
    }

    /// The time of the newest entry that fits; `None` where there is none.
    ///
    /// # Errors
    /// What keeps journalctl from telling.
    pub fn newest(&self) -> io::Result<Option<Micros>> {
        self.last(self.window.since, self.window.until, &self.matches)
    }

    fn last(
        &self,
        since: Option<Micros>,
        until: Option<Micros>,
        matches: &[String],
    ) -> io::Result<Option<Micros>> {
        let mut text = String::new();
        let answer = self.ask(&["--lines=1"], since, until, matches)?;
        Lines::new(BufReader::new(answer)).read_to_string(&mut text)?;
        let line = text.lines().last().unwrap_or_default();
        Ok(match stamp::parse(line.as_bytes()) {
            Some((Stamp::Instant(at), _, _)) => Some(at),
            _ => None,
        })
    }

    fn ask(
        &self,
        more: &[&str],
        since: Option<Micros>,
        until: Option<Micros>,
        matches: &[String],
    ) -> io::Result<Answer> {
        let seconds = |option: &str, at: Micros| format!("{option}=@{}", at.max(0) / SECOND);
        let file = self.file.as_ref();
        let fixed = ["--output=export", "--no-pager"].map(str::to_owned);
        let arguments: Vec<String> = fixed
            .into_iter()
            .chain([format!("--output-fields={}", export::WANTED)])
            .chain(more.iter().map(|option| (*option).to_owned()))
            .chain(file.map(|file| format!("--file={}", file.display())))
            .chain(since.map(|at| seconds("--since", at)))
            // It goes by when an entry was received, a moment after it was written.
            .chain(until.map(|at| seconds("--until", at + 2 * SECOND)))
            .chain(matches.iter().cloned())
            .collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = child::open(&self.program, &arguments, &self.deadline);
        Ok(Answer {
            output: output.map_err(|error| io::Error::other(format!("journalctl {error}")))?,
            identity: self.identity.clone(),
        })
    }
}

/// A line that has a time and says nothing.
fn bare(at: Option<Micros>) -> io::Cursor<String> {
    let line = |at: Micros| format!("{}.{:06} -\n", at / SECOND, at % SECOND);
    io::Cursor::new(at.map_or_else(String::new, line))
}

/// What journalctl prints; at its end what was wrong is an error.
struct Answer {
    output: Output,
    identity: Identity,
}

impl Read for Answer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.output.read(buffer)?;
        let trouble = self
            .output
            .ended()
            .and_then(|ended| trouble(ended, &self.identity));
        match trouble.filter(|_| length == 0 && !buffer.is_empty()) {
            Some(why) => Err(io::Error::other(why)),
            None => Ok(length),
        }
    }
}

/// What a journalctl that has ended complains of.
fn trouble(ended: &Ended, identity: &Identity) -> Option<String> {
    if RESTRICTED
        .iter()
        .any(|words| ended.complaint.contains(words))
    {
        return Some(restricted(identity).to_string());
    }
    if ended.success() {
        return None;
    }
    let first = ended.complaint.lines().find(|line| !line.trim().is_empty());
    Some(match (first, ended.code, ended.signal) {
        (Some(line), _, _) => format!("journalctl says: {}", line.trim()),
        (None, Some(code), _) => format!("journalctl ended with status {code}"),
        (None, None, signal) => format!("journalctl was ended by signal {}", signal.unwrap_or(0)),
    })
}

fn restricted(identity: &Identity) -> Obstacle {
    Obstacle::with_fix(
        format!(
            "user {} sees only its own messages in the journal",
            identity.user()
        ),
        identity.join(GROUP),
    )
}

/// Why the journal of this machine cannot be read by this user. A machine without a journal has no obstacle: the answer will be empty.
///
/// # Errors
/// The obstacle.
pub fn access(host: &Host) -> Result<(), Obstacle> {
    let identity = Identity::current(&host.root);
    for file in files(host) {
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

/// Whether the journal does not outlive a boot.
fn is_volatile(host: &Host) -> bool {
    let kept = host.path(PLACES[0]);
    let mut files = files(host);
    files.any(|file| file.exists())
        && !self::files(host).any(|file| file.starts_with(&kept) && file.exists())
}

/// The files of this machine's journal that are being written, whether they exist or not.
fn files(host: &Host) -> impl Iterator<Item = PathBuf> + use<> {
    let machine = std::fs::read_to_string(host.path("/etc/machine-id")).unwrap_or_default();
    let directory = machine.trim().to_owned();
    PLACES
        .map(|place| host.path(place).join(&directory).join(SYSTEM))
        .into_iter()
        .filter(move |_| !directory.is_empty())
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
