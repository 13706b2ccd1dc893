//! Budgets, joining, and reading what was written.

use super::*;
use crate::log::budget::Budget;
use crate::log::memo::Lasting as _;
use crate::log::stamp::Form;
use crate::postgrey::domain::Grouping;
use crate::postgrey::keyed;
use crate::postgrey::whitelist::Whitelist;
use crate::state::spool::Spool;
use crate::state::stream::Stream;

fn tally(budget: usize) -> GreylistTally {
    let lens = Lens {
        grouping: Grouping::Domain,
        whitelists: Vec::new(),
        ignored: Whitelist::default(),
        budget: Budget::new(budget),
    };
    GreylistTally::new(Arc::new(lens), keyed::hasher(7))
}

/// Greylisted hosts of `length` bytes, each of another sender.
fn see(tally: &mut GreylistTally, numbers: std::ops::Range<u32>, length: usize) {
    for number in numbers {
        let name = format!(".d{number}.example");
        let name = "x".repeat(length - name.len()) + &name;
        let rest = format!(
            "mail postgrey[1]: action=greylist, reason=new, client_name={name}, client_address=192.0.2.1, sender=a@b.example, recipient=c@d.example"
        );
        tally.see(&Line {
            at: 0,
            form: Form::Bsd,
            rest: rest.as_bytes(),
        });
    }
}

fn copied(tally: &GreylistTally, into: &mut GreylistTally) {
    let mut spool = Spool::default();
    tally.write(&mut spool);
    let bytes = spool.into_bytes().unwrap();
    into.join_written(Stream::of(&bytes)).unwrap();
}

/// What an earlier run counted costs what lines cost: where there is no room for it none of it is counted, and said so.
#[test]
fn what_was_remembered_keeps_to_the_budget() {
    for length in [20, 180] {
        let (mut first, mut second) = (tally(1 << 30), tally(1 << 30));
        see(&mut first, 0..1000, length);
        see(&mut second, 1000..2000, length);
        let cost = first.paid;
        for (budget, uncounted, counted) in [
            (2 * cost, 0, 2000),
            (cost * 3 / 2, 1000, 1000),
            (cost / 2, 2000, 0),
            (0, 2000, 0),
        ] {
            let mut read = tally(budget);
            copied(&first, &mut read);
            copied(&second, &mut read);
            let found = (read.uncounted, read.clients.len(), read.lines);
            assert_eq!(
                found,
                (uncounted, counted, 2000),
                "{length}: {budget} of {cost}"
            );
        }
    }
}

/// However little is left, a record without rows is counted, and the bytes must be a record.
#[test]
fn what_there_is_no_room_for_is_looked_at() {
    let mut kept = tally(1 << 30);
    let mut spool = Spool::default();
    kept.write(&mut spool);
    assert_eq!(
        tally(0).join_written(Stream::of(&spool.into_bytes().unwrap())),
        Some(())
    );
    see(&mut kept, 0..10, 20);
    let mut spool = Spool::default();
    kept.write(&mut spool);
    let mut bytes = spool.into_bytes().unwrap();
    bytes.push(0);
    assert_eq!(tally(0).join_written(Stream::of(&bytes)), None);
}

/// Names are as long as strangers like: what is longer than usual is paid, and once, however often the client is joined.
#[test]
fn long_names_are_paid() {
    const HALF: usize = 1 << 30;
    let paid = |length: usize| {
        let mut all = tally(2 * HALF);
        see(&mut all, 0..1000, length);
        let alone = (all.names, all.paid);
        let mut later = tally(2 * HALF);
        see(&mut later, 500..1500, length);
        let mut read = tally(2 * HALF);
        copied(&all, &mut read);
        copied(&later, &mut read);
        all.join(later);
        assert_eq!(all.names, 1500 * cost::name(&"x".repeat(length)));
        assert_eq!(read.names, all.names);
        alone
    };
    assert_eq!(paid(32).0, 0);
    let (usual, long) = (paid(20).1, paid(180).1);
    assert!(
        (usual + 290_000..usual + 310_000).contains(&long),
        "{usual} {long}"
    );
}
