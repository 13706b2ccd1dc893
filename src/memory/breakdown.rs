//! Where the memory is: a few parts that add up to the total, so that a picture of it leaves nothing out.

use super::meminfo::Meminfo;
use super::zfs::Arc;
use serde::Serialize;

/// Parts of the memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Parts {
    /// Anonymous memory of programs.
    pub programs: u64,
    /// Shared memory and tmpfs.
    pub shared: u64,
    /// Reserved huge pages.
    pub huge_pages: u64,
    /// The kernel's own memory that it cannot give back.
    pub kernel: u64,
    /// The ARC of ZFS.
    pub zfs_arc: u64,
    /// Files and kernel objects kept in memory: given back on demand.
    pub cache: u64,
    /// Memory that holds nothing.
    pub unused: u64,
}

/// All of the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Breakdown {
    /// What is known.
    #[serde(flatten)]
    pub parts: Parts,
    /// The rest: drivers, firmware, in a cgroup also its neighbours below the same limit.
    pub other: u64,
}

impl Parts {
    /// The parts of the host's memory, `huge_pages` bytes of it reserved.
    pub fn of_host(meminfo: &Meminfo, arc: Option<Arc>, huge_pages: u64) -> Self {
        let part = |value: Option<u64>| value.unwrap_or(0);
        let shared = part(meminfo.shmem);
        let sum =
            |values: [Option<u64>; 4]| values.into_iter().flatten().fold(0, u64::saturating_add);
        Self {
            programs: part(meminfo.anon),
            shared,
            huge_pages,
            kernel: sum([
                meminfo.slab_kept,
                meminfo.kernel_stack,
                meminfo.page_tables,
                meminfo.per_cpu,
            ]),
            zfs_arc: arc.map_or(0, |arc| arc.size),
            cache: sum([
                meminfo.buffers,
                meminfo.cached,
                meminfo.slab_reclaimable,
                None,
            ])
            .saturating_sub(shared),
            unused: part(meminfo.free),
        }
    }

    fn sum(&self) -> u64 {
        [
            self.programs,
            self.shared,
            self.huge_pages,
            self.kernel,
            self.zfs_arc,
            self.cache,
            self.unused,
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }
}

impl Breakdown {
    /// `parts` of `total` bytes, and the rest.
    pub fn new(total: u64, parts: Parts) -> Self {
        Self {
            parts,
            other: total.saturating_sub(parts.sum()),
        }
    }

    /// Names and sizes, what is in use first.
    pub fn rows(&self) -> [(&'static str, u64); 8] {
        let parts = &self.parts;
        [
            ("programs", parts.programs),
            ("shared memory and tmpfs", parts.shared),
            ("reserved huge pages", parts.huge_pages),
            ("kernel", parts.kernel),
            ("ZFS ARC", parts.zfs_arc),
            ("other", self.other),
            ("cache", parts.cache),
            ("unused", parts.unused),
        ]
    }

    /// All parts together: the total, or more where the kernel counts a page twice.
    pub fn sum(&self) -> u64 {
        self.parts.sum().saturating_add(self.other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_host_add_up() {
        // node_exporter's fixture and its ARC
        let text = b"MemTotal: 3742148 kB\nMemFree: 225472 kB\nBuffers: 22040 kB\nCached: 930888 kB\nShmem: 593840 kB\n\
            AnonPages: 600000 kB\nSReclaimable: 44772 kB\nSUnreclaim: 54160 kB\nKernelStack: 5800 kB\nPageTables: 75212 kB\n";
        let found = Meminfo::parse(text).unwrap();
        let arc = Arc {
            size: 1_603_939_792,
            shrinkable: 1_570_385_360,
        };
        let breakdown = Breakdown::new(found.total, Parts::of_host(&found, Some(arc), 0));
        assert_eq!(breakdown.sum(), found.total);
        assert_eq!(
            breakdown.parts.cache,
            (22_040 + 930_888 + 44_772 - 593_840) * 1024
        );
        assert_eq!(breakdown.parts.kernel, (54_160 + 5800 + 75_212) * 1024);
        assert_eq!(breakdown.parts.zfs_arc, 1_603_939_792);
        assert_eq!(breakdown.parts.unused, 225_472 * 1024);
    }

    #[test]
    fn more_parts_than_the_whole() {
        let parts = Parts {
            programs: u64::MAX,
            cache: 5,
            ..Parts::default()
        };
        assert_eq!(Breakdown::new(100, parts).other, 0);
    }
}
