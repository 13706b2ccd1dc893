//! Joins all that is remembered with what is new, or reads all, and makes another base.

use super::{Before, MEMOS, New, RUNS, Session, others};
use crate::checks::logs::resumed::{Memory, Resumed, Unfit};
use crate::checks::postgrey::facts::Facts;
use crate::checks::postgrey::summary::Scope;
use crate::checks::postgrey::{gather, ground};
use crate::log::budget::Budget;
use crate::log::memo::Memos;
use crate::plugin::failure::Failure;
use crate::postgrey::budget::{BYTES, second};
use crate::postgrey::client::Lens;
use crate::postgrey::keyed;
use crate::postgrey::tally::GreylistTally;
use crate::state::base::Bytes;
use crate::state::stream::Stored;
use std::io;

impl Session<'_> {
    /// Reads what is new, or all.
    pub(super) fn join(&self, mut before: Before) -> Result<Facts, Failure> {
        let kept = self.kept(&mut before)?;
        let seed = match &before.old {
            Some(old) => old.head.seed,
            None => keyed::random_seed(),
        };
        let base = before.base().map(|(_, base, _)| base);
        let memos = kept.as_ref().zip(base).and_then(|([memos, behind], base)| {
            Memos::read(memos, &[ground::runs(base), Stored::Here(behind)])
        });
        let memory = Memory {
            key: seed,
            memos: memos.unwrap_or_default(),
            behind: false,
            scratch: self.place.scratch(),
        };
        // With an old state that is of no use there is no other reason.
        let anew = match memory.memos.is_empty() {
            true => before.anew,
            false => "no log is the one that was remembered",
        };
        let lens = gather::lens(self.plan, self.host, self.deadline, Budget::new(BYTES))?;
        let read = self.resume(memory, &lens)?;
        drop(kept);
        if let Some((_, _, seal)) = before.base().filter(|(_, base, _)| base.is_torn()) {
            drop(read);
            let before = self.damaged(&self.place.base_path(seal))?;
            return self.join(before);
        }
        let (why, left) = match read {
            Ok(reading) if reading.outcome.tally.uncounted() == 0 => {
                self.deadline.enter("summing up");
                let how = match reading.recalled {
                    true => String::from("read on"),
                    false => format!("read anew: {anew}"),
                };
                let (mut facts, new, bytes) = self.sum_up(reading, &lens, seed);
                facts.resumed = Some(how);
                facts.state_file = before.notes;
                let seal = before.old.as_ref().and_then(|old| old.head.base);
                match bytes {
                    Ok(bytes) => {
                        let seal = bytes.seal(seal);
                        self.write(&mut facts, new, Some(seal), Some(bytes));
                    }
                    Err(error) => self.not_written(&mut facts, &self.place.write_error(&error)),
                }
                return Ok(facts);
            }
            Ok(reading) => {
                // What was counted is out of the way before all is counted again.
                drop(reading);
                ("it would be too large", 0)
            }
            Err(why) => (why, lens.budget.left()),
        };
        self.without(why, before.notes, Budget::new(second(left)))
    }

    /// The memos, and what was counted behind the base.
    fn kept(&self, before: &mut Before) -> Result<Option<[Vec<u8>; 2]>, Failure> {
        let Some((old, ..)) = before.base() else {
            return Ok(None);
        };
        let section = |number| old.state.section(number).ok().flatten();
        if let (Some(memos), Some(behind)) = (section(MEMOS), section(RUNS)) {
            return Ok(Some([memos, behind]));
        }
        *before = self.damaged(self.place.path())?;
        Ok(None)
    }

    /// The facts without the state, and a state that remembers nothing.
    fn without(&self, why: Unfit, notes: Vec<String>, budget: Budget) -> Result<Facts, Failure> {
        let mut facts = gather::anew(self.plan, self.host, self.deadline, budget)?;
        facts.resumed = Some(format!("not used: {why}"));
        facts.state_file = notes;
        if !facts.partial.is_empty() {
            // What was remembered may serve again when what is in the way is gone.
            return Ok(facts);
        }
        let new = New {
            seed: keyed::random_seed(),
            others: others(None),
            summary: None,
            memos: nothing(),
        };
        self.write(&mut facts, new, None, None);
        Ok(facts)
    }

    fn sum_up(
        &self,
        reading: Resumed<GreylistTally>,
        lens: &Lens,
        seed: u64,
    ) -> (Facts, New, io::Result<Bytes>) {
        let plan = self.plan;
        // What may still be written of the last line is not to be kept.
        let fit = reading.whole && reading.rest.is_none();
        let joined = fit
            .then(|| ground::lay(&reading.outcome.tally, plan, &self.place.scratch()))
            .flatten();
        let Resumed {
            outcome,
            names,
            memos,
            hold,
            ..
        } = reading.with_rest();
        let scope = Scope {
            next_loss: outcome.tally.mails().next_loss(plan.logs.now),
            hold,
            coverage: outcome.coverage,
            heard: outcome.tally.lines() > 0,
        };
        let mut facts = gather::sum_up(outcome, names, lens, plan, self.host);
        let summary = self.summary(&mut facts, scope);
        let (memos, runs) = memos.finish();
        let asked = (self.asked(), plan.logs.now, hold);
        let bytes = ground::bytes(joined, &facts, asked, runs);
        let others = others(facts.senders.get(facts.big().count()..));
        let new = New {
            seed,
            others,
            summary,
            memos: [memos, nothing()[1].clone()],
        };
        (facts, new, bytes)
    }
}

/// The memos of no log, and the runs of each.
fn nothing() -> [Vec<u8>; 2] {
    let none = 0_u64.to_le_bytes().to_vec();
    [none.clone(), none]
}
