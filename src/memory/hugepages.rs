//! Memory reserved for huge pages: it counts as used, whoever uses it.
//!
//! There is a pool for each size. The line Hugetlb of /proc/meminfo is the sum of all pools; older kernels do not print it, and their
//! other lines tell of the default size only. /sys/kernel/mm/hugepages/hugepages-SIZEkB/nr_hugepages tells of each pool
//! (Documentation/admin-guide/mm/hugetlbpage.rst).

use super::meminfo::Meminfo;
use super::quantity;
use super::tree::Tree;

const POOLS: &str = "/sys/kernel/mm/hugepages";

/// Bytes reserved in all pools. `None` where there are pages and their size is not known.
pub fn reserved(tree: &Tree<'_>, meminfo: &Meminfo) -> Option<u64> {
    meminfo
        .hugetlb
        .or_else(|| in_pools(tree))
        .or_else(|| in_default_pool(meminfo))
}

/// The sum of the pools of sysfs; `None` without that directory, or where one of them cannot be read.
fn in_pools(tree: &Tree<'_>) -> Option<u64> {
    let entries = std::fs::read_dir(tree.path(POOLS)).ok()?;
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter_map(|name| Some((page_size(&name)?, name)))
        .try_fold(0_u64, |sum, (size, name)| {
            let pages = tree.read(&format!("{POOLS}/{name}/nr_hugepages")).ok()?;
            let bytes = size.saturating_mul(quantity::number(&pages)?);
            Some(sum.saturating_add(bytes))
        })
}

/// The bytes in `hugepages-2048kB`.
fn page_size(pool: &str) -> Option<u64> {
    quantity::bytes(pool.strip_prefix("hugepages-")?.as_bytes())
}

fn in_default_pool(meminfo: &Meminfo) -> Option<u64> {
    match meminfo.hugepages.unwrap_or(0) {
        0 => Some(0),
        pages => meminfo.hugepage_size.map(|size| size.saturating_mul(pages)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;
    const DEFAULT: &str = "HugePages_Total: 1024\nHugePages_Free: 1023\nHugepagesize: 2048 kB\n";

    #[test]
    fn reserved_bytes() {
        let pools = |small: &'static str, large: &'static str| {
            vec![("hugepages-2048kB", small), ("hugepages-1048576kB", large)]
        };
        for (name, lines, pools, expected) in [
            ("the default pool (DAOS)", DEFAULT, vec![], Some(2 * GIB)),
            (
                "1 GiB pages (DAOS)",
                "HugePages_Total: 16\nHugePages_Free: 16\nHugepagesize: 1048576 kB\n",
                vec![],
                Some(16 * GIB),
            ),
            (
                "Hugetlb counts every pool (Ubuntu forum)",
                "HugePages_Total: 1024\nHugepagesize: 2048 kB\nHugetlb: 10485760 kB\n",
                pools("1024\n", "0\n"),
                Some(10 * GIB),
            ),
            (
                "without it sysfs does",
                DEFAULT,
                pools("1024\n", "8\n"),
                Some(10 * GIB),
            ),
            ("pools that hold nothing", "", pools("0\n", "0\n"), Some(0)),
            (
                "a pool that tells nothing",
                DEFAULT,
                pools("1024\n", "x\n"),
                Some(2 * GIB),
            ),
            (
                "what is no pool",
                DEFAULT,
                vec![("hugepages-x", "5\n"), ("hugepages-2048kB", "1024\n")],
                Some(2 * GIB),
            ),
            (
                "a size that is none (DAOS)",
                "HugePages_Total: 16\nHugepagesize: blerble 1 GB\n",
                vec![],
                None,
            ),
            (
                "another unit (DAOS)",
                "HugePages_Total: 16\nHugepagesize: 1 GB\n",
                vec![],
                None,
            ),
            ("a kernel without them", "", vec![], Some(0)),
        ] {
            let dir = tempfile::tempdir().unwrap();
            for (pool, pages) in pools {
                let pool = dir.path().join(&POOLS[1..]).join(pool);
                std::fs::create_dir_all(&pool).unwrap();
                std::fs::write(pool.join("nr_hugepages"), pages).unwrap();
            }
            let text = format!("MemTotal: 100 kB\nMemFree: 5 kB\n{lines}");
            let meminfo = Meminfo::parse(text.as_bytes()).unwrap();
            let tree = Tree::new(dir.path());
            assert_eq!(reserved(&tree, &meminfo), expected, "{name}");
        }
    }
}
