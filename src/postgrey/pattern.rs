//! The regular expressions of a whitelist: Perl's, case-insensitive, unanchored, compiled only when a name is to be matched.
//!
//! Most compile in the regex crate, as one set. The rest go to fancy-regex (look-around) with a limit on its steps; what neither
//! understands is reported.

use regex::bytes::{RegexSet, RegexSetBuilder};
use std::sync::OnceLock;

/// Steps of backtracking for one name; a name is at most 255 bytes long.
const STEP_LIMIT: usize = 10_000;
/// A set of compiled expressions may take this many bytes.
const SIZE_LIMIT: usize = 16 * 1024 * 1024;

/// The expressions of one file.
#[derive(Debug, Default)]
pub struct Patterns {
    sources: Vec<(usize, String)>,
    compiled: OnceLock<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    set: RegexSet,
    fancy: Vec<fancy_regex::Regex>,
    bad_lines: Vec<usize>,
}

impl Patterns {
    /// Adds the expression on line `line`.
    pub fn push(&mut self, line: usize, source: String) {
        self.sources.push((line, source));
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
        let compiled = self.compiled();
        compiled.set.is_match(name.as_bytes())
            || compiled
                .fancy
                .iter()
                .any(|regex| regex.is_match(name).unwrap_or(false))
    }

    /// The lines whose expression cannot be understood.
    pub fn bad_lines(&self) -> &[usize] {
        if self.sources.is_empty() {
            return &[];
        }
        &self.compiled().bad_lines
    }

    fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| {
            let all = self.sources.iter().map(|(_, source)| source);
            match set(all) {
                Some(set) => Compiled {
                    set,
                    fancy: Vec::new(),
                    bad_lines: Vec::new(),
                },
                None => self.one_by_one(),
            }
        })
    }

    /// Some expression does not fit into the set: find out which.
    fn one_by_one(&self) -> Compiled {
        let (plain, other): (Vec<_>, Vec<_>) = self
            .sources
            .iter()
            .partition(|(_, source)| set([source]).is_some());
        let (mut fancy, mut bad_lines) = (Vec::new(), Vec::new());
        for (line, source) in other {
            match with_look_around(source) {
                Some(regex) => fancy.push(regex),
                None => bad_lines.push(*line),
            }
        }
        Compiled {
            set: set(plain.iter().map(|(_, source)| source)).unwrap_or_else(RegexSet::empty),
            fancy,
            bad_lines,
        }
    }
}

fn set<'a>(sources: impl IntoIterator<Item = &'a String>) -> Option<RegexSet> {
    RegexSetBuilder::new(sources)
        .case_insensitive(true)
        .unicode(false)
        .size_limit(SIZE_LIMIT)
        .build()
        .ok()
}

fn with_look_around(source: &str) -> Option<fancy_regex::Regex> {
    fancy_regex::RegexBuilder::new(source)
        .case_insensitive(true)
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
            patterns.push(line, source.into());
        }
        assert_eq!(patterns.bad_lines(), [3]);
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
    fn a_pattern_bomb_stops() {
        let mut patterns = Patterns::default();
        patterns.push(1, String::from(r"^(?=(a+)+$)b"));
        patterns.push(2, String::from(r"(((x{1000}){1000}){1000})"));
        assert!(!patterns.is_match(&format!("{}!", "a".repeat(200))));
        assert_eq!(patterns.bad_lines(), [2]);
    }
}
