//! What `--diagnose` tries out: Postgrey's whitelists, the ignore files, the logs, the state file.

use super::gather;
use super::plan::{Listing, Plan};
use crate::checks::logs::needs as logs;
use crate::host::access::Identity;
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::probe::{Finding, Outcome};
use crate::state::file::Found;
use crate::state::place::Place;
use std::path::Path;

/// Everything that the plan would read.
pub fn needs(plan: &Plan, host: &Host, deadline: &Deadline) -> Vec<Finding> {
    let identity = Identity::current(&host.root);
    let mut findings = logs::needs(&plan.logs, &gather::wanted(), host, deadline);
    let mut listings = |listings: &[Listing], purpose| {
        let file =
            |listing: &Listing| Finding::text(&identity, &listing.path, purpose, listing.named);
        findings.extend(listings.iter().map(file));
    };
    listings(&plan.whitelists, "a whitelist of Postgrey");
    listings(&plan.ignores, "senders not to report");
    findings.extend(plan.state.as_deref().map(|file| state(file, &identity)));
    findings
}

/// The state file: whether it may be believed, and written.
fn state(file: &Path, identity: &Identity) -> Finding {
    const PURPOSE: &str = "what was read of the logs";
    let name = file.display().to_string();
    match Place::new(file, identity).try_out() {
        Ok(Found::Nothing) => Finding::new(name, PURPOSE, Outcome::Absent),
        Ok(_) => Finding::works(name, PURPOSE),
        Err(obstacle) => Finding::fails(name, PURPOSE, obstacle),
    }
}
