//! check_mailq_blacklist: who refuses our mail, why, and where to ask.

use postmaster_plugins::checks::mailq::MailqBlacklist;
use postmaster_plugins::plugin::edge;
use std::process::ExitCode;

fn main() -> ExitCode {
    edge::run::<MailqBlacklist>()
}
