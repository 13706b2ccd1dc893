//! From facts to a state. A pure function.

use super::facts::{Facts, SenderFacts};
use super::options::AlertOn;
use super::plan::Plan;
use crate::plugin::state::State;
use crate::postgrey::verdict::Verdict;

/// The judgement: the same in every view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The state.
    pub state: State,
    /// How many senders count.
    pub senders: u64,
    /// Whether there may be more, because something was not read.
    pub at_least: bool,
}

/// Whether a sender with enough tries raises the alarm.
pub fn counts(sender: &SenderFacts, plan: &Plan) -> bool {
    plan.alert_on == AlertOn::All || sender.verdict != Verdict::Leave
}

/// Judges the number of senders that count; what was not read, and what is doubtful, can only make the state worse.
pub fn judge(facts: &Facts, plan: &Plan) -> Judgement {
    let senders = facts.big().filter(|sender| counts(sender, plan)).count() as u64;
    let proven = plan.limits.judge_at_least(senders.into());
    let whole = plan.limits.judge(senders.into());
    let found = match facts.partial.is_empty() && !facts.forgotten {
        true => whole,
        false => proven,
    };
    let state = match plan.logs.no_data {
        _ if facts.doubts.is_empty() => found,
        // An alarm that the lines there are prove is an alarm.
        State::Unknown => proven,
        other => found.max(other),
    };
    Judgement {
        state,
        senders,
        at_least: !facts.partial.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::{Counts, SenderNames};
    use super::super::options::Options;
    use super::*;
    use crate::host::env::Host;
    use crate::host::partial::Partial;
    use crate::host::time::Zone;
    use crate::postgrey::verdict::Why;
    use clap::Parser;
    use std::path::PathBuf;

    fn plan(arguments: &str) -> Plan {
        let host = Host {
            root: PathBuf::from("/"),
            now: 0,
            zone: Zone::Fixed(0),
            terminal: false,
        };
        let words = std::iter::once("check").chain(arguments.split_whitespace());
        Plan::new(Options::try_parse_from(words).unwrap(), &host)
    }

    fn facts(senders: &[(u32, Verdict)], doubt: bool, partial: bool) -> Facts {
        Facts {
            min_attempts: 15,
            senders: senders
                .iter()
                .map(|(tries, verdict)| SenderFacts {
                    name: "x.example".into(),
                    verdict: *verdict,
                    why: Why::TooYoung,
                    counts: Counts {
                        tries: *tries,
                        ..Counts::default()
                    },
                    hosts: 1,
                    dynamic_hosts: 0,
                    networks: 1,
                    networks_used_once: 0,
                    names: SenderNames::default(),
                })
                .collect(),
            doubts: doubt.then(|| String::from("old")).into_iter().collect(),
            partial: partial
                .then(|| Partial::new("a", "b"))
                .into_iter()
                .collect(),
            ..Facts::default()
        }
    }

    #[test]
    fn states() {
        use State::{Critical, Ok, Unknown, Warning};
        use Verdict::{Leave, Look, Whitelist};
        let two = [(15, Whitelist), (20, Leave), (14, Whitelist)];
        for (arguments, senders, doubt, partial, state, count) in [
            ("", &two[..], false, false, Warning, 2),
            ("--alert-on hurt", &two, false, false, Warning, 1),
            ("--alert-on hurt", &[(99, Leave)], false, false, Ok, 0),
            ("--alert-on hurt", &[(99, Look)], false, false, Warning, 1),
            ("-w 2", &two, false, false, Ok, 2),
            ("-w 0 -c 1", &two, false, false, Critical, 2),
            ("", &[], false, false, Ok, 0),
            ("", &[], true, false, Unknown, 0),
            ("x.log", &[], true, false, Ok, 0),
            ("x.log --no-data critical", &[], true, false, Critical, 0),
            (
                "x.log --no-data warning -c 1",
                &two,
                true,
                false,
                Critical,
                2,
            ),
            ("--no-data unknown", &two, true, false, Warning, 2),
            ("--no-data ok", &[], true, false, Ok, 0),
            ("", &[], false, true, Unknown, 0),
            ("--no-data ok", &[], true, true, Unknown, 0),
            ("--no-data critical", &[], true, true, Critical, 0),
            ("--no-data warning", &[], true, true, Unknown, 0),
            ("", &two, false, true, Warning, 2),
            ("-w 1:", &[], false, true, Unknown, 0),
            ("-w 1:", &[], false, false, Warning, 0),
            ("-w 1:", &[], true, false, Unknown, 0),
        ] {
            let judgement = judge(&facts(senders, doubt, partial), &plan(arguments));
            assert_eq!(
                judgement,
                Judgement {
                    state,
                    senders: count,
                    at_least: partial
                },
                "{arguments} {doubt} {partial}"
            );
        }
    }
}
