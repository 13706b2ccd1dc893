//! What the monitoring cores rely on, one named rule each. Pure: a rule sees what was called and what came back.

use super::perfdata;
use serde::Deserialize;

/// The output that Nagios 4 reads for certain.
const OUTPUT: usize = 4096;
/// The first line with its perfdata.
const FIRST_LINE: usize = 1000;
/// The states in the order of their exit status.
pub const STATES: [&str; 4] = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];

/// What kind of answer a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A result.
    Good,
    /// A refusal: the arguments are wrong.
    Bad,
    /// The help or the version.
    Help,
    /// A page for people or programs, with the status of the check.
    View,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// The exit status; `None` where a signal ended it or it had to be killed.
    pub code: Option<i32>,
    pub out: Vec<u8>,
    pub err: Vec<u8>,
    pub writes: usize,
    /// Processes of its group that were still there.
    pub left_behind: bool,
}

/// A call and its answer.
#[derive(Debug)]
pub struct Case<'a> {
    pub kind: Kind,
    pub said: &'a Said,
    /// The exit status of the same call without a view.
    pub expected: Option<i32>,
}

/// A rule. `broken` says what is wrong.
pub struct Rule {
    pub name: &'static str,
    pub kinds: &'static [Kind],
    pub broken: fn(&Case<'_>) -> Option<String>,
}

use Kind::{Bad, Good, Help, View};
const ALL: &[Kind] = &[Good, Bad, Help, View];
const RESULT: &[Kind] = &[Good, Bad];

/// All rules.
#[rustfmt::skip]
pub const RULES: [Rule; 20] = [
    Rule { name: "ends by itself with status 0 to 3", kinds: ALL, broken: status },
    Rule { name: "leaves no process behind", kinds: ALL, broken: |case| case.said.left_behind.then(String::new) },
    Rule { name: "stderr is empty", kinds: ALL, broken: stderr },
    Rule { name: "says something, in one write", kinds: ALL, broken: one_write },
    Rule { name: "output is UTF-8", kinds: ALL, broken: utf8 },
    Rule { name: "no control or direction characters", kinds: ALL, broken: control },
    Rule { name: "at most 4096 bytes, ending in a newline", kinds: RESULT, broken: length },
    Rule { name: "first line begins with NAME STATE", kinds: RESULT, broken: state_word },
    Rule { name: "first line below 1000 bytes", kinds: RESULT, broken: first_line_length },
    Rule { name: "no blank line, no leading blank", kinds: RESULT, broken: blank },
    Rule { name: "one bar at most, on the first line", kinds: RESULT, broken: bars },
    Rule { name: "perfdata follows the grammar", kinds: RESULT, broken: grammar },
    Rule { name: "labels are plain and unique", kinds: RESULT, broken: labels },
    Rule { name: "units are none, s, B, % or c", kinds: RESULT, broken: units },
    Rule { name: "no macro, HTML, semicolon or backslash in text", kinds: RESULT, broken: harmful },
    Rule { name: "a bad call is UNKNOWN", kinds: &[Bad], broken: unknown },
    Rule { name: "a bad call is answered in one line", kinds: &[Bad], broken: one_line },
    Rule { name: "help and version are UNKNOWN", kinds: &[Help], broken: unknown },
    Rule { name: "help fits 80 columns", kinds: &[Help], broken: columns },
    Rule { name: "a view has the status of the check", kinds: &[View], broken: same_status },
];

/// The names of the rules that a call breaks, with what is wrong.
pub fn broken(case: &Case<'_>) -> Vec<(&'static str, String)> {
    RULES
        .iter()
        .filter(|rule| rule.kinds.contains(&case.kind))
        .filter_map(|rule| Some((rule.name, (rule.broken)(case)?)))
        .collect()
}

/// The output as text, for rules that look at it; [`utf8`] tells where it is none.
fn text(case: &Case<'_>) -> String {
    String::from_utf8_lossy(&case.said.out).into_owned()
}

fn first_line(case: &Case<'_>) -> String {
    text(case).lines().next().unwrap_or_default().to_owned()
}

/// The perfdata of the first line.
pub fn perfdata_of(output: &str) -> &str {
    let first = output.lines().next().unwrap_or_default();
    first.split_once('|').map_or("", |(_, data)| data)
}

fn when(wrong: bool, what: impl Into<String>) -> Option<String> {
    wrong.then(|| what.into())
}

fn status(case: &Case<'_>) -> Option<String> {
    match case.said.code {
        Some(0..=3) => None,
        Some(code) => Some(format!("status {code}")),
        None => Some(String::from("killed")),
    }
}

fn stderr(case: &Case<'_>) -> Option<String> {
    let err = String::from_utf8_lossy(&case.said.err);
    let first: String = err.lines().next()?.chars().take(60).collect();
    Some(first)
}

fn one_write(case: &Case<'_>) -> Option<String> {
    let writes = case.said.writes;
    when(writes != 1, format!("{writes} writes"))
}

fn utf8(case: &Case<'_>) -> Option<String> {
    std::str::from_utf8(&case.said.out)
        .err()
        .map(|e| e.to_string())
}

/// Characters that drive terminals or turn the direction of writing.
pub fn drives_terminals(c: char) -> bool {
    c.is_control() && c != '\n'
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn control(case: &Case<'_>) -> Option<String> {
    let tabs = case.kind == Help;
    let harmful = |c: &char| drives_terminals(*c) && !(tabs && *c == '\t');
    let found = text(case).chars().find(harmful)?;
    Some(format!("{found:?}"))
}

fn length(case: &Case<'_>) -> Option<String> {
    let out = &case.said.out;
    let wrong = out.len() > OUTPUT || !out.ends_with(b"\n");
    when(wrong, format!("{} bytes", out.len()))
}

fn state_word(case: &Case<'_>) -> Option<String> {
    let state = usize::try_from(case.said.code?).ok()?;
    let word = STATES.get(state)?;
    let line = first_line(case);
    let second = line.split([' ', ':', '-']).nth(1).unwrap_or_default();
    when(
        second != *word,
        format!("'{second}' with status {state}, not {word}"),
    )
}

fn first_line_length(case: &Case<'_>) -> Option<String> {
    let length = first_line(case).len();
    when(length >= FIRST_LINE, format!("{length} bytes"))
}

fn blank(case: &Case<'_>) -> Option<String> {
    let text = text(case);
    let number = text
        .lines()
        .position(|line| line.is_empty() || line.starts_with(' '))?;
    Some(format!("line {}", number + 1))
}

fn bars(case: &Case<'_>) -> Option<String> {
    let all = text(case).matches('|').count();
    let on_first = first_line(case).matches('|').count();
    when(
        all > 1 || all > on_first,
        format!("{all}, {on_first} on the first line"),
    )
}

fn grammar(case: &Case<'_>) -> Option<String> {
    perfdata::parse(perfdata_of(&text(case))).err()
}

fn labels(case: &Case<'_>) -> Option<String> {
    let metrics = perfdata::parse(perfdata_of(&text(case))).ok()?;
    let plain = |label: &str| {
        label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
    };
    let mut seen = std::collections::BTreeSet::new();
    metrics
        .into_iter()
        .map(|metric| metric.label)
        .find(|label| !plain(label) || !seen.insert(label.clone()))
}

fn units(case: &Case<'_>) -> Option<String> {
    let metrics = perfdata::parse(perfdata_of(&text(case))).ok()?;
    let units = metrics.into_iter().map(|metric| metric.unit);
    units
        .into_iter()
        .find(|unit| !["", "s", "B", "%", "c"].contains(&unit.as_str()))
}

fn harmful(case: &Case<'_>) -> Option<String> {
    let text = text(case);
    let words = text.replacen(perfdata_of(&text), "", 1);
    let found = words.chars().find(|c| ";$<>&\\".contains(*c))?;
    Some(found.to_string())
}

fn unknown(case: &Case<'_>) -> Option<String> {
    let code = case.said.code?;
    when(code != 3, format!("status {code}"))
}

fn one_line(case: &Case<'_>) -> Option<String> {
    let lines = text(case).lines().count();
    when(lines != 1, format!("{lines} lines"))
}

fn columns(case: &Case<'_>) -> Option<String> {
    let widest = text(case).lines().map(|line| line.chars().count()).max()?;
    when(widest > 80, format!("{widest} columns"))
}

fn same_status(case: &Case<'_>) -> Option<String> {
    let (code, expected) = (case.said.code?, case.expected?);
    when(code != expected, format!("{code} instead of {expected}"))
}
