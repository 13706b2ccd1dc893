//! What programs can get without swapping.
//!
//! The kernel knows best: MemAvailable (since Linux 3.14). Where it is missing, the kernel's own formula of that time is computed
//! (commit 34e431b0ae, mm/page_alloc.c `si_mem_available`); where even its terms are missing, the older sums of `free`. A
//! MemAvailable above MemTotal comes from a container that mixes its own and the host's numbers: MemFree is then all that is sure.

use super::meminfo::Meminfo;
use serde::Serialize;

/// Where the number of bytes comes from, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// MemAvailable.
    Kernel,
    /// The kernel's formula with the watermarks of /proc/zoneinfo.
    Formula,
    /// The kernel's formula without watermarks: up to a few per cent too much.
    FormulaWithoutWatermarks,
    /// MemFree + Buffers + Cached + SReclaimable - Shmem.
    Sums,
    /// MemFree, because there is nothing to add.
    FreeOnly,
    /// MemFree, because MemAvailable lies above MemTotal.
    FreeInstead,
}

impl Basis {
    /// Whether the number is our estimate and not the kernel's.
    pub fn is_estimate(self) -> bool {
        self != Basis::Kernel
    }

    /// How the number was made.
    fn explained(self) -> &'static str {
        match self {
            Basis::Kernel => "MemAvailable",
            Basis::Formula => "the kernel's formula with the watermarks of /proc/zoneinfo",
            Basis::FormulaWithoutWatermarks => "the kernel's formula without watermarks",
            Basis::Sums => "MemFree + Buffers + Cached + SReclaimable - Shmem",
            Basis::FreeOnly | Basis::FreeInstead => "MemFree",
        }
    }
}

/// The memory that programs can get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Available {
    /// Bytes, at most the total.
    #[serde(rename = "available")]
    pub bytes: u64,
    /// Where they come from.
    pub basis: Basis,
    /// Whether MemAvailable is there and 0, which is not believed where anything else is known.
    #[serde(skip)]
    pub zero: bool,
}

impl Available {
    /// How the number was made, and why it is not the kernel's.
    pub fn explained(&self) -> String {
        let why = match (self.basis, self.zero) {
            (Basis::Kernel, _) => "",
            (Basis::FreeInstead, _) => ", as MemAvailable lies above MemTotal",
            (_, true) => ", as MemAvailable is 0",
            (_, false) => ", as there is no MemAvailable",
        };
        format!("{}{why}", self.basis.explained())
    }
}

/// What programs can get. `low_watermark` (bytes) is asked for only where it is needed.
pub fn available(meminfo: &Meminfo, low_watermark: impl FnOnce() -> Option<u64>) -> Available {
    let free = meminfo.free.unwrap_or(0);
    let (bytes, basis) = match (meminfo.trusted_available(), meminfo.available, meminfo.free) {
        (Some(0), _, Some(_)) | (None, None, _) => estimate(meminfo, free, low_watermark),
        (Some(available), _, _) => (available, Basis::Kernel),
        (None, Some(_), _) => (free, Basis::FreeInstead),
    };
    Available {
        bytes: bytes.min(meminfo.total),
        basis,
        zero: meminfo.available == Some(0),
    }
}

fn estimate(
    meminfo: &Meminfo,
    free: u64,
    low_watermark: impl FnOnce() -> Option<u64>,
) -> (u64, Basis) {
    // A part larger than the whole is no number to add.
    let part = |value: Option<u64>| value.filter(|value| *value <= meminfo.total);
    let slab = part(meminfo.slab_reclaimable).unwrap_or(0);
    if let (Some(active), Some(inactive)) = (part(meminfo.active_file), part(meminfo.inactive_file))
    {
        let watermark = low_watermark();
        let basis = match watermark {
            Some(_) => Basis::Formula,
            None => Basis::FormulaWithoutWatermarks,
        };
        let low = watermark.unwrap_or(0);
        return (
            formula(free, active.saturating_add(inactive), slab, low),
            basis,
        );
    }
    match (part(meminfo.buffers), part(meminfo.cached)) {
        (None, None) => (free, Basis::FreeOnly),
        (buffers, cached) => (
            sums(free, [buffers, cached, Some(slab)], part(meminfo.shmem)),
            Basis::Sums,
        ),
    }
}

/// `si_mem_available` of Linux 3.14: half of the cache, but no more than the watermark, is needed to work at all.
fn formula(free: u64, page_cache: u64, slab: u64, low: u64) -> u64 {
    let spare = |cache: u64| cache - (cache / 2).min(low);
    free.saturating_add(spare(page_cache))
        .saturating_add(spare(slab))
        .saturating_sub(low)
}

fn sums(free: u64, caches: [Option<u64>; 3], shmem: Option<u64>) -> u64 {
    caches
        .into_iter()
        .flatten()
        .fold(free, u64::saturating_add)
        .saturating_sub(shmem.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: u64 = 1024;

    fn meminfo(lines: &[(&str, u64)]) -> Meminfo {
        let text: String = lines
            .iter()
            .map(|(key, kib)| format!("{key}: {kib} kB\n"))
            .collect();
        Meminfo::parse(text.as_bytes()).unwrap()
    }

    /// MemAvailable is there: the sources and the original agree on bytes and percentage.
    #[test]
    fn as_the_kernel_says() {
        // Source; MemTotal, MemFree and MemAvailable in kB; expected bytes, and hundredths of a per cent.
        for row in [
            "madrisan               16384256  11918208   14564424   14913970176 8889",
            "NETWAYS                15896752   1521552    8269184    8467644416 5202",
            "gopsutil-intelcorei5   16115528   8577628   11225936   11495358464 6966",
            "gopsutil-issue1002       254472    121588     210156     215199744 8259",
            "gopsutil-anonhugepages 260799420 119443248 127880216  130949341184 4903",
            "monitoring-plugins     32767776   1693508   23807480   24378859520 7266",
            "Percona-meminfo-002     1694732     67872     175984     180207616 1038",
            "systemd-oomd           32495256   9880512   21777088   22299738112 6702",
            "lxcfs#84                 998384    987608     987608    1011310592 9892",
            "lxcfs#115              20971520   8615216    8615216    8821981184 4108",
            "prometheus-alerts#50   16268028    170024    5735232    5872877568 3525",
            "lxcfs#175               4194304      4760       4760       4874240   11",
            "htop#821               15218404   5633168    9050148    9267351552 5947",
            "kubernetes#118916      16393244   9744148   15020900   15381401600 9163",
            "Debian-new-format      12303836  10000000   10623236   10878193664 8634",
            "NETWAYS-meminfo2-above-total 1000     300    8269184        307200 3000",
            "moby-all-above-total          1         2          3          1024 10000",
            "negative-as-unsigned       1000       300 18446744073709551488 307200 3000",
        ] {
            let mut cells = row.split_whitespace();
            let source = cells.next().unwrap();
            let numbers: Vec<u64> = cells.map(|cell| cell.parse().unwrap()).collect();
            let [total, free, shown, bytes, percent] = numbers[..] else {
                panic!("{row}")
            };
            let found = meminfo(&[
                ("MemTotal", total),
                ("MemFree", free),
                ("MemAvailable", shown),
            ]);
            let got = available(&found, || panic!("no watermark is needed"));
            let basis = match shown > total {
                true => Basis::FreeInstead,
                false => Basis::Kernel,
            };
            assert_eq!((got.bytes, got.basis), (bytes, basis), "{source}");
            let whole = u128::from(found.total);
            let hundredths = (u128::from(bytes) * 10_000 + whole / 2) / whole;
            assert_eq!(hundredths, u128::from(percent), "{source}");
        }
    }

    /// No MemAvailable (Linux before 3.14): the formula without watermarks, in kB.
    #[test]
    fn as_the_formula_says() {
        // Source; MemTotal, MemFree, Active(file), Inactive(file) (its last line) and SReclaimable; expected.
        for row in [
            "node_exporter         3742148  225472  213412  145676   44772   629332",
            "prometheus/procfs    15666184  440324 6494020 6532440 1738124 15204908",
            "Percona-meminfo-001   8060856  832496 2900000 2800000  271920  6804416",
            "Percona-cacti-001      502412   38228   60000   45000    6664   149892",
            "Percona-cacti-002     8060856  721756 2900000 2840000  271376  6733132",
            "psutil               16325648 2057400 3000000 1567648  296712  6921760",
        ] {
            let mut cells = row.split_whitespace();
            let source = cells.next().unwrap();
            let numbers: Vec<u64> = cells.map(|cell| cell.parse().unwrap()).collect();
            let [total, free, active, inactive, slab, expected] = numbers[..] else {
                panic!("{row}")
            };
            let found = meminfo(&[
                ("MemTotal", total),
                ("MemFree", free),
                ("Active(file)", active),
                ("Inactive(file)", 1_578_132),
                ("Inactive(file)", inactive),
                ("SReclaimable", slab),
            ]);
            let got = available(&found, || None);
            assert_eq!(got.bytes, expected * KIB, "{source}");
            assert_eq!(got.basis, Basis::FormulaWithoutWatermarks, "{source}");
        }
    }

    #[test]
    fn watermarks_and_older_sums() {
        use Basis::{Formula, FreeOnly, Kernel, Sums};
        let old = [("MemTotal", 3_742_148), ("MemFree", 225_472)];
        let cache = [
            ("Active(file)", 213_412),
            ("Inactive(file)", 145_676),
            ("SReclaimable", 44_772),
        ];
        let sums = [
            ("Buffers", 22_040),
            ("Cached", 930_888),
            ("SReclaimable", 44_772),
            ("Shmem", 593_840),
        ];
        for (name, more, low, expected, basis) in [
            (
                "a small watermark comes off three times",
                cache.to_vec(),
                1000,
                626_332,
                Formula,
            ),
            (
                "a large one takes half of each cache",
                cache.to_vec(),
                200_000,
                225_472 - 200_000 + 179_544 + 22_386,
                Formula,
            ),
            (
                "one above everything leaves nothing",
                cache.to_vec(),
                3_000_000,
                0,
                Formula,
            ),
            (
                "the older sums (same file, same result)",
                sums.to_vec(),
                1000,
                629_332,
                Sums,
            ),
            (
                "OpenVZ without Buffers",
                sums[1..].to_vec(),
                0,
                607_292,
                Sums,
            ),
            (
                "more shared memory than cache",
                vec![("Cached", 10), ("Shmem", 300_000)],
                0,
                0,
                Sums,
            ),
            ("only MemFree", vec![], 0, 225_472, FreeOnly),
            (
                "MemAvailable 0 is not believed",
                [&cache[..], &[("MemAvailable", 0)]].concat(),
                1000,
                626_332,
                Formula,
            ),
            (
                "a part above the whole is not added",
                vec![("Cached", u64::MAX / 2048)],
                0,
                225_472,
                FreeOnly,
            ),
            (
                "a negative part is not added",
                vec![("Cached", 18_446_744_073_709_551_488)],
                0,
                225_472,
                FreeOnly,
            ),
            (
                "sums end at the total",
                vec![("Cached", 3_742_148), ("Buffers", 3_742_148)],
                0,
                3_742_148,
                Sums,
            ),
            ("trusted", vec![("MemAvailable", 5)], 0, 5, Kernel),
        ] {
            let got = available(&meminfo(&[&old[..], &more[..]].concat()), || {
                Some(low * KIB)
            });
            assert_eq!((got.bytes, got.basis), (expected * KIB, basis), "{name}");
        }
    }

    #[test]
    fn zero_is_believed_where_nothing_else_is_known() {
        let found = meminfo(&[("MemTotal", 100), ("MemAvailable", 0)]);
        let got = available(&found, || None);
        assert_eq!((got.bytes, got.basis), (0, Basis::Kernel));
    }
}
