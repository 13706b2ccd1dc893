//! The options that all plugins share, and the rules for values that all options follow: no optional values, an empty value is
//! always an error, every option has a long name. [`FOR_PEOPLE`] marks what belongs into a shell and not into a service definition.

use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// The help heading of options that a service definition does not use.
pub const FOR_PEOPLE: &str = "For people";

/// `-t`, `-v`, `-q` and the views that every plugin has.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Give up after this many seconds; keep it below the time limit of the transport (check_nrpe and check_by_ssh: 10)
    #[arg(short, long, value_name = "SECONDS", default_value = "8", value_parser = timeout)]
    pub timeout: Duration,

    /// Say more: -v the list always, -vv how it was computed, -vvv everything
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// Print nothing when the state is OK (for cron)
    #[arg(short, long)]
    pub quiet: bool,

    /// Print the output in this form
    #[arg(long, value_name = "FORM", group = "view", help_heading = FOR_PEOPLE)]
    pub format: Option<Format>,

    /// Print a report for people
    #[arg(long, group = "view", help_heading = FOR_PEOPLE)]
    pub report: bool,

    /// Print what this user can and cannot read on this host, and the command that mends each
    #[arg(long, group = "view", help_heading = FOR_PEOPLE)]
    pub diagnose: bool,
}

/// The forms of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Status line and perfdata
    Text,
    /// The facts as JSON
    Json,
}

impl Common {
    /// Whether JSON was asked for.
    pub fn json(&self) -> bool {
        self.format == Some(Format::Json)
    }
}

/// Whole seconds, 1 to 3600.
fn timeout(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(seconds @ 1..=3600) => Ok(Duration::from_secs(seconds)),
        _ => Err(String::from("write whole seconds from 1 to 3600")),
    }
}

/// A path that is not empty: an unset variable in a service definition arrives as `''`.
pub fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err(String::from("the name is empty"));
    }
    Ok(PathBuf::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_limits() {
        assert_eq!(timeout("50"), Ok(Duration::from_secs(50)));
        for text in ["", "0", "-1", "3601", "8s", "1.5", "99999999999999999999"] {
            assert!(timeout(text).is_err(), "{text}");
        }
    }
}
