//! The rules of the house that the compiler does not know: which room may name which, and what only one place may do.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

/// The sources below `src`, without their test modules.
fn sources(below: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(below),
    ];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
            if !path.to_string_lossy().ends_with("tests.rs") {
                found.push((path, code));
            }
        }
    }
    found
}

/// Lines of code in `below` that hold `word`, without comments, except in files whose path ends in one of `allowed`.
fn uses(below: &str, word: &str, allowed: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, code) in sources(below) {
        let name = path.to_string_lossy().into_owned();
        if allowed.iter().any(|end| name.contains(end)) {
            continue;
        }
        let lines = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        found.extend(
            lines
                .filter(|line| line.contains(word))
                .map(|line| format!("{name}: {}", line.trim())),
        );
    }
    found
}

#[test]
fn rooms_name_only_what_lies_below_them() {
    const DOMAINS: [&str; 5] = ["postgrey", "mailq", "delivery", "reply", "memory"];
    let mut wrong = Vec::new();
    for room in [
        "plugin", "log", "postgrey", "mailq", "delivery", "reply", "memory", "checks",
    ] {
        wrong.extend(uses("host", &format!("crate::{room}"), &[]));
        wrong.extend(uses("state", &format!("crate::{room}"), &[]));
    }
    wrong.extend(uses("host", "crate::state", &[]));
    for room in DOMAINS.iter().chain(&["log", "state", "checks"]) {
        wrong.extend(uses("plugin", &format!("crate::{room}"), &[]));
    }
    for room in DOMAINS.iter().chain(&["plugin", "checks"]) {
        wrong.extend(uses("log", &format!("crate::{room}"), &[]));
    }
    for domain in DOMAINS {
        for other in DOMAINS
            .iter()
            .filter(|other| **other != domain)
            .chain(&["plugin", "checks"])
        {
            wrong.extend(uses(domain, &format!("crate::{other}::"), &[]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn some_things_happen_in_one_place() {
    for (word, allowed) in [
        (
            "clap",
            &["plugin/options.rs", "plugin/edge.rs", "/options.rs"][..],
        ),
        ("anyhow", &["checks/", "plugin/edge.rs"]),
        (
            "thread::",
            &[
                "log/fold.rs",
                "plugin/edge.rs",
                "host/child.rs",
                "host/ahead.rs",
                "host/aside.rs",
                "host/both.rs",
            ],
        ),
        ("process::Command", &["host/child.rs"]),
        ("SystemTime::now", &["host/env.rs"]),
        ("Local::now", &[]),
        ("println!", &[]),
        ("process::exit", &["plugin/edge.rs"]),
        ("std::env::var", &["host/env.rs", "host/child.rs"]),
        ("unsafe", &[]),
    ] {
        let found = uses("", word, allowed);
        assert!(found.is_empty(), "{word}: {found:#?}");
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for (path, code) in sources("") {
        assert!(code.starts_with("//! "), "{}", path.display());
    }
}
