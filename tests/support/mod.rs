//! What the tests of the binaries share: run one, read what a monitoring core would read.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a plugin said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The exit status.
    pub code: i32,
    /// Standard output.
    pub out: String,
}

impl Said {
    /// The first line's text, without perfdata.
    pub fn headline(&self) -> &str {
        let first = self.out.lines().next().unwrap_or_default();
        first.split(" | ").next().unwrap_or_default()
    }

    /// The perfdata of the first line.
    pub fn perfdata(&self) -> &str {
        let first = self.out.lines().next().unwrap_or_default();
        first.split_once(" | ").map_or("", |(_, data)| data)
    }

    /// The output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// Runs a plugin with UTC as its zone and nothing on standard input. Standard error must stay empty.
pub fn run(plugin: &str, arguments: &[&str]) -> Said {
    run_with(plugin, arguments, b"")
}

/// The same with something on standard input.
pub fn run_with(plugin: &str, arguments: &[&str], input: &[u8]) -> Said {
    let output = assert_cmd::Command::new(plugin)
        .args(arguments)
        .env("TZ", "UTC")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .write_stdin(input)
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "",
        "{plugin} {arguments:?}"
    );
    Said {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
    }
}

/// Writes a file into a test's directory and gives its path as text.
pub fn file(directory: &tempfile::TempDir, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = directory.path().join(name);
    std::fs::write(&path, content).unwrap();
    path.display().to_string()
}

/// Sets when a file last changed, in seconds since 1970.
pub fn touch(path: &str, seconds: u64) {
    let time = std::time::UNIX_EPOCH + Duration::from_secs(seconds);
    std::fs::File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

/// A file below fixtures/.
pub fn fixture(name: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    path.display().to_string()
}

/// gzip, one member.
pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Whether a process has ended; an orphan may wait for init to reap it.
pub fn is_gone(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.is_empty() || stat.contains(") Z ")
}

/// Waits for what happens soon, but when is up to the kernel or another program.
pub fn comes_true(what: impl Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(30);
    while !what() {
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}
