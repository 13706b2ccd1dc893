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
    let mut running = Running::start(program, arguments).map_err(ChildError::Start)?;
    let result = running.listen(deadline, take);
    match result {
        Ok(Some(status)) => Ok(running.ended(status)),
        Ok(None) => {
            running.kill();
            Err(ChildError::TimedOut(deadline.reason()))
        }
        Err(error) => {
            running.kill();
            Err(ChildError::Read(plain_error(&error)))
        }
    }
}

struct Running {
    child: Child,
    output: UnixStream,
    errors: UnixStream,
    complaint: Vec<u8>,
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
        })
    }

    /// Takes the output until its end and waits for the exit; `None` where the time is over first.
    fn listen(
        &mut self,
        deadline: &Deadline,
        take: &mut dyn FnMut(&[u8]),
    ) -> io::Result<Option<ExitStatus>> {
        let mut buffer = vec![0; 256 * 1024];
        loop {
            self.hear_complaint();
            match self.output.read(&mut buffer) {
                Ok(0) => return self.exit(deadline),
                Ok(length) => take(&buffer[..length]),
                Err(error) if is_tick(&error) => {}
                Err(error) => return Err(error),
            }
            if deadline.expired() {
                return Ok(None);
            }
        }
    }

    /// Reads standard error without waiting; what is too much is read and dropped, or the program would wait for us.
    fn hear_complaint(&mut self) {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = self.errors.read(&mut buffer) {
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
                self.hear_complaint();
                return Ok(Some(status));
            }
            if deadline.expired() {
                return Ok(None);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(TICK);
        }
    }

    /// Kills the whole group and reaps the program. The program has not been reaped before, so its id cannot be another's.
    fn kill(&mut self) {
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

    fn ended(self, status: ExitStatus) -> Ended {
        Ended {
            code: status.code(),
            signal: status.signal(),
            complaint: String::from_utf8_lossy(&self.complaint).into_owned(),
        }
    }
}

fn is_tick(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> (Result<Ended, ChildError>, String) {
        let mut output = Vec::new();
        let mut take = |bytes: &[u8]| output.extend_from_slice(bytes);
        let result = run(
            Path::new("/bin/sh"),
            &["-c", script],
            &Deadline::new(limit),
            &mut take,
        );
        (result, String::from_utf8_lossy(&output).into_owned())
    }

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn output_status_and_complaint() {
        for (script, code, signal, output, complaint) in [
            ("echo a; echo b >&2; exit 69", Some(69), None, "a\n", "b\n"),
            ("exit 0", Some(0), None, "", ""),
            ("kill -9 $$", None, Some(9), "", ""),
            ("exec >&-; sleep 0.2; exit 3", Some(3), None, "", ""),
        ] {
            let (result, found) = shell(script, LONG);
            let ended = Ended {
                code,
                signal,
                complaint: complaint.to_owned(),
            };
            assert_eq!((result, found.as_str()), (Ok(ended), output), "{script}");
        }
    }

    #[test]
    fn the_environment_is_bare() {
        let (_, output) = shell("env | sed 's/=.*//' | sort | tr '\\n' ' '", LONG);
        assert!(
            !output.contains("CARGO") && !output.contains("HOME"),
            "{output}"
        );
        assert!(
            output.contains("LANG") && output.contains("PATH"),
            "{output}"
        );
    }

    #[test]
    fn much_output_on_both_sides_does_not_block() {
        let (result, output) = shell(
            "i=0; while [ $i -lt 300 ]; do printf '%4096s' x >&2; printf '%4096s' y; i=$((i+1)); done",
            LONG,
        );
        assert_eq!(output.len(), 300 * 4096);
        assert_eq!(result.map(|ended| ended.complaint.len()), Ok(COMPLAINT));
    }

    #[test]
    fn a_program_that_hangs_is_killed_with_its_children() {
        let dir = tempfile::tempdir().unwrap();
        let mark = dir.path().join("pid");
        let script = format!(
            "sleep 600 & echo $! > {0}; echo $$ >> {0}; echo begun; wait",
            mark.display()
        );
        let (result, output) = shell(&script, Duration::from_secs(1));
        assert_eq!(
            result,
            Err(ChildError::TimedOut(String::from(
                "the time limit of 1 s ran out"
            )))
        );
        assert_eq!(output, "begun\n");
        let gone = |pid: &str| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // An orphan may wait for init to reap it.
            stat.is_empty() || stat.contains(") Z ")
        };
        std::thread::sleep(Duration::from_millis(100));
        let pids = std::fs::read_to_string(mark).unwrap();
        assert_eq!(pids.lines().count(), 2);
        assert!(pids.lines().all(gone), "{pids}");
    }

    #[test]
    fn a_child_that_keeps_the_output_open_is_killed_too() {
        let (result, output) = shell("sleep 600 & echo a", Duration::from_secs(1));
        assert!(matches!(result, Err(ChildError::TimedOut(_))), "{result:?}");
        assert_eq!(output, "a\n");
    }

    #[test]
    fn what_cannot_be_started() {
        let result = run(
            Path::new("/no/such/program"),
            &[],
            &Deadline::new(LONG),
            &mut |_| {},
        );
        assert_eq!(
            result,
            Err(ChildError::Start(String::from("no such file or directory")))
        );
        assert_eq!(
            find(Path::new("/"), &["/no/such", "/bin/sh"]),
            Some(PathBuf::from("/bin/sh"))
        );
        assert_eq!(find(Path::new("/"), &["/no/such", "/etc"]), None);
    }
}
