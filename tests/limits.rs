//! What a machine may do to a plugin: inputs without an end, bombs, no file descriptors, little memory, odd clocks. The
//! answer comes in time, is never a signal and never a better state.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod support;

use std::io::Write as _;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{Said, file, gzip, run, touch};
use tempfile::TempDir;

const POSTGREY: &str = env!("CARGO_BIN_EXE_check_postgrey_whitelist");
const MAILQ: &str = env!("CARGO_BIN_EXE_check_mailq_blacklist");
const MEMORY: &str = env!("CARGO_BIN_EXE_check_memory");

/// Runs a plugin below limits of the shell's `ulimit`, and for how long it ran.
fn limited(ulimit: &str, plugin: &str, arguments: &[&str]) -> (Said, Duration) {
    let start = Instant::now();
    let output = Command::new("/bin/sh")
        .args([
            "-c",
            &format!("ulimit {ulimit} && exec \"$0\" \"$@\""),
            plugin,
        ])
        .args(arguments)
        .env("TZ", "UTC")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    // 127: the loader could not even start the plugin.
    if output.status.code() != Some(127) {
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(complaint, "", "{plugin} {arguments:?}");
    }
    let code = output
        .status
        .code()
        .unwrap_or_else(|| panic!("{plugin} {arguments:?}: {:?}", output.status));
    let out = String::from_utf8(output.stdout).unwrap();
    (Said { code, out }, start.elapsed())
}

/// Runs check_postgrey_whitelist with what little there is of Postgrey's files, and the most memory that it held at once, in KiB: what
/// the kernel said when it was asked last, a few milliseconds before the end, without pages of files.
fn peak(plugin: &str, arguments: &[&str]) -> (Said, u64) {
    let mut child = Command::new(plugin)
        .args(["--window", "all", "-t", "600"])
        .args(["--now", "2026-11-22T00:00:00Z"])
        .args(arguments)
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok())
        };
        // Pages of the program and of libraries are the system's to drop, and more in a debug build.
        let mapped = field("RssFile:").unwrap_or(0);
        peak = peak.max(field("VmHWM:").unwrap_or(0).saturating_sub(mapped));
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().unwrap();
    let code = output.status.code().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    (Said { code, out }, peak)
}

fn fifo(directory: &TempDir) -> String {
    let path = directory.path().join("fifo").display().to_string();
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    path
}

/// Every file that an option names, where nothing ever comes: the time limit ends it and says what it was doing.
#[test]
fn the_time_limit_at_every_stage() {
    let directory = TempDir::new().unwrap();
    let fifo = fifo(&directory);
    let root = TempDir::new().unwrap();
    std::fs::create_dir(root.path().join("proc")).unwrap();
    let meminfo = root.path().join("proc/meminfo").display().to_string();
    assert!(
        Command::new("mkfifo")
            .arg(meminfo)
            .status()
            .unwrap()
            .success()
    );
    let root = root.path().to_str().unwrap();
    for (name, plugin, arguments, stage) in [
        (
            "a log",
            POSTGREY,
            &[fifo.as_str()][..],
            "the time limit of 1 s ran out while reading",
        ),
        (
            "a whitelist",
            POSTGREY,
            &["--whitelist", &fifo, "/dev/null"],
            "while reading whitelists",
        ),
        (
            "an ignore file",
            POSTGREY,
            &["--whitelist", "/dev/null", "--ignore", &fifo, "/dev/null"],
            "while reading whitelists",
        ),
        (
            "a listing",
            MAILQ,
            &["--file", &fifo],
            "the time limit of 1 s ran out",
        ),
        (
            "rules",
            MAILQ,
            &["--file", "/dev/null", "--rules", &fifo],
            "the time limit of 1 s ran out",
        ),
        (
            "known blocks",
            MAILQ,
            &["--file", "/dev/null", "--known", &fifo],
            "the time limit of 1 s ran out",
        ),
        (
            "a mail log",
            MAILQ,
            &["--file", "/dev/null", "--log-file", &fifo],
            "the time limit of 1 s ran out while reading it",
        ),
        (
            "meminfo",
            MEMORY,
            &["--root", root],
            "while reading /proc/meminfo",
        ),
    ] {
        let (said, lasted) = limited("-c 0", plugin, &[arguments, &["-t", "1"]].concat());
        assert_eq!(said.code, 3, "{name}: {}", said.out);
        assert!(said.out.contains(stage), "{name}: {}", said.out);
        assert!(lasted < Duration::from_secs(6), "{name}: {lasted:?}");
    }
}

/// A process that does not let itself be looked at keeps no alarm back: who has the memory is only told beside it.
#[test]
fn an_alarm_does_not_wait_for_the_list_of_programs() {
    let root = TempDir::new().unwrap();
    std::fs::create_dir_all(root.path().join("proc/4242")).unwrap();
    let meminfo = "MemTotal: 1000000 kB\nMemFree: 20000 kB\nMemAvailable: 20000 kB\n";
    std::fs::write(root.path().join("proc/meminfo"), meminfo).unwrap();
    let status = root.path().join("proc/4242/status");
    assert!(
        Command::new("mkfifo")
            .arg(status)
            .status()
            .unwrap()
            .success()
    );
    let root = root.path().to_str().unwrap();
    let (said, lasted) = limited(
        "-c 0",
        MEMORY,
        &["--root", root, "-w", "10%", "-c", "5%", "-t", "2"],
    );
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(
        said.out.starts_with("CHECK_MEMORY CRITICAL - "),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("the time limit of 2 s ran out") && said.out.contains(" | "),
        "{}",
        said.out
    );
    assert!(lasted < Duration::from_secs(8), "{lasted:?}");
}

#[test]
fn devices_sockets_and_directories_instead_of_files() {
    let directory = TempDir::new().unwrap();
    let socket = directory.path().join("socket").display().to_string();
    let _listener = UnixListener::bind(&socket).unwrap();
    for thing in [
        "/dev/zero",
        "/dev/full",
        "/dev/urandom",
        &socket,
        "/",
        "/proc/self/mem",
        "/proc/kmsg/x",
    ] {
        for (plugin, arguments) in [
            (POSTGREY, &[thing][..]),
            (POSTGREY, &["--whitelist", thing, "/dev/null"]),
            (POSTGREY, &["--ignore", thing, "/dev/null"]),
            (MAILQ, &["--file", thing]),
            (
                MAILQ,
                &[
                    "--file",
                    "fixtures/mailq/postfix-empty.txt",
                    "--rules",
                    thing,
                ],
            ),
            (
                MAILQ,
                &[
                    "--file",
                    "fixtures/mailq/postfix-empty.txt",
                    "--known",
                    thing,
                ],
            ),
            (
                MAILQ,
                &[
                    "--file",
                    "fixtures/mailq/postfix-empty.txt",
                    "--log-file",
                    thing,
                ],
            ),
            (MEMORY, &["--root", thing]),
        ] {
            let (said, lasted) = limited("-v 600000", plugin, &[arguments, &["-t", "2"]].concat());
            // The root of the file tree is a good root for check_memory.
            let good = plugin == MEMORY && thing == "/";
            assert!(
                said.code == 3 || good,
                "{thing} {arguments:?}: {}",
                said.out
            );
            assert!(
                lasted < Duration::from_secs(8),
                "{thing} {arguments:?}: {lasted:?}"
            );
        }
    }
}

/// gzip of `length` times `byte`, made without holding it.
fn bomb(byte: u8, length: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let block = vec![byte; 1 << 20];
    for _ in 0..length >> 20 {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn bombs_and_endless_lines() {
    let directory = TempDir::new().unwrap();
    let line =
        b"2026-11-21T08:00:00+00:00 mail postgrey[1]: action=greylist, reason=new, client_name=";
    let long = [
        &line[..],
        &vec![b'x'; 64 << 20],
        b", client_address=192.0.2.1, sender=a@b, recipient=c@d\n",
    ]
    .concat();
    for (name, content) in [
        ("a gigabyte of NULs", bomb(0, 1 << 30)),
        ("a gigabyte of empty lines", bomb(b'\n', 1 << 30)),
        ("a packed bomb in a bomb", gzip(&bomb(b'a', 256 << 20))),
        ("one line of 64 MB", long.clone()),
        ("the same packed", gzip(&long)),
    ] {
        let log = file(&directory, "mail.log", content);
        for (plugin, arguments) in [
            (POSTGREY, vec![log.as_str(), "--min-attempts", "1"]),
            (MAILQ, vec!["--file", &log]),
            (
                MAILQ,
                vec![
                    "--file",
                    "fixtures/mailq/postfix-empty.txt",
                    "--log-file",
                    &log,
                ],
            ),
        ] {
            let (said, lasted) = limited(
                "-v 600000",
                plugin,
                &[&arguments[..], &["-t", "5"]].concat(),
            );
            // A named log without a line of the program's is fine unless --no-data says otherwise.
            assert!((0..=3).contains(&said.code), "{name}: {}", said.out);
            assert!(!said.out.contains("internal error"), "{name}: {}", said.out);
            assert!(
                lasted < Duration::from_secs(12),
                "{name} {arguments:?}: {lasted:?}"
            );
        }
    }
}

#[test]
fn no_file_descriptors() {
    for number in 3..12 {
        for (plugin, arguments) in [
            (POSTGREY, &["fixtures/postgrey/sample-mail.log"][..]),
            (
                MAILQ,
                &[
                    "--file",
                    "fixtures/mailq/postfix-short-ids.txt",
                    "--log-file",
                    "fixtures/mailq/postfix-mail.log",
                ],
            ),
            (MEMORY, &["--root", "fixtures/memory/busy", "-w", "1%"]),
        ] {
            let wanted = run(plugin, arguments).code;
            let (said, _) = limited(&format!("-n {number}"), plugin, arguments);
            // Whoever is started answers.
            assert!(said.code == 127 || !said.out.is_empty(), "{number}: silent");
            // 127: the shell or the loader had no descriptor left to start the plugin with.
            assert!(
                [wanted, 1, 2, 3, 127].contains(&said.code),
                "{number}: {}",
                said.out
            );
            assert!(said.code != 0 || wanted == 0, "{number}: {}", said.out);
        }
    }
}

#[test]
fn little_stack_and_no_files() {
    for ulimit in ["-s 256", "-f 0", "-t 20", "-v 600000"] {
        for (plugin, arguments) in [
            (
                POSTGREY,
                &[
                    "fixtures/postgrey/sample-mail.log",
                    "--now",
                    "2026-11-22T00:00:00Z",
                ][..],
            ),
            (
                MAILQ,
                &[
                    "--file",
                    "fixtures/mailq/postfix-short-ids.txt",
                    "--now",
                    "2026-11-22T00:00:00Z",
                ],
            ),
            (MEMORY, &["--root", "fixtures/memory/busy"]),
        ] {
            let wanted = run(plugin, arguments);
            let (said, _) = limited(ulimit, plugin, arguments);
            assert_eq!(said, wanted, "{ulimit}");
        }
    }
}

#[test]
fn clocks_in_the_past_and_in_the_future() {
    let log = "fixtures/postgrey/captured-rfc3339.log";
    for now in [
        "@0",
        "1971-01-01",
        "1999-12-31",
        "2038-01-19T03:14:08Z",
        "9999-12-31",
        "@253402300799",
    ] {
        for arguments in [
            &[log, "--now", now][..],
            &[log, "--now", now, "--window", "7d"],
        ] {
            let said = run(POSTGREY, arguments);
            assert!(!said.out.contains("internal"), "{now}: {}", said.out);
            assert_eq!(
                run(POSTGREY, &[arguments, &["--format", "json"]].concat()).code,
                said.code
            );
        }
        let arguments = [
            "--file",
            "fixtures/mailq/postfix-short-ids.txt",
            "--now",
            now,
            "-vvv",
        ];
        let said = run(MAILQ, &arguments);
        assert!(matches!(said.code, 1 | 2), "{now}: {}", said.out);
    }
}

/// The last minutes of a year and the hours that a zone has twice or never: every line counts once.
#[test]
fn new_year_and_clock_changes() {
    let directory = TempDir::new().unwrap();
    for (name, times, now, changed) in [
        (
            "new year",
            &[
                "Dec 31 23:58:00",
                "Dec 31 23:59:59",
                "Jan  1 00:00:00",
                "Jan  1 00:01:00",
            ][..],
            "2026-01-01 01:00:00",
            1_767_229_200,
        ),
        (
            "leap day",
            &[
                "Feb 28 23:59:59",
                "Feb 29 00:00:00",
                "Feb 29 23:59:59",
                "Mar  1 00:00:00",
            ],
            "2028-03-01 01:00:00",
            1_835_485_200,
        ),
        (
            "an hour that is not there",
            &[
                "Mar 29 01:59:59",
                "Mar 29 02:30:00",
                "Mar 29 03:00:01",
                "Mar 29 03:30:00",
            ],
            "2026-03-29 04:00:00",
            1_774_756_800,
        ),
        (
            "an hour that comes twice",
            &[
                "Oct 25 02:10:00",
                "Oct 25 02:50:00",
                "Oct 25 02:10:01",
                "Oct 25 03:00:00",
            ],
            "2026-10-25 04:00:00",
            1_792_900_800,
        ),
    ] {
        let text: String = times
            .iter()
            .map(|at| format!("{at} mail postgrey[1]: action=greylist, reason=new, client_name=m.pool.example, client_address=192.0.2.1/32, sender=a@pool.example, recipient=c@d\n"))
            .collect();
        let log = file(&directory, "mail.log", &text);
        touch(&log, changed);
        for zone in [
            "Europe/Berlin",
            "UTC",
            "America/St_Johns",
            "Pacific/Kiritimati",
        ] {
            let output = Command::new(POSTGREY)
                .args([&log, "--min-attempts", "4", "--now", now, "--window", "3d"])
                .env("TZ", zone)
                .output()
                .unwrap();
            let out = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(1), "{name} in {zone}: {out}");
            assert!(out.contains(" tries=4;"), "{name} in {zone}: {out}");
        }
    }
}

/// A log of as many senders, each greylisted once.
fn senders(numbers: std::ops::Range<u32>) -> String {
    let mut log = String::new();
    for n in numbers {
        let (a, b, c) = (n >> 16, n >> 8 & 255, n & 255);
        let (hour, minute) = (n / 60_000 % 24, n / 1000 % 60);
        log += &format!(
            "2026-11-21T{hour:02}:{minute:02}:00+00:00 mail postgrey[9]: action=greylist, reason=new, client_name=m.d{n}.example, client_address=10.{a}.{b}.{c}/32, sender=a{n}@d{n}.example, recipient=b@lab.example\n"
        );
    }
    log
}

/// A queue of as many messages, each refused.
fn refused(count: u32) -> String {
    let mut queue =
        String::from("-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n");
    for n in 0..count {
        let (a, b, c) = (n >> 16, n >> 8 & 255, n & 255);
        queue += &format!(
            "B{n:010X}      100 Sat Nov 21 07:48:37  a@lab.example\n(host mx.d{n}.example[10.{a}.{b}.{c}] said: 550 5.7.1 blocked using zen.spamhaus.org)\n   u@d{n}.example\n\n"
        );
    }
    queue + &format!("-- 97656 Kbytes in {count} Requests.\n")
}

/// Strangers choose how many senders there are; JSON names those with most tries, and says how many it leaves out.
#[test]
fn json_of_very_many_senders() {
    let directory = TempDir::new().unwrap();
    let log = file(&directory, "mail.log", senders(0..10_050) + &senders(7..8));
    let said = run(
        POSTGREY,
        &[&log, "--whitelist", "/dev/null", "--format", "json"],
    );
    let facts = said.json()["facts"].clone();
    let names = facts["senders"].as_array().unwrap();
    assert_eq!(
        (names.len(), &names[0]["name"]),
        (10_000, &"d7.example".into())
    );
    assert_eq!(facts["senders_left_out"], 50);
    assert_eq!(facts["total"]["tries"], 10_051);
}

/// Address space is more than memory: each thread reserves some that it never touches.
#[test]
#[ignore = "takes a minute: cargo test --test limits -- --ignored"]
fn a_million_senders_and_a_million_messages() {
    const MILLION: u32 = 1_000_000;
    const LIMIT: &str = "-v 1048576";
    let directory = TempDir::new().unwrap();
    let log = file(&directory, "mail.log", senders(0..MILLION));
    let more = file(&directory, "more.log", senders(MILLION..2 * MILLION));
    let queue = file(&directory, "queue", refused(MILLION));
    let (said, _) = limited(LIMIT, POSTGREY, &[&log, "-t", "600"]);
    assert!(said.out.contains(" tries=1000000;"), "{}", said.out);
    assert!(!said.out.contains("are not counted"), "{}", said.out);
    let json = [&log, "-t", "600", "--format", "json"];
    let (said, _) = limited(LIMIT, POSTGREY, &json);
    assert_eq!(said.json()["facts"]["senders_left_out"], 990_000);
    let (said, _) = limited(LIMIT, POSTGREY, &[&log, &more, "-t", "600"]);
    assert_eq!(said.code, 3, "{}", said.out);
    assert!(said.out.contains("are not counted"), "{}", said.out);
    let (said, _) = limited(LIMIT, MAILQ, &["--file", &queue, "-t", "600"]);
    assert_eq!(said.code, 2);
    assert!(said.out.contains("refused=1000000;"), "{}", said.out);
}

/// A log of as many senders, each greylisted once, their names as long as `padding` makes them. In order of time.
fn padded(numbers: std::ops::Range<u32>, padding: &str) -> String {
    senders(numbers).replace("client_name=m.", &format!("client_name={padding}m."))
}

/// What the plugin promises to hold at most, in KiB.
const PROMISED: u64 = 512 * 1024;

/// With a state file and without: what is remembered is written without standing in memory beside what was counted.
#[test]
#[ignore = "takes minutes: cargo test --test limits -- --ignored"]
fn half_a_gibibyte_whatever_strangers_send() {
    // What is new comes beside.
    const MILLION: u32 = 990_000;
    let directory = TempDir::new().unwrap();
    let padding = "x".repeat(60) + "." + &"y".repeat(60) + ".";
    let state = directory.path().join("state").display().to_string();
    let one_hour = senders(0..MILLION)
        .split_inclusive('\n')
        .map(|line| format!("2026-11-21T05{}", &line[13..]))
        .collect::<String>();
    for (name, log, is_whole) in [
        ("a million senders", senders(0..MILLION), true),
        ("a million senders in an hour", one_hour, true),
        (
            "as many as can be summed up before",
            senders(0..490_000),
            true,
        ),
        ("too many", senders(0..1_400_000), false),
        (
            "two million hosts without a name",
            nameless(0..2_400_000),
            false,
        ),
        ("a million long names", padded(0..MILLION, &padding), false),
    ] {
        let log = file(&directory, "mail.log", log);
        let held = |round: &str, arguments: &[&str]| {
            let bare = ["--whitelist", "/dev/null", "--ignore", "/dev/null"];
            let (said, peak) = peak(POSTGREY, &[&bare, arguments].concat());
            assert!(peak < PROMISED, "{name}, {round}: {peak} KiB");
            assert_eq!(said.code == 0, is_whole, "{name}, {round}: {}", said.out);
            let told = said.out.contains("are not counted");
            assert_eq!(told, !is_whole, "{name}, {round}: {}", said.out);
        };
        let with = [log.as_str(), "--state", &state];
        held("without a state file", &[&log]);
        held("first", &with);
        held("again", &with);
        let mut end = std::fs::File::options().append(true).open(&log).unwrap();
        end.write_all(late(2_000_000..2_006_000).as_bytes())
            .unwrap();
        held("1 MiB more", &with);
        for base in ["", ".a", ".b"] {
            drop(std::fs::remove_file(format!("{state}{base}")));
        }
    }
}

/// How large the files of a state are, and what is written on the way to them.
fn sizes(state: &str) -> Vec<(&str, u64)> {
    let size = |ending| {
        Some((
            ending,
            std::fs::metadata(format!("{state}{ending}")).ok()?.len(),
        ))
    };
    let all = ["", ".a", ".b", ".new", ".spool"].into_iter();
    all.filter_map(size).collect()
}

/// What is remembered costs as much as what is read: a log that grows from run to run fills no more memory than one that is read at once,
/// and what has no room is told.
#[test]
#[ignore = "takes minutes: cargo test --test limits -- --ignored"]
fn half_a_gibibyte_whatever_comes_from_run_to_run() {
    type Lines = fn(std::ops::Range<u32>) -> String;
    let directory = TempDir::new().unwrap();
    let state = directory.path().join("state").display().to_string();
    let long: Lines = |numbers| padded(numbers, &("x".repeat(60) + "." + &"y".repeat(60) + "."));
    // What is counted, how many a round, how many rounds fit, and how often it is tried again then: each costs three readings.
    let rows: [(&str, Lines, u32, u32, usize); 4] = [
        ("senders", senders, 470_000, 2, 3),
        ("many senders at once", senders, 720_000, 1, 3),
        ("hosts without a name", nameless, 800_000, 2, 0),
        ("long names", long, 330_000, 2, 0),
    ];
    for (name, lines, count, fitting, again) in rows {
        let log = file(&directory, "mail.log", "");
        let run = |round: &str| {
            let bare = ["--whitelist", "/dev/null", "--ignore", "/dev/null"];
            let (said, peak) = peak(POSTGREY, &[&bare[..], &[&log, "--state", &state]].concat());
            assert!(peak < PROMISED, "{name}, {round}: {peak} KiB");
            said
        };
        let grow = |lines: String| {
            let mut end = std::fs::File::options().append(true).open(&log).unwrap();
            end.write_all(lines.as_bytes()).unwrap();
        };
        for round in 0..=fitting {
            grow(lines(round * count..(round + 1) * count));
            let said = run(&format!("round {round}"));
            let code = if round < fitting { 0 } else { 3 };
            assert_eq!(said.code, code, "{name}, round {round}: {}", said.out);
        }
        // All again, with a little more, and with lines of a clock that was set back: what was remembered does not grow.
        let known = sizes(&state);
        let more: [Lines; 3] = [
            |_| String::new(),
            |_| late(2_000_000..2_001_000),
            |_| senders(3_000_000..3_600_000),
        ];
        for lines in more.iter().take(again) {
            grow(lines(0..0));
            let said = run("too many");
            assert_eq!(said.code, 3, "{name}: {}", said.out);
            assert!(said.out.contains("are not counted"), "{name}: {}", said.out);
            assert_eq!(sizes(&state), known, "{name}");
        }
        // Where there is room again all is as before.
        file(&directory, "mail.log", late(0..1000));
        for round in ["less", "less, again"] {
            let said = run(round);
            assert_eq!(said.code, 0, "{name}, {round}: {}", said.out);
            assert!(said.out.contains(" tries=1000;"), "{name}: {}", said.out);
        }
        for base in ["", ".a", ".b"] {
            drop(std::fs::remove_file(format!("{state}{base}")));
        }
    }
}

/// More messages in a mail log than memory should be given for.
#[test]
#[ignore = "takes minutes: cargo test --test limits -- --ignored"]
fn half_a_gibibyte_however_many_messages_a_log_has() {
    let directory = TempDir::new().unwrap();
    let queue = file(&directory, "queue", "Mail queue is empty\n");
    let refused = "status=bounced (host mx said: 554 5.7.1 Client host [203.0.113.25] blocked using zen.spamhaus.org)";
    let sure = "at least ";
    let unsure = "UNKNOWN - cannot tell whether mail is refused";
    for (name, status, code, start) in [
        ("refused", refused, 2, sure),
        (
            "to be tried again",
            &refused.replace("bounced", "deferred"),
            3,
            unsure,
        ),
        ("sent", "status=sent (250 ok)", 3, unsure),
    ] {
        let mut log = String::new();
        for n in 0..1_000_000 {
            log += &format!(
                "2026-11-21T05:{:02}:00+00:00 mx postfix/smtp[7]: B{n:010X}: to=<user{n}@d{n}.example>, relay=mx.d{n}.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, {status}\n",
                n / 20_000
            );
        }
        let log = file(&directory, "mail.log", log);
        let (said, peak) = peak(MAILQ, &["--file", &queue, "--log-file", &log]);
        assert!(peak < PROMISED, "{name}: {peak} KiB");
        assert_eq!(said.code, code, "{name}: {}", said.out);
        assert!(said.out.contains(start), "{name}: {}", said.out);
        assert!(said.out.contains("are not counted"), "{name}: {}", said.out);
    }
}

/// A log of as many greylisted clients that have no name.
fn nameless(numbers: std::ops::Range<u32>) -> String {
    let mut log = String::new();
    for n in numbers {
        let (hour, minute) = (n / 120_000, n / 2000 % 60);
        log += &format!(
            "2026-11-21T{hour:02}:{minute:02}:00+00:00 mail postgrey[9]: action=greylist, reason=new, client_name=unknown, client_address=2001:db8:{:x}:{:x}::1, sender=a{n}@d.example, recipient=b@lab.example\n",
            n >> 16,
            n & 65_535
        );
    }
    log
}

/// As of [`senders`], at the end of the day.
fn late(numbers: std::ops::Range<u32>) -> String {
    let lines = senders(numbers);
    let lines = lines.split_inclusive('\n');
    lines
        .map(|line| format!("2026-11-21T23{}", &line[13..]))
        .collect()
}
