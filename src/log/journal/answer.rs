//! What journalctl prints, and what it complains of.
//!
//! It hides what its user may not see, and with `-o export` it does not always say so.

use crate::host::access::{Identity, Obstacle};
use crate::host::child::{Ended, Output};
use std::io::{self, Read};

/// Whose members may read all of the journal.
const GROUP: &str = "systemd-journal";
/// Words of journalctl's that mean the same as a file that cannot be opened.
const RESTRICTED: [&str; 2] = ["not seeing messages from", "insufficient permissions"];

/// Words of a journalctl that is older than what it is asked with.
const TOO_OLD: &str = "unrecognized option";

/// What journalctl prints; at its end what was wrong is an error.
pub(super) struct Answer {
    pub(super) output: Output,
    pub(super) identity: Identity,
}

impl Read for Answer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.output.read(buffer)?;
        let trouble = self
            .output
            .ended()
            .and_then(|ended| trouble(ended, &self.identity));
        match trouble.filter(|_| length == 0 && !buffer.is_empty()) {
            Some(why) => Err(why),
            None => Ok(length),
        }
    }
}

/// What a journalctl that has ended complains of.
fn trouble(ended: &Ended, identity: &Identity) -> Option<io::Error> {
    if RESTRICTED
        .iter()
        .any(|words| ended.complaint.contains(words))
    {
        let why = restricted(identity).to_string();
        return Some(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    if ended.success() {
        return None;
    }
    let first = ended.complaint.lines().find(|line| !line.trim().is_empty());
    let kind = match ended.complaint.contains(TOO_OLD) {
        true => io::ErrorKind::Unsupported,
        false => io::ErrorKind::Other,
    };
    let why = match (first, ended.code, ended.signal) {
        (Some(line), _, _) => format!("journalctl says: {}", line.trim()),
        (None, Some(code), _) => format!("journalctl ended with status {code}"),
        (None, None, signal) => format!("journalctl was ended by signal {}", signal.unwrap_or(0)),
    };
    Some(io::Error::new(kind, why))
}

/// Whether an error means that this user may not read all of the journal, or that this journalctl can tell nobody: then nothing is broken.
pub fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, Unsupported};
    matches!(error.kind(), PermissionDenied | Unsupported)
}

pub(super) fn restricted(identity: &Identity) -> Obstacle {
    Obstacle::with_fix(
        format!(
            "user {} sees only its own messages in the journal",
            identity.user()
        ),
        identity.join(GROUP),
    )
}
