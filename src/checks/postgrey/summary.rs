//! The facts as the state file keeps them: enough to answer again without a look at the logs, as long as nothing is new.
//!
//! What depends on the clock alone (ages, the stretch that is covered, doubts) is not kept but found again.

use super::facts::{
    ApartFacts, Counts, Facts, FileFacts, Moment, NotCovered, NotReloaded, SenderFacts, ShownNames,
};
use super::gather;
use super::plan::Plan;
use crate::checks::logs::inputs::STALE;
use crate::checks::logs::plan::Selection;
use crate::checks::logs::resumed::Hold;
use crate::host::env::Host;
use crate::host::time::Micros;
use crate::log::coverage::Coverage;
use crate::log::identity::Stamp;
use crate::postgrey::event::PASSED;
use crate::postgrey::verdict::{Verdict, Why};
use crate::state::record::{Record, record};

/// The files that were read, in the order in which they are found.
pub type Listing = Vec<(String, Stamp)>;

/// An answer and how long it holds.
#[derive(Debug)]
pub struct Summary {
    /// What was asked.
    pub asked: String,
    /// Of which files.
    pub listing: Listing,
    /// When.
    pub now: Micros,
    /// How far it holds.
    pub scope: Scope,
    /// The answer, with the senders that count.
    pub facts: Facts,
}

/// What an answer is of, and how far it holds.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// When the next mail is given up for lost.
    pub next_loss: Option<Micros>,
    /// In which windows the same lines count.
    pub hold: Hold,
    /// What time the lines cover.
    pub coverage: Coverage,
    /// Whether Postgrey wrote to the logs.
    pub heard: bool,
}

record!(Summary {
    asked,
    listing,
    now,
    scope,
    facts
});
record!(Scope {
    next_loss,
    hold,
    coverage,
    heard
});
record!(Hold {
    oldest,
    newest,
    cut,
    end
});
record!(Coverage {
    oldest,
    newest,
    lines,
    bytes
});
record!(Counts {
    tries,
    new,
    mails,
    pool_mails,
    passed,
    lost,
    pending,
    returned,
    delay_median,
    delay_worst
});
record!(SenderFacts {
    name,
    verdict,
    why,
    counts,
    hosts,
    dynamic_hosts,
    networks,
    networks_used_once,
    names
});
record!(ShownNames {
    suffixes,
    exact,
    too_wide,
    not_covered,
    host_names
});
record!(NotCovered { hosts, names });
record!(ApartFacts { hosts, tries });
record!(Moment { at, local });
record!(NotReloaded {
    file,
    changed,
    host,
    at
});
record!(FileFacts { file, entries, odd });

impl Summary {
    /// Whether the answer is still right.
    pub fn holds(&self, asked: &str, listing: Option<&Listing>, plan: &Plan) -> bool {
        let scope = &self.scope;
        let logs_go_on = |end| plan.logs.now - end < STALE;
        self.asked == asked
            && listing == Some(&self.listing)
            && plan.logs.now >= self.now
            && scope.next_loss.is_none_or(|loss| plan.logs.now < loss)
            && scope.hold.is_in(plan.logs.window)
            // Else the journal is asked whether it goes on behind the logs.
            && (plan.logs.selection != Selection::Found || scope.hold.end.is_some_and(logs_go_on))
    }

    /// The facts as of now; `others` are the senders that do not count, where they are to be shown.
    pub fn into_facts(self, others: Vec<SenderFacts>, plan: &Plan, host: &Host) -> Facts {
        let (mut facts, scope) = (self.facts, self.scope);
        facts.senders.extend(others);
        facts.set_time(plan);
        facts.doubts = gather::doubts(scope.heard, &scope.coverage, &facts.logs, plan, host);
        facts.cover(&scope.coverage, plan);
        facts
    }
}

/// Only what cannot be found again; the senders that count come first.
impl Record for Facts {
    fn write(&self, to: &mut Vec<u8>) {
        self.logs.write(to);
        self.group_by.write(to);
        self.min_attempts.write(to);
        self.total.write(to);
        let big: Vec<SenderFacts> = self.big().cloned().collect();
        big.write(to);
        for apart in [
            &self.unknown,
            &self.ungrouped,
            &self.whitelisted,
            &self.ignored,
        ] {
            apart.write(to);
        }
        for (_, name) in PASSED {
            self.passes.get(name).copied().unwrap_or(0).write(to);
        }
        self.not_reloaded.write(to);
        self.whitelists.write(to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some(Self {
            logs: Record::read(from)?,
            group_by: Record::read(from)?,
            min_attempts: Record::read(from)?,
            total: Record::read(from)?,
            senders: Record::read(from)?,
            unknown: Record::read(from)?,
            ungrouped: Record::read(from)?,
            whitelisted: Record::read(from)?,
            ignored: Record::read(from)?,
            passes: {
                let counts = <[u64; PASSED.len()]>::read(from)?;
                PASSED.iter().map(|(_, name)| *name).zip(counts).collect()
            },
            not_reloaded: Record::read(from)?,
            whitelists: Record::read(from)?,
            ..Self::default()
        })
    }
}

impl Record for Verdict {
    fn write(&self, to: &mut Vec<u8>) {
        let code: u8 = match self {
            Verdict::Whitelist => 0,
            Verdict::Leave => 1,
            Verdict::Look => 2,
        };
        code.write(to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match u8::read(from)? {
            0 => Some(Verdict::Whitelist),
            1 => Some(Verdict::Leave),
            2 => Some(Verdict::Look),
            _ => None,
        }
    }
}

/// The reasons without numbers, by their codes.
const REASONS: [Why; 8] = [
    Why::TooYoung,
    Why::DynamicPool,
    Why::Pool,
    Why::LongDelays,
    Why::OneHost,
    Why::RetriesWell,
    Why::DynamicNames,
    Why::OneMail,
];

impl Record for Why {
    fn write(&self, to: &mut Vec<u8>) {
        let plain = |why| REASONS.iter().position(|known| *known == why);
        let (code, numbers) = match *self {
            Why::UsedOnce(networks) => (100, [networks, 0, 0, 0]),
            Why::FewHosts(hosts) => (101, [hosts, 0, 0, 0]),
            Why::Mixed {
                passed,
                mails,
                lost,
                pending,
            } => (102, [passed, mails, lost, pending]),
            why => (plain(why).unwrap_or(255), [0; 4]),
        };
        u8::try_from(code).unwrap_or(255).write(to);
        numbers.write(to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let code = u8::read(from)?;
        let [first, mails, lost, pending] = <[u32; 4]>::read(from)?;
        match code {
            100 => Some(Why::UsedOnce(first)),
            101 => Some(Why::FewHosts(first)),
            102 => Some(Why::Mixed {
                passed: first,
                mails,
                lost,
                pending,
            }),
            code => REASONS.get(usize::from(code)).copied(),
        }
    }
}
