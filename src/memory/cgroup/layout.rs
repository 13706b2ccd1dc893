//! The file names of both cgroup versions, as data: the rest of the room knows no version.

use super::path::GroupPath;
use crate::memory::tree::Tree;
use serde::Serialize;

/// The version of the hierarchy that has the memory controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Version {
    /// One hierarchy for each controller.
    #[serde(rename = "v1")]
    V1,
    /// The unified hierarchy.
    #[serde(rename = "v2")]
    V2,
}

impl Version {
    /// Keys of memory.stat for what lies in the working set and may still be dropped: cache that was used lately, and kernel
    /// objects. Version 1 does not tell of the latter.
    pub fn droppable(self) -> &'static [&'static str] {
        match self {
            Version::V1 => &["total_active_file"],
            Version::V2 => &["active_file", "slab_reclaimable"],
        }
    }
}

/// Where a version keeps what. Names of files, and of keys in memory.stat.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) version: Version,
    pub(super) mount: &'static str,
    pub(super) limit: &'static str,
    /// A key of memory.stat with the tightest limit of all ancestors.
    pub(super) inherited_limit: Option<&'static str>,
    /// A file that says `0` where a group's limit does not bind its children.
    pub(super) binds_children: Option<&'static str>,
    pub(super) usage: &'static str,
    pub(super) inactive_file: &'static str,
    pub(super) high: Option<&'static str>,
    /// A file with a key `oom_kill`.
    pub(super) events: &'static str,
    pub(super) pressure: Option<&'static str>,
    /// Keys of memory.stat: anonymous memory, page cache with shared memory, shared memory, slab that can be given back, and the
    /// kernel's memory with that slab.
    pub(super) parts: [&'static str; 5],
    /// How a line of /proc/PID/cgroup of this hierarchy begins behind the number: its controllers.
    pub(super) controllers: &'static str,
}

/// Where a mixed system (systemd's "hybrid") mounts the unified hierarchy.
const UNIFIED: &str = "/sys/fs/cgroup/unified";

static V2: Layout = UNIFIED_FILES;

/// The same in a mixed system whose memory controller is version 2's.
static MIXED_V2: Layout = Layout {
    mount: UNIFIED,
    ..UNIFIED_FILES
};

/// cgroup-v2.rst.
const UNIFIED_FILES: Layout = Layout {
    version: Version::V2,
    mount: "/sys/fs/cgroup",
    limit: "memory.max",
    inherited_limit: None,
    binds_children: None,
    usage: "memory.current",
    inactive_file: "inactive_file",
    high: Some("memory.high"),
    events: "memory.events",
    pressure: Some("memory.pressure"),
    parts: ["anon", "file", "shmem", "slab_reclaimable", "kernel"],
    controllers: "",
};

/// cgroup-v1/memory.rst; the kernel's own memory is not in memory.stat.
static V1: Layout = Layout {
    version: Version::V1,
    mount: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    inherited_limit: Some("hierarchical_memory_limit"),
    binds_children: Some("memory.use_hierarchy"),
    usage: "memory.usage_in_bytes",
    inactive_file: "total_inactive_file",
    high: None,
    events: "memory.oom_control",
    pressure: None,
    parts: ["total_rss", "total_cache", "total_shmem", "", ""],
    controllers: "memory",
};

impl Layout {
    /// The layout with the memory controller. In a mixed system that is v1, unless the unified hierarchy lists it.
    pub(super) fn detect(tree: &Tree<'_>) -> Option<&'static Layout> {
        if tree.has("/sys/fs/cgroup/cgroup.controllers") {
            return Some(&V2);
        }
        if lists_memory(tree) {
            return Some(&MIXED_V2);
        }
        [&V1, &V2].into_iter().find(|layout| tree.has(layout.mount))
    }

    /// A file of a group, as an absolute path.
    pub(super) fn file(&self, group: &GroupPath, name: &str) -> String {
        let group = group.to_string();
        format!("{}{}/{name}", self.mount, group.trim_end_matches('/'))
    }

    /// The path of a process in this hierarchy, from a line of its /proc/PID/cgroup.
    pub(super) fn path_in<'a>(&self, line: &'a str) -> Option<&'a str> {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        controllers
            .split(',')
            .any(|controller| controller == self.controllers)
            .then_some(path)
    }
}

/// Whether the unified hierarchy of a mixed system has the memory controller.
fn lists_memory(tree: &Tree<'_>) -> bool {
    let controllers = tree
        .read(&format!("{UNIFIED}/cgroup.controllers"))
        .unwrap_or_default();
    controllers
        .split(u8::is_ascii_whitespace)
        .any(|controller| controller == b"memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        const V1_MOUNT: &str = "/sys/fs/cgroup/memory";
        for (name, files, expected) in [
            (
                "v2",
                vec![("cgroup.controllers", "memory\n")],
                Some((Version::V2, "/sys/fs/cgroup")),
            ),
            (
                "v2 with a group of that name",
                vec![
                    ("cgroup.controllers", "memory\n"),
                    ("memory/memory.max", "max\n"),
                ],
                Some((Version::V2, "/sys/fs/cgroup")),
            ),
            (
                "hybrid",
                vec![("memory/tasks", ""), ("unified/cgroup.controllers", "")],
                Some((Version::V1, V1_MOUNT)),
            ),
            (
                "hybrid with another controller",
                vec![
                    ("memory/tasks", ""),
                    ("unified/cgroup.controllers", "cpu memory_x\n"),
                ],
                Some((Version::V1, V1_MOUNT)),
            ),
            (
                "hybrid with the memory controller in v2",
                vec![
                    ("pids/tasks", ""),
                    ("unified/cgroup.controllers", "hugetlb memory\n"),
                ],
                Some((Version::V2, UNIFIED)),
            ),
            (
                "v2, bare",
                vec![("system.slice/memory.max", "max\n")],
                Some((Version::V2, "/sys/fs/cgroup")),
            ),
            ("none", vec![], None),
        ] {
            let dir = tempfile::tempdir().unwrap();
            for (file, content) in files {
                let path = dir.path().join("sys/fs/cgroup").join(file);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, content).unwrap();
            }
            let found = Layout::detect(&Tree::new(dir.path()));
            assert_eq!(
                found.map(|layout| (layout.version, layout.mount)),
                expected,
                "{name}"
            );
        }
    }

    #[test]
    fn files_and_paths() {
        let group: GroupPath = "/a/b".parse().unwrap();
        assert_eq!(
            V2.file(&group, "memory.max"),
            "/sys/fs/cgroup/a/b/memory.max"
        );
        assert_eq!(
            V1.file(&GroupPath::default(), "x"),
            "/sys/fs/cgroup/memory/x"
        );
        assert_eq!(V2.path_in("0::/a:b"), Some("/a:b"));
        assert_eq!(V1.path_in("0::/a"), None);
        assert_eq!(V1.path_in("9:hugetlb,memory:/docker/1"), Some("/docker/1"));
        assert_eq!(V2.path_in("9:memory:/x"), None);
        assert_eq!(V2.path_in("nonsense"), None);
    }
}
