//! check_memory: how much memory programs can still get.

use postmaster_plugins::checks::memory::Memory;
use postmaster_plugins::plugin::edge;
use std::process::ExitCode;

fn main() -> ExitCode {
    edge::run::<Memory>()
}
