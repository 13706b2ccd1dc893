//! One source for all targets: the name of the binary is the name of the target.

#![no_main]

use libfuzzer_sys::fuzz_target;

const RUN: fn(&[u8]) = postmaster_plugins_fuzz::named(env!("CARGO_BIN_NAME"));

fuzz_target!(|data: &[u8]| RUN(data));
