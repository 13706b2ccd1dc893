//! Why a file is not readable, and the exact command that mends it on this host.
//!
//! Names come from /etc/passwd and /etc/group below the host's root; users and groups of a directory service appear by number.

use super::env::under;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What a new group needs, and what is most often forgotten.
const RESTART: &str = "then restart the monitoring daemon (icinga2, nagios, nrpe), a running one keeps its old groups";

/// A right: the bit that gives it to a group, and the letter that setfacl knows it by.
#[derive(Clone, Copy)]
struct Right {
    bit: u32,
    letter: char,
}

const READ: Right = Right {
    bit: 0o040,
    letter: 'r',
};
/// To open what is in a directory.
const SEARCH: Right = Right {
    bit: 0o010,
    letter: 'x',
};

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
            let shown = directory.display();
            return Obstacle::with_fix(
                format!("permission denied for user {user}: no access to the directory {shown}"),
                self.fix_for(&directory, std::fs::metadata(&directory).ok(), SEARCH),
            );
        }
        let Ok(meta) = std::fs::metadata(path) else {
            return Obstacle::plain(format!("permission denied for user {user}"));
        };
        let (owner, group) = (
            self.name_of("/etc/passwd", meta.uid()),
            self.name_of("/etc/group", meta.gid()),
        );
        let what = format!(
            "permission denied for user {user} (the file is {owner}:{group} {:04o})",
            meta.mode() & 0o7777
        );
        Obstacle::with_fix(what, self.fix_for(path, Some(meta), READ))
    }

    /// The group that has the right, unless the user has it already or it is root's; else a right of the user's own.
    fn fix_for(&self, path: &Path, meta: Option<Metadata>, right: Right) -> String {
        let Right { bit, letter } = right;
        let helps = |meta: &Metadata| {
            meta.mode() & bit != 0 && meta.gid() != 0 && !self.groups.contains(&meta.gid())
        };
        match meta.filter(helps) {
            Some(meta) => self.join(&self.name_of("/etc/group", meta.gid())),
            None => format!("setfacl -m u:{}:{letter} {}", self.user(), path.display()),
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
        if under(&self.root, "/etc/debian_version").exists() {
            format!("adduser {user} {group}, {RESTART}")
        } else {
            format!("usermod -aG {group} {user}, {RESTART}")
        }
    }

    fn name_of(&self, table: &str, id: u32) -> String {
        self.rows(table)
            .into_iter()
            .find(|row| row.get(2).is_some_and(|field| *field == id.to_string()))
            .and_then(|row| row.into_iter().next())
            .unwrap_or_else(|| id.to_string())
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
