//! The options, validated: a plan cannot hold thresholds that contradict each other.

use super::amount::Unit;
use super::options::{Metric, Options};
use super::threshold::{Bad, Threshold};
use crate::memory::cgroup::{Choice, GroupPath};
use crate::plugin::failure::Failure;
use crate::plugin::limits::Limits;
use crate::plugin::range::Range;
use crate::plugin::state::State;
use std::path::{Path, PathBuf};

/// What to look at, what to judge, what to show.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What -w and -c judge.
    pub metric: Metric,
    /// -w and -c.
    pub memory: Thresholds,
    /// The same for free swap.
    pub swap: Thresholds,
    /// The state where swap is to be judged and there is none.
    pub no_swap: State,
    /// The same for pressure: percentages only.
    pub pressure: Thresholds,
    /// Whose limit counts.
    pub cgroup: Choice,
    /// The directory that stands for `/`.
    pub root: PathBuf,
    /// Whether the ARC's shrinkable part is free.
    pub count_arc: bool,
    /// Whether huge pages are left out of the total.
    pub exclude_hugepages: bool,
    /// The unit of the text.
    pub unit: Unit,
    /// How many programs to name.
    pub top: usize,
    /// The view and how much of it.
    pub view: View,
    /// How often -v was given.
    pub verbose: u8,
    /// Operands that mean nothing.
    pub ignored: Vec<String>,
}

/// A pair of thresholds in the right order.
#[derive(Debug, Clone, Default)]
pub struct Thresholds {
    /// Behind `-w`.
    pub warning: Option<Threshold>,
    /// Behind `-c`.
    pub critical: Option<Threshold>,
}

/// The view that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The check line.
    Check,
    /// JSON.
    Json,
    /// A picture for people.
    Report,
}

impl Metric {
    /// Which way is bad.
    pub fn bad(self) -> Bad {
        match self {
            Metric::Free => Bad::Low,
            Metric::Used => Bad::High,
        }
    }
}

impl Thresholds {
    fn new(
        name: &str,
        bad: Bad,
        warning: Option<Threshold>,
        critical: Option<Threshold>,
    ) -> Result<Self, Failure> {
        if let (Some(w), Some(c)) = (&warning, &critical)
            && w.is_behind(c, bad)
        {
            return Err(wrong_order(name, w, c));
        }
        Ok(Self { warning, critical })
    }

    /// Whether there is anything to judge.
    pub fn any(&self) -> bool {
        self.warning.is_some() || self.critical.is_some()
    }

    /// The ranges in bytes of `total`.
    pub fn limits(&self, bad: Bad, total: u64) -> Result<Limits, Failure> {
        let range = |threshold: &Option<Threshold>| -> Result<Option<Range>, Failure> {
            let range = threshold.as_ref().map(|t| t.range(bad, total));
            range.transpose().map_err(Failure::new)
        };
        Ok(Limits {
            warning: range(&self.warning)?,
            critical: range(&self.critical)?,
        })
    }
}

fn wrong_order(name: &str, w: impl std::fmt::Display, c: impl std::fmt::Display) -> Failure {
    Failure::new(format!(
        "{name}warning {w} and critical {c} are in the wrong order: every warning would be critical already; swap the two values"
    ))
}

impl Plan {
    /// Validates the options; `root` is where the host's files are unless --root says otherwise.
    ///
    /// # Errors
    /// Where thresholds contradict each other.
    pub fn new(options: Options, root: &Path) -> Result<Self, Failure> {
        let bad = options.metric.bad();
        Ok(Self {
            metric: options.metric,
            memory: Thresholds::new("", bad, options.warning, options.critical)?,
            swap: Thresholds::new(
                "swap-",
                Bad::Low,
                options.swap_warning,
                options.swap_critical,
            )?,
            no_swap: options.no_swap,
            pressure: Thresholds::new(
                "pressure-",
                Bad::High,
                options.pressure_warning,
                options.pressure_critical,
            )?,
            cgroup: options.cgroup,
            root: options.root.unwrap_or_else(|| root.to_path_buf()),
            count_arc: !options.no_zfs_arc,
            exclude_hugepages: options.exclude_hugepages,
            unit: options.unit,
            top: usize::from(options.top),
            view: match (options.common.report, options.common.json()) {
                (true, _) => View::Report,
                (_, true) => View::Json,
                _ => View::Check,
            },
            verbose: options.common.verbose,
            ignored: options.ignored,
        })
    }

    /// Whether the processes are to be read: only where somebody will look at them.
    pub fn wants_consumers(&self, state: State) -> bool {
        (state != State::Ok || self.shows_more()) && self.top > 0
    }

    /// Whether the pressure is to be read.
    pub fn wants_pressure(&self) -> bool {
        self.judges_pressure() || self.shows_more()
    }

    fn shows_more(&self) -> bool {
        self.verbose > 0 || self.view != View::Check
    }

    /// Whether the pressure is to be judged.
    pub fn judges_pressure(&self) -> bool {
        self.pressure.any()
    }

    /// The cgroup whose processes are meant, where one was named.
    pub fn group(&self) -> Option<&GroupPath> {
        match &self.cgroup {
            Choice::Path(path) => Some(path),
            Choice::Auto | Choice::None => None,
        }
    }
}
