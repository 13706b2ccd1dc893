//! A person at a terminal sees how far a long read has come; nobody else sees anything. Needs script (util-linux).

#![allow(clippy::unwrap_used, clippy::panic)]

use std::process::Command;

/// What a terminal shows while `log` and a pause are read.
fn shown(arguments: &str) -> String {
    let plugin = env!("CARGO_BIN_EXE_check_postgrey_whitelist");
    let log = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/postgrey/sample-mail.log"
    );
    let pipe = format!("(cat {log}; sleep 2.5) | {plugin} --now @1795248000 {arguments} -");
    let output = Command::new("script")
        .args([
            "--quiet",
            "--echo",
            "never",
            "--command",
            &pipe,
            "/dev/null",
        ])
        .env("TERM", "xterm")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn progress_is_for_people() {
    const LINE: &str = "\r\u{1b}[K0 MiB read, 0 MiB/s";
    for (arguments, seen) in [
        ("--report", true),
        ("--suggest", true),
        ("", false),
        ("-vvv", false),
        ("--format json", false),
        ("--report 2>/dev/null", false),
    ] {
        let text = shown(arguments);
        assert_eq!(text.contains(LINE), seen, "{arguments}: {text}");
        // It is gone before the answer comes.
        let last = text.rfind("MiB/s").map_or("", |at| &text[at..]);
        assert!(
            last.is_empty() || last.starts_with("MiB/s\r\u{1b}[K"),
            "{arguments}: {text}"
        );
        assert!(text.contains("sendgrid.net"), "{arguments}: {text}");
    }
}
