//! Which cgroup: `auto`, `none`, or a path as in /proc/PID/cgroup or below /sys/fs/cgroup.

use std::fmt;
use std::str::FromStr;

/// The directories below which cgroups are mounted, longest first.
const MOUNTS: [&str; 3] = [
    "/sys/fs/cgroup/unified",
    "/sys/fs/cgroup/memory",
    "/sys/fs/cgroup",
];

/// Which cgroup's limit is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The limit at the root of the cgroup namespace: what a container sees as its own.
    Auto,
    /// No limit counts.
    None,
    /// This cgroup and its ancestors.
    Path(GroupPath),
}

/// A cgroup's path from the root of the hierarchy. The root itself has no parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupPath {
    parts: Vec<String>,
}

impl GroupPath {
    /// This group and its ancestors up to the root, nearest first.
    pub fn and_ancestors(&self) -> impl Iterator<Item = GroupPath> + '_ {
        (0..=self.parts.len()).rev().map(|length| GroupPath {
            parts: self.parts[..length].to_vec(),
        })
    }

    /// Whether this is the root of the hierarchy.
    pub fn is_root(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether a process whose cgroup is `path` belongs to this group or to one below it.
    pub fn holds(&self, path: &str) -> bool {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        self.parts
            .iter()
            .all(|own| parts.next().is_some_and(|part| part == own))
    }
}

impl fmt::Display for GroupPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.parts.join("/"))
    }
}

impl FromStr for GroupPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let below = MOUNTS
            .iter()
            .filter_map(|mount| text.strip_prefix(mount))
            .find(|rest| rest.is_empty() || rest.starts_with('/'));
        let parts: Vec<String> = below
            .unwrap_or(text)
            .split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        if text.is_empty() || parts.iter().any(|part| part == "." || part == "..") {
            return Err(format!(
                "'{text}' is not a cgroup: write auto, none, or a path as in /proc/PID/cgroup, such as /system.slice/postfix.service"
            ));
        }
        Ok(Self { parts })
    }
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Choice::Auto),
            "none" => Ok(Choice::None),
            path => path.parse().map(Choice::Path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (text, printed) in [
            (
                "/system.slice/postfix.service",
                "/system.slice/postfix.service",
            ),
            ("system.slice", "/system.slice"),
            ("/sys/fs/cgroup/a/b/", "/a/b"),
            ("/sys/fs/cgroup/memory/docker/1", "/docker/1"),
            ("/sys/fs/cgroup/memory.slice", "/memory.slice"),
            ("/sys/fs/cgroup/unified/a.slice", "/a.slice"),
            ("//a///b", "/a/b"),
            ("/", "/"),
            ("/sys/fs/cgroup", "/"),
        ] {
            let path: GroupPath = text.parse().unwrap();
            assert_eq!(path.to_string(), printed, "{text}");
        }
        for text in ["", "..", "/a/../b", "/./a"] {
            assert!(text.parse::<Choice>().is_err(), "{text}");
        }
        assert_eq!("auto".parse(), Ok(Choice::Auto));
        assert_eq!("none".parse(), Ok(Choice::None));
    }

    #[test]
    fn families() {
        let path: GroupPath = "/a/b".parse().unwrap();
        let family: Vec<String> = path.and_ancestors().map(|p| p.to_string()).collect();
        assert_eq!(family, ["/a/b", "/a", "/"]);
        for (other, held) in [
            ("/a/b", true),
            ("/a/b/c", true),
            ("/a/bc", false),
            ("/a", false),
            ("/", false),
        ] {
            assert_eq!(path.holds(other), held, "{other}");
        }
        assert!(GroupPath::default().holds("/x"));
    }
}
