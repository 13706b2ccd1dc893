//! Scores a plugin: how many of its calls keep each rule.

use super::call::call;
use super::rules::{self, Case, Kind, RULES, Said};
use super::table::Call;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// Locales whose answer must not differ.
const LOCALES: [&str; 2] = ["C", "de_DE.UTF-8"];

/// A broken rule.
#[derive(Debug, Clone)]
pub struct Finding {
    pub rule: &'static str,
    pub arguments: Vec<String>,
    pub what: String,
}

/// What the calls of one plugin gave.
#[derive(Debug, Default)]
pub struct Score {
    /// How often a rule was looked at.
    pub asked: usize,
    pub findings: Vec<Finding>,
}

impl Score {
    /// The broken rules, with how often and an example.
    pub fn by_rule(&self) -> BTreeMap<&'static str, (usize, &Finding)> {
        let mut rules = BTreeMap::new();
        for finding in &self.findings {
            rules.entry(finding.rule).or_insert((0, finding)).0 += 1;
        }
        rules
    }

    fn note(&mut self, rule: &'static str, arguments: &[String], what: Option<String>) {
        self.asked += 1;
        if let Some(what) = what {
            let arguments = arguments.to_vec();
            self.findings.push(Finding {
                rule,
                arguments,
                what,
            });
        }
    }
}

/// Makes all calls of a plugin.
///
/// # Errors
/// Where it cannot be called.
pub fn score(program: &Path, calls: &[Call]) -> io::Result<Score> {
    let mut score = Score::default();
    let mut status = None;
    for one in calls {
        let said = call(program, &one.arguments, LOCALES[0])?;
        if one.kind == Kind::Good && status.is_none() {
            status = said.code;
        }
        judge(&mut score, one, &said, status);
    }
    if let Some(first) = calls.first() {
        surroundings(&mut score, program, &first.arguments)?;
    }
    Ok(score)
}

fn judge(score: &mut Score, call: &Call, said: &Said, expected: Option<i32>) {
    let case = Case {
        kind: call.kind,
        said,
        expected,
    };
    score.asked += RULES
        .iter()
        .filter(|rule| rule.kinds.contains(&call.kind))
        .count();
    for (rule, what) in rules::broken(&case) {
        let arguments = call.arguments.clone();
        score.findings.push(Finding {
            rule,
            arguments,
            what,
        });
    }
}

/// The same good call where the world around it is odd.
fn surroundings(score: &mut Score, program: &Path, arguments: &[String]) -> io::Result<()> {
    let said: Vec<Said> = LOCALES
        .iter()
        .map(|locale| call(program, arguments, locale))
        .collect::<io::Result<_>>()?;
    let differs = digitless(&said[0].out) != digitless(&said[1].out);
    let rule = "the locale changes nothing";
    score.note(rule, arguments, differs.then(|| LOCALES[1].to_owned()));
    let full = OpenOptions::new().write(true).open("/dev/full")?;
    let code = status(program, arguments, Stdio::from(full))?;
    let wrong = !matches!(code, Some(1..=3));
    let rule = "an answer that cannot be written is not OK";
    score.note(rule, arguments, wrong.then(|| format!("{code:?}")));
    let (reader, writer) = io::pipe()?;
    drop(reader);
    let code = status(program, arguments, Stdio::from(writer))?;
    let wrong = !matches!(code, Some(1..=3));
    let rule = "an answer into a closed pipe is not OK";
    score.note(rule, arguments, wrong.then(|| format!("{code:?}")));
    Ok(())
}

/// Numbers of a living machine change between two calls.
fn digitless(text: &[u8]) -> Vec<u8> {
    let mut kept = text.to_vec();
    kept.retain(|b| !b.is_ascii_digit());
    kept
}

/// The exit status with this standard output. Both cores start plugins with SIGPIPE ignored.
fn status(program: &Path, arguments: &[String], out: Stdio) -> io::Result<Option<i32>> {
    let status = Command::new("/bin/sh")
        .args(["-c", "trap '' PIPE; exec \"$0\" \"$@\""])
        .arg(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(Stdio::null())
        .status()?;
    Ok(status.code())
}
