//! The command line.

use crate::checks::logs::options::LogOptions;
use crate::plugin::options::{Common, FOR_PEOPLE, path};
use crate::plugin::range::Range;
use crate::postgrey::domain::Grouping;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Tell which senders Postgrey's greylisting hurts
///
/// Reads mail logs and tells which big senders (Microsoft, Amazon SES, Mailchimp and others) are delayed because each retry comes from
/// another address, so that they can be whitelisted in Postgrey, or ignored here.
#[derive(Debug, Clone, Parser)]
#[command(
    version,
    after_help = "Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (also for --help and --version)"
)]
pub struct Options {
    /// Logs, patterns, or - for standard input; by default this machine's mail log with its rotated files, 7 days back
    #[arg(value_name = "LOG", value_parser = path, conflicts_with = "journal")]
    pub logs: Vec<PathBuf>,

    /// WARNING when the number of senders to whitelist or ignore is outside this range
    #[arg(short, long, value_name = "RANGE", default_value = "0", allow_hyphen_values = true, value_parser = str::parse::<Range>)]
    pub warning: Range,

    /// CRITICAL when it is outside this range
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true, value_parser = str::parse::<Range>)]
    pub critical: Option<Range>,

    /// A sender counts from this many greylisted tries on
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..))]
    pub min_attempts: u64,

    /// Count all such senders, or only those whose verdict is not "leave"
    #[arg(long, value_name = "WHICH", default_value = "all")]
    pub alert_on: AlertOn,

    /// Make senders of hosts: domain, strip:N (cut N labels off the front) or host
    #[arg(long, value_name = "WAY", default_value = "domain", value_parser = str::parse::<Grouping>)]
    pub group_by: Grouping,

    /// Postgrey's client whitelist, instead of those in /etc/postgrey and /etc/postfix; may be given several times
    #[arg(long, value_name = "FILE", value_parser = path)]
    pub whitelist: Vec<PathBuf>,

    /// Senders not to report, one domain a line or any form of the whitelist [default:
    /// /etc/nagios-plugins/postgrey_no_whitelist]; may be given several times
    #[arg(long, value_name = "FILE", value_parser = path)]
    pub ignore: Vec<PathBuf>,

    /// Remember here what was read of the logs, so that the next run reads only what is new; in a directory that only this user can write
    #[arg(long, value_name = "FILE", value_parser = path)]
    pub state: Option<PathBuf>,

    /// Which part of the logs counts.
    #[command(flatten)]
    pub log: LogOptions,

    /// What all plugins have.
    #[command(flatten)]
    pub common: Common,

    /// Print lines for Postgrey's whitelist_clients.local; do not append them where the exit status is 3: something is missing
    #[arg(long, group = "view", help_heading = FOR_PEOPLE)]
    pub suggest: bool,

    /// The form of these lines
    #[arg(long, value_name = "FORM", default_value = "regex", help_heading = FOR_PEOPLE)]
    pub suggest_form: SuggestForm,
}

/// Which senders raise the alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AlertOn {
    /// All with enough tries
    All,
    /// Those that greylisting hurts or may hurt
    Hurt,
}

/// How a whitelist line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SuggestForm {
    /// An anchored regular expression
    Regex,
    /// The plain name, which covers all below it
    Name,
}
