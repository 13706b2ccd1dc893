//! What the monitoring cores rely on, for every plugin: the calls of examples/conform/ours.toml, judged by the conform example's rules.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

#[path = "../examples/conform/call.rs"]
mod call;
#[path = "../examples/conform/perfdata.rs"]
mod perfdata;
#[path = "../examples/conform/rules.rs"]
mod rules;
#[path = "../examples/conform/score.rs"]
mod score;
mod support;
#[path = "../examples/conform/table.rs"]
mod table;

use rules::{Case, Kind, Said};
use std::path::{Path, PathBuf};
use support::run;
use table::Table;

const PLUGINS: [&str; 3] = [
    env!("CARGO_BIN_EXE_check_postgrey_whitelist"),
    env!("CARGO_BIN_EXE_check_mailq_blacklist"),
    env!("CARGO_BIN_EXE_check_memory"),
];

fn program(name: &str) -> PathBuf {
    let found = PLUGINS.iter().find(|path| path.ends_with(name)).unwrap();
    PathBuf::from(found)
}

fn table() -> Table {
    Table::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/conform/ours.toml")).unwrap()
}

#[test]
fn all_plugins_keep_all_rules() {
    let table = table();
    let mut plugins = 0;
    for (name, calls) in table.plugins() {
        let score = score::score(&program(name), &calls).unwrap();
        assert!(score.asked > 500, "{name}: {}", score.asked);
        assert!(score.findings.is_empty(), "{name}: {:#?}", score.findings);
        plugins += 1;
    }
    assert_eq!(plugins, PLUGINS.len());
}

/// Every rule, and an answer that breaks it.
#[test]
fn every_rule_can_be_broken() {
    let said = |code: i32, out: &str| Said {
        code: Some(code),
        out: out.as_bytes().to_vec(),
        writes: 1,
        ..Said::default()
    };
    let good = "X OK - all is well | a=1;2;3;0;9 b=2%\n";
    let of = |change: fn(&mut Said)| {
        let mut changed = said(0, good);
        change(&mut changed);
        changed
    };
    let long = |line: usize, lines: usize| {
        let text = format!("X OK - {}\n", "x".repeat(line));
        said(0, &text.repeat(lines))
    };
    let cases: Vec<(&str, Kind, Said)> = vec![
        (
            "ends by itself with status 0 to 3",
            Kind::Good,
            of(|said| said.code = None),
        ),
        (
            "ends by itself with status 0 to 3",
            Kind::View,
            said(4, good),
        ),
        (
            "leaves no process behind",
            Kind::Good,
            of(|said| said.left_behind = true),
        ),
        (
            "stderr is empty",
            Kind::Help,
            of(|said| said.err = b"warning".to_vec()),
        ),
        (
            "says something, in one write",
            Kind::Good,
            of(|said| said.writes = 2),
        ),
        (
            "says something, in one write",
            Kind::Good,
            of(|said| said.writes = 0),
        ),
        ("output is UTF-8", Kind::Good, of(|said| said.out[8] = 0xff)),
        (
            "no control or direction characters",
            Kind::View,
            said(0, "X OK - \u{1b}[31m\n"),
        ),
        (
            "no control or direction characters",
            Kind::Good,
            said(0, "X OK - \u{202e}\n"),
        ),
        (
            "at most 4096 bytes, ending in a newline",
            Kind::Good,
            said(0, "X OK - cut"),
        ),
        (
            "at most 4096 bytes, ending in a newline",
            Kind::Good,
            long(900, 5),
        ),
        (
            "first line begins with NAME STATE",
            Kind::Good,
            said(1, good),
        ),
        ("first line below 1000 bytes", Kind::Good, long(1000, 1)),
        (
            "no blank line, no leading blank",
            Kind::Good,
            said(0, "\nX OK - a\n"),
        ),
        (
            "no blank line, no leading blank",
            Kind::Good,
            said(0, "X OK - a\n b\n"),
        ),
        (
            "one bar at most, on the first line",
            Kind::Good,
            said(0, "X OK - a | b=1\nc | d=1\n"),
        ),
        (
            "one bar at most, on the first line",
            Kind::Good,
            said(0, "X OK - a\nb | c=1\n"),
        ),
        (
            "perfdata follows the grammar",
            Kind::Good,
            said(0, "X OK - a | b=1e3\n"),
        ),
        (
            "perfdata follows the grammar",
            Kind::Good,
            said(0, "X OK - a | b=1;;;;;\n"),
        ),
        (
            "perfdata follows the grammar",
            Kind::Good,
            said(0, "X OK - a | b=1;x\n"),
        ),
        (
            "labels are plain and unique",
            Kind::Good,
            said(0, "X OK - a | b=1 b=2\n"),
        ),
        (
            "labels are plain and unique",
            Kind::Good,
            said(0, "X OK - a | a::b=1\n"),
        ),
        (
            "units are none, s, B, % or c",
            Kind::Good,
            said(0, "X OK - a | b=1KB\n"),
        ),
        (
            "no macro, HTML, semicolon or backslash in text",
            Kind::Good,
            said(0, "X OK - $HOST$\n"),
        ),
        (
            "no macro, HTML, semicolon or backslash in text",
            Kind::Good,
            said(0, "X OK - a\nb\\n\n"),
        ),
        (
            "a bad call is UNKNOWN",
            Kind::Bad,
            said(2, "X CRITICAL - no\n"),
        ),
        (
            "a bad call is answered in one line",
            Kind::Bad,
            said(3, "X UNKNOWN - no\nUsage: x\n"),
        ),
        (
            "help and version are UNKNOWN",
            Kind::Help,
            said(0, "x 1.0\n"),
        ),
        (
            "help fits 80 columns",
            Kind::Help,
            said(3, &format!("{}\n", "x".repeat(81))),
        ),
        (
            "a view has the status of the check",
            Kind::View,
            said(2, good),
        ),
    ];
    for rule in &rules::RULES {
        assert!(
            cases.iter().any(|(name, _, _)| *name == rule.name),
            "{}",
            rule.name
        );
    }
    for (rule, kind, said) in &cases {
        let expected = Some(0);
        let broken = rules::broken(&Case {
            kind: *kind,
            said,
            expected,
        });
        assert!(
            broken.iter().any(|(name, _)| name == rule),
            "{rule}: {said:?}"
        );
    }
    let whole = said(0, good);
    let expected = Some(0);
    let broken = rules::broken(&Case {
        kind: Kind::Good,
        said: &whole,
        expected,
    });
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn good_calls_have_perfdata_and_bad_ones_say_where_help_is() {
    for (name, calls) in table().plugins() {
        let program = program(name).display().to_string();
        let first: Vec<&str> = calls[0].arguments.iter().map(String::as_str).collect();
        let said = run(&program, &first);
        assert!(!said.perfdata().is_empty(), "{}", said.out);
        let said = run(&program, &["--no-such-option"]);
        assert!(said.out.ends_with("(see --help)\n"), "{}", said.out);
    }
}

#[test]
fn help_and_version() {
    for path in PLUGINS {
        let name = path.rsplit('/').next().unwrap();
        let help = run(path, &["--help"]).out;
        assert!(run(path, &["-h"]).out.lines().count() > 10);
        assert!(help.contains(&format!("Usage: {name} ")), "{help}");
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
            assert!(help.contains(option), "{name} {option}");
        }
        let version = format!("{name} {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(run(path, &["-V"]).out, version);
    }
}

#[test]
fn the_envelope_of_json() {
    for (name, calls) in table().plugins() {
        let program = program(name).display().to_string();
        let mut first: Vec<&str> = calls[0].arguments.iter().map(String::as_str).collect();
        first.extend(["--format", "json"]);
        let json = run(&program, &first).json();
        let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            [
                "schema", "check", "version", "state", "summary", "metrics", "partial", "facts"
            ]
        );
        assert_eq!((&json["schema"], &json["check"]), (&1.into(), &name.into()));
    }
}
