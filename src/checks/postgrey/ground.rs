//! What the check keeps in the base of its state file: all that was counted, run by run, and the same joined and summed up.
//!
//! | section | what |
//! |---|---|
//! | 0 to 15 | what was counted, joined ([`base`]), where what is new can be added to it |
//! | 16 | the answer to that |
//! | 17 | what was counted of each log, in runs |

use super::facts::{Facts, SenderFacts};
use super::plan::Plan;
use crate::checks::logs::resumed::Hold;
use crate::host::time::Micros;
use crate::postgrey::base::{self, SECTIONS};
use crate::postgrey::keyed;
use crate::postgrey::tally::GreylistTally;
use crate::state::base::{Base, Bytes};
use crate::state::record::{Record, record};
use crate::state::spool::{Scratch, Spool};
use crate::state::stream::Stored;
use std::io;

const ANSWER: usize = SECTIONS;
const RUNS: usize = SECTIONS + 1;
/// So much may come behind a base of no size before there is another one.
const LEAST: u64 = 64 * 1024;
/// So many times as large as what comes behind it a base must be.
const SHARE: u64 = 16;

/// The answer to what is in the base.
#[derive(Debug)]
pub struct Answer {
    /// What was asked.
    pub asked: String,
    /// When.
    pub now: Micros,
    /// In which windows the same lines count.
    pub hold: Hold,
    /// The senders that count.
    pub big: Vec<SenderFacts>,
}

record!(Answer {
    asked,
    now,
    hold,
    big
});

impl Answer {
    /// The answer to what is in a base.
    pub fn read(base: &Base) -> Option<Self> {
        Self::of(&base.whole(ANSWER)?)
    }

    fn of(mut bytes: &[u8]) -> Option<Self> {
        Record::read(&mut bytes)
    }

    /// Whether all that was counted still counts, and as it was asked.
    pub fn holds(&self, asked: &str, plan: &Plan) -> bool {
        self.asked == asked && plan.logs.now >= self.now && self.hold.is_in(plan.logs.window)
    }
}

/// Whether `bytes` that were counted behind a base are so many that there should be another one.
pub fn is_outgrown(base: &Base, bytes: usize) -> bool {
    bytes as u64 > LEAST + base.file_length() / SHARE
}

/// What was counted of each log.
pub fn runs(base: &Base) -> Stored<'_> {
    Stored::section(base, RUNS)
}

/// The sections of what was counted, joined; none where nothing can be added to it.
pub fn lay(tally: &GreylistTally, plan: &Plan, scratch: &Scratch) -> Option<Vec<Spool>> {
    base::lay(tally, plan.logs.now, scratch)
}

/// A base of these sections, with the answer to them.
///
/// # Errors
/// What kept bytes from waiting for it.
pub fn bytes(
    joined: Option<Vec<Spool>>,
    facts: &Facts,
    (asked, now, hold): (String, Micros, Hold),
    runs: Spool,
) -> io::Result<Bytes> {
    let mut answer = Vec::new();
    if joined.is_some() {
        let big = facts.big().cloned().collect();
        let known = Answer {
            asked,
            now,
            hold,
            big,
        };
        known.write(&mut answer);
    }
    let nothing = || (0..SECTIONS).map(|_| Spool::default()).collect();
    let mut sections = joined.unwrap_or_else(nothing);
    sections.extend([answer.into(), runs]);
    Bytes::new(sections, keyed::random_seed())
}
