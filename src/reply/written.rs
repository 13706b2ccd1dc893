//! A rule file as it is written: the keys, what can be said of a rule without compiling it, and how mistakes are told.
//!
//! Relies on TOML 1.0; unknown keys are mistakes, for a key with a typing error would silently do nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use toml::Spanned;

use super::class::Class;
use super::fold;
use super::names::ListKind;

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

/// A regular expression, or several of which one is enough: a line each, where one would be a page long.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "OneOrList")]
pub(super) struct AnyOf(Vec<String>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "a regular expression or a list of them")]
enum OneOrList {
    One(String),
    List(Vec<String>),
}

impl TryFrom<OneOrList> for AnyOf {
    type Error = &'static str;

    /// An empty list would be an expression that fits every text.
    fn try_from(written: OneOrList) -> Result<Self, Self::Error> {
        match written {
            OneOrList::One(pattern) => Ok(Self(vec![pattern])),
            OneOrList::List(patterns) if patterns.is_empty() => {
                Err("an empty list fits nothing: leave the key out")
            }
            OneOrList::List(patterns) => Ok(Self(patterns)),
        }
    }
}

impl AnyOf {
    #[cfg(test)]
    pub(super) fn from_text(pattern: &str) -> Self {
        Self(vec![pattern.to_owned()])
    }

    /// As one expression.
    pub(super) fn joined(&self) -> String {
        self.0.join("|")
    }
}

/// A rule as it is written.
#[derive(Debug, Clone, Deserialize)]
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
    /// What the text must hold, and what it must not.
    pub(super) pattern: AnyOf,
    #[serde(default)]
    pub(super) unless: Option<AnyOf>,
    #[serde(default)]
    pub(super) examples: Vec<String>,
    #[serde(default)]
    pub(super) counter_examples: Vec<String>,
}

impl Written {
    pub(super) fn id(&self) -> &str {
        self.id.as_ref()
    }

    /// All of its expressions.
    fn patterns(&self) -> impl Iterator<Item = &String> {
        let unless = self.unless.iter().flat_map(|any| &any.0);
        self.pattern.0.iter().chain(unless)
    }

    /// A mistake in this rule, with the line of its id.
    pub(super) fn error(&self, file: &str, source: &str, problem: &str) -> RuleError {
        let problem = format!("rule '{}': {problem}", self.id());
        RuleError::at(file, source, self.id.span().start, problem)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) words: BTreeMap<String, AnyOf>,
    #[serde(default)]
    pub(super) rule: Vec<Written>,
}

pub(super) fn parsed<'de, T: Deserialize<'de>>(toml: &'de str, file: &str) -> Result<T, RuleError> {
    toml::from_str(toml).map_err(|error| RuleError::toml(file, toml, &error))
}

/// What can be said of a rule without compiling it.
pub(super) fn sound(written: &Written) -> Result<(), String> {
    let id = written.id();
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
    let codes = written.pattern.0.iter();
    if codes
        .flat_map(|pattern| pattern.matches("(?<code>"))
        .count()
        > 1
    {
        return Err("the group 'code' may stand once: give it alternatives of its own".to_owned());
    }
    let mut patterns = written.patterns();
    if patterns.any(|pattern| has_capitals(pattern)) {
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
