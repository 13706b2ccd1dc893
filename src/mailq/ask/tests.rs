//! What mail programs say, and what asking them makes of it.

use super::*;
use crate::host::time::Zone;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// A host with one program that is a shell script.
fn scene(place: &str, script: &str) -> (tempfile::TempDir, Host) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(place.trim_start_matches('/'));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    write_program(&path, script);
    let host = Host {
        root: dir.path().to_path_buf(),
        now: 1_795_250_000_000_000,
        zone: Zone::Fixed(0),
        terminal: false,
    };
    (dir, host)
}

/// Written by a shell: a file that this process holds open for writing is inherited by children of other tests, and cannot be
/// started until they have gone ("text file busy").
fn write_program(path: &Path, script: &str) {
    let status = Command::new("sh")
        .arg("-c")
        .arg(r##"printf '#!/bin/sh\n%s\n' "$SCRIPT" >"$0" && chmod 755 "$0""##)
        .arg(path)
        .env("SCRIPT", script)
        .status();
    assert!(status.unwrap().success());
}

/// The number of messages and what was wrong.
fn outcome(host: &Host, limit: u64) -> (usize, Answer) {
    let instance = Instance {
        name: String::new(),
        directory: None,
    };
    outcome_of(&instance, host, limit)
}

fn outcome_of(instance: &Instance, host: &Host, limit: u64) -> (usize, Answer) {
    let program = program(host).unwrap();
    let calendar = Calendar::new(host.now, host.zone);
    let deadline = Deadline::new(Duration::from_secs(limit));
    let mut count = 0;
    let answer = ask(&program, instance, &calendar, host, &deadline, &mut |_| {
        count += 1
    });
    (count, answer)
}

fn trouble(answer: &Answer) -> String {
    answer
        .trouble
        .as_ref()
        .map_or(String::from("none"), ToString::to_string)
}

const ONE: &str = r#"echo '{"queue_name": "deferred", "queue_id": "A1", "arrival_time": 5, "message_size": 6, "sender": "a", "recipients": []}'"#;

#[test]
fn refusals_are_explained_and_never_an_empty_queue() {
    for (complaint, status, expected) in [
        (
            "postqueue: fatal: User games(5) is not allowed to view the mail queue",
            69,
            "what postconf -h authorized_mailq_users prints, and set that with postconf -e)",
        ),
        (
            "postqueue: fatal: Connect to the Postfix showq service: Permission denied",
            69,
            "set-gid bit has no effect (the bit is missing) (fix: postfix set-permissions)",
        ),
        (
            "postqueue: fatal: Queue report unavailable - mail system is down (Connect to the Postfix showq service: Connection refused)",
            69,
            "Postfix is not running, and only root can list the queue then (fix: postfix start)",
        ),
        (
            "postqueue: warning: Mail system is down -- accessing queue directly (x)\npostqueue: fatal: malformed showq server response",
            69,
            "never been started (fix: postfix start)",
        ),
        (
            "postqueue: fatal: open /etc/x/main.cf: No such file or directory",
            75,
            "no Postfix configuration (main.cf)",
        ),
        (
            "postqueue: fatal: open /etc/postfix/main.cf: Permission denied",
            75,
            "may not read main.cf, which all programs of Postfix must read (fix: chmod 644 ROOT/etc/postfix/main.cf)",
        ),
        (
            "postqueue: fatal: open file /etc/post fix/main.cf: Permission denied",
            75,
            "(fix: chmod 644 'ROOT/etc/post fix/main.cf')",
        ),
        ("something else\n", 1, "exit status 1: something else"),
        ("", 70, "exit status 70 and no output"),
    ] {
        let (_dir, host) = scene(
            "/usr/sbin/postqueue",
            &format!("printf '%b\\n' '{complaint}' >&2; exit {status}"),
        );
        let (count, answer) = outcome(&host, 20);
        assert_eq!(count, 0);
        let told = trouble(&answer).replace(host.root.to_str().unwrap(), "ROOT");
        assert!(told.contains(expected), "{told}");
    }
}

/// Not even root runs a program that nobody may run.
#[test]
fn a_program_that_may_not_be_run() {
    use std::os::unix::fs::PermissionsExt as _;
    for (place, fix) in [
        ("/usr/sbin/postqueue", "postfix set-permissions"),
        ("/usr/sbin/exim4", "chmod 4755 ROOT/usr/sbin/exim4"),
        ("/usr/sbin/smtpctl", "chmod 2755 ROOT/usr/sbin/smtpctl"),
        ("/usr/bin/mailq", "install its package again, "),
    ] {
        let (_dir, host) = scene(place, "exit 0");
        let program = host.path(place);
        fs::set_permissions(&program, fs::Permissions::from_mode(0o644)).unwrap();
        let told = trouble(&outcome(&host, 20).1).replace(host.root.to_str().unwrap(), "ROOT");
        assert!(told.starts_with("permission denied for user "), "{told}");
        assert!(
            told.contains("(the program is ") && told.contains(" 0644)"),
            "{told}"
        );
        assert!(told.contains(&format!("(fix: {fix}")), "{told}");
    }
}

#[test]
fn an_empty_queue_says_nothing() {
    let (_dir, host) = scene("/usr/sbin/postqueue", "exit 0");
    let (count, answer) = outcome(&host, 20);
    assert_eq!((count, answer.format, answer.trouble), (0, None, None));
    assert!(answer.command.ends_with("/usr/sbin/postqueue -j"));
}

/// smtpctl 7.6 exits with 0 where there is no spool directory.
#[test]
fn no_queue_at_all_is_not_an_empty_one() {
    let stat = "echo 'stat: /var/spool/smtpd/queue: No such file or directory' >&2";
    let (_dir, host) = scene("/usr/sbin/smtpctl", stat);
    let told = trouble(&outcome(&host, 20).1);
    assert!(
        told.contains("it has never been started (fix: start smtpd"),
        "{told}"
    );
}

#[test]
fn json_first_text_for_old_versions() {
    let (_dir, host) = scene("/usr/sbin/postqueue", &format!("[ \"$1\" = -j ] && {ONE}"));
    assert_eq!(outcome(&host, 20).0, 1);
    let old = "case $1 in -j) echo \"postqueue: invalid option -- 'j'\" >&2; exit 69;; esac; echo 'Mail queue is empty'";
    let (_dir, host) = scene("/usr/sbin/postqueue", old);
    let (_, answer) = outcome(&host, 20);
    assert_eq!(
        (answer.format, answer.trouble),
        (Some(Format::PostfixText), None)
    );
}

#[test]
fn a_stopped_postfix_seen_by_root() {
    let warning =
        "echo 'postqueue: warning: Mail system is down -- accessing queue directly (x)' >&2";
    let (_dir, host) = scene("/usr/sbin/postqueue", &format!("{warning}; {ONE}"));
    let (count, answer) = outcome(&host, 20);
    assert_eq!((count, &answer.trouble), (1, &None));
    assert!(answer.note.unwrap().starts_with("Postfix is not running"));
}

#[test]
fn the_remedy_names_the_instance() {
    let out = Instance {
        name: String::from("postfix-out"),
        directory: Some(PathBuf::from("/etc/postfix-out")),
    };
    for (script, expected) in [
        (
            "echo 'postqueue: fatal: Queue report unavailable - mail system is down (x)' >&2; exit 69",
            "(fix: postfix -c /etc/postfix-out start)",
        ),
        (
            "echo 'postqueue: fatal: User games(5) is not allowed to view the mail queue' >&2; exit 69",
            "and set that with postconf -c /etc/postfix-out -e)",
        ),
    ] {
        let (_dir, host) = scene("/usr/sbin/postqueue", script);
        let told = trouble(&outcome_of(&out, &host, 20).1);
        assert!(told.ends_with(expected), "{told}");
    }
    let warning =
        "echo 'postqueue: warning: Mail system is down -- accessing queue directly (x)' >&2";
    let (_dir, host) = scene("/usr/sbin/postqueue", &format!("{warning}; {ONE}"));
    let (_, answer) = outcome_of(&out, &host, 20);
    assert_eq!(
        answer.note.as_deref(),
        Some(
            "Postfix is not running, the queue was read without it (fix: postfix -c /etc/postfix-out start)"
        )
    );
}

#[test]
fn a_program_that_hangs_or_is_cut_off() {
    let (_dir, host) = scene("/usr/sbin/postqueue", &format!("{ONE}; sleep 600"));
    let (count, answer) = outcome(&host, 3);
    assert_eq!(
        (count, trouble(&answer).as_str()),
        (1, "was killed: the time limit of 3 s ran out")
    );
    let (_dir, host) = scene("/usr/sbin/postqueue", &format!("{ONE}; exit 75"));
    let (count, answer) = outcome(&host, 20);
    assert_eq!(
        (count, trouble(&answer).as_str()),
        (1, "exit status 75 and no output")
    );
}

#[test]
fn other_mail_systems() {
    for (place, script, system) in [
        ("/usr/sbin/exim4", "[ \"$*\" = -bp ]", System::Exim),
        (
            "/usr/sbin/smtpctl",
            "[ \"$*\" = 'show queue' ]",
            System::Opensmtpd,
        ),
        ("/usr/bin/mailq", "[ $# = 0 ]", System::Mailq),
    ] {
        let (_dir, host) = scene(place, script);
        assert_eq!(program(&host).unwrap().system, system);
        assert_eq!(outcome(&host, 20).1.trouble, None, "{place}");
    }
    let (_dir, host) = scene("/usr/lib/sm.bin/mailq", "[ \"$*\" = -v ]");
    fs::create_dir_all(host.path("/usr/bin")).unwrap();
    std::os::unix::fs::symlink(
        host.path("/usr/lib/sm.bin/mailq"),
        host.path("/usr/bin/mailq"),
    )
    .unwrap();
    assert_eq!(program(&host).unwrap().system, System::Sendmail);
    assert_eq!(outcome(&host, 20).1.trouble, None);
}

#[test]
fn instances_and_their_names() {
    let (_dir, host) = scene("/usr/sbin/postmulti", "echo '- - y /etc/postfix'; exit 1");
    let (found, failure) = instances(&host, &Deadline::new(Duration::from_secs(20)));
    assert_eq!(
        (found.len(), failure.as_deref()),
        (1, Some("exit status 1 and no output"))
    );
    assert_eq!(found[0].name, "postfix");
    fs::create_dir_all(host.path("/etc/postfix")).unwrap();
    fs::write(host.path("/etc/postfix/main.cf"), "syslog_name = mx1\n").unwrap();
    let (found, _) = instances(&host, &Deadline::new(Duration::from_secs(20)));
    assert_eq!(found[0].name, "mx1");
}

/// Postfix 3.10 with maillog_file, asked by a user who may not write there.
#[test]
fn instances_where_postmulti_may_not_log() {
    let (_dir, host) = scene("/usr/sbin/postmulti", "exit 1");
    let write = |instance: &str, main_cf: &str| {
        let directory = host.path(&format!("/etc/{instance}"));
        fs::create_dir_all(&directory).unwrap();
        // Comments may be in any encoding.
        let text = [b"# gr\xfc\xdfe\n", main_cf.as_bytes()].concat();
        fs::write(directory.join("main.cf"), text).unwrap();
    };
    let untold = "multi_instance_directories = $config_directory-out\n";
    write("postfix", untold);
    let (found, failure) = instances(&host, &Deadline::new(Duration::from_secs(20)));
    assert_eq!((found.len(), failure.is_some()), (1, true), "{untold}");
    write(
        "postfix",
        "multi_instance_directories = /etc/postfix-out /etc/postfix-old, /etc/postfix-in\n",
    );
    write(
        "postfix-out",
        "multi_instance_enable = yes\nmulti_instance_name = postfix-out\n",
    );
    write("postfix-old", "multi_instance_name = postfix-old\n");
    let deadline = Deadline::new(Duration::from_secs(20));
    let (found, failure) = instances(&host, &deadline);
    assert_eq!(
        (found.len(), failure.is_some()),
        (1, true),
        "one cannot be read"
    );
    write(
        "postfix-in",
        "multi_instance_enable = yes\nsyslog_name = in\n",
    );
    let (found, failure) = instances(&host, &deadline);
    let found: Vec<_> = found
        .iter()
        .map(|i| {
            (
                i.name.as_str(),
                i.directory.as_deref().and_then(Path::to_str),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("postfix", None),
            ("postfix-out", Some("/etc/postfix-out")),
            ("in", Some("/etc/postfix-in"))
        ]
    );
    assert_eq!(failure, None);
}

/// The present users stand in the command: a shell's `$(…)` would be cleaned away.
#[test]
fn the_remedy_keeps_those_who_may_view_the_queue() {
    let complaint = "postqueue: fatal: User games(5) is not allowed to view the mail queue";
    let (_dir, host) = scene(
        "/usr/sbin/postqueue",
        &format!("echo '{complaint}' >&2; exit 69"),
    );
    fs::create_dir_all(host.path("/etc/postfix")).unwrap();
    for (main_cf, expected) in [
        ("authorized_mailq_users = root, ops\n", ", root, ops')"),
        ("authorized_mailq_users = root,\n\t`id`\n", ", root, `id`')"),
        (
            "authorized_mailq_users = root;ops\n",
            "and set that with postconf -e)",
        ),
        (
            "authorized_mailq_users =\n",
            "and set that with postconf -e)",
        ),
        (
            "authorized_mailq_users = $x\n",
            "and set that with postconf -e)",
        ),
    ] {
        fs::write(host.path("/etc/postfix/main.cf"), main_cf).unwrap();
        let told = trouble(&outcome(&host, 20).1);
        assert!(told.ends_with(expected), "{told}");
    }
}
