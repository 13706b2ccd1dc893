//! What a log tells of each message, joined in any grouping.

use super::*;
use crate::host::time::SECOND;
use crate::log::stamp;
use crate::log::stamp::Stamp;
use proptest::prelude::*;

/// With room for all.
impl Default for Trails {
    fn default() -> Self {
        Self::within(Arc::new(Budget::new(usize::MAX)))
    }
}

fn see(trails: &mut Trails, line: &str) {
    let (stamp, form, rest) = stamp::parse(line.as_bytes()).unwrap();
    let Stamp::Instant(at) = stamp else {
        panic!("{line}");
    };
    trails.see(&Line { at, form, rest });
}

fn trails(lines: &[String]) -> Trails {
    let mut trails = Trails::default();
    lines.iter().for_each(|line| see(&mut trails, line));
    trails
}

/// A line of Postfix, `second` seconds after 10:00.
fn line(second: u32, program: &str, message: &str) -> String {
    let (minute, second) = (second / 60, second % 60);
    format!("2026-11-21T10:{minute:02}:{second:02}+00:00 vm postfix/{program}[1]: {message}")
}

fn tried(second: u32, id: &str, to: &str, delay: u32, status: &str) -> String {
    let message = format!(
        "{id}: to=<{to}>, relay=mx.b.example[192.0.2.1]:25, delay={delay}, delays=0/0/0/0, dsn=4.0.0, status={status}"
    );
    line(second, "smtp", &message)
}

const REFUSED: &str = "host mx0.b.example[192.0.2.2] refused to talk to me: 554 no";

/// id, arrival in seconds after 10:00, sender, replies: all that is kept, sorted.
fn shown(trails: &Trails) -> Vec<String> {
    let start = trails.first.unwrap_or_default();
    let mut all: Vec<String> = trails
        .rest()
        .into_iter()
        .map(|(id, trail)| {
            let replies: Vec<String> = trail
                .replies
                .iter()
                .map(|r| {
                    format!(
                        "{}={:?} {:?}",
                        r.recipient.as_deref().unwrap_or("*"),
                        r.outcome,
                        r.reason
                    )
                })
                .collect();
            let arrival = trail.arrival.map(|at| (at - start) / SECOND);
            format!("{id} {arrival:?} {:?} {}", trail.sender, replies.join(", "))
        })
        .collect();
    all.sort();
    all
}

#[test]
fn one_message() {
    let found = trails(&[
        line(
            0,
            "qmgr",
            "B0169992181: from=<a@x>, size=3, nrcpt=1 (queue active)",
        ),
        line(1, "smtp", &format!("B0169992181: {REFUSED}")),
        tried(1, "B0169992181", "c@b", 1, "deferred (later)"),
        tried(100, "B0169992181", "c@b", 100, "sent (ok)"),
        tried(100, "B0169992181", "d@b", 100, "bounced (no)"),
        line(101, "qmgr", "B0169992181: removed"),
    ]);
    assert_eq!(
        shown(&found),
        [format!(
            "B0169992181 Some(0) Some(\"a@x\") *=Sent \"{REFUSED}\", c@b=Sent \"later\", d@b=Bounced \"no\""
        )]
    );
    let since = found.first.unwrap();
    assert_eq!(found.accepted_since("b.example", since), 1);
    assert_eq!(found.accepted_since("b.example", since + 100 * SECOND), 0);
}

#[test]
fn messages_that_were_never_refused_are_forgotten() {
    let lines = [
        tried(0, "B0169992182", "c@b", 0, "deferred (later)"),
        line(
            10,
            "qmgr",
            "B0169992181: from=<a@x>, size=3, nrcpt=1 (queue active)",
        ),
        tried(11, "B0169992181", "c@b", 1, "sent (ok)"),
        line(11, "qmgr", "B0169992181: removed"),
    ];
    assert_eq!(
        shown(&trails(&lines)),
        ["B0169992182 Some(0) None c@b=Deferred \"later\""]
    );
}

#[test]
fn a_later_delivery_settles_whatever_the_recipient_had_before() {
    let lines = [
        tried(90, "B0169992181", "c@b", 90, "sent (ok)"),
        line(170, "smtp", &format!("B0169992181: {REFUSED}")),
        tried(230, "B0169992181", "c@b", 230, "deferred (later)"),
        tried(240, "B0169992181", "c@b", 240, "sent (ok)"),
    ];
    let mut joined = trails(&lines[..2]);
    joined.join(trails(&lines[2..]));
    assert_eq!(shown(&joined), shown(&trails(&lines)));
    assert!(shown(&joined)[0].contains("*=Sent"), "{:?}", shown(&joined));
}

#[test]
fn messages_come_in_the_order_of_the_log() {
    let lines: Vec<String> = (0..40)
        .map(|n| {
            tried(
                n,
                &format!("B01699921{:02}", 40 - n),
                "c@b",
                0,
                "deferred (later)",
            )
        })
        .collect();
    let found = trails(&lines);
    let ids: Vec<&str> = found.rest().iter().map(|(id, _)| *id).collect();
    let expected: Vec<String> = (0..40).map(|n| format!("B01699921{:02}", 40 - n)).collect();
    assert_eq!(ids, expected);
}

#[test]
fn short_ids_are_used_again() {
    let again = [
        tried(5, "B0169992181", "c@b", 5, "bounced (one)"),
        line(6, "qmgr", "B0169992181: removed"),
        tried(30, "B0169992181", "d@b", 1, "deferred (two)"),
    ];
    let arrivals = |found: &Trails| {
        found
            .rest()
            .iter()
            .map(|(_, t)| t.arrival.map(|at| (at - found.first.unwrap()) / SECOND))
            .collect::<Vec<_>>()
    };
    assert_eq!(arrivals(&trails(&again)), [Some(-5), Some(24)]);
    let unseen_removal = [again[0].clone(), again[2].clone()];
    let mut found = trails(&unseen_removal);
    assert_eq!(arrivals(&found), [Some(-5), Some(24)]);
    let first = found.first.unwrap();
    assert_eq!(
        found.take("postfix", "B0169992181", Some(first + 500 * SECOND)),
        None
    );
    assert_eq!(
        found.take("postfix-out", "B0169992181", Some(first + 24 * SECOND)),
        None
    );
    let taken = found
        .take("postfix", "B0169992181", Some(first + 24 * SECOND))
        .unwrap();
    assert_eq!(taken.replies[0].reason, "two");
    assert_eq!(arrivals(&found), [Some(-5)]);
}

#[test]
fn refusals_without_recipient_have_no_arrival_but_never_come_before_the_message() {
    let lines = [line(50, "smtp", &format!("B0169992181: {REFUSED}"))];
    let first = trails(&lines).first.unwrap();
    assert!(
        trails(&lines)
            .take("", "B0169992181", Some(first - 9 * SECOND))
            .is_some()
    );
    assert!(
        trails(&lines)
            .take("", "B0169992181", Some(first + 9 * SECOND))
            .is_none()
    );
}

/// A server that greylists in other words each time does not hide what is said later.
#[test]
fn of_many_refusals_the_last_are_kept() {
    let said = |n: u32| {
        line(
            n,
            "smtp",
            &format!("B0169992181: host mx.b[192.0.2.1] said: 450 wait {n} s"),
        )
    };
    let mut lines: Vec<String> = (1..20).map(said).collect();
    lines.push(line(20, "smtp", &format!("B0169992181: {REFUSED}")));
    let mut found = trails(&lines);
    let taken = found.take("", "B0169992181", None).unwrap();
    let reasons: Vec<&str> = taken
        .replies
        .iter()
        .map(|reply| reply.reason.as_ref())
        .collect();
    assert_eq!(reasons.len(), 8);
    assert!(
        reasons.contains(&REFUSED) && !reasons.iter().any(|reason| reason.ends_with("wait 12 s"))
    );
}

/// What is true of one recipient is true of each of many.
#[test]
fn a_message_to_many() {
    let status = |n: u32| ["sent (ok)", "bounced (no)", "deferred (again)"][n as usize % 3];
    let first = (0..99).map(|n| tried(1, "B0169992181", &format!("u{n}@b"), 1, "deferred (later)"));
    let then = (0..99).map(|n| tried(200, "B0169992181", &format!("u{n}@b"), 200, status(n)));
    let taken = (99..199).map(|n| tried(200, "B0169992181", &format!("u{n}@b"), 200, "sent (ok)"));
    let twice =
        (99..199).map(|n| tried(201, "B0169992181", &format!("u{n}@b"), 201, "bounced (no)"));
    let lines: Vec<String> = first.chain(then).chain(taken).chain(twice).collect();
    let found = trails(&lines);
    let (_, trail) = found.rest()[0];
    let count = |outcome| {
        trail
            .replies
            .iter()
            .filter(|r| r.outcome == outcome)
            .count()
    };
    let counts = [Outcome::Sent, Outcome::Bounced, Outcome::Deferred].map(count);
    assert_eq!((counts, trail.replies.len()), ([33; 3], 99));
}

/// `-o syslog_name=out` in master.cf: the queue manager's lines bear another name. Instances may have the same id at the same time.
#[test]
fn a_transport_is_no_instance() {
    let out = |line: String| line.replace(" postfix/", " out/");
    let queued = |second| {
        line(
            second,
            "qmgr",
            "B0169992181: from=<a@x>, size=3, nrcpt=1 (queue active)",
        )
    };
    let expired = line(
        100,
        "qmgr",
        "B0169992181: from=<a@x>, status=expired, returned to sender",
    );
    let removed = |second| line(second, "qmgr", "B0169992181: removed");
    let one = "B0169992181 Some(0) Some(\"a@x\") c@b=Deferred \"later\"";
    let transport = [
        queued(0),
        out(tried(1, "B0169992181", "c@b", 1, "deferred (later)")),
        expired,
        removed(101),
    ];
    let again = [
        queued(200),
        out(tried(201, "B0169992181", "d@b", 1, "bounced (no)")),
        removed(202),
    ];
    let instances = [
        queued(0),
        out(queued(0)),
        tried(1, "B0169992181", "c@b", 1, "deferred (later)"),
        out(tried(2, "B0169992181", "c@b", 2, "deferred (later)")),
        tried(9, "B0169992181", "c@b", 9, "deferred (later)"),
    ];
    for (name, lines, expected) in [
        ("a transport", transport.to_vec(), vec![one]),
        (
            "the id again",
            [&transport[..], &again].concat(),
            vec![
                one,
                "B0169992181 Some(200) Some(\"a@x\") d@b=Bounced \"no\"",
            ],
        ),
        ("two instances", instances.to_vec(), vec![one, one]),
    ] {
        let found = trails(&lines).adopted();
        assert_eq!(shown(&found), expected, "{name}");
        let expired = found
            .rest()
            .iter()
            .any(|(_, trail)| trail.expired.is_some());
        assert_eq!(expired, name != "two instances", "{name}");
    }
    for (names, left) in [(&["out"][..], 1), (&["postfix", "out"], 2), (&["other"], 0)] {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let found = trails(&instances).adopted().only(&names);
        assert_eq!(found.rest().len(), left, "{names:?}");
        let found = trails(&transport[1..2]).only(&names);
        assert_eq!(found.rest().len(), 1, "of {names:?}, or not");
    }
    let mut found = trails(&instances).adopted();
    assert!(found.take("out", "B0169992181", None).is_some());
    assert!(found.take("out", "B0169992181", None).is_none());
    // Its lines may begin behind the queue manager's.
    let mut found = trails(&[
        queued(0).replace("B0169992181", "B0169992182"),
        transport[1].clone(),
    ]);
    assert!(found.take("other", "B0169992181", None).is_none());
    assert!(found.take("postfix", "B0169992181", None).is_some());
}

/// What comes behind the last byte of the budget is counted as not counted, and what leaves makes room.
#[test]
fn a_budget_ends() {
    let deferred = |n: usize| tried(1, &format!("B{n:010X}"), "c@b", 1, "deferred (later)");
    let gone = |n: usize| {
        let id = format!("B{n:010X}");
        [
            tried(200, &id, "c@b", 1, "sent (ok)"),
            line(201, "qmgr", &format!("{id}: removed")),
        ]
    };
    let removed = |n: usize| line(300, "qmgr", &format!("B{n:010X}: removed"));
    let skipped = |n: usize| {
        format!(
            "2026-11-21T08:00:01+00:00 1xUg39-{n:06}-1p == u{n}@b.example R=r T=t defer (-53): retry time not reached for any host"
        )
    };
    let first = line(0, "qmgr", "B0169992181: removed");
    for (name, lines, kept, uncounted) in [
        (
            "nobody leaves",
            (0..100).map(deferred).collect::<Vec<_>>(),
            61,
            39,
        ),
        ("all leave", (0..100).flat_map(gone).collect(), 0, 0),
        (
            "those that are not counted leave",
            (0..100)
                .map(deferred)
                .chain((0..100).map(removed))
                .collect(),
            61,
            39,
        ),
        ("skipped by Exim", (0..100).map(skipped).collect(), 0, 47),
    ] {
        // A portion is taken at a time: when the last one is, the budget is spent.
        let mut found = Trails::within(Arc::new(Budget::new(4 * PORTION)));
        for line in std::iter::once(&first).chain(&lines) {
            see(&mut found, line);
        }
        assert!(found.trails.len() <= kept + 1, "{name}");
        assert_eq!(
            (found.rest().len(), found.uncounted()),
            (kept, uncounted),
            "{name}"
        );
        let mut joined = Trails::within(Arc::new(Budget::new(usize::MAX)));
        joined.join(found);
        assert_eq!(
            (joined.rest().len(), joined.uncounted()),
            (kept, uncounted),
            "{name}, joined"
        );
    }
}

/// Exim notes a message as it comes, so all of its history is known.
#[test]
fn delivered_messages_of_exim_are_forgotten() {
    let at = |second: u32, text: &str| format!("2026-11-21T08:00:{second:02}+00:00 {text}");
    let id = "1xUg39-0000Kx-1p";
    let found = trails(&[
        at(0, "1xUg39-0000Kw-1p <= a@lab.example U=root P=local S=306"),
        at(10, &format!("{id} <= a@lab.example U=root P=local S=306")),
        at(
            11,
            &format!(
                "{id} == b@x.example R=r T=t defer (-53): retry time not reached for any host"
            ),
        ),
        at(
            12,
            &format!("{id} => b@x.example R=r T=t H=mx.x.example [192.0.2.1] C=\"250 ok\""),
        ),
        at(13, &format!("{id} Completed")),
    ]);
    assert_eq!((found.trails.len(), found.suspended.filled()), (1, 0));
}

#[test]
fn exim_lines() {
    let log = include_str!("../../../../fixtures/mailq/exim-mainlog");
    let lines: Vec<String> = log
        .lines()
        .filter(|line| line.starts_with("2026"))
        .map(|line| format!("{}+00:00{}", line[..19].replace(' ', "T"), &line[19..]))
        .collect();
    let mut found = trails(&lines);
    let trail = found.take("exim", "1xUg39-0000Ll-27", None).unwrap();
    assert_eq!(trail.sender.as_deref(), Some("news@lab.example"));
    assert!(trail.replies.iter().any(|r| {
        r.recipient.as_deref() == Some("dora@live.com")
            && r.reason.starts_with(
                "host live-com.olc.protection.outlook.com[127.0.1.3] said: 451 4.7.650",
            )
    }));
    let bounced = found.take("exim", "1xUg39-0000Kx-1p", None).unwrap();
    assert_eq!(
        bounced
            .replies
            .iter()
            .filter(|r| r.outcome == Outcome::Bounced)
            .count(),
        1
    );
}

/// A line of one of four messages; the last one has the id of the first in another instance.
fn any_line() -> impl Strategy<Value = (u8, u8)> {
    (0u8..4, 0u8..7)
}

proptest! {
    #[test]
    fn a_log_may_be_cut_anywhere(script in proptest::collection::vec(any_line(), 0..40), cuts in proptest::collection::vec(0usize..40, 0..3)) {
        let mut born = [None; 4];
        let lines: Vec<String> = script.iter().enumerate().map(|(index, (message, kind))| {
            let second = index as u32 * 10;
            let id = format!("B016999218{}", message % 3);
            // The first life began before the log, the next one with the first line behind a removal.
            let born = &mut born[usize::from(*message)];
            let delay = second - born.unwrap_or(0);
            let text = match kind {
                0 => line(second, "qmgr", &format!("{id}: from=<s{message}@x>, size=3, nrcpt=1 (queue active)")),
                1 => line(second, "smtp", &format!("{id}: {REFUSED}")),
                2 => tried(second, &id, "c@b", delay, "deferred (later)"),
                3 => tried(second, &id, "c@b", delay, "sent (ok)"),
                4 => tried(second, &id, "d@b", delay, "bounced (no)"),
                5 => line(second, "qmgr", &format!("{id}: from=<s>, status=expired, returned to sender")),
                _ => {
                    *born = Some(second + 10);
                    line(second, "qmgr", &format!("{id}: removed"))
                }
            };
            match message {
                3 => text.replace(" postfix/", " out/"),
                _ => text,
            }
        }).collect();
        let whole = trails(&lines);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(lines.len())).collect();
        cuts.sort_unstable();
        let (mut joined, mut start) = (Trails::default(), 0);
        for end in cuts.into_iter().chain([lines.len()]) {
            joined.join(trails(&lines[start..end]));
            start = end;
        }
        let refused = |trails: &Trails| -> Vec<String> {
            let mut all: Vec<String> = trails.rest().iter().map(|(id, t)| format!("{id} {t:?}")).collect();
            all.sort();
            all
        };
        prop_assert_eq!(refused(&joined), refused(&whole));
        let start = whole.first.unwrap_or_default();
        for second in [0, 50, 200] {
            let since = start + second * SECOND;
            prop_assert_eq!(joined.accepted_since("b.example", since), whole.accepted_since("b.example", since));
        }
    }
}
