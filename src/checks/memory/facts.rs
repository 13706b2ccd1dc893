//! What was found on the machine: plain data, the same for every view.

use super::amount::Share;
use crate::host::partial::Partial;
use crate::memory::available::Available;
use crate::memory::breakdown::Breakdown;
use crate::memory::cgroup::{Group, Limit};
use crate::memory::pressure::Pressure;
use crate::memory::process::Consumers;
use crate::memory::swap::Swap;
use serde::Serialize;

/// A part of the total that is this fraction of it, or more, is worth a word: 5 %.
const WORTH_A_WORD: u128 = 20;

/// The facts. Sizes are bytes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facts {
    /// Who decided on the total: the host's memory or a cgroup's limit.
    pub source: Source,
    /// What there is.
    pub total: u64,
    /// What programs can get of it.
    pub free: u64,
    /// Whether the host itself has less available than the cgroup has room, so that its number is `free`.
    pub host_is_tightest: bool,
    /// The rest.
    pub used: u64,
    /// `free` in per cent of `total`.
    pub free_percent: Share,
    /// `used` in per cent of `total`.
    pub used_percent: Share,
    /// The host's own numbers.
    pub host: HostMemory,
    /// The cgroup that limits, or the one that was named and that nothing limits.
    pub cgroup: Option<Group>,
    /// The host's swap space.
    pub swap: Swap,
    /// Free swap in per cent.
    pub swap_free_percent: Option<Share>,
    /// Time lost waiting for memory, of the cgroup where there is one and it tells, else of the host. Read where somebody will look at it.
    pub pressure: Option<Pressure>,
    /// Processes killed for want of memory: of the cgroup where there is one, else of the host.
    pub oom_kills: Option<u64>,
    /// Where the memory is.
    pub breakdown: Breakdown,
    /// The largest programs, where they were asked for.
    pub consumers: Option<Consumers>,
    /// Why there is no pressure, where it is to be judged.
    #[serde(skip)]
    pub no_pressure: Option<Partial>,
    /// Why the list of programs is not whole.
    #[serde(skip)]
    pub no_processes: Option<Partial>,
}

/// Who decided on the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The memory of the host.
    Host,
    /// The limit of a cgroup.
    Cgroup,
}

/// The numbers of /proc/meminfo and what was made of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HostMemory {
    /// MemTotal.
    pub total: u64,
    /// What programs can get, without the ARC, and where that number comes from.
    #[serde(flatten)]
    pub available: Available,
    /// Whether it is an estimate.
    pub estimated: bool,
    /// The ARC's shrinkable part, where it counts as free or, below the limit of a cgroup, as what the host has available.
    pub zfs_arc_counted: Option<u64>,
    /// Huge pages left out of the total.
    pub hugepages_excluded: Option<u64>,
    /// Whether there is an ARC that does not count, because this is a container without a limit and the ARC is the host's.
    pub zfs_arc_foreign: bool,
}

impl HostMemory {
    /// What the host can give: what is available and the part of the ARC that counts. At most the total.
    pub fn room(&self) -> u64 {
        let arc = self.zfs_arc_counted.unwrap_or(0);
        self.available.bytes.saturating_add(arc).min(self.total)
    }
}

impl Facts {
    /// The cgroup that limits, and its limit.
    pub fn limit(&self) -> Option<(&Group, &Limit)> {
        let group = self.cgroup.as_ref()?;
        Some((group, group.limit.as_ref()?))
    }

    /// Cache in the working set, in bytes, where the cgroup decides and so much may still be dropped that it is worth a word.
    pub fn droppable(&self) -> Option<u64> {
        let (_, limit) = self.limit()?;
        let (part, total) = (u128::from(limit.droppable), u128::from(self.total));
        (!self.host_is_tightest && part * WORTH_A_WORD >= total).then_some(limit.droppable)
    }

    /// Whether the host's own number is what is free, and not the room of a cgroup.
    pub fn host_decides(&self) -> bool {
        self.source == Source::Host || self.host_is_tightest
    }
}
