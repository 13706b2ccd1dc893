//! The rules: data in `rules.toml`, and an admin's own file of the same format on top.
//!
//! Order is precedence: the first rule that fits decides. `docs/replies.md` describes the format for admins.

use super::examples;
use super::names::Names;
use super::pattern::Pattern;
use super::words::Words;
pub use super::written::RuleError;
use super::written::{File, Written, parsed, sound};

/// The compiled-in rules, and their name in errors.
const SOURCE: &str = include_str!("rules.toml");
const BUILTIN: &str = "rules.toml";

/// A rule ready to be asked.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) written: Written,
    pub(super) pattern: Pattern,
}

impl Rule {
    pub(super) fn id(&self) -> &str {
        self.written.id()
    }
}

/// All rules in order of precedence, with the tables of names.
#[derive(Debug)]
pub struct RuleSet {
    pub(super) rules: Vec<Rule>,
    pub(super) names: Names,
    words: Words,
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
            words: Words::default(),
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
            let checked = examples::check(rule, &set.names);
            checked.map_err(|problem| rule.written.error(file, extra_toml, &problem))?;
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
            let fail = |problem: &str| written.error(file, source, problem);
            if rules.iter().any(|rule| rule.id() == written.id()) {
                return Err(fail("this id is used twice; give each rule its own"));
            }
            let pattern = sound(&written).and_then(|()| self.words.filled(&written.pattern));
            let pattern = pattern.map_err(|problem| fail(&problem))?;
            rules.push(Rule {
                pattern: Pattern::new(pattern),
                written,
            });
        }
        Ok(rules)
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
