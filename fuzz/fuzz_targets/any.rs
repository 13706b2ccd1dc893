//! One source for all targets: the name of the binary is the name of the target.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| postmaster_plugins_fuzz::run(env!("CARGO_BIN_NAME"), data));
