//! postmaster-plugins: Icinga and Nagios checks for people who run mail servers.
//!
//! # The map
//!
//! Ground floor: knows no mail, no memory and no check.
//!
//! * `host`: what we ask of the machine: clock, zone, root, terminal, time limit, why a file is not readable,
//!   and work that runs ahead, beside other work or aside of the answer.
//! * `plugin`: what the monitoring cores expect: states, ranges, limits, perfdata, clean text, one write, one exit.
//! * `state`: what a run leaves for the next: records in a private file, written whole or not at all.
//! * `log`: from files, rotated sets and standard input to lines with a time. Knows no mail program.
//! * `words`: how counts are put in a sentence.
//!
//! First floor: one domain each; they do not know each other.
//!
//! * `postgrey`: Postgrey's log lines, its whitelist rules, the sender a client belongs to, one mail's series of tries.
//! * `mailq`: queue listings of seven mail systems, and how to ask for them.
//! * `delivery`: what Postfix's and Exim's logs tell of deliveries.
//! * `reply`: why another server refused: from a reply's text to a class, a list or provider, our address, and where to ask.
//! * `memory`: what programs can get of the memory, limits of cgroups, swap, pressure, and who has the rest.
//!
//! `checks` is the only place where rooms meet; `src/bin/` names a check and hands it to the edge.
//!
//! Arrows: bin → checks → domain rooms → log → state → host; checks and plugin → host. Domain rooms and `log` never name a type of
//! `plugin`. `tests/house.rs` searches the sources for these rules.

pub mod checks;
pub mod delivery;
pub mod host;
pub mod log;
pub mod mailq;
pub mod memory;
pub mod plugin;
pub mod postgrey;
pub mod reply;
pub mod state;
pub mod words;
