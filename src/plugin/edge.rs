//! From the process's arguments to its one write and its exit status. A worker thread does the check; this thread waits for it
//! until the time limit, prints and returns. Bad arguments, failures, panics and time-outs all become UNKNOWN here.

use super::failure::Failure;
use super::options::Common;
use super::report::Report;
use super::state::State;
use super::{json, render};
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser};
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, channel};

/// One plugin.
pub trait Check {
    /// The program's name, `check_…`.
    const NAME: &'static str;
    /// The options as clap parses them.
    type Options: Parser + CommandFactory + Send + 'static;

    /// The options that all plugins share.
    fn common(options: &Self::Options) -> &Common;

    /// Does the whole check.
    ///
    /// # Errors
    /// A [`Failure`] where the check could not look; anything else counts as a bug.
    fn run(options: Self::Options, host: &Host, deadline: &Deadline) -> anyhow::Result<Answer>;
}

/// What a check hands to the edge.
#[derive(Debug)]
pub struct Answer {
    /// The judgement and the text of check mode.
    pub report: Report,
    /// What to print.
    pub page: Page,
}

/// The view that was asked for.
#[derive(Debug)]
pub enum Page {
    /// Status line, perfdata, details.
    Check,
    /// Text for people, complete with its last newline.
    Text(String),
    /// The facts, for the JSON envelope.
    Json(serde_json::Value),
}

impl Answer {
    fn unknown(why: impl AsRef<str>, json: bool) -> Self {
        Self {
            report: Report::new(State::Unknown, why),
            page: match json {
                true => Page::Json(serde_json::Value::Null),
                false => Page::Check,
            },
        }
    }
}

/// Runs a plugin: the whole of its `main`.
pub fn run<C: Check>() -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let command = C::Options::command()
        .name(C::NAME)
        .bin_name(C::NAME)
        .term_width(80);
    let parsed = command
        .try_get_matches()
        .and_then(|matches| C::Options::from_arg_matches(&matches));
    match parsed {
        Ok(options) => answer::<C>(options),
        Err(error) => refuse::<C>(&error),
    }
}

/// Waits for the worker, prints its answer.
fn answer<C: Check>(options: C::Options) -> ExitCode {
    let common = C::common(&options).clone();
    let deadline = Deadline::new(common.timeout);
    let answer = work::<C>(options, &deadline, common.json());
    if common.quiet && answer.report.state == State::Ok {
        return ExitCode::from(State::Ok.exit_code());
    }
    let text = match &answer.page {
        Page::Check => render::check_output(C::NAME, &answer.report, common.verbose),
        Page::Text(text) => text.clone(),
        Page::Json(facts) => json::envelope(C::NAME, &answer.report, facts),
    };
    finish(&text, answer.report.state)
}

fn work<C: Check>(options: C::Options, deadline: &Deadline, json: bool) -> Answer {
    let (sender, receiver) = channel();
    let shared = deadline.clone();
    let worker = std::thread::Builder::new()
        .name(String::from("check"))
        .spawn(move || {
            let outcome = C::run(options, &Host::real(), &shared);
            // The receiver is gone only when the time is over and the answer no longer wanted.
            let _ = sender.send(outcome);
        });
    if let Err(error) = worker {
        return Answer::unknown(format!("cannot start a thread: {error}"), json);
    }
    match receiver.recv_timeout(deadline.hard_remaining()) {
        Ok(outcome) => outcome.unwrap_or_else(|error| explain(&error, json)),
        // A panic drops the sender.
        Err(RecvTimeoutError::Disconnected) => {
            let stage = deadline.stage();
            Answer::unknown(
                format!("internal error while {stage}: please report this"),
                json,
            )
        }
        Err(RecvTimeoutError::Timeout) => {
            let (why, stage) = (deadline.reason(), deadline.stage());
            Answer::unknown(format!("{why} while {stage}"), json)
        }
    }
}

fn explain(error: &anyhow::Error, json: bool) -> Answer {
    match error.downcast_ref::<Failure>() {
        Some(failure) => Answer::unknown(failure.to_string(), json),
        None => Answer::unknown(format!("internal error: {error:#}"), json),
    }
}

/// Help, version and bad arguments: all exit 3, because none of them is a result.
fn refuse<C: Check>(error: &clap::Error) -> ExitCode {
    let text = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => error.to_string(),
        _ => {
            let report = Report::new(State::Unknown, argument_error(error));
            render::check_output(C::NAME, &report, 0)
        }
    };
    finish(&text, State::Unknown)
}

/// clap's error as one line: the sentence and its hint, without the usage and without the names of values (`<RANGE>`), which would
/// not survive cleaning.
fn argument_error(error: &clap::Error) -> String {
    let text = error.to_string();
    let mut sentence = String::new();
    let lines = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:"));
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with("For more information")) {
        match line.strip_prefix("tip: ") {
            // "to pass '--x' as a value, use '-- --x'" helps nobody here.
            Some(tip) if tip.starts_with("to pass") => {}
            Some(tip) => sentence.push_str(&format!(", {tip}")),
            None => sentence.push_str(&format!(" {}", line.trim_start_matches("error: "))),
        }
    }
    format!("{} (see --help)", without_value_names(sentence.trim()))
}

/// `'--warning <RANGE>'` as `'--warning'`.
fn without_value_names(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(" <") {
        let name = after.find('>').filter(|end| {
            after[..*end]
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b == b'_')
        });
        kept.push_str(before);
        rest = match name {
            Some(end) => &after[end + 1..],
            None => {
                kept.push_str(" <");
                after
            }
        };
    }
    kept + rest
}

/// The one write, and the exit status. Where nothing can be written, nobody has seen an OK.
fn finish(text: &str, state: State) -> ExitCode {
    let written = std::io::stdout()
        .as_fd()
        .try_clone_to_owned()
        .and_then(|stdout| std::fs::File::from(stdout).write_all(text.as_bytes()));
    let state = match (written, state) {
        (Err(_), State::Ok) => State::Unknown,
        _ => state,
    };
    ExitCode::from(state.exit_code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_names_go_and_other_brackets_stay() {
        for (text, expected) in [
            (
                "invalid value 'x' for '--warning <RANGE>': no",
                "invalid value 'x' for '--warning': no",
            ),
            (
                "'--a <B>' cannot be used with '--c <D_E>'",
                "'--a' cannot be used with '--c'",
            ),
            ("a <b> <", "a <b> <"),
        ] {
            assert_eq!(without_value_names(text), expected);
        }
    }
}
