//! Swap space from /proc/meminfo. What cannot be read is not "no swap": only a file with neither line, or a SwapTotal of 0, says that. SwapFree above SwapTotal is nonsense of lxcfs (lxc/lxcfs#115) and never counts as space.

use super::meminfo::Meminfo;
use super::quantity::TOO_LARGE;
use serde::Serialize;

/// The swap space of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Swap {
    /// There is none.
    Absent,
    /// SwapTotal is missing beside a SwapFree, or cannot be read.
    Unreadable,
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
            (Some(0), _) => Swap::Absent,
            (None, _) if !meminfo.swap_lines => Swap::Absent,
            (None | Some(TOO_LARGE), _) => Swap::Unreadable,
            (Some(total), Some(free)) if free <= total => Swap::Space {
                total,
                free,
                used: total - free,
            },
            _ => Swap::Implausible,
        }
    }

    /// Why nothing is known of the swap space, where that is so.
    pub fn why_unknown(&self) -> Option<&'static str> {
        match self {
            Swap::Unreadable => Some("SwapTotal is missing or not a number of kB in /proc/meminfo"),
            Swap::Implausible => Some("SwapFree is missing or above SwapTotal in /proc/meminfo"),
            Swap::Absent | Swap::Space { .. } => None,
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
            ("no SwapTotal", "SwapFree: 100 kB\n", Swap::Unreadable),
            (
                "a SwapTotal that is no size",
                "SwapTotal: lots\nSwapFree: 100 kB\n",
                Swap::Unreadable,
            ),
            (
                "a negative SwapTotal",
                "SwapTotal: 18446744073709551488 kB\nSwapFree: 100 kB\n",
                Swap::Unreadable,
            ),
            (
                "a SwapTotal alone that is no size",
                "SwapTotal:\n",
                Swap::Unreadable,
            ),
            (
                "other lines are not of swap space",
                "SwapCached: x\nSwapTotals: 5 kB\n",
                Swap::Absent,
            ),
        ] {
            let text = format!("MemTotal: 1 kB\nMemFree: 1 kB\n{lines}");
            let found = Meminfo::parse(text.as_bytes()).unwrap();
            assert_eq!(Swap::of(&found), swap, "{name}");
        }
    }
}
