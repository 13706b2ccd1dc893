//! The kernel's low watermark: below it the kernel starts to reclaim, so that much of the free memory is not for programs.
//! Needed only where the kernel is too old to print MemAvailable itself. From /proc/zoneinfo, proc_zoneinfo(5): a line `low N`
//! (pages) in each zone. The size of a page is the entry AT_PAGESZ (6) of /proc/self/auxv, getauxval(3).

use super::quantity;
use super::tree::Tree;

/// The size of a page on most machines, taken where the kernel does not tell it.
const USUAL_PAGE: u64 = 4096;
/// The tag of the page size in the auxiliary vector.
const AT_PAGESZ: usize = 6;

/// The sum of the zones' low watermarks in bytes; `None` without a readable /proc/zoneinfo.
pub fn low_watermark(tree: &Tree<'_>) -> Option<u64> {
    let pages = low_pages(&tree.read("/proc/zoneinfo").ok()?)?;
    Some(pages.saturating_mul(page_size(tree)))
}

/// Bytes in a page of this machine.
pub fn page_size(tree: &Tree<'_>) -> u64 {
    let vector = tree.read("/proc/self/auxv").unwrap_or_default();
    page_size_of(&vector).unwrap_or(USUAL_PAGE)
}

/// The sum of all lines `low N`, in pages; `None` where there is none.
fn low_pages(content: &[u8]) -> Option<u64> {
    content
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.trim_ascii_start().strip_prefix(b"low "))
        .filter_map(quantity::number)
        .reduce(u64::saturating_add)
}

/// The page size in an auxiliary vector: pairs of machine words, tag and value.
fn page_size_of(vector: &[u8]) -> Option<u64> {
    let (words, _) = vector.as_chunks::<{ size_of::<usize>() }>();
    let (pairs, _) = words.as_chunks::<2>();
    pairs
        .iter()
        .map(|pair| pair.map(usize::from_ne_bytes))
        .find(|[tag, _]| *tag == AT_PAGESZ)
        .map(|[_, size]| size as u64)
        .filter(|size| size.is_power_of_two())
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
    fn page_sizes() {
        let vector = |words: &[usize]| -> Vec<u8> {
            words.iter().flat_map(|word| word.to_ne_bytes()).collect()
        };
        for (name, words, size) in [
            ("x86", vec![33, 7, 6, 4096, 0, 0], Some(4096)),
            ("arm64 with large pages", vec![6, 65_536], Some(65_536)),
            ("nonsense", vec![6, 0], None),
            ("a value that looks like the tag", vec![5, 6, 0, 0], None),
            ("empty", vec![], None),
        ] {
            assert_eq!(page_size_of(&vector(&words)), size, "{name}");
        }
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
