//! The size of a page: the kernel counts some things in pages. It is the entry AT_PAGESZ (6) of /proc/self/auxv, getauxval(3).

use super::tree::Tree;

/// The size of a page on most machines, taken where the kernel does not tell it.
const USUAL_PAGE: u64 = 4096;
/// The tag of the page size in the auxiliary vector.
const AT_PAGESZ: usize = 6;

/// Bytes in a page of this machine.
pub fn size(tree: &Tree<'_>) -> u64 {
    let vector = tree.read("/proc/self/auxv").unwrap_or_default();
    size_in(&vector).unwrap_or(USUAL_PAGE)
}

/// The page size in an auxiliary vector: pairs of machine words, tag and value.
fn size_in(vector: &[u8]) -> Option<u64> {
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
    fn sizes() {
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
            assert_eq!(size_in(&vector(&words)), size, "{name}");
        }
    }
}
