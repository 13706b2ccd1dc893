//! What must hold for the built-in rules as a whole.

use std::collections::HashSet;

use proptest::prelude::*;

use super::names::Names;
use super::pattern::Answer;
use super::rules::Rule;
use super::search::{Search, mentions};
use super::text::Normalised;
use super::*;

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../fixtures/replies/", $name, ".tsv"))
    };
}

fn builtin() -> RuleSet {
    RuleSet::builtin_with_examples().unwrap()
}

/// All texts of all rules: examples and counter-examples.
fn texts(set: &RuleSet) -> Vec<&String> {
    let written = set.rules.iter().map(|rule| &rule.written);
    written
        .flat_map(|rule| rule.examples.iter().chain(&rule.counter_examples))
        .collect()
}

/// The replies of all labelled samples.
fn labelled<'a>() -> impl Iterator<Item = &'a str> {
    let samples = [
        sample!("unseen-1"),
        sample!("unseen-2"),
        sample!("unseen-3"),
        sample!("unseen-4"),
        sample!("unseen-5"),
        sample!("unseen-6"),
        sample!("unseen-7"),
        sample!("unseen-8"),
        sample!("unseen-9"),
        sample!("unseen-10"),
        sample!("unseen-11"),
        sample!("unseen-12"),
        sample!("unseen-13"),
        sample!("unseen-14"),
        sample!("unseen-15"),
        sample!("unseen-16"),
        sample!("unseen-17"),
        sample!("unseen-18"),
        sample!("unseen-19"),
        sample!("traps"),
    ];
    let rows = samples
        .into_iter()
        .flat_map(|sample| sample.lines().skip(1));
    rows.filter_map(|row| row.rsplit('\t').next())
}

#[test]
fn a_release_reads_the_same_rules_without_their_examples() {
    let (short, long) = (RuleSet::builtin().unwrap(), builtin());
    let told = |set: &RuleSet| {
        set.rules
            .iter()
            .map(|rule| (rule.id().to_owned(), rule.written.class))
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&short), told(&long));
    assert!(texts(&short).is_empty() && texts(&long).len() >= 2 * long.rules.len());
}

#[test]
fn every_builtin_rule_passes_its_own_examples() {
    let set = builtin();
    let wrong = |rule: &Rule| {
        examples::check(rule, &set.names)
            .err()
            .map(|error| format!("{}: {error}", rule.id()))
    };
    let wrong: Vec<String> = set.rules.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_example_ends_in_the_class_of_its_rule() {
    let classifier = Classifier::new(builtin());
    let mut wrong = Vec::new();
    for rule in &builtin().rules {
        for example in &rule.written.examples {
            let verdict = classifier.classify(example);
            if verdict.class != rule.written.class {
                wrong.push(format!(
                    "{}: {} by {:?}: {example}",
                    rule.id(),
                    verdict.class,
                    verdict.rule
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A list is named where a list decided, an unknown one by the name in the reply; a provider is known by the host; and where nothing
/// can be asked for, no place to ask is shown.
#[test]
fn the_list_the_provider_and_the_place_to_ask() {
    type Row = (
        &'static str,
        Class,
        Option<&'static str>,
        Option<&'static str>,
        Option<&'static str>,
    );
    let spamhaus = Some("https://check.spamhaus.org/");
    let microsoft = Some("https://sendersupport.olc.protection.outlook.com/pm/");
    let hotmail = Some("Microsoft consumer");
    let rows: [Row; 10] = [
        (
            "554 5.7.1 Client host [203.0.113.7] blocked using rbl.strange.example",
            Class::Blocklist,
            Some("rbl.strange.example"),
            None,
            None,
        ),
        (
            "450 4.7.1 Greylisted by rbl.strange.example",
            Class::Greylist,
            None,
            None,
            None,
        ),
        (
            "550 5.1.1 user unknown, see rbl.strange.example",
            Class::Other,
            None,
            None,
            None,
        ),
        (
            "554 5.7.1 Client host [203.0.113.7] blocked using zen.spamhaus.org",
            Class::Blocklist,
            Some("Spamhaus ZEN"),
            None,
            spamhaus,
        ),
        (
            "451 4.7.1 zen.spamhaus.org: lookup failure, try again",
            Class::Receiver,
            Some("Spamhaus ZEN"),
            None,
            None,
        ),
        (
            "554 5.7.1 link in the message is listed in dbl.spamhaus.org",
            Class::Domain,
            Some("Spamhaus DBL"),
            None,
            spamhaus,
        ),
        (
            "554 5.7.1 poor reputation of 203.0.113.7, see senderscore.org",
            Class::Reputation,
            Some("Sender Score"),
            None,
            Some("https://senderscore.org/"),
        ),
        (
            "host mx1.hotmail.com[192.0.2.1] said: 550 5.1.1 mailbox unavailable",
            Class::Other,
            None,
            hotmail,
            None,
        ),
        (
            "host mx1.hotmail.com[192.0.2.1] said: 550 5.7.1 Your server 203.0.113.7 is refused",
            Class::Unexplained,
            None,
            hotmail,
            microsoft,
        ),
        (
            "host mx.web.de[192.0.2.1] said: 421 too many connections",
            Class::Rate,
            None,
            Some("GMX/web.de"),
            None,
        ),
    ];
    let classifier = Classifier::new(builtin());
    for (reply, class, list, provider, ask) in rows {
        let verdict = classifier.classify(reply);
        let told = (
            verdict.class,
            verdict.list.as_deref(),
            verdict.provider.as_deref(),
            verdict.ask.as_deref(),
        );
        assert_eq!(told, (class, list, provider, ask), "{reply}");
    }
}

/// As much as Postfix keeps of a reply is read.
#[test]
fn the_words_may_come_late() {
    let classifier = Classifier::builtin().unwrap();
    let late = format!(
        "host mx.a.example[192.0.2.1] said: 554 5.7.1 {}Service unavailable; Client host [203.0.113.7] blocked using zen.spamhaus.org",
        "please read this. ".repeat(300)
    );
    assert_eq!(classifier.classify(&late).class, Class::Blocklist);
}

#[test]
fn masked_and_unmasked_text_are_judged_alike() {
    let set = builtin();
    let classifier = Classifier::new(builtin());
    for text in texts(&set) {
        let reply = classifier.normalise(text);
        let masked = classifier.judge(&reply, &mask::mask(&reply.text));
        assert_eq!(classifier.judge(&reply, &reply.text), masked, "{text}");
    }
}

#[test]
fn a_remembered_reply_keeps_its_own_address() {
    let classifier = Classifier::new(builtin());
    let mut memo = Memo::new(&classifier);
    let set = builtin();
    for text in texts(&set) {
        memo.classify(text);
        let other = text.replace("203.0.113.7", "198.51.100.23");
        assert_eq!(
            memo.classify(&other),
            classifier.classify(&other),
            "{other}"
        );
    }
    let texts: HashSet<&String> = texts(&set).into_iter().collect();
    assert!(
        memo.different() <= texts.len(),
        "another address must not be another cause"
    );
}

#[test]
fn literals_do_not_change_which_rule_decides() {
    let set = builtin();
    let search = Search::new(&set.rules, &set.names);
    let mut hidden = Vec::new();
    let own = texts(&set).into_iter().map(String::as_str);
    for text in own.chain(labelled()) {
        let masked = mask::mask(&Normalised::new(text, &set.names).text);
        let seen = search.run(&masked, &set.rules, &set.names);
        for kind in set.rules.iter().filter_map(|rule| rule.written.names) {
            let named = (
                seen.list(kind).is_some(),
                mentions(&set.names, &masked, kind),
            );
            assert_eq!(named.0, named.1, "{text}");
        }
        let fits = |rule: &Rule| {
            let named = rule
                .written
                .names
                .is_none_or(|kind| seen.list(kind).is_some());
            named && matches!(rule.wording.ask(&masked), Answer::Yes(_))
        };
        let decides = set.rules.iter().position(fits);
        if decides.is_some_and(|nth| !seen.candidates[nth]) {
            hidden.push(format!("{}: {masked}", set.rules[decides.unwrap()].id()));
        }
    }
    assert!(
        hidden.is_empty(),
        "literals hide a match:\n{}",
        hidden.join("\n")
    );
}

#[test]
fn a_builtin_rule_is_cheap_to_pass_over_and_names_known_providers() {
    let set = builtin();
    let names = Names::builtin().unwrap();
    let mut ids = HashSet::new();
    for rule in &set.rules {
        assert!(ids.insert(rule.id()), "{} is there twice", rule.id());
        let cheap = !rule.written.literals.is_empty() || rule.written.names.is_some();
        assert!(cheap, "{} is asked about every reply", rule.id());
        let known = rule
            .written
            .provider
            .as_deref()
            .is_none_or(|name| names.provider_named(name).is_some());
        assert!(
            known,
            "{}: the provider is not in providers.toml",
            rule.id()
        );
    }
}

#[test]
fn the_tables_hold_each_name_once_and_folded() {
    let names = Names::builtin().unwrap();
    let mut seen = HashSet::new();
    for list in names.lists() {
        for word in list.zones.iter().chain(&list.words) {
            assert!(seen.insert(word), "{word} is there twice");
            assert_eq!(&fold::fold(word), word, "{word} can never match");
        }
    }
}

#[test]
fn the_patterns_of_the_original_plugin_are_at_least_as_good_here() {
    let classifier = Classifier::new(builtin());
    let rows = [
        (
            "host mx.a.example[192.0.2.9] refused to talk to me: 554 whatever",
            Class::Unexplained,
        ),
        (
            "421 4.7.0 unsolicited mail originating from your IP",
            Class::Reputation,
        ),
        (
            "421 4.7.0 temporarily deferred due to user complaints",
            Class::Reputation,
        ),
        (
            "host mx.a.example[192.0.2.9] refused to talk to me: 421 out of connection slots",
            Class::Rate,
        ),
    ];
    for (reason, class) in rows {
        assert_eq!(classifier.classify(reason).class, class, "{reason}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_judged_without_a_panic_and_the_same_twice(text in "(host [a-z.]{1,20}\\[[0-9.]{1,15}\\] (said|refused to talk to me): )?[45][0-9]{2}[- ]\\PC{0,200}") {
        let classifier = Classifier::new(builtin());
        let mut memo = Memo::new(&classifier);
        let verdict = memo.classify(&text);
        prop_assert_eq!(&memo.classify(&text), &verdict);
        prop_assert_eq!(&classifier.classify(&text), &verdict);
    }
}
