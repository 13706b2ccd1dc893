//! Recipients that Exim skipped, and why.

use crate::checks::mailq::trails::Trails;
use crate::delivery::event::Outcome;
use crate::log::entry::Line;
use crate::log::fold::Tally;
use crate::log::stamp::{self, Stamp};
use proptest::prelude::*;

/// What a domain says when it refuses.
const NO: &str = "554 no";

/// A line of Exim, so many minutes after 10:00: `m1 == a@x NO`, `m1 == a@x -53`, `m1 ** a@x -53`, `m1 => a@x`.
fn line(minute: usize, message: &str, flag: &str, recipient: &str, what: &str) -> String {
    let fields = match (flag, what) {
        ("=>", _) => String::from("R=dnslookup T=remote_smtp H=mx.x [192.0.2.1] C=\"250 ok\""),
        ("==", "-53") => String::from(
            "R=dnslookup T=remote_smtp defer (-53): retry time not reached for any host",
        ),
        (_, "-53") => String::from("R=dnslookup T=remote_smtp: retry timeout exceeded"),
        (_, "-big") => String::from("R=dnslookup T=remote_smtp: message too big for transport"),
        (_, reply) => format!(
            "R=dnslookup T=remote_smtp defer (-46) H=mx.x [192.0.2.1]: SMTP error from remote mail server after end of data: {reply}"
        ),
    };
    format!(
        "2026-11-21T10:{minute:02}:00+00:00 1xUg39-0000{message}-1p {flag} {recipient} {fields}"
    )
}

/// `m1 == a@x NO`
fn read(minute: usize, row: &str) -> String {
    let words: Vec<&str> = row.split(' ').collect();
    let what = words
        .get(3)
        .map_or("", |what| if *what == "NO" { NO } else { *what });
    line(minute, words[0], words[1], words[2], what)
}

fn trails(lines: &[String]) -> Trails {
    let mut trails = Trails::default();
    for line in lines {
        let (stamp, form, rest) = stamp::parse(line.as_bytes()).unwrap();
        let Stamp::Instant(at) = stamp else {
            panic!("{line}");
        };
        trails.see(&Line { at, form, rest });
    }
    trails
}

/// `m1 a@x Deferred REASON`, sorted.
fn shown(trails: Trails) -> Vec<String> {
    let trails = trails.settled().adopted();
    let mut all: Vec<String> = trails
        .rest()
        .into_iter()
        .flat_map(|(id, trail)| {
            let expired = if trail.expired.is_some() {
                " expired"
            } else {
                ""
            };
            trail.replies.iter().map(move |r| {
                let outcome = match r.outcome {
                    Outcome::Sent => "sent",
                    Outcome::Deferred => "waits",
                    Outcome::Bounced => "bounced",
                };
                let reason = r.reason.replace("host mx.x[192.0.2.1] said: ", "");
                let reason = reason.replace("delivery temporarily suspended: ", "as others: ");
                format!(
                    "{} {} {outcome} {reason}{expired}",
                    &id[11..13],
                    r.recipient.as_deref().unwrap_or("*")
                )
            })
        })
        .collect();
    all.sort();
    all
}

#[test]
fn what_others_were_told_is_the_reason() {
    for (name, rows, expected) in [
        (
            "one real line, two that follow",
            &["m1 == a@x NO", "m2 == b@X -53", "m3 == c@x -53"][..],
            &[
                "m1 a@x waits 554 no",
                "m2 b@X waits as others: 554 no",
                "m3 c@x waits as others: 554 no",
            ][..],
        ),
        (
            "what fails on our side is no word of the domain",
            &["m1 == a@x NO", "m4 ** d@x -big", "m2 ** b@x -53"],
            &[
                "m1 a@x waits 554 no",
                "m2 b@x waits as others: 554 no expired",
                "m4 d@x bounced message too big for transport",
            ],
        ),
        (
            "nothing is known",
            &["m1 == a@y NO", "m2 == b@x -53"],
            &["m1 a@y waits 554 no"],
        ),
        (
            "a reason that comes later is not one yet",
            &["m2 == b@x -53", "m1 == a@x NO"],
            &["m1 a@x waits 554 no"],
        ),
        (
            "the domain took a message since",
            &["m1 == a@x NO", "m3 => c@x", "m2 == b@x -53"],
            &["m1 a@x waits 554 no"],
        ),
        (
            "and refused again",
            &[
                "m1 == a@x NO",
                "m3 => c@x",
                "m2 == b@x -53",
                "m1 == a@x 421",
                "m2 == b@x -53",
            ],
            &["m1 a@x waits 421", "m2 b@x waits as others: 421"],
        ),
        (
            "its own reason is the better one",
            &[
                "m1 == a@x NO",
                "m2 == b@x 451",
                "m1 == a@x NO",
                "m2 == b@x -53",
            ],
            &["m1 a@x waits 554 no", "m2 b@x waits 451"],
        ),
        (
            "it went out",
            &["m1 == a@x NO", "m2 == b@x -53", "m2 => b@x"],
            &["m1 a@x waits 554 no"],
        ),
        (
            "given up at once",
            &["m1 == a@x NO", "m2 ** b@x -53"],
            &[
                "m1 a@x waits 554 no",
                "m2 b@x waits as others: 554 no expired",
            ],
        ),
    ] {
        let lines: Vec<String> = rows
            .iter()
            .enumerate()
            .map(|(n, row)| read(n, row))
            .collect();
        assert_eq!(shown(trails(&lines)), expected, "{name}");
    }
}

proptest! {
    #[test]
    fn a_log_may_be_cut_anywhere(script in proptest::collection::vec((0usize..3, 0usize..2, 0usize..6), 0..40), cuts in proptest::collection::vec(0usize..40, 0..4)) {
        let lines: Vec<String> = script.iter().enumerate().map(|(minute, (message, domain, kind))| {
            let (flag, what) = [("==", "NO"), ("==", "421"), ("==", "-53"), ("==", "-53"), ("**", "-53"), ("=>", "")][*kind];
            read(minute, &format!("m{message} {flag} a@{} {what}", ["x", "Y"][*domain]))
        }).collect();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(lines.len())).chain([lines.len()]).collect();
        cuts.sort_unstable();
        let (mut parts, mut start) = (Vec::new(), 0);
        for end in cuts {
            parts.push(trails(&lines[start..end]));
            start = end;
        }
        // From the right, so that a part joined already is joined to one before it.
        let joined = parts.into_iter().rev().reduce(|later, mut earlier| {
            earlier.join(later);
            earlier
        });
        prop_assert_eq!(shown(joined.unwrap_or_default()), shown(trails(&lines)));
    }
}
