//! Programs that end, hang, fork and complain.

use super::*;

fn shell(script: &str, limit: Duration) -> (Result<Ended, ChildError>, String) {
    let mut output = Vec::new();
    let mut take = |bytes: &[u8]| output.extend_from_slice(bytes);
    let result = run(
        Path::new("/bin/sh"),
        &["-c", script],
        &Deadline::new(limit),
        &mut take,
    );
    (result, String::from_utf8_lossy(&output).into_owned())
}

const LONG: Duration = Duration::from_secs(30);

/// Enough for a program to speak on a busy machine.
const SHORT: Duration = Duration::from_secs(3);

/// Whether a process that was killed is gone soon; an orphan may wait for init to reap it.
fn ends(pid: &str) -> bool {
    let gone = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.is_empty() || stat.contains(") Z ")
    };
    (0..1000).any(|_| {
        gone() || {
            std::thread::sleep(Duration::from_millis(20));
            false
        }
    })
}

#[test]
fn output_status_and_complaint() {
    for (script, code, signal, output, complaint) in [
        ("echo a; echo b >&2; exit 69", Some(69), None, "a\n", "b\n"),
        ("exit 0", Some(0), None, "", ""),
        ("kill -9 $$", None, Some(9), "", ""),
        ("exec >&-; sleep 0.2; exit 3", Some(3), None, "", ""),
    ] {
        let (result, found) = shell(script, LONG);
        let ended = Ended {
            code,
            signal,
            complaint: complaint.to_owned(),
        };
        assert_eq!((result, found.as_str()), (Ok(ended), output), "{script}");
    }
}

#[test]
fn the_environment_is_bare() {
    let (_, output) = shell("env | sed 's/=.*//' | sort | tr '\\n' ' '", LONG);
    assert!(
        !output.contains("CARGO") && !output.contains("HOME"),
        "{output}"
    );
    assert!(
        output.contains("LANG") && output.contains("PATH"),
        "{output}"
    );
}

#[test]
fn much_output_on_both_sides_does_not_block() {
    let (result, output) = shell(
        "i=0; while [ $i -lt 300 ]; do printf '%4096s' x >&2; printf '%4096s' y; i=$((i+1)); done",
        LONG,
    );
    assert_eq!(output.len(), 300 * 4096);
    assert_eq!(result.map(|ended| ended.complaint.len()), Ok(COMPLAINT));
}

#[test]
fn a_program_that_hangs_is_killed_with_its_children() {
    let dir = tempfile::tempdir().unwrap();
    let mark = dir.path().join("pid");
    let script = format!(
        "sleep 600 & echo $! > {0}; echo $$ >> {0}; echo begun; wait",
        mark.display()
    );
    let (result, output) = shell(&script, SHORT);
    assert_eq!(
        result,
        Err(ChildError::TimedOut(String::from(
            "the time limit of 3 s ran out"
        )))
    );
    assert_eq!(output, "begun\n");
    let pids = std::fs::read_to_string(mark).unwrap();
    assert_eq!(pids.lines().count(), 2);
    assert!(pids.lines().all(ends), "{pids}");
}

/// It says more in the time of a look than is read.
#[test]
fn a_program_that_never_stops_complaining_is_killed() {
    let (result, output) = shell("exec cat /dev/zero >&2", SHORT);
    assert!(matches!(result, Err(ChildError::TimedOut(_))), "{result:?}");
    assert_eq!(output, "");
}

#[test]
fn a_child_that_keeps_the_output_open_is_killed_too() {
    let (result, output) = shell("sleep 600 & echo a", SHORT);
    assert!(matches!(result, Err(ChildError::TimedOut(_))), "{result:?}");
    assert_eq!(output, "a\n");
}

#[test]
fn output_that_nobody_reads_to_its_end() {
    let script = "echo $$; exec sleep 600";
    let deadline = Deadline::new(LONG);
    let mut output = open(Path::new("/bin/sh"), &["-c", script], &deadline).unwrap();
    let mut buffer = [0; 100];
    let length = output.read(&mut buffer).unwrap();
    let pid = String::from_utf8_lossy(&buffer[..length]).trim().to_owned();
    assert!(output.ended().is_none());
    drop(output);
    assert!(ends(&pid), "{pid}");
}

#[test]
fn output_read_as_it_comes() {
    let read = |script: &str, limit| {
        let deadline = Deadline::new(limit);
        let mut output = open(Path::new("/bin/sh"), &["-c", script], &deadline).unwrap();
        let mut text = String::new();
        let result = output.read_to_string(&mut text);
        let code = output.ended().and_then(|ended| ended.code);
        (text, result.map_err(|error| error.to_string()), code)
    };
    assert_eq!(
        read("echo a; echo b >&2; exit 5", LONG),
        (String::from("a\n"), Ok(2), Some(5))
    );
    let late = String::from("the time limit of 3 s ran out");
    assert_eq!(
        read("echo a; sleep 600", SHORT),
        (String::from("a\n"), Err(late), None)
    );
}

#[test]
fn what_cannot_be_started() {
    let result = run(
        Path::new("/no/such/program"),
        &[],
        &Deadline::new(LONG),
        &mut |_| {},
    );
    assert_eq!(
        result,
        Err(ChildError::Start(String::from("no such file or directory")))
    );
    assert_eq!(
        find(Path::new("/"), &["/no/such", "/bin/sh"]),
        Some(PathBuf::from("/bin/sh"))
    );
    assert_eq!(find(Path::new("/"), &["/no/such", "/etc"]), None);
}
