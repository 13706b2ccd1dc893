//! What to read: validated, and with the clock of the run.

use super::options::LogOptions;
use crate::host::env::Host;
use crate::host::time::{Micros, Zone};
use crate::log::stamp::Stamp;
use crate::log::window::{Reach, Window};
use crate::plugin::state::State;
use std::path::PathBuf;

/// Which logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// The log of this machine, with its rotated siblings.
    Found,
    /// What the user names: files, patterns, `-`.
    Named(Vec<PathBuf>),
    /// This machine's journal.
    Journal,
}

/// Which logs, which time, and what missing lines mean.
#[derive(Debug, Clone)]
pub struct LogPlan {
    /// Which logs.
    pub selection: Selection,
    /// Where the instances of Postfix are configured whose own logs are meant; empty: all that are in use.
    pub instances: Vec<PathBuf>,
    /// How far back.
    pub reach: Reach,
    /// The same as instants.
    pub window: Window,
    /// The time that the check judges as of.
    pub now: Micros,
    /// The state when lines are missing.
    pub no_data: State,
}

impl LogPlan {
    /// A plan from options; `selection` is what they mean without `--journal`, `reach` is the window where the user gives none.
    pub fn new(selection: Selection, options: &LogOptions, reach: Reach, host: &Host) -> Self {
        let selection = match options.journal {
            true => Selection::Journal,
            false => selection,
        };
        let now = options
            .now
            .map_or(host.now, |stamp| instant(stamp, host.zone));
        let reach = options.window.unwrap_or(reach);
        let window = Window {
            since: match reach {
                Reach::All => None,
                Reach::Back(span) => Some(now - span.0),
            },
            // As of another time: what came later is not known yet.
            until: options.now.map(|_| now),
        };
        let no_data = options.no_data.unwrap_or(match selection {
            Selection::Found | Selection::Journal => State::Unknown,
            Selection::Named(_) => State::Ok,
        });
        Self {
            selection,
            instances: Vec::new(),
            reach,
            window,
            now,
            no_data,
        }
    }
}

fn instant(stamp: Stamp, zone: Zone) -> Micros {
    match stamp {
        Stamp::Instant(at) => at,
        Stamp::Local(civil) | Stamp::Yearless(civil) => zone.instant(civil),
    }
}
