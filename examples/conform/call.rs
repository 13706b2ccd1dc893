//! Calls a plugin as a monitoring core does: no input, another directory, a time limit, and an eye on each write.
//!
//! Its output is a datagram socket: each write arrives as one datagram, so that writes can be counted.

use super::rules::Said;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use std::io::{self, Read as _, Seek as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// check_nrpe and check_by_ssh give up after this time.
const LIMIT: Duration = Duration::from_secs(10);
/// How often the plugin's end is looked for.
const TICK: Duration = Duration::from_millis(5);
/// More than any plugin says.
const LARGEST: usize = 1 << 20;

/// Calls `program` and gives what it said.
///
/// # Errors
/// Where it cannot be called at all.
pub fn call(program: &Path, arguments: &[String], locale: &str) -> io::Result<Said> {
    let (ours, theirs) = UnixDatagram::pair()?;
    let mut errors = tempfile::tempfile()?;
    ours.set_read_timeout(Some(TICK))?;
    let mut child = Command::new(program)
        .args(arguments)
        .env("TZ", "UTC")
        .env("LANG", locale)
        .env("LC_ALL", locale)
        .stdin(Stdio::null())
        .stdout(Stdio::from(OwnedFd::from(theirs)))
        .stderr(Stdio::from(errors.try_clone()?))
        .process_group(0)
        .spawn()?;
    let mut said = listen(&ours, &mut child)?;
    said.left_behind = end_group(&child);
    errors.rewind()?;
    errors.read_to_end(&mut said.err)?;
    Ok(said)
}

/// Takes the datagrams until the child has ended and none is left.
fn listen(socket: &UnixDatagram, child: &mut Child) -> io::Result<Said> {
    let end = Instant::now() + LIMIT;
    let mut said = Said::default();
    let mut buffer = vec![0; LARGEST];
    let mut ended = None;
    loop {
        match socket.recv(&mut buffer) {
            Ok(length) if length > 0 => {
                said.writes += 1;
                said.out.extend_from_slice(&buffer[..length]);
                continue;
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        if ended.is_some() || Instant::now() > end {
            said.code = ended.flatten();
            return Ok(said);
        }
        // One more look at the socket behind the end.
        ended = child.try_wait()?.map(|status| status.code());
    }
}

/// Kills what is left of the plugin's process group; whether there was anything.
fn end_group(child: &Child) -> bool {
    let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
        return false;
    };
    let left = test_kill_process_group(group).is_ok();
    if left {
        let _ = kill_process_group(group, Signal::KILL);
    }
    left
}
