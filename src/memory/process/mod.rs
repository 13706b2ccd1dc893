//! Who has the memory: programs by systemd unit.
//!
//! Counted is what a process would give back alone: its anonymous memory and its swap (RssAnon and VmSwap). Resident size counts a
//! shared page once for each process, which made one product report 201 % (Linuxfabrik#182); shared memory has its own line in the
//! picture of the whole. Relies on /proc/PID/status, proc_pid_status(5) (RssAnon since Linux 4.5; before that /proc/PID/statm tells
//! resident and shared pages), and on /proc/PID/cgroup, cgroups(7).

mod list;
mod rank;
mod status;
mod unit;

pub use list::list;
pub use rank::{Consumer, Consumers};
