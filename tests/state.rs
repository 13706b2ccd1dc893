//! With a state file and without: the same words, the same exit status, whatever happens to the logs between two runs.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "state/journal.rs"]
mod journal;
#[path = "state/world.rs"]
mod world;

use postmaster_plugins::checks::postgrey::summary::Summary;
use postmaster_plugins::host::access::Identity;
use postmaster_plugins::log::memo::{Mark, Memos};
use postmaster_plugins::state::base::{Basis, Bytes};
use postmaster_plugins::state::file::Found;
use postmaster_plugins::state::place::Place;
use postmaster_plugins::state::record::Record as _;
use postmaster_plugins::state::stream::Stored;
use proptest::prelude::*;
use std::path::Path;
use std::time::Duration;
use world::{Event, World};

const VIEWS: [&[&str]; 4] = [&[], &["-v"], &["--format", "json"], &["--report"]];

/// Compares after every event what the check finds, and what it says; where `true` stands, in all views: those that show all senders make
/// another base.
fn live_through(mut world: World, events: &[(Event, bool)]) {
    for (index, (event, all)) in events.iter().enumerate() {
        world.happen(event);
        let (without, with) = world.found();
        assert_eq!(with, without, "after {:?}", &events[..=index]);
        for view in VIEWS.iter().take(if *all { VIEWS.len() } else { 1 }) {
            let (without, with) = world.answers(view);
            assert_eq!(with, without, "{view:?} after {:?}", &events[..=index]);
        }
    }
}

fn event() -> impl Strategy<Value = Event> {
    let lines = (
        1..40_usize,
        any::<u64>(),
        prop_oneof![1..60_i64, 60..3600_i64, 3600..40_000_i64],
    );
    prop_oneof![
        6 => lines.prop_map(|(count, seed, gap)| Event::Lines { count, seed, gap }),
        1 => any::<u64>().prop_map(Event::HalfALine),
        2 => (0..200_000_i64).prop_map(Event::Wait),
        1 => any::<bool>().prop_map(|pack| Event::Rename { pack }),
        1 => Just(Event::CopyTruncate),
        1 => any::<bool>().prop_map(|pack| Event::Dated { pack }),
        1 => Just(Event::PackOldest),
        1 => Just(Event::DeleteOldest),
        1 => (-40_000..40_000_i64).prop_map(Event::SetClock),
        1 => any::<u64>().prop_map(Event::Whitelist),
        1 => Just(Event::Replace),
        1 => (0..1000_usize).prop_map(Event::DamageState),
        1 => (0..100_000_usize).prop_map(Event::DamageBase),
        1 => Just(Event::DropBase),
        1 => Just(Event::KeepBase),
        1 => Just(Event::OldBase),
        1 => (any::<u64>(), 0..80_000_i64).prop_map(|(seed, late)| Event::LateLine { seed, late }),
        1 => (1..9_usize).prop_map(Event::Rollback),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn with_and_without(traditional: bool, found: bool, as_of: bool, least in prop_oneof![Just(1_u64), Just(5)],
                        window in prop_oneof![Just("7d"), Just("all"), Just("36h"), Just("90m")],
                        events in proptest::collection::vec((event(), prop::bool::weighted(0.15)), 1..40)) {
        let mut world = World::new(traditional, found, as_of, window);
        world.least = least;
        live_through(world, &events);
    }
}

/// The clock was set back inside the log. Lines that were read when they were new lie behind the window now, before older ones at the log's
/// end: without a state file they are passed over unread, together with their block.
#[test]
fn what_left_the_window_before_the_end_of_a_log_is_not_its_newest() {
    for choice in 0..4_u8 {
        let world = World::new(choice & 1 != 0, choice & 2 != 0, false, "36h");
        let lines = |count, seed, gap| Event::Lines { count, seed, gap };
        let events = [
            (lines(1, 0, 1), false),
            (lines(5, 1_682_928_895_026_399_686, 7370), true),
            (Event::SetClock(-1164), false),
            (lines(32, 13_629_645_475_704_079_199, 17), true),
            (Event::Rename { pack: false }, false),
            (Event::SetClock(34_668), false),
            (Event::Wait(114_264), false),
        ];
        live_through(world, &events);
    }
}

proptest! {
    // Each answer asks a journalctl thrice.
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn a_journal_with_and_without(log in prop::bool::weighted(0.2), found: bool, least in prop_oneof![Just(1_u64), Just(5)],
                                  window in prop_oneof![Just("7d"), Just("all"), Just("36h"), Just("90m")],
                                  events in proptest::collection::vec((event(), prop::bool::weighted(0.1)), 1..20)) {
        let mut world = World::with_journal(log, found, window);
        world.least = least;
        live_through(world, &events);
    }
}

#[test]
fn a_run_that_is_out_of_time_forgets_nothing() {
    let mut world = World::new(false, true, false, "7d");
    world.answers(&[]);
    world.happen(&Event::Lines {
        count: 30,
        seed: 7,
        gap: 600,
    });
    let late = world.facts(Duration::ZERO);
    assert!(!late.partial.is_empty());
    let facts = world.facts(Duration::from_secs(60));
    assert_eq!(facts.resumed.as_deref(), Some("added"));
    let (without, with) = world.answers(&["--report"]);
    assert_eq!(with, without);
}

#[test]
fn renamed_copied_and_grown_logs_are_known_again() {
    for (event, how) in [
        (Event::Rename { pack: false }, "added"),
        (Event::Dated { pack: false }, "added"),
        (Event::CopyTruncate, "added"),
        (Event::HalfALine(3), "added"),
        (Event::Wait(100), "nothing new"),
        (
            Event::Whitelist(3),
            "read anew: other whitelists, grouping or zone",
        ),
        (
            Event::SetClock(-4000),
            "read anew: the window begins earlier",
        ),
    ] {
        let mut world = World::new(false, false, false, "7d");
        world.answers(&[]);
        world.happen(&event);
        let (facts, bytes) = world.facts_and_bytes(Duration::from_secs(60));
        assert_eq!(facts.resumed.as_deref(), Some(how), "{event:?}");
        // A line at most, or all twenty.
        assert_eq!(
            bytes > 300,
            how.starts_with("read anew"),
            "{event:?}: {bytes}"
        );
    }
}

/// What a little that is new costs is what this is for: only a look at all that is remembered may come in its place.
#[test]
fn what_is_new_is_added_to_the_base_until_an_hour_is_over() {
    let mut world = World::new(false, false, false, "7d");
    let few = |seed| Event::Lines {
        count: 3,
        seed,
        gap: 2,
    };
    let lines = Event::Lines {
        count: 30,
        seed: 6,
        gap: 2,
    };
    let rows = [
        ("the first run", Event::Wait(0), "read anew: there was none"),
        ("lines", few(1), "added"),
        ("more lines", few(2), "added"),
        ("the start of a line", Event::HalfALine(3), "added"),
        ("its end", few(4), "added"),
        ("a log begins", Event::Rename { pack: false }, "added"),
        ("lines in it", few(5), "added"),
        ("an hour is over", Event::Wait(3600), "nothing new"),
        (
            "the oldest hour is over",
            Event::Wait(7 * 86_400),
            "read on",
        ),
        ("lines again", lines, "added"),
        ("a mail is given up", Event::Wait(2 * 86_400), "added"),
        (
            "a late line",
            Event::LateLine { seed: 2, late: 60 },
            "added",
        ),
        ("the base is lost", Event::DropBase, "nothing new"),
        ("and needed", few(7), "read anew: its base is missing"),
        ("the clock is set back", Event::SetClock(-2), "read on"),
    ];
    for (name, event, how) in rows {
        world.happen(&event);
        let facts = world.facts(Duration::from_secs(60));
        assert_eq!(facts.resumed.as_deref(), Some(how), "{name}");
        let (without, with) = world.found();
        assert_eq!(with, without, "{name}");
    }
}

#[test]
fn forged_bytes_with_right_checksums_end_nothing() {
    let mut world = World::new(false, false, false, "7d");
    world.answers(&[]);
    world.happen(&Event::Lines {
        count: 30,
        seed: 3,
        gap: 2,
    });
    let place = Place::new(&world.state(), &Identity::current(Path::new("/")));
    let Found::Whole(state) = place.open().unwrap() else {
        panic!("no state");
    };
    let small = [0, 1, 2, 3].map(|number| state.section(number).unwrap().unwrap());
    let seal = world.seal();
    let Basis::Whole(base) = place.open_base(seal).unwrap() else {
        panic!("no base");
    };
    let good: Vec<Vec<u8>> = (0..18).map(|number| base.whole(number).unwrap()).collect();
    for (number, section) in good.iter().enumerate() {
        for at in (number % 7..section.len()).step_by(17) {
            let mut forged = good.clone();
            forged[number][at] ^= [0x01, 0x80, 0xff][at % 3];
            let bytes = based(forged);
            let new = world::with_sum(seal, &bytes);
            let small = world::sealed(small.clone(), seal, new);
            world.forge(&place, &small, &bytes, new);
            // Another number may be the answer, but there is an answer.
            let with = world.answer(&[], Some(world.state()));
            assert!(with.contains("senders="), "{number} {at}: {with}");
        }
    }
    let bytes = based(good);
    let new = world::with_sum(seal, &bytes);
    let small = world::sealed(small, seal, new);
    for (number, section) in small.iter().enumerate() {
        for at in (number..section.len()).step_by(11) {
            let mut forged = small.clone();
            forged[number][at] ^= [0x01, 0x80, 0xff][at % 3];
            world.forge(&place, &forged, &bytes, new);
            for view in [&[][..], &["-v"]] {
                let with = world.answer(view, Some(world.state()));
                assert!(with.contains("senders="), "{number} {at}: {with}");
            }
        }
    }
}

/// How the journal is asked, and what is made of it.
#[test]
fn the_journal_is_read_on_behind_its_last_entry() {
    let few = |seed| Event::Lines {
        count: 3,
        seed,
        gap: 2,
    };
    let rotate = Event::Rename { pack: false };
    const GONE: &str = "read anew: no log is the one that was remembered";
    let (on, anew) = (&["--cursor"][..], &["--since"][..]);
    let rows = [
        (
            "the first run",
            Event::Wait(0),
            anew,
            "read anew: there was none",
        ),
        ("nothing", Event::Wait(60), on, "added"),
        ("entries", few(1), on, "added"),
        ("a rotation", rotate.clone(), on, "added"),
        ("entries behind it", few(2), on, "added"),
        ("another boot", Event::Dated { pack: false }, on, "added"),
        (
            "an entry that is late",
            Event::LateLine { seed: 2, late: 60 },
            on,
            "added",
        ),
        (
            "the oldest file is deleted, it lay before the window",
            Event::DeleteOldest,
            on,
            "added",
        ),
        (
            "another file is deleted, it was counted",
            Event::PackOldest,
            anew,
            GONE,
        ),
        ("entries again", few(3), on, "added"),
        ("the machine goes back", Event::Rollback(4), anew, GONE),
        ("entries once more", few(5), on, "added"),
        ("all is copied", Event::CopyTruncate, anew, GONE),
        (
            "the first hours are over",
            Event::Wait(7 * 86_400),
            on,
            "read on",
        ),
        ("and entries again", few(4), on, "added"),
        ("all is over", Event::Wait(8 * 86_400), anew, GONE),
        (
            "the clock is set back by much",
            Event::SetClock(-80_000),
            anew,
            "read anew: the window begins earlier",
        ),
    ];
    let mut world = World::with_journal(false, true, "7d");
    for (name, event, asked, how) in rows {
        world.happen(&event);
        world.journal.as_ref().unwrap().asked();
        let facts = world.facts(Duration::from_secs(60));
        let words = world.journal.as_ref().unwrap().asked();
        assert_eq!(facts.resumed.as_deref(), Some(how), "{name}: {words:?}");
        assert_eq!(words.len(), asked.len(), "{name}: {words:?}");
        for (words, asked) in words.iter().zip(asked) {
            assert!(words.contains(asked), "{name}: {words}");
        }
        let (without, with) = world.found();
        assert_eq!(with, without, "{name}");
    }
}

/// What the journal has of the time before the log's end is not read, and says nothing of what was.
#[test]
fn behind_a_log_the_journal_begins_where_that_ends() {
    let mut world = World::with_journal(true, true, "all");
    for event in [Event::Wait(1), Event::Replace, Event::DeleteOldest] {
        world.happen(&event);
        let (without, with) = world.found();
        assert_eq!(with, without, "{event:?}");
        assert!(
            with.contains("\"oldest\": \"2026-11-21T0"),
            "{event:?}: {with}"
        );
    }
}

/// Postgrey does not write to Postfix's own log: however fresh that is, the journal is asked where syslog has no log or an old one.
#[test]
fn a_fresh_log_of_postfix_is_no_reason_not_to_ask_the_journal() {
    let lines = |seed| Event::Lines {
        count: 20,
        seed,
        gap: 2,
    };
    let journal = |world: &World| world.journal.as_ref().unwrap().asked().len();
    for (name, world, asked) in [
        ("no log", World::with_journal(false, true, "7d"), true),
        ("an old log", World::behind_a_log(4000, "7d"), true),
        (
            "a log that becomes old",
            World::behind_a_log(3000, "7d"),
            false,
        ),
    ] {
        let mut world = world.with_a_log_of_postfix();
        world.happen(&lines(5));
        let (before, with) = world.found();
        assert_eq!(with, before, "{name}");
        assert_eq!(journal(&world) > 0, asked, "{name}");
        world.happen(&lines(6));
        world.happen(&Event::Wait(900));
        let facts = world.facts(Duration::from_secs(60));
        assert_ne!(facts.resumed.as_deref(), Some("nothing new"), "{name}");
        assert!(journal(&world) > 0, "{name}");
        let (without, with) = world.found();
        assert_eq!(with, without, "{name}");
        assert_ne!(without, before, "{name}");
    }
}

/// What Postfix writes to a log of its own beside a fresh one of syslog's makes no difference: where nothing is new, no log is read.
#[test]
fn beside_a_fresh_log_nothing_new_is_seen_without_the_journal() {
    let mut world = World::behind_a_log(60, "7d").with_a_log_of_postfix();
    world.found();
    world.happen(&Event::Wait(60));
    let facts = world.facts(Duration::from_secs(60));
    assert_eq!(facts.resumed.as_deref(), Some("nothing new"));
    assert_eq!(world.journal.as_ref().unwrap().asked(), [""; 0]);
}

#[test]
fn a_journalctl_that_fails_makes_nothing_forgotten() {
    for log in [false, true] {
        let mut world = World::with_journal(log, true, "7d");
        world.answers(&[]);
        world.journal.as_ref().unwrap().fail(true);
        let (without, with) = world.answers(&[]);
        assert_eq!(with, without);
        assert!(with.contains("journalctl says: No such thing"), "{with}");
        let (without, with) = world.answers(&["-v"]);
        assert_eq!(with, without);
        world.journal.as_ref().unwrap().fail(false);
        world.happen(&Event::Lines {
            count: 3,
            seed: 7,
            gap: 2,
        });
        let late = world.facts(Duration::ZERO);
        assert!(!late.partial.is_empty());
        let facts = world.facts(Duration::from_secs(60));
        assert_eq!(facts.resumed.as_deref(), Some("added"), "{log}");
    }
}

#[test]
fn as_of_another_time_the_journal_is_read_anew() {
    let mut world = World::with_journal(false, true, "7d");
    world.as_of = true;
    for _ in 0..2 {
        let (without, with) = world.answers(&[]);
        assert_eq!(with, without);
        let facts = world.facts(Duration::from_secs(60));
        let why = "not used: the journal is remembered as of now only";
        assert_eq!(facts.resumed.as_deref(), Some(why));
    }
}

/// A base of these sections.
fn based(sections: Vec<Vec<u8>>) -> Bytes {
    Bytes::new(sections.into_iter().map(Into::into).collect(), 1).unwrap()
}

/// What fuzzing begins with is what the check writes.
#[test]
fn the_seed_of_fuzzing_is_a_summary() {
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/state_summary/captured");
    let bytes = std::fs::read(seed).unwrap();
    let mut rest = bytes.as_slice();
    let summary = Summary::read(&mut rest).unwrap();
    assert!(rest.is_empty() && summary.facts.senders.len() > 3);
    let mut again = Vec::new();
    summary.write(&mut again);
    assert!(again == bytes);
}

/// For a file and for the journal.
#[test]
fn the_seeds_of_fuzzing_are_memos() {
    for (name, is_journal) in [("captured", false), ("journal", true)] {
        let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/state_memos");
        let bytes = std::fs::read(seed.join(name)).unwrap();
        let (length, rest) = bytes.split_first_chunk().unwrap();
        let (memos, runs) = rest.split_at(u64::from_le_bytes(*length) as usize);
        let found = Memos::read(memos, &[Stored::Here(runs)]).unwrap();
        assert!(
            matches!(found[0].mark, Mark::Journal(_)) == is_journal,
            "{name}"
        );
        assert!(!found[0].runs.is_empty(), "{name}");
        let mut again = Memos::default();
        assert!(found.iter().all(|memo| again.add(memo).is_some()));
        let (same, spool) = again.finish();
        assert_eq!(same, memos, "{name}");
        assert_eq!(spool.into_bytes().unwrap(), runs, "{name}");
    }
}
