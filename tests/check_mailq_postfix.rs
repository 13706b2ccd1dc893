//! The real binary and a real Postfix, private and on the loopback network. Needs root and Postfix 3.4 or later:
//! `cargo test --test check_mailq_postfix -- --ignored`

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::run;

const PLUGIN: &str = env!("CARGO_BIN_EXE_check_mailq_blacklist");

const MASTER: &str = "pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
";

/// A Postfix of its own, stopped at the end whatever happens.
struct Postfix {
    directory: tempfile::TempDir,
}

impl Postfix {
    /// All mail goes to `port`; bounces are thrown away.
    fn start(port: u16) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().display().to_string();
        for name in ["etc", "spool", "data"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        command("chmod", &["755", &root]);
        command("chown", &["postfix", &format!("{root}/data")]);
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {root}/spool\ndata_directory = {root}/data\nmyhostname = mail.lab.example\n\
             mydestination =\ninet_interfaces = 127.0.0.1\nsmtp_bind_address = 127.0.0.1\ndefault_transport = smtp:[127.0.0.1]:{port}\n\
             smtp_dns_support_level = disabled\nalias_maps =\nalias_database =\nmaillog_file = {root}/mail.log\n\
             maillog_file_prefixes = {root}\ntransport_maps = inline:{{ lab.example=discard: }}\n"
        );
        fs::write(directory.path().join("etc/main.cf"), main).unwrap();
        fs::write(directory.path().join("etc/master.cf"), MASTER).unwrap();
        let postfix = Self { directory };
        command("postfix", &["-c", &postfix.config(), "start"]);
        postfix
    }

    fn config(&self) -> String {
        self.directory.path().join("etc").display().to_string()
    }

    fn log(&self) -> String {
        self.directory.path().join("mail.log").display().to_string()
    }

    fn send(&self, recipients: &[&str]) {
        let mut child = Command::new("sendmail")
            .args(["-C", &self.config(), "-f", "news@lab.example"])
            .args(recipients)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(b"Subject: test\n\ntext\n").unwrap();
        drop(input);
        assert!(child.wait().unwrap().success());
    }

    fn wait_for(&self, words: &str, times: usize) {
        let end = Instant::now() + Duration::from_secs(30);
        while fs::read_to_string(self.log())
            .unwrap_or_default()
            .matches(words)
            .count()
            < times
        {
            assert!(
                Instant::now() < end,
                "{}",
                fs::read_to_string(self.log()).unwrap()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn stop(&self) {
        let _ = Command::new("postfix")
            .args(["-c", &self.config(), "stop"])
            .output();
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.stop();
    }
}

fn command(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// An SMTP server that refuses recipients at blocked.example for good, at slow.example for now, and accepts the others.
fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let mut data = false;
                stream.write_all(b"220 mx.example ESMTP\r\n").unwrap();
                while let Some(Ok(line)) = lines.next() {
                    let reply = match line.to_ascii_uppercase() {
                        _ if data && line != "." => continue,
                        _ if data => "250 2.0.0 Ok",
                        upper if upper.starts_with("DATA") => {
                            data = true;
                            stream.write_all(b"354 go\r\n").unwrap();
                            continue;
                        }
                        upper if upper.contains("@BLOCKED.EXAMPLE") => {
                            "550 5.7.1 Service unavailable; client [203.0.113.7] blocked using zen.spamhaus.org"
                        }
                        upper if upper.contains("@SLOW.EXAMPLE") => {
                            "450-4.7.1 Client host [203.0.113.7]\r\n450 4.7.1 blocked using zen.spamhaus.org"
                        }
                        upper if upper.contains("@FULL.EXAMPLE") => "452 4.2.2 Mailbox full",
                        upper if upper.starts_with("QUIT") => "221 bye",
                        _ => "250 Ok",
                    };
                    data = false;
                    if stream.write_all(format!("{reply}\r\n").as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

#[test]
#[ignore = "needs root and Postfix"]
fn a_real_queue_and_a_real_log() {
    let postfix = Postfix::start(server());
    let (config, log) = (postfix.config(), postfix.log());
    postfix.send(&["a@blocked.example"]);
    postfix.send(&[
        "b@slow.example",
        "c@full.example",
        "d@fine.example",
        "e@blocked.example",
    ]);
    postfix.send(&["f@full.example"]);
    postfix.wait_for(", status=", 6);
    let arguments = ["--config-dir", &config, "--format", "json"];
    let facts = run(PLUGIN, &arguments).json()["facts"].clone();
    assert_eq!(
        (
            &facts["refused"],
            &facts["waiting"],
            &facts["refused_recipients"]
        ),
        (&1.into(), &2.into(), &1.into())
    );
    let both = [&arguments[..], &["--log-file", &log]].concat();
    let facts = run(PLUGIN, &both).json()["facts"].clone();
    assert_eq!(
        (
            &facts["refused"],
            &facts["bounced"],
            &facts["refused_recipients"]
        ),
        (&2.into(), &2.into(), &3.into())
    );
    assert_eq!(
        (
            &facts["causes"][0]["name"],
            &facts["causes"][0]["by_arrival"]
        ),
        (&"Spamhaus ZEN".into(), &false.into())
    );
    for form in ["-p", "-j"] {
        let listing = Command::new("postqueue")
            .args(["-c", &postfix.config(), form])
            .output()
            .unwrap();
        let path = postfix.directory.path().join("listing");
        fs::write(&path, listing.stdout).unwrap();
        let saved = facts_of(&path);
        assert_eq!(
            (&saved["refused"], &saved["waiting"]),
            (&1.into(), &2.into()),
            "{form}"
        );
    }
    postfix.stop();
    let said = run(PLUGIN, &["--config-dir", &config]);
    assert_eq!(said.code, 1);
    assert!(
        said.headline().ends_with(
            "Postfix is not running, the queue was read without it (fix: postfix start)"
        ),
        "{}",
        said.headline()
    );
}

fn facts_of(path: &Path) -> serde_json::Value {
    run(
        PLUGIN,
        &["--file", &path.display().to_string(), "--format", "json"],
    )
    .json()["facts"]
        .clone()
}
