//! What `--diagnose` tries out: the kernel's files that the check reads. Only /proc/meminfo is needed; the others tell more.

use super::plan::Plan;
use crate::host::access::Identity;
use crate::host::env::under;
use crate::host::probe::Finding;

/// Files, what they are for, and whether there is no check without them.
const FILES: [(&str, &str, bool); 8] = [
    ("/proc/meminfo", "total and free memory", true),
    ("/proc/vmstat", "kills for want of memory", false),
    ("/proc/pressure/memory", "pressure", false),
    ("/proc/spl/kstat/zfs/arcstats", "the ZFS cache", false),
    ("/proc/self/cgroup", "the group of this process", false),
    ("/sys/fs/cgroup", "limits of groups", false),
    ("/proc", "the list of processes", false),
    ("/proc/1/status", "processes of other users", false),
];

/// The kernel's files below the root of the plan.
pub fn needs(plan: &Plan) -> Vec<Finding> {
    let identity = Identity::current(&plan.root);
    FILES
        .iter()
        .map(|(path, purpose, needed)| {
            Finding::file(&identity, &under(&plan.root, path), purpose, *needed)
        })
        .collect()
}
