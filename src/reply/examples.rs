//! A rule's own test: every example must match, no counter-example may.

use super::mask;
use super::names::Names;
use super::pattern::Answer;
use super::rules::Rule;
use super::search::mentions;
use super::text::Normalised;

/// Tries the rule's pattern and literals on its examples, as they are and masked.
pub(super) fn check(rule: &Rule, names: &Names) -> Result<(), String> {
    rule.pattern
        .check()
        .map_err(|error| format!("the pattern does not compile: {error}"))?;
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
    let plain = fits_text(rule, &text, names)?;
    if plain != fits_text(rule, &mask::mask(&text), names)? {
        return Err(
            "an address, id or time that the pattern wants is masked before rules are asked"
                .to_owned(),
        );
    }
    Ok(plain)
}

fn fits_text(rule: &Rule, text: &str, names: &Names) -> Result<bool, String> {
    let literal = rule.written.literals.is_empty()
        || rule
            .written
            .literals
            .iter()
            .any(|literal| text.contains(literal.as_str()));
    let named = rule
        .written
        .names
        .is_none_or(|kind| mentions(names, text, kind));
    match rule.pattern.ask(text) {
        Answer::Yes(_) => Ok(literal && named),
        Answer::No => Ok(false),
        Answer::GaveUp => Err("the pattern takes too many steps on an example".to_owned()),
    }
}
