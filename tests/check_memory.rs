//! check_memory as the monitoring core runs it: the real binary, whole output, exit status, silence on stderr.
//!
//! Scenes are directories with proc and sys in fixtures/memory. `oracle` replays the host on which check_memory.pl 1.0 was run
//! (Ubuntu 14.04, monitoring-plugins#1422): 4907630592 bytes free of 8371765248.

#![expect(
    clippy::unwrap_used,
    reason = "clippy lets test functions panic, but not the helpers beside them"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// Exit status and standard output; standard error must be empty.
fn run(args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_check_memory"))
        .args(args)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/memory"))
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    assert_eq!(text(output.stderr), "", "{args:?}");
    (output.status.code().unwrap(), text(output.stdout))
}

/// The same for words separated by blanks, below one of the scenes.
fn scene(name: &str, args: &str) -> (i32, String) {
    let mut all = vec!["--root", name];
    all.extend(args.split_whitespace());
    run(&all)
}

/// The first line's text without its perfdata.
fn text(output: &str) -> &str {
    let line = output.lines().next().unwrap();
    line.split(" | ").next().unwrap()
}

/// A root directory with this /proc/meminfo.
fn with_meminfo(content: &[u8]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("proc")).unwrap();
    fs::write(dir.path().join("proc/meminfo"), content).unwrap();
    dir
}

/// A root directory with these files.
fn with_files(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    dir
}

fn at(root: &Path, args: &[&str]) -> (i32, String) {
    let mut all = vec!["--root", root.to_str().unwrap()];
    all.extend(args);
    let (code, output) = run(&all);
    (code, output.replace(root.to_str().unwrap(), "ROOT"))
}

/// The rows that were run against the original. Same exit status and same first words; perfdata in `B`, with minimum and maximum.
#[test]
fn drop_in_for_the_original() {
    const OK: &str = "CHECK_MEMORY OK - 4680M free (58.6% of 7984M)";
    for (args, code, text, free, used) in [
        (
            "-w 50% -c 25%",
            0,
            OK,
            "4185882624:;2092941312:",
            "4185882624;6278823936",
        ),
        ("", 0, OK, ";", ";"),
        (
            "-w 60% -c 25%",
            1,
            "CHECK_MEMORY WARNING - 4680M free (58.6% of 7984M), below 60%",
            "5023059148.8:;2092941312:",
            "3348706099.2;6278823936",
        ),
        (
            "-w 80% -c 60%",
            2,
            "CHECK_MEMORY CRITICAL - 4680M free (58.6% of 7984M), below 60%",
            "6697412198.4:;5023059148.8:",
            "1674353049.6;3348706099.2",
        ),
        ("-w 50%", 0, OK, "4185882624:;", "4185882624;"),
        (
            "-c 59%",
            2,
            "CHECK_MEMORY CRITICAL - 4680M free (58.6% of 7984M), below 59%",
            ";4939341496.32:",
            ";3432423751.68",
        ),
        (
            "-w 4907630592: -c 1000000000:",
            0,
            OK,
            "4907630592:;1000000000:",
            "3464134656;7371765248",
        ),
        (
            "-w 5000000000: -c 1000000000:",
            1,
            "CHECK_MEMORY WARNING - 4680M free (58.6% of 7984M), below 5000000000",
            "5000000000:;1000000000:",
            "3371765248;7371765248",
        ),
        (
            "-w 2000000000",
            1,
            "CHECK_MEMORY WARNING - 4680M free (58.6% of 7984M), above 2000000000, did you mean 2000000000: ?",
            "2000000000;",
            "6371765248:;",
        ),
        (
            "-w @0:5000000000",
            1,
            "CHECK_MEMORY WARNING - 4680M free (58.6% of 7984M), inside @0:5000000000",
            "@5000000000;",
            "@3371765248:;",
        ),
        ("-w 0% -c 0%", 0, OK, "0:;0:", "0:;0:"),
        (
            "-w 100% -c 100%",
            2,
            "CHECK_MEMORY CRITICAL - 4680M free (58.6% of 7984M), below 100%",
            "8371765248:;8371765248:",
            "0;0",
        ),
        (
            "-u G",
            0,
            "CHECK_MEMORY OK - 4G free (58.6% of 8G)",
            ";",
            ";",
        ),
        (
            "-u K",
            0,
            "CHECK_MEMORY OK - 4792608K free (58.6% of 8175552K)",
            ";",
            ";",
        ),
        (
            "-u b",
            0,
            "CHECK_MEMORY OK - 4907630592b free (58.6% of 8371765248b)",
            ";",
            ";",
        ),
        ("--units M", 0, OK, ";", ";"),
        (
            "--warning 50% --critical 25% --timeout 30",
            0,
            OK,
            "4185882624:;2092941312:",
            "4185882624;6278823936",
        ),
    ] {
        let (status, output) = scene("oracle", args);
        let expected = format!(
            "{text} | free=4907630592B;{free};0;8371765248 used=3464134656B;{used};0;8371765248 total=8371765248B;;;0 \
             swap_used=0B;;;0;2147479552 swap_free=2147479552B;;;0;2147479552 oom_kills=0;;;0\n"
        );
        assert_eq!((status, output), (code, expected), "{args}");
    }
}

/// Machines whose state and amount the original (with Debian's patch for the new `free`) and we agree on, `-w 50% -c 25%`.
#[test]
fn machines_of_other_projects() {
    // Source; MemTotal, MemFree and MemAvailable in kB; exit status; amount.
    for row in [
        "madrisan               16384256  11918208  14564424 0 14223M",
        "NETWAYS                15896752   1521552   8269184 0 8075M",
        "NETWAYS-meminfo2           1000       300   8269184 1 0M",
        "gopsutil-intelcorei5   16115528   8577628  11225936 0 10962M",
        "gopsutil-issue1002       254472    121588    210156 0 205M",
        "gopsutil-anonhugepages 260799420 119443248 127880216 1 124883M",
        "monitoring-plugins     32767776   1693508  23807480 0 23249M",
        "Percona-meminfo-002     1694732     67872    175984 2 171M",
        "systemd-oomd           32495256   9880512  21777088 0 21266M",
        "lxcfs#84                 998384    987608    987608 0 964M",
        "lxcfs#115              20971520   8615216   8615216 1 8413M",
        "prometheus-alerts#50   16268028    170024   5735232 1 5600M",
        "lxcfs#175               4194304      4760      4760 2 4M",
        "htop#821               15218404   5633168   9050148 0 8838M",
        "kubernetes#118916      16393244   9744148  15020900 0 14668M",
        "Debian-new-format      12303836  10000000  10623236 0 10374M",
    ] {
        let cells: Vec<&str> = row.split_whitespace().collect();
        let [source, total, free, available, status, amount] = cells[..] else {
            panic!("{row}")
        };
        let dir = with_meminfo(
            format!("MemTotal: {total} kB\nMemFree: {free} kB\nMemAvailable: {available} kB\n")
                .as_bytes(),
        );
        let (code, output) = at(dir.path(), &["-w", "50%", "-c", "25%"]);
        let state = ["OK", "WARNING", "CRITICAL"][code as usize];
        assert_eq!(code.to_string(), status, "{source}");
        let start = format!("CHECK_MEMORY {state} - {amount} free (");
        assert!(output.starts_with(&start), "{source}: {output}");
    }
}

/// Where the original did otherwise on purpose or by accident; each row is a line of the CHANGELOG.
#[test]
fn differences_from_the_original() {
    const HINT: &str = "write 10%, 2G, 10%,2G or a range such as 2G: or 10%:90% (see --help)";
    let refused = |why: &str| format!("CHECK_MEMORY UNKNOWN - invalid value {why}, {HINT}");
    for (name, args, code, first) in [
        (
            "more than all: was always WARNING",
            vec!["-w", "101%", "-c", "25%"],
            3,
            refused("'101%' for '--warning': 101% is not between 0% and 100%"),
        ),
        (
            "swapped: was accepted",
            vec!["-w", "25%", "-c", "50%"],
            3,
            String::from(
                "CHECK_MEMORY UNKNOWN - warning 25% and critical 50% are in the wrong order: every warning would be critical already, swap the two values",
            ),
        ),
        (
            "a unit that is none: its own words",
            vec!["-u", "X"],
            3,
            String::from(
                "CHECK_MEMORY UNKNOWN - invalid value 'X' for '--unit': the unit must be one of b, K, M or G, case-sensitive (see --help)",
            ),
        ),
        (
            "a percentage with a colon: was an error",
            vec!["-w", "50%:", "-c", "25%:"],
            0,
            String::from("CHECK_MEMORY OK - 4680M free (58.6% of 7984M)"),
        ),
        (
            "decimals: were an error",
            vec!["-w", "58.7%"],
            1,
            String::from("CHECK_MEMORY WARNING - 4680M free (58.6% of 7984M), below 58.7%"),
        ),
        (
            "a size with a unit: was an error",
            vec!["-w", "5G"],
            1,
            String::from("CHECK_MEMORY WARNING - 4680M free (58.6% of 7984M), below 5G"),
        ),
        (
            "an empty value",
            vec!["-w", ""],
            3,
            refused("'' for '--warning': it is empty"),
        ),
        (
            "an option as a value",
            vec!["-w", "-c", "25%"],
            3,
            refused("'-c' for '--warning': '-c' has no unit of B, K, M, G or T"),
        ),
    ] {
        let mut all = vec!["--root", "oracle"];
        all.extend(args);
        let (status, output) = run(&all);
        assert_eq!((status, text(&output)), (code, first.trim_end()), "{name}");
    }
}

#[test]
fn help_version_and_typing_errors_are_no_result() {
    for args in [
        "-h",
        "--help",
        "-V",
        "--version",
        "--bogus",
        "--top 51",
        "--metric free,used",
        "--report --format json",
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        let (code, output) = run(&args);
        assert_eq!(code, 3, "{args:?}");
        assert!(!output.is_empty());
    }
    assert_eq!(
        run(&["-V"]).1,
        format!("check_memory {}\n", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(
        run(&["--bogus"]).1,
        "CHECK_MEMORY UNKNOWN - unexpected argument '--bogus' found (see --help)\n"
    );
}

#[test]
fn stray_words_are_ignored_as_before_but_named() {
    let (code, output) = scene("oracle", "-w 50% -c 25% extra");
    assert_eq!(code, 0);
    assert_eq!(
        text(&output),
        "CHECK_MEMORY OK - 4680M free (58.6% of 7984M)"
    );
    assert_eq!(
        output.lines().nth(1),
        Some("'extra' belongs to no option and is ignored")
    );
}

/// First lines of other machines.
#[test]
fn scenes() {
    for (scene_name, args, code, first) in [
        (
            "busy",
            "-w 10% -c 5%",
            1,
            "CHECK_MEMORY WARNING - 598M free (7.5% of 7984M), below 10%, 3 OOM kills so far, mysqld 2974M, php-fpm 1333M, imap 43M",
        ),
        (
            "busy",
            "",
            0,
            "CHECK_MEMORY OK - 598M free (7.5% of 7984M), 3 OOM kills so far",
        ),
        (
            "busy",
            "-v --top 1",
            0,
            "CHECK_MEMORY OK - 598M free (7.5% of 7984M), 3 OOM kills so far, mysqld 2974M",
        ),
        (
            "busy",
            "-w 10% --top 0",
            1,
            "CHECK_MEMORY WARNING - 598M free (7.5% of 7984M), below 10%, 3 OOM kills so far",
        ),
        // Alarms only below both.
        (
            "busy",
            "-w 10%,500M",
            0,
            "CHECK_MEMORY OK - 598M free (7.5% of 7984M), 3 OOM kills so far",
        ),
        (
            "busy",
            "-w 10%,600M --top 0",
            1,
            "CHECK_MEMORY WARNING - 598M free (7.5% of 7984M), below 10% and 600M, 3 OOM kills so far",
        ),
        // Used, by explicit choice: much is bad, and equal is fine.
        (
            "oracle",
            "--metric used -w 50%",
            0,
            "CHECK_MEMORY OK - 3303M used (41.4% of 7984M), 4680M free",
        ),
        (
            "oracle",
            "--metric used -w 3464134656",
            0,
            "CHECK_MEMORY OK - 3303M used (41.4% of 7984M), 4680M free",
        ),
        (
            "oracle",
            "--metric used -w 3464134655",
            1,
            "CHECK_MEMORY WARNING - 3303M used (41.4% of 7984M), 4680M free, above 3464134655",
        ),
        (
            "oracle",
            "--metric used -w 30% -c 41%",
            2,
            "CHECK_MEMORY CRITICAL - 3303M used (41.4% of 7984M), 4680M free, above 41%",
        ),
        // Swap: only where asked for.
        (
            "busy",
            "--swap-warning 20% --swap-critical 10% --top 0",
            1,
            "CHECK_MEMORY WARNING - 598M free (7.5% of 7984M), swap 204M free (10.0% of 2048M) below 20%, 3 OOM kills so far",
        ),
        (
            "busy",
            "--swap-warning 50% --swap-critical 205M --top 0",
            2,
            "CHECK_MEMORY CRITICAL - 598M free (7.5% of 7984M), swap 204M free (10.0% of 2048M) below 205M, 3 OOM kills so far",
        ),
        (
            "oracle",
            "--swap-warning 1000",
            1,
            "CHECK_MEMORY WARNING - 4680M free (58.6% of 7984M), swap 2047M free (100.0% of 2048M) above 1000, did you mean 1000: ?",
        ),
        (
            "oracle",
            "--swap-warning 20%",
            0,
            "CHECK_MEMORY OK - 4680M free (58.6% of 7984M), swap 2047M free (100.0% of 2048M)",
        ),
        (
            "zfs",
            "--swap-warning 20%",
            0,
            "CHECK_MEMORY OK - 2112M free (57.8% of 3654M), estimated, with 1497M of the ZFS ARC, no swap",
        ),
        (
            "hugepages",
            "--swap-warning 20% --no-swap critical",
            2,
            "CHECK_MEMORY CRITICAL - 5120M free (31.3% of 16384M), no swap",
        ),
        // Pressure: only where asked for.
        (
            "busy",
            "--pressure-warning 2 --pressure-critical 5% --top 0",
            1,
            "CHECK_MEMORY WARNING - 598M free (7.5% of 7984M), pressure 3.07% above 2%, 3 OOM kills so far",
        ),
        (
            "busy",
            "--pressure-warning 3.07",
            0,
            "CHECK_MEMORY OK - 598M free (7.5% of 7984M), pressure 3.07%, 3 OOM kills so far",
        ),
        // Containers and units.
        (
            "container-v2",
            "-w 30% -c 25%",
            1,
            "CHECK_MEMORY WARNING - 128M free (25.0% of 512M), limit of this container's cgroup, below 30%, 2 OOM kills so far, postgres 283M",
        ),
        (
            "container-v2",
            "--cgroup none --pressure-critical 1",
            0,
            "CHECK_MEMORY OK - 4680M free (58.6% of 7984M), pressure 0.00%, 7 OOM kills so far",
        ),
        (
            "container-v2",
            "--pressure-critical 1 --top 0",
            2,
            "CHECK_MEMORY CRITICAL - 128M free (25.0% of 512M), limit of this container's cgroup, pressure 1.25% above 1%, 2 OOM kills so far",
        ),
        (
            "container-v1",
            "-w 50% -c 25%",
            2,
            "CHECK_MEMORY CRITICAL - 0M free (0.0% of 64M), limit of this container's cgroup, below 25%, 1 OOM kill so far",
        ),
        (
            "unit",
            "-w 50% -c 25%",
            0,
            "CHECK_MEMORY OK - 4680M free (58.6% of 7984M), 7 OOM kills so far",
        ),
        (
            "unit",
            "--cgroup /mail.slice/rspamd.service -w 50% -c 25%",
            2,
            "CHECK_MEMORY CRITICAL - 48M free (4.7% of 1024M), cgroup /mail.slice/rspamd.service, limit of /mail.slice, below 25%, rspamd 185M",
        ),
        (
            "unit",
            "--cgroup /sys/fs/cgroup/mail.slice -c 25%",
            2,
            "CHECK_MEMORY CRITICAL - 48M free (4.7% of 1024M), limit of cgroup /mail.slice, below 25%, clamd 683M, rspamd 185M",
        ),
        (
            "unit",
            "--cgroup system.slice/cron.service -w 50%",
            0,
            "CHECK_MEMORY OK - 4680M free (58.6% of 7984M), memory of the host as cgroup /system.slice/cron.service has no limit",
        ),
        // Estimates, the ARC, huge pages.
        (
            "old-kernel",
            "-w 50% -c 25%",
            2,
            "CHECK_MEMORY CRITICAL - 585M free (16.0% of 3654M), estimated, below 25%",
        ),
        (
            "zfs",
            "-w 50% -c 25%",
            0,
            "CHECK_MEMORY OK - 2112M free (57.8% of 3654M), estimated, with 1497M of the ZFS ARC",
        ),
        (
            "zfs",
            "-w 50% -c 25% --no-zfs-arc",
            2,
            "CHECK_MEMORY CRITICAL - 614M free (16.8% of 3654M), estimated, below 25%",
        ),
        (
            "hugepages",
            "-w 50%",
            1,
            "CHECK_MEMORY WARNING - 5120M free (31.3% of 16384M), below 50%",
        ),
        (
            "hugepages",
            "-w 50% --exclude-hugepages",
            0,
            "CHECK_MEMORY OK - 5120M free (83.3% of 6144M), without 10240M of huge pages",
        ),
    ] {
        let (status, output) = scene(scene_name, args);
        assert_eq!(
            (status, text(&output)),
            (code, first),
            "{scene_name} {args}"
        );
    }
}

/// A container of 4096M that uses 1024M, on a host of 8192M: how much the host has left, and what of it counts.
#[test]
fn a_limit_is_no_promise_of_the_host() {
    let available = |mib: u64| {
        format!(
            "MemTotal: 8388608 kB\nMemFree: 1024 kB\nMemAvailable: {} kB\n",
            mib * 1024
        )
    };
    let arc = |size: u64| format!("c_min 4 1048576\nsize 4 {}\n", (size + 1) << 20);
    let old = String::from("MemTotal: 8388608 kB\nMemFree: 102400 kB\n");
    for (name, meminfo, arcstats, args, code, first) in [
        (
            "the host has plenty",
            available(6000),
            None,
            "-w 20%",
            0,
            "CHECK_MEMORY OK - 3072M free (75.0% of 4096M), limit of this container's cgroup",
        ),
        (
            "the host has nothing left for it",
            available(100),
            None,
            "-w 20% -c 5%",
            2,
            "CHECK_MEMORY CRITICAL - 100M free (2.4% of 4096M), limit of this container's cgroup, the host has no more, below 5%",
        ),
        (
            "of a unit too",
            available(100),
            None,
            "--cgroup /a -c 5%",
            2,
            "CHECK_MEMORY CRITICAL - 100M free (2.4% of 4096M), cgroup /a, limit of /, the host has no more, below 5%",
        ),
        (
            "the ARC shrinks for it",
            available(100),
            Some(arc(4000)),
            "-w 20% -c 5%",
            0,
            "CHECK_MEMORY OK - 3072M free (75.0% of 4096M), limit of this container's cgroup",
        ),
        (
            "the ARC is not enough",
            available(100),
            Some(arc(200)),
            "-w 20% -c 5%",
            1,
            "CHECK_MEMORY WARNING - 300M free (7.3% of 4096M), limit of this container's cgroup, the host has no more, below 20%, with 200M of the ZFS ARC",
        ),
        (
            "the ARC is left out",
            available(100),
            Some(arc(4000)),
            "-w 20% -c 5% --no-zfs-arc",
            2,
            "CHECK_MEMORY CRITICAL - 100M free (2.4% of 4096M), limit of this container's cgroup, the host has no more, below 5%",
        ),
        (
            "an estimate that decides",
            old.clone(),
            None,
            "-w 20%",
            1,
            "CHECK_MEMORY WARNING - 100M free (2.4% of 4096M), limit of this container's cgroup, the host has no more, estimated, below 20%",
        ),
        (
            "an estimate that does not",
            old.replace("102400", "4194304"),
            None,
            "-w 20%",
            0,
            "CHECK_MEMORY OK - 3072M free (75.0% of 4096M), limit of this container's cgroup",
        ),
        (
            "lxcfs: the numbers are the container's own",
            available(3500).replace("8388608", "4194304"),
            None,
            "-w 20%",
            0,
            "CHECK_MEMORY OK - 3500M free (85.4% of 4096M)",
        ),
    ] {
        let mut files = vec![
            ("proc/meminfo", &*meminfo),
            ("sys/fs/cgroup/cgroup.controllers", "memory"),
            ("sys/fs/cgroup/memory.max", "4294967296\n"),
            ("sys/fs/cgroup/memory.current", "1073741824\n"),
            ("sys/fs/cgroup/memory.stat", "anon 1\n"),
            ("sys/fs/cgroup/a/memory.max", "max\n"),
            ("sys/fs/cgroup/a/memory.current", "1048576\n"),
            ("sys/fs/cgroup/a/memory.stat", "anon 1\n"),
        ];
        files.extend(
            arcstats
                .as_deref()
                .map(|content| ("proc/spl/kstat/zfs/arcstats", content)),
        );
        let dir = with_files(&files);
        let args: Vec<&str> = args.split(' ').chain(["--top", "0"]).collect();
        let (status, output) = at(dir.path(), &args);
        assert_eq!((status, text(&output)), (code, first), "{name}");
        let (_, verbose) = at(dir.path(), &[&args[..], &["-vv"]].concat());
        let says = verbose.contains("\nthe host itself has the least room: ");
        assert_eq!(
            says,
            first.contains("the host has no more"),
            "{name}: {verbose}"
        );
        let (_, json) = at(dir.path(), &[&args[..], &["--format", "json"]].concat());
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["facts"]["host_is_tightest"], says, "{name}");
    }
}

/// Where a container shows its own /proc/meminfo and the host's arcstats, the ARC may be larger than all memory.
#[test]
fn an_arc_of_another_machine() {
    const ALONE: &str = "CHECK_MEMORY WARNING - 100M free (10.0% of 1000M), below 20%";
    for (size, first) in [
        (
            "1048576000",
            "CHECK_MEMORY OK - 1000M free (100.0% of 1000M), with 999M of the ZFS ARC",
        ),
        ("1048576001", ALONE),
        ("18446744073709551615", ALONE),
    ] {
        let dir = with_files(&[
            (
                "proc/meminfo",
                "MemTotal: 1024000 kB\nMemFree: 1024 kB\nMemAvailable: 102400 kB\n",
            ),
            (
                "proc/spl/kstat/zfs/arcstats",
                &format!("c_min 4 1048576\nsize 4 {size}\n"),
            ),
        ]);
        let (_, output) = at(dir.path(), &["-w", "20%", "--top", "0"]);
        assert_eq!(text(&output), first, "{size}");
    }
}

/// Pressure of 3.07 % in the scene `busy`: its thresholds have the words of the others.
#[test]
fn thresholds_of_pressure() {
    const HINT: &str = "write a percentage such as 10 or 2.5%, or a range of them (see --help)";
    let at = |state: &str, words: &str| {
        format!(
            "CHECK_MEMORY {state} - 598M free (7.5% of 7984M), pressure 3.07%{words}, 3 OOM kills so far"
        )
    };
    let refused = |why: &str| format!("CHECK_MEMORY UNKNOWN - {why}");
    let order = |w: &str, c: &str| {
        refused(&format!(
            "pressure-warning {w} and critical {c} are in the wrong order: every warning would be critical already, swap the two values"
        ))
    };
    for (args, code, first) in [
        ("--pressure-warning 3", 1, at("WARNING", " above 3%")),
        ("--pressure-critical 3%", 2, at("CRITICAL", " above 3%")),
        ("--pressure-warning 20:", 1, at("WARNING", " below 20%")),
        (
            "--pressure-warning @1:5%",
            1,
            at("WARNING", " inside @1:5%"),
        ),
        ("--pressure-warning @5:10", 0, at("OK", "")),
        ("--pressure-warning 1:2", 1, at("WARNING", " above 2%")),
        ("--pressure-warning 5:10", 1, at("WARNING", " below 5%")),
        (
            "--pressure-warning 20 --pressure-critical 10%",
            3,
            order("20", "10%"),
        ),
        (
            "--pressure-warning 10: --pressure-critical 20:",
            3,
            order("10:", "20:"),
        ),
        (
            "--pressure-warning @0:5 --pressure-critical @0:10",
            3,
            order("@0:5", "@0:10"),
        ),
        (
            "--pressure-warning 1%0",
            3,
            refused(&format!(
                "invalid value '1%0' for '--pressure-warning': '1%0' is not a plain decimal number, {HINT}"
            )),
        ),
    ] {
        let (status, output) = scene("busy", &format!("{args} --top 0"));
        assert_eq!(
            (status, text(&output).trim_end()),
            (code, &*first),
            "{args}"
        );
    }
}

/// A unit that nothing limits: free is the host's, all else is its own. memory.high says when it is reached, and changes no state.
#[test]
fn a_unit_without_a_limit() {
    let plenty = "MemTotal: 8388608 kB\nMemFree: 1024 kB\nMemAvailable: 6144000 kB\n";
    const HOST: &str = "CHECK_MEMORY OK - 6000M free (73.2% of 8192M)";
    const UNLIMITED: &str = "memory of the host as cgroup /a/u has no limit";
    let high = ["memory.high: the kernel slows the cgroup down above 1024M"];
    let both = [
        "memory.high: the kernel slows the cgroup down above 2048M",
        "memory.high of /a: the kernel slows all below it down above 512M, reached",
    ];
    // memory.high of /a/u and of /a; both use 1024M and a byte.
    for (name, own, above, args, first, highs) in [
        (
            "oom kills and pressure are its own",
            "max",
            "max",
            "--cgroup /a/u --pressure-warning 10",
            format!("{HOST}, {UNLIMITED}, pressure 5.00%, 4 OOM kills so far"),
            vec![],
        ),
        (
            "the host's are other ones",
            "1073741824",
            "max",
            "--pressure-warning 10",
            format!("{HOST}, pressure 0.50%, 7 OOM kills so far"),
            vec![],
        ),
        (
            "the root is the host",
            "1073741824",
            "max",
            "--cgroup / --pressure-warning 10",
            format!(
                "{HOST}, memory of the host as cgroup / has no limit, pressure 0.50%, 7 OOM kills so far"
            ),
            vec![],
        ),
        (
            "memory.high is reached",
            "1073741824",
            "max",
            "--cgroup /a/u",
            format!("{HOST}, {UNLIMITED}, at its memory.high of 1024M, 4 OOM kills so far"),
            vec![format!("{}, reached", high[0])],
        ),
        (
            "it is not, by a byte",
            "1073741826",
            "max",
            "--cgroup /a/u",
            format!("{HOST}, {UNLIMITED}, 4 OOM kills so far"),
            vec![high[0].to_owned()],
        ),
        (
            "that of an ancestor",
            "2147483648",
            "536870912",
            "--cgroup /a/u",
            format!("{HOST}, {UNLIMITED}, /a at its memory.high of 512M, 4 OOM kills so far"),
            both.map(str::to_owned).to_vec(),
        ),
    ] {
        let dir = with_files(&[
            ("proc/meminfo", plenty),
            ("proc/vmstat", "oom_kill 7\n"),
            (
                "proc/pressure/memory",
                "full avg10=0.00 avg60=0.50 avg300=0.00 total=1\n",
            ),
            ("sys/fs/cgroup/cgroup.controllers", "memory"),
            ("sys/fs/cgroup/a/memory.max", "max\n"),
            ("sys/fs/cgroup/a/memory.current", "1073741825\n"),
            ("sys/fs/cgroup/a/memory.high", above),
            ("sys/fs/cgroup/a/u/memory.max", "max\n"),
            ("sys/fs/cgroup/a/u/memory.high", own),
            ("sys/fs/cgroup/a/u/memory.current", "1073741825\n"),
            ("sys/fs/cgroup/a/u/memory.stat", "inactive_file 1048577\n"),
            ("sys/fs/cgroup/a/u/memory.events", "oom_kill 4\n"),
            (
                "sys/fs/cgroup/a/u/memory.pressure",
                "full avg10=0.00 avg60=5.00 avg300=0.00 total=1\n",
            ),
        ]);
        let args: Vec<&str> = args.split(' ').chain(["-w", "20%"]).collect();
        let (status, output) = at(dir.path(), &args);
        assert_eq!((status, text(&output)), (0, &*first), "{name}");
        let (_, verbose) = at(dir.path(), &[&args[..], &["-v"]].concat());
        let found: Vec<&str> = verbose
            .lines()
            .filter(|line| line.starts_with("memory.high"))
            .collect();
        assert_eq!(found, highs, "{name}");
        let uses = "\ncgroup /a/u uses 1024M, 1023M of it without inactive files; no limit\n";
        let uses = uses.replace(';', ",");
        assert_eq!(
            verbose.contains(&uses),
            first.contains("/a/u"),
            "{name}: {verbose}"
        );
    }
}

/// How much of the working set is cache: said where it is 5 % of the limit or more, in an alarm at once, else with -v.
#[test]
fn cache_that_may_still_be_dropped() {
    let v2 = |keys: &str| {
        vec![
            ("cgroup.controllers", String::from("memory")),
            ("memory.max", String::from("4294967296\n")),
            ("memory.current", String::from("4194304000\n")),
            ("memory.stat", format!("anon 1\n{keys}")),
        ]
    };
    let v1 = |keys: &str| {
        vec![
            ("memory/memory.limit_in_bytes", String::from("4294967296\n")),
            ("memory/memory.usage_in_bytes", String::from("4194304000\n")),
            ("memory/memory.stat", format!("total_rss 1\n{keys}")),
        ]
    };
    let said = |size: &str, keys: &str| {
        Some(format!(
            "{size} of what cgroup / uses are cache that the kernel may still drop ({keys})"
        ))
    };
    const V2: &str = "active_file, slab_reclaimable";
    let plenty = "MemTotal: 8388608 kB\nMemFree: 1024 kB\nMemAvailable: 6144000 kB\n";
    for (name, files, meminfo, line) in [
        (
            "both",
            v2("active_file 3565158400\nslab_reclaimable 184549376\n"),
            plenty,
            said("3576M", V2),
        ),
        (
            "just 5 %",
            v2("active_file 214748365\n"),
            plenty,
            said("204M", V2),
        ),
        ("just below", v2("active_file 214748364\n"), plenty, None),
        (
            "never more than is used",
            v2("active_file 9999999999\n"),
            plenty,
            said("4000M", V2),
        ),
        (
            "version 1",
            v1("total_active_file 1073741824\nactive_file 1\n"),
            plenty,
            said("1024M", "total_active_file"),
        ),
        (
            "the host is tighter: its number knows of the cache",
            v2("active_file 3565158400\n"),
            "MemTotal: 8388608 kB\nMemFree: 1024 kB\nMemAvailable: 1024 kB\n",
            None,
        ),
    ] {
        let dir = with_meminfo(meminfo.as_bytes());
        for (file, content) in files {
            let path = dir.path().join("sys/fs/cgroup").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let second = |args: &[&str]| {
            let (_, output) = at(dir.path(), &[args, &["--top", "0"]].concat());
            output.lines().nth(1).map(str::to_owned)
        };
        assert_eq!(second(&["-c", "10%"]), line, "{name}");
        assert_eq!(second(&[]), None, "{name}: OK is one line");
        let verbose = second(&["-v"]).filter(|found| found.contains("may still drop"));
        assert_eq!(verbose, line, "{name}");
    }
}

/// A mixed hierarchy ("hybrid") whose memory controller is in version 2: the unit, its programs, and a container's own limit.
#[test]
fn a_mixed_hierarchy_with_memory_in_version_2() {
    let files = [
        (
            "proc/meminfo",
            "MemTotal: 8388608 kB\nMemFree: 1024 kB\nMemAvailable: 6144000 kB\n",
        ),
        (
            "proc/1/status",
            "Name:\tinit\nVmRSS:\t1024 kB\nRssAnon:\t1024 kB\n",
        ),
        (
            "proc/1/cgroup",
            "1:name=systemd:/init.scope\n0::/init.scope\n",
        ),
        (
            "proc/7/status",
            "Name:\tx\nVmRSS:\t204800 kB\nRssAnon:\t204800 kB\n",
        ),
        (
            "proc/7/cgroup",
            "1:name=systemd:/system.slice/x\n0::/system.slice/x\n",
        ),
        ("sys/fs/cgroup/pids/tasks", ""),
        ("sys/fs/cgroup/unified/cgroup.controllers", "memory\n"),
        (
            "sys/fs/cgroup/unified/system.slice/x/memory.max",
            "1073741824\n",
        ),
        (
            "sys/fs/cgroup/unified/system.slice/x/memory.current",
            "1063256064\n",
        ),
        (
            "sys/fs/cgroup/unified/system.slice/x/memory.stat",
            "anon 1\n",
        ),
    ];
    let unit = "CHECK_MEMORY CRITICAL - 10M free (1.0% of 1024M), limit of cgroup /system.slice/x, below 5%, x 200M";
    let dir = with_files(&files);
    for choice in ["/system.slice/x", "/sys/fs/cgroup/unified/system.slice/x"] {
        let (code, output) = at(dir.path(), &["--cgroup", choice, "-c", "5%"]);
        assert_eq!((code, text(&output)), (2, unit), "{choice}");
    }
    let own = [
        ("sys/fs/cgroup/unified/memory.max", "1073741824\n"),
        ("sys/fs/cgroup/unified/memory.current", "1063256064\n"),
        ("sys/fs/cgroup/unified/memory.stat", "anon 1\n"),
    ];
    let container = with_files(&[&files[..], &own[..]].concat());
    let (code, output) = at(container.path(), &["-c", "5%", "--top", "0"]);
    assert_eq!(
        (code, text(&output)),
        (
            2,
            "CHECK_MEMORY CRITICAL - 10M free (1.0% of 1024M), limit of this container's cgroup, below 5%"
        )
    );
}

/// Version 1 tells in each group the tightest limit above it; the group that has it is named, where it can be seen.
#[test]
fn version_1_names_the_ancestor_that_limits() {
    const GIB: &str = "1073741824\n";
    const NONE: &str = "9223372036854771712\n";
    let b = "CHECK_MEMORY CRITICAL - 24M free (2.3% of 1024M)";
    // The limits of /, /a and /a/b, and what memory.stat of /a/b says.
    for (name, limits, inherited, first) in [
        (
            "the parent's",
            [NONE, GIB, NONE],
            GIB,
            format!("{b}, cgroup /a/b, limit of /a, below 5%"),
        ),
        (
            "its own",
            [NONE, NONE, GIB],
            GIB,
            String::from("CHECK_MEMORY OK - 924M free (90.2% of 1024M), limit of cgroup /a/b"),
        ),
        (
            "both alike",
            [NONE, GIB, GIB],
            GIB,
            format!("{b}, limit of cgroup /a/b, below 5%"),
        ),
        (
            "the root's of a container",
            [GIB, NONE, NONE],
            GIB,
            String::from(
                "CHECK_MEMORY CRITICAL - 0M free (0.0% of 1024M), cgroup /a/b, limit of /, below 5%",
            ),
        ),
        (
            "one outside the container, which nobody here has",
            [NONE, NONE, NONE],
            GIB,
            String::from(
                "CHECK_MEMORY CRITICAL - 0M free (0.0% of 1024M), cgroup /a/b, limit of /, below 5%",
            ),
        ),
        (
            "none",
            [NONE, NONE, NONE],
            NONE,
            String::from(
                "CHECK_MEMORY OK - 6000M free (73.2% of 8192M), memory of the host as cgroup /a/b has no limit",
            ),
        ),
    ] {
        let stat = format!("hierarchical_memory_limit {inherited}");
        let mut files = vec![
            (
                "proc/meminfo",
                "MemTotal: 8388608 kB\nMemFree: 1024 kB\nMemAvailable: 6144000 kB\n",
            ),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1073741824\n"),
            (
                "sys/fs/cgroup/memory/a/memory.usage_in_bytes",
                "1048576000\n",
            ),
            (
                "sys/fs/cgroup/memory/a/b/memory.usage_in_bytes",
                "104857600\n",
            ),
            ("sys/fs/cgroup/memory/memory.stat", ""),
            ("sys/fs/cgroup/memory/a/memory.stat", ""),
            ("sys/fs/cgroup/memory/a/b/memory.stat", &stat),
        ];
        let places = [
            "memory.limit_in_bytes",
            "a/memory.limit_in_bytes",
            "a/b/memory.limit_in_bytes",
        ]
        .map(|file| format!("sys/fs/cgroup/memory/{file}"));
        files.extend(places.iter().map(|place| &**place).zip(limits));
        let dir = with_files(&files);
        let (_, output) = at(dir.path(), &["--cgroup", "/a/b", "-c", "5%", "--top", "0"]);
        assert_eq!(text(&output), first, "{name}");
    }
}

/// systemd gives the memory controller only to units that ask for it: below them the nearest ancestor tells the numbers.
#[test]
fn a_cgroup_without_the_memory_controller() {
    let has_none = |of: &str| {
        format!("cgroup /a/u/w has no memory controller, so the numbers are those of {of}")
    };
    let limited = "CHECK_MEMORY CRITICAL - 24M free (2.3% of 1024M), cgroup /a/u/w, limit of";
    let unlimited = "CHECK_MEMORY OK - 6000M free (73.2% of 8192M), memory of the host as cgroup /a/u/w has no limit";
    // Files of the memory controller: of which groups, with which limit. In each case /a uses 1000M and /a/u 100M.
    for (name, groups, code, first, of) in [
        (
            "the parent has it",
            vec![("a", "max"), ("a/u", "125829120")],
            0,
            "CHECK_MEMORY OK - 20M free (16.7% of 120M), cgroup /a/u/w, limit of /a/u",
            "/a/u",
        ),
        (
            "the grandparent has it",
            vec![("a", "1073741824")],
            2,
            &format!("{limited} /a, below 5%"),
            "/a",
        ),
        ("without a limit", vec![("a", "max")], 0, unlimited, "/a"),
        ("nobody has it", vec![], 0, unlimited, "/"),
    ] {
        let mut files: Vec<(String, &str)> = vec![
            (
                String::from("proc/meminfo"),
                "MemTotal: 8388608 kB\nMemFree: 1024 kB\nMemAvailable: 6144000 kB\n",
            ),
            (
                String::from("sys/fs/cgroup/cgroup.controllers"),
                "cpu memory\n",
            ),
            (String::from("sys/fs/cgroup/a/u/w/cgroup.procs"), "1\n"),
        ];
        for (group, limit) in groups {
            let current = if group == "a" {
                "1048576000\n"
            } else {
                "104857600\n"
            };
            for (file, content) in [
                ("memory.max", limit),
                ("memory.current", current),
                ("memory.stat", "anon 1\n"),
            ] {
                files.push((format!("sys/fs/cgroup/{group}/{file}"), content));
            }
        }
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(file, content)| (&**file, *content))
            .collect();
        let dir = with_files(&files);
        let (status, output) = at(
            dir.path(),
            &["--cgroup", "/a/u/w", "-c", "5%", "--top", "0", "-v"],
        );
        assert_eq!((status, text(&output)), (code, first), "{name}");
        assert!(
            output.lines().any(|line| line == has_none(of)),
            "{name}: {output}"
        );
    }
}

#[test]
fn all_perfdata_with_limits() {
    let (code, output) = scene(
        "busy",
        "--metric used -w 80% -c 8G --swap-warning 20% --swap-critical 0:4G --pressure-warning 10% --pressure-critical 20 --top 0",
    );
    assert_eq!(code, 1);
    let perfdata = output.lines().next().unwrap().split(" | ").nth(1);
    assert_eq!(
        perfdata,
        Some(
            "free=627310592B;1674353049.6:;0:;0;8371765248 used=7744454656B;6697412198.4;8589934592;0;8371765248 \
             total=8371765248B;;;0 swap_used=1932730368B;1717983641.6;0:;0;2147479552 \
             swap_free=214749184B;429495910.4:;4294967296;0;2147479552 oom_kills=3;;;0 pressure_full_avg60=3.07%;10;20;0;100"
        )
    );
}

#[test]
fn alarms_list_the_programs() {
    let (code, output) = scene("busy", "-c 10%");
    assert_eq!(code, 2);
    let lines: Vec<&str> = output.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "mysqld (mariadb.service): 2974M in 1 process, 62M of it swapped",
            "php-fpm (php8.2-fpm.service): 1333M in 4 processes, 10M of it swapped",
            "imap (dovecot.service): 43M in 2 processes",
            "dovecot (dovecot.service): 8M in 1 process",
            "systemd (init.scope): 6M in 1 process",
        ]
    );
    assert_eq!(scene("busy", "").1.lines().count(), 1, "OK is one line");
}

#[test]
fn verbose_lines() {
    let lines = |args: &str| -> Vec<String> {
        let (_, output) = scene("unit", args);
        output.lines().skip(1).map(str::to_owned).collect()
    };
    assert_eq!(
        lines("--cgroup /mail.slice/rspamd.service -v"),
        [
            "rspamd (rspamd.service): 185M in 1 process",
            "-w and -c judge the free memory: a percentage or size alarms below it",
            "neither -w nor -c is given, so the memory is always OK",
            "cgroup /mail.slice/rspamd.service uses 200M, 199M of it without inactive files, limit 1024M by /mail.slice",
            "memory.high: the kernel slows the cgroup down above 400M",
            "swap: 0M of 2048M used",
            "OOM kills in this cgroup since it exists: 0 (shown, never judged)",
        ]
    );
    let limits = |args: &str| -> Vec<String> {
        let all = lines(args).into_iter();
        all.filter(|line| line.starts_with("-w ") || line.contains("-c"))
            .skip(1)
            .collect()
    };
    assert_eq!(
        limits("-v -w 9000000000 -c 5%"),
        [
            "-w 9000000000 is the range 9000000000 in bytes",
            "-w 9000000000 is a bare number: it alarms above it, 9000000000: would alarm below it",
            "-c 5% is the range 418588262.4: in bytes",
        ]
    );
    assert_eq!(
        limits("-v -w 10% -c 1G"),
        [
            "-w 10% is the range 837176524.8: in bytes",
            "-c 1G is the range 1073741824: in bytes",
            "with this much memory -c is passed before -w, so there is no WARNING",
        ]
    );
    let how = scene("old-kernel", "-vv").1;
    assert!(how.contains(
        "\nold-kernel/proc/meminfo: total 3831959552 bytes, available 613715968 bytes \
         (the kernel's formula with the watermarks of /proc/zoneinfo, as there is no MemAvailable)\n"
    ));
    assert!(scene("busy", "-vvv").1.contains("\nprograms: 6201M\n"));
}

#[test]
fn quiet_is_silent_only_when_ok() {
    assert_eq!(scene("oracle", "-q -w 50%"), (0, String::new()));
    let (code, output) = scene("oracle", "-q -w 60%");
    assert_eq!(code, 1);
    assert!(output.starts_with("CHECK_MEMORY WARNING - 4680M free"));
}

#[test]
fn golden_views() {
    let golden = |file: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/memory")
            .join(file);
        let text = fs::read_to_string(path).unwrap();
        text.replace("VERSION", env!("CARGO_PKG_VERSION"))
    };
    let args = "-w 10% -c 5% --swap-warning 20% --pressure-warning 2";
    for (name, view, file, status) in [
        ("busy", "--report", "busy.report", 1),
        ("busy", "--format json", "busy.json", 1),
        (
            "unit",
            "--cgroup /mail.slice/rspamd.service --format json",
            "unit.json",
            2,
        ),
        ("container-v2", "--report", "container-v2.report", 0),
    ] {
        let (code, output) = scene(name, &format!("{args} {view}"));
        assert_eq!(code, status, "{name}");
        assert_eq!(output, golden(file), "{name} {view}");
        let longest = output.lines().map(|line| line.chars().count()).max();
        assert!(view != "--report" || longest <= Some(80), "{name}");
    }
}

#[test]
fn broken_input_is_unknown() {
    for (name, content, why) in [
        ("empty", &b""[..], "there is no line MemTotal"),
        (
            "words",
            b"some\nwords\nacross\n",
            "there is no line MemTotal",
        ),
        (
            "binary",
            b"\xff\xfe\x00MemTotal\x00",
            "there is no line MemTotal",
        ),
        ("zero", b"MemTotal: 0 kB\nMemFree: 0 kB\n", "MemTotal is 0"),
        (
            "trailing",
            b"MemTotal: 32495256 kB trailing\nMemFree: 1 kB\n",
            "MemTotal is '32495256 kB trailing' and not a number of kB",
        ),
        (
            "hostile",
            b"MemTotal: |$(id);\x1b[31m kB\n",
            "MemTotal is '/?(id),?[31m kB' and not a number of kB",
        ),
        (
            "neither",
            b"MemTotal: 100 kB\nCached: 100 kB\n",
            "neither MemAvailable nor MemFree can be read",
        ),
    ] {
        let dir = with_meminfo(content);
        for args in [vec![], vec!["-w", "50%", "-c", "25%"]] {
            let expected = format!("CHECK_MEMORY UNKNOWN - cannot use ROOT/proc/meminfo: {why}\n");
            assert_eq!(at(dir.path(), &args), (3, expected), "{name}");
        }
    }
}

/// Nothing of nothing is no share: like MemTotal 0.
#[test]
fn a_limit_of_0_is_unknown() {
    let cannot = |file: &str, group: &str| {
        format!(
            "CHECK_MEMORY UNKNOWN - cannot use ROOT/sys/fs/cgroup{file}: the limit of cgroup {group} is 0\n"
        )
    };
    let v2 = |path: &str, limit: &str| {
        [
            ("memory.max", limit),
            ("memory.current", "4096\n"),
            ("memory.stat", "anon 1\n"),
        ]
        .map(|(file, content)| (format!("{path}/{file}"), content.to_owned()))
        .to_vec()
    };
    for (name, files, choice, expected) in [
        (
            "a container",
            v2("", "0\n"),
            "auto",
            cannot("/memory.max", "/"),
        ),
        (
            "a unit",
            [v2("/a", "max\n"), v2("/a/u", "0\n")].concat(),
            "/a/u",
            cannot("/a/u/memory.max", "/a/u"),
        ),
        (
            "above a unit",
            [v2("/a", "0\n"), v2("/a/u", "max\n")].concat(),
            "/a/u",
            cannot("/a/memory.max", "/a"),
        ),
        (
            "outside the container, version 1",
            vec![
                (
                    String::from("/memory/memory.limit_in_bytes"),
                    String::from("9223372036854771712\n"),
                ),
                (
                    String::from("/memory/memory.stat"),
                    String::from("hierarchical_memory_limit 0\n"),
                ),
            ],
            "auto",
            cannot("/memory/memory.stat", "/").replace("the limit of", "a limit above"),
        ),
        (
            "version 1",
            vec![(
                String::from("/memory/memory.limit_in_bytes"),
                String::from("0\n"),
            )],
            "auto",
            cannot("/memory/memory.limit_in_bytes", "/"),
        ),
    ] {
        let dir =
            with_meminfo(b"MemTotal: 1024000 kB\nMemFree: 1024 kB\nMemAvailable: 512000 kB\n");
        for (file, content) in files {
            let path = dir.path().join("sys/fs/cgroup").join(&file[1..]);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        for args in [vec![], vec!["-w", "50%", "-c", "25%"]] {
            let args = [&["--cgroup", choice], &args[..]].concat();
            assert_eq!(at(dir.path(), &args), (3, expected.clone()), "{name}");
        }
    }
}

#[test]
fn odd_input_is_never_a_wrong_ok() {
    for (name, content, code, first) in [
        (
            "available above total (NETWAYS)",
            "MemTotal: 1000 kB\nMemFree: 300 kB\nMemAvailable: 8269184 kB\n",
            1,
            "CHECK_MEMORY WARNING - 0M free (30.0% of 1M), estimated, below 50%",
        ),
        (
            "negative numbers as unsigned",
            "MemTotal: 1024000 kB\nMemFree: 102400 kB\nMemAvailable: 18446744073709551488 kB\nSwapTotal: 0 kB\nSwapFree: 18446744073709551488 kB\n",
            2,
            "CHECK_MEMORY CRITICAL - 100M free (10.0% of 1000M), estimated, below 25%",
        ),
        (
            "tabs and no blanks",
            "\tMemTotal:\t1024000 kB\nMemFree:1kB\n\tMemAvailable:512000 kB\n",
            0,
            "CHECK_MEMORY OK - 500M free (50.0% of 1000M)",
        ),
        (
            "an empty machine without MemAvailable",
            "MemTotal: 1024000 kB\nMemFree: 1024 kB\nMemAvailable: -1 kB\n",
            2,
            "CHECK_MEMORY CRITICAL - 1M free (0.1% of 1000M), estimated, below 25%",
        ),
    ] {
        let dir = with_meminfo(content.as_bytes());
        let (status, output) = at(dir.path(), &["-w", "50%", "-c", "25%"]);
        assert_eq!((status, text(&output)), (code, first), "{name}");
    }
}

/// What cannot be read is not "no swap", and no number of it stands in a graph.
#[test]
fn swap_that_cannot_be_told() {
    const TOTAL: &str = "unknown: SwapTotal is missing or not a number of kB in /proc/meminfo";
    const FREE: &str = "unknown: SwapFree is missing or above SwapTotal in /proc/meminfo";
    for (name, lines, why) in [
        ("no line at all", "", None),
        ("none", "SwapTotal: 0 kB\nSwapFree: 0 kB\n", None),
        (
            "a total that is no size",
            "SwapTotal: x kB\nSwapFree: 5 kB\n",
            Some(TOTAL),
        ),
        ("no total", "SwapFree: 5 kB\n", Some(TOTAL)),
        (
            "a total alone that is no size",
            "SwapTotal: -1 kB\n",
            Some(TOTAL),
        ),
        (
            "more free than there is",
            "SwapTotal: 5 kB\nSwapFree: 18446744073709551488 kB\n",
            Some(FREE),
        ),
        ("no free", "SwapTotal: 5 kB\n", Some(FREE)),
    ] {
        let dir = with_meminfo(
            format!("MemTotal: 1024000 kB\nMemFree: 512000 kB\nMemAvailable: 512000 kB\n{lines}")
                .as_bytes(),
        );
        const OK: &str = "CHECK_MEMORY OK - 500M free (50.0% of 1000M)";
        const CRITICAL: &str = "CHECK_MEMORY CRITICAL - 500M free (50.0% of 1000M), below 60%";
        let (code, judged) = match why {
            None => (0, format!("{OK}, no swap")),
            Some(why) => (3, format!("{}, swap {why}", OK.replace("OK", "UNKNOWN"))),
        };
        let shown = why.map_or_else(|| String::from("no swap"), |why| format!("swap {why}"));
        for (args, code, first) in [
            ("--swap-warning 10%", code, judged),
            (
                "--swap-warning 10% -c 60%",
                2,
                format!("{CRITICAL}, {shown}"),
            ),
            ("-w 10%", 0, String::from(OK)),
        ] {
            let args: Vec<&str> = args.split(' ').collect();
            let (status, output) = at(dir.path(), &args);
            assert_eq!((status, text(&output)), (code, &*first), "{name} {args:?}");
            assert_eq!(output.contains("swap_"), why.is_none(), "{name}: {output}");
        }
        let (_, verbose) = at(dir.path(), &["-v"]);
        let line = why.map_or_else(|| String::from("swap: none"), |why| format!("swap {why}"));
        assert!(
            verbose.lines().any(|found| found == line),
            "{name}: {verbose}"
        );
        let (_, report) = at(dir.path(), &["--report"]);
        let line = if why.is_some() {
            "Swap: unknown"
        } else {
            "Swap: none"
        };
        assert!(
            report.lines().any(|found| found == line),
            "{name}: {report}"
        );
    }
}

#[test]
fn what_is_asked_for_and_missing_is_unknown() {
    assert_eq!(
        run(&["--root", "nowhere"]),
        (
            3,
            String::from(
                "CHECK_MEMORY UNKNOWN - cannot read nowhere/proc/meminfo: no such file (fix: mount /proc, or name with --root the directory that holds the host's proc and sys)\n"
            )
        )
    );
    let (code, output) = scene("oracle", "-w 50% --pressure-warning 10");
    assert_eq!(code, 3);
    assert_eq!(
        text(&output),
        "CHECK_MEMORY UNKNOWN - 4680M free (58.6% of 7984M), pressure unknown: oracle/proc/pressure/memory: this kernel does not \
         measure it (fix: boot Linux 4.20 or later with psi=1 on the kernel command line, or drop the pressure thresholds)"
    );
    assert!(
        output.contains("| free=4907630592B;4185882624:;;0;8371765248 "),
        "{output}"
    );
    // A shortage that is sure is not hidden behind what is not known.
    assert_eq!(scene("oracle", "-c 60% --pressure-warning 10").0, 2);
    assert_eq!(
        scene("unit", "--cgroup /none.slice"),
        (
            3,
            String::from(
                "CHECK_MEMORY UNKNOWN - there is no cgroup unit/sys/fs/cgroup/none.slice (fix: name one as in /proc/PID/cgroup or below /sys/fs/cgroup, 'systemd-cgls' lists them)\n"
            )
        )
    );
}

#[test]
fn huge_pages_that_cannot_be_left_out() {
    for (lines, why) in [
        (
            "HugePages_Total: 16\nHugepagesize: blerble 1 GB\n",
            "--exclude-hugepages: /proc/meminfo has huge pages but neither Hugetlb nor a Hugepagesize in kB",
        ),
        (
            "Hugetlb: 1000 kB\n",
            "--exclude-hugepages leaves nothing: the huge pages in /proc/meminfo are all of MemTotal",
        ),
    ] {
        let dir = with_meminfo(format!("MemTotal: 1000 kB\nMemFree: 10 kB\n{lines}").as_bytes());
        let expected = format!("CHECK_MEMORY UNKNOWN - {why}\n");
        assert_eq!(at(dir.path(), &["--exclude-hugepages"]), (3, expected));
        assert_eq!(at(dir.path(), &[]).0, 0, "only where it was asked for");
    }
}

/// Kernels without the line Hugetlb: the lines of /proc/meminfo tell of pages of 2 MiB only, and 8 GiB lie in those of 1 GiB.
#[test]
fn huge_pages_of_every_size() {
    let dir = with_files(&[
        (
            "proc/meminfo",
            "MemTotal: 16777216 kB\nMemFree: 1024 kB\nMemAvailable: 5242880 kB\nHugePages_Total: 1024\nHugepagesize: 2048 kB\n",
        ),
        (
            "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
            "1024\n",
        ),
        (
            "sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages",
            "8\n",
        ),
    ]);
    let (_, output) = at(dir.path(), &["-w", "50%", "--exclude-hugepages"]);
    assert_eq!(
        text(&output),
        "CHECK_MEMORY OK - 5120M free (83.3% of 6144M), without 10240M of huge pages"
    );
}

/// Below both: which part decides is the machine's matter, so that a pair need not be ordered in each part.
#[test]
fn pairs_that_cross_are_no_contradiction() {
    let (code, output) = scene("oracle", "-w 20%,1G -c 10%,2G");
    assert_eq!(
        (code, text(&output)),
        (0, "CHECK_MEMORY OK - 4680M free (58.6% of 7984M)")
    );
    let (code, output) = scene("oracle", "-w 10%,1G -c 20%,2G");
    assert_eq!(
        (code, &*output),
        (
            3,
            "CHECK_MEMORY UNKNOWN - warning 10%,1G and critical 20%,2G are in the wrong order: every warning would be critical already, swap the two values\n"
        )
    );
}

#[test]
fn contradictory_limits_are_refused() {
    for (args, why) in [
        (
            "-w 1G -c 2G",
            "warning 1G and critical 2G are in the wrong order",
        ),
        (
            "-w 1000: -c 2000:",
            "warning 1000: and critical 2000: are in the wrong order",
        ),
        (
            "--metric used -w 90% -c 80%",
            "warning 90% and critical 80% are in the wrong order",
        ),
        (
            "--swap-warning 5% --swap-critical 10%",
            "swap-warning 5% and critical 10% are in the wrong order",
        ),
        (
            "--pressure-warning 20 --pressure-critical 10",
            "pressure-warning 20 and critical 10 are in the wrong order",
        ),
    ] {
        let (code, output) = scene("oracle", args);
        assert_eq!(code, 3, "{args}");
        assert!(
            output.starts_with(&format!("CHECK_MEMORY UNKNOWN - {why}")),
            "{output}"
        );
        assert_eq!(output.lines().count(), 1);
    }
}

#[test]
fn a_process_without_a_name() {
    for name in ["", "   "] {
        let dir = with_files(&[
            (
                "proc/meminfo",
                "MemTotal: 1024000 kB\nMemFree: 1024 kB\nMemAvailable: 1024 kB\n",
            ),
            (
                "proc/1/status",
                &format!("Name:\t{name}\nVmRSS:\t102400 kB\nRssAnon:\t102400 kB\n"),
            ),
        ]);
        let (_, output) = at(dir.path(), &["-c", "25%"]);
        let (head, rest) = output.split_once('\n').unwrap();
        assert_eq!(
            text(head),
            "CHECK_MEMORY CRITICAL - 1M free (0.1% of 1000M), below 25%, (no name) 100M"
        );
        assert_eq!(rest, "(no name): 100M in 1 process\n");
        let (_, report) = at(dir.path(), &["--report"]);
        assert!(
            report.lines().any(|line| line.starts_with("(no name) ")),
            "{report}"
        );
    }
}

/// MemAvailable 0 is there and not believed: how the number was made says so.
#[test]
fn why_free_is_estimated() {
    for (line, free, why) in [
        (
            "MemAvailable: 0 kB",
            512_000,
            "MemFree, as MemAvailable is 0",
        ),
        ("", 512_000, "MemFree, as there is no MemAvailable"),
        (
            "MemAvailable: -1 kB",
            512_000,
            "MemFree, as there is no MemAvailable",
        ),
        (
            "MemAvailable: 2048000 kB",
            512_000,
            "MemFree, as MemAvailable lies above MemTotal",
        ),
    ] {
        let dir =
            with_meminfo(format!("MemTotal: 1024000 kB\nMemFree: {free} kB\n{line}\n").as_bytes());
        let (_, output) = at(dir.path(), &["-vv"]);
        assert_eq!(
            text(&output),
            "CHECK_MEMORY OK - 500M free (50.0% of 1000M), estimated"
        );
        for expected in [
            format!("free is estimated: {why}"),
            format!("ROOT/proc/meminfo: total 1048576000 bytes, available 524288000 bytes ({why})"),
        ] {
            assert!(
                output.lines().any(|found| found == expected),
                "{line}: {output}"
            );
        }
    }
}

/// `--diagnose` names hidepid and the group that sees all, where /proc is mounted so.
#[test]
fn diagnosis_of_hidden_processes() {
    let user = rustix::process::geteuid().as_raw();
    let group = format!("usermod -aG procview {user}, then restart the monitoring daemon");
    let own = format!("add {user} to the group of the mount option gid= of /proc");
    for (name, mounts, process, expected) in [
        (
            "a group sees all",
            "proc /proc proc rw,hidepid=2,gid=4711 0 0\n",
            false,
            Some(group),
        ),
        (
            "in words",
            "proc /proc proc rw,hidepid=invisible 0 0\n",
            false,
            Some(own.clone()),
        ),
        ("no hidepid", "proc /proc proc rw 0 0\n", false, None),
        (
            "it is off",
            "proc /proc proc rw,hidepid=0,gid=4711 0 0\n",
            false,
            None,
        ),
        (
            "of another mount",
            "proc /srv/proc proc rw,hidepid=2 0 0\nproc /proc proc rw 0 0\n",
            false,
            None,
        ),
        (
            "this user sees all",
            "proc /proc proc rw,hidepid=2,gid=4711 0 0\n",
            true,
            None,
        ),
    ] {
        let dir = with_files(&[
            ("proc/meminfo", "MemTotal: 1024000 kB\nMemFree: 1024 kB\n"),
            ("proc/self/mounts", mounts),
            ("etc/group", "procview:x:4711:\n"),
        ]);
        if process {
            fs::create_dir(dir.path().join("proc/1")).unwrap();
            fs::write(dir.path().join("proc/1/status"), "Name:\tinit\n").unwrap();
        }
        let (_, output) = at(dir.path(), &["--diagnose"]);
        let hidden = "ROOT/proc/1/status (processes of other users): they are hidden from this user (mount option hidepid of /proc)";
        assert_eq!(
            output.contains(hidden),
            expected.is_some(),
            "{name}: {output}"
        );
        assert!(
            expected.is_none_or(|fix| output.contains(&fix)),
            "{name}: {output}"
        );
    }
}

/// Before Linux 4.5 a page of a file that many processes map counted in each of them.
#[test]
fn processes_of_older_kernels() {
    let page = |words: [usize; 4]| -> Vec<u8> {
        words.iter().flat_map(|word| word.to_ne_bytes()).collect()
    };
    for (name, statm, auxv, row) in [
        (
            "four of five parts are shared",
            "99999 25600 20480 0 0 0 0\n",
            page([0, 0, 0, 0]),
            "20M",
        ),
        (
            "large pages",
            "99999 1600 1280 0 0 0 0\n",
            page([6, 65_536, 0, 0]),
            "20M",
        ),
        ("no statm", "", vec![], "100M"),
    ] {
        let dir = with_files(&[
            (
                "proc/meminfo",
                "MemTotal: 1024000 kB\nMemFree: 1024 kB\nMemAvailable: 1024 kB\n",
            ),
            (
                "proc/1/status",
                "Name:\tinit\nVmRSS:\t102400 kB\nVmSwap:\t0 kB\n",
            ),
            ("proc/1/statm", statm),
            ("proc/self/auxv", ""),
        ]);
        fs::write(dir.path().join("proc/self/auxv"), auxv).unwrap();
        let (_, output) = at(dir.path(), &["-c", "25%"]);
        let lines: Vec<&str> = output.lines().collect();
        let first =
            format!("CHECK_MEMORY CRITICAL - 1M free (0.1% of 1000M), below 25%, init {row}");
        assert_eq!(text(lines[0]), first, "{name}");
        assert_eq!(lines[1..], [format!("init: {row} in 1 process")], "{name}");
    }
}

/// Anybody may call a process anything.
#[test]
fn hostile_process_names() {
    let dir = with_meminfo(b"MemTotal: 1024000 kB\nMemFree: 1024 kB\nMemAvailable: 1024 kB\n");
    let process = |pid: &str, name: &[u8], kib: u32| {
        let path = dir.path().join("proc").join(pid);
        fs::create_dir(&path).unwrap();
        let mut status = b"Name:\t".to_vec();
        status.extend(name);
        status.extend(format!("\nVmRSS:\t{kib} kB\nRssAnon:\t{kib} kB\n").bytes());
        fs::write(path.join("status"), status).unwrap();
        fs::write(path.join("cgroup"), "0::/system.slice/a|b;$(id).service\n").unwrap();
    };
    process("1", b"init", 1);
    process("66", b"|free=9;;;$(id)", 90_000);
    process("67", b"\\nOK - fine\\\\n", 80_000);
    process("68", b"\x1b[31m\xe2\x80\xae\xff\x07", 70_000);
    process("69", b"<b>x&amp;</b>", 60_000);
    let (code, output) = at(dir.path(), &["-c", "25%"]);
    assert_eq!(code, 2);
    let (first, rest) = output.split_once('\n').unwrap();
    assert_eq!(
        text(first),
        "CHECK_MEMORY CRITICAL - 1M free (0.1% of 1000M), below 25%, /free=9,,,?(id) 87M, OK - fine/n 78M, ?[31m??? 68M"
    );
    assert_eq!(first.matches('|').count(), 1);
    assert_eq!(
        rest.lines().next(),
        Some("/free=9,,,?(id) (a/b,?(id).service): 87M in 1 process")
    );
    assert!(
        !rest.contains(['|', ';', '$', '<', '>', '&', '\\', '\u{1b}', '\u{202e}']),
        "{rest}"
    );
    // JSON keeps the name as it is, escaped.
    let json: serde_json::Value =
        serde_json::from_str(&at(dir.path(), &["--format", "json"]).1).unwrap();
    assert_eq!(
        json["facts"]["consumers"]["top"][1]["program"],
        "\nOK - fine\\n"
    );
}

/// In a container with a cgroup namespace of its own the host's processes have paths that begin with `/..`.
#[test]
fn programs_outside_the_cgroup_namespace() {
    const CANNOT: &str = "processes: those of the cgroup cannot be told from inside a cgroup namespace (fix: start the container with --cgroupns=host)";
    const FIRST: &str = "CHECK_MEMORY CRITICAL - 1M free (0.1% of 1000M), memory of the host as cgroup /a.slice has no limit, below 25%";
    for (name, cgroup, choice, first, lines) in [
        (
            "a namespace of its own",
            "0::/../../a.slice/a.service\n",
            "/a.slice",
            FIRST,
            vec![CANNOT],
        ),
        (
            "the host's namespace",
            "0::/a.slice/a.service\n",
            "/a.slice",
            &format!("{FIRST}, a 100M"),
            vec!["a (a.service): 100M in 1 process"],
        ),
        (
            "all programs need no group",
            "0::/../../a.slice/a.service\n",
            "none",
            "CHECK_MEMORY CRITICAL - 1M free (0.1% of 1000M), below 25%, a 100M",
            vec!["a (a.service): 100M in 1 process"],
        ),
    ] {
        let dir = with_files(&[
            (
                "proc/meminfo",
                "MemTotal: 1024000 kB\nMemFree: 1024 kB\nMemAvailable: 1024 kB\n",
            ),
            (
                "proc/1/status",
                "Name:\ta\nVmRSS:\t102400 kB\nRssAnon:\t102400 kB\n",
            ),
            ("proc/1/cgroup", cgroup),
            ("sys/fs/cgroup/cgroup.controllers", "memory\n"),
            ("sys/fs/cgroup/a.slice/memory.max", "max\n"),
        ]);
        let (_, output) = at(dir.path(), &["-c", "25%", "--cgroup", choice]);
        let (head, rest) = output.split_once('\n').unwrap();
        assert_eq!(text(head), first, "{name}");
        assert_eq!(rest.lines().collect::<Vec<_>>(), lines, "{name}");
    }
}

#[test]
fn hidden_processes_are_said_and_not_guessed() {
    let dir = with_meminfo(b"MemTotal: 1024000 kB\nMemFree: 1024 kB\nMemAvailable: 1024 kB\n");
    fs::create_dir(dir.path().join("proc/4711")).unwrap();
    fs::write(
        dir.path().join("proc/4711/status"),
        "Name:\tcheck_memory\nVmRSS:\t9000 kB\n",
    )
    .unwrap();
    let (_, output) = at(dir.path(), &["-c", "25%"]);
    assert_eq!(
        text(&output),
        "CHECK_MEMORY CRITICAL - 1M free (0.1% of 1000M), below 25%"
    );
    assert!(output.contains(
        "\nthe processes of other users are hidden from this one (mount option hidepid of /proc)"
    ));
}

/// lxcfs and other file systems in user space may hang; a named pipe without a writer does so too.
#[test]
fn a_file_that_hangs_ends_at_the_time_limit() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("proc")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        dir.path().join("proc/meminfo"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    assert_eq!(
        at(dir.path(), &["-t", "1", "-w", "10%"]),
        (
            3,
            String::from(
                "CHECK_MEMORY UNKNOWN - the time limit of 1 s ran out while reading /proc/meminfo and the limits of cgroups\n"
            )
        )
    );
}

#[test]
fn an_answer_that_nobody_gets_is_not_ok() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_check_memory"))
        .stdout(full)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(3));
}

/// The host of the test itself: whatever it is, the numbers belong together.
#[test]
fn the_real_machine() {
    let (code, output) = run(&["--format", "json"]);
    assert_eq!(code, 0);
    let json: serde_json::Value = serde_json::from_str(&output).unwrap();
    let number = |name: &str| json["facts"][name].as_u64().unwrap();
    assert_eq!(number("free") + number("used"), number("total"));
    assert!(number("total") > 1 << 20);
}
