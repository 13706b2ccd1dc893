//! What the refusals of mail programs mean, and the command that mends each on this host.

use super::{Program, System};
use crate::host::access::{Identity, Obstacle};
use crate::host::env::under;
use crate::host::shell;
use crate::mailq::main_cf;
use std::io;
use std::path::Path;

/// A complaint on standard error, what it means and how to mend it. `{user}` is the user of this process.
struct Refusal {
    complaint: &'static str,
    what: &'static str,
    fix: &'static str,
}

#[rustfmt::skip]
const REFUSALS: [Refusal; 11] = [
    Refusal { complaint: "is not allowed to view the mail queue",
              what: "user {user} may not view the queue (authorized_mailq_users in main.cf)",
              fix: "{allow}" },
    Refusal { complaint: "showq service: Permission denied",
              what: "postqueue has no access to Postfix, its set-gid bit has no effect ({cause})",
              fix: "{cure}" },
    Refusal { complaint: "mail system is down",
              what: "Postfix is not running, and only root can list the queue then",
              fix: "{start}" },
    Refusal { complaint: "malformed showq server response",
              what: "Postfix is not running and has never been started",
              fix: "{start}" },
    Refusal { complaint: "unauthorized configuration directory",
              what: "Postfix does not accept this configuration directory from user {user}",
              fix: "add it to alternate_config_directories in /etc/postfix/main.cf" },
    Refusal { complaint: "alternate_config_directories",
              what: "Postfix does not accept this configuration directory from user {user}",
              fix: "add it to alternate_config_directories in /etc/postfix/main.cf" },
    Refusal { complaint: "main.cf: No such file",
              what: "there is no Postfix configuration (main.cf) in this directory",
              fix: "name the directory of a Postfix instance, postmulti -l lists them" },
    Refusal { complaint: "main.cf: Permission denied",
              what: "user {user} may not read main.cf, which all programs of Postfix must read",
              fix: "{readable}" },
    Refusal { complaint: "exim: permission denied",
              what: "user {user} may not list Exim's queue (queue_list_requires_admin)",
              fix: "adduser {user} Debian-exim, or set queue_list_requires_admin = false" },
    Refusal { complaint: "need root privileges",
              what: "only root may list OpenSMTPD's queue",
              fix: "run this plugin as root, for example by a line in sudoers for {user}" },
    Refusal { complaint: super::NO_SPOOL,
              what: "OpenSMTPD has no queue: it has never been started",
              fix: "start smtpd, for example with systemctl start opensmtpd" },
];

/// A program that was asked, and where.
pub(super) struct Asked<'a> {
    pub(super) program: &'a Path,
    /// `-c DIRECTORY ` where it is not the default instance; `None` where that cannot be printed as it is.
    pub(super) place: Option<&'a str>,
    pub(super) directory: &'a Path,
    pub(super) root: &'a Path,
}

impl Asked<'_> {
    /// What a complaint means; `None` where it is not known.
    pub(super) fn refusal(&self, complaint: &str) -> Option<Obstacle> {
        let row = REFUSALS
            .iter()
            .find(|row| complaint.contains(row.complaint))?;
        let (cause, cure) = set_gid_cause(self.program, self.root);
        let user = Identity::current(self.root).user();
        let fix = match row.fix {
            "{allow}" => self.allow(&user),
            "{start}" => start(self.place),
            "{readable}" => self.readable(complaint),
            "{cure}" => String::from(cure),
            fix => fix.replace("{user}", &user),
        };
        let what = row.what.replace("{user}", &user).replace("{cause}", cause);
        Some(Obstacle::with_fix(what, fix))
    }

    /// How everybody may read the main.cf of a complaint, as postconf(1) and all set-gid programs need it: the file or its directory is closed.
    fn readable(&self, complaint: &str) -> String {
        let named = complaint.lines().find_map(|line| {
            let (_, path) = line.split_once("open ")?;
            let (path, _) = path.split_once(": Permission denied")?;
            Some(path.strip_prefix("file ").unwrap_or(path))
        });
        let file = named.map_or_else(
            || self.directory.join("main.cf"),
            |path| under(self.root, path),
        );
        let denied = |error: io::Error| error.kind() == io::ErrorKind::PermissionDenied;
        let command = match file.parent() {
            Some(directory) if std::fs::metadata(&file).is_err_and(denied) => {
                shell::command_on(&["chmod", "755"], directory)
            }
            _ => shell::command_on(&["chmod", "644"], &file),
        };
        command.unwrap_or_else(|| String::from("let everybody read it and its directory by hand"))
    }

    /// How a user is allowed to view the queue: a command that keeps those who may, where they can be printed as they are.
    fn allow(&self, user: &str) -> String {
        let Some(place) = self.place else {
            return format!("put {user} in front of authorized_mailq_users in its main.cf by hand");
        };
        let text = main_cf::read(self.directory).unwrap_or_default();
        let users = main_cf::raw(&text, "authorized_mailq_users").unwrap_or_default();
        let users: Vec<&str> = users.split_whitespace().collect();
        let all = format!("authorized_mailq_users = {user}, {}", users.join(" "));
        match shell::word(&all).filter(|_| !users.is_empty()) {
            Some(setting) => format!("postconf {place}-e {setting}"),
            None => format!(
                "put {user} in front of what postconf {place}-h authorized_mailq_users prints, and set that with postconf {place}-e"
            ),
        }
    }
}

/// Why a program may not be started, and what gives it the mode that its package had.
pub(super) fn may_not_run(program: &Program, root: &Path) -> Option<Obstacle> {
    let Obstacle { what, fix } = Identity::current(root).may_not_run(&program.path)?;
    let by_mode = || match program.system {
        System::Postfix => Some(String::from("postfix set-permissions")),
        System::Exim => shell::command_on(&["chmod", "4755"], &program.path),
        System::Opensmtpd => shell::command_on(&["chmod", "2755"], &program.path),
        System::Sendmail | System::Mailq => None,
    };
    let fix = fix.or_else(by_mode).unwrap_or_else(|| {
        String::from("install its package again, which gives the program its mode")
    });
    Some(Obstacle::with_fix(what, fix))
}

/// The option that names an instance of Postfix, and a blank; `None` where its directory cannot be printed as it is.
pub(super) fn place(directory: Option<&str>) -> Option<String> {
    match directory {
        Some(directory) => Some(format!("-c {} ", shell::word(directory)?)),
        None => Some(String::new()),
    }
}

/// How Postfix is started.
pub(super) fn start(place: Option<&str>) -> String {
    match place {
        Some(place) => format!("postfix {place}start"),
        None => String::from(
            "start this instance by hand, the name of its directory cannot be printed as it is",
        ),
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
