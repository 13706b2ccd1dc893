//! The definitions below contrib/ against the programs' own option tables: a check option that a definition lacks fails here, and so
//! does one that no program has. Whether the real cores load the files is tests/e2e's matter.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "definitions/basket.rs"]
mod basket;
#[path = "definitions/calls.rs"]
mod calls;
#[path = "definitions/icinga2.rs"]
mod icinga2;

use clap::{Arg, ArgAction, Command};
use postmaster_plugins::checks::option_tables;
use postmaster_plugins::plugin::options::FOR_PEOPLE;

/// What stays out of service definitions besides the options for people: `--quiet` leaves an OK without a text.
const NOT_FOR_SERVICES: [&str; 3] = ["help", "version", "quiet"];

/// An argument of a CheckCommand as the option tables ask for it, or as a definition has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Argument {
    /// `--warning`, or the name of a value without an option.
    key: String,
    /// `$check_memory_warning$`.
    variable: String,
    /// Whether the variable says if the option is there, instead of its value.
    is_flag: bool,
    /// Whether the value goes without the key.
    skips_key: bool,
}

/// The options of one program that belong into service definitions, in the order of their keys.
fn wanted(table: &Command) -> Vec<Argument> {
    let mut table = table.clone();
    table.build();
    let mut wanted: Vec<Argument> = table
        .get_arguments()
        .filter(|arg| is_for_checks(arg))
        .map(|arg| argument(table.get_name(), arg))
        .collect();
    wanted.sort();
    wanted
}

fn is_for_checks(arg: &Arg) -> bool {
    !arg.is_hide_set()
        && arg.get_help_heading() != Some(FOR_PEOPLE)
        && !NOT_FOR_SERVICES.contains(&arg.get_id().as_str())
}

fn argument(program: &str, arg: &Arg) -> Argument {
    let value_name = || arg.get_value_names().unwrap()[0].to_string();
    let option = arg.get_long().map(|long| format!("--{long}"));
    Argument {
        skips_key: option.is_none(),
        key: option.unwrap_or_else(value_name),
        variable: format!("${program}_{}$", arg.get_id()),
        is_flag: matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::Count),
    }
}

/// The option table of one program.
fn table(name: &str) -> Command {
    option_tables()
        .into_iter()
        .find(|table| table.get_name() == name)
        .unwrap_or_else(|| panic!("no program {name}"))
}

/// A file of the repository.
fn file(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What one side has and the other lacks, one sentence each.
fn differences(program: &str, wanted: &[Argument], defined: &[Argument]) -> Vec<String> {
    let lacks = wanted
        .iter()
        .filter(|one| !defined.contains(one))
        .map(|one| format!("{program}: the definition lacks {one:?}"));
    let knows_not = defined
        .iter()
        .filter(|one| !wanted.contains(one))
        .map(|one| format!("{program}: the program has no {one:?}"));
    lacks.chain(knows_not).collect()
}

#[test]
fn some_options_stay_out() {
    let keys = |name| -> Vec<String> {
        wanted(&table(name))
            .into_iter()
            .map(|one| one.key)
            .collect()
    };
    let postgrey = keys("check_postgrey_whitelist");
    for out in [
        "--help",
        "--quiet",
        "--report",
        "--suggest",
        "--format",
        "--now",
    ] {
        assert!(!postgrey.iter().any(|key| key == out), "{out}");
    }
    assert!(postgrey.contains(&String::from("LOG")));
    assert!(!keys("check_mailq_blacklist").contains(&String::from("--explain")));
    assert!(!keys("check_memory").contains(&String::from("IGNORED")));
}
