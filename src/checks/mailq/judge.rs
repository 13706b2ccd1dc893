//! The judgement: a pure function of facts, limits and what is missing.

use super::facts::Facts;
use super::plan::Plan;
use crate::host::partial::Partial;
use crate::plugin::limits::Limits;
use crate::plugin::state::State;

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
    let state = state(&plan.limits, facts.refused, incomplete.is_some());
    let doubtful = facts.log.as_ref().is_some_and(|log| !log.doubts.is_empty());
    Judgement {
        state: match doubtful {
            true => state.max(plan.log.no_data),
            false => state,
        },
        incomplete,
    }
}

fn state(limits: &Limits, refused: u64, incomplete: bool) -> State {
    match incomplete {
        true => limits.judge_at_least(refused.into()),
        false => limits.judge(refused.into()),
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
    let more = |count: usize| match count {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let first = partial
        .first()
        .map(|first| format!("{first}{}", more(partial.len() - 1)));
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
            assert_eq!(state(&limits, refused, false), whole, "{refused}");
            assert_eq!(state(&limits, refused, true), partial, "{refused}");
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
