//! What to do: validated, with the rules loaded and the clock of the run. Cannot hold nonsense.

use super::alarm::Alarm;
use super::known::Known;
use super::options::Options;
use crate::checks::logs::plan::{LogPlan, Selection};
use crate::host::access::{Identity, Obstacle, plain_error};
use crate::host::env::Host;
use crate::host::small_file;
use crate::host::time::{HOUR, Micros, Span};
use crate::log::window::Reach;
use crate::plugin::failure::Failure;
use crate::plugin::limits::Limits;
use crate::reply::{RuleError, RuleSet};
use std::io;
use std::path::{Path, PathBuf};

/// How far back the log counts, so that an alarm ends after the trouble does.
const REACH: Reach = Reach::Back(Span(6 * HOUR));

/// Where the queue comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The mail system of this machine, all instances.
    Host,
    /// These instances of Postfix.
    Directories(Vec<PathBuf>),
    /// A saved listing.
    File(PathBuf),
    /// A listing on standard input.
    Stdin,
}

/// The plan of a run.
#[derive(Debug)]
pub struct Plan {
    /// The limits for refused messages.
    pub limits: Limits,
    /// The classes that count.
    pub alarm: Alarm,
    /// Where the queue comes from.
    pub source: Source,
    /// The log and its window, and whether it is read.
    pub log: LogPlan,
    /// Whether the log is read.
    pub read_log: bool,
    /// The rules to classify by, beside the builtin ones: text and name of the file.
    pub rules: Option<(String, String)>,
    /// Blocks that do not count.
    pub known: Known,
}

impl Plan {
    /// The plan that the options ask for.
    ///
    /// # Errors
    /// A [`Failure`] where options contradict each other or a file cannot be read or understood.
    pub fn new(options: &Options, host: &Host) -> Result<Self, Failure> {
        let source = source(options);
        let logs_stdin = options.log_file.iter().any(|path| path.as_os_str() == "-");
        if source == Source::Stdin && logs_stdin {
            return Err(Failure::new(
                "--file - and --log-file - cannot both read standard input, save one to a file",
            ));
        }
        let selection = match options.log_file.is_empty() {
            true => Selection::Found,
            false => Selection::Named(options.log_file.clone()),
        };
        Ok(Self {
            limits: Limits {
                warning: Some(options.warning),
                critical: Some(options.critical),
            },
            alarm: options.alarm.clone(),
            source,
            log: LogPlan {
                instances: options.config_dir.clone(),
                ..LogPlan::new(selection, &options.log_options, REACH, host)
            },
            read_log: options.log || options.log_options.journal || !options.log_file.is_empty(),
            rules: options
                .rules
                .as_deref()
                .map(|path| named(path, host))
                .transpose()?,
            known: known(options.known.as_deref(), host)?,
        })
    }

    /// The time that the check judges as of.
    pub fn now(&self) -> Micros {
        self.log.now
    }

    /// Loads the rules, which costs a millisecond or two: nobody needs them when nothing is refused.
    ///
    /// # Errors
    /// A [`Failure`] that names file, line and mistake.
    pub fn rule_set(&self) -> Result<RuleSet, Failure> {
        rule_set(self.rules.as_ref())
    }
}

/// The builtin rules with those of a file, given as text and name.
///
/// # Errors
/// A [`Failure`] that names file, line and mistake.
pub fn rule_set(extra: Option<&(String, String)>) -> Result<RuleSet, Failure> {
    let set = match extra {
        Some((text, name)) => RuleSet::builtin_with(text, name),
        None => RuleSet::builtin(),
    };
    set.map_err(unusable)
}

pub(super) fn unusable(error: RuleError) -> Failure {
    Failure::new(format!("cannot use the rules: {error}"))
}

fn source(options: &Options) -> Source {
    match &options.file {
        Some(path) if path.as_os_str() == "-" => Source::Stdin,
        Some(path) => Source::File(path.clone()),
        None if options.config_dir.is_empty() => Source::Host,
        None => Source::Directories(options.config_dir.clone()),
    }
}

pub(super) fn known(path: Option<&Path>, host: &Host) -> Result<Known, Failure> {
    let Some(path) = path else {
        return Ok(Known::default());
    };
    let (text, name) = named(path, host)?;
    Known::parse(&text, host.zone).map_err(|why| Failure::new(format!("cannot use {name}: {why}")))
}

/// A file's text, without the byte order mark that some editors put in front, and its name.
///
/// # Errors
/// A [`Failure`] that says why it cannot be read.
pub fn named(path: &Path, host: &Host) -> Result<(String, String), Failure> {
    let name = path.display().to_string();
    let bytes = small_file::read(path).map_err(|error| {
        let obstacle = match error.kind() {
            io::ErrorKind::FileTooLarge => Obstacle {
                what: plain_error(&error),
                fix: None,
            },
            _ => Identity::current(&host.root).explain(path, &error),
        };
        Failure::obstacle(&name, obstacle)
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::new(format!("cannot use {name}: it is not UTF-8 text")))?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(text) => text.to_owned(),
        None => text,
    };
    Ok((text, name))
}
