//! What decides how a line is counted: where it changes, nothing that was counted before can be used.

use super::plan::{Listing, Plan};
use crate::host::env::Host;
use crate::host::time::Zone;
use crate::log::identity::Stamp;
use std::fmt::Write as _;
use std::path::Path;

/// What decides how a line is counted: the grouping, the files of names, and the zone of times that name none.
pub fn counting(plan: &Plan, host: &Host) -> String {
    let mut text = plan.grouping.to_string();
    let mut add = |kind: &str, lists: &[Listing]| {
        for list in lists {
            let stamp = stamp(&list.path);
            // A string can be written to.
            let _ = write!(text, "\n{kind} {:?} {stamp:?}", list.path);
        }
    };
    add("whitelist", &plan.whitelists);
    add("ignore", &plan.ignores);
    let zone = match host.zone {
        Zone::Fixed(seconds) => format!("{seconds}"),
        Zone::Local => {
            let (variable, file) = host.zone_rules();
            format!("{variable} {:?}", stamp(&file))
        }
    };
    text + "\nzone " + &zone
}

/// The stamp of a file that is there.
pub fn stamp(path: &Path) -> Option<Stamp> {
    std::fs::metadata(path).ok().as_ref().map(Stamp::of)
}
