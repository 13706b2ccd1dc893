//! Processes of one program in one unit, added up, largest first.

use super::status::Process;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A program in a unit, with all its processes. Sizes are bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consumer {
    /// The program's name as the processes give it: foreign text.
    pub program: String,
    /// The systemd unit, where there is one.
    pub unit: Option<String>,
    /// How many processes.
    pub processes: u64,
    /// Their anonymous memory.
    pub memory: u64,
    /// Their swapped memory.
    pub swap: u64,
    /// Both.
    pub sum: u64,
}

/// The largest consumers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consumers {
    /// Largest first.
    pub top: Vec<Consumer>,
    /// How many more programs there are.
    pub more: usize,
    /// Whether the kernel hides the processes of other users (mount option `hidepid` of /proc).
    pub others_hidden: bool,
    /// Whether one cgroup's processes are meant and some lie outside this process's cgroup namespace, so that nobody can tell whose they are.
    pub outside_namespace: bool,
    /// Whether the time ran out before all processes were read.
    pub cut_short: bool,
}

/// Adds up processes by program and unit.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    found: BTreeMap<(String, Option<String>), (u64, u64, u64)>,
}

impl Ranking {
    pub(super) fn see(&mut self, process: Process, unit: Option<&str>) {
        let key = (process.name, unit.map(str::to_owned));
        let (processes, memory, swap) = self.found.entry(key).or_default();
        *processes += 1;
        *memory = memory.saturating_add(process.memory);
        *swap = swap.saturating_add(process.swap);
    }

    /// The `count` largest, and how many others there are. Equals stand in the order of their names.
    pub(super) fn top(self, count: usize) -> (Vec<Consumer>, usize) {
        let mut all: Vec<Consumer> = self.found.into_iter().map(consumer).collect();
        all.sort_by_key(|consumer| Reverse(consumer.sum));
        let more = all.len().saturating_sub(count);
        all.truncate(count);
        (all, more)
    }
}

fn consumer(
    ((program, unit), (processes, memory, swap)): ((String, Option<String>), (u64, u64, u64)),
) -> Consumer {
    Consumer {
        program,
        unit,
        processes,
        memory,
        swap,
        sum: memory.saturating_add(swap),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_program_and_unit() {
        let mut ranking = Ranking::default();
        for (name, unit, memory, swap) in [
            ("php-fpm", Some("php.service"), 3, 1),
            ("mysqld", Some("mariadb.service"), 20, 0),
            ("php-fpm", Some("php.service"), 4, 0),
            ("php-fpm", Some("other.service"), 1, 0),
            ("bash", None, 1, 0),
            ("huge", None, u64::MAX, u64::MAX),
        ] {
            let name = name.to_owned();
            ranking.see(Process { name, memory, swap }, unit);
        }
        let (top, more) = ranking.top(4);
        let rows: Vec<_> = top
            .iter()
            .map(|c| (&*c.program, c.unit.as_deref(), c.processes, c.sum))
            .collect();
        assert_eq!(
            rows,
            [
                ("huge", None, 1, u64::MAX),
                ("mysqld", Some("mariadb.service"), 1, 20),
                ("php-fpm", Some("php.service"), 2, 8),
                ("bash", None, 1, 1),
            ]
        );
        assert_eq!(more, 1);
    }
}
