//! A rule's own test: every example must match, no counter-example may.

use super::mask;
use super::names::Names;
use super::pattern::Answer;
use super::rules::Rule;
use super::search::mentions;
use super::text::Normalised;

/// Tries the rule's pattern and literals on its examples, as they are and masked.
pub(super) fn check(rule: &Rule, names: &Names) -> Result<(), String> {
    rule.wording
        .check()
        .map_err(|error| format!("the pattern does not compile: {error}"))?;
    if rule.written.examples.is_empty() || rule.written.counter_examples.is_empty() {
        return Err("give at least one example and one counter-example".to_owned());
    }
    for (nth, example) in rule.written.examples.iter().enumerate() {
        if !fits(rule, example, names)? {
            return Err(format!("example {} is not matched", nth + 1));
        }
    }
    for (nth, example) in rule.written.counter_examples.iter().enumerate() {
        if fits(rule, example, names)? {
            return Err(format!("counter-example {} is matched", nth + 1));
        }
    }
    Ok(())
}

fn fits(rule: &Rule, example: &str, names: &Names) -> Result<bool, String> {
    let text = Normalised::new(example, names).text;
    let masked = mask::mask(&text);
    let fits = matches(rule, &masked, names)?;
    if fits != matches(rule, &text, names)? {
        return Err(
            "the pattern wants an address, id or time, which is masked: use {ip}".to_owned(),
        );
    }
    let literals = &rule.written.literals;
    if fits && !literals.is_empty() && !literals.iter().any(|literal| masked.contains(literal)) {
        return Err("the pattern matches a text that holds none of the literals".to_owned());
    }
    Ok(fits)
}

fn matches(rule: &Rule, text: &str, names: &Names) -> Result<bool, String> {
    let named = rule
        .written
        .names
        .is_none_or(|kind| mentions(names, text, kind));
    match rule.wording.ask(text) {
        Answer::Yes(_) => Ok(named),
        Answer::No => Ok(false),
        Answer::GaveUp => Err("the pattern takes too many steps on an example".to_owned()),
    }
}
