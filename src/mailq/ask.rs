//! Asks the mail system of this host for its queue: which program, which instances, and what its refusals mean.
//!
//! Programs are found by fixed paths. Postfix is asked for JSON (3.1 and later), else for text; all instances that `postmulti -l`
//! shows as enabled are asked. A program that fails and prints nothing is never an empty queue. Messages of Postfix 3.7, Exim 4.96
//! and OpenSMTPD 6.8 were seen happening; they stand in one table below.

use super::calendar::Calendar;
use super::detect::Format;
use super::listing::{Listing, ListingError, Sink};
use crate::host::access::{Identity, Obstacle};
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

const POSTMULTI: [&str; 3] = [
    "/usr/sbin/postmulti",
    "/usr/bin/postmulti",
    "/usr/local/sbin/postmulti",
];

/// One queue to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The name in its log lines: `postfix`, `postfix-out`; empty where it is not known or there is only one.
    pub name: String,
    /// Its configuration directory, where it is not the default one.
    pub directory: Option<PathBuf>,
}

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

/// A complaint on standard error, what it means and how to mend it. `{user}` is the user of this process, `{where}` the option
/// that names the instance.
struct Refusal {
    complaint: &'static str,
    what: &'static str,
    fix: &'static str,
}

#[rustfmt::skip]
const REFUSALS: [Refusal; 9] = [
    Refusal { complaint: "is not allowed to view the mail queue",
              what: "user {user} may not view the queue (authorized_mailq_users in main.cf)",
              fix: "put {user} first in authorized_mailq_users, as in: postconf {where}-e \"authorized_mailq_users = {user}, $(postconf {where}-h authorized_mailq_users)\"" },
    Refusal { complaint: "showq service: Permission denied",
              what: "postqueue has no access to Postfix, its set-gid bit has no effect ({cause})",
              fix: "{cure}" },
    Refusal { complaint: "mail system is down",
              what: "Postfix is not running, and only root can list the queue then",
              fix: "postfix {where}start" },
    Refusal { complaint: "malformed showq server response",
              what: "Postfix is not running and has never been started",
              fix: "postfix {where}start" },
    Refusal { complaint: "unauthorized configuration directory",
              what: "Postfix does not accept this configuration directory from user {user}",
              fix: "add it to alternate_config_directories in /etc/postfix/main.cf" },
    Refusal { complaint: "alternate_config_directories",
              what: "Postfix does not accept this configuration directory from user {user}",
              fix: "add it to alternate_config_directories in /etc/postfix/main.cf" },
    Refusal { complaint: "main.cf: No such file",
              what: "there is no Postfix configuration (main.cf) in this directory",
              fix: "name the directory of a Postfix instance, postmulti -l lists them" },
    Refusal { complaint: "exim: permission denied",
              what: "user {user} may not list Exim's queue (queue_list_requires_admin)",
              fix: "adduser {user} Debian-exim, or set queue_list_requires_admin = false" },
    Refusal { complaint: "need root privileges",
              what: "only root may list OpenSMTPD's queue",
              fix: "run this plugin as root, for example by a line in sudoers for {user}" },
];

/// Postfix's own words for a queue that root reads while Postfix is stopped.
const DOWN: &str = "Mail system is down -- accessing queue directly";

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

/// The instances of Postfix on this host, the default one first, and why others may be missing. None where the time ran out: nobody can
/// be asked any more, and would only be blamed for it.
pub fn instances(host: &Host, deadline: &Deadline) -> (Vec<Instance>, Option<String>) {
    let default = Instance {
        name: String::from("postfix"),
        directory: None,
    };
    let Some(path) = child::find(&host.root, &POSTMULTI) else {
        return (vec![default], None);
    };
    let mut output = Vec::new();
    let result = child::run(&path, &["-l"], deadline, &mut |bytes| {
        output.extend_from_slice(bytes);
    });
    let failure = match result {
        Ok(ended) if ended.success() => None,
        Ok(ended) => Some(last_words(&ended)),
        Err(error @ ChildError::TimedOut(_)) => return (Vec::new(), Some(error.to_string())),
        Err(error) => Some(error.to_string()),
    };
    let mut found = parse_instances(&String::from_utf8_lossy(&output));
    found.insert(0, default);
    (found, failure)
}

/// The enabled secondary instances of `postmulti -l`: name, group, y or n, directory. The first line is the default instance.
fn parse_instances(text: &str) -> Vec<Instance> {
    text.lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [name, _, "y", directory] = fields[..] else {
                return None;
            };
            Some(instance(
                Path::new(directory),
                (name != "-").then_some(name),
            ))
        })
        .collect()
}

/// The instance in `directory`, with the name that its main.cf gives to its log lines; else the one given; else any.
pub fn instance(directory: &Path, name: Option<&str>) -> Instance {
    let configured = std::fs::read_to_string(directory.join("main.cf"));
    let configured = configured.map_or_else(|_| None, |text| Some(syslog_name(&text)));
    Instance {
        name: configured
            .or_else(|| name.map(str::to_owned))
            .unwrap_or_default(),
        directory: Some(directory.to_path_buf()),
    }
}

/// `syslog_name`, by default the instance's name, by default `postfix`; empty where it depends on other settings.
fn syslog_name(main_cf: &str) -> String {
    let setting = |name: &str| {
        let lines = main_cf
            .lines()
            .rev()
            .filter_map(|line| line.split_once('='));
        let values = lines.filter(|(key, _)| key.trim_end() == name);
        values.map(|(_, value)| value.trim().to_owned()).next()
    };
    let name = setting("syslog_name").or_else(|| setting("multi_instance_name"));
    match name {
        Some(name) if name.contains('$') => String::new(),
        Some(name) if !name.is_empty() => name,
        _ => String::from("postfix"),
    }
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
        place: place.iter().flat_map(|word| [*word, " "]).collect(),
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
    /// `-c DIRECTORY ` where it is not the default instance.
    place: String,
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
                "Postfix is not running, the queue was read without it (fix: postfix {}start)",
                self.place
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
            (Err(error), _) => Some(plain(error.to_string())),
            (Ok(ended), _) if !ended.success() => Some(self.refusal(ended)),
            (Ok(_), None | Some(ListingError::Empty)) => None,
            (Ok(_), Some(error)) => Some(plain(error.to_string())),
        }
    }

    fn refusal(&self, ended: &Ended) -> Obstacle {
        let known = REFUSALS
            .iter()
            .find(|row| ended.complaint.contains(row.complaint));
        let Some(row) = known else {
            return plain(last_words(ended));
        };
        let (cause, cure) = set_gid_cause(&self.program.path, &self.host.root);
        let user = Identity::current(&self.host.root).user();
        let fill = |text: &str| {
            text.replace("{user}", &user)
                .replace("{where}", &self.place)
                .replace("{cause}", cause)
                .replace("{cure}", cure)
        };
        Obstacle::with_fix(fill(row.what), fill(row.fix))
    }
}

/// Why a set-gid program ran without its group, and the remedy.
fn set_gid_cause(program: &Path, root: &Path) -> (&'static str, &'static str) {
    use std::os::unix::fs::MetadataExt;
    let status = std::fs::read_to_string(root.join("proc/self/status")).unwrap_or_default();
    let no_new = status
        .lines()
        .any(|line| line.split_whitespace().eq(["NoNewPrivs:", "1"]));
    let set_gid = std::fs::metadata(program).is_ok_and(|meta| meta.mode() & 0o2000 != 0);
    if no_new {
        (
            "this process runs with NoNewPrivileges",
            "set NoNewPrivileges=no for the monitoring daemon with systemctl edit, and restart it",
        )
    } else if !set_gid {
        ("the bit is missing", "postfix set-permissions")
    } else {
        (
            "its file system is mounted nosuid",
            "mount it without nosuid",
        )
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
