//! The judgement of one reply: class, rule, provider, list, our address, where to ask.
//!
//! The rules are asked in their order, on the masked text. A greeting that was refused is at least *unexplained*: the last
//! rules of the file see to that, and a pattern that gave up does not hide it.

use super::address;
use super::class::Class;
use super::head::{Head, REFUSED};
use super::mask;
use super::names::{List, ListKind, Names, Provider};
use super::ours;
use super::pattern::Answer;
use super::rules::{Rule, RuleError, RuleSet};
use super::search::{Search, Seen};
use super::text::{Normalised, readable};
pub use super::verdict::{Explanation, Verdict};
use std::sync::OnceLock;

/// Judges replies by a set of rules.
#[derive(Debug)]
pub struct Classifier {
    set: RuleSet,
    search: Search,
}

/// What the rules say, without what is taken from the single reply.
struct Finding<'a> {
    seen: Seen,
    rule: Option<&'a Rule>,
    code: Option<String>,
    gave_up: Option<&'a Rule>,
}

impl Classifier {
    /// Prepares the literals; patterns are compiled when a text first needs them.
    #[must_use]
    pub fn new(set: RuleSet) -> Self {
        let search = Search::new(&set.rules, &set.names);
        Classifier { set, search }
    }

    /// The one of the builtin rules, made once in a process: a program may run a check more than once, tests and the fuzzer do.
    ///
    /// # Errors
    /// A mistake in the tables, which their tests would have found.
    pub fn builtin() -> Result<&'static Self, RuleError> {
        static BUILTIN: OnceLock<Classifier> = OnceLock::new();
        match BUILTIN.get() {
            Some(known) => Ok(known),
            None => {
                let made = Self::new(RuleSet::builtin()?);
                Ok(BUILTIN.get_or_init(|| made))
            }
        }
    }

    /// Judges one reply. For many replies see [`super::memo::Memo`].
    #[must_use]
    pub fn classify(&self, reason: &str) -> Verdict {
        let reason = readable(reason);
        let reply = self.normalise(reason);
        let verdict = self.judge(&reply, &mask::mask(&reply.text));
        particular(verdict, reason, self.names())
    }

    /// Judges one reply and tells how.
    #[must_use]
    pub fn explain(&self, reason: &str) -> Explanation {
        let text = self.normalise(reason).text;
        let masked = mask::mask(&text);
        let seen = self.search.run(&masked, &self.set.rules, self.names());
        let fits = |rule: &&Rule| matches!(rule.wording.ask(&masked), Answer::Yes(_));
        let matching = self
            .candidates(&seen)
            .filter(fits)
            .map(|rule| rule.id().to_owned())
            .collect();
        Explanation {
            text,
            matching,
            verdict: self.classify(reason),
        }
    }

    pub(super) fn normalise(&self, reason: &str) -> Normalised {
        Normalised::new(reason, self.names())
    }

    /// What replies of the same masked text and the same server have in common.
    pub(super) fn judge(&self, reply: &Normalised, masked: &str) -> Verdict {
        let finding = self.find(masked);
        let class = finding.class(&reply.text);
        let list = self.list(reply, class, &finding);
        let provider = self.provider(reply, finding.rule);
        let unknown_list = || {
            let zone = reply.lister.as_ref().or(reply.zones.first());
            zone.filter(|_| class == Class::Blocklist).cloned()
        };
        let by_rule = || finding.rule.and_then(|rule| rule.written.provider.clone());
        Verdict {
            class,
            rule: finding
                .rule
                .or(finding.gave_up)
                .map(|rule| rule.id().to_owned()),
            ask: finding.ask(class, list, provider),
            list: finding
                .own_list()
                .or_else(|| list.map(|list| list.name.clone()))
                .or_else(unknown_list),
            provider: provider
                .map(|provider| provider.name.clone())
                .or_else(by_rule),
            ours: None,
            remote_host: None,
            limit_hit: finding.rule.is_none() && finding.gave_up.is_some(),
        }
    }

    /// The list of our tables: the one behind `blocked using` decides, also when no table knows it, else the first one named.
    fn list(&self, reply: &Normalised, class: Class, finding: &Finding<'_>) -> Option<&List> {
        let seen = finding.list(class, self.names());
        let Some(zone) = &reply.lister else {
            return seen;
        };
        match self.names().list_of(zone) {
            Some(known) if !kinds(class).is_empty() => {
                let part = seen.filter(|seen| known.holds_others && seen.ask == known.ask);
                part.or(Some(known))
            }
            None if class == Class::Blocklist => None,
            _ => seen,
        }
    }

    pub(super) fn names(&self) -> &Names {
        &self.set.names
    }

    fn candidates<'a>(&'a self, seen: &Seen) -> impl Iterator<Item = &'a Rule> {
        let named = |rule: &&Rule| {
            rule.written
                .names
                .is_none_or(|kind| seen.list(kind).is_some())
        };
        self.set
            .rules
            .iter()
            .zip(&seen.candidates)
            .filter(|(_, candidate)| **candidate)
            .map(|(rule, _)| rule)
            .filter(named)
    }

    fn find(&self, masked: &str) -> Finding<'_> {
        let seen = self.search.run(masked, &self.set.rules, self.names());
        let (mut decided, mut gave_up) = (None, None);
        for rule in self.candidates(&seen) {
            match rule.wording.ask(masked) {
                Answer::Yes(code) => {
                    decided = Some((rule, code));
                    break;
                }
                Answer::GaveUp => gave_up = gave_up.or(Some(rule)),
                Answer::No => {}
            }
        }
        let (rule, code) = decided.unzip();
        Finding {
            rule,
            code: code.flatten(),
            gave_up,
            seen,
        }
    }

    fn provider(&self, reply: &Normalised, rule: Option<&Rule>) -> Option<&Provider> {
        let by_host = reply
            .host
            .as_deref()
            .and_then(|host| self.names().provider(host));
        let by_rule = || {
            rule.and_then(|rule| rule.written.provider.as_deref())
                .and_then(|name| self.names().provider_named(name))
        };
        by_host
            .or_else(by_rule)
            .or_else(|| self.names().provider_in(&reply.text))
    }
}

/// Adds what differs from reply to reply: our address and the server's name.
fn particular(verdict: Verdict, reason: &str, names: &Names) -> Verdict {
    let head = Head::of(reason);
    let found = address::addresses(head.reply);
    Verdict {
        ours: ours::among(&head, &found, names),
        remote_host: head.host.map(str::to_lowercase),
        ..verdict
    }
}

/// The kinds of lists that a reply of this class may name, the likelier first.
fn kinds(class: Class) -> &'static [ListKind] {
    match class {
        Class::Blocklist | Class::Reputation => &[ListKind::Ip, ListKind::Filter],
        Class::Receiver => &[ListKind::Ip],
        Class::Domain => &[ListKind::Domain, ListKind::Ip],
        _ => &[],
    }
}

impl Finding<'_> {
    fn class(&self, text: &str) -> Class {
        let unknown = if text.starts_with(REFUSED) {
            Class::Unexplained
        } else {
            Class::Other
        };
        self.rule.map_or(unknown, |rule| rule.written.class)
    }

    fn list<'n>(&self, class: Class, names: &'n Names) -> Option<&'n List> {
        let nth = kinds(class).iter().find_map(|kind| self.seen.list(*kind));
        nth.and_then(|nth| names.lists().get(nth))
    }

    /// The rule's own name for the list: `Microsoft {code}`.
    fn own_list(&self) -> Option<String> {
        let template = self.rule?.written.list.as_deref()?;
        Some(
            template
                .replace("{code}", self.code.as_deref().unwrap_or_default())
                .trim_end()
                .to_owned(),
        )
    }

    fn ask(
        &self,
        class: Class,
        list: Option<&List>,
        provider: Option<&Provider>,
    ) -> Option<String> {
        let by_rule = self.rule.and_then(|rule| rule.written.ask.clone());
        let askable = !matches!(
            class,
            Class::Other | Class::Receiver | Class::Greylist | Class::Rate
        );
        let by_provider = || {
            provider
                .filter(|_| askable)
                .and_then(|provider| provider.ask.clone())
        };
        let by_list = || list.filter(|_| askable).and_then(|list| list.ask.clone());
        by_rule.or_else(by_list).or_else(by_provider)
    }
}
