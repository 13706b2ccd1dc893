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
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    /// A root with Debian's user tables, a log of the group this process has, and an identity that has no such group.
    fn scene(group_line: &str, debian: bool) -> (tempfile::TempDir, Identity, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("etc")).unwrap();
        fs::write(
            dir.path().join("etc/passwd"),
            "root:x:0:0::/:\nnagios:x:4711:4711::/:\n",
        )
        .unwrap();
        fs::write(dir.path().join("etc/group"), group_line).unwrap();
        if debian {
            fs::write(dir.path().join("etc/debian_version"), "12\n").unwrap();
        }
        let log = dir.path().join("mail.log");
        fs::write(&log, "").unwrap();
        let identity = Identity {
            root: dir.path().to_path_buf(),
            uid: 4711,
            groups: vec![4711],
        };
        (dir, identity, log)
    }

    fn denied() -> io::Error {
        io::Error::from(io::ErrorKind::PermissionDenied)
    }

    #[test]
    fn missing_files_and_directories() {
        let (dir, identity, _) = scene("", true);
        let missing = io::Error::from(io::ErrorKind::NotFound);
        assert_eq!(
            identity
                .explain(&dir.path().join("no"), &missing)
                .to_string(),
            "no such file"
        );
        let directory = io::Error::from(io::ErrorKind::IsADirectory);
        assert_eq!(
            identity.explain(dir.path(), &directory).to_string(),
            "is a directory, name the files in it"
        );
    }

    #[test]
    fn a_file_that_nobody_else_reads_gets_an_acl() {
        let (_dir, identity, log) = scene("", true);
        fs::set_permissions(&log, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(
            identity.explain(&log, &denied()).fix.unwrap(),
            format!("setfacl -m u:nagios:r {}", log.display())
        );
    }

    /// The file is called so that `id` would run, or that cleaning would change it: quoted, or no command at all.
    #[test]
    fn names_are_quoted_or_left_to_the_reader() {
        for (name, fix) in [
            ("a b", "setfacl -m u:nagios:r '{dir}/a b'"),
            ("q`id`.log", "setfacl -m u:nagios:r '{dir}/q`id`.log'"),
            ("it's", "setfacl -m u:nagios:r '{dir}/it'\"'\"'s'"),
            ("a$b", ""),
            ("a;b", ""),
            ("a\u{1b}b", ""),
        ] {
            let (dir, identity, log) = scene("", true);
            let path = dir.path().join(name);
            fs::rename(&log, &path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            let expected = match fix.is_empty() {
                true => String::from(
                    "rename the file, whose name cannot be printed as it is, or set the ACL u:nagios:r by hand",
                ),
                false => fix.replace("{dir}", dir.path().to_str().unwrap()),
            };
            assert_eq!(identity.explain(&path, &denied()).fix, Some(expected));
        }
    }

    #[test]
    fn a_user_whose_name_is_not_plain_is_a_number() {
        for (name, word) in [("nagios", "nagios"), ("a b", "4711"), ("DOM\\joe", "4711")] {
            let (dir, identity, _) = scene("", true);
            let passwd = format!("{name}:x:4711:4711::/:\n");
            fs::write(dir.path().join("etc/passwd"), passwd).unwrap();
            assert_eq!(identity.user_word(), word);
        }
    }

    #[test]
    fn a_file_that_a_group_reads_gets_the_group() {
        let gid = 4;
        for (members, debian, fix) in [
            ("", true, "adduser nagios adm, then restart"),
            ("", false, "usermod -aG adm nagios, then restart"),
            ("nagios", true, "nagios is in group adm already: restart"),
        ] {
            let (_dir, identity, log) = scene(&format!("adm:x:{gid}:{members}\n"), debian);
            if std::os::unix::fs::chown(&log, None, Some(gid)).is_err() {
                return; // only root gives a file away
            }
            fs::set_permissions(&log, fs::Permissions::from_mode(0o640)).unwrap();
            let obstacle = identity.explain(&log, &denied());
            assert!(
                obstacle.fix.as_ref().unwrap().starts_with(fix),
                "{obstacle}"
            );
            assert!(obstacle.what.contains(":adm 0640)"), "{obstacle}");
        }
    }

    /// Whoever is in one of these could do more than read a log.
    #[test]
    fn powerful_groups_are_never_given() {
        for (group, is_given) in POWERFUL
            .iter()
            .map(|group| (*group, false))
            .chain([("adm", true), ("logs", true)])
        {
            let (_dir, identity, log) = scene(&format!("{group}:x:4:\n"), true);
            if std::os::unix::fs::chown(&log, None, Some(4)).is_err() {
                return; // only root gives a file away
            }
            fs::set_permissions(&log, fs::Permissions::from_mode(0o640)).unwrap();
            let fix = identity.explain(&log, &denied()).fix.unwrap();
            let words = match is_given {
                true => format!("adduser nagios {group}, then"),
                false => format!("setfacl -m u:nagios:r {}", log.display()),
            };
            assert!(fix.starts_with(&words), "{group}: {fix}");
        }
    }

    /// A group that /etc/group does not know has no name that adduser knows.
    #[test]
    fn a_group_without_a_name_is_not_given() {
        let (_dir, identity, log) = scene("", true);
        if std::os::unix::fs::chown(&log, None, Some(4)).is_err() {
            return; // only root gives a file away
        }
        fs::set_permissions(&log, fs::Permissions::from_mode(0o640)).unwrap();
        let fix = identity.explain(&log, &denied()).fix.unwrap();
        assert!(fix.starts_with("setfacl -m u:nagios:r "), "{fix}");
    }

    /// To list a directory and open what is in it takes two rights.
    #[test]
    fn a_directory_gets_both_rights() {
        for (mode, fix) in [
            (0o700, "setfacl"),
            (0o740, "setfacl"),
            (0o750, "adduser nagios adm"),
        ] {
            let (dir, identity, _) = scene("adm:x:4:\n", true);
            let logs = dir.path().join("logs");
            fs::create_dir(&logs).unwrap();
            if std::os::unix::fs::chown(&logs, None, Some(4)).is_err() {
                return; // only root gives a file away
            }
            fs::set_permissions(&logs, fs::Permissions::from_mode(mode)).unwrap();
            let obstacle = identity.explain(&logs, &denied());
            let said = obstacle.fix.clone().unwrap();
            let acl = format!("setfacl -m u:nagios:rx {}", logs.display());
            assert!(
                said.starts_with(fix) && (mode == 0o750 || said == acl),
                "{said}"
            );
            assert!(obstacle.what.contains("(the directory is "), "{obstacle}");
        }
    }

    #[test]
    fn rights_of_others_are_noticed() {
        for (user, group, word) in [
            ((0, 0), (0, 0), None),
            ((7, 7), (4, 4), None),
            ((7, 0), (4, 4), Some("set-uid (7 as 0)")),
            ((7, 0), (4, 0), Some("set-uid (7 as 0)")),
            ((7, 7), (7, 4), Some("set-gid (7 as 4)")),
        ] {
            let what = borrowed(user, group).map(|obstacle| obstacle.what);
            assert_eq!(what.is_some(), word.is_some(), "{user:?} {group:?}");
            assert!(what.unwrap_or_default().contains(word.unwrap_or_default()));
        }
        assert_eq!(borrowed_rights(), None);
    }

    #[test]
    fn errors_lose_their_number() {
        assert_eq!(
            plain_error(&io::Error::from_raw_os_error(5)),
            "input/output error"
        );
    }
}
