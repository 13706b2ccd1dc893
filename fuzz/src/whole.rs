//! A check from bytes to report, in every view: the output keeps the rules, all views have one state, JSON and text the same numbers.

use super::dice::Dice;
use super::output::keeps_the_rules;
use super::parsers::NOW;
use super::rules::{Kind, perfdata_of};
use super::{perfdata, rules};
use postmaster_plugins::checks::mailq::MailqBlacklist;
use postmaster_plugins::checks::memory::Memory;
use postmaster_plugins::checks::postgrey::PostgreyWhitelist;
use postmaster_plugins::host::env::Host;
use postmaster_plugins::host::time::Zone;
use postmaster_plugins::plugin::edge::{Check, rehearse};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A machine of its own, two days behind the captures.
pub fn host(root: &Path) -> Host {
    Host {
        root: root.to_path_buf(),
        now: NOW,
        zone: Zone::Fixed(0),
        terminal: false,
    }
}

/// A scratch directory.
pub fn scratch() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Writes a file and gives its name as an argument.
pub fn file(directory: &TempDir, name: &str, content: &[u8]) -> String {
    let path = directory.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

const VIEWS: [(&[&str], Kind); 4] = [
    (&["-v"], Kind::Good),
    (&["-vvv"], Kind::Good),
    (&["--report"], Kind::View),
    (&["--format", "json"], Kind::View),
];

/// What to look at: all of it, but for the fuzzer the one that the length of the input picks, because all would make it slow.
fn wanted<'a, T>(of: &'a [T], data: &[u8]) -> &'a [T] {
    let one = data.len() % of.len();
    match cfg!(fuzzing) {
        true => &of[one..=one],
        false => of,
    }
}

/// Runs a check, and once more in each view.
fn views<C: Check>(arguments: &[&str], host: &Host, data: &[u8]) {
    let said = |more: &[&str]| rehearse::<C>(&[arguments, more].concat(), host);
    let (text, state) = said(&[]);
    keeps_the_rules(Kind::Good, &text, state);
    // A thread that panics is caught, and said so; strangers may say so too.
    let bug = "please report this";
    let theirs = data.windows(bug.len()).any(|words| words == bug.as_bytes());
    assert!(theirs || !text.contains(bug), "{text}");
    for (view, kind) in wanted(&VIEWS, data) {
        let (out, other) = said(view);
        keeps_the_rules(*kind, &out, other);
        assert_eq!(other, state, "{view:?}");
        match view {
            ["--report"] => assert!(!out.contains(['|', '$', '<', '>', '&', '\\']), "{out}"),
            ["--format", "json"] => same_numbers(&text, &serde_json::from_str(&out).unwrap()),
            _ => {}
        }
    }
}

/// The metrics of JSON are those of the perfdata.
fn same_numbers(text: &str, json: &Value) {
    let parsed = perfdata::parse(perfdata_of(text)).unwrap();
    let metrics = json["metrics"].as_array().unwrap();
    assert_eq!(parsed.len(), metrics.len());
    for (metric, json) in parsed.iter().zip(metrics) {
        assert_eq!(json["label"].as_str(), Some(metric.label.as_str()));
        assert_eq!(json["value"].to_string().trim_matches('"'), metric.value);
    }
}

/// check_postgrey_whitelist on a log of any bytes.
pub fn postgrey(data: &[u8]) {
    let directory = scratch();
    let log = file(&directory, "mail.log", data);
    let arguments = [log.as_str(), "--min-attempts", "1"];
    let host = host(directory.path());
    views::<PostgreyWhitelist>(&arguments, &host, data);
    for form in wanted(&["regex", "name"], data) {
        let suggest = ["--suggest", "--suggest-form", *form];
        let (text, _) = rehearse::<PostgreyWhitelist>(&[&arguments[..], &suggest].concat(), &host);
        assert!(!text.chars().any(rules::drives_terminals), "{text}");
        assert!(text.lines().all(is_suggestion), "{text}");
    }
}

/// A comment, nothing, or an entry, perhaps with a `#` to be taken off, that covers one host name, perhaps with what lies below it.
fn is_suggestion(line: &str) -> bool {
    if line.is_empty() || line == "#" || line.starts_with("# ") {
        return true;
    }
    let line = line.strip_prefix('#').unwrap_or(line);
    let anchored = line
        .strip_prefix(r"/^")
        .and_then(|rest| rest.strip_suffix("$/"));
    let pattern = anchored.map(|rest| rest.strip_prefix(r"(.*\.)?").unwrap_or(rest));
    // A dot that is not escaped stands for any character.
    let open = pattern.is_some_and(|name| name.replace(r"\.", "").contains('.'));
    let name = pattern.map_or_else(|| line.to_owned(), |name| name.replace(r"\.", "."));
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    !open && name.contains('.') && name.split('.').all(label)
}

/// check_mailq_blacklist on a listing of any bytes; what follows a NUL is its mail log.
pub fn mailq(data: &[u8]) {
    let directory = scratch();
    let mut parts = data.splitn(2, |&b| b == 0);
    let listing = file(&directory, "queue", parts.next().unwrap_or_default());
    let mut arguments = vec!["--file", listing.as_str()];
    let log = parts.next().map(|log| file(&directory, "mail.log", log));
    if let Some(log) = &log {
        arguments.extend(["--window", "all", "--log-file", log.as_str()]);
    }
    views::<MailqBlacklist>(&arguments, &host(directory.path()), data);
}

/// The files of a machine with a container, in the order they are filled.
const FILES: [&str; 11] = [
    "proc/meminfo",
    "proc/vmstat",
    "proc/pressure/memory",
    "proc/zoneinfo",
    "proc/spl/kstat/zfs/arcstats",
    "proc/self/cgroup",
    "sys/fs/cgroup/memory.max",
    "sys/fs/cgroup/memory.current",
    "sys/fs/cgroup/memory.stat",
    "proc/7/status",
    "proc/7/cgroup",
];

/// check_memory on a machine whose files, separated by NUL, are any bytes.
pub fn memory(data: &[u8]) {
    let directory = scratch();
    for (name, content) in FILES.iter().zip(data.split(|&b| b == 0)) {
        file(&directory, name, content);
    }
    let root = directory.path().to_str().unwrap();
    let mut dice = Dice::new(data.rsplit(|&b| b == 0).next().unwrap_or_default());
    let warning = dice.pick(&["10%", "50%:", "1G", "90%,2G", "0"]);
    let arguments = [
        "--root",
        root,
        "-w",
        warning,
        "--pressure-warning",
        "10",
        "--swap-warning",
        "5%",
    ];
    views::<Memory>(&arguments, &host(directory.path()), data);
}
