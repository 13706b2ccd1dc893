//! contrib/icinga/icinga2: the arguments of each CheckCommand.

use super::{Argument, differences, file, table, wanted};
use postmaster_plugins::checks::option_tables;

const COMMANDS: &str = "contrib/icinga/icinga2/commands.conf";

/// The text between the brace behind `header` and its partner.
fn block<'a>(text: &'a str, header: &str) -> Option<&'a str> {
    let start = text.find(header)? + header.len();
    let body = text[start..].trim_start().strip_prefix('{')?;
    let mut depth = 1;
    let end = body.find(|letter| {
        depth += match letter {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        depth == 0
    })?;
    Some(&body[..end])
}

/// The arguments that the definition of `program` has, in the order of their keys, and its defaults as options.
fn defined(text: &str, program: &str) -> Vec<Argument> {
    let object = block(text, &format!("object CheckCommand \"{program}\" "))
        .unwrap_or_else(|| panic!("no {program}"));
    let arguments = block(object, "arguments = ").unwrap();
    let keys = arguments.lines().filter_map(|line| {
        let key = line.trim().strip_prefix('"')?;
        key.strip_suffix("\" = {")
    });
    let mut found: Vec<Argument> = keys.map(|key| argument(arguments, key)).collect();
    found.sort();
    found
}

fn argument(arguments: &str, key: &str) -> Argument {
    let body = block(arguments, &format!("\"{key}\" = ")).unwrap();
    assert!(
        body.contains("description = \""),
        "{key} has no description"
    );
    let (_, from_dollar) = body.split_once('$').unwrap_or_else(|| panic!("{key}"));
    let (variable, _) = from_dollar.split_once('$').unwrap();
    Argument {
        key: key.to_owned(),
        variable: format!("${variable}$"),
        is_flag: body.contains("set_if = "),
        skips_key: body.contains("skip_key = true"),
    }
}

/// The defaults of the definition as a command line: `vars.check_memory_warning = "10%"` is `--warning 10%`.
pub(super) fn defaults(program: &str) -> Vec<String> {
    let text = file(COMMANDS);
    let object = block(&text, &format!("object CheckCommand \"{program}\" ")).unwrap();
    let arguments = defined(&text, program);
    let mut line = Vec::new();
    for default in object
        .lines()
        .filter_map(|line| line.trim().strip_prefix("vars."))
    {
        let (name, value) = default.split_once(" = ").unwrap();
        let argument = arguments
            .iter()
            .find(|argument| argument.variable == format!("${name}$"))
            .unwrap_or_else(|| panic!("nothing uses {name}"));
        line.push(argument.key.clone());
        line.extend((!argument.is_flag).then(|| value.trim_matches('"').to_owned()));
    }
    line
}

fn complaints(text: &str) -> Vec<String> {
    let check = |table: &clap::Command| {
        let name = table.get_name();
        differences(name, &wanted(table), &defined(text, name))
    };
    option_tables().iter().flat_map(check).collect()
}

#[test]
fn every_check_option_is_an_argument_and_the_other_way_round() {
    assert_eq!(complaints(&file(COMMANDS)), Vec::<String>::new());
}

#[test]
fn the_comparison_sees_each_kind_of_difference() {
    let text = file(COMMANDS);
    for (name, from, to, count) in [
        ("an option is missing", "    \"--known\" = {", "    /* {", 1),
        (
            "there is one too many",
            "  arguments = {",
            "  arguments = {\n    \"--new\" = {\n value = \"$x$\"\n description = \"\"\n }",
            3,
        ),
        ("another variable", "$check_memory_top$", "$memory_top$", 2),
        (
            "a flag as a value",
            "set_if = \"$check_memory_no_zfs_arc$\"",
            "value = \"$check_memory_no_zfs_arc$\"",
            2,
        ),
        (
            "the key of a bare value",
            "skip_key = true",
            "skip_key = false",
            2,
        ),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{name}");
        assert_eq!(
            complaints(&changed).len(),
            count,
            "{name}: {:#?}",
            complaints(&changed)
        );
    }
}

#[test]
fn the_defaults_are_good_arguments() {
    for program in [
        "check_postgrey_whitelist",
        "check_mailq_blacklist",
        "check_memory",
    ] {
        let line = defaults(program);
        assert!(!line.is_empty(), "{program}");
        let all = std::iter::once(program.to_owned()).chain(line);
        table(program).try_get_matches_from(all).unwrap();
    }
}

#[test]
fn through_ssh_go_the_same_commands() {
    let text = file("contrib/icinga/icinga2/commands-by-ssh.conf");
    for table in option_tables() {
        let name = table.get_name();
        let object = block(&text, &format!("object CheckCommand \"{name}_by_ssh\" "));
        assert!(
            object.unwrap().contains(&format!("import \"{name}\"")),
            "{name}"
        );
    }
}
