//! The documentation against the programs: help, outputs, calls, messages and links are what a reader will meet.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use postmaster_plugins::checks::option_tables;
use std::path::{Path, PathBuf};

const PROGRAMS: [(&str, &str); 3] = [
    (
        "check_postgrey_whitelist",
        env!("CARGO_BIN_EXE_check_postgrey_whitelist"),
    ),
    (
        "check_mailq_blacklist",
        env!("CARGO_BIN_EXE_check_mailq_blacklist"),
    ),
    ("check_memory", env!("CARGO_BIN_EXE_check_memory")),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// README.md and docs/*.md, by their names.
fn pages() -> Vec<(PathBuf, String)> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap();
    let mut names: Vec<PathBuf> = docs.map(|entry| entry.unwrap().path()).collect();
    names.push(root().join("README.md"));
    names.sort();
    names.retain(|name| name.extension().is_some_and(|end| end == "md"));
    let read = |name: PathBuf| (name.clone(), read(name));
    names.into_iter().map(read).collect()
}

/// The fenced blocks of a page with this word behind the fence.
fn blocks<'a>(page: &'a str, word: &str) -> Vec<&'a str> {
    let fence = format!("```{word}\n");
    let parts = page.split(&fence).skip(1);
    parts
        .map(|part| part.split("```").next().unwrap())
        .collect()
}

#[test]
fn help_blocks_are_what_the_programs_print() {
    for (name, program) in PROGRAMS {
        let page = read(format!("docs/{name}.md"));
        let help = support::run(program, &["--help"]).out;
        assert_eq!(
            blocks(&page, "text"),
            [help.as_str()],
            "docs/{name}.md, run: cargo run --example paperwork"
        );
    }
}

/// The day of the samples: what is pending then is lost later.
const NOW: &str = "2026-11-21T17:30:00Z";

/// Runs the words behind `$ `, as a reader without Postgrey would on the day of the samples.
fn run(words: &str) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    let (name, arguments) = words.split_first().unwrap();
    let (_, program) = PROGRAMS.iter().find(|(it, _)| it == name).unwrap();
    let mut arguments = arguments.to_vec();
    if *name == "check_postgrey_whitelist" {
        arguments.extend(["--whitelist", "/dev/null", "--ignore", "/dev/null"]);
        if !arguments.contains(&"--now") {
            arguments.extend(["--now", NOW]);
        }
    }
    support::run(program, &arguments).out
}

/// Whether `line` is the documented one: whole, or up to the sign of an omission at its end.
fn is_shown(shown: &str, line: &str) -> bool {
    match shown.strip_suffix('…') {
        Some(start) => line.starts_with(start) && line.len() > start.len(),
        None => line == shown,
    }
}

#[test]
fn outputs_in_the_documentation_are_what_the_programs_print() {
    let mut seen = 0;
    for (name, page) in pages() {
        for block in blocks(&page, "console") {
            let (command, shown) = block.split_once('\n').unwrap();
            let said = run(command.strip_prefix("$ ").unwrap());
            let shown: Vec<&str> = shown.lines().collect();
            let (cut, shown) = match shown.split_last() {
                Some((&"…", rest)) => (true, rest),
                _ => (false, &shown[..]),
            };
            let lines: Vec<&str> = said.lines().collect();
            let same = shown
                .iter()
                .zip(&lines)
                .all(|(shown, line)| is_shown(shown, line));
            let whole = lines.len() == shown.len() || cut && lines.len() > shown.len();
            assert!(same && whole, "{}: {command}\n{said}", name.display());
            seen += 1;
        }
    }
    assert!(seen >= 3, "{seen}");
}

/// The calls of a plugin in the text: the words from its name to the end of the command. Outputs, patterns with an omission, and names
/// alone are no calls.
fn calls(page: &str) -> Vec<(&'static str, Vec<String>)> {
    let mut found = Vec::new();
    let code = page.split('`').skip(1).step_by(2);
    let lines = page.lines().filter(|line| {
        line.starts_with("    ") || line.starts_with("$ ") || line.contains("nagios/plugins/check_")
    });
    for text in code.chain(lines).filter(|text| !text.contains('…')) {
        for (name, _) in PROGRAMS {
            let Some((before, rest)) = text.split_once(&format!("{name} ")) else {
                continue;
            };
            if !before.is_empty() && !before.ends_with(['/', ' ']) {
                continue;
            }
            let end = [" | ", " \\|", " > ", " >> ", "  #", " && ", "`", "\n", "]"];
            let rest = end
                .iter()
                .fold(rest, |rest, end| rest.split(end).next().unwrap());
            found.push((name, shell_words(rest)));
        }
    }
    found
}

/// Words as a shell splits them: blanks, and quotes of both kinds.
fn shell_words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in text.chars() {
        match (c, quote) {
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, Some(open)) if c == open => quote = None,
            (' ', None) => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// The lines of a page that speak of calls that are refused, or the others.
fn lines_on_refused(page: &str, refused: bool) -> String {
    let lines = page.lines();
    let kept = lines.filter(|line| line.contains("| refused now") == refused);
    kept.collect::<Vec<_>>().join("\n")
}

/// What the plugins say to the calls on a page: how many there are, and each that is not taken as it should be.
fn mistaken(page: &str, refused: bool) -> (usize, Vec<String>) {
    let tables = option_tables();
    let mut mistaken = Vec::new();
    let mut found = calls(&lines_on_refused(page, refused));
    found.retain(|(_, words)| {
        let first = words.first();
        first.is_some_and(|word| word.starts_with(['-', '/', '\'']))
    });
    for (name, words) in &found {
        let table = tables.iter().find(|table| table.get_name() == *name);
        let arguments = [vec![(*name).to_owned()], words.clone()].concat();
        let parsed = table.unwrap().clone().try_get_matches_from(&arguments);
        if parsed.is_err() != refused {
            mistaken.push(format!(
                "{arguments:?}: {:?}",
                parsed.err().map(|error| error.to_string())
            ));
        }
    }
    (found.len(), mistaken)
}

#[test]
fn calls_in_the_documentation_are_calls_of_the_programs() {
    let mut seen = 0;
    for (file, page) in pages() {
        let (count, wrong) = mistaken(&page, false);
        assert!(wrong.is_empty(), "{}: {wrong:#?}", file.display());
        seen += count;
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn calls_that_are_said_to_be_refused_are() {
    let (seen, wrong) = mistaken(&read("docs/upgrading.md"), true);
    assert_eq!((seen, wrong), (1, vec![]));
}

/// All sources as one text, with the line breaks inside of strings undone.
fn sources() -> String {
    let mut open = vec![root().join("src")];
    let mut text = String::new();
    while let Some(path) = open.pop() {
        match path.is_dir() {
            true => open.extend(
                std::fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            ),
            false => text.push_str(&std::fs::read_to_string(path).unwrap()),
        }
    }
    let mut joined = String::new();
    for part in text.split("\\\n") {
        joined.push_str(part.trim_start());
    }
    joined.replace("\\\"", "\"")
}

/// The first cells of a page's tables, as far as they are code: messages.
fn messages(page: &str) -> Vec<&str> {
    page.lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|row| row.split_once("` |"))
        .map(|(message, _)| message)
        .collect()
}

/// What other programs say: check_nrpe, and clap in front of our own words.
const OF_OTHERS: [&str; 2] = ["NRPE: ", "unexpected argument"];

#[test]
fn every_message_of_the_troubleshooting_page_is_one_of_the_programs() {
    let sources = sources();
    let page = read("docs/troubleshooting.md");
    let messages = messages(&page);
    assert!(messages.len() > 50, "{}", messages.len());
    for message in messages {
        if OF_OTHERS.iter().any(|other| message.starts_with(other)) {
            continue;
        }
        for part in message
            .split('…')
            .map(|part| part.trim_matches([' ', ')', '(', ':', '\'', ',', ';']))
        {
            assert!(sources.contains(part), "{message}: nobody says {part:?}");
        }
    }
}

#[test]
fn every_place_to_ask_is_one_of_the_tables() {
    let tables = [
        read("src/reply/lists.toml"),
        read("src/reply/providers.toml"),
        read("src/reply/rules/codes.toml"),
    ]
    .concat();
    let page = read("docs/alarms.md");
    let places: Vec<&str> = page
        .split([' ', '\n'])
        .map(|word| word.trim_end_matches([';', ',', '.', ':']))
        .filter(|word| {
            word.starts_with("https://") || word.contains('@') && word.contains("microsoft")
        })
        .collect();
    assert!(places.len() >= 15, "{places:?}");
    for place in places {
        assert!(tables.contains(place), "{place}");
    }
}

#[test]
fn links_lead_somewhere() {
    for (file, page) in pages() {
        for target in page
            .split("](")
            .skip(1)
            .map(|rest| rest.split(')').next().unwrap())
        {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = match path {
                "" => file.clone(),
                _ => file.parent().unwrap().join(path),
            };
            assert!(path.exists(), "{}: {target}", file.display());
            if !anchor.is_empty() {
                assert!(
                    anchors(&read(&path)).contains(&anchor.to_owned()),
                    "{}: {target}",
                    file.display()
                );
            }
        }
    }
}

/// The names that headings can be reached by.
fn anchors(page: &str) -> Vec<String> {
    page.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

#[test]
fn every_page_is_reached_from_the_readme() {
    let readme = read("README.md");
    for (file, _) in pages() {
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        assert!(
            name == "README.md" || readme.contains(&format!("({name})")),
            "{name}"
        );
    }
}
