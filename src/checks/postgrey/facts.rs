//! The facts: plain data, of which every view is a picture. Serialised they are the `facts` of the JSON (schema 1): times are RFC 3339
//! in UTC, lengths of time whole seconds, names as they stood in the log, in lower case.

mod moment;
mod names;
mod reload;

pub use moment::{Moment, span};
pub use names::{NotCovered, SenderNames, ShownNames};
pub use reload::{NotReloaded, not_reloaded};

use super::gather::file_facts;
use super::plan::Plan;
use crate::host::both::both;
use crate::host::env::Host;
use crate::host::partial::Partial;
use crate::host::time::Micros;
use crate::log::coverage::Coverage;
use crate::postgrey::apart::{Apart, apart, latest};
use crate::postgrey::client::Lens;
use crate::postgrey::event::PASSED;
use crate::postgrey::sender::{self, Evidence};
use crate::postgrey::senders::{Sender, Senders};
use crate::postgrey::tally::GreylistTally;
use crate::postgrey::verdict::{Verdict, Why, judge};
use moment::{rfc3339, seconds, whole_seconds};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// Senders that JSON names. Strangers choose how many there are: a million would take eight gigabytes.
pub const NAMED: usize = 10_000;

fn named<S: Serializer>(senders: &[SenderFacts], serializer: S) -> Result<S::Ok, S::Error> {
    senders
        .get(..NAMED)
        .unwrap_or(senders)
        .serialize(serializer)
}

/// All that was found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Facts {
    /// The logs, in order of time.
    pub logs: Vec<String>,
    /// The time of the judgement.
    pub now: String,
    /// The window asked for: a span, or `all`.
    pub window: String,
    /// The oldest line read, or the start of the window where there are older ones.
    pub oldest: Option<String>,
    /// The newest line read.
    pub newest: Option<String>,
    /// The stretch of time that the counts are from, in seconds.
    pub covered: u64,
    /// How hosts were grouped.
    pub group_by: String,
    /// Tries from which on a sender counts.
    pub min_attempts: u64,
    /// All senders together, each mail counted once.
    pub total: Counts,
    /// The senders, most tries first. JSON names [`NAMED`] of them.
    #[serde(serialize_with = "named")]
    pub senders: Vec<SenderFacts>,
    /// Greylisted clients without a name.
    pub unknown: ApartFacts,
    /// Hosts whose name is too short for the grouping.
    pub ungrouped: ApartFacts,
    /// Hosts that the whitelist covers.
    pub whitelisted: ApartFacts,
    /// Hosts that the ignore file covers.
    pub ignored: ApartFacts,
    /// Recipients that passed, by reason.
    pub passes: BTreeMap<&'static str, u64>,
    /// Whitelists that Postgrey has not read since they changed.
    pub not_reloaded: Vec<NotReloaded>,
    /// The whitelists, where what is odd in them is shown.
    pub whitelists: Vec<FileFacts>,
    /// Why the log may not tell the whole.
    pub doubts: Vec<String>,
    /// What was not read wholly.
    #[serde(skip)]
    pub partial: Vec<Partial>,
    /// What the admin must know about the state file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub state_file: Vec<String>,
    /// Whether nothing could be remembered for the next run.
    #[serde(skip)]
    pub forgotten: bool,
    /// How the state file was used.
    #[serde(skip)]
    pub resumed: Option<String>,
}

/// The counts of one sender, or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Greylisted tries.
    pub tries: u32,
    /// Those with reason `new`.
    pub new: u32,
    /// Mails.
    pub mails: u32,
    /// Mails tried from two networks or more.
    pub pool_mails: u32,
    /// Mails that passed.
    pub passed: u32,
    /// Mails that did not.
    pub lost: u32,
    /// Mails too young to tell.
    pub pending: u32,
    /// Mails that passed or were tried again later.
    pub returned: u32,
    /// Median delay of the mails that passed, in seconds.
    pub delay_median: Option<u32>,
    /// Worst delay of the mails that passed, in seconds.
    pub delay_worst: Option<u32>,
}

/// One sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SenderFacts {
    /// The domain, or what the grouping made.
    pub name: Box<str>,
    /// What to do.
    pub verdict: Verdict,
    /// Why.
    pub why: Why,
    /// The counts.
    #[serde(flatten)]
    pub counts: Counts,
    /// Host names.
    pub hosts: u32,
    /// Those that look like dynamic lines.
    pub dynamic_hosts: u32,
    /// Client networks (/24, /64).
    pub networks: u32,
    /// Networks that tried one triplet only.
    pub networks_used_once: u32,
    /// Its names.
    #[serde(flatten)]
    pub names: SenderNames,
}

/// What is counted apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ApartFacts {
    /// Hosts; addresses where there is no name.
    pub hosts: u64,
    /// Their greylisted tries.
    pub tries: u64,
}

/// A whitelist file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileFacts {
    /// Its name.
    pub file: String,
    /// Entries that cover something.
    pub entries: u64,
    /// Lines that do nothing, or not what they seem to.
    pub odd: Vec<String>,
}

impl Facts {
    /// Sums up what was counted.
    pub fn sum_up(tally: &mut GreylistTally, lens: &Lens, plan: &Plan, host: &Host) -> Self {
        let count = sender::count(tally, plan.logs.now);
        tally.forget_mails();
        let senders = Senders::new(tally, &count, plan.min_attempts);
        let apart = apart(tally);
        let [unknown, ungrouped, whitelisted, ignored] = apart.each_ref().map(ApartFacts::of);
        let mut facts = Self {
            group_by: plan.grouping.to_string(),
            min_attempts: plan.min_attempts,
            total: Counts::of(&count.all),
            senders: SenderFacts::of_all(&senders),
            unknown,
            ungrouped,
            whitelisted,
            ignored,
            passes: passes(tally.passes()),
            not_reloaded: not_reloaded(latest(tally), tally.loaded(), lens, host),
            // A state file remembers them for whoever asks next.
            whitelists: match plan.oddities || plan.state.is_some() {
                true => file_facts(lens),
                false => Vec::new(),
            },
            ..Self::default()
        };
        facts.set_time(plan);
        facts
    }

    /// Notes as of when, and for which window.
    pub fn set_time(&mut self, plan: &Plan) {
        self.now = rfc3339(plan.logs.now);
        self.window = plan.logs.reach.to_string();
    }

    /// Notes what time the lines cover.
    pub fn cover(&mut self, coverage: &Coverage, plan: &Plan) {
        // How far before the window the reading began is chance.
        let since = plan.logs.window.since.unwrap_or(Micros::MIN);
        let oldest = coverage.oldest.map(|oldest| oldest.max(since));
        self.oldest = oldest.map(rfc3339);
        self.newest = coverage.newest.map(rfc3339);
        if let (Some(oldest), Some(newest)) = (oldest, coverage.newest) {
            self.covered = seconds((newest.min(plan.logs.now.max(oldest)) - oldest).max(0));
        }
    }

    /// Hosts set aside for either reason.
    pub fn set_aside(&self) -> u64 {
        self.whitelisted.hosts + self.ignored.hosts
    }

    /// The senders with enough tries to count.
    pub fn big(&self) -> impl Iterator<Item = &SenderFacts> {
        self.senders
            .iter()
            .filter(|sender| u64::from(sender.counts.tries) >= self.min_attempts)
    }
}

impl ApartFacts {
    pub(super) fn of(apart: &Apart) -> Self {
        Self {
            hosts: apart.hosts,
            tries: apart.tries,
        }
    }
}

/// Recipients that passed, by the name of the reason.
pub(super) fn passes(counts: [u64; PASSED.len()]) -> BTreeMap<&'static str, u64> {
    PASSED.iter().map(|(_, name)| *name).zip(counts).collect()
}

impl Counts {
    pub(super) fn of(evidence: &Evidence) -> Self {
        Self {
            tries: evidence.tries,
            new: evidence.new,
            mails: evidence.mails,
            pool_mails: evidence.pool_mails,
            passed: evidence.passed,
            lost: evidence.lost,
            pending: evidence.pending,
            returned: evidence.returned,
            delay_median: evidence.delay_median.map(whole_seconds),
            delay_worst: evidence.delay_worst.map(whole_seconds),
        }
    }
}

impl SenderFacts {
    /// The facts about all senders, in their order. The few big ones take as long as all others together.
    fn of_all(senders: &Senders<'_>) -> Vec<Self> {
        let (big, small) = senders.list();
        let all = big.len() + small.len();
        let (big, mut facts) = both(
            all,
            || big.map(|sender| Self::of(&sender)).collect::<Vec<_>>(),
            || {
                let mut facts = Vec::with_capacity(all);
                facts.extend(small.map(|sender| Self::of(&sender)));
                facts
            },
        );
        facts.splice(..0, big);
        facts
    }

    /// Hosts and suffixes are there for the senders that count only: there may be a million others.
    pub(super) fn of(sender: &Sender<'_>) -> Self {
        let (evidence, hosts) = (sender.evidence, sender.hosts);
        let (verdict, why) = judge(evidence);
        Self {
            verdict,
            why,
            counts: Counts::of(evidence),
            hosts: evidence.hosts,
            dynamic_hosts: evidence.dynamic_hosts,
            networks: evidence.networks,
            networks_used_once: evidence.networks_used_once,
            name: sender.name.into(),
            names: SenderNames::of(verdict, hosts),
        }
    }
}
