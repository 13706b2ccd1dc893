//! Adds what is new to what the base knows.

use super::{Before, MEMOS, New, RUNS, Session, others};
use crate::checks::logs::resumed::{Memory, Resumed};
use crate::checks::postgrey::facts::Facts;
use crate::checks::postgrey::ground::{self, Answer};
use crate::checks::postgrey::summary::Scope;
use crate::checks::postgrey::{gather, little};
use crate::log::budget::Budget;
use crate::log::memo::Memos;
use crate::plugin::failure::Failure;
use crate::postgrey::base;
use crate::postgrey::budget::BYTES;
use crate::postgrey::client::Lens;
use crate::postgrey::tally::GreylistTally;
use crate::state::base::Base;
use crate::state::stream::Stored;

impl Session<'_> {
    /// Adds what is new to what the base knows, where that is little and all that is asked for.
    pub(super) fn add(&self, before: &mut Before) -> Result<Option<Facts>, Failure> {
        let Some((old, base, seal)) = before.base() else {
            return Ok(None);
        };
        let asked = self.asked();
        let holds = |answer: &Answer| self.plan.brief && answer.holds(&asked, self.plan);
        let memory = [MEMOS, RUNS].map(|number| old.state.section(number).ok().flatten());
        let (Some(answer), [Some(memos), Some(runs)]) = (Answer::read(base).filter(holds), memory)
        else {
            return Ok(None);
        };
        let memos = Memos::read(&memos, &[Stored::Here(&runs)])
            .filter(|_| !ground::is_outgrown(base, runs.len()));
        let Some(memos) = memos else {
            return Ok(None);
        };
        let seed = old.head.seed;
        let lens = gather::lens(self.plan, self.host, self.deadline, Budget::new(BYTES))?;
        let memory = Memory {
            key: seed,
            memos,
            behind: true,
            scratch: self.place.scratch(),
        };
        let reading = self.resume(memory, &lens)?;
        let is_little = |reading: &Resumed<GreylistTally>| {
            reading.outcome.tally.uncounted() == 0 && !reading.memos.are_many()
        };
        let Some(reading) = reading.ok().filter(is_little) else {
            return Ok(None);
        };
        self.deadline.enter("summing up");
        let sum = self.sum_up_added(reading, base, answer, &lens, seed);
        let Some((mut facts, new)) = sum else {
            if base.is_torn() {
                *before = self.damaged(&self.place.base_path(seal))?;
            }
            return Ok(None);
        };
        facts.resumed = Some(String::from("added"));
        self.write(&mut facts, new, Some(seal), None);
        Ok(Some(facts))
    }

    fn sum_up_added(
        &self,
        reading: Resumed<GreylistTally>,
        base: &Base,
        answer: Answer,
        lens: &Lens,
        seed: u64,
    ) -> Option<(Facts, New)> {
        let (plan, reading) = (self.plan, reading.with_rest());
        let Resumed {
            outcome,
            names,
            memos,
            hold,
            ..
        } = reading;
        let hold = answer.hold.with(hold);
        let added = base::add(base, outcome.tally, plan.logs.now, plan.min_attempts)?;
        let (heard, next_loss) = (added.lines > 0, added.next_loss);
        let mut facts = little::facts(answer, &added, lens, plan, self.host);
        facts.doubts = gather::doubts(heard, &outcome.coverage, &names, plan, self.host);
        facts.cover(&outcome.coverage, plan);
        facts.logs = names;
        facts.partial = outcome.partial;
        let scope = Scope {
            next_loss,
            hold,
            coverage: outcome.coverage,
            heard,
        };
        let summary = self.summary(&mut facts, scope);
        let (memos, runs) = memos.finish();
        let new = New {
            seed,
            others: others(None),
            summary,
            memos: [memos, runs.into_bytes().ok()?],
        };
        Some((facts, new))
    }
}
