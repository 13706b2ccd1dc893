//! The instances of Postfix: which are there, and the name that each has in the log.

use super::last_words;
use crate::host::child::{self, ChildError};
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::mailq::main_cf::{self, instance_directories, is_enabled, syslog_name};
use std::path::{Path, PathBuf};

/// Where the default instance is configured.
pub const DEFAULT: &str = "/etc/postfix";

const POSTMULTI: [&str; 3] = [
    "/usr/sbin/postmulti",
    "/usr/bin/postmulti",
    "/usr/local/sbin/postmulti",
];

/// One queue to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The name in its log lines: `postfix`, `postfix-out`; empty where it is not known or there is only one.
    pub name: String,
    /// Its configuration directory, where it is not the default one.
    pub directory: Option<PathBuf>,
}

/// The instances of Postfix on this host, the default one first, and why others may be missing. None where the time ran out: nobody can
/// be asked any more, and would only be blamed for it.
pub fn instances(host: &Host, deadline: &Deadline) -> (Vec<Instance>, Option<String>) {
    let default = Instance {
        name: name_in(&host.path(DEFAULT)).unwrap_or_else(|| String::from("postfix")),
        directory: None,
    };
    let Some(path) = child::find(&host.root, &POSTMULTI) else {
        return (vec![default], None);
    };
    let mut output = Vec::new();
    let result = child::run(&path, &["-l"], deadline, &mut |bytes| {
        output.extend_from_slice(bytes);
    });
    let failure = match result {
        Ok(ended) if ended.success() => None,
        Ok(ended) => Some(last_words(&ended)),
        Err(error @ ChildError::TimedOut(_)) => return (Vec::new(), Some(error.to_string())),
        Err(error) => Some(error.to_string()),
    };
    let listed = || parse_instances(&String::from_utf8_lossy(&output));
    let (others, failure) = match failure {
        None => (listed(), None),
        // With maillog_file set, postmulti fails for users who may not write to the log, and says nothing (3.10).
        Some(failure) => match others(host) {
            (others, true) => (others.into_iter().map(Instance::from).collect(), None),
            (_, false) => (listed(), Some(failure)),
        },
    };
    ([vec![default], others].concat(), failure)
}

/// An instance as its main.cf configures it.
#[derive(Debug)]
pub struct Configured {
    directory: PathBuf,
    /// What stands in its main.cf.
    pub main_cf: String,
}

/// The instances that are in use beside the default one, by the files that configure them, and whether all of these could be read.
pub fn others(host: &Host) -> (Vec<Configured>, bool) {
    let default = main_cf::read(&host.path(DEFAULT));
    let (named, all) = instance_directories(default.as_deref().unwrap_or_default());
    let configured = named.iter().filter_map(|directory| {
        Some(Configured {
            directory: PathBuf::from(directory),
            main_cf: main_cf::read(&host.path(directory))?,
        })
    });
    let configured: Vec<Configured> = configured.collect();
    let whole = all && default.is_some() && configured.len() == named.len();
    let in_use = configured
        .into_iter()
        .filter(|one| is_enabled(&one.main_cf));
    (in_use.collect(), whole)
}

impl From<Configured> for Instance {
    fn from(configured: Configured) -> Self {
        Self {
            name: syslog_name(&configured.main_cf).unwrap_or_default(),
            directory: Some(configured.directory),
        }
    }
}

/// The enabled secondary instances of `postmulti -l`: name, group, y or n, directory. The first line is the default instance.
fn parse_instances(text: &str) -> Vec<Instance> {
    text.lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [name, _, "y", directory] = fields[..] else {
                return None;
            };
            Some(instance(
                Path::new(directory),
                (name != "-").then_some(name),
            ))
        })
        .collect()
}

/// The instance in `directory`, with the name that its main.cf gives to its log lines; else the one given; else any.
pub fn instance(directory: &Path, name: Option<&str>) -> Instance {
    Instance {
        name: name_in(directory)
            .or_else(|| name.map(str::to_owned))
            .unwrap_or_default(),
        directory: Some(directory.to_path_buf()),
    }
}

/// The name that the main.cf of a directory gives to log lines, empty where it depends on other settings; `None` without main.cf.
fn name_in(directory: &Path) -> Option<String> {
    Some(syslog_name(&main_cf::read(directory)?).unwrap_or_default())
}

/// Where an instance is configured.
pub(super) fn directory(instance: &Instance, host: &Host) -> PathBuf {
    let own = instance.directory.clone();
    own.unwrap_or_else(|| host.path(DEFAULT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_of_postmulti() {
        let text = "-               -               y         /etc/postfix\npostfix-out     mta   y  /etc/postfix-out\n\
                    postfix-old - n /etc/postfix-old\n- - y /etc/postfix-in\n";
        let names: Vec<String> = parse_instances(text).into_iter().map(|i| i.name).collect();
        assert_eq!(names, ["postfix-out", ""]);
        assert_eq!(instance(Path::new("/no/such"), None).name, "");
    }
}
