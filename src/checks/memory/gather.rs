//! From the plan to the facts: the only part of the check that touches the machine.

use super::amount::Share;
use super::facts::{Facts, HostMemory, Source};
use super::plan::Plan;
use crate::host::access::{Identity, Obstacle};
use crate::host::partial::Partial;
use crate::memory::available::available;
use crate::memory::breakdown::{Breakdown, Parts};
use crate::memory::cgroup::{self, Group, Limit, Member};
use crate::memory::meminfo::Meminfo;
use crate::memory::pressure::Pressure;
use crate::memory::process::{self, Consumers};
use crate::memory::swap::Swap;
use crate::memory::tree::{Tree, Unreadable};
use crate::memory::zfs::{self, Arc};
use crate::memory::{Fault, container, hugepages, oom, zoneinfo};
use crate::plugin::failure::Failure;
use std::io::ErrorKind;

const MEMINFO: &str = "/proc/meminfo";
const PRESSURE: &str = "/proc/pressure/memory";
const ENABLE_PSI: &str = "boot Linux 4.20 or later with psi=1 on the kernel command line, or drop the pressure thresholds";

/// Total and free, whoever decides on them.
struct Memory {
    source: Source,
    total: u64,
    free: u64,
    host_is_tightest: bool,
    breakdown: Breakdown,
}

/// Reads everything but the processes.
///
/// # Errors
/// Where the memory cannot be told: /proc/meminfo or a limit is out of reach or broken.
pub fn facts(plan: &Plan) -> Result<Facts, Failure> {
    let tree = Tree::new(&plan.root);
    let meminfo = meminfo(plan, &tree)?;
    let group = cgroup::read(&tree, &plan.cgroup, meminfo.total)
        .map_err(|fault| failure(plan, &tree, fault))?;
    let arc = zfs::arc(&tree, meminfo.total);
    // In a container the ARC is the host's. Below a limit that is what is asked for: how much the host has left.
    let limit = group.as_ref().and_then(|group| group.limit.as_ref());
    let foreign = arc.is_some() && limit.is_none() && container::is_container(&tree);
    let arc = arc.filter(|_| !foreign);
    let host = host(plan, &tree, &meminfo, arc, foreign)?;
    let memory = match limit {
        Some(limit) => of_limit(limit, &host),
        None => of_host(&tree, &meminfo, &host, arc)?,
    };
    let (pressure, no_pressure) = pressure(plan, &tree, group.as_ref());
    let swap = Swap::of(&meminfo);
    let used = memory.total - memory.free;
    Ok(Facts {
        source: memory.source,
        total: memory.total,
        free: memory.free,
        host_is_tightest: memory.host_is_tightest,
        used,
        free_percent: Share::of(memory.free, memory.total),
        used_percent: Share::of(used, memory.total),
        host,
        swap,
        swap_free_percent: match swap {
            Swap::Space { free, total, .. } => Some(Share::of(free, total)),
            _ => None,
        },
        pressure,
        oom_kills: match &group {
            Some(group) => group.oom_kills,
            None => oom::kills(&tree),
        },
        breakdown: memory.breakdown,
        cgroup: group,
        consumers: None,
        no_pressure,
        no_processes: None,
    })
}

/// The largest programs, and why they are not known, or not all of them.
pub type Programs = (Option<Consumers>, Option<Partial>);

/// Looks for the largest programs. Where they cannot be read the check goes on without them.
pub fn consumers(plan: &Plan, stop: impl Fn() -> bool) -> Programs {
    let tree = Tree::new(&plan.root);
    let member = plan.group().and_then(|path| Member::of(&tree, path));
    let found = match process::list(&tree, member.as_ref(), plan.top, stop) {
        Ok(found) => found,
        Err(unreadable) => {
            let why = explain(plan, &unreadable).to_string();
            return (None, Some(Partial::new("processes", why)));
        }
    };
    let why = if found.cut_short {
        Some(String::from("the time ran out before all were read"))
    } else if found.outside_namespace {
        let obstacle = Obstacle::with_fix(
            "those of the cgroup cannot be told from inside a cgroup namespace",
            "start the container with --cgroupns=host",
        );
        Some(obstacle.to_string())
    } else {
        None
    };
    (Some(found), why.map(|why| Partial::new("processes", why)))
}

fn meminfo(plan: &Plan, tree: &Tree<'_>) -> Result<Meminfo, Failure> {
    let content = tree
        .read(MEMINFO)
        .map_err(|error| failure(plan, tree, error.into()))?;
    Meminfo::parse(&content)
        .map_err(|wrong| failure(plan, tree, tree.malformed(MEMINFO, wrong.to_string())))
}

fn host(
    plan: &Plan,
    tree: &Tree<'_>,
    meminfo: &Meminfo,
    arc: Option<Arc>,
    foreign: bool,
) -> Result<HostMemory, Failure> {
    let available = available(meminfo, || zoneinfo::low_watermark(tree));
    let excluded = match plan.exclude_hugepages {
        false => None,
        true => Some(hugepages::reserved(tree, meminfo).ok_or_else(|| {
            Failure::new("--exclude-hugepages: /proc/meminfo has huge pages but neither Hugetlb nor a Hugepagesize in kB")
        })?),
    };
    Ok(HostMemory {
        total: meminfo.total,
        available,
        estimated: available.basis.is_estimate(),
        zfs_arc_counted: arc.filter(|_| plan.count_arc).map(|arc| arc.shrinkable),
        hugepages_excluded: excluded,
        zfs_arc_foreign: foreign,
    })
}

fn of_host(
    tree: &Tree<'_>,
    meminfo: &Meminfo,
    host: &HostMemory,
    arc: Option<Arc>,
) -> Result<Memory, Failure> {
    let reserved = host.hugepages_excluded.unwrap_or(0);
    let total = host.total.checked_sub(reserved).filter(|total| *total > 0).ok_or_else(|| {
        Failure::new("--exclude-hugepages leaves nothing: the huge pages in /proc/meminfo are all of MemTotal")
    })?;
    let huge_pages = match host.hugepages_excluded {
        Some(_) => 0,
        None => hugepages::reserved(tree, meminfo).unwrap_or(0),
    };
    let parts = Parts::of_host(meminfo, arc, huge_pages);
    Ok(Memory {
        source: Source::Host,
        total,
        free: host.room().min(total),
        host_is_tightest: false,
        breakdown: Breakdown::new(total, parts),
    })
}

/// A limit is no promise: a host that has less left than the group has room gives no more. A group's limit always lies below
/// MemTotal, so that /proc/meminfo is the host's; where lxcfs shows the container's own there, it is the limit and no group is found.
fn of_limit(limit: &Limit, host: &HostMemory) -> Memory {
    Memory {
        source: Source::Cgroup,
        total: limit.limit,
        free: limit.free.min(host.room()),
        host_is_tightest: host.room() < limit.free,
        breakdown: limit.breakdown,
    }
}

/// The pressure of the group that limits or was named, else of the host. Missing is a matter only where it was asked for.
fn pressure(
    plan: &Plan,
    tree: &Tree<'_>,
    group: Option<&Group>,
) -> (Option<Pressure>, Option<Partial>) {
    if !plan.wants_pressure() {
        return (None, None);
    }
    if let Some(own) = group.and_then(|group| group.pressure) {
        return (Some(own), None);
    }
    let content = tree.read(PRESSURE);
    let found = content
        .as_ref()
        .ok()
        .and_then(|content| Pressure::parse(content));
    if found.is_some() || !plan.judges_pressure() {
        return (found, None);
    }
    let why = match content {
        Ok(_) => Obstacle::with_fix(
            "it has no line 'full avg10=.. avg60=.. avg300=..'",
            ENABLE_PSI,
        ),
        Err(unreadable) if unreadable.error.kind() == ErrorKind::PermissionDenied => {
            explain(plan, &unreadable)
        }
        Err(_) => Obstacle::with_fix("this kernel does not measure it", ENABLE_PSI),
    };
    let path = tree.path(PRESSURE).display().to_string();
    (None, Some(Partial::new(path, why.to_string())))
}

fn explain(plan: &Plan, unreadable: &Unreadable) -> Obstacle {
    Identity::current(&plan.root).explain(&unreadable.path, &unreadable.error)
}

fn failure(plan: &Plan, tree: &Tree<'_>, fault: Fault) -> Failure {
    match fault {
        Fault::Unreadable(unreadable) => {
            let mut obstacle = explain(plan, &unreadable);
            if unreadable.path == tree.path(MEMINFO)
                && unreadable.error.kind() == ErrorKind::NotFound
            {
                obstacle.fix = Some(String::from(
                    "mount /proc, or name with --root the directory that holds the host's proc and sys",
                ));
            }
            Failure::obstacle(unreadable.path.display(), obstacle)
        }
        Fault::Malformed { path, what } => {
            Failure::new(format!("cannot use {}: {what}", path.display()))
        }
        Fault::NoSuchGroup { path } => Failure::new(format!(
            "there is no cgroup {}",
            path.display()
        ))
        .with_fix(
            "name one as in /proc/PID/cgroup or below /sys/fs/cgroup; 'systemd-cgls' lists them",
        ),
    }
}
