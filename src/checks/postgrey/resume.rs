//! The check with a state file: the answer of the last run where nothing is new; else what its base knows and what is new in the logs
//! ([`little`](super::little)); else all that it remembers of the logs and what is new, which makes another base; else all the logs.
//!
//! | section | what |
//! |---|---|
//! | 0 | what the rest is of, and the last answer |
//! | 1 | the senders of that answer that do not count, where they are known |
//! | 2 | a memo for each log |
//! | 3 | what was counted of each log behind the base |
//!
//! Facts are the same with and without a state file, as long as they fit into memory; what cannot be proven the same is read anew.

use super::counting::{counting, stamp};
use super::facts::{Facts, SenderFacts};
use super::gather;
use super::plan::Plan;
use super::summary::{Listing, Scope, Summary};
use crate::checks::logs::inputs;
use crate::checks::logs::resumed::{self, Memory, Resumed, Unfit};
use crate::host::access::{Identity, Obstacle};
use crate::host::aside::aside;
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::time::Micros;
use crate::log::identity::Stamp;
use crate::plugin::failure::Failure;
use crate::postgrey::client::Lens;
use crate::postgrey::keyed;
use crate::postgrey::tally::GreylistTally;
use crate::state::base::{Base, Basis, Bytes, Seal};
use crate::state::file::{Found, State};
use crate::state::place::Place;
use crate::state::record::{Record, record, write_length};
use crate::state::write::Ground;
use std::path::Path;
use std::sync::Arc;

mod add;
mod join;

const HEAD: usize = 0;
const OTHERS: usize = 1;
const MEMOS: usize = 2;
const RUNS: usize = 3;

/// The first section.
#[derive(Debug)]
struct Head {
    /// How lines are counted.
    counting: String,
    /// Decides the keys of rows and of fingerprints.
    seed: u64,
    /// What the hasher makes of the seed.
    proof: u64,
    /// Lines before this were not counted.
    since: Option<Micros>,
    /// What was counted before; none where nothing is remembered.
    base: Option<Seal>,
    summary: Option<Summary>,
}

record!(Head {
    counting,
    seed,
    proof,
    since,
    base,
    summary
});

/// Gathers the facts with the state in `file`.
///
/// # Errors
/// A [`Failure`] where a file that must be read cannot be, or `file` is not to be trusted.
pub fn gather(
    file: &Path,
    plan: &Plan,
    host: &Host,
    deadline: &Deadline,
) -> Result<Facts, Failure> {
    deadline.enter("reading the state file");
    let session = Session {
        place: Place::new(file, &Identity::current(&host.root)),
        name: format!("the state file {}", file.display()),
        plan,
        host,
        deadline,
        counting: counting(plan, host),
        listing: inputs::listing(&plan.logs, host),
    };
    session.gather()
}

/// One run.
struct Session<'a> {
    place: Place,
    name: String,
    plan: &'a Plan,
    host: &'a Host,
    deadline: &'a Deadline,
    counting: String,
    /// The files before they are opened: what comes later is for the next run.
    listing: Option<Listing>,
}

/// What is known before the logs are read.
#[derive(Default)]
struct Before {
    notes: Vec<String>,
    /// Why the logs are read anew.
    anew: &'static str,
    old: Option<Old>,
}

/// What an earlier run left.
struct Old {
    head: Head,
    state: State,
    /// Opened when it is needed.
    base: Option<Base>,
}

/// What is to be written, but for the head.
struct New {
    seed: u64,
    /// As of [`OTHERS`].
    others: Vec<u8>,
    summary: Option<Summary>,
    memos: [Vec<u8>; 2],
}

impl Session<'_> {
    fn gather(&self) -> Result<Facts, Failure> {
        self.check_inputs()?;
        let found = self.place.open();
        let found = found.map_err(|why| Failure::obstacle(&self.name, why))?;
        let mut before = self.before(found)?;
        if let Some(facts) = self.answer_again(&mut before) {
            return Ok(facts);
        }
        self.open_base(&mut before)?;
        match self.add(&mut before)? {
            Some(facts) => Ok(facts),
            None => self.join(before),
        }
    }

    /// A log that is named as the state by mistake would be taken for a damaged one.
    fn check_inputs(&self) -> Result<(), Failure> {
        let plan = self.plan;
        let lists = plan.whitelists.iter().chain(&plan.ignores);
        let lists = lists.filter_map(|list| stamp(&list.path));
        let inputs = self.listing.iter().flatten().map(|(_, stamp)| *stamp);
        let state: Vec<Stamp> = self
            .place
            .paths()
            .iter()
            .filter_map(|path| stamp(path))
            .collect();
        let is_state = |input: Stamp| state.iter().any(|state| state.is_file_of(&input));
        if inputs.chain(lists).any(is_state) {
            let name = &self.name;
            let why = format!("{name} is a file that the check reads: name one of its own");
            return Err(Failure::new(why));
        }
        Ok(())
    }

    /// What the file that was found is good for.
    fn before(&self, found: Found) -> Result<Before, Failure> {
        Ok(match found {
            Found::Nothing => Before::anew("there was none"),
            Found::Foreign => Before::anew("another version wrote it"),
            Found::Damaged => self.damaged(self.place.path())?,
            Found::Whole(state) => match section::<Head>(&state, HEAD) {
                Some(head) => self.fit(head, state),
                None => self.damaged(self.place.path())?,
            },
        })
    }

    fn fit(&self, head: Head, state: State) -> Before {
        let since = self.plan.logs.window.since;
        if head.counting != self.counting {
            Before::anew("other whitelists, grouping or zone")
        } else if since.unwrap_or(Micros::MIN) < head.since.unwrap_or(Micros::MIN) {
            Before::anew("the window begins earlier")
        } else if head.proof != keyed::proof(head.seed) {
            Before::anew("another version wrote it")
        } else {
            Before {
                old: Some(Old {
                    head,
                    state,
                    base: None,
                }),
                ..Before::default()
            }
        }
    }

    /// Everything is read anew: `path`, the file or its base, is damaged.
    fn damaged(&self, path: &Path) -> Result<Before, Failure> {
        let aside = self.place.set_aside(path);
        let aside = aside.map_err(|why| Failure::obstacle(&self.name, why))?;
        let note = format!(
            "the state file {} was damaged and is now {}, everything was read anew",
            path.display(),
            aside.display()
        );
        Ok(Before {
            notes: vec![note],
            ..Before::anew("it was damaged")
        })
    }

    /// The last answer, if it still holds.
    fn answer_again(&self, before: &mut Before) -> Option<Facts> {
        let Old { head, state, .. } = before.old.as_mut()?;
        let (asked, listing) = (self.asked(), self.listing.as_ref());
        let holds = |summary: &Summary| summary.holds(&asked, listing, self.plan);
        let summary = head.summary.take().filter(holds)?;
        let others = match self.plan.brief {
            true => Vec::new(),
            false => section::<Option<Vec<SenderFacts>>>(state, OTHERS)??,
        };
        let mut facts = summary.into_facts(others, self.plan, self.host);
        facts.resumed = Some(String::from("nothing new"));
        Some(facts)
    }

    /// Opens the base; without it nothing is known.
    fn open_base(&self, before: &mut Before) -> Result<(), Failure> {
        let Some(old) = before.old.as_mut() else {
            return Ok(());
        };
        let Some(seal) = old.head.base else {
            *before = Before::anew("nothing could be remembered");
            return Ok(());
        };
        let path = self.place.base_path(seal);
        let found = self.place.open_base(seal);
        let name = || format!("the state file {}", path.display());
        match found.map_err(|why| Failure::obstacle(name(), why))? {
            Basis::Whole(base) => old.base = Some(base),
            Basis::Nothing => *before = Before::anew("its base is missing"),
            Basis::Damaged => *before = self.damaged(&path)?,
        }
        Ok(())
    }

    fn resume(
        &self,
        memory: Memory<'_>,
        lens: &Arc<Lens>,
    ) -> Result<Result<Resumed<GreylistTally>, Unfit>, Failure> {
        let fresh = gather::fresh(lens, memory.key);
        let (logs, wanted) = (&self.plan.logs, gather::wanted());
        resumed::read(logs, &wanted, self.host, self.deadline, memory, fresh)
    }

    /// The answer to be kept, unless it could not be believed.
    fn summary(&self, facts: &mut Facts, scope: Scope) -> Option<Summary> {
        let listing = self.listing.clone();
        let listing = listing.filter(|_| facts.partial.is_empty() && !scope.hold.cut)?;
        // There may be a million other senders.
        let senders = std::mem::take(&mut facts.senders);
        let mut known = facts.clone();
        facts.senders = senders;
        known.senders = facts.big().cloned().collect();
        Some(Summary {
            asked: self.asked(),
            listing,
            now: self.plan.logs.now,
            scope,
            facts: known,
        })
    }

    /// Writes the file and what it stands on, `bytes` where that is new; where that cannot be done, or not in time, the facts say so.
    fn write(&self, facts: &mut Facts, new: New, base: Option<Seal>, bytes: Option<Bytes>) {
        self.deadline.enter("writing the state file");
        let head = Head {
            counting: self.counting.clone(),
            seed: new.seed,
            proof: keyed::proof(new.seed),
            since: self.plan.logs.window.since,
            base,
            summary: new.summary,
        };
        let mut first = Vec::new();
        head.write(&mut first);
        let [memos, runs] = new.memos;
        let (place, sections) = (self.place.clone(), [first, new.others, memos, runs]);
        // The answer is there: it does not wait for a disk that takes nothing any more.
        let written = aside(self.deadline, move || {
            let ground = match (base, &bytes) {
                (None, _) => Ground::Nothing,
                (Some(seal), None) => Ground::Kept(seal),
                (Some(seal), Some(bytes)) => Ground::New(seal, bytes),
            };
            place.write(sections.each_ref().map(Vec::as_slice), ground)
        });
        match written {
            Some(Ok(_)) => {}
            Some(Err(why)) => self.not_written(facts, &why),
            None => self.not_written(facts, &self.too_slow()),
        }
    }

    fn too_slow(&self) -> Obstacle {
        Obstacle {
            what: format!("{} while writing it", self.deadline.reason()),
            fix: None,
        }
    }

    fn not_written(&self, facts: &mut Facts, why: &Obstacle) {
        facts.state_file.push(format!("{}: {why}", self.name));
        facts.forgotten = true;
    }

    /// What the answer depends on beside the logs and the clock.
    fn asked(&self) -> String {
        let logs = &self.plan.logs;
        let least = self.plan.min_attempts;
        format!("{:?} {} {least}", logs.selection, logs.reach)
    }
}

impl Before {
    fn anew(why: &'static str) -> Self {
        Self {
            anew: why,
            ..Self::default()
        }
    }

    /// What an earlier run left, with its base.
    fn base(&self) -> Option<(&Old, &Base, Seal)> {
        let old = self.old.as_ref()?;
        Some((old, old.base.as_ref()?, old.head.base?))
    }
}

/// As many senders that do not count are remembered for the views that show them: there may be a million.
const MOST_OTHERS: usize = 200_000;

/// The section of the senders that do not count, where they are known.
fn others(senders: Option<&[SenderFacts]>) -> Vec<u8> {
    let senders = senders.filter(|senders| senders.len() <= MOST_OTHERS);
    let mut bytes = Vec::new();
    senders.is_some().write(&mut bytes);
    if let Some(senders) = senders {
        write_length(senders.len(), &mut bytes);
        senders.iter().for_each(|sender| sender.write(&mut bytes));
    }
    bytes
}

/// A section that is one record.
fn section<T: Record>(state: &State, number: usize) -> Option<T> {
    let bytes = state.section(number).ok().flatten()?;
    T::read(&mut bytes.as_slice())
}
