//! The options of check_memory. The first five are the original's.

use super::amount::Unit;
use super::threshold::Threshold;
use crate::memory::cgroup::Choice;
use crate::plugin::options::{Common, path};
use crate::plugin::state::State;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

const SWAP: &str = "Swap and pressure";
const WHERE: &str = "What is looked at";

/// Check how much memory programs can still get, on this host or in this container.
///
/// A threshold is a percentage (10%, 2.5%), a size (500M, 2G; powers of 1024), both (10%,2G: alarm only below both) or a range of
/// the Monitoring Plugins guidelines in bytes, sizes or percentages (2G:, 10%:90%). A bare number is such a range: an alarm ABOVE
/// that many bytes. Without thresholds the state is OK.
#[derive(Debug, Clone, Parser)]
#[command(version, disable_help_subcommand = true)]
pub struct Options {
    /// Warn when less than this is free (or more is used, with --metric used)
    #[arg(short, long, value_name = "THRESHOLD", allow_hyphen_values = true)]
    pub warning: Option<Threshold>,

    /// Critical when less than this is free (or more is used, with --metric used)
    #[arg(short, long, value_name = "THRESHOLD", allow_hyphen_values = true)]
    pub critical: Option<Threshold>,

    /// Show amounts in this unit: b, K, M or G (powers of 1024; perfdata is always in bytes)
    #[arg(
        short,
        long,
        visible_alias = "units",
        value_name = "UNIT",
        default_value = "M"
    )]
    pub unit: Unit,

    /// What -w and -c judge
    #[arg(long, value_name = "METRIC", default_value = "free")]
    pub metric: Metric,

    /// Warn when less swap than this is free
    #[arg(long, value_name = "THRESHOLD", allow_hyphen_values = true, help_heading = SWAP)]
    pub swap_warning: Option<Threshold>,

    /// Critical when less swap than this is free
    #[arg(long, value_name = "THRESHOLD", allow_hyphen_values = true, help_heading = SWAP)]
    pub swap_critical: Option<Threshold>,

    /// The state when swap is to be judged and there is none: ok, warning, critical or unknown
    #[arg(long, value_name = "STATE", default_value = "ok", help_heading = SWAP)]
    pub no_swap: State,

    /// Warn when all tasks waited for memory for more than this share of the last minute (PSI, full avg60)
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true, value_parser = Threshold::of_shares, help_heading = SWAP)]
    pub pressure_warning: Option<Threshold>,

    /// Critical when all tasks waited for memory for more than this share of the last minute
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true, value_parser = Threshold::of_shares, help_heading = SWAP)]
    pub pressure_critical: Option<Threshold>,

    /// Whose limit counts: auto (the container's own), none (the host's memory), or a cgroup such as /system.slice/x.service
    #[arg(long, value_name = "CGROUP", default_value = "auto", help_heading = WHERE)]
    pub cgroup: Choice,

    /// The directory that holds proc and sys, where a container mounts the host's [default: /]
    #[arg(long, value_name = "DIR", value_parser = path, help_heading = WHERE)]
    pub root: Option<PathBuf>,

    /// Do not count the part of the ZFS ARC as free that shrinks on demand
    #[arg(long, help_heading = WHERE)]
    pub no_zfs_arc: bool,

    /// Leave memory reserved for huge pages out of the total
    #[arg(long, help_heading = WHERE)]
    pub exclude_hugepages: bool,

    /// How many of the largest programs to name when the state is not OK or with -v; 0 for none
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u8).range(0..=50), help_heading = WHERE)]
    pub top: u8,

    /// Ignored, as the original did
    #[arg(hide = true, value_name = "IGNORED")]
    pub ignored: Vec<String>,

    /// What all plugins have.
    #[command(flatten)]
    pub common: Common,
}

/// What -w and -c judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Metric {
    /// The memory that programs can get: little is bad
    Free,
    /// The rest: much is bad
    Used,
}
