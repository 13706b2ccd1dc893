//! What `--diagnose` tries out: Postgrey's whitelists, the ignore files, the logs.

use super::plan::{Listing, Plan};
use crate::checks::logs::needs as logs;
use crate::host::access::Identity;
use crate::host::env::Host;
use crate::host::probe::Finding;

/// Everything that the plan would read.
pub fn needs(plan: &Plan, host: &Host) -> Vec<Finding> {
    let identity = Identity::current(&host.root);
    let mut findings = logs::needs(&plan.logs, &identity, host);
    let mut listings = |listings: &[Listing], purpose| {
        let file =
            |listing: &Listing| Finding::file(&identity, &listing.path, purpose, listing.named);
        findings.extend(listings.iter().map(file));
    };
    listings(&plan.whitelists, "a whitelist of Postgrey");
    listings(&plan.ignores, "senders not to report");
    findings
}
