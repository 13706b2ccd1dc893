//! What is fuzzed: every parser, and each check from bytes to report. A target takes any bytes and panics where a property does not
//! hold. The fuzzer calls the targets through fuzz_targets/any.rs; tests/fuzz.rs of the plugins replays the corpora on any toolchain.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

pub mod base;
pub mod dice;
pub mod journal;
pub mod output;
pub mod parsers;
#[path = "../../examples/conform/perfdata.rs"]
pub mod perfdata;
pub mod queues;
#[path = "../../examples/conform/rules.rs"]
#[allow(dead_code)]
pub mod rules;
pub mod state;
pub mod whole;
pub mod worse;

/// A target: its name, which is that of its corpus, and what it does.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
}

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// All targets.
pub const TARGETS: [Target; 28] = [
    target("stamp", parsers::stamp),
    target("log_line", parsers::log_line),
    target("whitelist", parsers::whitelist),
    target("listing", parsers::listing),
    target("reply", parsers::reply),
    target("rules", parsers::rules),
    target("known", parsers::known),
    target("memory_files", parsers::memory_files),
    target("range", parsers::range),
    target("threshold", parsers::threshold),
    target("words", parsers::words),
    target("main_cf", parsers::main_cf),
    target("journal_file", journal::file),
    target("export", journal::export),
    target("state_base", base::base),
    target("state_memos", state::memos),
    target("state_summary", state::summary),
    target("clean", output::clean),
    target("report", output::report),
    target("arguments", output::arguments),
    target("queue_forms", queues::forms),
    target("whole_postgrey", whole::postgrey),
    target("whole_mailq", whole::mailq),
    target("whole_memory", whole::memory),
    target("log_cut", worse::log_cut),
    target("listing_cut", worse::listing_cut),
    target("packed_damage", worse::packed_damage),
    target("more_refusals", worse::more_refusals),
];

/// The target of that name. Known when it is compiled, so that the linker leaves out all that the others need: after each execution
/// libFuzzer walks through the counters of everything that is linked in.
pub const fn named(name: &str) -> fn(&[u8]) {
    let mut number = 0;
    while number < TARGETS.len() {
        if is_same(TARGETS[number].name, name) {
            return TARGETS[number].run;
        }
        number += 1;
    }
    panic!("no target of that name");
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut length = 0;
    while length < one.len() && length < other.len() && one[length] == other[length] {
        length += 1;
    }
    length == one.len() && length == other.len()
}
