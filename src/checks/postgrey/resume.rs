//! The check with a state file: the answer of the last run where nothing is new, else what it remembers of the logs and what is new in them.
//!
//! | section | what |
//! |---|---|
//! | 0 | what the rest is of, and the last answer |
//! | 1 | the senders of that answer that do not count |
//! | 2 | a memo for each log |
//!
//! Facts are the same with and without a state file; what cannot be proven the same is read anew.

use super::facts::{Facts, SenderFacts};
use super::gather;
use super::plan::{Listing as List, Plan};
use super::summary::{Listing, Summary};
use crate::checks::logs::inputs;
use crate::checks::logs::resumed::{self, Memory, Resumed, Unfit};
use crate::host::access::Identity;
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::time::{Micros, Zone};
use crate::log::identity::Stamp;
use crate::log::memo::Memo;
use crate::plugin::failure::Failure;
use crate::postgrey::client::Lens;
use crate::postgrey::keyed;
use crate::postgrey::tally::GreylistTally;
use crate::state::file::{Found, Place, State};
use crate::state::record::{Record, read_length, record};
use std::fmt::Write as _;
use std::path::Path;

const HEAD: usize = 0;
const OTHERS: usize = 1;
const MEMOS: usize = 2;

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
    summary: Option<Summary>,
}

record!(Head {
    counting,
    seed,
    proof,
    since,
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
    head: Option<(Head, State)>,
}

impl Session<'_> {
    fn gather(&self) -> Result<Facts, Failure> {
        self.check_inputs()?;
        let found = self.place.open();
        let found = found.map_err(|why| Failure::obstacle(&self.name, why))?;
        let mut before = self.before(found)?;
        let known = before.head.as_mut();
        match known.and_then(|(head, state)| self.answer_again(head, state)) {
            Some(facts) => Ok(facts),
            None => self.read(before),
        }
    }

    /// A log that is named as the state by mistake would be taken for a damaged one.
    fn check_inputs(&self) -> Result<(), Failure> {
        let plan = self.plan;
        let lists = plan.whitelists.iter().chain(&plan.ignores);
        let lists = lists.filter_map(|list| stamp(&list.path));
        let mut inputs = self.listing.iter().flatten().map(|(_, stamp)| *stamp);
        let state = plan.state.as_deref().and_then(stamp);
        let is_state = |input: Stamp| state.is_some_and(|state| state.is_file_of(&input));
        if inputs.any(is_state) || lists.into_iter().any(is_state) {
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
            Found::Damaged => self.damaged()?,
            Found::Whole(state) => match section::<Head>(&state, HEAD) {
                Some(head) => self.fit(head, state),
                None => self.damaged()?,
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
                head: Some((head, state)),
                ..Before::default()
            }
        }
    }

    fn damaged(&self) -> Result<Before, Failure> {
        let aside = self.place.set_aside();
        let aside = aside.map_err(|why| Failure::obstacle(&self.name, why))?;
        let note = format!(
            "{} was damaged and is now {}, everything was read anew",
            self.name,
            aside.display()
        );
        Ok(Before {
            notes: vec![note],
            ..Before::anew("it was damaged")
        })
    }

    /// The last answer, if it still holds.
    fn answer_again(&self, head: &mut Head, state: &State) -> Option<Facts> {
        let (asked, listing) = (self.asked(), self.listing.as_ref());
        let holds = |summary: &Summary| summary.holds(&asked, listing, self.plan);
        let summary = head.summary.take().filter(holds)?;
        let others = match self.plan.brief {
            true => Vec::new(),
            false => section::<Vec<SenderFacts>>(state, OTHERS)?,
        };
        let mut facts = summary.into_facts(others, self.plan, self.host);
        facts.resumed = Some(String::from("nothing new"));
        Some(facts)
    }

    /// Reads what is new, or all.
    fn read(&self, mut before: Before) -> Result<Facts, Failure> {
        let seed = match &before.head {
            Some((head, _)) => head.seed,
            None => keyed::random_seed(),
        };
        let memos = match &before.head {
            Some((_, state)) => state.section(MEMOS).ok().flatten(),
            None => None,
        };
        if before.head.is_some() && memos.is_none() {
            before = self.damaged()?;
        }
        let memory = Memory {
            key: seed,
            memos: memos.as_deref().and_then(memos_of).unwrap_or_default(),
        };
        let resumed = !memory.memos.is_empty();
        let lens = gather::lens(self.plan, self.host, self.deadline)?;
        let fresh = gather::fresh(&lens, seed);
        let (logs, wanted) = (&self.plan.logs, gather::wanted());
        let reading = resumed::read(logs, &wanted, self.host, self.deadline, memory, fresh)?;
        let (mut facts, sections) = match reading {
            Ok(reading) if reading.outcome.tally.uncounted() == 0 => {
                self.deadline.enter("summing up");
                self.sum_up(reading, &lens, seed)
            }
            Ok(_) => self.without("it would be too large")?,
            Err(why) => self.without(why)?,
        };
        facts.resumed.get_or_insert_with(|| match resumed {
            true => String::from("read on"),
            false => format!("read anew: {}", before.anew),
        });
        facts.state_file = before.notes;
        self.deadline.enter("writing the state file");
        if let Err(why) = self.place.write(sections.each_ref().map(Vec::as_slice)) {
            facts.state_file.push(format!("{}: {why}", self.name));
            facts.forgotten = true;
        }
        Ok(facts)
    }

    /// The facts without the state, and a state that remembers nothing.
    fn without(&self, why: Unfit) -> Result<(Facts, [Vec<u8>; 3]), Failure> {
        let mut facts = gather::anew(self.plan, self.host, self.deadline)?;
        facts.resumed = Some(format!("not used: {why}"));
        let mut sections = [const { Vec::new() }; 3];
        self.head(keyed::random_seed(), None)
            .write(&mut sections[HEAD]);
        Vec::<SenderFacts>::new().write(&mut sections[OTHERS]);
        0_u64.write(&mut sections[MEMOS]);
        Ok((facts, sections))
    }

    fn sum_up(
        &self,
        reading: Resumed<GreylistTally>,
        lens: &Lens,
        seed: u64,
    ) -> (Facts, [Vec<u8>; 3]) {
        let Resumed {
            outcome,
            names,
            memos,
            hold,
        } = reading;
        let heard = outcome.tally.lines() > 0;
        let next_loss = outcome.tally.mails().next_loss(self.plan.logs.now);
        let coverage = outcome.coverage;
        let facts = gather::sum_up(outcome, names, lens, self.plan, self.host);
        let mut others = Vec::new();
        let small: Vec<SenderFacts> = facts.senders[facts.big().count()..].to_vec();
        small.write(&mut others);
        let listing = self.listing.clone();
        let lasting = listing.filter(|_| facts.partial.is_empty() && !hold.cut);
        let summary = lasting.map(|listing| Summary {
            asked: self.asked(),
            listing,
            now: self.plan.logs.now,
            next_loss,
            hold,
            coverage,
            heard,
            facts: facts.clone(),
        });
        let mut head = Vec::new();
        self.head(seed, summary).write(&mut head);
        (facts, [head, others, memos])
    }

    fn head(&self, seed: u64, summary: Option<Summary>) -> Head {
        Head {
            counting: self.counting.clone(),
            seed,
            proof: keyed::proof(seed),
            since: self.plan.logs.window.since,
            summary,
        }
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
}

/// What decides how a line is counted: the grouping, the files of names, and the zone of times that name none.
fn counting(plan: &Plan, host: &Host) -> String {
    let mut text = plan.grouping.to_string();
    let mut add = |kind: &str, lists: &[List]| {
        for list in lists {
            let stamp = stamp(&list.path);
            // A string can be written to.
            let _ = write!(text, "\n{kind} {:?} {stamp:?}", list.path);
        }
    };
    add("whitelist", &plan.whitelists);
    add("ignore", &plan.ignores);
    let zone = match host.zone {
        Zone::Fixed(seconds) => format!("{seconds}"),
        Zone::Local => {
            let (variable, file) = host.zone_rules();
            format!("{variable} {:?}", stamp(&file))
        }
    };
    text + "\nzone " + &zone
}

fn stamp(path: &Path) -> Option<Stamp> {
    std::fs::metadata(path).ok().as_ref().map(Stamp::of)
}

/// A section that is one record.
fn section<T: Record>(state: &State, number: usize) -> Option<T> {
    let bytes = state.section(number).ok().flatten()?;
    T::read(&mut bytes.as_slice())
}

fn memos_of(mut bytes: &[u8]) -> Option<Vec<Memo<'_>>> {
    let count = read_length(&mut bytes, 1)?;
    (0..count).map(|_| Memo::read(&mut bytes)).collect()
}
