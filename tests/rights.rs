//! The plugins as another user: nobody's rights are enough or the answer says which are missing, `--diagnose` names the commands, what may
//! not be read never helps, and set-uid copies refuse.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;
use support::{Said, fixture};
use tempfile::TempDir;

const POSTGREY: &str = env!("CARGO_BIN_EXE_check_postgrey_whitelist");
const MAILQ: &str = env!("CARGO_BIN_EXE_check_mailq_blacklist");
const MEMORY: &str = env!("CARGO_BIN_EXE_check_memory");
/// The group of logs on Debian.
const ADM: u32 = 4;
/// Nobody's user and group.
const NOBODY: u32 = 65534;

fn mode(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A directory that everybody may enter, and a plugin in it that everybody may run; `None` where this user may not become another.
struct Place {
    directory: TempDir,
    plugin: String,
}

impl Place {
    fn new(plugin: &str) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let directory = TempDir::new().unwrap();
        mode(directory.path(), 0o755);
        let copy = directory.path().join("plugin");
        // Copied by a child: a file that this process holds open for writing is inherited by the children of other tests and cannot
        // be started until they have gone ("text file busy").
        let copied = Command::new("cp").arg(plugin).arg(&copy).status();
        assert!(copied.unwrap().success());
        mode(&copy, 0o755);
        let plugin = copy.display().to_string();
        Some(Self { directory, plugin })
    }

    /// A file that everybody may read.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.directory.path().join(name);
        let parent = path.parent().unwrap();
        fs::create_dir_all(parent).unwrap();
        // Whatever the umask.
        let inside = |directory: &&Path| directory.starts_with(self.directory.path());
        for directory in parent.ancestors().take_while(inside) {
            mode(directory, 0o755);
        }
        fs::write(&path, content).unwrap();
        mode(&path, 0o644);
        path.display().to_string()
    }

    fn copy(&self, name: &str, of: &str) -> String {
        self.file(name, fs::read(fixture(of)).unwrap())
    }

    /// What the plugin says to nobody, who is also in `groups`.
    fn nobody(&self, groups: &str, arguments: &[&str]) -> Said {
        let output = Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", groups, &self.plugin])
            .args(arguments)
            .env("TZ", "UTC")
            .current_dir("/")
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
        }
    }

    fn as_nobody(&self, arguments: &[&str]) -> Said {
        self.nobody("--clear-groups", arguments)
    }
}

#[test]
fn nobody_borrows_the_rights_of_another() {
    for plugin in [POSTGREY, MAILQ, MEMORY] {
        let Some(place) = Place::new(plugin) else {
            return;
        };
        for (bits, word) in [
            (0o4755, "runs set-uid (65534 as 0)"),
            (0o2755, "runs set-gid (65534 as 0)"),
            (0o755, ""),
        ] {
            mode(&place.plugin, bits);
            let said = place.as_nobody(&["--version"]);
            assert_eq!(said.code, 3);
            let refuses = said.out.contains(word) && said.out.contains("chmod ug-s");
            let works = word.is_empty() && said.out.starts_with("check_");
            assert!(refuses || works, "{}", said.out);
        }
    }
}

/// A user at its limit of processes gets an answer, and not a check without a time limit.
#[test]
fn no_thread_can_be_had() {
    for (plugin, name) in [
        (POSTGREY, "POSTGREY_WHITELIST"),
        (MAILQ, "MAILQ_BLACKLIST"),
        (MEMORY, "MEMORY"),
    ] {
        let Some(place) = Place::new(plugin) else {
            return;
        };
        // Nobody may have processes already; this user has none.
        let output = Command::new("setpriv")
            .args(["--reuid=61234", "--regid=61234", "--clear-groups"])
            .args(["prlimit", "--nproc=1", &place.plugin])
            .output()
            .unwrap();
        let said = format!(
            "CHECK_{name} UNKNOWN - no thread can be started (resource temporarily unavailable) (fix: raise the limit of processes of this user: ulimit -u, TasksMax of the unit)\n"
        );
        assert_eq!(String::from_utf8_lossy(&output.stdout), said);
        assert_eq!(output.status.code(), Some(3));
        assert!(output.stderr.is_empty());
    }
}

/// What `--diagnose` says behind its first line, and its status.
fn diagnosis(said: &Said, plugin: &str) -> (i32, Vec<String>) {
    let (first, rest) = said.out.split_once('\n').unwrap();
    assert_eq!(
        first,
        format!("{plugin} as user nobody (groups: nogroup)"),
        "{}",
        said.out
    );
    (said.code, rest.lines().map(String::from).collect())
}

#[test]
fn diagnosis_of_greylisting_as_another_user() {
    let Some(place) = Place::new(POSTGREY) else {
        return;
    };
    let log = place.file("mail.log", "x\n");
    mode(&log, 0o600);
    let call = |ignore: &str| {
        let lists = ["--whitelist", "/dev/null", "--ignore", ignore];
        let said = place.as_nobody(&[&["--diagnose", &log], &lists[..]].concat());
        diagnosis(&said, "check_postgrey_whitelist")
    };
    let expected = [
        &format!(
            "FAILS  {log} (the mail log): permission denied for user nobody (the file is root:root 0600)"
        ),
        "ok     /dev/null (a whitelist of Postgrey)",
        "FAILS  /no/such (senders not to report): no such file",
        "to do:",
        &format!("  setfacl -m u:nobody:r {log}"),
        "2 things stand in the way",
    ]
    .map(String::from);
    assert_eq!(call("/no/such"), (3, expected.to_vec()));
    mode(&log, 0o644);
    let (code, lines) = call("/dev/null");
    assert_eq!((code, lines.len()), (0, 4), "{lines:?}");
    assert_eq!(lines[3], "nothing stands in the way");
}

#[test]
fn diagnosis_of_the_queue_as_another_user() {
    let Some(place) = Place::new(MAILQ) else {
        return;
    };
    let queue = place.copy("queue", "mailq/postfix-short-ids.txt");
    let log = place.copy("mail.log", "mailq/postfix-mail.log");
    chown(&queue, None, Some(ADM)).unwrap();
    let call = || {
        let said = place.as_nobody(&["--diagnose", "--file", &queue, "--log-file", &log]);
        diagnosis(&said, "check_mailq_blacklist")
    };
    let fine = [
        &format!("ok     {queue} (the queue)"),
        &format!("ok     {log} (the mail log)"),
        "nothing stands in the way",
    ]
    .map(String::from);
    assert_eq!(call(), (0, fine.to_vec()));
    mode(&queue, 0o640);
    mode(&log, 0o600);
    let denied = "permission denied for user nobody";
    let expected = [
        &format!("FAILS  {queue} (the queue): {denied} (the file is root:adm 0640)"),
        &format!("FAILS  {log} (the mail log): {denied} (the file is root:root 0600)"),
        "to do:",
        "  adduser nobody adm, then restart the monitoring daemon (icinga2, nagios, nrpe), a running one keeps its old groups",
        &format!("  setfacl -m u:nobody:r {log}"),
        "2 things stand in the way",
    ]
    .map(String::from);
    assert_eq!(call(), (3, expected.to_vec()));
}

/// Debian's directory of Exim's logs is closed to others. A mount namespace has /var/log and the exim4 of this test; the answers of the check and of
/// the diagnosis name the group that may read there.
#[test]
fn exims_main_log_is_there_though_nobody_may_look() {
    let Some(place) = Place::new(MAILQ) else {
        return;
    };
    let may_mount = Command::new("unshare")
        .args(["--mount", "true"])
        .status()
        .is_ok_and(|status| status.success());
    if !may_mount {
        return; // root in a container
    }
    let queue = place.copy("queue", "mailq/exim.txt");
    let log = fixture("mailq/exim-mainlog");
    let exim = place.file("exim4", format!("#!/bin/sh\ncat {queue}\n"));
    mode(&exim, 0o755);
    let script = "set -e; mount -t tmpfs none /var/log; mkdir /var/log/exim4; cp $LOG /var/log/exim4/mainlog; chmod 750 /var/log/exim4; \
        chown -R root:adm /var/log/exim4; chmod 755 /var/log; mount -t tmpfs none /usr/sbin; cp $EXIM /usr/sbin/exim4; \
        exec setpriv --reuid=65534 --regid=65534 --clear-groups $PLUGIN \"$@\"";
    let call = |arguments: &[&str]| {
        let namespace = ["--mount", "sh", "-c", script, "sh"];
        let output = Command::new("unshare")
            .args(namespace)
            .args(arguments)
            .env("LOG", &log)
            .env("EXIM", &exim)
            .env("PLUGIN", &place.plugin)
            .env("TZ", "UTC")
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        String::from_utf8(output.stdout).unwrap()
    };
    let denied = "permission denied for user nobody: no access to the directory /var/log/exim4";
    let said = call(&[]);
    assert!(
        said.contains(&format!(
            "/var/log/exim4/mainlog: {denied} (fix: adduser nobody adm"
        )),
        "{said}"
    );
    let said = call(&["--diagnose"]);
    assert!(
        said.contains(&format!(
            "FAILS  /var/log/exim4/mainlog (why mail waits): {denied}\n"
        )),
        "{said}"
    );
}

/// The names of users and groups are those of the root that is looked at.
#[test]
fn diagnosis_of_memory_as_another_user() {
    let Some(place) = Place::new(MEMORY) else {
        return;
    };
    place.file("etc/passwd", "nobody:x:65534:65534::/:/bin/false\n");
    place.file("etc/group", "nogroup:x:65534:\nroot:x:0:\n");
    let meminfo = place.copy("proc/meminfo", "memory/busy/proc/meminfo");
    let init = place.copy("proc/1/status", "memory/busy/proc/1/status");
    let root = place.directory.path().to_str().unwrap();
    let call = |about: &str| {
        let said = place.as_nobody(&["--diagnose", "--root", root]);
        let (code, lines) = diagnosis(&said, "check_memory");
        let about = lines.into_iter().filter(|line| line.contains(about));
        (code, about.collect::<Vec<_>>())
    };
    let purpose = "total and free memory";
    let ok = format!("ok     {meminfo} ({purpose})");
    assert_eq!(call(&meminfo), (0, vec![ok]));
    let absent = format!("absent {root}/proc/vmstat (kills for want of memory), not needed");
    assert_eq!(call("vmstat"), (0, vec![absent]));
    mode(&meminfo, 0o600);
    mode(&init, 0o400);
    let (code, lines) = call("meminfo");
    assert_eq!(code, 3);
    assert!(
        lines[0].starts_with(&format!(
            "FAILS  {meminfo} ({purpose}): permission denied for user "
        )),
        "{lines:?}"
    );
    assert!(lines[1].starts_with("  setfacl -m u:"), "{lines:?}");
    assert!(lines[1].ends_with(&format!(":r {meminfo}")), "{lines:?}");
    let (_, lines) = call("things stand in the way");
    assert_eq!(lines, ["2 things stand in the way"]);
}

/// Lists that cannot be used are rows like the rest, and hide none of it.
#[test]
fn diagnosis_of_lists_as_another_user() {
    let Some(place) = Place::new(MAILQ) else {
        return;
    };
    let queue = place.copy("queue", "mailq/postfix-short-ids.txt");
    let rules = place.file("rules.toml", "");
    let known = place.file("known", "Spamhaus PBL until tomorrow\n");
    let shown = place.directory.path().display().to_string();
    let rows = |rules: &str, known: &str| {
        let lists = ["--rules", rules, "--known", known];
        let call = [&["--diagnose", "--file", queue.as_str()], &lists[..]].concat();
        diagnosis(&place.as_nobody(&call), "check_mailq_blacklist")
    };
    mode(&rules, 0o600);
    let (code, lines) = rows(&rules, &known);
    let wrong = format!("FAILS  {known} (blocks that are known): cannot use {known}: line 1: ");
    assert!(lines[2].starts_with(&wrong), "{lines:?}");
    let expected = [
        &format!("ok     {queue} (the queue)"),
        &format!(
            "FAILS  {rules} (rules for replies): permission denied for user nobody (the file is root:root 0600)"
        ),
        &lines[2],
        "to do:",
        &format!("  setfacl -m u:nobody:r {rules}"),
        "2 things stand in the way",
    ]
    .map(String::from);
    assert_eq!((code, lines), (3, expected.to_vec()));
    mode(&rules, 0o644);
    let (_, lines) = rows("/no/such", &shown);
    let expected = [
        String::from("FAILS  /no/such (rules for replies): no such file"),
        format!("FAILS  {shown} (blocks that are known): is a directory, name the files in it"),
    ];
    assert_eq!(lines[1..3], expected);
    let known = place.file("known", "Spamhaus PBL\n");
    let (code, lines) = rows(&rules, &known);
    assert_eq!(code, 0, "{lines:?}");
    assert_eq!(lines[2], format!("ok     {known} (blocks that are known)"));
}

/// Postgrey's lists and logs are no directories either.
#[test]
fn a_directory_is_no_list_and_no_log() {
    let Some(place) = Place::new(POSTGREY) else {
        return;
    };
    let shown = place.directory.path().display().to_string();
    let call = [
        "--diagnose",
        "--whitelist",
        &shown,
        "--ignore",
        &shown,
        &shown,
    ];
    let (code, lines) = diagnosis(&place.as_nobody(&call), "check_postgrey_whitelist");
    assert_eq!(code, 3);
    for line in &lines[..3] {
        assert!(
            line.starts_with("FAILS ") && line.ends_with("is a directory, name the files in it"),
            "{lines:?}"
        );
    }
}

/// A pattern in a directory that is closed: the command opens it, and then the file is what is in the way.
#[test]
fn a_pattern_in_a_closed_directory_names_the_command() {
    let Some(place) = Place::new(POSTGREY) else {
        return;
    };
    let log = place.copy("logs/deep/mail.log", "postgrey/sample-mail.log");
    let directory = place.directory.path().join("logs/deep");
    let above = place.directory.path().join("logs");
    let (shown, outer) = (directory.display().to_string(), above.display().to_string());
    let pattern = format!("{shown}/*.log");
    let says = |why: &str, fix: &str| {
        let lists = ["--whitelist", "/dev/null", "--ignore", "/dev/null"];
        let call = [&[pattern.as_str()], &lists[..]].concat();
        let said = place.as_nobody(&call);
        let expected = format!(
            "{pattern}: cannot list {shown}: permission denied for user nobody{why} (fix: {fix})"
        );
        assert!(said.out.contains(&expected), "{}", said.out);
        let (_, lines) = diagnosis(
            &place.as_nobody(&[&["--diagnose"], &call[..]].concat()),
            "check_postgrey_whitelist",
        );
        assert!(lines.contains(&format!("  {fix}")), "{lines:?}");
    };
    mode(&directory, 0o700);
    says(
        " (the directory is root:root 0700)",
        &format!("setfacl -m u:nobody:rx {shown}"),
    );
    mode(&directory, 0o755);
    mode(&above, 0o700);
    says(
        &format!(": no access to the directory {outer}"),
        &format!("setfacl -m u:nobody:x {outer}"),
    );
    let opened = Command::new("setfacl")
        .args(["-m", "u:nobody:x", &outer])
        .status();
    if opened.is_ok_and(|status| status.success()) {
        mode(&directory, 0o700);
        says(
            " (the directory is root:root 0700)",
            &format!("setfacl -m u:nobody:rx {shown}"),
        );
        let opened = Command::new("setfacl")
            .args(["-m", "u:nobody:rx", &shown])
            .status();
        assert!(opened.unwrap().success());
        let said = place.as_nobody(&["--diagnose", &pattern]);
        assert!(
            said.out.contains(&format!("ok     {log} (the mail log)")),
            "{}",
            said.out
        );
    }
}

/// Postfix's own program and its main.cf, closed: in a mount namespace with a postqueue that says what Postfix's says (3.7).
#[test]
fn a_closed_postfix_names_the_command() {
    let Some(place) = Place::new(MAILQ) else {
        return;
    };
    let may_mount = Command::new("unshare")
        .args(["--mount", "true"])
        .status()
        .is_ok_and(|status| status.success());
    if !may_mount || !Path::new("/etc/postfix").is_dir() {
        return; // root in a container
    }
    let complaint =
        "echo 'postqueue: fatal: open /etc/postfix/main.cf: Permission denied' >&2; exit 69";
    let postqueue = place.file("postqueue", format!("#!/bin/sh\n{complaint}\n"));
    let script = "set -e; mount -t tmpfs none /usr/sbin; cp $POSTQUEUE /usr/sbin/postqueue; chmod 755 /usr/sbin /usr/sbin/postqueue; \
        mount -t tmpfs none /etc/postfix; touch /etc/postfix/main.cf; chmod 755 /etc/postfix; chmod $MODES; \
        exec setpriv --reuid=65534 --regid=65534 --clear-groups $PLUGIN \"$@\"";
    for (modes, why, fix) in [
        (
            "600 /etc/postfix/main.cf",
            "user nobody may not read main.cf",
            "chmod 644 /etc/postfix/main.cf",
        ),
        (
            "700 /etc/postfix",
            "user nobody may not read main.cf",
            "chmod 755 /etc/postfix",
        ),
        (
            "2700 /usr/sbin/postqueue",
            "(the program is root:root 2700)",
            "postfix set-permissions",
        ),
        (
            "700 /usr/sbin/postqueue",
            "(the program is root:root 0700)",
            "postfix set-permissions",
        ),
    ] {
        for words in [&["--diagnose"][..], &[]] {
            let output = Command::new("unshare")
                .args(["--mount", "sh", "-c", script, "sh"])
                .args(words)
                .envs([
                    ("POSTQUEUE", postqueue.as_str()),
                    ("PLUGIN", &place.plugin),
                    ("MODES", modes),
                    ("TZ", "UTC"),
                ])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stderr), "");
            let said = String::from_utf8(output.stdout).unwrap();
            let fix = match words {
                [] => format!("(fix: {fix})"),
                _ => format!("to do:\n  {fix}\n"),
            };
            assert!(said.contains(why) && said.contains(&fix), "{modes}: {said}");
        }
    }
}

/// A log of a group that may do more than read it: the one right, and not the group.
#[test]
fn a_powerful_group_is_not_named() {
    let Some(place) = Place::new(POSTGREY) else {
        return;
    };
    let log = place.copy("mail.log", "postgrey/sample-mail.log");
    mode(&log, 0o640);
    for (group, is_given) in [
        ("shadow", false),
        ("disk", false),
        ("sudo", false),
        ("adm", true),
    ] {
        let given = Command::new("chgrp").args([group, &log]).status();
        if !given.unwrap().success() {
            continue; // no such group here
        }
        let said = place.as_nobody(&["--diagnose", &log]);
        let fix = match is_given {
            true => format!("\n  adduser nobody {group}, then "),
            false => format!("\n  setfacl -m u:nobody:r {log}\n"),
        };
        assert!(said.out.contains(&fix), "{}", said.out);
    }
}

/// What is printed after "to do:" would run what the file is called, if it were not quoted.
#[test]
fn commands_are_for_the_file_whatever_its_name() {
    let Some(place) = Place::new(POSTGREY) else {
        return;
    };
    let shown = place.directory.path().display().to_string();
    for (name, to_do) in [
        (
            "a b/q`id`.log",
            format!("  setfacl -m u:nobody:r '{shown}/a b/q`id`.log'"),
        ),
        (
            "a$b.log",
            String::from(
                "  rename the file, whose name cannot be printed as it is, or set the ACL u:nobody:r by hand",
            ),
        ),
    ] {
        let log = place.file(name, "x\n");
        mode(&log, 0o600);
        let lists = ["--whitelist", "/dev/null", "--ignore", "/dev/null"];
        let call = [&[log.as_str()], &lists[..]].concat();
        let said = place.as_nobody(&[&["--diagnose"], &call[..]].concat());
        let (code, lines) = diagnosis(&said, "check_postgrey_whitelist");
        assert_eq!((code, &lines[4]), (3, &to_do), "{lines:?}");
        let said = place.as_nobody(&call);
        let fix = format!("(fix: {})", to_do.trim());
        assert!(said.out.contains(&fix), "{}", said.out);
    }
}

/// Where the state file cannot be written, `--diagnose` and the check say the same, and what they say to do is enough.
#[test]
fn diagnosis_of_the_state_file() {
    let Some(place) = Place::new(POSTGREY) else {
        return;
    };
    let log = place.copy("mail.log", "postgrey/sample-mail.log");
    let lists = ["--whitelist", "/dev/null", "--ignore", "/dev/null"];
    let call = |state: &str, more: &[&str]| {
        let words = [more, &["--state", state, &log], &lists[..]].concat();
        place.as_nobody(&words)
    };
    let own = "keep it in a directory of its own: install -d -m 0700 -o nobody /var/lib/postmaster-plugins";
    for (name, bits, beside, shared) in [
        ("root's", 0o755, None, false),
        ("closed", 0o700, None, true),
        ("shared", 0o755, Some("mail.log"), true),
        ("closed and shared", 0o700, Some("within/file"), true),
    ] {
        let directory = place.directory.path().join(name);
        fs::create_dir(&directory).unwrap();
        mode(&directory, bits);
        if let Some(beside) = beside {
            place.file(&format!("{name}/{beside}"), "");
        }
        let shown = directory.display().to_string();
        let state = format!("{shown}/s");
        let quoted = if name == "root's" {
            format!("'{}'", shown.replace('\'', "'\"'\"'"))
        } else {
            shown.clone()
        };
        let fix = match shared {
            true => String::from(own),
            false => format!("install -d -m 0700 -o nobody {quoted}"),
        };
        let why = format!("user nobody may not write in {shown}");
        let (code, lines) = diagnosis(&call(&state, &["--diagnose"]), "check_postgrey_whitelist");
        let expected = [
            format!("ok     {log} (the mail log)"),
            String::from("ok     /dev/null (a whitelist of Postgrey)"),
            String::from("ok     /dev/null (senders not to report)"),
            format!("FAILS  {state} (what was read of the logs): {why}"),
            String::from("to do:"),
            format!("  {fix}"),
            String::from("1 thing stands in the way"),
        ];
        assert_eq!((code, lines), (3, expected.to_vec()));
        let said = call(&state, &["-v"]);
        assert!(
            said.out.contains(&format!("{why} (fix: {fix})")),
            "{}",
            said.out
        );
        if shared {
            continue;
        }
        let done = Command::new("sh").args(["-c", &fix]).status().unwrap();
        assert!(done.success(), "{fix}");
        let (code, lines) = diagnosis(&call(&state, &["--diagnose"]), "check_postgrey_whitelist");
        assert_eq!(code, 0, "{lines:?}");
        let said = call(&state, &["-v"]);
        assert!(
            !said.out.contains("may not write") && Path::new(&state).exists(),
            "{}",
            said.out
        );
        assert_eq!(call(&state, &["--diagnose"]).code, 0);
        // What root left there is said, too.
        chown(&state, Some(0), Some(0)).unwrap();
        let said = call(&state, &["--diagnose"]);
        assert!(
            said.out
                .contains("belongs to user root, and not to nobody who asks"),
            "{}",
            said.out
        );
        fs::remove_file(&state).unwrap();
        fs::write(format!("{state}.new"), "").unwrap();
        for words in [&["--diagnose"][..], &["-v"]] {
            let said = call(&state, words);
            let why = "the file NAME.new beside it is not this user's alone, remove it";
            assert!(said.out.contains(why), "{}", said.out);
        }
    }
}

/// Directories that everything else lives in are not given away.
#[test]
fn the_systems_directories_stay_the_systems() {
    let Some(place) = Place::new(POSTGREY) else {
        return;
    };
    for directory in ["/var/log", "/root", "/etc/ssl/private", "/"] {
        let said = place.as_nobody(&[
            "--diagnose",
            "--state",
            &format!("{directory}/s"),
            "/dev/null",
        ]);
        let fix = format!("-o nobody {directory}");
        assert!(
            !said.out.lines().any(|line| line.ends_with(&fix)),
            "{}",
            said.out
        );
    }
}

/// As root nothing stands in the way of what is there.
#[test]
fn diagnosis_as_root() {
    let Some(place) = Place::new(MEMORY) else {
        return;
    };
    let queue = place.copy("queue", "mailq/postfix-short-ids.txt");
    let log = place.copy("mail.log", "postgrey/sample-mail.log");
    for path in [&queue, &log] {
        mode(path, 0o000);
    }
    let nothing = ["--whitelist", "/dev/null", "--ignore", "/dev/null"];
    for (plugin, arguments) in [
        (POSTGREY, [&[log.as_str()][..], &nothing].concat()),
        (MAILQ, vec!["--file", &queue, "--log-file", &log]),
        (MEMORY, vec!["--root", "fixtures/memory/busy"]),
    ] {
        let said = support::run(plugin, &[&["--diagnose"], &arguments[..]].concat());
        assert_eq!(said.code, 0, "{}", said.out);
        let name = Path::new(plugin).file_name().unwrap().to_str().unwrap();
        assert!(
            said.out.starts_with(&format!("{name} as user root (")),
            "{}",
            said.out
        );
        assert!(
            said.out.ends_with("\nnothing stands in the way\n"),
            "{}",
            said.out
        );
    }
}

/// As nobody, with the group of the log and nothing else; without it the answer is never better.
#[test]
fn the_least_group_is_enough() {
    let Some(place) = Place::new(POSTGREY) else {
        return;
    };
    let log = place.copy("mail.log", "postgrey/sample-mail.log");
    chown(&log, Some(0), Some(ADM)).unwrap();
    mode(&log, 0o640);
    let call = [log.as_str(), "--whitelist", "/dev/null"];
    let said = place.as_nobody(&call);
    assert_eq!(said.code, 3, "{}", said.out);
    assert!(
        said.out.contains("(fix: adduser nobody adm, then restart"),
        "{}",
        said.out
    );
    assert_eq!(place.nobody("--groups=4", &call).code, 1);
}

/// Every file that a check reads, taken away by turns: UNKNOWN, or an alarm that the rest proves. Never OK.
#[test]
fn a_permission_removed_never_helps() {
    for (plugin, files, arguments) in [
        (
            POSTGREY,
            &[
                ("mail.log", "postgrey/sample-mail.log"),
                ("mail.log.1", "postgrey/captured-rfc3339.log"),
            ][..],
            &[
                "mail.log",
                "mail.log.1",
                "--whitelist",
                "/dev/null",
                "--now",
                "2026-11-22T00:00:00Z",
            ][..],
        ),
        (
            MAILQ,
            &[
                ("queue", "mailq/postfix-empty.txt"),
                ("mail.log", "mailq/postfix-mail.log"),
            ],
            &[
                "--file",
                "queue",
                "--log-file",
                "mail.log",
                "--window",
                "all",
            ],
        ),
        (
            MEMORY,
            &[("proc/meminfo", "memory/busy/proc/meminfo")],
            &["--root", "", "-w", "10%", "-c", "5%"],
        ),
    ] {
        let Some(place) = Place::new(plugin) else {
            return;
        };
        let paths: Vec<String> = files.iter().map(|(to, of)| place.copy(to, of)).collect();
        let inside = |word: &&str| match word.is_empty() || files.iter().any(|(to, _)| to == word) {
            true => place.directory.path().join(word).display().to_string(),
            false => (*word).to_owned(),
        };
        let words: Vec<String> = arguments.iter().map(inside).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let whole = place.as_nobody(&words);
        assert!(matches!(whole.code, 1 | 2), "{}", whole.out);
        for path in &paths {
            mode(path, 0o600);
            let said = place.as_nobody(&words);
            assert!(said.code != 0, "{path}: {}", said.out);
            assert!(
                said.code == 3 || said.out.contains("at least"),
                "{path}: {}",
                said.out
            );
            assert!(
                said.out.contains("permission denied"),
                "{path}: {}",
                said.out
            );
            mode(path, 0o644);
        }
        // Behind it stands how old it is, which is a second more by now.
        let headline = |said: &support::Said| said.out.split(" | ").next().map(str::to_owned);
        let again = place.as_nobody(&words);
        assert_eq!(
            (again.code, headline(&again)),
            (whole.code, headline(&whole))
        );
    }
}
