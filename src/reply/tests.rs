use super::examples;
use super::rules::RuleSet;
use super::*;

#[test]
fn every_builtin_rule_passes_its_own_examples() {
    let set = RuleSet::builtin().unwrap();
    let wrong: Vec<String> = set
        .rules
        .iter()
        .filter_map(|rule| {
            examples::check(rule, &set.names)
                .err()
                .map(|e| format!("{}: {e}", rule.id()))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_ends_in_the_class_of_its_rule() {
    let classifier = Classifier::new(RuleSet::builtin().unwrap());
    let set = RuleSet::builtin().unwrap();
    let mut wrong = Vec::new();
    for rule in &set.rules {
        for example in &rule.written.examples {
            let verdict = classifier.classify(example);
            if verdict.class != rule.written.class {
                wrong.push(format!(
                    "{}: {} {:?} {example}",
                    rule.id(),
                    verdict.class,
                    verdict.rule
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
