//! Man pages and completions against the option tables and the programs: nothing stale, nothing invented, readable by the real tools.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

mod support;

#[path = "../examples/paperwork/crates.rs"]
mod crates;
#[path = "../examples/paperwork/man.rs"]
mod man;
#[path = "../examples/paperwork/page.rs"]
mod page;
#[path = "../examples/paperwork/papers.rs"]
mod papers;
#[path = "../examples/paperwork/sbom.rs"]
mod sbom;

use page::Page;
use postmaster_plugins::checks::option_tables;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below share/, from the root of the repository.
fn kept() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for kind in std::fs::read_dir(root().join("share")).unwrap() {
        for file in std::fs::read_dir(kind.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(root()).unwrap();
            found.insert(name.display().to_string());
        }
    }
    found
}

fn pages() -> Vec<(String, Page)> {
    let names = option_tables().map(|table| table.get_name().to_owned());
    let read = |name: String| (name.clone(), Page::of(&name).unwrap().unwrap());
    names.into_iter().map(read).collect()
}

#[test]
fn the_kept_papers_are_those_that_the_option_tables_make() {
    let papers = papers::all().unwrap();
    let paths = papers.iter().map(|paper| paper.path.clone());
    let made: BTreeSet<String> = paths.filter(|path| path.starts_with("share/")).collect();
    assert_eq!(kept(), made, "run: cargo run --example paperwork");
    for paper in papers {
        let text = std::fs::read_to_string(root().join(&paper.path)).unwrap();
        assert!(
            text == paper.text,
            "{} is stale, run: cargo run --example paperwork",
            paper.path
        );
    }
}

#[test]
fn man_pages_are_complete() {
    for table in option_tables() {
        let name = table.get_name();
        let path = root().join(format!("share/man/{name}.1"));
        let text = std::fs::read_to_string(path).unwrap();
        let titles: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix(".SH "))
            .map(|title| title.trim_matches('"'))
            .filter(|title| *title != "RANGES")
            .collect();
        assert_eq!(
            titles,
            [
                "NAME",
                "SYNOPSIS",
                "DESCRIPTION",
                "OPTIONS",
                "EXIT STATUS",
                "PERFORMANCE DATA",
                "EXAMPLES",
                "FILES",
                "SEE ALSO"
            ],
            "{name}"
        );
        assert!(text.is_ascii(), "{name}: other locales show {text}");
    }
}

#[test]
fn the_calls_in_the_examples_are_calls_of_the_programs() {
    for (table, (name, page)) in option_tables().into_iter().zip(pages()) {
        let calls = page.example.iter().filter(|it| it.call.contains(&name));
        let mut seen = 0;
        for example in calls {
            let (_, arguments) = example.call.split_once(&name).unwrap();
            let words = shell_words(arguments);
            let parsed = table
                .clone()
                .try_get_matches_from([vec![name.clone()], words].concat());
            assert!(parsed.is_ok(), "{}: {}", example.call, parsed.unwrap_err());
            seen += 1;
        }
        assert!(seen >= 3, "{name}: {seen} examples");
    }
}

/// Words as a shell splits them; single quotes are all that the examples use.
fn shell_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in text.split('\'').enumerate() {
        match at % 2 {
            1 => words.push(part.to_owned()),
            _ => words.extend(part.split_whitespace().map(str::to_owned)),
        }
    }
    words
}

#[test]
fn the_labels_are_those_that_the_programs_print() {
    for (plugin, arguments) in [
        (
            env!("CARGO_BIN_EXE_check_postgrey_whitelist"),
            &["fixtures/postgrey/sample-mail.log"][..],
        ),
        (
            env!("CARGO_BIN_EXE_check_mailq_blacklist"),
            &[
                "--file",
                "fixtures/mailq/postfix-short-ids.txt",
                "--log-file",
                "fixtures/mailq/postfix-mail.log",
            ],
        ),
        (
            env!("CARGO_BIN_EXE_check_memory"),
            &["--root", "fixtures/memory/busy", "--pressure-warning", "10"],
        ),
    ] {
        let said = support::run(plugin, &[arguments, &["--format", "json"]].concat()).json();
        let printed: Vec<(String, String)> = said["metrics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|metric| {
                let text = |key: &str| metric[key].as_str().unwrap().to_owned();
                (text("label"), text("unit"))
            })
            .collect();
        let (_, page) = pages()
            .into_iter()
            .find(|(name, _)| plugin.ends_with(name.as_str()))
            .unwrap();
        let told: Vec<(String, String)> = page
            .metric
            .iter()
            .flat_map(|metric| {
                metric
                    .label
                    .split(", ")
                    .map(|label| (label.to_owned(), metric.unit.clone()))
            })
            .collect();
        assert_eq!(told, printed, "{plugin}");
    }
}

/// Runs a program that not every machine has; `None` where it is missing.
fn tool(program: &str, arguments: &[&str], file: Option<&Path>) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .args(file)
        .current_dir(root())
        .env("LC_ALL", "C.UTF-8")
        .output();
    match output {
        Ok(output) => Some(format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("SKIPPED: no {program} here");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

fn files(kind: &str) -> Vec<PathBuf> {
    let all = kept();
    let of_kind = all
        .iter()
        .filter(|path| path.starts_with(&format!("share/{kind}/")));
    let paths: Vec<PathBuf> = of_kind.map(|path| root().join(path)).collect();
    assert_eq!(paths.len(), 3, "{kind}");
    paths
}

#[test]
fn formatters_of_man_pages_have_no_complaint() {
    for page in files("man") {
        for (program, arguments) in [
            ("groff", &["-man", "-Tascii", "-ww", "-z"][..]),
            ("mandoc", &["-Tlint", "-Wwarning"]),
        ] {
            let said = tool(program, arguments, Some(&page)).unwrap_or_default();
            assert_eq!(said, "", "{program} {}", page.display());
        }
    }
}

#[test]
fn shells_read_the_completions() {
    for (shell, kind) in [("bash", "bash"), ("zsh", "zsh"), ("fish", "fish")] {
        for script in files(kind) {
            let said = tool(shell, &["-n"], Some(&script)).unwrap_or_default();
            assert_eq!(said, "", "{shell} {}", script.display());
        }
    }
}

/// What bash offers behind `typed`, the last word of which is being completed.
fn bash_offers(plugin: &str, typed: &str) -> Option<String> {
    let script = format!(
        "source share/bash/{plugin}; COMP_WORDS=({typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
         _{plugin} \"${{COMP_WORDS[0]}}\" \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; echo \"${{COMPREPLY[*]}}\""
    );
    tool("bash", &["-c", &script], None)
}

#[test]
fn bash_completes_options_and_values() {
    for (plugin, typed, expected) in [
        (
            "check_memory",
            "check_memory --sw",
            "--swap-warning --swap-critical\n",
        ),
        (
            "check_memory",
            "/usr/lib/nagios/plugins/check_memory --sw",
            "--swap-warning --swap-critical\n",
        ),
        ("check_memory", "check_memory --metric u", "used\n"),
        (
            "check_postgrey_whitelist",
            "check_postgrey_whitelist --alert-on ''",
            "all hurt\n",
        ),
        (
            "check_mailq_blacklist",
            "check_mailq_blacklist --log --f",
            "--file --format\n",
        ),
    ] {
        let Some(said) = bash_offers(plugin, typed) else {
            return;
        };
        assert_eq!(said, expected, "{typed}");
    }
}
