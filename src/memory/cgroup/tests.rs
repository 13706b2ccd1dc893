//! Whole cgroup trees, v1 and v2.

use super::*;
use crate::memory::Fault;
use crate::memory::tree::Tree;
use std::path::Path;

const HOST: u64 = 8 << 30;
const MIB: u64 = 1 << 20;

/// Writes files below `sys/fs/cgroup` of a new root.
fn scene(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = dir.path().join("sys/fs/cgroup").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    dir
}

fn look(root: &Path, choice: &str) -> Result<Option<Group>, Fault> {
    read(&Tree::new(root), &choice.parse().unwrap(), HOST)
}

/// Limit, working set and free of a container's own group.
fn own(files: &[(&str, &str)]) -> Option<(u64, u64, u64)> {
    let dir = scene(files);
    let group = look(dir.path(), "auto").unwrap()?;
    let limit = group.limit.unwrap();
    Some((limit.limit, group.usage.unwrap().working_set, limit.free))
}

fn v2<'a>(limit: &'a str, current: &'a str, stat: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("cgroup.controllers", ""),
        ("memory.max", limit),
        ("memory.current", current),
        ("memory.stat", stat),
    ]
}

#[test]
fn containers_see_their_own_limit() {
    let half_gib = "536870912\n";
    for (name, limit, current, stat, expected) in [
        (
            "DataDog",
            half_gib,
            "6193152\n",
            "anon 1\ninactive_file 0\n",
            Some((536_870_912, 6_193_152, 530_677_760)),
        ),
        (
            "DataDog, Linux 6.8",
            half_gib,
            "6193152",
            "inactive_file 1626112\nactive_file 2\n",
            Some((536_870_912, 4_567_040, 532_303_872)),
        ),
        ("no limit", "max\n", "6193152", "inactive_file 0\n", None),
        (
            "a limit at the host's memory",
            "8589934592",
            "6193152",
            "inactive_file 0\n",
            None,
        ),
        (
            "key last in file (ray)",
            "100",
            "50",
            "a 1\ninactive_file 20",
            Some((100, 30, 70)),
        ),
        (
            "more inactive than current (ray)",
            "100",
            "50",
            "inactive_file 60",
            Some((100, 0, 100)),
        ),
        (
            "key missing (ray)",
            "100",
            "50",
            "anon 1\n",
            Some((100, 50, 50)),
        ),
        (
            "over the limit",
            "100",
            "150",
            "inactive_file 20",
            Some((100, 130, 0)),
        ),
    ] {
        assert_eq!(own(&v2(limit, current, stat)), expected, "{name}");
    }
}

#[test]
fn version_1() {
    for (name, limit, stat, expected) in [
        (
            "DataDog: above the limit",
            "67108864\n",
            "total_inactive_file 4595712\n",
            Some((67_108_864, 349_892_608, 0)),
        ),
        (
            "the number for no limit",
            "9223372036854771712\n",
            "total_inactive_file 4595712\n",
            None,
        ),
        (
            "an ancestor outside the container is tighter",
            "9223372036854771712",
            "hierarchical_memory_limit 536870912\ntotal_inactive_file 4595712\n",
            Some((536_870_912, 349_892_608, 186_978_304)),
        ),
    ] {
        let files = [
            ("memory/memory.limit_in_bytes", limit),
            ("memory/memory.usage_in_bytes", "354488320\n"),
            ("memory/memory.stat", stat),
        ];
        assert_eq!(own(&files), expected, "{name}");
    }
}

#[test]
fn a_limit_that_cannot_be_judged_is_a_fault() {
    let without = |name: &str| -> Vec<(&str, &str)> {
        let all = v2("100", "5", "anon 1\n").into_iter();
        all.filter(|(file, _)| *file != name).collect()
    };
    for (name, files, words) in [
        (
            "limit malformed",
            v2("lots", "5", "anon 1\n"),
            "neither a number nor 'max'",
        ),
        (
            "limit empty",
            v2("", "5", "anon 1\n"),
            "neither a number nor 'max'",
        ),
        (
            "usage malformed",
            v2("100", "", "anon 1\n"),
            "the usage is not a number",
        ),
        ("usage missing", without("memory.current"), "memory.current"),
        (
            "statistics missing (ray)",
            without("memory.stat"),
            "memory.stat",
        ),
    ] {
        let dir = scene(&files);
        let fault = look(dir.path(), "auto").unwrap_err();
        assert!(fault.to_string().contains(words), "{name}: {fault}");
    }
    let dir = scene(&v2("100", "5", ""));
    for choice in ["/none.slice", "/memory.max"] {
        assert!(look(dir.path(), choice).is_err(), "{choice}");
    }
    let bare = tempfile::tempdir().unwrap();
    assert!(look(bare.path(), "/a").is_err());
    assert_eq!(look(bare.path(), "auto").unwrap(), None);
}

/// A unit below a slice that limits it too, and that its neighbours may fill.
#[test]
fn ancestors_bind() {
    let common = [
        ("cgroup.controllers", "memory"),
        ("a.slice/u.service/memory.events", "oom 3\noom_kill 2\n"),
        ("a.slice/u.service/memory.high", "max\n"),
        ("a.slice/memory.stat", "inactive_file 0\n"),
        ("a.slice/u.service/memory.stat", "anon 1048576\n"),
    ];
    let mib = |cell: &str| match cell.parse::<u64>() {
        Ok(number) => (number * MIB).to_string(),
        Err(_) => cell.to_owned(),
    };
    // Slice: limit, usage. Unit: limit, usage. Expected: limit, set by, free, decided by. In MiB; - is a file that is missing.
    for row in [
        "only_the_slice_limits         1024  512   max 100   1024 /a.slice            512 /a.slice",
        "only_the_unit_limits           max  512  1024 100   1024 /a.slice/u.service  924 /a.slice/u.service",
        "the_unit_is_tighter           2048  512  1024 100   1024 /a.slice/u.service  924 /a.slice/u.service",
        "neighbours_fill_the_slice     2048 2048  1024 100   1024 /a.slice/u.service    0 /a.slice",
        "a_limit_wider_than_the_room   1024  512  2048 100   1024 /a.slice            512 /a.slice",
        "the_usage_above_is_missing    1024    -  2048 100   1024 /a.slice            924 /a.slice",
    ] {
        let cells: Vec<&str> = row.split_whitespace().collect();
        let files = [
            ("a.slice/memory.max", mib(cells[1])),
            ("a.slice/memory.current", mib(cells[2])),
            ("a.slice/u.service/memory.max", mib(cells[3])),
            ("a.slice/u.service/memory.current", mib(cells[4])),
        ];
        let there = files.iter().filter(|(_, content)| content != "-");
        let mut all = common.to_vec();
        all.extend(there.map(|(file, content)| (*file, &**content)));
        let dir = scene(&all);
        let group = look(dir.path(), "a.slice/u.service").unwrap().unwrap();
        let limit = group.limit.unwrap();
        assert_eq!(limit.limit.to_string(), mib(cells[5]), "{row}");
        assert_eq!(limit.limited_by, cells[6], "{row}");
        assert_eq!(limit.free.to_string(), mib(cells[7]), "{row}");
        assert_eq!(limit.tightest, cells[8], "{row}");
        assert_eq!((group.oom_kills, group.high), (Some(2), vec![]), "{row}");
        assert_eq!(limit.breakdown.parts.programs, MIB, "{row}");
        assert_eq!(limit.breakdown.sum(), limit.limit, "{row}");
        // The host's root has no limit.
        assert_eq!(look(dir.path(), "auto").unwrap(), None, "{row}");
    }
}

#[test]
fn version_1_without_hierarchy_does_not_bind() {
    let mut files = vec![
        ("memory/a/memory.limit_in_bytes", "100"),
        ("memory/a/memory.usage_in_bytes", "100"),
        ("memory/a/memory.stat", ""),
        ("memory/a/b/memory.limit_in_bytes", "1000"),
        ("memory/a/b/memory.usage_in_bytes", "10"),
        ("memory/a/b/memory.stat", ""),
    ];
    let free = |files: &[(&str, &str)]| {
        let dir = scene(files);
        let limit = look(dir.path(), "/a/b").unwrap().unwrap().limit;
        limit.unwrap().free
    };
    assert_eq!(free(&files), 0);
    files.push(("memory/a/memory.use_hierarchy", "0\n"));
    assert_eq!(free(&files), 990);
}

#[test]
fn members() {
    let dir = scene(&[("cgroup.controllers", "")]);
    let member = Member::of(&Tree::new(dir.path()), &"/a".parse().unwrap()).unwrap();
    for (cgroups, place) in [
        ("1:name=systemd:/x\n0::/a/b\n", Place::Inside),
        ("1:memory:/a\n0::/b\n", Place::Elsewhere),
        ("0::/../a\n", Place::OutsideNamespace),
        ("0::/..\n", Place::OutsideNamespace),
        ("0::/..a\n", Place::Elsewhere),
        ("", Place::Elsewhere),
    ] {
        assert_eq!(member.place(cgroups), place, "{cgroups:?}");
    }
}
