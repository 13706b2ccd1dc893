//! /proc/meminfo, proc_meminfo(5): `Key:   number kB` a line.
//!
//! Every line stands for itself: split at the first colon, blanks away, a number and perhaps `kB`. Lines that are not so, and keys
//! that nobody asked for, are passed over (2.4 kernels have a table on top, vendors add keys without a blank). Of a key that
//! appears twice the last well-formed line counts, as psutil has it.

use super::quantity::{self, TOO_LARGE};
use serde::Serialize;
use std::fmt;

/// The lines of /proc/meminfo that matter here, in bytes; `None` where the kernel does not print one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Meminfo {
    /// MemTotal, never zero.
    pub total: u64,
    /// MemFree: not used for anything.
    pub free: Option<u64>,
    /// MemAvailable (since Linux 3.14): what programs can get without swapping. May lie above `total` in containers.
    pub available: Option<u64>,
    /// Buffers.
    pub buffers: Option<u64>,
    /// Cached: page cache, `shmem` included.
    pub cached: Option<u64>,
    /// Shmem: shared memory and tmpfs, which cannot be dropped.
    pub shmem: Option<u64>,
    /// AnonPages: memory of programs that no file backs.
    pub anon: Option<u64>,
    /// Active(file).
    pub active_file: Option<u64>,
    /// Inactive(file).
    pub inactive_file: Option<u64>,
    /// SReclaimable: caches of the kernel that it gives back.
    pub slab_reclaimable: Option<u64>,
    /// SUnreclaim: memory of the kernel that it keeps.
    pub slab_kept: Option<u64>,
    /// KernelStack.
    pub kernel_stack: Option<u64>,
    /// PageTables.
    pub page_tables: Option<u64>,
    /// Percpu.
    pub per_cpu: Option<u64>,
    /// SwapTotal.
    pub swap_total: Option<u64>,
    /// SwapFree.
    pub swap_free: Option<u64>,
    /// Whether there is a line SwapTotal or SwapFree at all, be it a size or not.
    pub swap_lines: bool,
    /// Hugetlb: the huge pages reserved in all pools. Older kernels do not print it.
    pub hugetlb: Option<u64>,
    /// HugePages_Total: a number of pages, of the default size only.
    pub hugepages: Option<u64>,
    /// Hugepagesize: the default size.
    pub hugepage_size: Option<u64>,
}

/// What can be wrong in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// No line MemTotal.
    NoTotal,
    /// A line MemTotal that is not a size.
    BadTotal(String),
    /// MemTotal is 0.
    ZeroTotal,
    /// Neither a plausible MemAvailable nor a MemFree.
    NoFree,
}

type Field = fn(&mut Lines) -> &mut Option<u64>;

/// The lines as found, MemTotal not yet checked.
#[derive(Default)]
struct Lines {
    total: Option<u64>,
    found: Meminfo,
}

/// Key and place of every line that is read.
const FIELDS: [(&[u8], Field); 19] = [
    (b"MemTotal", |lines| &mut lines.total),
    (b"MemFree", |lines| &mut lines.found.free),
    (b"MemAvailable", |lines| &mut lines.found.available),
    (b"Buffers", |lines| &mut lines.found.buffers),
    (b"Cached", |lines| &mut lines.found.cached),
    (b"Shmem", |lines| &mut lines.found.shmem),
    (b"AnonPages", |lines| &mut lines.found.anon),
    (b"Active(file)", |lines| &mut lines.found.active_file),
    (b"Inactive(file)", |lines| &mut lines.found.inactive_file),
    (b"SReclaimable", |lines| &mut lines.found.slab_reclaimable),
    (b"SUnreclaim", |lines| &mut lines.found.slab_kept),
    (b"KernelStack", |lines| &mut lines.found.kernel_stack),
    (b"PageTables", |lines| &mut lines.found.page_tables),
    (b"Percpu", |lines| &mut lines.found.per_cpu),
    (b"SwapTotal", |lines| &mut lines.found.swap_total),
    (b"SwapFree", |lines| &mut lines.found.swap_free),
    (b"Hugetlb", |lines| &mut lines.found.hugetlb),
    (b"HugePages_Total", |lines| &mut lines.found.hugepages),
    (b"Hugepagesize", |lines| &mut lines.found.hugepage_size),
];

/// The lines of swap space: a kernel without it prints neither.
const SWAP: [&[u8]; 2] = [b"SwapTotal", b"SwapFree"];

impl Meminfo {
    /// Reads the content of /proc/meminfo.
    ///
    /// # Errors
    /// [`Wrong`] where the total, or what is left of it, cannot be told.
    pub fn parse(content: &[u8]) -> Result<Self, Wrong> {
        let mut lines = Lines::default();
        let mut bad_total = None;
        for (key, value) in content.split(|byte| *byte == b'\n').filter_map(split) {
            lines.found.swap_lines |= SWAP.contains(&key);
            match (field(&mut lines, key), quantity::bytes(value)) {
                (Some(place), Some(bytes)) => *place = Some(bytes),
                (Some(_), None) if key == b"MemTotal" => bad_total = Some(value),
                _ => {}
            }
        }
        let total = match (lines.total, bad_total) {
            (Some(0), _) => return Err(Wrong::ZeroTotal),
            (Some(TOO_LARGE), _) => return Err(Wrong::BadTotal(String::from("too large"))),
            (Some(total), _) => total,
            (None, Some(bad)) => return Err(Wrong::BadTotal(excerpt(bad))),
            (None, None) => return Err(Wrong::NoTotal),
        };
        let free = lines.found.free.filter(|free| *free != TOO_LARGE);
        let found = Meminfo {
            total,
            free,
            ..lines.found
        };
        match (found.trusted_available(), free) {
            (None, None) => Err(Wrong::NoFree),
            _ => Ok(found),
        }
    }

    /// MemAvailable where it does not lie above MemTotal.
    pub fn trusted_available(&self) -> Option<u64> {
        self.available.filter(|available| *available <= self.total)
    }
}

fn field<'a>(lines: &'a mut Lines, key: &[u8]) -> Option<&'a mut Option<u64>> {
    let (_, place) = FIELDS.iter().find(|(name, _)| *name == key)?;
    Some(place(lines))
}

/// Key and value of a line, blanks around the key away.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    Some((line[..colon].trim_ascii(), &line[colon + 1..]))
}

fn excerpt(value: &[u8]) -> String {
    let value = value.trim_ascii();
    String::from_utf8_lossy(&value[..value.len().min(40)]).into_owned()
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::NoTotal => f.write_str("there is no line MemTotal"),
            Wrong::BadTotal(value) => {
                write!(f, "MemTotal is '{value}' and not a number of kB")
            }
            Wrong::ZeroTotal => f.write_str("MemTotal is 0"),
            Wrong::NoFree => f.write_str("neither MemAvailable nor MemFree can be read"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Meminfo, Wrong> {
        Meminfo::parse(text.as_bytes())
    }

    #[test]
    fn oddities_of_the_field() {
        const KIB: u64 = 1024;
        for (name, text, total, free, available) in [
            (
                "2.4 header (gopsutil issue1002)",
                "        total:    used:    free:\nMem:  260579328 136073216 124506112\nSwap: 0 0 0\n\
                 MemTotal:         254472 kB\nMemFree:          121588 kB\nMemAvailable:     210156 kB\n",
                254_472 * KIB,
                Some(121_588 * KIB),
                Some(210_156 * KIB),
            ),
            (
                "tabs, junk lines, other units (moby)",
                "\tMemTotal:      1 kB\n\tMemFree:       2 kB\n\tMemAvailable:  3 kB\n\tMalformed1:\n\tMalformed2:    1\n\
                 \tMalformed3:    2 MB\n\tMalformed4:    X kB\n",
                KIB,
                Some(2 * KIB),
                Some(3 * KIB),
            ),
            (
                "no blank after the colon, no newline at the end",
                "MemTotal:100 kB\nShadowCallStack:10373888 kB\nMemFree:50kB",
                100 * KIB,
                Some(50 * KIB),
                None,
            ),
            (
                "no unit is bytes",
                "MemTotal: 4096\nMemFree: 1024\n",
                4096,
                Some(1024),
                None,
            ),
            (
                "a negative MemAvailable is none (psutil)",
                "MemTotal: 100 kB\nMemFree: 50 kB\nMemAvailable: -1 kB\n",
                100 * KIB,
                Some(50 * KIB),
                None,
            ),
            (
                "the last duplicate counts, a malformed one does not",
                "MemTotal: 9 kB\nMemFree: 1 kB\nMemTotal: 100 kB\nMemFree: 50 kB\nMemTotal: x\n",
                100 * KIB,
                Some(50 * KIB),
                None,
            ),
            (
                "carriage returns",
                "MemTotal: 100 kB\r\nMemFree: 50 kB\r\n",
                100 * KIB,
                Some(50 * KIB),
                None,
            ),
        ] {
            let found = parse(text).unwrap();
            assert_eq!(
                (found.total, found.free, found.available),
                (total, free, available),
                "{name}"
            );
        }
    }

    #[test]
    fn not_a_meminfo() {
        for (text, wrong) in [
            ("", Wrong::NoTotal),
            ("some\nwords\nacross\nmultiple\nlines", Wrong::NoTotal),
            ("MemFree: 5 kB\n", Wrong::NoTotal),
            (
                "MemTotal: 32495256 kB trailing\nMemFree: 5 kB\n",
                Wrong::BadTotal(String::from("32495256 kB trailing")),
            ),
            ("MemTotal:\n", Wrong::BadTotal(String::new())),
            (
                "MemTotal: -5 kB\nMemFree: 5 kB\n",
                Wrong::BadTotal(String::from("-5 kB")),
            ),
            (
                "MemTotal: 18446744073709551488 kB\nMemFree: 5 kB\n",
                Wrong::BadTotal(String::from("too large")),
            ),
            ("MemTotal: 0 kB\nMemFree: 0 kB\n", Wrong::ZeroTotal),
            ("MemTotal: 100 kB\nCached: 50 kB\n", Wrong::NoFree),
            (
                "MemTotal: 100 kB\nMemFree: x kB\nMemAvailable:\n",
                Wrong::NoFree,
            ),
            ("MemTotal: 100 kB\nMemAvailable: 101 kB\n", Wrong::NoFree),
            (
                "MemTotal: 100 kB\nMemFree: 18446744073709551488 kB\nMemAvailable: 18446744073709551488 kB\n",
                Wrong::NoFree,
            ),
        ] {
            assert_eq!(parse(text), Err(wrong), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_meminfo_or_an_error(content in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(found) = Meminfo::parse(&content) {
                prop_assert!(found.total > 0);
            }
        }

        #[test]
        fn any_numbers_are_bounded(total: u64, free: u64, available: u64) {
            let text = format!("MemTotal: {total} kB\nMemFree: {free} kB\nMemAvailable: {available} kB\n");
            if let Ok(found) = parse(&text) {
                prop_assert!(found.trusted_available().is_none_or(|available| available <= found.total));
            }
        }
    }
}
