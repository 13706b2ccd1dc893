//! From the process's arguments to its one write and its exit status. The main thread does the check, prints and returns; a watchdog
//! thread sleeps until the time limit and then prints and ends the process. Bad arguments, failures, panics and time-outs all become
//! UNKNOWN here.
//!
//! The watchdog is the sleeper and not the worker because a quick check then never waits for another thread to be scheduled: that
//! was a fifth of its time, and more on a busy machine.

use super::failure::Failure;
use super::meter::Meter;
use super::options::Common;
use super::report::Report;
use super::state::State;
use super::{diagnosis, json, render};
use crate::host::access::{Identity, borrowed_rights, plain_error};
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::probe::Finding;
use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};
use rustix::io::{Errno, retry_on_intr};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a person is shown how far the check has come.
const GLANCE: Duration = Duration::from_millis(200);

/// One plugin.
pub trait Check {
    /// The program's name, `check_…`.
    const NAME: &'static str;
    /// The options as clap parses them.
    type Options: Parser + CommandFactory + Send + 'static;

    /// The options that all plugins share.
    fn common(options: &Self::Options) -> &Common;

    /// Whether a person waits for the answer, and not a monitoring core.
    fn for_people(options: &Self::Options) -> bool {
        Self::common(options).report
    }

    /// Tries out what the check reads on this host, for `--diagnose`.
    ///
    /// # Errors
    /// A [`Failure`] where the options make no plan.
    fn needs(
        options: Self::Options,
        host: &Host,
        deadline: &Deadline,
    ) -> anyhow::Result<Vec<Finding>>;

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
    if let Some(obstacle) = borrowed_rights() {
        let report = Report::new(State::Unknown, obstacle.to_string());
        let text = render::check_output(C::NAME, &report, 0);
        return ExitCode::from(finish(&text, State::Unknown).exit_code());
    }
    match parsed::<C>(option_table::<C>().try_get_matches()) {
        Ok(options) => answer::<C>(options),
        Err(error) => refuse::<C>(&error),
    }
}

fn parsed<C: Check>(matches: Result<ArgMatches, clap::Error>) -> Result<C::Options, clap::Error> {
    matches.and_then(|matches| C::Options::from_arg_matches(&matches))
}

/// A plugin's options: what the program parses, and what its man page, completions and service definitions are made from.
pub type OptionTable = clap::Command;

/// The option table of a plugin, under the name it is called by.
pub fn option_table<C: Check>() -> OptionTable {
    C::Options::command()
        .name(C::NAME)
        .bin_name(C::NAME)
        .term_width(80)
}

/// The right to print, for whoever comes first: the check or its watchdog.
#[derive(Debug, Clone, Default)]
struct Turn(Arc<AtomicBool>);

impl Turn {
    fn take(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}

/// What a run with these arguments prints on `host`, and the state it exits with, without a process, a watchdog or a net under
/// panics: what fuzzers and property tests call.
pub fn rehearse<C: Check>(arguments: &[&str], host: &Host) -> (String, State) {
    let words = std::iter::once(C::NAME).chain(arguments.iter().copied());
    match parsed::<C>(option_table::<C>().try_get_matches_from(words)) {
        Ok(options) => {
            let common = C::common(&options).clone();
            let deadline = Deadline::new(common.timeout);
            text_of::<C>(&common, work::<C>(options, host, &deadline, common.json()))
        }
        Err(error) => (refusal::<C>(&error), State::Unknown),
    }
}

/// Does the check, unless the watchdog ends it, and prints its answer.
fn answer<C: Check>(options: C::Options) -> ExitCode {
    let common = C::common(&options).clone();
    let deadline = Deadline::new(common.timeout);
    let turn = Turn::default();
    let meter = Meter::new(C::for_people(&options), &deadline);
    if let Err(error) = watch::<C>(&common, &deadline, &turn, &meter) {
        let why = Failure::new(format!(
            "no thread can be started ({})",
            plain_error(&error)
        ))
        .with_fix("raise the limit of processes of this user: ulimit -u, TasksMax of the unit");
        let (text, state) = text_of::<C>(&common, Answer::unknown(why.to_string(), common.json()));
        return ExitCode::from(finish(&text, state).exit_code());
    }
    let work = || {
        let host = Host::real();
        text_of::<C>(&common, work::<C>(options, &host, &deadline, common.json()))
    };
    let (text, state) = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let stage = deadline.stage();
        let why = format!("internal error while {stage}: please report this");
        text_of::<C>(&common, Answer::unknown(why, common.json()))
    });
    while !turn.take() {
        // The watchdog prints and ends the process.
        std::thread::park();
    }
    meter.end();
    ExitCode::from(finish(&text, state).exit_code())
}

fn work<C: Check>(options: C::Options, host: &Host, deadline: &Deadline, json: bool) -> Answer {
    let answer = match C::common(&options).diagnose {
        true => C::needs(options, host, deadline).map(|found| diagnosis::<C>(&found, host)),
        false => C::run(options, host, deadline),
    };
    answer.unwrap_or_else(|error| explain(&error, json))
}

fn diagnosis<C: Check>(findings: &[Finding], host: &Host) -> Answer {
    let (report, text) = diagnosis::page(C::NAME, &Identity::current(&host.root), findings);
    Answer {
        report,
        page: Page::Text(text),
    }
}

/// Starts the watchdog. Without one the check might never answer.
///
/// # Errors
/// No thread can be had, as on a machine at its limit.
fn watch<C: Check>(
    common: &Common,
    deadline: &Deadline,
    turn: &Turn,
    meter: &Meter,
) -> io::Result<()> {
    let (common, deadline, turn) = (common.clone(), deadline.clone(), turn.clone());
    let meter = meter.clone();
    let bite = move || {
        sleep(&deadline, &meter);
        if turn.take() {
            meter.end();
            let why = format!("{} while {}", deadline.reason(), deadline.stage());
            let (text, state) = text_of::<C>(&common, Answer::unknown(why, common.json()));
            end(finish(&text, state));
        }
    };
    let watchdog = std::thread::Builder::new().name(String::from("watchdog"));
    watchdog.spawn(bite).map(drop)
}

/// Sleeps until the time limit; where a person waits, the watchdog shows how far the check has come.
fn sleep(deadline: &Deadline, meter: &Meter) {
    while meter.is_on() && deadline.hard_remaining() > GLANCE {
        std::thread::sleep(GLANCE);
        meter.draw();
    }
    std::thread::sleep(deadline.hard_remaining());
}

#[expect(
    clippy::exit,
    reason = "the main thread may hang in a system call and cannot be asked to return"
)]
fn end(state: State) {
    std::process::exit(i32::from(state.exit_code()));
}

/// What to print; nothing where --quiet asks for silence.
fn text_of<C: Check>(common: &Common, answer: Answer) -> (String, State) {
    let state = answer.report.state;
    let text = match answer.page {
        _ if common.quiet && state == State::Ok => String::new(),
        Page::Check => render::check_output(C::NAME, &answer.report, common.verbose),
        Page::Text(text) => text,
        Page::Json(facts) => json::envelope(C::NAME, &answer.report, &facts),
    };
    (text, state)
}

fn explain(error: &anyhow::Error, json: bool) -> Answer {
    match error.downcast_ref::<Failure>() {
        Some(failure) => Answer::unknown(failure.to_string(), json),
        None => Answer::unknown(format!("internal error: {error:#}"), json),
    }
}

/// Help, version and bad arguments: all exit 3, because none of them is a result.
fn refuse<C: Check>(error: &clap::Error) -> ExitCode {
    ExitCode::from(finish(&refusal::<C>(error), State::Unknown).exit_code())
}

fn refusal<C: Check>(error: &clap::Error) -> String {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => error.to_string(),
        _ => {
            let report = Report::new(State::Unknown, argument_error(error));
            render::check_output(C::NAME, &report, 0)
        }
    }
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

/// The one write, and the state to exit with. Where nothing can be written, nobody has seen an OK.
fn finish(text: &str, state: State) -> State {
    if text.is_empty() {
        return state;
    }
    match (write(text.as_bytes()), state) {
        (Err(_), State::Ok) => State::Unknown,
        _ => state,
    }
}

/// Writes to standard output without a buffer, which would split the text, and without a descriptor of its own, which may not be had.
fn write(mut text: &[u8]) -> rustix::io::Result<()> {
    let stdout = io::stdout();
    while !text.is_empty() {
        match retry_on_intr(|| rustix::io::write(&stdout, text))? {
            0 => return Err(Errno::IO),
            written => text = &text[written..],
        }
    }
    Ok(())
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

    #[test]
    fn only_the_first_prints() {
        let turn = Turn::default();
        let other = turn.clone();
        assert!(turn.take());
        assert!(!other.take() && !turn.take());
    }
}
