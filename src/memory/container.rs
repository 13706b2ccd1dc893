//! Whether the root directory is that of a container, where the host's ZFS numbers show through and mean nothing.
//!
//! Relies on the marks that container managers leave: Docker, Podman and CRI-O write a file, systemd (nspawn, LXC) writes
//! /run/systemd/container, lxcfs mounts over /proc/meminfo, and the root of a cgroup v2 namespace has limits, which the host's own
//! root never has (Documentation/admin-guide/cgroup-v2.rst: "exists on non-root cgroups").

use super::tree::Tree;

/// Files that exist in containers only, and who puts them there.
const MARKS: [&str; 5] = [
    "/.dockerenv",                       // Docker
    "/run/.containerenv",                // Podman, CRI-O
    "/run/systemd/container",            // systemd in any container
    "/sys/fs/cgroup/memory.max",         // the root of a cgroup v2 namespace
    "/sys/fs/cgroup/unified/memory.max", // the same in a mixed system
];

/// The type of file system behind a /proc/meminfo that is not the kernel's.
const LXCFS: &[u8] = b" /proc/meminfo fuse.lxcfs ";

/// Whether the files below the root are a container's.
pub fn is_container(tree: &Tree<'_>) -> bool {
    MARKS.iter().any(|mark| tree.has(mark)) || has_lxcfs(tree)
}

fn has_lxcfs(tree: &Tree<'_>) -> bool {
    let mounts = tree.read("/proc/self/mounts").unwrap_or_default();
    mounts.windows(LXCFS.len()).any(|part| part == LXCFS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks() {
        for (file, content, expected) in [
            (".dockerenv", "", true),
            ("run/.containerenv", "", true),
            ("run/systemd/container", "lxc", true),
            ("sys/fs/cgroup/memory.max", "max\n", true),
            ("sys/fs/cgroup/unified/memory.max", "max\n", true),
            (
                "proc/self/mounts",
                "proc /proc proc rw 0 0\nlxcfs /proc/meminfo fuse.lxcfs rw 0 0\n",
                true,
            ),
            (
                "proc/self/mounts",
                "lxcfs /var/lib/lxcfs fuse.lxcfs rw 0 0\n",
                false,
            ),
            ("sys/fs/cgroup/cgroup.controllers", "memory\n", false),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
            assert_eq!(is_container(&Tree::new(dir.path())), expected, "{file}");
        }
    }
}
