//! What an admin's rule file may do, and how its mistakes are told.

use super::super::{Class, Classifier, RuleSet};

const RULE: &str = r#"
[[rule]]
id = "mine"
class = "policy"
pattern = '(?<code>b\d+) says no'
list = "Mine {code}"
ask = "me@a.example"
examples = ["550 B12 says no"]
counter-examples = ["550 no"]
"#;

#[test]
fn a_new_rule_comes_first_and_a_known_id_replaces_in_place() {
    let set = RuleSet::builtin_with(RULE, "own.toml").unwrap();
    let verdict = Classifier::new(set).classify("550 5.1.1 User unknown, b7 says no");
    let told = (
        verdict.class,
        verdict.rule.as_deref(),
        verdict.list.as_deref(),
        verdict.ask.as_deref(),
    );
    assert_eq!(
        told,
        (
            Class::Policy,
            Some("mine"),
            Some("Mine B7"),
            Some("me@a.example")
        )
    );

    let replaced = RULE.replace("\"mine\"", "\"try-later\"");
    let set = RuleSet::builtin_with(&replaced, "own.toml").unwrap();
    let builtin = RuleSet::builtin().unwrap();
    let place = |set: &RuleSet| set.rules.iter().position(|rule| rule.id() == "try-later");
    assert_eq!(
        (set.rules.len(), place(&set)),
        (builtin.rules.len(), place(&builtin))
    );
    assert_eq!(
        Classifier::new(set).classify("452 try later").class,
        Class::Other
    );
}

#[test]
fn a_mistake_in_a_rule_file_is_told_with_file_and_line() {
    let rows = [
        ("no TOML", "[[rule", "line 1: "),
        (
            "class",
            &RULE.replace("policy", "polite"),
            "line 4: unknown variant `polite`",
        ),
        (
            "key",
            &RULE.replace("ask =", "ak ="),
            "line 7: unknown field `ak`",
        ),
        (
            "twice",
            &RULE.repeat(2),
            "line 12: rule 'mine': this id is used twice",
        ),
        (
            "id",
            &RULE.replace("\"mine\"", "\"Mine\""),
            "line 3: rule 'Mine': an id is made of small letters",
        ),
        (
            "capitals",
            &RULE.replace("says no'", "SAYS no'"),
            "line 3: rule 'mine': the pattern holds capitals",
        ),
        (
            "pattern",
            &RULE.replace("says no'", "says (no'"),
            "line 3: rule 'mine': the pattern does not compile",
        ),
        (
            "no pattern",
            &RULE.replace("'(?<code>b\\d+) says no'", "[]"),
            "line 5: an empty list fits nothing",
        ),
        (
            "no word",
            &format!("{RULE}\n[words]\na = []\n"),
            "line 12: an empty list fits nothing",
        ),
        (
            "two codes",
            &RULE.replace("says no'", "says no|(?<code>c1)'"),
            "line 3: rule 'mine': the group 'code' may stand once",
        ),
        (
            "word",
            &RULE.replace("says no'", "{says} no'"),
            "line 3: rule 'mine': unknown word {says}",
        ),
        (
            "words within words",
            &format!(
                "{}\n[words]\na = '{}'\nb = '{}'\nc = 'd'\n",
                RULE.replace("says no'", "{a} no'"),
                "{b}".repeat(1000),
                "{c}".repeat(1000)
            ),
            "line 3: rule 'mine': its words make it longer than 65536 bytes",
        ),
        (
            "example",
            &RULE.replace("550 B12", "550 C12"),
            "line 3: rule 'mine': example 1 is not matched",
        ),
        (
            "counter",
            &RULE.replace("[\"550 no\"]", "[\"550 b1 says no\"]"),
            "line 3: rule 'mine': counter-example 1 is matched",
        ),
        (
            "no example",
            &RULE.replace("[\"550 no\"]", "[]"),
            "line 3: rule 'mine': give at least one example",
        ),
        (
            "literal",
            &RULE.replace("ask =", "literals = [\"Says\"]\nask ="),
            "line 3: rule 'mine': literal 'Says': write it",
        ),
        (
            "absent literal",
            &RULE.replace("ask =", "literals = [\"c1\"]\nask ="),
            "line 3: rule 'mine': the pattern matches a text that holds none",
        ),
    ];
    for (name, file, expected) in rows {
        let error = RuleSet::builtin_with(file, "own.toml")
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with(&format!("own.toml {expected}")),
            "{name}: {error}"
        );
        assert!(!error.contains('\n'), "{name}: {error}");
    }
}

#[test]
fn a_list_of_patterns_is_any_of_them_and_unless_takes_a_text_out() {
    let own = RULE
        .replace(
            "pattern = '(?<code>b\\d+) says no'",
            "pattern = ['(?<code>b\\d+) says', '{nay}']\nunless = ['joke', '^552']",
        )
        .replace("[[rule]]", "[words]\nnay = ['nay', 'never ever']\n[[rule]]");
    let classifier = Classifier::new(RuleSet::builtin_with(&own, "own.toml").unwrap());
    for (reason, expected) in [
        ("550 B12 says no", true),
        ("550 nay", true),
        ("550 never ever", true),
        ("550 never", false),
        ("550 B12 says no, a joke", false),
        ("552 nay", false),
        ("550 nay 552", true),
    ] {
        let rule = classifier.classify(reason).rule;
        assert_eq!(rule.as_deref() == Some("mine"), expected, "{reason}");
    }
    let broken = RuleSet::builtin_with(&own.replace("'joke'", "'jo(ke'"), "own.toml");
    let told = broken.unwrap_err().to_string();
    assert!(
        told.starts_with("own.toml line 5: rule 'mine': the pattern does not compile"),
        "{told}"
    );
}

#[test]
fn a_pattern_that_takes_too_many_steps_is_named_and_not_hidden() {
    let slow = RULE
        .replace("(?<code>b\\d+) says no", "^550 (?:(?=a)(?:a|aa))+$")
        .replace("B12 says no", "aaa");
    let classifier = Classifier::new(RuleSet::builtin_with(&slow, "own.toml").unwrap());
    let verdict = classifier.classify(&format!("550 {}!", "a".repeat(200)));
    assert_eq!(
        (verdict.class, verdict.rule.as_deref(), verdict.limit_hit),
        (Class::Other, Some("mine"), true)
    );
    assert!(!classifier.classify("550 aaa").limit_hit);
    let nothing = classifier.classify("550 nothing that a rule knows");
    assert_eq!((nothing.rule, nothing.limit_hit), (None, false));
}

#[test]
fn the_rule_shown_in_the_docs_is_a_rule() {
    let docs = include_str!("../../../docs/replies.md").lines();
    let shown: Vec<&str> = docs
        .skip_while(|line| *line != "    [[rule]]")
        .take_while(|line| line.starts_with("    "))
        .collect();
    let set = RuleSet::builtin_with(&shown.join("\n"), "docs").unwrap();
    let verdict = Classifier::new(set).classify("550 5.7.1 Rejected by Sister Filter B12");
    assert_eq!(verdict.list.as_deref(), Some("Sister B12"));
}
