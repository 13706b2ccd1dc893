//! The kernel's low watermark: below it the kernel starts to reclaim, so that much of the free memory is not for programs.
//! Needed only where the kernel is too old to print MemAvailable itself. From /proc/zoneinfo, proc_zoneinfo(5): a line `low N`
//! (pages) in each zone.

use super::tree::Tree;
use super::{page, quantity};

/// The sum of the zones' low watermarks in bytes; `None` without a readable /proc/zoneinfo.
pub fn low_watermark(tree: &Tree<'_>) -> Option<u64> {
    let pages = low_pages(&tree.read("/proc/zoneinfo").ok()?)?;
    Some(pages.saturating_mul(page::size(tree)))
}

/// The sum of all lines `low N`, in pages; `None` where there is none.
fn low_pages(content: &[u8]) -> Option<u64> {
    content
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.trim_ascii_start().strip_prefix(b"low "))
        .filter_map(quantity::number)
        .reduce(u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watermarks_of_all_zones() {
        let zone = |low: u64| {
            format!(
                "Node 0, zone    DMA\n  pages free     3952\n        min      33\n        low      {low}\n        high     49\n\
                 \x20 pagesets\n    cpu: 0\n              count: 1\n              high:  378\n"
            )
        };
        // prometheus/procfs fixtures/proc/zoneinfo
        let content: String = [41, 21_059, 13_842, 0, 0].into_iter().map(zone).collect();
        assert_eq!(low_pages(content.as_bytes()), Some(34_942));
        assert_eq!(low_pages(b""), None);
        assert_eq!(low_pages(b"low x\nlower 5\n"), None);
    }

    #[test]
    fn pages_become_bytes() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("proc")).unwrap();
        let tree = Tree::new(dir.path());
        assert_eq!(low_watermark(&tree), None);
        std::fs::write(dir.path().join("proc/zoneinfo"), "   low      10\n").unwrap();
        assert_eq!(low_watermark(&tree), Some(40_960));
    }
}
