//! With a state file and without: the same words, the same exit status, whatever happens to the logs between two runs.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "state/world.rs"]
mod world;

use postmaster_plugins::host::access::Identity;
use postmaster_plugins::state::file::{Found, Place};
use proptest::prelude::*;
use std::path::Path;
use std::time::Duration;
use world::{Event, World};

const VIEWS: [&[&str]; 4] = [&[], &["-v"], &["--format", "json"], &["--report"]];

/// Compares after every event, in several views.
fn live_through(mut world: World, events: &[Event]) {
    for (index, event) in events.iter().enumerate() {
        world.happen(event);
        for view in VIEWS {
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
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn with_and_without(traditional: bool, found: bool, as_of: bool,
                        window in prop_oneof![Just("7d"), Just("all"), Just("36h"), Just("90m")],
                        events in proptest::collection::vec(event(), 1..25)) {
        live_through(World::new(traditional, found, as_of, window), &events);
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
    assert_eq!(facts.resumed.as_deref(), Some("read on"));
    let (without, with) = world.answers(&["--report"]);
    assert_eq!(with, without);
}

#[test]
fn renamed_copied_and_grown_logs_are_known_again() {
    for (event, how) in [
        (Event::Rename { pack: false }, "read on"),
        (Event::Dated { pack: false }, "read on"),
        (Event::CopyTruncate, "read on"),
        (Event::HalfALine(3), "read on"),
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

#[test]
fn forged_bytes_with_right_checksums_end_nothing() {
    let world = World::new(false, false, false, "7d");
    world.answers(&[]);
    let place = Place::new(&world.state(), &Identity::current(Path::new("/")));
    let Found::Whole(state) = place.open().unwrap() else {
        panic!("no state");
    };
    let good = [0, 1, 2].map(|number| state.section(number).unwrap().unwrap());
    for (number, section) in good.iter().enumerate() {
        for at in (number..section.len()).step_by(11) {
            let mut forged = good.clone();
            forged[number][at] ^= [0x01, 0x80, 0xff][at % 3];
            place.write(forged.each_ref().map(Vec::as_slice)).unwrap();
            // Another number may be the answer, but there is an answer.
            let with = world.answer(&["--format", "json"], Some(world.state()));
            assert!(with.contains("\"facts\": {"), "{number} {at}: {with}");
        }
    }
}
