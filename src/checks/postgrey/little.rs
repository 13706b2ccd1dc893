//! The facts where little is new: what the base of the state file knows, and the lines behind it. Only the senders that count are told.

use super::facts::{ApartFacts, Counts, Facts, SenderFacts, not_reloaded, passes};
use super::gather::file_facts;
use super::ground::Answer;
use super::plan::Plan;
use crate::host::env::Host;
use crate::postgrey::base::{Added, Touched};
use crate::postgrey::client::Lens;
use crate::postgrey::senders::Sender;
use std::collections::BTreeSet;

/// The facts, but for what the logs cover.
pub fn facts(answer: Answer, added: &Added, lens: &Lens, plan: &Plan, host: &Host) -> Facts {
    let latest = added.latest.iter();
    let latest = latest.map(|(number, (at, name))| (*number, (*at, &**name)));
    let [unknown, ungrouped, whitelisted, ignored] = added.apart.each_ref().map(ApartFacts::of);
    let mut facts = Facts {
        group_by: plan.grouping.to_string(),
        min_attempts: plan.min_attempts,
        total: Counts::of(&added.all),
        senders: senders(answer.big, &added.touched, plan.min_attempts),
        unknown,
        ungrouped,
        whitelisted,
        ignored,
        passes: passes(added.passes),
        not_reloaded: not_reloaded(latest, added.loaded, lens, host),
        whitelists: file_facts(lens),
        ..Facts::default()
    };
    facts.set_time(plan);
    facts
}

/// The senders that count, most tries first.
fn senders(known: Vec<SenderFacts>, touched: &[Touched], least: u64) -> Vec<SenderFacts> {
    let names: BTreeSet<&str> = touched.iter().map(|sender| &*sender.name).collect();
    let mut senders = known;
    senders.retain(|sender| !names.contains(&*sender.name));
    let big = touched
        .iter()
        .filter(|sender| u64::from(sender.evidence.tries) >= least);
    senders.extend(big.map(|sender| {
        let hosts: Vec<&str> = sender.hosts.iter().map(|host| &**host).collect();
        SenderFacts::of(&Sender {
            name: &sender.name,
            evidence: &sender.evidence,
            hosts: &hosts,
        })
    }));
    senders.sort_unstable_by(|a, b| {
        let tries = b.counts.tries.cmp(&a.counts.tries);
        tries.then_with(|| a.name.cmp(&b.name))
    });
    senders
}
