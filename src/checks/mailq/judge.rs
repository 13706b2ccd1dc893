//! The judgement: a pure function of facts, limits and what is missing.

use super::facts::Facts;
use super::plan::Plan;
use crate::host::partial::Partial;
use crate::plugin::limits::Limits;
use crate::plugin::state::State;
use crate::words::and_more;

/// What missing input means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The state.
    pub state: State,
    /// Whether the numbers are lower bounds, and why.
    pub incomplete: Option<String>,
}

/// Judges the refused messages.
pub fn judge(facts: &Facts, partial: &[Partial], plan: &Plan) -> Judgement {
    let incomplete = incomplete(facts, partial);
    let doubtful = facts.log.as_ref().is_some_and(|log| !log.doubts.is_empty());
    let no_data = doubtful.then_some(plan.log.no_data);
    Judgement {
        state: state(&plan.limits, facts.refused, incomplete.is_some(), no_data),
        incomplete,
    }
}

/// `no_data` is the state that the admin wants where the log may not tell the whole. An alarm that what was read proves is an alarm.
fn state(limits: &Limits, refused: u64, incomplete: bool, no_data: Option<State>) -> State {
    let unproven = incomplete || no_data == Some(State::Unknown);
    let state = match unproven {
        true => limits.judge_at_least(refused.into()),
        false => limits.judge(refused.into()),
    };
    match no_data {
        None | Some(State::Unknown) => state,
        Some(wanted) => state.max(wanted),
    }
}

fn incomplete(facts: &Facts, partial: &[Partial]) -> Option<String> {
    let blind = facts.without_reasons.as_ref().map(|system| {
        let log = match system.as_str() {
            "Exim" => ", and its main log cannot be read (name it with --log-file)",
            _ => "",
        };
        format!("this mail system's listing has no reasons ({system}){log}")
    });
    let first = partial
        .first()
        .map(|first| format!("{first}{}", and_more(partial.len() - 1)));
    first.or(blind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states() {
        use State::{Critical, Ok, Unknown, Warning};
        let limits = Limits {
            warning: Some("0".parse().unwrap()),
            critical: Some("10".parse().unwrap()),
        };
        for (refused, whole, partial) in [
            (0, Ok, Unknown),
            (1, Warning, Warning),
            (10, Warning, Warning),
            (11, Critical, Critical),
        ] {
            assert_eq!(state(&limits, refused, false, None), whole, "{refused}");
            assert_eq!(state(&limits, refused, true, None), partial, "{refused}");
        }
        for (refused, incomplete, no_data, expected) in [
            (0, false, Ok, Ok),
            (0, false, Unknown, Unknown),
            (1, false, Unknown, Warning),
            (11, false, Unknown, Critical),
            (11, false, Warning, Critical),
            (1, false, Critical, Critical),
            (0, true, Ok, Unknown),
            (0, true, Critical, Critical),
        ] {
            let found = state(&limits, refused, incomplete, Some(no_data));
            assert_eq!(found, expected, "{refused} {incomplete} {no_data}");
        }
    }

    #[test]
    fn why_it_is_incomplete() {
        let facts = |system: Option<&str>| Facts {
            without_reasons: system.map(str::to_owned),
            ..Facts::default()
        };
        let two = [Partial::new("a", "cut"), Partial::new("b", "gone")];
        for (system, partial, expected) in [
            (None, &two[..0], None),
            (None, &two[..1], Some("a: cut")),
            (Some("dma"), &two[..], Some("a: cut (and 1 more)")),
            (
                Some("dma"),
                &two[..0],
                Some("this mail system's listing has no reasons (dma)"),
            ),
        ] {
            assert_eq!(incomplete(&facts(system), partial).as_deref(), expected);
        }
    }
}
