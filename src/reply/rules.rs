//! The rules: data in `rules/*.toml`, and an admin's own file of the same format on top.
//!
//! Order is precedence: the first rule that fits decides. `docs/replies.md` describes the format for admins.

use super::examples;
use super::names::Names;
use super::wording::Wording;
use super::words::Words;
pub use super::written::RuleError;
use super::written::{File, Written, parsed, sound};

/// A file of rules: its name in errors, and its text.
type Source = (&'static str, &'static str);

macro_rules! source {
    ($name:literal) => {
        ($name, include_str!(concat!("rules/", $name)))
    };
}

/// The compiled-in rules, in order of precedence; words first.
const SOURCES: [Source; 13] = [
    source!("words_abroad.toml"),
    source!("words.toml"),
    source!("conversation.toml"),
    source!("receiver.toml"),
    source!("greylisting.toml"),
    source!("recipient.toml"),
    source!("codes.toml"),
    source!("domain.toml"),
    source!("names.toml"),
    source!("reputation.toml"),
    source!("content.toml"),
    source!("innocent.toml"),
    source!("turned_away.toml"),
];

/// A rule ready to be asked.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) written: Written,
    pub(super) wording: Wording,
}

impl Rule {
    pub(super) fn id(&self) -> &str {
        self.written.id()
    }
}

/// All rules in order of precedence, with the tables of names.
#[derive(Debug, Clone)]
pub struct RuleSet {
    pub(super) rules: Vec<Rule>,
    pub(super) names: Names,
    words: Words,
}

/// An admin's rules, read and tried.
#[derive(Debug)]
pub struct OwnRules(Vec<Rule>);

impl RuleSet {
    /// The rules compiled in. Patterns are not compiled before they are needed; unit tests try every example, so that they
    /// are not even read here.
    ///
    /// # Errors
    /// When a compiled-in table is broken, which the tests rule out for a release.
    pub fn builtin() -> Result<Self, RuleError> {
        Self::compiled_in(without_examples)
    }

    /// The same with the examples, for the tests.
    #[cfg(test)]
    pub(super) fn builtin_with_examples() -> Result<Self, RuleError> {
        Self::compiled_in(str::to_owned)
    }

    fn compiled_in(text: fn(&str) -> String) -> Result<Self, RuleError> {
        let (mut rules, mut words) = (Vec::new(), Words::default());
        for (file, source) in SOURCES {
            rules.extend(read(&mut words, &text(source), file)?);
        }
        Ok(RuleSet {
            rules,
            names: Names::builtin()?,
            words,
        })
    }

    /// The compiled-in rules and an admin's: a known id replaces that rule in its place, new rules come before all others.
    ///
    /// # Errors
    /// As in [`RuleSet::read_own`].
    pub fn builtin_with(own: &str, file: &str) -> Result<Self, RuleError> {
        let set = Self::builtin()?;
        let own = set.read_own(own, file)?;
        Ok(set.with(own))
    }

    /// Reads an admin's rules, which may use the words of this set.
    ///
    /// # Errors
    /// File, line and problem, when the text is not valid TOML of this format, a pattern does not compile, an example is
    /// not matched or a counter-example is.
    pub fn read_own(&self, source: &str, file: &str) -> Result<OwnRules, RuleError> {
        let rules = read(&mut self.words.clone(), source, file)?;
        for rule in &rules {
            let checked = examples::check(rule, &self.names);
            checked.map_err(|problem| rule.written.error(file, source, &problem))?;
        }
        Ok(OwnRules(rules))
    }

    /// Puts an admin's rules where they belong.
    #[must_use]
    pub fn with(mut self, own: OwnRules) -> Self {
        let mut added = Vec::new();
        for rule in own.0 {
            match self.rules.iter_mut().find(|known| known.id() == rule.id()) {
                Some(known) => *known = rule,
                None => added.push(rule),
            }
        }
        self.rules.splice(0..0, added);
        self
    }
}

fn read(words: &mut Words, source: &str, file: &str) -> Result<Vec<Rule>, RuleError> {
    let read: File = parsed(source, file)?;
    words.extend(read.words);
    let mut rules: Vec<Rule> = Vec::with_capacity(read.rule.len());
    for written in read.rule {
        let fail = |problem: &str| written.error(file, source, problem);
        if rules.iter().any(|rule| rule.id() == written.id()) {
            return Err(fail("this id is used twice; give each rule its own"));
        }
        let wording = sound(&written).and_then(|()| Wording::new(&written, words));
        let wording = wording.map_err(|problem| fail(&problem))?;
        rules.push(Rule { written, wording });
    }
    Ok(rules)
}

/// Without examples, a third of the compiled-in files: reading them would take as long as one look at the queue.
fn without_examples(source: &str) -> String {
    let mut within = false;
    let wanted = |line: &&str| {
        let begins = line.starts_with("examples = [") || line.starts_with("counter-examples = [");
        let dropped = within || begins;
        within = dropped && !line.trim_end().ends_with(']');
        !dropped
    };
    source.split_inclusive('\n').filter(wanted).collect()
}

#[cfg(test)]
mod tests;
