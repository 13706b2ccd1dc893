//! Rights, and the commands that give them.

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
