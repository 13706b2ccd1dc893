//! What can be wrong with a state file, and what the real binary says then.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{Said, file, fixture, run};
use tempfile::TempDir;

const PLUGIN: &str = env!("CARGO_BIN_EXE_check_postgrey_whitelist");
/// A minute behind the end of the sample.
const NOW: &str = "--now=2026-11-21T12:00:00Z";

/// A directory that a state may be in.
fn private() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    mode(directory.path(), 0o700);
    directory
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn words(log: &str) -> Vec<String> {
    let words = [
        "--whitelist",
        "/dev/null",
        "--ignore",
        "/dev/null",
        NOW,
        log,
    ];
    words.map(String::from).into()
}

fn without(log: &str) -> Said {
    run(
        PLUGIN,
        &words(log).iter().map(String::as_str).collect::<Vec<_>>(),
    )
}

fn with(state: &Path, log: &str, more: &[&str]) -> Said {
    let (mut words, state) = (words(log), state.display().to_string());
    words.extend([String::from("--state"), state]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    run(PLUGIN, &[&words, more].concat())
}

fn sample() -> String {
    fixture("postgrey/sample-mail.log")
}

fn how(said: &Said) -> String {
    let line = said
        .out
        .lines()
        .find(|line| line.starts_with("state file: "));
    line.unwrap_or_else(|| panic!("{}", said.out)).to_owned()
}

#[test]
fn what_is_not_ours_is_refused() {
    type Scene = fn(&Path);
    let rows: [(&str, Scene, &str); 7] = [
        (
            "a symbolic link",
            |state| {
                let target = state.with_file_name("target");
                fs::write(&target, "").unwrap();
                symlink(target, state).unwrap();
            },
            "is a symbolic link, which is not followed (fix: name the file itself)",
        ),
        (
            "a dangling link",
            |state| symlink("nowhere", state).unwrap(),
            "is a symbolic link, which is not followed (fix: name the file itself)",
        ),
        (
            "a directory",
            |state| fs::create_dir(state).unwrap(),
            "is no regular file (fix: name another file)",
        ),
        (
            "a file that others write",
            |state| {
                fs::write(state, "").unwrap();
                mode(state, 0o620);
            },
            "others can write it (0620) (fix: rm STATE)",
        ),
        (
            "a directory that the group writes",
            |state| mode(state.parent().unwrap(), 0o770),
            "can write its directory DIR (0770)",
        ),
        (
            "a directory like /tmp",
            |state| mode(state.parent().unwrap(), 0o1777),
            "can write its directory DIR (1777)",
        ),
        (
            "no directory",
            |state| fs::remove_dir(state.parent().unwrap()).unwrap(),
            "its directory does not exist (fix: install -d -m 0700 -o",
        ),
    ];
    for (name, scene, words) in rows {
        let directory = private();
        let parent = directory.path().join("lib");
        fs::create_dir(&parent).unwrap();
        mode(&parent, 0o700);
        let state = parent.join("postgrey.state");
        scene(&state);
        let said = with(&state, &sample(), &[]);
        let place = |text: &str| {
            text.replace("STATE", &state.display().to_string())
                .replace("DIR", &parent.display().to_string())
        };
        let expected = format!(
            "CHECK_POSTGREY_WHITELIST UNKNOWN - cannot read the state file {}: ",
            state.display()
        );
        assert_eq!(said.code, 3, "{name}");
        assert!(
            said.out.starts_with(&expected) && said.out.contains(&place(words)),
            "{name}: {}",
            said.out
        );
    }
}

/// A library that makes every write to the disk wait for a minute.
fn stalling(directory: &TempDir) -> String {
    let source = "unsigned sleep(unsigned); int fdatasync(int f) { sleep(60); return f < 0; }";
    let (source, library) = (
        file(directory, "stall.c", source),
        directory.path().join("stall.so").display().to_string(),
    );
    let words = ["-shared", "-fPIC", "-o", &library, &source];
    assert!(Command::new("cc").args(words).status().unwrap().success());
    library
}

/// A disk that takes nothing any more keeps no answer back: an alarm stays one, and what was there before is of use again.
#[test]
fn a_disk_that_stalls() {
    let (library, directory) = (tempfile::tempdir().unwrap(), private());
    let (library, state) = (stalling(&library), directory.path().join("state"));
    let log = sample();
    for (more, code) in [
        (&[][..], 1),
        (&["-w", "100"], 3),
        (&["--format", "json"], 1),
    ] {
        let start = Instant::now();
        let output = Command::new(PLUGIN)
            .args(words(&log))
            .args(["-t", "2", "--state"])
            .arg(&state)
            .args(more)
            .env("LD_PRELOAD", &library)
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        assert!(start.elapsed() < Duration::from_secs(30), "{more:?}");
        assert_eq!(output.status.code(), Some(code), "{more:?}: {out}");
        assert!(out.contains(", the state file cannot be written"), "{out}");
        let why = format!(
            "the state file {}: the time limit of 2 s ran out while writing it",
            state.display()
        );
        assert!(out.contains(&why), "{out}");
        assert!(!state.exists());
    }
    assert_eq!(with(&state, &log, &[]), without(&log));
    assert!(how(&with(&state, &log, &["-vv"])).contains("nothing new"));
}

/// Nor is a log that would be written over or removed on the way.
#[test]
fn a_log_is_no_part_of_a_state() {
    for ending in [".a", ".b", ".new", ".spool"] {
        let directory = private();
        let name = format!("state{ending}");
        let log = file(&directory, &name, fs::read(sample()).unwrap());
        let said = with(&directory.path().join("state"), &log, &[]);
        assert_eq!(said.code, 3, "{name}: {}", said.out);
        let why = "is a file that the check reads: name one of its own";
        assert!(said.out.contains(why), "{name}: {}", said.out);
        assert_eq!(fs::read(&log).unwrap(), fs::read(sample()).unwrap());
    }
}

#[test]
fn a_log_is_no_state() {
    let directory = private();
    let log = file(&directory, "mail.log", fs::read(sample()).unwrap());
    let said = with(Path::new(&log), &log, &[]);
    assert_eq!(
        said.out,
        format!(
            "CHECK_POSTGREY_WHITELIST UNKNOWN - the state file {log} is a file that the check reads: name one of its own\n"
        )
    );
    assert_eq!(
        (said.code, fs::read(log).unwrap()),
        (3, fs::read(sample()).unwrap())
    );
}

#[test]
fn another_users_file_is_refused() {
    let directory = private();
    let state = directory.path().join("state");
    fs::write(&state, "").unwrap();
    if chown(&state, Some(65_534), None).is_err() {
        return; // only root gives a file away
    }
    let said = with(&state, &sample(), &[]);
    assert_eq!(said.code, 3);
    assert!(
        said.out
            .contains(": belongs to user nobody, and not to root who asks (fix: ask as nobody"),
        "{}",
        said.out
    );
}

#[test]
fn anew_then_on_then_nothing_new() {
    let (directory, logs) = (private(), tempfile::tempdir().unwrap());
    let state = directory.path().join("state");
    let text = fs::read_to_string(sample()).unwrap();
    let cut = text.len() / 2 + text[text.len() / 2..].find('\n').unwrap() + 1;
    let log = file(&logs, "mail.log", &text[..cut]);
    for (part, expected) in [
        ("", "state file: read anew: there was none"),
        ("", "state file: nothing new"),
        (&text[cut..], "state file: read on"),
        ("", "state file: nothing new"),
    ] {
        let mut end = fs::File::options().append(true).open(&log).unwrap();
        end.write_all(part.as_bytes()).unwrap();
        let said = with(&state, &log, &["-vv"]);
        assert_eq!(how(&said), expected);
        assert_eq!(with(&state, &log, &[]), without(&log));
    }
    let kept = fs::metadata(&state).unwrap();
    assert_eq!(kept.permissions().mode() & 0o7777, 0o600);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    assert_eq!(
        how(&with(&state, &log, &["-vv", "--group-by", "host"])),
        "state file: read anew: other whitelists, grouping or zone"
    );
}

/// It is never said again.
#[test]
fn a_person_is_told_of_a_damaged_state_too() {
    let directory = private();
    let state = directory.path().join("state");
    for view in ["--report", "--suggest"] {
        fs::write(&state, "no state at all\n").unwrap();
        mode(&state, 0o600);
        let said = with(&state, &sample(), &[view]);
        assert!(said.out.contains("state.damaged"), "{view}: {}", said.out);
    }
}

#[test]
fn a_damaged_state_is_set_aside_and_named() {
    let directory = private();
    let state = directory.path().join("state");
    let whole = without(&sample());
    with(&state, &sample(), &[]);
    let good = fs::read(&state).unwrap();
    let flipped: Vec<u8> = good
        .iter()
        .enumerate()
        .map(|(at, byte)| byte ^ u8::from(at == good.len() / 2))
        .collect();
    for (name, bytes, noticed) in [
        ("text", b"no state at all\n".to_vec(), true),
        ("half", good[..good.len() / 2].to_vec(), true),
        ("longer", [good.clone(), vec![0]].concat(), true),
        ("empty", Vec::new(), false),
        ("whole", good.clone(), false),
        ("a flipped bit", flipped, false),
    ] {
        fs::write(&state, bytes).unwrap();
        let said = with(&state, &sample(), &[]);
        let note = format!(
            "the state file {0} was damaged and is now {0}.damaged, everything was read anew\n",
            state.display()
        );
        assert_eq!(said.out.contains(&note), noticed, "{name}: {}", said.out);
        assert_eq!(said.out.replace(&note, ""), whole.out, "{name}");
        assert_eq!(said.code, whole.code, "{name}");
        assert_eq!(state.with_extension("damaged").exists(), noticed, "{name}");
        drop(fs::remove_file(state.with_extension("damaged")));
        assert_eq!(with(&state, &sample(), &[]), whole, "{name}, again");
    }
}

/// Each row: what became of the base, whether that is damage, and what the next run does that must look into it.
#[test]
fn a_base_that_does_not_fit_is_never_believed() {
    type Scene = fn(&Path);
    let rows: [(&str, Scene, &str, &str); 4] = [
        (
            "gone",
            |base| fs::remove_file(base).unwrap(),
            "",
            "state file: read anew: its base is missing",
        ),
        (
            "torn",
            |base| {
                let bytes = fs::read(base).unwrap();
                fs::write(base, &bytes[..bytes.len() / 2]).unwrap();
            },
            "damaged",
            "state file: read anew: it was damaged",
        ),
        (
            "changed",
            |base| {
                let mut bytes = fs::read(base).unwrap();
                bytes.iter_mut().skip(300).for_each(|byte| *byte ^= 1);
                fs::write(base, bytes).unwrap();
            },
            "damaged",
            "state file: read anew: it was damaged",
        ),
        ("others write it", |base| mode(base, 0o666), "refused", ""),
    ];
    for (name, scene, fault, expected) in rows {
        for view in [&[][..], &["-vv"]] {
            let (directory, logs) = (private(), tempfile::tempdir().unwrap());
            let (state, base) = (
                directory.path().join("state"),
                directory.path().join("state.a"),
            );
            let text = fs::read_to_string(sample()).unwrap();
            let cut = text.trim_end().rfind('\n').unwrap() + 1;
            let log = file(&logs, "mail.log", &text[..cut]);
            with(&state, &log, &[]);
            file(&logs, "mail.log", &text);
            scene(&base);
            let said = with(&state, &log, view);
            if fault == "refused" {
                assert_eq!(said.code, 3, "{name}");
                let why = format!(
                    "cannot read the state file {}: others can write it",
                    base.display()
                );
                assert!(said.out.contains(&why), "{name}: {}", said.out);
                continue;
            }
            let note = format!(
                "the state file {} was damaged and is now {}.damaged, everything was read anew\n",
                base.display(),
                state.display()
            );
            assert_eq!(
                said.out.contains(&note),
                fault == "damaged",
                "{name}: {}",
                said.out
            );
            match view {
                [] => assert_eq!(said.out.replace(&note, ""), without(&log).out, "{name}"),
                _ => assert_eq!(how(&said), expected, "{name}"),
            }
            assert_eq!(
                how(&with(&state, &log, &["-vv"])),
                "state file: nothing new",
                "{name}"
            );
        }
    }
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let (directory, logs) = (private(), tempfile::tempdir().unwrap());
    let state = directory.path().join("state");
    for (name, log, code) in [("an alarm", sample(), 1), ("nobody", quiet(&logs), 3)] {
        // The plugin runs with SIGXFSZ ignored: a write that is too long fails as on a full disk.
        let script = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
        let mut words = words(&log);
        words.extend(["--state".into(), state.display().to_string()]);
        let said = Command::new("bash")
            .args(["-c", script, "bash", PLUGIN])
            .args(words)
            .env("TZ", "UTC")
            .output()
            .unwrap();
        let out = String::from_utf8(said.stdout).unwrap();
        assert_eq!(
            (said.status.code(), said.stderr.len()),
            (Some(code), 0),
            "{name}: {out}"
        );
        assert!(
            out.lines()
                .next()
                .unwrap()
                .contains(", the state file cannot be written"),
            "{name}: {out}"
        );
        assert!(
            out.contains(&format!(
                "the state file {}: file too large\n",
                state.display()
            )),
            "{name}: {out}"
        );
        assert!(
            fs::read_dir(directory.path()).unwrap().next().is_none(),
            "{name}"
        );
    }
}

/// A log in which nobody is greylisted often, but too large a state for a kibibyte.
fn quiet(directory: &TempDir) -> String {
    let line = |n: usize| {
        format!(
            "2026-11-21T11:{:02}:00+00:00 mx postgrey[1]: action=pass, reason=client AWL, client_name=mx{n}.example, client_address=192.0.2.1, sender=a{n}@b.example, recipient=c{n}@lab.example\n",
            n % 60
        )
    };
    file(
        directory,
        "quiet.log",
        (0..200).map(line).collect::<String>(),
    )
}

fn spawn(state: &Path, log: &str) -> std::process::Child {
    let mut plugin = Command::new(PLUGIN);
    plugin
        .args(words(log))
        .arg("--state")
        .arg(state)
        .env("TZ", "UTC");
    plugin
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn many_at_once_say_the_same() {
    let (directory, logs) = (private(), tempfile::tempdir().unwrap());
    let state = directory.path().join("state");
    let log = file(&logs, "mail.log", fs::read(sample()).unwrap());
    let whole = without(&log);
    for _ in 0..5 {
        let running: Vec<_> = (0..8).map(|_| spawn(&state, &log)).collect();
        for child in running {
            let said = child.wait_with_output().unwrap();
            assert_eq!(String::from_utf8(said.stdout).unwrap(), whole.out);
        }
        assert_eq!(
            how(&with(&state, &log, &["-vv"])),
            "state file: nothing new"
        );
        fs::remove_file(&state).unwrap();
    }
}

/// A directory with the same files.
fn copied(directory: &Path) -> TempDir {
    let copy = private();
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

/// The state is whole, or made anew, after each kill. `KILLS=1000` in the environment kills more often.
#[test]
fn killed_at_any_time_the_next_run_is_right() {
    let (directory, logs) = (private(), tempfile::tempdir().unwrap());
    let state = directory.path().join("state");
    let text = fs::read_to_string(sample()).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let log = PathBuf::from(file(&logs, "mail.log", lines[..1000].concat()));
    let kills: usize = std::env::var("KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(100);
    for kill in 0..kills {
        let mut end = fs::File::options().append(true).open(&log).unwrap();
        end.write_all(lines[1000 + kill % (lines.len() - 1000)].as_bytes())
            .unwrap();
        let mut child = spawn(&state, &log.display().to_string());
        std::thread::sleep(Duration::from_micros((kill as u64 * 7919) % 20_000));
        child.kill().unwrap();
        child.wait().unwrap();
        // Mostly of a copy: what several kills leave together is to be mended too.
        let copy = copied(directory.path());
        let state = match kill % 10 {
            9 => state.clone(),
            _ => copy.path().join("state"),
        };
        let log = log.display().to_string();
        let whole = without(&log);
        assert_eq!(with(&state, &log, &[]), whole, "{kill}");
        assert_eq!(with(&state, &log, &[]), whole, "{kill}, again");
    }
}
