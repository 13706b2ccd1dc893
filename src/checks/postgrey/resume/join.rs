//! Joins all that is remembered with what is new, or reads all, and makes another base.

use super::{Before, MEMOS, New, RUNS, Session};
use crate::checks::logs::resumed::{Memory, Resumed, Unfit};
use crate::checks::postgrey::facts::Facts;
use crate::checks::postgrey::summary::Scope;
use crate::checks::postgrey::{gather, ground};
use crate::log::memo::Memos;
use crate::plugin::failure::Failure;
use crate::postgrey::client::Lens;
use crate::postgrey::keyed;
use crate::postgrey::tally::GreylistTally;
use crate::state::base::Bytes;
use crate::state::write::Ground;

impl Session<'_> {
    /// Reads what is new, or all.
    pub(super) fn join(&self, mut before: Before) -> Result<Facts, Failure> {
        let kept = self.kept(&mut before)?;
        let seed = match &before.old {
            Some(old) => old.head.seed,
            None => keyed::random_seed(),
        };
        let memos = kept
            .as_ref()
            .and_then(|[memos, runs, behind]| Memos::read(memos, &[runs, behind]));
        let memory = Memory {
            key: seed,
            memos: memos.unwrap_or_default(),
            behind: false,
        };
        // With an old state that is of no use there is no other reason.
        let anew = match memory.memos.is_empty() {
            true => before.anew,
            false => "no log is the one that was remembered",
        };
        let lens = gather::lens(self.plan, self.host, self.deadline)?;
        let seal = before.old.as_ref().and_then(|old| old.head.base);
        Ok(match self.resume(memory, &lens)? {
            Ok(reading) if reading.outcome.tally.uncounted() == 0 => {
                self.deadline.enter("summing up");
                let how = match reading.recalled {
                    true => String::from("read on"),
                    false => format!("read anew: {anew}"),
                };
                let (mut facts, new, bytes) = self.sum_up(reading, &lens, seed);
                facts.resumed = Some(how);
                facts.state_file = before.notes;
                let seal = bytes.seal(seal);
                self.write(&mut facts, new, Some(seal), Ground::New(seal, &bytes));
                facts
            }
            Ok(_) => self.without("it would be too large", before.notes)?,
            Err(why) => self.without(why, before.notes)?,
        })
    }

    /// The memos, what was counted up to the base, and what was counted behind it.
    fn kept(&self, before: &mut Before) -> Result<Option<[Vec<u8>; 3]>, Failure> {
        let Some((old, base, seal)) = before.base() else {
            return Ok(None);
        };
        let section = |number| old.state.section(number).ok().flatten();
        let damaged = match (section(MEMOS), ground::runs(base), section(RUNS)) {
            (Some(memos), Some(runs), Some(behind)) => return Ok(Some([memos, runs, behind])),
            (_, None, _) => self.place.base_path(seal),
            _ => self.place.path().to_path_buf(),
        };
        *before = self.damaged(&damaged)?;
        Ok(None)
    }

    /// The facts without the state, and a state that remembers nothing.
    fn without(&self, why: Unfit, notes: Vec<String>) -> Result<Facts, Failure> {
        let mut facts = gather::anew(self.plan, self.host, self.deadline)?;
        facts.resumed = Some(format!("not used: {why}"));
        facts.state_file = notes;
        if !facts.partial.is_empty() {
            // What was remembered may serve again when what is in the way is gone.
            return Ok(facts);
        }
        let new = New {
            seed: keyed::random_seed(),
            others: None,
            summary: None,
            memos: Memos::default().bytes(),
        };
        self.write(&mut facts, new, None, Ground::Nothing);
        Ok(facts)
    }

    fn sum_up(
        &self,
        reading: Resumed<GreylistTally>,
        lens: &Lens,
        seed: u64,
    ) -> (Facts, New, Bytes) {
        let plan = self.plan;
        // What may still be written of the last line is not to be kept.
        let fit = reading.whole && reading.rest.is_none();
        let joined = fit
            .then(|| ground::lay(&reading.outcome.tally, plan))
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
        let facts = gather::sum_up(outcome, names, lens, plan, self.host);
        let summary = self.summary(&facts, scope);
        let [memos, runs] = memos.bytes();
        let asked = (self.asked(), plan.logs.now, hold);
        let bytes = ground::bytes(joined, &facts, asked, runs);
        let others = facts.senders[facts.big().count()..].to_vec();
        let new = New {
            seed,
            others: Some(others),
            summary,
            memos: [memos, Memos::default().bytes()[1].clone()],
        };
        (facts, new, bytes)
    }
}
