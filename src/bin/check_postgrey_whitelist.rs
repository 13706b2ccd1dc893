//! check_postgrey_whitelist: which senders greylisting hurts.

use postmaster_plugins::checks::postgrey::PostgreyWhitelist;
use postmaster_plugins::plugin::edge;
use std::process::ExitCode;

fn main() -> ExitCode {
    edge::run::<PostgreyWhitelist>()
}
