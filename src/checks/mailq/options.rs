//! The command line.

use super::alarm::Alarm;
use crate::checks::logs::options::LogOptions;
use crate::plugin::options::{Common, FOR_PEOPLE, path};
use crate::plugin::range::Range;
use clap::Parser;
use std::path::PathBuf;

/// Tell which mail servers refuse our mail, why, and where to ask
///
/// Reads the mail queue, and with --log or --log-file the mail log, classifies every reply of every other server and counts the
/// messages that are refused because of our server: blocklists, bad reputation, reverse DNS.
#[derive(Debug, Clone, Parser)]
#[command(
    version,
    after_help = "Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (also for --help and --version)"
)]
pub struct Options {
    /// WARNING when the number of refused messages is outside this range
    #[arg(short, long, value_name = "RANGE", default_value = "0", allow_hyphen_values = true, value_parser = str::parse::<Range>)]
    pub warning: Range,

    /// CRITICAL when it is outside this range
    #[arg(short, long, value_name = "RANGE", default_value = "10", allow_hyphen_values = true, value_parser = str::parse::<Range>)]
    pub critical: Range,

    /// The classes that count, as in blocklist,reputation; +auth adds one to, -rdns takes one from the default: blocklist,
    /// reputation, unexplained, rdns
    #[arg(long, value_name = "CLASSES", default_value = "blocklist,reputation,unexplained,rdns", hide_default_value = true, allow_hyphen_values = true, value_parser = str::parse::<Alarm>)]
    pub alarm: Alarm,

    /// Read a saved listing, - for standard input, instead of asking this machine's mail system
    #[arg(long, value_name = "FILE", value_parser = path, conflicts_with = "config_dir")]
    pub file: Option<PathBuf>,

    /// Ask the Postfix instance with this configuration directory instead of all of them; may be given several times
    #[arg(long, value_name = "DIR", value_parser = path)]
    pub config_dir: Vec<PathBuf>,

    /// Read this machine's mail log too: it knows what was refused for good and never waits in the queue
    #[arg(long, conflicts_with = "log_file")]
    pub log: bool,

    /// Read this log, pattern or - for standard input too; may be given several times
    #[arg(long, value_name = "FILE", value_parser = path, conflicts_with = "journal")]
    pub log_file: Vec<PathBuf>,

    /// Which part of the log counts.
    #[command(flatten)]
    pub log_options: LogOptions,

    /// Add to or override the rules that classify replies (see docs/replies.md)
    #[arg(long, value_name = "FILE", value_parser = path)]
    pub rules: Option<PathBuf>,

    /// Blocks that are known and do not count: one provider, list or rule a line, as in: Spamhaus PBL until 2026-12-01 # ticket 7
    #[arg(long, value_name = "FILE", value_parser = path)]
    pub known: Option<PathBuf>,

    /// What all plugins have.
    #[command(flatten)]
    pub common: Common,

    /// Classify one reply and say how; reads no queue and no log
    #[arg(long, value_name = "TEXT", group = "view", help_heading = FOR_PEOPLE)]
    pub explain: Option<String>,
}
