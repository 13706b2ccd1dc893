//! Mails from first try to pass, cut anywhere.

use super::*;
use crate::host::time::{HOUR, MINUTE, SECOND};
use proptest::prelude::*;

fn trail(sender: u32, network: Key) -> Trail {
    Trail::new(sender, network)
}

/// Senders, and whether each is a pool.
fn pools(mail: &Mail) -> Vec<(u32, bool)> {
    let mut pools: Vec<(u32, bool)> = mail.trails().map(|t| (t.sender, t.is_pool())).collect();
    pools.sort_unstable();
    pools
}

fn all(mails: &Mails) -> Vec<Mail> {
    let mut all: Vec<Mail> = mails.iter().cloned().collect();
    all.sort_by_key(|mail| (mail.first, mail.last, mail.passed()));
    all
}

#[test]
fn a_mail_from_first_try_to_pass() {
    let mut mails = Mails::default();
    mails.try_at(1, 0, trail(7, 1));
    mails.try_at(1, HOUR, trail(7, 1));
    assert!(!pools(&all(&mails)[0])[0].1);
    mails.try_at(1, 2 * HOUR, trail(7, 2));
    mails.pass_at(1, 3 * HOUR);
    mails.pass_at(1, 4 * HOUR);
    mails.try_at(1, 5 * HOUR, trail(7, 1));
    let mails = all(&mails);
    assert_eq!(mails.len(), 2, "after a pass a try is a new mail");
    assert_eq!(mails[0].fate(DAY), Fate::Passed(3 * HOUR));
    assert!(pools(&mails[0])[0].1);
    assert!(!pools(&mails[1])[0].1);
}

/// A clock was set back: the line that comes late goes on with the mail in front of it, also where a later part begins between them.
#[test]
fn a_late_line_does_not_bridge_the_retry_window() {
    let tries = [0, RETRY_WINDOW + HOUR, RETRY_WINDOW - SECOND];
    for cut in 0..=tries.len() {
        let [mut mails, later] = [&tries[..cut], &tries[cut..]].map(|part| {
            let mut mails = Mails::default();
            part.iter().for_each(|at| mails.try_at(1, *at, trail(7, 1)));
            mails
        });
        mails.join(later, &[0, 1, 2, 3, 4, 5, 6, 7]);
        let found = all(&mails);
        let times: Vec<(i64, i64)> = found.iter().map(|mail| (mail.first, mail.last)).collect();
        assert_eq!(times, [(0, 0), (tries[1], tries[1])], "cut at {cut}");
    }
}

#[test]
fn edges_of_the_retry_window() {
    assert_eq!(RETRY_WINDOW, 48 * HOUR);
    let begun = || {
        let mut mails = Mails::default();
        mails.try_at(1, DAY, trail(7, 1));
        mails
    };
    for (gap, count) in [(RETRY_WINDOW - 1, 1), (RETRY_WINDOW, 2)] {
        let mut mails = begun();
        mails.try_at(1, DAY + gap, trail(7, 1));
        assert_eq!(mails.iter().count(), count);
    }
    for (gap, fate) in [
        (RETRY_WINDOW - 1, Fate::Passed(RETRY_WINDOW - 1)),
        (RETRY_WINDOW, Fate::Lost),
    ] {
        let mut mails = begun();
        mails.pass_at(1, DAY + gap);
        assert_eq!(all(&mails)[0].fate(10 * DAY), fate);
    }
    let mail = &all(&begun())[0];
    assert_eq!(mail.fate(DAY + RETRY_WINDOW - 1), Fate::Pending);
    assert_eq!(mail.fate(DAY + RETRY_WINDOW), Fate::Lost);
}

#[test]
fn senders_keep_their_own_trails() {
    let mut mails = Mails::default();
    for (at, sender, network) in [(0, 9, 1), (1, 7, 2), (2, 9, 1), (3, 7, 3)] {
        mails.try_at(1, at, trail(sender, network));
    }
    assert_eq!(pools(&all(&mails)[0]), [(7, true), (9, false)]);
}

#[test]
fn a_mail_tried_from_networks_of_two_senders_was_tried_from_two() {
    for (networks, pool) in [([1, 1], false), ([1, 2], true)] {
        let mut mails = Mails::default();
        for (sender, network) in [7, 9].into_iter().zip(networks) {
            mails.try_at(1, 0, trail(sender, network));
        }
        assert_eq!(all(&mails)[0].is_pool(), pool);
    }
}

#[test]
fn the_next_loss_is_that_of_the_oldest_pending_mail() {
    let now = 3 * DAY;
    type At = (Key, Micros);
    let loss = |tries: &[At], passes: &[At]| {
        let mut mails = Mails::default();
        for (mail, at) in tries {
            mails.try_at(*mail, *at, trail(7, 1));
        }
        for (mail, at) in passes {
            mails.pass_at(*mail, *at);
        }
        mails.next_loss(now)
    };
    let rows: [(&[At], &[At], Option<Micros>); 5] = [
        (&[], &[], None),
        (&[(1, 2 * DAY + HOUR), (2, 2 * DAY)], &[], Some(4 * DAY)),
        (
            &[(1, 2 * DAY), (1, 2 * DAY + HOUR)],
            &[],
            Some(4 * DAY + HOUR),
        ),
        (&[(1, 2 * DAY)], &[(1, 2 * DAY + HOUR)], None),
        (&[(1, DAY), (2, 2 * DAY)], &[], Some(4 * DAY)),
    ];
    for (tries, passes, expected) in rows {
        assert_eq!(loss(tries, passes), expected, "{tries:?} {passes:?}");
    }
}

#[test]
fn what_was_read_of_a_file_is_looked_at() {
    let sound = |at: Micros, passed: Option<Micros>, lone: Micros, sender: u32| {
        let mut mails = Mails::default();
        mails.try_at(1, at, trail(sender, 1));
        passed.into_iter().for_each(|at| mails.pass_at(1, at));
        mails.pass_at(2, lone);
        mails.are_sound(8)
    };
    let edge = LATEST - 1;
    let last_of_9999 = 253_402_300_799 * SECOND;
    let rows = [
        (DAY, None, DAY, 7, true),
        (last_of_9999, None, DAY, 7, true),
        (edge, None, DAY, 7, true),
        (-edge, Some(DAY - edge), edge, 0, true),
        (DAY, None, DAY, 8, false),
        (LATEST, None, DAY, 7, false),
        (-LATEST, None, DAY, 7, false),
        (edge, Some(LATEST), DAY, 7, false),
        (DAY, None, LATEST, 7, false),
    ];
    for (at, passed, lone, sender, expected) in rows {
        let told = format!("{at} {passed:?} {lone} {sender}");
        assert_eq!(sound(at, passed, lone, sender), expected, "{told}");
    }
    let mut mails = Mails::default();
    mails.try_at(1, DAY, trail(7, 1));
    for (first, last) in [(LATEST, DAY), (DAY, LATEST)] {
        let mail = mails.last.get_mut(1).unwrap();
        (mail.first, mail.last) = (first, last);
        assert!(!mails.are_sound(8), "{first} {last}");
    }
}

#[test]
fn every_row_is_counted_and_read_as_it_was_written() {
    let mut mails = Mails::default();
    mails.try_at(1, 0, trail(7, 1));
    mails.try_at(1, HOUR, trail(9, 1));
    mails.try_at(1, 3 * DAY, trail(7, 2));
    mails.try_at(1, 6 * DAY, trail(7, 2));
    mails.try_at(2, 0, trail(7, 1));
    mails.try_at(6, 0, trail(7, 1));
    mails.pass_at(3, 0);
    mails.pass_at(4, 0);
    mails.pass_at(5, 0);
    mails.pass_at(7, 0);
    assert_eq!(mails.rows(), 3 + 2 + 4);

    let mut spool = Spool::default();
    mails.write(&mut spool);
    let mut bytes = spool.into_bytes().unwrap();
    let read = Mails::read(&mut Stream::of(&bytes), || true).unwrap();
    let mut joined = Mails::default();
    let same: Vec<u32> = (0..10).collect();
    joined.join(read, &same);
    assert_eq!(told(&joined), told(&mails));
    assert_eq!(joined.rows(), mails.rows());
    bytes.pop();
    assert!(Mails::read(&mut Stream::of(&bytes), || true).is_none());
}

/// The keys of the mails of which something may still become.
fn open(mails: &Mails, now: Micros) -> Option<Vec<Key>> {
    let mut open: Vec<Key> = mails.open(now)?.iter().map(|(key, _)| *key).collect();
    open.sort_unstable();
    Some(open)
}

fn keys(mails: &Mails) -> Vec<Key> {
    let mut keys: Vec<Key> = mails.keys().collect();
    keys.sort_unstable();
    keys
}

#[test]
fn open_mails_are_found_unless_one_hides_behind_a_later_one() {
    let mut mails = Mails::default();
    mails.try_at(1, DAY, trail(7, 1));
    mails.pass_at(1, DAY + HOUR);
    mails.try_at(2, DAY, trail(7, 1));
    mails.pass_at(3, DAY);
    assert_eq!(open(&mails, 2 * DAY), Some(vec![2]));
    assert_eq!(keys(&mails), [1, 2, 3]);
    assert_eq!(
        [1, 2, 3, 4].map(|key| mails.knows(key)),
        [true, true, false, false]
    );

    mails.try_at(1, 2 * DAY, trail(7, 1));
    assert_eq!(
        open(&mails, 2 * DAY),
        Some(vec![1, 2]),
        "the one before has passed"
    );
    assert_eq!(keys(&mails), [1, 1, 2, 3]);

    mails.try_at(2, 4 * DAY, trail(7, 1));
    assert_eq!(open(&mails, 2 * DAY), None, "the one before is pending");
    assert_eq!(
        open(&mails, 5 * DAY),
        Some(vec![1, 2]),
        "the one before is lost"
    );
}

#[test]
fn a_mail_that_is_added_has_the_numbers_of_its_new_place() {
    let mut from = Mails::default();
    from.try_at(1, 0, trail(0, 1));
    from.try_at(1, HOUR, trail(1, 1));
    let mail = all(&from).remove(0);
    let mut mails = Mails::default();
    let stranger = |number| (number == 0).then_some(5);
    assert_eq!(mails.add(1, mail.clone(), stranger), None);
    assert!(!mails.knows(1));
    assert_eq!(mails.add(1, mail, |number| Some(number + 5)), Some(()));
    assert!(mails.knows(1));
    assert_eq!(pools(&all(&mails)[0]), [(5, false), (6, false)]);
}

/// What happens to two mails: when, which, from where, or a pass.
fn history() -> impl Strategy<Value = Vec<(Micros, Key, Option<Trail>)>> {
    let step = (
        0..30 * HOUR,
        0..2_u64,
        proptest::option::weighted(0.75, (0..2_u32, 0..3_u64)),
    );
    proptest::collection::vec(step, 0..24).prop_map(|steps| {
        let mut now = 0;
        steps
            .into_iter()
            .map(|(wait, mail, from)| {
                now += wait + MINUTE;
                (
                    now,
                    mail,
                    from.map(|(sender, network)| trail(sender, network)),
                )
            })
            .collect()
    })
}

fn count(history: &[(Micros, Key, Option<Trail>)]) -> Mails {
    let mut mails = Mails::default();
    for (at, mail, from) in history {
        match from {
            Some(trail) => mails.try_at(*mail, *at, *trail),
            None => mails.pass_at(*mail, *at),
        }
    }
    mails
}

/// A mail in a form that does not depend on which of several networks was met first.
type Told = (Micros, Micros, Option<Micros>, Vec<(u32, bool)>);

fn told(mails: &Mails) -> Vec<Told> {
    all(mails)
        .iter()
        .map(|m| (m.first, m.last, m.passed(), pools(m)))
        .collect()
}

/// The numbers of senders that have the same number everywhere.
const SAME: [u32; 2] = [0, 1];

#[test]
fn senders_of_a_later_stretch_get_the_numbers_of_the_first() {
    let (mut mails, mut later) = (Mails::default(), Mails::default());
    mails.try_at(1, 0, trail(0, 1));
    later.try_at(1, HOUR, trail(0, 2));
    later.try_at(1, HOUR, trail(1, 2));
    mails.join(later, &[5, 0]);
    assert_eq!(pools(&all(&mails)[0]), [(0, true), (5, false)]);
}

proptest! {
    #[test]
    fn cut_anywhere_and_joined_in_any_grouping(history in history(), a in 0usize..25, b in 0usize..25) {
        let (a, b) = (a.min(b).min(history.len()), a.max(b).min(history.len()));
        let whole = count(&history);
        let parts = || (count(&history[..a]), count(&history[a..b]), count(&history[b..]));
        let (mut left, middle, right) = parts();
        left.join(middle, &SAME);
        left.join(right, &SAME);
        prop_assert_eq!(told(&left), told(&whole));
        let (mut left, mut middle, right) = parts();
        middle.join(right, &SAME);
        left.join(middle, &SAME);
        prop_assert_eq!(told(&left), told(&whole));
    }
}
