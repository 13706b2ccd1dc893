//! What the monitoring cores rely on, for every plugin: a table of good, bad and hostile calls.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use predicates::Predicate;
use support::{Said, run};

/// A plugin, and arguments that make it read something and answer.
struct Plugin {
    name: &'static str,
    path: &'static str,
    works: &'static [&'static str],
}

const PLUGINS: [Plugin; 3] = [
    Plugin {
        name: "check_postgrey_whitelist",
        path: env!("CARGO_BIN_EXE_check_postgrey_whitelist"),
        works: &["fixtures/postgrey/sample-mail.log"],
    },
    Plugin {
        name: "check_mailq_blacklist",
        path: env!("CARGO_BIN_EXE_check_mailq_blacklist"),
        works: &["--file", "fixtures/mailq/postfix-short-ids.txt"],
    },
    Plugin {
        name: "check_memory",
        path: env!("CARGO_BIN_EXE_check_memory"),
        works: &["--root", "fixtures/memory/busy"],
    },
];

/// Calls that are wrong for every plugin. The answer is one line, UNKNOWN, and says where help is.
const BAD: [&[&str]; 14] = [
    &["--no-such-option"],
    &["-Z"],
    &["--warning"],
    &["-w", ""],
    &["-w", "rubbish"],
    &["-w", "@"],
    &["-w", "10:5"],
    &["-c", "1,5"],
    &["-t", "0"],
    &["-t", "soon"],
    &["--timeout=-1"],
    &["--report", "--format", "json"],
    &["--format", "xml"],
    &["-w", "1|x=1;$HOME$<b>\u{1b}[31m\u{202e}\n"],
];

/// The rules for every answer in check mode.
fn keeps_the_contract(plugin: &Plugin, arguments: &[&str], said: &Said) {
    let context = format!("{} {arguments:?}\n{}", plugin.name, said.out);
    assert!((0..=3).contains(&said.code), "{context}");
    assert!(
        said.out.len() <= 4096 && said.out.ends_with('\n'),
        "{context}"
    );
    let word = ["OK", "WARNING", "CRITICAL", "UNKNOWN"][said.code as usize];
    let start = format!("{} {word} - ", plugin.name.to_uppercase());
    let first = said.out.lines().next().unwrap();
    assert!(first.starts_with(&start), "{context}");
    assert!(first.len() < 1000 && first.len() > start.len(), "{context}");
    assert!(said.out.matches('|').count() <= 1, "{context}");
    let text: String = said.out.replacen(said.perfdata(), "", 1);
    let forbidden = |c: char| ";$<>&\\".contains(c) || c.is_control() && c != '\n';
    assert!(!text.contains(forbidden), "{context}");
    assert!(
        said.out
            .lines()
            .all(|line| !line.is_empty() && !line.starts_with(' ')),
        "{context}"
    );
    for metric in said
        .perfdata()
        .split(' ')
        .filter(|metric| !metric.is_empty())
    {
        assert!(is_metric(metric), "{metric}: {context}");
    }
}

/// `label=value[UOM][;[warn][;[crit][;[min][;[max]]]]]`
fn is_metric(text: &str) -> bool {
    let pattern = r"^[A-Za-z0-9_.-]+=-?\d+(\.\d+)?(s|B|%)?(;[@~:0-9.-]*){0,2}(;-?[0-9.]*){0,2}$";
    predicates::str::is_match(pattern).unwrap().eval(text)
}

#[test]
fn good_calls() {
    for plugin in &PLUGINS {
        for extra in [
            &[][..],
            &["-v"],
            &["-vv"],
            &["-vvv"],
            &["-t", "50"],
            &["--format", "text"],
        ] {
            let arguments = [plugin.works, extra].concat();
            let said = run(plugin.path, &arguments);
            keeps_the_contract(plugin, &arguments, &said);
            assert!(!said.perfdata().is_empty(), "{}", said.out);
        }
    }
}

#[test]
fn bad_calls() {
    for plugin in &PLUGINS {
        for arguments in BAD {
            let said = run(plugin.path, arguments);
            keeps_the_contract(plugin, arguments, &said);
            assert_eq!(said.code, 3, "{} {arguments:?}", plugin.name);
            assert_eq!(
                said.out.lines().count(),
                1,
                "{} {arguments:?}: {}",
                plugin.name,
                said.out
            );
        }
    }
}

#[test]
fn help_and_version_are_no_results() {
    for plugin in &PLUGINS {
        for argument in ["-h", "--help"] {
            let said = run(plugin.path, &[argument]);
            assert_eq!(said.code, 3, "{}", plugin.name);
            assert!(
                said.out.contains(&format!("Usage: {} ", plugin.name)),
                "{}",
                said.out
            );
            let widest = said
                .out
                .lines()
                .map(|line| line.chars().count())
                .max()
                .unwrap();
            assert!(widest <= 80, "{widest}: {}", said.out);
        }
        let said = run(plugin.path, &["-V"]);
        assert_eq!(
            (said.code, said.out),
            (
                3,
                format!("{} {}\n", plugin.name, env!("CARGO_PKG_VERSION"))
            )
        );
    }
}

#[test]
fn every_option_has_a_long_name_and_a_help() {
    for plugin in &PLUGINS {
        let help = run(plugin.path, &["--help"]).out;
        for option in [
            "--warning",
            "--critical",
            "--timeout",
            "--verbose",
            "--quiet",
            "--report",
            "--format",
            "--help",
            "--version",
        ] {
            assert!(help.contains(option), "{} {option}", plugin.name);
        }
    }
}

#[test]
fn all_views_have_the_state_of_the_check() {
    for plugin in &PLUGINS {
        let state = run(plugin.path, plugin.works).code;
        for view in [&["--report"][..], &["--format", "json"]] {
            let said = run(plugin.path, &[plugin.works, view].concat());
            assert_eq!(said.code, state, "{} {view:?}", plugin.name);
        }
        let json = run(plugin.path, &[plugin.works, &["--format", "json"]].concat()).json();
        let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            [
                "schema", "check", "version", "state", "summary", "metrics", "partial", "facts"
            ]
        );
        assert_eq!(
            (&json["schema"], &json["check"]),
            (&1.into(), &plugin.name.into())
        );
    }
}

#[test]
fn what_nobody_can_read_is_never_ok() {
    for plugin in &PLUGINS {
        let full = std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let status = std::process::Command::new(plugin.path)
            .args(plugin.works)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(full)
            .status()
            .unwrap();
        assert!(
            matches!(status.code(), Some(1..=3)),
            "{} {status:?}",
            plugin.name
        );
    }
}

#[test]
fn a_closed_pipe_is_no_panic() {
    for plugin in &PLUGINS {
        let mut child = std::process::Command::new(plugin.path)
            .args([plugin.works, &["--report"]].concat())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(
            matches!(output.status.code(), Some(0..=3)),
            "{:?}",
            output.status
        );
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}
