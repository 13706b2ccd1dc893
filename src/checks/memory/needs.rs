//! What `--diagnose` tries out: the kernel's files that the check reads. Only /proc/meminfo is needed; the others tell more.

use super::plan::Plan;
use crate::host::access::{Identity, Obstacle};
use crate::host::env::under;
use crate::host::probe::{Finding, Outcome};

/// Files, what they are for, and whether there is no check without them.
const FILES: [(&str, &str, bool); 8] = [
    ("/proc/meminfo", "total and free memory", true),
    ("/proc/vmstat", "kills for want of memory", false),
    ("/proc/pressure/memory", "pressure", false),
    ("/proc/spl/kstat/zfs/arcstats", "the ZFS cache", false),
    ("/proc/self/cgroup", "the group of this process", false),
    ("/sys/fs/cgroup", "limits of groups", false),
    ("/proc", "the list of processes", false),
    (FIRST_PROCESS, "processes of other users", false),
];

/// The file of another user's process that is always there, unless it is hidden.
const FIRST_PROCESS: &str = "/proc/1/status";

/// The kernel's files below the root of the plan.
pub fn needs(plan: &Plan) -> Vec<Finding> {
    let identity = Identity::current(&plan.root);
    FILES
        .iter()
        .map(|(path, purpose, needed)| {
            let file = under(&plan.root, path);
            let found = Finding::file(&identity, &file, purpose, *needed);
            let unseen = *path == FIRST_PROCESS && found.outcome != Outcome::Works;
            match unseen.then(|| hidden(plan, &identity)).flatten() {
                Some(obstacle) => Finding::fails(found.subject, purpose, obstacle),
                None => found,
            }
        })
        .collect()
}

/// What hides the processes of others, where /proc is mounted with `hidepid` (proc(5)): the option `gid` names a group that sees all.
fn hidden(plan: &Plan, identity: &Identity) -> Option<Obstacle> {
    let mounts = std::fs::read(under(&plan.root, "/proc/self/mounts")).ok()?;
    let mounts = String::from_utf8_lossy(&mounts);
    let here = under(&plan.root, "/proc");
    let options = mounts.lines().rev().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (place, kind, options) = (fields.next()?, fields.next()?, fields.next()?);
        let is_here = place == "/proc" || here.as_os_str() == place;
        (kind == "proc" && is_here).then_some(options)
    })?;
    let option = |name: &str| {
        options
            .split(',')
            .find_map(|option| option.strip_prefix(name))
    };
    option("hidepid=").filter(|how| !matches!(*how, "0" | "off"))?;
    let group = option("gid=").and_then(|gid| identity.join_group(gid.parse().ok()?));
    let fix = group.unwrap_or_else(|| {
        format!(
            "add {} to the group of the mount option gid= of /proc, and give it one of its own where it has none",
            identity.user()
        )
    });
    Some(Obstacle::with_fix(
        "they are hidden from this user (mount option hidepid of /proc)",
        fix,
    ))
}
