//! Every call of a plugin in contrib/ (Nagios, NRPE, cron, systemd) against the option tables: the programs take its arguments, and in
//! a monitoring core it means what the Icinga 2 definition's defaults mean.

use super::{file, icinga2, table};
use postmaster_plugins::checks::option_tables;
use std::collections::BTreeMap;

const PLUGINS: &str = "/usr/lib/nagios/plugins/";

/// Program and arguments of a command line that calls one of our plugins.
type Call = (String, Vec<String>);

fn call(line: &str) -> Option<Call> {
    let (_, line) = line.split_once(PLUGINS)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let program = words.next()?;
    let ours = option_tables()
        .iter()
        .any(|table| table.get_name() == program);
    ours.then(|| (program, words.collect()))
}

/// The services of Nagios that run a plugin here: `check_command NAME!ARGUMENTS` put into the command of that name.
fn nagios() -> Vec<Call> {
    let commands = file("contrib/icinga/nagios/commands.cfg");
    let lines: BTreeMap<&str, &str> = commands
        .split("define command")
        .filter_map(|block| Some((value(block, "command_name")?, value(block, "command_line")?)))
        .collect();
    file("contrib/icinga/nagios/services.cfg")
        .split("define service")
        .filter_map(|block| {
            let check = value(block, "check_command")?;
            let (name, argument) = check.split_once('!').unwrap_or((check, ""));
            call(&lines[name].replace("$ARG1$", argument))
        })
        .collect()
}

fn value<'a>(block: &'a str, key: &str) -> Option<&'a str> {
    let line = block
        .lines()
        .find_map(|line| line.trim().strip_prefix(key))?;
    Some(line.trim())
}

fn nrpe() -> Vec<Call> {
    let text = file("contrib/icinga/nrpe/postmaster.cfg");
    let named = |line: &str| {
        let found = call(line)?;
        let name = format!("command[{}]=", found.0);
        assert!(line.starts_with(&name), "{line}");
        Some(found)
    };
    text.lines().filter_map(named).collect()
}

fn cron() -> Vec<Call> {
    file("contrib/cron/postmaster")
        .lines()
        .filter_map(call)
        .collect()
}

fn systemd() -> Vec<Call> {
    let options = |table: &clap::Command| {
        let name = table.get_name().to_owned();
        let drop_in = file(&format!(
            "contrib/systemd/postmaster-check@{name}.service.d/options.conf"
        ));
        let (_, line) = drop_in.split_once("OPTIONS=").unwrap();
        let line = line.trim().trim_matches('"').replace("%%", "%");
        (name, line.split_whitespace().map(str::to_owned).collect())
    };
    option_tables().iter().map(options).collect()
}

/// The values of all options that were given, as text by id; the time limit differs on purpose.
fn meaning((program, arguments): &Call) -> BTreeMap<String, Vec<String>> {
    let all = std::iter::once(program).chain(arguments);
    let matches = table(program)
        .try_get_matches_from(all)
        .unwrap_or_else(|error| panic!("{program} {arguments:?}: {error}"));
    let given = |id: &&str| {
        matches.value_source(id) == Some(clap::parser::ValueSource::CommandLine) && *id != "timeout"
    };
    let text = |id: &str| match matches.try_get_raw(id) {
        Ok(Some(values)) => values
            .map(|value| value.to_string_lossy().into_owned())
            .collect(),
        _ => Vec::new(),
    };
    let table = table(program);
    let ids = table.get_arguments().map(|arg| arg.get_id().as_str());
    ids.filter(given)
        .map(|id| (id.to_owned(), text(id)))
        .filter(|(_, values)| !values.is_empty())
        .collect()
}

#[test]
fn all_definitions_mean_the_same() {
    for (place, calls) in [
        ("Nagios", nagios()),
        ("NRPE", nrpe()),
        ("cron", cron()),
        ("systemd", systemd()),
    ] {
        for table in option_tables() {
            let name = table.get_name().to_owned();
            let expected = meaning(&(name.clone(), icinga2::defaults(&name)));
            let mut found: Vec<_> = calls
                .iter()
                .filter(|call| call.0 == name)
                .map(meaning)
                .collect();
            assert_eq!(found.len(), 1, "{place}: {name}");
            found[0].remove("quiet");
            assert_eq!(found[0], expected, "{place}: {name}");
        }
    }
}

#[test]
fn cron_and_systemd_are_silent_while_all_is_well() {
    for (_, arguments) in cron() {
        assert!(arguments.contains(&String::from("-q")), "{arguments:?}");
    }
    let unit = file("contrib/systemd/postmaster-check@.service");
    assert!(unit.contains("\nExecStart=/usr/lib/nagios/plugins/%i -q $OPTIONS\n"));
}

#[test]
fn a_call_that_the_program_refuses_is_seen() {
    let good = call("command[x]=/usr/lib/nagios/plugins/check_memory -w 10%").unwrap();
    assert_eq!(meaning(&good)["warning"], ["10%"]);
    for bad in ["--nonsense", "-w 200%", "--top 51"] {
        let call = call(&format!("{PLUGINS}check_memory {bad}")).unwrap();
        assert!(
            std::panic::catch_unwind(|| meaning(&call)).is_err(),
            "{bad}"
        );
    }
}
