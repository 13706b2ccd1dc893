//! What `--suggest` prints, tried against a real Postgrey: the hosts it names pass, their neighbours are still greylisted. Needs root
//! and Debian's postgrey: `cargo test --test suggest_postgrey -- --ignored`

#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

mod support;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{file, run};
use tempfile::TempDir;

const PLUGIN: &str = env!("CARGO_BIN_EXE_check_postgrey_whitelist");

/// A Postgrey of its own on a socket of its own, ended with the test.
struct Postgrey {
    child: Child,
    directory: TempDir,
}

impl Postgrey {
    fn start(whitelist: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clients = file(&directory, "clients", whitelist);
        let recipients = file(&directory, "recipients", "");
        let root = directory.path().display().to_string();
        for command in [
            ["chmod", "777", root.as_str()],
            ["chmod", "644", clients.as_str()],
        ] {
            assert!(
                Command::new(command[0])
                    .args(&command[1..])
                    .status()
                    .unwrap()
                    .success()
            );
        }
        let child = Command::new("/usr/sbin/postgrey")
            .arg(format!("--unix={root}/socket"))
            .arg(format!("--dbdir={root}"))
            .arg(format!("--pidfile={root}/pid"))
            .arg(format!("--whitelist-clients={clients}"))
            .arg(format!("--whitelist-recipients={recipients}"))
            .arg("--quiet")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, directory }
    }

    fn connect(&self) -> UnixStream {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            match UnixStream::connect(self.directory.path().join("socket")) {
                Ok(stream) => return stream,
                Err(error) => assert!(Instant::now() < end, "Postgrey does not listen: {error}"),
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Whether a client passes without being greylisted.
    fn passes(&self, name: &str, number: usize) -> bool {
        let mut stream = self.connect();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        write!(
            stream,
            "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nclient_address=198.51.100.{number}\nclient_name={name}\nreverse_client_name={name}\nsender=a{number}@x.example\nrecipient=b@lab.example\ninstance=i{number}\n\n"
        )
        .unwrap();
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        assert!(answer.starts_with("action="), "{answer}");
        answer.trim_end() == "action=DUNNO"
    }
}

impl Drop for Postgrey {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "needs root and Debian's postgrey"]
fn suggested_lines_cover_what_they_say_in_postgrey_itself() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = String::new();
    for n in 0..20 {
        for domain in [
            "pool.example",
            "deep.mail.partner.example",
            "xn--bcher-kva.example",
            "under_score.example",
        ] {
            writeln!(log, "2026-11-21T08:{n:02}:00+00:00 mail postgrey[1]: action=greylist, reason=new, client_name=m{n}.{domain}, client_address=198.51.{n}.1, sender=a{}@{domain}, recipient=u@lab.example", n % 3).unwrap();
        }
        writeln!(log, "2026-11-21T08:{n:02}:00+00:00 mail postgrey[1]: action=greylist, reason=new, client_name=/.*/.evil{n}|.example, client_address=203.0.{n}.1, sender=a@evil.example, recipient=u@lab.example").unwrap();
    }
    let log = file(&directory, "mail.log", log);
    for form in ["regex", "name"] {
        let text = run(
            PLUGIN,
            &[
                &log,
                "--whitelist",
                "/dev/null",
                "--ignore",
                "/dev/null",
                "--suggest",
                "--suggest-form",
                form,
            ],
        )
        .out;
        // Also the lines that a person would take the # off.
        let taken: String = text
            .lines()
            .map(|line| {
                line.strip_prefix('#')
                    .filter(|rest| !rest.starts_with(' '))
                    .unwrap_or(line)
                    .to_owned()
                    + "\n"
            })
            .collect();
        let names: Vec<String> = taken
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .map(|line| {
                line.trim_start_matches(r"/^(.*\.)?")
                    .trim_end_matches("$/")
                    .replace('\\', "")
            })
            .collect();
        assert!(names.len() >= 3, "{text}");
        let postgrey = Postgrey::start(&taken);
        let mut number = 0;
        let mut passes = |name: &str| {
            number += 1;
            postgrey.passes(name, number)
        };
        for name in &names {
            assert!(
                passes(name) && passes(&format!("mx.{name}")) && passes(&name.to_uppercase()),
                "{name}: {text}"
            );
            for other in [
                format!("{name}.evil.test"),
                format!("not{name}"),
                name.replace('.', "x"),
                format!("x.{}", name.split_once('.').unwrap().1),
            ] {
                assert!(!passes(&other), "{form}: {other} passes:\n{text}");
            }
        }
        assert!(!passes("mail.victim.test") && !passes("unknown"), "{text}");
    }
}
