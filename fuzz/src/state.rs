//! The state file: bytes that pass its checksum, by accident or on purpose, make no panic, ask for no memory that they do not fill, and what
//! is understood of them is written as it was read.

use postmaster_plugins::checks::postgrey::summary::Summary;
use postmaster_plugins::log::budget::Budget;
use postmaster_plugins::log::memo::{Lasting as _, Memos};
use postmaster_plugins::postgrey::budget::BYTES;
use postmaster_plugins::postgrey::client::Lens;
use postmaster_plugins::postgrey::domain::Grouping;
use postmaster_plugins::postgrey::tally::GreylistTally;
use postmaster_plugins::postgrey::whitelist::Whitelist;
use postmaster_plugins::postgrey::{keyed, sender};
use postmaster_plugins::state::record::{Record, read_length, take};
use postmaster_plugins::state::spool::Spool;
use postmaster_plugins::state::stream::{Stored, Stream};
use std::sync::Arc;

/// The memos of logs, behind their length, and then their runs.
pub fn memos(data: &[u8]) {
    let mut runs = data;
    let memos = read_length(&mut runs, 1).and_then(|length| take(&mut runs, length));
    let runs = [Stored::Here(runs)];
    let Some(memos) = memos.and_then(|memos| Memos::read(memos, &runs)) else {
        return tallies(data);
    };
    let mut again = Memos::default();
    for memo in &memos {
        assert!(again.add(memo).is_some());
        for run in &memo.runs {
            if let Stored::Here(tally) = run.tally {
                tallies(tally);
            }
        }
    }
    let (memos, runs) = again.finish();
    let runs = runs.into_bytes().unwrap_or_default();
    assert!(Memos::read(&memos, &[Stored::Here(&runs)]).is_some());
}

/// What was counted in a run.
fn tallies(data: &[u8]) {
    let mut all = tally();
    let _ = all.join_written(Stream::of(data));
    let mut written = Spool::default();
    all.write(&mut written);
    let written = written.into_bytes().unwrap_or_default();
    assert!(tally().join_written(Stream::of(&written)).is_some());
    sender::count(&all, super::parsers::NOW);
}

/// The answer of the run before.
pub fn summary(data: &[u8]) {
    let mut rest = data;
    if let Some(summary) = Summary::read(&mut rest) {
        let mut written = Vec::new();
        summary.write(&mut written);
        assert!(Summary::read(&mut written.as_slice()).is_some());
    }
}

fn tally() -> GreylistTally {
    let lens = Lens {
        grouping: Grouping::Domain,
        whitelists: Vec::new(),
        ignored: Whitelist::default(),
        budget: Budget::new(BYTES),
    };
    GreylistTally::new(Arc::new(lens), keyed::Hasher::fixed())
}
