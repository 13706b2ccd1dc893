//! Limits of control groups, v2 and v1: what a container or a unit may use, and how much of it is left.
//!
//! A group can get no more than the smallest room that it and its ancestors have: a parent that its other children have filled
//! leaves nothing, whatever the group itself uses. A room is the limit less the *working set*, which is the usage less the files
//! that have not been touched lately, as the kubelet computes it (containers/common#2455): the kernel drops those first. It may drop more, and how much is told beside it.

mod group;
mod layout;
mod level;
mod path;

pub use group::{Group, High, Limit, Member, Place, read};
pub use layout::Version;
pub use level::Usage;
pub use path::{Choice, GroupPath};

#[cfg(test)]
mod tests;
