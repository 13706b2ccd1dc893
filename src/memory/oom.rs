//! How many processes the kernel has killed for want of memory since the start of the machine: `oom_kill` in /proc/vmstat
//! (Linux 4.13). A cgroup's own number is in [`super::cgroup`].

use super::keyed;
use super::tree::Tree;

/// Processes killed since the start; `None` where the kernel does not count them.
pub fn kills(tree: &Tree<'_>) -> Option<u64> {
    keyed::value(&tree.read("/proc/vmstat").ok()?, "oom_kill")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_or_not() {
        let dir = tempfile::tempdir().unwrap();
        let tree = Tree::new(dir.path());
        assert_eq!(kills(&tree), None);
        std::fs::create_dir(dir.path().join("proc")).unwrap();
        std::fs::write(dir.path().join("proc/vmstat"), "pgfault 7\noom_kill 3\n").unwrap();
        assert_eq!(kills(&tree), Some(3));
    }
}
