//! Counts cases: each message once, each cause of it once.

use super::alarm::Alarm;
use super::case::{Case, Fate, Said};
use super::facts::{ClassCount, Facts, SetAside};
use super::known::Known;
use super::late::Late;
use super::meaning::Meaning;
use super::shelf::Shelf;
use super::trails::Trails;
use crate::delivery::local;
use crate::host::time::{Micros, SECOND};
use crate::plugin::failure::Failure;
use crate::reply::{Class, Memo, Told, Verdict, VerdictId};
use smallvec::SmallVec;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The rules that gave up are named, as many as fit.
const MOST_NAMED: usize = 5;

/// Counts one message after the other.
pub struct Count<'a> {
    rules: &'a Late<'a>,
    memo: Option<Memo<'a>>,
    /// Why there are no rules.
    failure: Option<Failure>,
    alarm: &'a Alarm,
    known: &'a Known,
    now: Micros,
    /// The message that is being counted.
    number: u64,
    facts: Facts,
    classes: [u64; Class::ALL.len()],
    shelf: Shelf,
    /// What each verdict means here, by its number.
    meanings: Vec<Meaning>,
    set_aside: BTreeMap<String, SetAside>,
}

/// A reply with what it means.
struct Judged<'c> {
    said: &'c Said<'c>,
    told: Told<'c>,
    class: Class,
    counts: bool,
    set_aside: bool,
}

impl<'a> Count<'a> {
    /// Nothing counted yet.
    pub fn new(rules: &'a Late<'a>, alarm: &'a Alarm, known: &'a Known, now: Micros) -> Self {
        Self {
            rules,
            memo: None,
            failure: None,
            alarm,
            known,
            now,
            number: 0,
            facts: Facts::default(),
            classes: [0; Class::ALL.len()],
            shelf: Shelf::default(),
            meanings: Vec::new(),
            set_aside: BTreeMap::new(),
        }
    }

    /// Counts a message as one that is in the queue.
    pub fn in_queue(&mut self, held: bool) {
        match held {
            true => self.facts.held += 1,
            false => self.facts.waiting += 1,
        }
    }

    /// Counts what was said about a message, in the queue or not.
    pub fn case(&mut self, case: &Case<'_>) {
        if case.said.is_empty() {
            return;
        }
        self.number += 1;
        let judged: SmallVec<[Judged<'_>; 2]> = case
            .said
            .iter()
            .filter_map(|said| self.judge(said))
            .collect();
        let live = |j: &&Judged<'_>| matches!(j.said.fate, Fate::Waiting | Fate::Bounced);
        let refused: SmallVec<[&Judged<'_>; 2]> =
            judged.iter().filter(live).filter(|j| j.counts).collect();
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

    fn judge<'c>(&mut self, said: &'c Said<'c>) -> Option<Judged<'c>> {
        let reason = match local::is_local(said.reason) {
            true => local::NO_SERVER,
            false => said.reason,
        };
        let told = self.memo()?.tell(reason);
        self.learn(told.verdict);
        let meaning = self.meanings.get(told.verdict)?;
        if let Some(rule) = &meaning.gave_up {
            self.facts.not_classified += 1;
            if !self.facts.gave_up.contains(rule) && self.facts.gave_up.len() < MOST_NAMED {
                self.facts.gave_up.push(rule.clone());
            }
        }
        let of_site = || meaning.of_site(told.host, self.known, self.now);
        let known = meaning.known.clone().or_else(of_site);
        let set_aside = known.is_some();
        let judged = Judged {
            said,
            told,
            class: meaning.class,
            counts: meaning.counts() && !set_aside,
            set_aside,
        };
        if let Some(entry) = known {
            let row = self.set_aside.entry(entry.name.clone());
            row.or_insert(entry).replies += 1;
        }
        Some(judged)
    }

    /// The rules, from the first reply on.
    fn memo(&mut self) -> Option<&mut Memo<'a>> {
        if self.memo.is_none() && self.failure.is_none() {
            match self.rules.classifier() {
                Ok(classifier) => self.memo = Some(Memo::new(classifier)),
                Err(failure) => self.failure = Some(failure),
            }
        }
        self.memo.as_mut()
    }

    fn verdict(&self, number: VerdictId) -> Option<&Verdict> {
        self.memo.as_ref()?.verdict(number)
    }

    /// Verdicts are numbered from 0 as they come.
    fn learn(&mut self, number: VerdictId) {
        while self.meanings.len() <= number
            && let Some(verdict) = self.verdict(self.meanings.len())
        {
            let meaning = Meaning::of(verdict, self.alarm, self.known, self.now);
            self.meanings.push(meaning);
        }
    }

    fn classes<'j, 'c: 'j>(&mut self, judged: impl Iterator<Item = &'j Judged<'c>>) {
        let mut met = [false; Class::ALL.len()];
        judged.for_each(|j| met[j.class as usize] = true);
        for (count, met) in self.classes.iter_mut().zip(met) {
            *count += u64::from(met);
        }
    }

    fn aside(&mut self, judged: &[Judged<'_>], nothing_counts: bool) {
        let any = judged.iter().any(|j| j.set_aside);
        self.facts.set_aside_messages += u64::from(any && nothing_counts);
    }

    fn enter(&mut self, case: &Case<'_>, judged: &Judged<'_>) {
        let told = &judged.told;
        let verdict = self
            .memo
            .as_ref()
            .and_then(|memo| memo.verdict(told.verdict));
        if let (Some(verdict), Some(meaning)) = (verdict, self.meanings.get_mut(told.verdict)) {
            let (ledger, site) = self.shelf.ledger(meaning, told.host);
            ledger.enter(self.number, case, judged.said, (told, verdict), site);
        }
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
        let age = born.map_or(0, |born| self.now.saturating_sub(born).max(0) / SECOND);
        self.facts.oldest_refused = self.facts.oldest_refused.max(age.unsigned_abs());
    }

    /// The facts; the log tells what a site has accepted since.
    ///
    /// # Errors
    /// A [`Failure`] where there are replies and no rules.
    pub fn finish(self, log: Option<&Trails>) -> Result<Facts, Failure> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let mut causes = self.shelf.causes(log);
        causes.sort_by_key(|cause| Reverse((cause.counts, cause.messages)));
        Ok(Facts {
            classes: Class::ALL
                .into_iter()
                .zip(self.classes)
                .map(|(class, messages)| ClassCount { class, messages })
                .collect(),
            causes,
            set_aside: self.set_aside.into_values().collect(),
            ..self.facts
        })
    }
}

/// Refused recipients of one message; a refusal that names none is one.
fn recipients(refused: &[&Judged<'_>]) -> u64 {
    let mut named: SmallVec<[&str; 2]> = refused.iter().filter_map(|j| j.said.recipient).collect();
    named.sort_unstable();
    named.dedup();
    (named.len() as u64).max(1)
}
