//! Why a file is not readable, and the exact command that mends it on this host.
//!
//! Names come from /etc/passwd and /etc/group below the host's root; users and groups of a directory service appear by number.

use super::env::under;
use super::shell;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What a new group needs, and what is most often forgotten.
const RESTART: &str = "then restart the monitoring daemon (icinga2, nagios, nrpe), a running one keeps its old groups";

/// A right: the bits that give it to a group, the letters that setfacl knows it by, and what it is a right to.
#[derive(Clone, Copy)]
struct Right {
    bits: u32,
    letters: &'static str,
    to: &'static str,
}

const READ: Right = Right {
    bits: 0o040,
    letters: "r",
    to: "file",
};
/// To open what is in a directory.
const SEARCH: Right = Right {
    bits: 0o010,
    letters: "x",
    to: "directory",
};
/// To see what is in a directory, and open it.
const LIST: Right = Right {
    bits: 0o050,
    letters: "rx",
    to: "directory",
};

/// Groups that may do far more than read a log: to be root in the end, to read all disks, keys, passwords or mail. None is ever named.
const POWERFUL: [&str; 30] = [
    "root",
    "wheel",
    "sudo",
    "admin",
    "disk",
    "shadow",
    "kmem",
    "mem",
    "staff",
    "docker",
    "podman",
    "lxd",
    "lxc",
    "incus",
    "incus-admin",
    "libvirt",
    "libvirt-qemu",
    "kvm",
    "sys",
    "bin",
    "daemon",
    "operator",
    "backup",
    "tape",
    "tty",
    "input",
    "video",
    "mail",
    "ssl-cert",
    "crontab",
];

/// Who asks: the user of this process and its groups.
#[derive(Debug, Clone)]
pub struct Identity {
    root: PathBuf,
    uid: u32,
    groups: Vec<u32>,
}

/// Why something cannot be read, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// What is wrong, without the path: `permission denied for user nagios (the file is root:adm 0640)`.
    pub what: String,
    /// The command or step that mends it, where it is known.
    pub fix: Option<String>,
}

impl Obstacle {
    /// An obstacle that a known step removes.
    pub fn with_fix(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            fix: Some(fix.into()),
        }
    }

    fn plain(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            fix: None,
        }
    }
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)?;
        match &self.fix {
            Some(fix) => write!(f, " (fix: {fix})"),
            None => Ok(()),
        }
    }
}

impl Identity {
    /// The user of this process; names are looked up below `root`.
    pub fn current(root: &Path) -> Self {
        let mut groups = rustix::process::getgroups().map_or_else(
            |_| Vec::new(),
            |found| found.iter().map(|group| group.as_raw()).collect(),
        );
        groups.push(rustix::process::getegid().as_raw());
        Self {
            root: root.to_path_buf(),
            uid: rustix::process::geteuid().as_raw(),
            groups,
        }
    }

    /// The user's name, or its number where /etc/passwd does not know it.
    pub fn user(&self) -> String {
        self.name_of("/etc/passwd", self.uid)
    }

    /// The user's number.
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// The name of another user, or its number.
    pub fn user_name(&self, uid: u32) -> String {
        self.name_of("/etc/passwd", uid)
    }

    /// The name of a group, or its number.
    pub fn group_name(&self, gid: u32) -> String {
        self.name_of("/etc/group", gid)
    }

    /// The names of the user's groups.
    pub fn group_names(&self) -> Vec<String> {
        let mut ids = self.groups.clone();
        ids.sort_unstable();
        ids.dedup();
        ids.iter()
            .map(|id| self.name_of("/etc/group", *id))
            .collect()
    }

    /// Explains why reading `path` failed with `error`.
    pub fn explain(&self, path: &Path, error: &io::Error) -> Obstacle {
        match error.kind() {
            io::ErrorKind::NotFound => Obstacle::plain("no such file"),
            io::ErrorKind::PermissionDenied => self.denied(path),
            io::ErrorKind::IsADirectory => Obstacle::plain("is a directory, name the files in it"),
            _ => Obstacle::plain(plain_error(error)),
        }
    }

    fn denied(&self, path: &Path) -> Obstacle {
        let user = self.user();
        if let Some(directory) = closed_directory(path) {
            return self.closed(&directory);
        }
        let Ok(meta) = std::fs::metadata(path) else {
            return Obstacle::plain(format!("permission denied for user {user}"));
        };
        let right = if meta.is_dir() { LIST } else { READ };
        let what = self.not_for_us(&meta, right.to);
        Obstacle::with_fix(what, self.fix_for(path, Some(meta), right))
    }

    fn closed(&self, directory: &Path) -> Obstacle {
        let (user, shown) = (self.user(), directory.display());
        Obstacle::with_fix(
            format!("permission denied for user {user}: no access to the directory {shown}"),
            self.fix_for(directory, std::fs::metadata(directory).ok(), SEARCH),
        )
    }

    /// Why a program may not be run by its mode or that of a directory above; `None` where these allow it. What gives a program its mode
    /// again depends on the program.
    pub fn may_not_run(&self, program: &Path) -> Option<Obstacle> {
        if let Some(directory) = closed_directory(program) {
            return Some(self.closed(&directory));
        }
        let meta = std::fs::metadata(program).ok()?;
        let denied = rustix::fs::access(program, rustix::fs::Access::EXEC_OK).is_err();
        let by_mode = denied && meta.mode() & 0o001 == 0;
        by_mode.then(|| Obstacle::plain(self.not_for_us(&meta, "program")))
    }

    fn not_for_us(&self, meta: &Metadata, thing: &str) -> String {
        let (owner, group) = (
            self.name_of("/etc/passwd", meta.uid()),
            self.name_of("/etc/group", meta.gid()),
        );
        format!(
            "permission denied for user {} (the {thing} is {owner}:{group} {:04o})",
            self.user(),
            meta.mode() & 0o7777
        )
    }

    /// The group that has the right, unless the user has it already or it is root's; else a right of the user's own.
    fn fix_for(&self, path: &Path, meta: Option<Metadata>, right: Right) -> String {
        let helps = |meta: &Metadata| {
            meta.mode() & right.bits == right.bits
                && meta.gid() != 0
                && !self.groups.contains(&meta.gid())
        };
        let group = meta
            .filter(helps)
            .and_then(|meta| self.join_group(meta.gid()));
        group.unwrap_or_else(|| self.acl(path, right))
    }

    /// How this user joins a group; `None` where it has no name, or may do far more than read.
    pub fn join_group(&self, gid: u32) -> Option<String> {
        let group = self.known("/etc/group", gid)?;
        (!POWERFUL.contains(&group.as_str())).then(|| self.join(&group))
    }

    /// The one right for the one user; in words where a command would not be about this file.
    fn acl(&self, path: &Path, right: Right) -> String {
        let Right { letters, to, .. } = right;
        let entry = format!("u:{}:{letters}", self.user_word());
        shell::command_on(&["setfacl", "-m", &entry], path).unwrap_or_else(|| {
            format!("rename the {to}, whose name cannot be printed as it is, or set the ACL {entry} by hand")
        })
    }

    /// The user as a word of a command: the number where the name is not plain.
    pub fn user_word(&self) -> String {
        let name = self.user();
        match shell::word(&name) {
            Some(word) if word == name => name,
            _ => self.uid.to_string(),
        }
    }

    /// How the user of this process gets the rights of `group`.
    pub fn join(&self, group: &str) -> String {
        let user = self.user();
        if self.is_listed_member(group, &user) {
            return format!(
                "{user} is in group {group} already: restart the monitoring daemon, a running one keeps its old groups"
            );
        }
        let command = match under(&self.root, "/etc/debian_version").exists() {
            true => shell::command(&["adduser", &user, group]),
            false => shell::command(&["usermod", "-aG", group, &user]),
        };
        match command {
            Some(command) => format!("{command}, {RESTART}"),
            None => format!("put the user into group {group} by hand, {RESTART}"),
        }
    }

    fn name_of(&self, table: &str, id: u32) -> String {
        self.known(table, id).unwrap_or_else(|| id.to_string())
    }

    fn known(&self, table: &str, id: u32) -> Option<String> {
        self.rows(table)
            .into_iter()
            .find(|row| row.get(2).is_some_and(|field| *field == id.to_string()))
            .and_then(|row| row.into_iter().next())
    }

    fn is_listed_member(&self, group: &str, user: &str) -> bool {
        self.rows("/etc/group").iter().any(|row| {
            row.first().is_some_and(|name| name == group)
                && row
                    .get(3)
                    .is_some_and(|members| members.split(',').any(|member| member == user))
        })
    }

    fn rows(&self, table: &str) -> Vec<Vec<String>> {
        let text = std::fs::read(under(&self.root, table)).unwrap_or_default();
        String::from_utf8_lossy(&text)
            .lines()
            .map(|line| line.split(':').map(str::to_owned).collect())
            .collect()
    }
}

/// Why this process must not go on: it runs set-uid or set-gid, with the rights of one user and for another one, who chose its
/// arguments. `None` where it is one user's.
pub fn borrowed_rights() -> Option<Obstacle> {
    use rustix::process::{getegid, geteuid, getgid, getuid};
    let user = (getuid().as_raw(), geteuid().as_raw());
    let group = (getgid().as_raw(), getegid().as_raw());
    borrowed(user, group)
}

/// The same for real and effective ids.
fn borrowed(user: (u32, u32), group: (u32, u32)) -> Option<Obstacle> {
    let (kind, (real, effective)) = match (user.0 == user.1, group.0 == group.1) {
        (true, true) => return None,
        (false, _) => ("set-uid", user),
        (true, false) => ("set-gid", group),
    };
    let what = format!(
        "runs {kind} ({real} as {effective}): any user could read through it what only {effective} may"
    );
    let fix =
        "take the bits off with chmod ug-s, and give the monitoring user what --diagnose names";
    Some(Obstacle::with_fix(what, fix))
}

/// The system's words for an error, without Rust's "(os error 5)".
pub fn plain_error(error: &io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    let mut words = text[..end].to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    words
}

/// The first directory above `path` that this process may not search.
fn closed_directory(path: &Path) -> Option<PathBuf> {
    let mut ancestors: Vec<&Path> = path.ancestors().skip(1).collect();
    ancestors.reverse();
    ancestors
        .into_iter()
        .filter(|directory| !directory.as_os_str().is_empty())
        .find(|directory| {
            std::fs::metadata(directory.join("."))
                .is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
        })
        .map(Path::to_path_buf)
}

#[cfg(test)]
mod tests;
