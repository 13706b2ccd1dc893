//! Asks the mail system of this host for its queue: which program, which instances, and what its refusals mean.
//!
//! Programs are found by fixed paths. Postfix is asked for JSON (3.1 and later), else for text; all instances that `postmulti -l`,
//! or main.cf where that fails, shows as enabled are asked. A program that fails and prints nothing is never an empty queue.
//! Messages of Postfix 3.7, Exim 4.96 and OpenSMTPD 6.8 and 7.6 were seen happening; they stand in one table (`ask::refusals`).

mod instances;
mod refusals;

pub use instances::{DEFAULT, Instance, instance, instances, others};
use refusals::Asked;

use super::calendar::Calendar;
use super::detect::Format;
use super::listing::{Listing, ListingError, Sink};
use crate::host::access::Obstacle;
use crate::host::child::{self, ChildError, Ended};
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use std::path::{Path, PathBuf};

/// A mail system's program that lists the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The mail system.
    pub system: System,
    /// The program's absolute path.
    pub path: PathBuf,
}

/// The mail systems that have a program of their own; the others are asked through `mailq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// `postqueue`.
    Postfix,
    /// `exim -bp`.
    Exim,
    /// `smtpctl show queue`.
    Opensmtpd,
    /// `mailq -v` of Sendmail: without -v it cuts the reasons.
    Sendmail,
    /// `mailq` of any other.
    Mailq,
}

#[rustfmt::skip]
const PROGRAMS: [(System, &[&str]); 4] = [
    (System::Postfix, &["/usr/sbin/postqueue", "/usr/bin/postqueue", "/usr/local/sbin/postqueue", "/opt/zimbra/common/sbin/postqueue"]),
    (System::Exim, &["/usr/sbin/exim4", "/usr/sbin/exim", "/usr/bin/exim", "/usr/local/sbin/exim", "/usr/exim/bin/exim"]),
    (System::Opensmtpd, &["/usr/sbin/smtpctl", "/usr/local/sbin/smtpctl"]),
    (System::Mailq, &["/usr/bin/mailq", "/usr/sbin/mailq", "/usr/local/bin/mailq"]),
];

/// What one queue said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was asked, for messages: `postqueue -c /etc/postfix-out -j`.
    pub command: String,
    /// The listing's format; `None` where the queue is empty and says nothing.
    pub format: Option<Format>,
    /// Why the listing is not whole, in one line.
    pub trouble: Option<Obstacle>,
    /// What an admin should know although the listing is whole.
    pub note: Option<String>,
}

/// Postfix's own words for a queue that root reads while Postfix is stopped.
const DOWN: &str = "Mail system is down -- accessing queue directly";

/// OpenSMTPD's words where there is no queue; it exits with 0 all the same.
const NO_SPOOL: &str = "smtpd/queue: No such file";

/// The program that lists this host's queue.
pub fn program(host: &Host) -> Option<Program> {
    let (system, path) = PROGRAMS
        .iter()
        .find_map(|(system, places)| Some((*system, child::find(&host.root, places)?)))?;
    let system = match system {
        System::Mailq if is_sendmail(&path) => System::Sendmail,
        other => other,
    };
    Some(Program { system, path })
}

/// Where [`program`] looks, for messages.
pub fn places() -> String {
    PROGRAMS
        .iter()
        .filter_map(|(_, places)| places.first().copied())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Debian's `mailq` is a link to `/usr/lib/sm.bin/mailq` or the like.
fn is_sendmail(path: &Path) -> bool {
    std::fs::canonicalize(path).is_ok_and(|real| {
        let real = real.to_string_lossy();
        real.contains("/sm.bin/") || real.contains("sendmail")
    })
}

/// Asks one queue and hands out its messages.
pub fn ask(
    program: &Program,
    instance: &Instance,
    calendar: &Calendar,
    host: &Host,
    deadline: &Deadline,
    sink: Sink<'_>,
) -> Answer {
    let directory = instance
        .directory
        .as_ref()
        .map(|d| d.to_string_lossy().into_owned());
    let place: Vec<&str> = directory.iter().flat_map(|d| ["-c", d.as_str()]).collect();
    let with = |options: &[&'static str]| [&place[..], options].concat();
    let call = Call {
        program,
        place: refusals::place(directory.as_deref()),
        directory: instances::directory(instance, host),
        calendar,
        host,
        deadline,
    };
    match program.system {
        System::Postfix => {
            let (answer, ended) = call.run(&with(&["-j"]), sink);
            match ended.is_some_and(|ended| is_too_old(&ended)) {
                true => call.run(&with(&["-p"]), sink).0,
                false => answer,
            }
        }
        System::Exim => call.run(&["-bp"], sink).0,
        System::Opensmtpd => call.run(&["show", "queue"], sink).0,
        System::Sendmail => call.run(&["-v"], sink).0,
        System::Mailq => call.run(&[], sink).0,
    }
}

/// Postfix before 3.1 does not know -j.
fn is_too_old(ended: &Ended) -> bool {
    let complaint = ended.complaint.to_ascii_lowercase();
    !ended.success() && (complaint.contains("invalid option") || complaint.contains("usage:"))
}

struct Call<'a> {
    program: &'a Program,
    /// `-c DIRECTORY ` where it is not the default instance; `None` where that cannot be printed as it is.
    place: Option<String>,
    /// Where it is configured.
    directory: PathBuf,
    calendar: &'a Calendar,
    host: &'a Host,
    deadline: &'a Deadline,
}

impl Call<'_> {
    fn run(&self, arguments: &[&str], sink: Sink<'_>) -> (Answer, Option<Ended>) {
        let path = &self.program.path;
        let command = [&[path.to_string_lossy().as_ref()], arguments]
            .concat()
            .join(" ");
        self.deadline.enter(format!("waiting for {command}"));
        let mut listing = Listing::new(self.calendar.clone());
        let result = child::run(path, arguments, self.deadline, &mut |bytes| {
            listing.push(bytes, sink);
        });
        let outcome = listing.finish(sink);
        let ended = result.as_ref().ok().cloned();
        let trouble = self.trouble(&result, outcome.error);
        let down = ended.as_ref().is_some_and(|e| e.complaint.contains(DOWN));
        let note = (trouble.is_none() && down).then(|| {
            format!(
                "Postfix is not running, the queue was read without it (fix: {})",
                refusals::start(self.place.as_deref())
            )
        });
        let answer = Answer {
            command,
            format: outcome.format,
            trouble,
            note,
        };
        (answer, ended)
    }

    /// What a failure means; a queue that is empty may say nothing at all.
    fn trouble(
        &self,
        result: &Result<Ended, ChildError>,
        error: Option<ListingError>,
    ) -> Option<Obstacle> {
        match (result, error) {
            (Err(error @ ChildError::Start(_)), _) => Some(
                refusals::may_not_run(self.program, &self.host.root)
                    .unwrap_or_else(|| plain(error.to_string())),
            ),
            (Err(error), _) => Some(plain(error.to_string())),
            (Ok(ended), _) if !ended.success() || ended.complaint.contains(NO_SPOOL) => {
                Some(self.refused(ended))
            }
            (Ok(_), None | Some(ListingError::Empty)) => None,
            (Ok(_), Some(error)) => Some(plain(error.to_string())),
        }
    }

    fn refused(&self, ended: &Ended) -> Obstacle {
        let asked = Asked {
            program: &self.program.path,
            place: self.place.as_deref(),
            directory: &self.directory,
            root: &self.host.root,
        };
        asked
            .refusal(&ended.complaint)
            .unwrap_or_else(|| plain(last_words(ended)))
    }
}

fn plain(what: String) -> Obstacle {
    Obstacle { what, fix: None }
}

/// How a program ended and the last line of its complaint.
fn last_words(ended: &Ended) -> String {
    let how = match (ended.code, ended.signal) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => String::from("ended"),
    };
    let last = ended
        .complaint
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty());
    match last {
        Some(line) => format!("{how}: {line}"),
        None => format!("{how} and no output"),
    }
}

#[cfg(test)]
mod tests;
