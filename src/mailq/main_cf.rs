//! What a main.cf of Postfix sets (postconf(5)): `maillog_file` is where Postfix 3.4 and newer writes its log itself, without it syslog
//! gets the lines; `syslog_name` is the name in front of its programs in the log; `multi_instance_directories` are the other instances.

use crate::host::small_file;
use std::collections::HashMap;
use std::path::Path;

/// Parameters may refer to each other; a longer chain is a circle.
const DEPTH: usize = 10;
/// More references for one value are no configuration.
const REFERENCES: usize = 1000;
/// No value of ours is longer.
const LONGEST: usize = 64 * 1024;

/// A log file of Postfix's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaillogFile {
    /// The file, an absolute path.
    pub path: String,
    /// What `postfix logrotate` puts behind its name and a dot, a format of strftime.
    pub rotate_suffix: String,
}

/// The main.cf of a directory; `None` where there is none, or none that can be read. Comments may be in any encoding.
pub fn read(directory: &Path) -> Option<String> {
    let text = small_file::read(&directory.join("main.cf")).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// The log file that a main.cf sets; `None` where it sets none, or one that cannot be read (`/dev/stdout`).
pub fn maillog_file(main_cf: &str) -> Option<MaillogFile> {
    let path = parameter(main_cf, "maillog_file")?;
    let is_file = path.starts_with('/') && !path.starts_with("/dev/");
    is_file.then(|| MaillogFile {
        path,
        rotate_suffix: parameter(main_cf, "maillog_file_rotate_suffix")
            .unwrap_or_else(|| String::from("%Y%m%d-%H%M%S")),
    })
}

/// The name in the log: `syslog_name`, by default the instance's name, by default `postfix`; `None` where it depends on what main.cf
/// does not set.
pub fn syslog_name(main_cf: &str) -> Option<String> {
    let set = |name| raw(main_cf, name);
    match set("syslog_name").or_else(|| set("multi_instance_name")) {
        Some(value) if !value.is_empty() => expand(main_cf, &value),
        _ => Some(String::from("postfix")),
    }
}

/// Where the other instances are configured that the default instance's main.cf names (`multi_instance_directories`), and whether these
/// are all: a name may depend on what main.cf does not set.
pub fn instance_directories(main_cf: &str) -> (Vec<String>, bool) {
    const NAME: &str = "multi_instance_directories";
    let Some(named) = parameter(main_cf, NAME) else {
        return (Vec::new(), raw(main_cf, NAME).is_none());
    };
    let (names, others): (Vec<&str>, Vec<&str>) = named
        .split([',', ' ', '\t'])
        .filter(|name| !name.is_empty())
        .partition(|name| name.starts_with('/'));
    (
        names.into_iter().map(str::to_owned).collect(),
        others.is_empty(),
    )
}

/// Whether another instance than the default one is in use (`multi_instance_enable`, off unless it is set); in doubt it is.
pub fn is_enabled(main_cf: &str) -> bool {
    const NAME: &str = "multi_instance_enable";
    match parameter(main_cf, NAME) {
        Some(value) => value.eq_ignore_ascii_case("yes"),
        None => raw(main_cf, NAME).is_some(),
    }
}

/// The value of a parameter as it is written; `None` where main.cf does not set it.
pub fn raw(main_cf: &str, name: &str) -> Option<String> {
    let settings = logical_lines(main_cf).into_iter().filter_map(setting);
    let mut named = settings.filter(|(key, _)| key == name);
    named.next_back().map(|(_, value)| value)
}

fn setting(line: String) -> Option<(String, String)> {
    let (key, value) = line.split_once('=')?;
    Some((key.trim().to_owned(), value.trim().to_owned()))
}

/// The value of a parameter, with the parameters that it names; `None` where one of them is not in main.cf.
fn parameter(main_cf: &str, name: &str) -> Option<String> {
    expand(main_cf, &raw(main_cf, name)?)
}

/// Replaces `$name`, `${name}` and `$(name)`; `$$` is a dollar.
fn expand(main_cf: &str, value: &str) -> Option<String> {
    if !value.contains('$') {
        return Some(value.to_owned());
    }
    let mut expansion = Expansion {
        values: logical_lines(main_cf)
            .into_iter()
            .filter_map(setting)
            .collect(),
        text: String::new(),
        left: REFERENCES,
    };
    expansion.add(value, DEPTH)?;
    Some(expansion.text)
}

/// A value that is being put together.
struct Expansion {
    values: HashMap<String, String>,
    text: String,
    /// How many more references are followed: ten names of ten each, ten deep, would never end.
    left: usize,
}

impl Expansion {
    fn add(&mut self, value: &str, depth: usize) -> Option<()> {
        let mut rest = value;
        while let Some((before, after)) = rest.split_once('$') {
            self.push(before)?;
            if let Some(after) = after.strip_prefix('$') {
                self.push("$")?;
                rest = after;
                continue;
            }
            let (name, after) = reference(after)?;
            self.left = self.left.checked_sub(1)?;
            let named = self.values.get(name)?.clone();
            self.add(&named, depth.checked_sub(1)?)?;
            rest = after;
        }
        self.push(rest)
    }

    fn push(&mut self, text: &str) -> Option<()> {
        self.text.push_str(text);
        (self.text.len() <= LONGEST).then_some(())
    }
}

/// The name behind a `$`, and what follows it.
fn reference(text: &str) -> Option<(&str, &str)> {
    for (open, close) in [('{', '}'), ('(', ')')] {
        if let Some(inner) = text.strip_prefix(open) {
            return inner.split_once(close);
        }
    }
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Lines that begin with a blank go on with the line before; comments and empty lines do not come between.
fn logical_lines(main_cf: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in main_cf.lines() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => last.push_str(line),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances() {
        let rows: [(&str, &[&str]); 4] = [
            ("", &[]),
            ("multi_instance_directories =\n", &[]),
            (
                "multi_instance_directories = /etc/postfix-out\n",
                &["/etc/postfix-out"],
            ),
            (
                "d = /etc\nmulti_instance_directories = $d/a, $d/b\n\t$d/c relative\n",
                &["/etc/a", "/etc/b", "/etc/c"],
            ),
        ];
        for (main_cf, expected) in rows {
            let (found, whole) = instance_directories(main_cf);
            assert_eq!(found, expected, "{main_cf}");
            assert_eq!(whole, !main_cf.contains("relative"), "{main_cf}");
        }
        let unknown = "multi_instance_directories = $unknown/out\n";
        assert_eq!(instance_directories(unknown), (Vec::new(), false));
        for (main_cf, expected) in [
            ("multi_instance_enable = yes\n", true),
            ("multi_instance_enable = no\n", false),
            ("multi_instance_enable = Yes\n", true),
            ("multi_instance_enable = $unknown\n", true),
            ("multi_instance_name = postfix-out\n", false),
        ] {
            assert_eq!(is_enabled(main_cf), expected, "{main_cf}");
        }
    }

    #[test]
    fn files() {
        for (main_cf, path) in [
            (
                "maillog_file = /var/log/postfix.log\n",
                Some("/var/log/postfix.log"),
            ),
            (
                "maillog_file=/var/log/postfix.log",
                Some("/var/log/postfix.log"),
            ),
            (
                "maillog_file =\n# why not\n\n    /var/log/postfix.log\n",
                Some("/var/log/postfix.log"),
            ),
            ("maillog_file = /a\nmaillog_file = /b\n", Some("/b")),
            (
                "d = /var/log\nmaillog_file = $d/postfix.log",
                Some("/var/log/postfix.log"),
            ),
            (
                "d = /var/log\nmaillog_file = ${d}/x$(d)$$",
                Some("/var/log/x/var/log$"),
            ),
            ("maillog_file = $unknown/postfix.log", None),
            ("maillog_file = $maillog_file", None),
            ("maillog_file = /a$", None),
            ("maillog_file = ${a", None),
            ("maillog_file =\n", None),
            ("maillog_file = /dev/stdout\n", None),
            ("#maillog_file = /var/log/postfix.log\n", None),
            ("maillog_file_rotate_suffix = %s\n", None),
            ("", None),
        ] {
            let found = maillog_file(main_cf).map(|file| file.path);
            assert_eq!(found.as_deref(), path, "{main_cf}");
        }
    }

    /// Ten deep, a hundred references each; and a long value, named often.
    #[test]
    fn references_that_multiply_come_to_an_end() {
        let level = |n: usize| format!("a{n} = {}\n", format!("$a{} ", n + 1).repeat(100));
        let wide: String = (0..10).map(level).collect();
        assert_eq!(
            maillog_file(&format!("maillog_file = /x$a0\n{wide}a10 = /y\n")),
            None
        );
        let long = format!(
            "maillog_file = /{}\na = {}\n",
            "$a".repeat(100),
            "x".repeat(1000)
        );
        assert_eq!(maillog_file(&long), None);
        let fine = format!(
            "maillog_file = /{}\na = {}\n",
            "$a".repeat(60),
            "x".repeat(1000)
        );
        assert_eq!(
            maillog_file(&fine).map(|file| file.path.len()),
            Some(60_001)
        );
    }

    #[test]
    fn names_in_the_log() {
        for (text, name) in [
            ("", Some("postfix")),
            (
                "# syslog_name = x\nmulti_instance_name = postfix-out\n",
                Some("postfix-out"),
            ),
            ("syslog_name=out\nmulti_instance_name = x\n", Some("out")),
            ("syslog_name = a\nsyslog_name = b\n", Some("b")),
            ("syslog_name =\n  mx1\n", Some("mx1")),
            (
                "multi_instance_name = out\nsyslog_name = ${multi_instance_name}/x\n",
                Some("out/x"),
            ),
            ("syslog_name = ${multi_instance_name}/x\n", None),
            ("multi_instance_name =\n", Some("postfix")),
        ] {
            assert_eq!(syslog_name(text).as_deref(), name, "{text}");
        }
    }

    #[test]
    fn suffixes() {
        for (main_cf, suffix) in [
            ("maillog_file = /a\n", "%Y%m%d-%H%M%S"),
            ("maillog_file = /a\nmaillog_file_rotate_suffix = %s\n", "%s"),
        ] {
            let found = maillog_file(main_cf).map(|file| file.rotate_suffix);
            assert_eq!(found.as_deref(), Some(suffix), "{main_cf}");
        }
    }
}
