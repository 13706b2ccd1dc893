//! Counts cases: each message once, each cause of it once.

use super::alarm::Alarm;
use super::case::{Case, Fate, Said};
use super::facts::{ClassCount, Facts, SetAside};
use super::known::Known;
use super::ledger::Ledger;
use super::site::site;
use super::trail::Trails;
use crate::host::time::{Micros, SECOND};
use crate::reply::{Class, Memo, Verdict};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The rules that gave up are named, as many as fit.
const MOST_NAMED: usize = 5;

/// Counts one message after the other.
pub struct Count<'a> {
    memo: Memo<'a>,
    alarm: &'a Alarm,
    known: &'a Known,
    now: Micros,
    /// The message that is being counted.
    number: u64,
    facts: Facts,
    classes: [u64; Class::ALL.len()],
    ledgers: BTreeMap<(bool, Class, String), Ledger>,
    set_aside: BTreeMap<String, SetAside>,
}

/// Different causes that are kept apart: a stranger chooses the names of servers.
const MOST_CAUSES: usize = 300;
/// The name of all the others.
const OTHERS: &str = "others";

/// A reply with its verdict.
struct Judged<'c> {
    said: &'c Said<'c>,
    verdict: Verdict,
    counts: bool,
    set_aside: bool,
}

impl<'a> Count<'a> {
    /// Nothing counted yet.
    pub fn new(memo: Memo<'a>, alarm: &'a Alarm, known: &'a Known, now: Micros) -> Self {
        Self {
            memo,
            alarm,
            known,
            now,
            number: 0,
            facts: Facts::default(),
            classes: [0; Class::ALL.len()],
            ledgers: BTreeMap::new(),
            set_aside: BTreeMap::new(),
        }
    }

    /// Counts a message that is in the queue.
    pub fn queued(&mut self, held: bool, case: &Case<'_>) {
        match held {
            true => self.facts.held += 1,
            false => self.facts.waiting += 1,
        }
        self.case(case);
    }

    /// Counts a message that has left the queue.
    pub fn logged(&mut self, case: &Case<'_>) {
        self.case(case);
    }

    fn case(&mut self, case: &Case<'_>) {
        if case.said.is_empty() {
            return;
        }
        self.number += 1;
        let judged: Vec<Judged<'_>> = case.said.iter().map(|said| self.judge(said)).collect();
        let live = |j: &&Judged<'_>| matches!(j.said.fate, Fate::Waiting | Fate::Bounced);
        let refused: Vec<&Judged<'_>> = judged.iter().filter(live).filter(|j| j.counts).collect();
        self.classes(judged.iter().filter(live));
        self.aside(&judged, refused.is_empty());
        for judged in judged.iter().filter(live).filter(|j| !j.set_aside) {
            self.enter(case, judged);
        }
        if refused.is_empty() {
            let of = |fate| judged.iter().any(|j| j.counts && j.said.fate == fate);
            self.facts.held_refused += u64::from(of(Fate::Held));
            self.facts.delayed_delivered += u64::from(of(Fate::Delivered));
            return;
        }
        self.facts.refused += 1;
        self.facts.bounced += u64::from(refused.iter().any(|j| j.said.fate == Fate::Bounced));
        self.facts.refused_recipients += recipients(&refused);
        self.ages(case, &refused);
    }

    fn judge<'c>(&mut self, said: &'c Said<'c>) -> Judged<'c> {
        let verdict = self.memo.classify(said.reason);
        if verdict.limit_hit {
            self.facts.not_classified += 1;
            let rule = verdict.rule.clone().unwrap_or_default();
            if !self.facts.gave_up.contains(&rule) && self.facts.gave_up.len() < MOST_NAMED {
                self.facts.gave_up.push(rule);
            }
        }
        let alarming = self.alarm.has(verdict.class);
        let entry = alarming
            .then(|| self.known.find(&verdict, self.now))
            .flatten();
        if let Some(entry) = entry {
            let row = self
                .set_aside
                .entry(entry.name.clone())
                .or_insert_with(|| SetAside {
                    name: entry.name.clone(),
                    replies: 0,
                    comment: entry.comment.clone(),
                });
            row.replies += 1;
        }
        Judged {
            said,
            counts: alarming && entry.is_none(),
            set_aside: entry.is_some(),
            verdict,
        }
    }

    fn classes<'j, 'c: 'j>(&mut self, judged: impl Iterator<Item = &'j Judged<'c>>) {
        let mut met = [false; Class::ALL.len()];
        judged.for_each(|j| met[j.verdict.class as usize] = true);
        for (count, met) in self.classes.iter_mut().zip(met) {
            *count += u64::from(met);
        }
    }

    fn aside(&mut self, judged: &[Judged<'_>], nothing_counts: bool) {
        let any = judged.iter().any(|j| j.set_aside);
        self.facts.set_aside_messages += u64::from(any && nothing_counts);
    }

    fn enter(&mut self, case: &Case<'_>, judged: &Judged<'_>) {
        let mut key = (!judged.counts, judged.verdict.class, name(&judged.verdict));
        if self.ledgers.len() >= MOST_CAUSES && !self.ledgers.contains_key(&key) {
            key.2 = String::from(OTHERS);
        }
        let ledger = self.ledgers.entry(key).or_default();
        ledger.enter(self.number, case, judged.said, &judged.verdict);
    }

    fn ages(&mut self, case: &Case<'_>, refused: &[&Judged<'_>]) {
        let first = refused
            .iter()
            .filter_map(|j| j.said.times)
            .map(|(first, _)| first)
            .min();
        let since = first.or(case.arrival);
        self.facts.since = [self.facts.since, since].into_iter().flatten().min();
        let born = [case.arrival, first].into_iter().flatten().min();
        let age = born.map_or(0, |born| (self.now - born).max(0) / SECOND);
        self.facts.oldest_refused = self.facts.oldest_refused.max(age.unsigned_abs());
    }

    /// The facts; the log tells what a site has accepted since.
    pub fn finish(self, log: Option<&Trails>) -> Facts {
        let mut causes: Vec<_> = self
            .ledgers
            .into_iter()
            .map(|((uncounted, class, name), ledger)| ledger.cause(class, name, !uncounted, log))
            .collect();
        causes.sort_by_key(|cause| Reverse((cause.counts, cause.messages)));
        Facts {
            classes: Class::ALL
                .into_iter()
                .zip(self.classes)
                .map(|(class, messages)| ClassCount { class, messages })
                .collect(),
            causes,
            set_aside: self.set_aside.into_values().collect(),
            ..self.facts
        }
    }
}

/// Refused recipients of one message; a refusal that names none is one.
fn recipients(refused: &[&Judged<'_>]) -> u64 {
    let mut named: Vec<&str> = refused.iter().filter_map(|j| j.said.recipient).collect();
    named.sort_unstable();
    named.dedup();
    (named.len() as u64).max(1)
}

/// Who refuses: the list, the provider, the site of the server.
fn name(verdict: &Verdict) -> String {
    let site = || verdict.remote_host.as_deref().map(site);
    let known = verdict.list.clone().or_else(|| verdict.provider.clone());
    known
        .or_else(site)
        .unwrap_or_else(|| String::from("a server without a name"))
}
