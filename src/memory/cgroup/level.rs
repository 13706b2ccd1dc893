//! One cgroup on the way from the group asked for to the root: its limit and its usage.

use super::layout::Layout;
use super::path::GroupPath;
use crate::memory::tree::Tree;
use crate::memory::{Fault, keyed, quantity};
use serde::Serialize;
use std::io::ErrorKind;

/// The word for "no limit" in v2; v1 prints a number that no machine reaches.
const NO_LIMIT: &[u8] = b"max";

/// A group that limits its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) path: GroupPath,
    /// Bytes, below the host's memory.
    pub(super) limit: u64,
    pub(super) usage: Usage,
}

/// What a group uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Bytes charged.
    pub current: u64,
    /// Bytes without inactive files.
    pub working_set: u64,
}

impl Level {
    /// What the members can still get, in bytes.
    pub(super) fn room(&self) -> u64 {
        self.limit.saturating_sub(self.usage.working_set)
    }

    /// The level of `path`, an ancestor of `below` or that group, or `None` where it sets no limit below `host_total`.
    pub(super) fn read(
        tree: &Tree<'_>,
        layout: &Layout,
        path: GroupPath,
        host_total: u64,
        below: &GroupPath,
    ) -> Result<Option<Self>, Fault> {
        let limit = own_limit(tree, layout, &path)?.filter(|limit| *limit < host_total);
        let Some(limit) = limit else {
            return Ok(None);
        };
        let usage = usage_or_of(tree, layout, &path, below)?;
        Ok(Some(Self { path, limit, usage }))
    }

    /// v1: a limit of ancestors that a container does not see, where one is tighter than those of `seen`, the levels from `path` up
    /// to `top`. It stands with the highest group that is seen, which uses the most of it.
    pub(super) fn unseen(
        tree: &Tree<'_>,
        layout: &Layout,
        path: &GroupPath,
        top: &GroupPath,
        seen: &[Self],
        host_total: u64,
    ) -> Result<Option<Self>, Fault> {
        let limit = inherited(tree, layout, path);
        if limit >= host_total || seen.iter().any(|level| level.limit <= limit) {
            return Ok(None);
        }
        if limit == 0 {
            let file = layout.file(path, "memory.stat");
            return Err(tree.malformed(&file, format!("a limit above cgroup {top} is 0")));
        }
        let usage = usage_or_of(tree, layout, top, path)?;
        let path = top.clone();
        Ok(Some(Self { path, limit, usage }))
    }
}

/// The limit in the group's own file; `None` without the file: the root has none, nor has a group without the controller.
fn own_limit(tree: &Tree<'_>, layout: &Layout, path: &GroupPath) -> Result<Option<u64>, Fault> {
    let file = layout.file(path, layout.limit);
    let Some(content) = tree.read_if_there(&file)? else {
        return Ok(None);
    };
    let text = content.trim_ascii();
    match quantity::number(text) {
        _ if text == NO_LIMIT => Ok(Some(u64::MAX)),
        // There is no share of nothing: whatever is used or free, no threshold can be held against it.
        Some(0) => Err(tree.malformed(&file, format!("the limit of cgroup {path} is 0"))),
        Some(limit) => Ok(Some(limit)),
        None => Err(tree.malformed(&file, "the limit is neither a number nor 'max'")),
    }
}

/// v1: the tightest limit above, also of ancestors that a container does not see.
fn inherited(tree: &Tree<'_>, layout: &Layout, path: &GroupPath) -> u64 {
    layout
        .inherited_limit
        .and_then(|key| keyed::value(&tree.read(&layout.file(path, "memory.stat")).ok()?, key))
        .unwrap_or(u64::MAX)
}

/// Usage and working set. A memory.stat without the key means that nothing can be dropped; without the file nothing is known.
pub(super) fn usage(tree: &Tree<'_>, layout: &Layout, path: &GroupPath) -> Result<Usage, Fault> {
    let file = layout.file(path, layout.usage);
    let current = quantity::number(&tree.read(&file)?)
        .ok_or_else(|| tree.malformed(&file, "the usage is not a number"))?;
    let stat = tree.read(&layout.file(path, "memory.stat"))?;
    let inactive = keyed::value(&stat, layout.inactive_file).unwrap_or(0);
    Ok(Usage {
        current,
        working_set: current.saturating_sub(inactive),
    })
}

/// The usage of `path`. A group without one of its own has at least what its descendant `below` uses: trees that are mounted or
/// copied in part are like that, the kernel's are not.
fn usage_or_of(
    tree: &Tree<'_>,
    layout: &Layout,
    path: &GroupPath,
    below: &GroupPath,
) -> Result<Usage, Fault> {
    match tree.has(&layout.file(path, layout.usage)) {
        true => usage(tree, layout, path),
        false => usage(tree, layout, below),
    }
}

/// Whether a group's limit counts for the groups below it: in v1 only with `memory.use_hierarchy`.
pub(super) fn binds_children(tree: &Tree<'_>, layout: &Layout, path: &GroupPath) -> bool {
    let Some(name) = layout.binds_children else {
        return true;
    };
    match tree.read(&layout.file(path, name)) {
        Ok(content) => content.trim_ascii() != b"0",
        Err(missing) => missing.error.kind() == ErrorKind::NotFound,
    }
}
