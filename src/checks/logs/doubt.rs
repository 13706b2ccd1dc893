//! Reasons to doubt that a log tells the whole: it is empty, old, or begins too late.

use super::plan::LogPlan;
use crate::host::time::{DAY, HOUR, Micros, Span, Zone};
use crate::log::coverage::Coverage;

/// A newest line older than this is worth a word.
const OLD: Micros = DAY;
/// A log may begin this much later than its window, as a share of the window: quiet hours are no gap.
const LATE_SHARE: Micros = 20;
/// And at least this much.
const LATE_LEAST: Micros = HOUR;

/// What is doubtful about the logs called `names`, one phrase each.
pub fn doubts(coverage: &Coverage, names: &[String], plan: &LogPlan, zone: Zone) -> Vec<String> {
    let (Some(oldest), Some(newest)) = (coverage.oldest, coverage.newest) else {
        if coverage.lines {
            // Without a time; that they could not be read is said elsewhere.
            return Vec::new();
        }
        return vec![match names {
            [only] => format!("{} has no lines", words(only)),
            _ => String::from("the logs have no lines"),
        }];
    };
    let mut doubts = Vec::new();
    if plan.now - newest > OLD {
        let age = Span(plan.now - newest);
        doubts.push(format!(
            "the newest line is {age} old ({})",
            zone.civil(newest)
        ));
    }
    if let Some(since) = plan.window.since {
        let late = ((plan.now - since) / LATE_SHARE).max(LATE_LEAST);
        if oldest - since > late {
            doubts.push(format!(
                "the log covers only {} of the {} asked for",
                Span((plan.now - oldest).max(0)),
                plan.reach
            ));
        }
    }
    doubts
}

/// The journal has a name that speaks; a file is "the log".
fn words(name: &str) -> &str {
    if name.starts_with("the journal") {
        name
    } else {
        "the log"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::logs::plan::Selection;
    use crate::log::window::{Reach, Window};
    use crate::plugin::state::State;

    #[test]
    fn edges() {
        let now = 100 * DAY;
        let week = LogPlan {
            selection: Selection::Found,
            instances: Vec::new(),
            reach: Reach::Back(Span(7 * DAY)),
            window: Window {
                since: Some(now - 7 * DAY),
                until: None,
            },
            now,
            no_data: State::Ok,
        };
        let all = LogPlan {
            reach: Reach::All,
            window: Window::default(),
            ..week.clone()
        };
        let share = 7 * DAY / LATE_SHARE;
        for (name, plan, oldest, newest, expected) in [
            ("whole", &week, now - 8 * DAY, now, vec![]),
            ("a day old", &week, now - 8 * DAY, now - DAY, vec![]),
            (
                "older",
                &week,
                now - 8 * DAY,
                now - DAY - 1,
                vec!["the newest line is 1d old (1970-04-09 23:59:59)"],
            ),
            ("a bit late", &week, now - 7 * DAY + share, now, vec![]),
            (
                "too late",
                &week,
                now - 7 * DAY + share + 1,
                now,
                vec!["the log covers only 6d15h of the 7d asked for"],
            ),
            ("no window", &all, now - HOUR, now, vec![]),
        ] {
            let coverage = Coverage {
                oldest: Some(oldest),
                newest: Some(newest),
                lines: true,
                bytes: 1,
            };
            assert_eq!(
                doubts(&coverage, &[], plan, Zone::Fixed(0)),
                expected,
                "{name}"
            );
        }
        for (names, expected) in [
            (&["mail.log"][..], "the log has no lines"),
            (&["the journal"], "the journal has no lines"),
            (&["mail.log", "mail.log.1"], "the logs have no lines"),
        ] {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let found = doubts(&Coverage::default(), &names, &all, Zone::Fixed(0));
            assert_eq!(found, [expected]);
        }
        let timeless = Coverage {
            lines: true,
            ..Coverage::default()
        };
        assert!(doubts(&timeless, &[], &all, Zone::Fixed(0)).is_empty());
    }
}
