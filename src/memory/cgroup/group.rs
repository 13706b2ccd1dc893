//! The group asked for, with everything that binds it.

use super::layout::{Layout, Version};
use super::level::{self, Level, Usage};
use super::path::{Choice, GroupPath};
use crate::memory::breakdown::{Breakdown, Parts};
use crate::memory::pressure::Pressure;
use crate::memory::tree::Tree;
use crate::memory::{Fault, keyed, quantity};
use serde::Serialize;

/// A cgroup and what binds it. Sizes are bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The version of the hierarchy.
    pub version: Version,
    /// The group, `/` at the root of the namespace.
    pub path: String,
    /// The nearest ancestor with the memory controller, where the group has none: what is charged to whom is told there.
    pub counted_in: Option<String>,
    /// The tightest limit of the group and its ancestors, where one lies below the host's memory.
    #[serde(flatten)]
    pub limit: Option<Limit>,
    /// What is charged to the group; always known where there is a limit.
    #[serde(flatten)]
    pub usage: Option<Usage>,
    /// memory.high of the group and its ancestors, nearest first.
    pub high: Vec<High>,
    /// Processes of the group that the kernel killed for want of memory.
    pub oom_kills: Option<u64>,
    /// The group's own pressure.
    #[serde(skip)]
    pub pressure: Option<Pressure>,
}

/// What a group can get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// The tightest limit.
    pub limit: u64,
    /// The group that sets it: the group itself or one of its ancestors.
    pub limited_by: String,
    /// What the group can still get: the smallest room of it and its ancestors.
    pub free: u64,
    /// The group with the smallest room.
    pub tightest: String,
    /// What the kernel may still drop of the working set of `tightest`: the room is that much larger at best.
    pub droppable: u64,
    /// Where the memory is.
    #[serde(skip)]
    pub breakdown: Breakdown,
}

/// A memory.high: above it the kernel slows the members down and takes memory back from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct High {
    /// The group that sets it.
    pub group: String,
    /// The number.
    pub bytes: u64,
    /// Whether the group uses that much, cache included, as the kernel compares it.
    pub reached: bool,
}

/// The group that was chosen, to tell its processes from others.
#[derive(Debug, Clone)]
pub struct Member {
    layout: &'static Layout,
    path: GroupPath,
}

impl Member {
    /// The processes of the group at `path`; `None` where there are no cgroups with memory.
    pub fn of(tree: &Tree<'_>, path: &GroupPath) -> Option<Self> {
        Some(Self {
            layout: Layout::detect(tree)?,
            path: path.clone(),
        })
    }

    /// Whether a process with this /proc/PID/cgroup belongs to the group.
    pub fn place(&self, cgroups: &str) -> Place {
        let path = cgroups.lines().find_map(|line| self.layout.path_in(line));
        match path {
            Some(path) if path.split('/').nth(1) == Some("..") => Place::OutsideNamespace,
            Some(path) if self.path.holds(path) => Place::Inside,
            _ => Place::Elsewhere,
        }
    }
}

/// Where a process is, seen from the group that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the group or below it.
    Inside,
    /// In another group.
    Elsewhere,
    /// Outside the cgroup namespace of this process, where a path begins with `/..` and does not tell the group (cgroup_namespaces(7)).
    OutsideNamespace,
}

/// The limits that `choice` asks for; `None` where there are none below `host_total` bytes.
///
/// # Errors
/// [`Fault`] where the group that was named does not exist, or a limit or its usage cannot be read: a limit that is there and
/// cannot be judged must not look like none.
pub fn read(tree: &Tree<'_>, choice: &Choice, host_total: u64) -> Result<Option<Group>, Fault> {
    let root = GroupPath::default();
    let (path, named) = match choice {
        Choice::None => return Ok(None),
        Choice::Auto => (&root, false),
        Choice::Path(path) => (path, true),
    };
    let layout = match (Layout::detect(tree), named) {
        (Some(layout), _) => layout,
        (None, false) => return Ok(None),
        (None, true) => return Err(no_such_group(tree, "/sys/fs/cgroup")),
    };
    if named && !tree.has(&layout.file(path, "")) {
        return Err(no_such_group(tree, &layout.file(path, "")));
    }
    let counted = with_controller(tree, layout, path);
    let limit = match levels(tree, layout, &counted, host_total)?.as_slice() {
        // The root without a limit is the host itself.
        [] if !named || path.is_root() => return Ok(None),
        [] => None,
        [nearest, above @ ..] => Some(limit(tree, layout, &counted, nearest, above)),
    };
    group(tree, layout, path, &counted, limit).map(Some)
}

/// The group or its nearest ancestor that has the files of the memory controller; the root where none has, as it is on a host.
fn with_controller(tree: &Tree<'_>, layout: &Layout, path: &GroupPath) -> GroupPath {
    path.and_ancestors()
        .find(|group| {
            [layout.usage, layout.limit]
                .iter()
                .any(|name| tree.has(&layout.file(group, name)))
        })
        .unwrap_or_default()
}

fn no_such_group(tree: &Tree<'_>, directory: &str) -> Fault {
    Fault::NoSuchGroup {
        path: tree.path(directory.trim_end_matches('/')),
    }
}

/// The group and its ancestors, nearest first, as far as they set a limit that binds it.
fn levels(
    tree: &Tree<'_>,
    layout: &'static Layout,
    path: &GroupPath,
    host_total: u64,
) -> Result<Vec<Level>, Fault> {
    let ancestors = path.and_ancestors().skip(1);
    let binding = ancestors.take_while(|group| level::binds_children(tree, layout, group));
    let chain: Vec<GroupPath> = [path.clone()].into_iter().chain(binding).collect();
    let mut levels: Vec<Level> = Vec::new();
    for group in &chain {
        levels.extend(Level::read(tree, layout, group.clone(), host_total, path)?);
    }
    let top = chain.last().unwrap_or(path);
    let unseen = Level::unseen(tree, layout, path, top, &levels, host_total)?;
    levels.extend(unseen);
    Ok(levels)
}

/// The tightest limit and the smallest room; of equals the nearest counts.
fn limit(
    tree: &Tree<'_>,
    layout: &Layout,
    path: &GroupPath,
    nearest: &Level,
    above: &[Level],
) -> Limit {
    let (mut limiting, mut tightest) = (nearest, nearest);
    for level in above {
        if level.limit < limiting.limit {
            limiting = level;
        }
        if level.room() < tightest.room() {
            tightest = level;
        }
    }
    let unused = limiting.limit.saturating_sub(limiting.usage.current);
    Limit {
        limit: limiting.limit,
        limited_by: limiting.path.to_string(),
        free: tightest.room().min(limiting.limit),
        tightest: tightest.path.to_string(),
        droppable: droppable(tree, layout, tightest),
        breakdown: Breakdown::new(limiting.limit, parts(tree, layout, path, unused)),
    }
}

fn droppable(tree: &Tree<'_>, layout: &Layout, level: &Level) -> u64 {
    let stat = tree
        .read(&layout.file(&level.path, "memory.stat"))
        .unwrap_or_default();
    let keys = layout.version.droppable().iter();
    keys.filter_map(|key| keyed::value(&stat, key))
        .fold(0, u64::saturating_add)
        .min(level.usage.working_set)
}

/// The group with its `limit`, as far as `counted` tells of it; pressure is measured without the controller too. Only a limit needs the usage: without one nothing is judged by it.
fn group(
    tree: &Tree<'_>,
    layout: &Layout,
    path: &GroupPath,
    counted: &GroupPath,
    limit: Option<Limit>,
) -> Result<Group, Fault> {
    let usage = match level::usage(tree, layout, counted) {
        Err(fault) if limit.is_some() => return Err(fault),
        usage => usage.ok(),
    };
    let pressure = |name: &str| Pressure::parse(&tree.read(&layout.file(path, name)).ok()?);
    let events = tree
        .read(&layout.file(counted, layout.events))
        .unwrap_or_default();
    Ok(Group {
        version: layout.version,
        path: path.to_string(),
        counted_in: (counted != path).then(|| counted.to_string()),
        limit,
        usage,
        high: highs(tree, layout, counted),
        oom_kills: keyed::value(&events, "oom_kill"),
        pressure: layout.pressure.and_then(pressure),
    })
}

fn highs(tree: &Tree<'_>, layout: &Layout, path: &GroupPath) -> Vec<High> {
    let number = |group: &GroupPath, name: &str| {
        quantity::number(&tree.read(&layout.file(group, name)).ok()?)
    };
    let high = |group: GroupPath| {
        let bytes = number(&group, layout.high?)?;
        Some(High {
            reached: number(&group, layout.usage).is_some_and(|current| current >= bytes),
            group: group.to_string(),
            bytes,
        })
    };
    path.and_ancestors().filter_map(high).collect()
}

fn parts(tree: &Tree<'_>, layout: &Layout, path: &GroupPath, unused: u64) -> Parts {
    let stat = tree
        .read(&layout.file(path, "memory.stat"))
        .unwrap_or_default();
    let [programs, cache, shared, slab, kernel] = layout
        .parts
        .map(|key| keyed::value(&stat, key).unwrap_or(0));
    Parts {
        programs,
        shared,
        kernel: kernel.saturating_sub(slab),
        cache: cache.saturating_sub(shared).saturating_add(slab),
        unused,
        ..Parts::default()
    }
}
