//! Swap space from /proc/meminfo. SwapFree above SwapTotal is nonsense of lxcfs (lxc/lxcfs#115) and never counts as space.

use super::meminfo::Meminfo;
use serde::Serialize;

/// The swap space of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Swap {
    /// There is none.
    Absent,
    /// SwapTotal is not zero, and SwapFree is missing or lies above it.
    Implausible,
    /// There is some.
    Space {
        /// Bytes in all, not zero.
        total: u64,
        /// Bytes not in use.
        free: u64,
        /// Bytes in use.
        used: u64,
    },
}

impl Swap {
    /// The swap space that `meminfo` tells of.
    pub fn of(meminfo: &Meminfo) -> Self {
        match (meminfo.swap_total, meminfo.swap_free) {
            (None | Some(0), _) => Swap::Absent,
            (Some(total), Some(free)) if free <= total => Swap::Space {
                total,
                free,
                used: total - free,
            },
            _ => Swap::Implausible,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces() {
        let space = |total: u64, free: u64| Swap::Space {
            total,
            free,
            used: total - free,
        };
        for (name, lines, swap) in [
            (
                "monitoring-plugins",
                "SwapTotal: 33431548 kB\nSwapFree: 33431548 kB\n",
                space(34_233_905_152, 34_233_905_152),
            ),
            (
                "systemd oomd",
                "SwapTotal: 8388604 kB\nSwapFree: 7652 kB\n",
                space(8_589_930_496, 7_835_648),
            ),
            (
                "lxcfs#115",
                "SwapTotal: 0 kB\nSwapFree: 18446744073709551488 kB\n",
                Swap::Absent,
            ),
            ("no lines", "", Swap::Absent),
            (
                "more free than there is",
                "SwapTotal: 100 kB\nSwapFree: 101 kB\n",
                Swap::Implausible,
            ),
            ("no SwapFree", "SwapTotal: 100 kB\n", Swap::Implausible),
        ] {
            let text = format!("MemTotal: 1 kB\nMemFree: 1 kB\n{lines}");
            let found = Meminfo::parse(text.as_bytes()).unwrap();
            assert_eq!(Swap::of(&found), swap, "{name}");
        }
    }
}
