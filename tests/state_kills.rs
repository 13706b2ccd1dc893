//! The plugin killed at any byte of what it writes: the state before is still there, and the next run says what a run without a state says.
//!
//! A limit on the size of files kills with SIGXFSZ exactly at that byte.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]
#![allow(clippy::print_stderr)]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Output};
use support::{Said, fixture, run};
use tempfile::TempDir;

const PLUGIN: &str = env!("CARGO_BIN_EXE_check_postgrey_whitelist");
const SIGXFSZ: i32 = 25;

/// A log of two parts and a state in a directory of its own.
struct Scene {
    directory: TempDir,
    log: String,
    state: String,
    parts: [String; 2],
}

impl Scene {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), Permissions::from_mode(0o700)).unwrap();
        let text = fs::read_to_string(fixture("postgrey/sample-mail.log")).unwrap();
        let cut = text.len() / 2 + text[text.len() / 2..].find('\n').unwrap() + 1;
        let (old, new) = text.split_at(cut);
        let path = |name: &str| directory.path().join(name).display().to_string();
        Self {
            log: path("mail.log"),
            state: path("state"),
            parts: [old.to_owned(), new.to_owned()],
            directory,
        }
    }

    fn words(&self) -> Vec<&str> {
        let lists = ["--whitelist", "/dev/null", "--ignore", "/dev/null"];
        [&lists[..], &["--now=2026-11-21T12:00:00Z", &self.log]].concat()
    }

    fn without(&self) -> Said {
        run(PLUGIN, &self.words())
    }

    fn with(&self) -> Said {
        run(
            PLUGIN,
            &[&self.words()[..], &["--state", &self.state]].concat(),
        )
    }

    /// The state that the first part of the log leaves, the file and its base; then the log has both.
    fn first(&self) -> [Vec<u8>; 2] {
        fs::write(&self.log, &self.parts[0]).unwrap();
        self.with();
        fs::write(&self.log, self.parts.concat()).unwrap();
        self.files().map(|file| fs::read(file).unwrap())
    }

    fn files(&self) -> [String; 2] {
        [self.state.clone(), format!("{}.a", self.state)]
    }

    fn put_back(&self, files: &[Vec<u8>; 2]) {
        for (name, bytes) in self.files().iter().zip(files) {
            fs::write(name, bytes).unwrap();
        }
        drop(fs::remove_file(format!("{}.b", self.state)));
    }

    /// Runs with files limited to `bytes`, and with `more` words.
    fn limited(&self, bytes: usize, more: &[&str]) -> Output {
        Command::new("prlimit")
            .arg(format!("--fsize={bytes}"))
            .arg("--core=0")
            .arg(PLUGIN)
            .args(self.words())
            .args(["--state", &self.state])
            .args(more)
            .env("TZ", "UTC")
            .output()
            .unwrap()
    }
}

/// Kills at these offsets of the largest file that is written; the last one is its length, where nothing is killed.
fn killed_at(more: &[&str], offsets: impl Fn(usize) -> Vec<usize>) {
    let scene = Scene::new();
    let before = scene.first();
    let whole = scene.without();
    assert_eq!(
        scene.limited(usize::MAX >> 1, more).status.code(),
        Some(whole.code)
    );
    let length = |file: &String| fs::metadata(file).map_or(0, |meta| meta.len() as usize);
    // Only another base has the other name.
    let second = format!("{}.b", scene.state);
    let length = length(&scene.state).max(length(&second));
    assert_eq!(Path::new(&second).exists(), !more.is_empty());
    let mut killed = 0;
    for offset in offsets(length).into_iter().chain([length]) {
        scene.put_back(&before);
        let output = scene.limited(offset, more);
        match output.status.signal() {
            Some(signal) => {
                assert_eq!(signal, SIGXFSZ, "at {offset}");
                let there = scene.files().map(|file| fs::read(file).unwrap());
                assert!(there == before, "at {offset}");
                killed += 1;
            }
            None => assert_eq!(offset, length, "{output:?}"),
        }
        assert_eq!(scene.with(), whole, "behind {offset}");
        let left = left(scene.directory.path());
        let base = &left[2];
        assert!(base == "state.a" || base == "state.b", "{base}");
        assert_eq!(left, ["mail.log", "state", base], "behind {offset}");
    }
    assert!(killed > 20, "{killed}");
}

/// What is in a directory.
fn left(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Offsets below `length`, spread by a step that divides nothing.
fn spread(count: usize, length: usize) -> Vec<usize> {
    (0..count).map(|n| n * 7919 % length).collect()
}

/// What shows all senders makes another base.
const BASE: &[&str] = &["-v"];

#[test]
fn killed_at_some_bytes_of_the_state() {
    killed_at(&[], |length| {
        [&spread(25, length)[..], &[0, 1, 8, length - 1]].concat()
    });
}

#[test]
fn killed_at_some_bytes_of_the_base() {
    killed_at(BASE, |length| {
        [&spread(25, length)[..], &[0, 1, 8, length - 1]].concat()
    });
}

#[test]
#[ignore = "takes a minute: cargo test --test state_kills -- --ignored"]
fn killed_at_a_thousand_bytes_of_the_state() {
    killed_at(&[], |length| spread(1000, length));
    killed_at(BASE, |length| spread(1000, length));
}
