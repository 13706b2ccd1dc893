//! The rules: data in `rules.toml`, and an admin's own file of the same format on top.
//!
//! Order is precedence: the first rule that fits decides. `docs/replies.md` describes the format for admins.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use toml::Spanned;

use super::class::Class;
use super::names::{ListKind, Names, parsed};
use super::pattern::Pattern;
use super::{examples, fold};

/// The compiled-in rules, and their name in errors.
const SOURCE: &str = include_str!("rules.toml");
const BUILTIN: &str = "rules.toml";

/// How often `{word}` may lead to another word.
const WORD_DEPTH: usize = 4;

/// A mistake in a rule file or a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The file as the caller named it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}: {}", self.file, self.line, self.problem)
    }
}

impl std::error::Error for RuleError {}

impl RuleError {
    pub(super) fn toml(file: &str, source: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start);
        Self::at(
            file,
            source,
            at,
            error
                .message()
                .lines()
                .next()
                .unwrap_or("not valid TOML")
                .to_owned(),
        )
    }

    pub(super) fn at(file: &str, source: &str, at: usize, problem: String) -> Self {
        let line = 1 + source.bytes().take(at).filter(|b| *b == b'\n').count();
        RuleError {
            file: file.to_owned(),
            line,
            problem,
        }
    }
}

/// A rule as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Written {
    pub(super) id: Spanned<String>,
    pub(super) class: Class,
    pub(super) provider: Option<String>,
    pub(super) list: Option<String>,
    pub(super) ask: Option<String>,
    pub(super) names: Option<ListKind>,
    #[serde(default)]
    pub(super) literals: Vec<String>,
    pub(super) pattern: String,
    #[serde(default)]
    pub(super) examples: Vec<String>,
    #[serde(default)]
    pub(super) counter_examples: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    words: BTreeMap<String, String>,
    #[serde(default)]
    rule: Vec<Written>,
}

/// A rule ready to be asked.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) written: Written,
    pub(super) pattern: Pattern,
}

impl Rule {
    pub(super) fn id(&self) -> &str {
        self.written.id.as_ref()
    }
}

/// All rules in order of precedence, with the tables of names.
#[derive(Debug)]
pub struct RuleSet {
    pub(super) rules: Vec<Rule>,
    pub(super) names: Names,
    words: BTreeMap<String, String>,
}

impl RuleSet {
    /// The rules compiled in. Patterns are not compiled before they are needed; unit tests try every example, so that they
    /// are not even read here.
    ///
    /// # Errors
    /// When a compiled-in table is broken, which the tests rule out for a release.
    pub fn builtin() -> Result<Self, RuleError> {
        Self::from_source(&without_examples(SOURCE))
    }

    /// The same with the examples, for the tests.
    #[cfg(test)]
    pub(super) fn builtin_with_examples() -> Result<Self, RuleError> {
        Self::from_source(SOURCE)
    }

    fn from_source(source: &str) -> Result<Self, RuleError> {
        let mut set = RuleSet {
            rules: Vec::new(),
            names: Names::builtin()?,
            words: BTreeMap::new(),
        };
        set.rules = set.read(source, BUILTIN)?;
        Ok(set)
    }

    /// The compiled-in rules and an admin's: a known id replaces that rule in its place, new rules come before all others.
    ///
    /// # Errors
    /// File, line and problem, when the text is not valid TOML of this format, a pattern does not compile, an example is
    /// not matched or a counter-example is.
    pub fn builtin_with(extra_toml: &str, file: &str) -> Result<Self, RuleError> {
        let mut set = Self::builtin()?;
        let extra = set.read(extra_toml, file)?;
        for rule in &extra {
            examples::check(rule, &set.names)
                .map_err(|problem| set.error_of(rule, extra_toml, file, &problem))?;
        }
        set.add(extra);
        Ok(set)
    }

    fn add(&mut self, extra: Vec<Rule>) {
        let mut added = Vec::new();
        for rule in extra {
            match self.rules.iter_mut().find(|known| known.id() == rule.id()) {
                Some(known) => *known = rule,
                None => added.push(rule),
            }
        }
        self.rules.splice(0..0, added);
    }

    fn read(&mut self, source: &str, file: &str) -> Result<Vec<Rule>, RuleError> {
        let read: File = parsed(source, file)?;
        self.words.extend(read.words);
        let mut rules: Vec<Rule> = Vec::with_capacity(read.rule.len());
        for written in read.rule {
            let at = written.id.span().start;
            let fail = |problem: String| {
                RuleError::at(
                    file,
                    source,
                    at,
                    format!("rule '{}': {problem}", written.id.as_ref()),
                )
            };
            if rules.iter().any(|rule| rule.id() == written.id.as_ref()) {
                return Err(fail(
                    "this id is used twice; give each rule its own".to_owned(),
                ));
            }
            let pattern = self
                .filled(&written.pattern)
                .and_then(|pattern| sound(&written).map(|()| pattern))
                .map_err(fail)?;
            rules.push(Rule {
                pattern: Pattern::new(pattern),
                written,
            });
        }
        Ok(rules)
    }

    fn error_of(&self, rule: &Rule, source: &str, file: &str, problem: &str) -> RuleError {
        RuleError::at(
            file,
            source,
            rule.written.id.span().start,
            format!("rule '{}': {problem}", rule.id()),
        )
    }

    /// The pattern with its `{words}` filled in.
    fn filled(&self, pattern: &str) -> Result<String, String> {
        let mut filled = pattern.to_owned();
        for _ in 0..WORD_DEPTH {
            let Some(next) = self.filled_once(&filled)? else {
                return Ok(filled);
            };
            filled = next;
        }
        Err(format!("words are nested more than {WORD_DEPTH} deep"))
    }

    fn filled_once(&self, pattern: &str) -> Result<Option<String>, String> {
        let mut filled = String::with_capacity(pattern.len());
        let mut rest = pattern;
        let mut changed = false;
        while let Some((before, name, after)) = word_in(rest) {
            let word = self
                .words
                .get(name)
                .ok_or_else(|| format!("unknown word {{{name}}}: define it under [words]"))?;
            filled.extend([before, "(?:", word, ")"]);
            rest = after;
            changed = true;
        }
        filled.push_str(rest);
        Ok(changed.then_some(filled))
    }
}

/// Examples are a third of the compiled-in file, one line each; reading them would take as long as one look at the queue.
fn without_examples(source: &str) -> String {
    let example =
        |line: &&str| line.starts_with("examples = ") || line.starts_with("counter-examples = ");
    source
        .split_inclusive('\n')
        .filter(|line| !example(line))
        .collect()
}

/// The first `{word}`; `{2,5}` is a repetition.
fn word_in(pattern: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + pattern.get(from..)?.find('{')?;
        let (name, after) = pattern.get(open + 1..)?.split_once('}')?;
        if name.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Some((pattern.get(..open)?, name, after));
        }
        from = open + 1;
    }
}

/// What can be said of a rule without compiling it.
fn sound(written: &Written) -> Result<(), String> {
    let id = written.id.as_ref();
    if id.is_empty()
        || !id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return Err("an id is made of small letters, digits and hyphens".to_owned());
    }
    if let Some(literal) = written
        .literals
        .iter()
        .find(|literal| literal.is_empty() || *literal != &fold::fold(literal))
    {
        return Err(format!(
            "literal '{literal}': write it in small letters without accents, as '{}'",
            fold::fold(literal)
        ));
    }
    if has_capitals(&written.pattern) {
        return Err(
            "the pattern holds capitals, which never match: replies are compared in small letters"
                .to_owned(),
        );
    }
    Ok(())
}

/// Capitals other than in `\S` or `(?P<`.
fn has_capitals(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    let escaped = |at: usize| at > 0 && matches!(bytes.get(at - 1), Some(b'\\' | b'?'));
    (0..bytes.len()).any(|at| bytes.get(at).is_some_and(u8::is_ascii_uppercase) && !escaped(at))
}
