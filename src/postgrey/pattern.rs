//! The regular expressions of a whitelist: Perl's, case-insensitive, unanchored, compiled only when a name may match.
//!
//! Most expressions name a domain, and no greylisted client is below it: a search for the words that the expressions cannot do without
//! spares the compiling, which takes longer than reading an hour of a log.
//!
//! Translated from Perl, most compile in the regex crate, as one set. The rest go to fancy-regex (look-around, references, atomic
//! groups) with a limit on its steps; what none of the three can take is reported.

use super::perl::{Fault, Translated, translate};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use fancy_regex::BytesMode;
use regex::bytes::{RegexSet, RegexSetBuilder};
use std::sync::OnceLock;

/// Steps of backtracking for one name; a name is at most 255 bytes long.
const STEP_LIMIT: usize = 10_000;
/// A set of compiled expressions may take this many bytes.
const SIZE_LIMIT: usize = 16 * 1024 * 1024;

/// The expressions of one file.
#[derive(Debug, Default)]
pub struct Patterns {
    sources: Vec<(usize, Vec<u8>)>,
    read: OnceLock<Read>,
    compiled: OnceLock<Compiled>,
}

/// Expressions in the syntax of the regex crate.
#[derive(Debug)]
struct Read {
    patterns: Vec<(usize, String)>,
    faults: Vec<(usize, Fault)>,
    /// What a name must hold one of to match; `None` where an expression may match without.
    needles: Option<AhoCorasick>,
}

#[derive(Debug, Default)]
struct Compiled {
    set: RegexSet,
    fancy: Vec<fancy_regex::Regex>,
    faults: Vec<(usize, Fault)>,
}

impl Patterns {
    /// Adds the expression on line `line`.
    pub fn push(&mut self, line: usize, source: &[u8]) {
        self.sources.push((line, source.to_owned()));
    }

    /// How many expressions there are.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Whether one of the expressions matches `name`. One that runs into the step limit does not match.
    pub fn is_match(&self, name: &str) -> bool {
        if self.sources.is_empty() {
            return false;
        }
        let needles = self.read().needles.as_ref();
        needles.is_none_or(|needles| needles.is_match(name)) && self.compiled().is_match(name)
    }

    /// The lines whose expression matches nothing here, and why, in order of lines.
    pub fn faults(&self) -> &[(usize, Fault)] {
        if self.sources.is_empty() {
            return &[];
        }
        &self.compiled().faults
    }

    fn read(&self) -> &Read {
        self.read.get_or_init(|| Read::new(&self.sources))
    }

    fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| {
            let read = self.read();
            let mut compiled = Compiled::new(&read.patterns);
            compiled.faults.extend(&read.faults);
            compiled.faults.sort_by_key(|(line, _)| *line);
            compiled
        })
    }
}

impl Read {
    fn new(sources: &[(usize, Vec<u8>)]) -> Self {
        let (mut patterns, mut faults, mut needles) = (Vec::new(), Vec::new(), Vec::new());
        for (line, source) in sources {
            match translate(source) {
                Ok(Translated { text, needle }) => {
                    patterns.push((*line, text));
                    needles.push(needle);
                }
                Err(fault) => faults.push((*line, fault)),
            }
        }
        Self {
            patterns,
            faults,
            needles: any_of(&needles),
        }
    }
}

/// A search for `needles`, whatever their case.
fn any_of(needles: &[Vec<u8>]) -> Option<AhoCorasick> {
    if needles.iter().any(Vec::is_empty) {
        return None;
    }
    // The kind that is made most quickly: mostly it is used for a few names only.
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::NoncontiguousNFA))
        .ascii_case_insensitive(true)
        .build(needles)
        .ok()
}

impl Compiled {
    fn is_match(&self, name: &str) -> bool {
        let name = name.as_bytes();
        let mut fancy = self.fancy.iter();
        self.set.is_match(name) || fancy.any(|regex| regex.is_match(name).unwrap_or(false))
    }

    fn new(patterns: &[(usize, String)]) -> Self {
        match set(patterns.iter().map(|(_, pattern)| pattern)) {
            Some(set) => Self {
                set,
                ..Self::default()
            },
            None => Self::one_by_one(patterns),
        }
    }

    /// Some expression does not fit into the set: find out which.
    fn one_by_one(patterns: &[(usize, String)]) -> Self {
        let (plain, other): (Vec<_>, Vec<_>) = patterns
            .iter()
            .partition(|(_, pattern)| set([pattern]).is_some());
        let mut compiled = Self::default();
        for (line, pattern) in other {
            match with_look_around(pattern) {
                Some(regex) => compiled.fancy.push(regex),
                None => compiled.faults.push((*line, Fault::Foreign)),
            }
        }
        compiled.set = set(plain.iter().map(|(_, pattern)| pattern)).unwrap_or_default();
        compiled
    }
}

fn set<'a>(patterns: impl IntoIterator<Item = &'a String>) -> Option<RegexSet> {
    RegexSetBuilder::new(patterns)
        .unicode(false)
        .size_limit(SIZE_LIMIT)
        .build()
        .ok()
}

fn with_look_around(pattern: &str) -> Option<fancy_regex::Regex> {
    fancy_regex::RegexBuilder::new(pattern)
        .bytes_mode(BytesMode::Ascii)
        .backtrack_limit(STEP_LIMIT)
        .delegate_size_limit(SIZE_LIMIT)
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_look_around_and_bad() {
        let mut patterns = Patterns::default();
        assert!(!patterns.is_match("x"));
        for (line, source) in [
            (1, r"^mx\d+\.good\.example$"),
            (2, r"(?<!not)partner\.example$"),
            (3, "(unclosed"),
            (4, r"^(a+)+$"),
        ] {
            patterns.push(line, source.as_bytes());
        }
        assert_eq!(patterns.faults(), [(3, Fault::Refused)]);
        for (name, matches) in [
            ("MX12.Good.example", true),
            ("mx.good.example", false),
            ("partner.example", true),
            ("notpartner.example", false),
        ] {
            assert_eq!(patterns.is_match(name), matches, "{name}");
        }
    }

    #[test]
    fn only_names_that_may_match_have_the_expressions_compiled() {
        let mut patterns = Patterns::default();
        patterns.push(1, br"^mx\d+\.good\.example$");
        patterns.push(2, br"^smtp\d+.partner.example$");
        for (name, compiles) in [
            ("mx1.other.example", false),
            ("smtp1.other.example", false),
            ("mx1.Partner.example", true),
        ] {
            assert!(!patterns.is_match(name), "{name}");
            assert_eq!(patterns.compiled.get().is_some(), compiles, "{name}");
        }
    }

    #[test]
    fn a_pattern_bomb_stops() {
        let mut patterns = Patterns::default();
        patterns.push(1, br"^(?=(a+)+$)b");
        patterns.push(2, br"(((x{1000}){1000}){1000})");
        assert!(!patterns.is_match(&format!("{}!", "a".repeat(200))));
        assert_eq!(patterns.faults(), [(2, Fault::Foreign)]);
    }
}
