//! What to do, validated.

use super::options::{AlertOn, Options, SuggestForm};
use crate::checks::logs::plan::{LogPlan, Selection};
use crate::host::env::Host;
use crate::host::time::{DAY, Span};
use crate::log::window::Reach;
use crate::plugin::limits::Limits;
use crate::postgrey::domain::Grouping;
use std::path::PathBuf;

/// Where Postgrey's whitelists are: Debian's places, then upstream's. A missing one is fine.
pub const WHITELISTS: [&str; 4] = [
    "/etc/postgrey/whitelist_clients",
    "/etc/postgrey/whitelist_clients.local",
    "/etc/postfix/postgrey_whitelist_clients",
    "/etc/postfix/postgrey_whitelist_clients.local",
];
/// Where the ignore file is. A missing one is fine.
pub const IGNORE: &str = "/etc/nagios-plugins/postgrey_no_whitelist";
/// How far back a found log is read.
const REACH: Reach = Reach::Back(Span(7 * DAY));

/// A file to read, and whether the user named it: then it must exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The file.
    pub path: PathBuf,
    /// Whether its absence is an error.
    pub named: bool,
}

/// The view to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The status line.
    Check,
    /// The table.
    Report,
    /// Whitelist lines.
    Suggest,
    /// The facts.
    Json,
}

/// All that the check needs to know.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which logs and which time.
    pub logs: LogPlan,
    /// Postgrey's whitelists.
    pub whitelists: Vec<Listing>,
    /// The ignore files.
    pub ignores: Vec<Listing>,
    /// How hosts make senders.
    pub grouping: Grouping,
    /// The least tries of a sender that counts.
    pub min_attempts: u64,
    /// Which senders count.
    pub alert_on: AlertOn,
    /// The ranges for their number.
    pub limits: Limits,
    /// What to print.
    pub view: View,
    /// Where to remember what was read.
    pub state: Option<PathBuf>,
    /// Whether only senders that count are shown.
    pub brief: bool,
    /// Whether what is odd in the whitelists is shown: to find it, all their expressions must be compiled.
    pub oddities: bool,
    /// The form of whitelist lines.
    pub form: SuggestForm,
}

impl Plan {
    /// The plan behind the options.
    pub fn new(options: Options, host: &Host) -> Self {
        let (selection, reach) = match options.logs.is_empty() {
            true => (Selection::Found, REACH),
            false => (Selection::Named(options.logs), Reach::All),
        };
        let view = match (
            options.suggest,
            options.common.report,
            options.common.json(),
        ) {
            (true, _, _) => View::Suggest,
            (_, true, _) => View::Report,
            (_, _, true) => View::Json,
            _ => View::Check,
        };
        let mut logs = LogPlan::new(selection, &options.log, reach, host);
        logs.window = logs.window.begun_at(logs.reach.step());
        let brief = view == View::Check && options.common.verbose == 0;
        Self {
            logs,
            oddities: matches!(view, View::Check | View::Json) && !brief,
            state: options.state,
            brief,
            whitelists: listings(options.whitelist, &WHITELISTS, host),
            ignores: listings(options.ignore, &[IGNORE], host),
            grouping: options.group_by,
            min_attempts: options.min_attempts,
            alert_on: options.alert_on,
            limits: Limits {
                warning: Some(options.warning),
                critical: options.critical,
            },
            view,
            form: options.suggest_form,
        }
    }
}

fn listings(named: Vec<PathBuf>, defaults: &[&str], host: &Host) -> Vec<Listing> {
    if named.is_empty() {
        let default = |place: &&str| Listing {
            path: host.path(place),
            named: false,
        };
        return defaults.iter().map(default).collect();
    }
    named
        .into_iter()
        .map(|path| Listing { path, named: true })
        .collect()
}
