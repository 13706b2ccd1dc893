//! Other programs: found by fixed absolute paths, run in a process group of their own with a bare environment, their output taken
//! as it comes, killed with all their children and reaped when the time is over. The only place that starts processes.
//!
//! Output comes through socket pairs, because the standard library gives these, and not pipes, a time limit for reading.

use super::access::plain_error;
use super::deadline::Deadline;
use super::env::under;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fmt;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Where programs may look for others: nothing a user can write to.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin";
/// How long one read waits before the time limit and standard error are looked at.
const TICK: Duration = Duration::from_millis(50);
/// How much of standard error is kept: its first lines say what is wrong.
const COMPLAINT: usize = 8 * 1024;
/// How often standard error is read in one go; more than a pipe holds.
const READS: usize = 32;
/// How long a killed process may take to go; one in the kernel's hands cannot be waited for.
const GRACE: Duration = Duration::from_millis(300);

/// A program that ended by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The exit status; `None` where a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// The first bytes of standard error.
    pub complaint: String,
}

impl Ended {
    /// Whether the exit status is 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }
}

/// A program that did not end by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChildError {
    /// It could not be started: the system's words.
    Start(String),
    /// Its output could not be read: the system's words.
    Read(String),
    /// It was still running when the time was over, and was killed.
    TimedOut(String),
}

impl fmt::Display for ChildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(why) => write!(f, "cannot be started: {why}"),
            Self::Read(why) => write!(f, "its output cannot be read: {why}"),
            Self::TimedOut(why) => write!(f, "was killed: {why}"),
        }
    }
}

impl std::error::Error for ChildError {}

/// The first of `candidates` (absolute paths) that is a file below `root`.
pub fn find(root: &Path, candidates: &[&str]) -> Option<PathBuf> {
    candidates
        .iter()
        .map(|candidate| under(root, candidate))
        .find(|path| path.is_file())
}

/// Runs `program` and hands its standard output to `take` in pieces.
///
/// # Errors
/// A [`ChildError`] where it could not be run to its end; what was taken until then stays valid.
pub fn run(
    program: &Path,
    arguments: &[&str],
    deadline: &Deadline,
    take: &mut dyn FnMut(&[u8]),
) -> Result<Ended, ChildError> {
    let mut output = open(program, arguments, deadline)?;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let length = output.next(&mut buffer)?;
        take(&buffer[..length]);
        if let Some(ended) = output.ended.take() {
            return Ok(ended);
        }
    }
}

/// Starts `program`, to read its standard output as it comes.
///
/// # Errors
/// [`ChildError::Start`].
pub fn open(program: &Path, arguments: &[&str], deadline: &Deadline) -> Result<Output, ChildError> {
    Ok(Output {
        running: Running::start(program, arguments).map_err(ChildError::Start)?,
        deadline: deadline.clone(),
        ended: None,
    })
}

/// The standard output of a program that is running. To drop it is to kill the program.
pub struct Output {
    running: Running,
    deadline: Deadline,
    ended: Option<Ended>,
}

impl Output {
    /// How the program ended, once its output has been read to the end.
    pub fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// Reads what there is, at least a byte; 0 at the end, when the program has ended.
    fn next(&mut self, buffer: &mut [u8]) -> Result<usize, ChildError> {
        if self.ended.is_some() {
            return Ok(0);
        }
        let unreadable = |error: io::Error| ChildError::Read(plain_error(&error));
        let length = self.running.listen(&self.deadline, buffer);
        match length.map_err(unreadable)? {
            Some(0) => {}
            Some(length) => return Ok(length),
            None => return Err(self.too_late()),
        }
        match self.running.exit(&self.deadline).map_err(unreadable)? {
            Some(status) => self.ended = Some(self.running.ended(status)),
            None => return Err(self.too_late()),
        }
        Ok(0)
    }

    fn too_late(&mut self) -> ChildError {
        self.running.kill();
        ChildError::TimedOut(self.deadline.reason())
    }
}

impl Read for Output {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.next(buffer).map_err(|error| match error {
            ChildError::TimedOut(why) => io::Error::new(io::ErrorKind::TimedOut, why),
            other => io::Error::other(other.to_string()),
        })
    }
}

struct Running {
    child: Child,
    output: UnixStream,
    errors: UnixStream,
    complaint: Vec<u8>,
    /// Not reaped yet: its id is not another's.
    alive: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Running {
    fn start(program: &Path, arguments: &[&str]) -> Result<Self, String> {
        let words = |error: io::Error| plain_error(&error);
        let (output, their_output) = UnixStream::pair().map_err(words)?;
        let (errors, their_errors) = UnixStream::pair().map_err(words)?;
        output.set_read_timeout(Some(TICK)).map_err(words)?;
        errors.set_nonblocking(true).map_err(words)?;
        // MAIL_CONFIG and everything else that could lead the program elsewhere stays behind.
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .env("PATH", PATH)
            .env("LANG", "C")
            .env("LC_ALL", "C")
            .envs(std::env::var_os("TZ").map(|zone| ("TZ", zone)))
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::from(OwnedFd::from(their_output)))
            .stderr(Stdio::from(OwnedFd::from(their_errors)))
            .process_group(0)
            .spawn()
            .map_err(words)?;
        Ok(Self {
            child,
            output,
            errors,
            complaint: Vec::new(),
            alive: true,
        })
    }

    /// Waits for output; `None` where the time is over first.
    fn listen(&mut self, deadline: &Deadline, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            self.hear_complaint();
            if is_over(deadline) {
                return Ok(None);
            }
            match self.output.read(buffer) {
                Ok(length) => return Ok(Some(length)),
                Err(error) if is_tick(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads standard error without waiting; what is too much is read and dropped, or the program would wait for us. One that never stops
    /// is left between two looks at the clock.
    fn hear_complaint(&mut self) {
        let mut buffer = [0; 4096];
        for _ in 0..READS {
            let Ok(length @ 1..) = self.errors.read(&mut buffer) else {
                break;
            };
            let room = COMPLAINT.saturating_sub(self.complaint.len());
            self.complaint
                .extend_from_slice(&buffer[..length.min(room)]);
        }
    }

    /// Waits for the exit of a program that has closed its output.
    fn exit(&mut self, deadline: &Deadline) -> io::Result<Option<ExitStatus>> {
        let mut pause = Duration::from_micros(200);
        loop {
            self.hear_complaint();
            if let Some(status) = self.child.try_wait()? {
                self.alive = false;
                self.hear_complaint();
                return Ok(Some(status));
            }
            if is_over(deadline) {
                return Ok(None);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(TICK);
        }
    }

    /// Kills the whole group and reaps the program, unless that has happened.
    fn kill(&mut self) {
        if !std::mem::take(&mut self.alive) {
            return;
        }
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // A program that runs as another user by now cannot be killed; nothing more can be done about it.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let end = Instant::now() + GRACE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn ended(&self, status: ExitStatus) -> Ended {
        Ended {
            code: status.code(),
            signal: status.signal(),
            complaint: String::from_utf8_lossy(&self.complaint).into_owned(),
        }
    }
}

/// Whether programs are no longer waited for, a little before the time limit: whoever waits for the limit itself may end the process, and nobody would kill the program.
pub fn is_over(deadline: &Deadline) -> bool {
    deadline.remaining() <= 2 * TICK
}

fn is_tick(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests;
