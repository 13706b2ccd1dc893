//! The group asked for, with everything that binds it.

use super::layout::{Layout, Version};
use super::level::{self, Level};
use super::path::{Choice, GroupPath};
use crate::memory::breakdown::{Breakdown, Parts};
use crate::memory::pressure::Pressure;
use crate::memory::tree::Tree;
use crate::memory::{Fault, keyed, quantity};
use serde::Serialize;

/// A cgroup with a limit below the host's memory. Sizes are bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The version of the hierarchy.
    pub version: Version,
    /// The group, `/` at the root of the namespace.
    pub path: String,
    /// The tightest limit.
    pub limit: u64,
    /// The group that sets it: `path` or one of its ancestors.
    pub limited_by: String,
    /// What the group can still get: the smallest room of it and its ancestors.
    pub free: u64,
    /// The group with the smallest room.
    pub tightest: String,
    /// What is charged to `path`.
    pub current: u64,
    /// `current` without inactive files.
    pub working_set: u64,
    /// memory.high: above it the kernel slows the group down.
    pub high: Option<u64>,
    /// Processes of the group that the kernel killed for want of memory.
    pub oom_kills: Option<u64>,
    /// The group's own pressure.
    #[serde(skip)]
    pub pressure: Option<Pressure>,
    /// Where the memory is.
    #[serde(skip)]
    pub breakdown: Breakdown,
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
    pub fn holds(&self, cgroups: &str) -> bool {
        cgroups
            .lines()
            .find_map(|line| self.layout.path_in(line))
            .is_some_and(|path| self.path.holds(path))
    }
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
    match levels(tree, layout, path, host_total)?.as_slice() {
        [] => Ok(None),
        [nearest, above @ ..] => group(tree, layout, path, nearest, above).map(Some),
    }
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
    let mut levels: Vec<Level> = Vec::new();
    levels.extend(Level::read(tree, layout, path.clone(), host_total, None)?);
    let ancestors = path.and_ancestors().skip(1);
    for group in ancestors.take_while(|group| level::binds_children(tree, layout, group)) {
        levels.extend(Level::read(tree, layout, group, host_total, Some(path))?);
    }
    Ok(levels)
}

fn group(
    tree: &Tree<'_>,
    layout: &'static Layout,
    path: &GroupPath,
    nearest: &Level,
    above: &[Level],
) -> Result<Group, Fault> {
    let own = level::usage(tree, layout, path)?;
    // Of equals the nearest counts.
    let (mut limiting, mut tightest) = (nearest, nearest);
    for level in above {
        if level.limit < limiting.limit {
            limiting = level;
        }
        if level.room() < tightest.room() {
            tightest = level;
        }
    }
    let number = |name: &str| quantity::number(&tree.read(&layout.file(path, name)).ok()?);
    let pressure = |name: &str| Pressure::parse(&tree.read(&layout.file(path, name)).ok()?);
    let events = tree
        .read(&layout.file(path, layout.events))
        .unwrap_or_default();
    let unused = limiting.limit.saturating_sub(limiting.usage.current);
    Ok(Group {
        version: layout.version,
        path: path.to_string(),
        limit: limiting.limit,
        limited_by: limiting.path.to_string(),
        free: tightest.room().min(limiting.limit),
        tightest: tightest.path.to_string(),
        current: own.current,
        working_set: own.working_set,
        high: layout.high.and_then(number),
        oom_kills: keyed::value(&events, "oom_kill"),
        pressure: layout.pressure.and_then(pressure),
        breakdown: Breakdown::new(limiting.limit, parts(tree, layout, path, unused)),
    })
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
