//! The real binary and a real Postfix, private and on the loopback network. Needs root and Postfix 3.4 or later:
//! `cargo test --test check_mailq_postfix -- --ignored`; the second test needs mount namespaces too.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use support::{comes_true, run};

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

    fn wait_for(&self, words: &str) {
        let log = || fs::read_to_string(self.log()).unwrap_or_default();
        assert!(comes_true(|| log().contains(words)), "{words}: {}", log());
    }

    /// Until no delivery is under way: a message in the active queue is listed without reasons, and the log tells of a recipient before the
    /// message leaves that queue.
    fn wait_until_idle(&self) {
        let spool = self.directory.path().join("spool");
        let queues = ["maildrop", "incoming", "active"].map(|name| spool.join(name));
        let idle = || {
            queues
                .iter()
                .all(|queue| fs::read_dir(queue).unwrap().next().is_none())
        };
        assert!(
            comes_true(idle),
            "{}",
            fs::read_to_string(self.log()).unwrap()
        );
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
    for recipient in [
        "a@blocked",
        "b@slow",
        "c@full",
        "d@fine",
        "e@blocked",
        "f@full",
    ] {
        postfix.wait_for(&format!("to=<{recipient}.example>"));
    }
    postfix.wait_until_idle();
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
        said.headline().ends_with(&format!(
            "Postfix is not running, the queue was read without it (fix: postfix -c {config} start)"
        )),
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

/// Two instances by `postmulti`, in a mount namespace so that this host's own /etc/postfix stays as it is. Nothing is sent: the
/// transport writes the reason itself.
const TWO_INSTANCES: &str = r#"
set -e
reason='retry:4.7.1 host mx.a.example[192.0.2.9] said: 450 4.7.1 Client host [203.0.113.7] blocked using zen.spamhaus.org'
cp -a /etc/postfix etc
mkdir spool data
chown postfix data
cp main.cf master.cf etc/
mount --bind etc /etc/postfix
postconf -e "default_transport=$reason"
postmulti -e init
postmulti -e create -I postfix-out config_directory=$PWD/out queue_directory=$PWD/out-spool data_directory=$PWD/out-data
cp master.cf out/
postconf -c out -e "default_transport=$reason" mydestination= alias_maps= alias_database= master_service_disable= inet_interfaces=127.0.0.1 \
  authorized_submit_users=static:anyone maillog_file=$PWD/mail.log maillog_file_prefixes=$PWD
postmulti -i postfix-out -e enable
postfix start
listed() { until postqueue "$@" -j | grep -q zen.spamhaus.org; do sleep 0.2; done; }
echo text | sendmail -f news@lab.example a@slow.example
echo text | sendmail -C $PWD/out -f news@lab.example b@slow.example
listed; listed -c $PWD/out
said() { name=$1; shift; status=0; "$@" > "said.$name" 2>&1 || status=$?; echo "exit $status" >> "said.$name"; }
as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
said both "$PLUGIN"
said named "$PLUGIN" --config-dir $PWD/out
said twice "$PLUGIN" --config-dir /etc/postfix --config-dir $PWD/out --config-dir $PWD/out
said nobody $as_nobody "$PLUGIN"
postmulti -i postfix-out -p stop
said down "$PLUGIN"
said down-nobody $as_nobody "$PLUGIN"
postmulti -i postfix-out -e disable
said disabled "$PLUGIN"
postconf -e 'authorized_mailq_users=!nobody, static:anyone'
postfix reload
said forbidden $as_nobody "$PLUGIN"
postconf -e "authorized_mailq_users = nobody, $(postconf -h authorized_mailq_users)"
said allowed $as_nobody "$PLUGIN"
postsuper -h ALL
said held "$PLUGIN"
postfix stop
"#;

#[test]
#[ignore = "needs root, Postfix and mount namespaces"]
fn all_instances_of_postmulti_are_asked() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let place = root.display();
    command("chmod", &["755", &place.to_string()]);
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {place}/spool\ndata_directory = {place}/data\nmyhostname = mail.lab.example\n\
         mydestination =\ninet_interfaces = 127.0.0.1\nalias_maps =\nalias_database =\nmaillog_file = {place}/mail.log\n\
         maillog_file_prefixes = {place}\n"
    );
    fs::write(root.join("main.cf"), main).unwrap();
    fs::write(root.join("master.cf"), MASTER).unwrap();
    let output = fs::File::create(root.join("output")).unwrap();
    let done = Command::new("timeout")
        .args([
            "90",
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
        ])
        .args(["--mount-proc", "sh", "-xc", TWO_INSTANCES])
        .current_dir(root)
        .env("PLUGIN", PLUGIN)
        .stdin(Stdio::null())
        .stderr(output.try_clone().unwrap())
        .stdout(output)
        .status()
        .unwrap();
    let output = fs::read_to_string(root.join("output")).unwrap();
    assert!(done.success(), "{output}");
    let stopped = format!(
        "Postfix is not running, the queue was read without it (fix: postfix -c {place}/out start)"
    );
    let only_root = format!(
        "/usr/sbin/postqueue -c {place}/out -j: Postfix is not running, and only root can list the queue then (fix: postfix -c {place}/out start)"
    );
    let rows = [
        (
            "both",
            "WARNING - 2 messages refused",
            "Spamhaus ZEN (2) |",
            1,
        ),
        (
            "named",
            "WARNING - 1 message refused",
            "Spamhaus ZEN (1) |",
            1,
        ),
        (
            "twice",
            "WARNING - 2 messages refused",
            "Spamhaus ZEN (2) |",
            1,
        ),
        (
            "nobody",
            "WARNING - 2 messages refused",
            "Spamhaus ZEN (2) |",
            1,
        ),
        ("down", "WARNING - 2 messages refused", &stopped, 1),
        (
            "down-nobody",
            "WARNING - at least 1 message refused",
            &only_root,
            1,
        ),
        (
            "disabled",
            "WARNING - 1 message refused",
            "Spamhaus ZEN (1) |",
            1,
        ),
        (
            "forbidden",
            "UNKNOWN - cannot tell whether mail is refused",
            "user nobody may not view the queue",
            3,
        ),
        (
            "allowed",
            "WARNING - 1 message refused",
            "Spamhaus ZEN (1) |",
            1,
        ),
        (
            "held",
            "OK - no mail refused because of our server, 0 queued, 1 on hold",
            "held=1;",
            0,
        ),
    ];
    for (name, start, words, status) in rows {
        let said = fs::read_to_string(root.join(format!("said.{name}"))).unwrap();
        let first = said.lines().next().unwrap_or_default();
        let start = format!("CHECK_MAILQ_BLACKLIST {start}");
        assert!(
            first.starts_with(&start) && first.contains(words),
            "{name}: {said}"
        );
        assert!(
            said.ends_with(&format!("exit {status}\n")),
            "{name}: {said}"
        );
    }
}
