//! One pass over a text that finds which rules are worth asking and which blocklists are named.
//!
//! Relies on Aho-Corasick over all literals of the rules and all wordings of the lists: measured, this costs a hundredth
//! of a set of regular expressions, and a rule whose literals are absent is never compiled.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::names::{List, ListKind, Names};
use super::rules::Rule;

/// What a literal stands for.
#[derive(Debug, Clone, Copy)]
enum Meaning {
    Rule(usize),
    List(usize),
}

/// The automaton over all literals.
#[derive(Debug)]
pub(super) struct Search {
    /// `None` when it could not be built: then every rule is asked.
    automaton: Option<AhoCorasick>,
    meanings: Vec<Meaning>,
}

/// What one pass found.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// By rule: whether it is worth asking.
    pub(super) candidates: Vec<bool>,
    /// The first list of each kind in the order of the table.
    lists: HashMap<ListKind, usize>,
}

impl Seen {
    pub(super) fn list(&self, kind: ListKind) -> Option<usize> {
        self.lists.get(&kind).copied()
    }

    fn note_list(&mut self, nth: usize, list: &List) {
        let first = self.lists.entry(list.kind).or_insert(nth);
        *first = nth.min(*first);
    }
}

impl Search {
    pub(super) fn new(rules: &[Rule], names: &Names) -> Self {
        let of_rules = rules.iter().enumerate().flat_map(|(nth, rule)| {
            rule.written
                .literals
                .iter()
                .map(move |word| (word, Meaning::Rule(nth)))
        });
        let of_lists = names
            .lists()
            .iter()
            .enumerate()
            .flat_map(|(nth, list)| wordings(list).map(move |word| (word, Meaning::List(nth))));
        let (words, meanings): (Vec<&String>, Vec<Meaning>) = of_rules.chain(of_lists).unzip();
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .prefilter(false)
            .dense_depth(1)
            .build(words)
            .ok();
        Search {
            automaton,
            meanings,
        }
    }

    pub(super) fn run(&self, text: &str, rules: &[Rule], names: &Names) -> Seen {
        let everyone = self.automaton.is_none();
        let mut seen = Seen {
            candidates: rules
                .iter()
                .map(|rule| everyone || rule.written.literals.is_empty())
                .collect(),
            ..Seen::default()
        };
        let Some(automaton) = &self.automaton else {
            return seen;
        };
        for found in automaton.find_overlapping_iter(text) {
            match self.meanings.get(found.pattern().as_usize()) {
                Some(Meaning::Rule(nth)) => seen
                    .candidates
                    .iter_mut()
                    .skip(*nth)
                    .take(1)
                    .for_each(|candidate| *candidate = true),
                Some(Meaning::List(nth)) if stands_alone(text, found.start(), found.end()) => {
                    names
                        .lists()
                        .get(*nth)
                        .into_iter()
                        .for_each(|list| seen.note_list(*nth, list));
                }
                _ => {}
            }
        }
        seen
    }
}

/// Whether the text names a list of this kind; the slow way, for the examples of a rule.
pub(super) fn mentions(names: &Names, text: &str, kind: ListKind) -> bool {
    let named = |word: &String| {
        text.match_indices(word.as_str())
            .any(|(at, word)| stands_alone(text, at, at + word.len()))
    };
    names
        .lists()
        .iter()
        .filter(|list| list.kind == kind)
        .any(|list| wordings(list).any(named))
}

fn wordings(list: &List) -> impl Iterator<Item = &String> {
    list.zones.iter().chain(&list.words)
}

/// `xbl.example.org` within `zen-xbl.example.org.uk` or `rcvd_in_xbl` is another word.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_');
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    !before.is_some_and(word) && !bytes.get(end).is_some_and(word)
}
