//! Which logs a plan means: those that are named, or this machine's, which may be files, the journal, or one behind the other.
//!
//! A rotation may pass while the files are listed and opened. What was opened counts only when the names mean the same files before and
//! after; and a file that is a copy of another (copytruncate at work) counts once.

use super::gather::Wanted;
use super::plan::{LogPlan, Selection};
use crate::host::access::{Identity, Obstacle};
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::time::{HOUR, MINUTE, Micros, SECOND};
use crate::log::identity::Stamp;
use crate::log::journal::{self, Query, files};
use crate::log::locate::{self, Origin, PLACES, Unlisted};
use crate::log::source::{self, FileId, Source};
use crate::mailq::ask;
use crate::mailq::main_cf::{self, maillog_file};
use crate::plugin::failure::Failure;
use std::path::PathBuf;

/// How often the files may be found changed before what was opened is taken as it is.
const TRIES: usize = 5;
/// A log without a line for this long may have been given up for the journal.
pub const STALE: Micros = HOUR;
/// The journal has newer entries than the log, and not merely the one whose stamp was rounded.
const NEWER: Micros = MINUTE;
/// What this machine's journal is called where it cannot be read.
const JOURNAL: &str = "the journal";

/// What cannot be opened, and why.
pub type Obstacles = Vec<(PathBuf, Obstacle)>;

/// Logs to read, in order of time, and what cannot be.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The logs.
    pub sources: Vec<Source>,
    /// What is missing.
    pub obstacles: Obstacles,
    /// Where those of this machine's logs end that should have the wanted lines: once that is old, the journal may go on there. `None` where
    /// the journal stands in for them.
    pub end: Option<Micros>,
}

/// Finds and opens the logs.
///
/// # Errors
/// A [`Failure`] where there is none to be found.
pub fn open(
    plan: &LogPlan,
    wanted: &Wanted<'_>,
    host: &Host,
    deadline: &Deadline,
) -> Result<Inputs, Failure> {
    let search = Search {
        plan,
        wanted,
        host,
        deadline,
    };
    match &plan.selection {
        Selection::Named(arguments) => Ok(search.named(arguments)),
        Selection::Journal => search.journal().ok_or_else(no_journalctl),
        Selection::Found => search.found(),
    }
}

/// The files that the plan means now, with their stamps; `None` where they are not all files whose stamps tell what is in them.
pub fn listing(plan: &LogPlan, host: &Host) -> Option<Vec<(String, Stamp)>> {
    let origins = match &plan.selection {
        Selection::Journal => return None,
        Selection::Named(arguments) => {
            let (origins, obstacles) = locate::named(arguments, host);
            obstacles.is_empty().then_some(origins)?
        }
        Selection::Found => {
            let syslog = locate::found(host, &plan.window).ok()?;
            let own = own_log(plan, host).ok()?;
            [syslog.clone(), beside(&syslog, own)].concat()
        }
    };
    let stamped = |origin: Origin| match origin {
        Origin::Stdin => None,
        Origin::Path(path) => {
            let meta = std::fs::metadata(&path).ok();
            // A file of the journal may be written without a change of its stamp.
            let meta = meta.filter(|meta| meta.is_file() && !files::is_file(&path))?;
            Some((path.display().to_string(), Stamp::of(&meta)))
        }
    };
    origins.into_iter().map(stamped).collect()
}

struct Search<'a> {
    plan: &'a LogPlan,
    wanted: &'a Wanted<'a>,
    host: &'a Host,
    deadline: &'a Deadline,
}

impl Search<'_> {
    /// Files of the journal among the named ones are asked for through journalctl.
    fn named(&self, arguments: &[PathBuf]) -> Inputs {
        let (origins, obstacles) = locate::named(arguments, self.host);
        let (mut files, mut journals, mut inputs) = (Vec::new(), Vec::new(), Inputs::default());
        inputs.obstacles = obstacles;
        for origin in origins {
            match origin {
                Origin::Path(path) if files::is_file(&path) => {
                    match self.query(Some(path.clone())) {
                        Some(query) => journals.push(Source::journal(query, self.host)),
                        None => inputs.obstacles.push((path, without_journalctl())),
                    }
                }
                other => files.push(other),
            }
        }
        let (sources, unopened) = source::open(files, self.host, self.plan.now);
        inputs.sources = source::put_together(sources, journals);
        inputs.obstacles.extend(unopened);
        inputs
    }

    fn query(&self, file: Option<PathBuf>) -> Option<Query> {
        let window = self.plan.window;
        Query::new(file, self.wanted.journal, window, self.host, self.deadline)
    }

    /// This machine's journal, or what is in its way; `None` without journalctl.
    fn journal(&self) -> Option<Inputs> {
        let query = self.query(None)?;
        let mut inputs = Inputs::default();
        match journal::access(self.host) {
            Ok(()) => inputs.sources.push(Source::journal(query, self.host)),
            Err(why) => inputs.obstacles.push((PathBuf::from(JOURNAL), why)),
        }
        Some(inputs)
    }

    /// The syslog daemon's log and Postfix's own. The journal stands in for those that should have the wanted lines and are missing, and goes
    /// on where they end.
    fn found(&self) -> Result<Inputs, Failure> {
        let window = &self.plan.window;
        let syslog = self.settled(|| locate::found(self.host, window))?;
        let own = self.settled(|| {
            let syslog = locate::found(self.host, window)?;
            Ok(beside(&syslog, own_log(self.plan, self.host)?))
        })?;
        let expected = self.wanted.postfix && !own.is_empty() || !syslog.is_empty();
        let end = match self.wanted.postfix {
            true => newest(&syslog.sources).max(newest(&own.sources)),
            false => newest(&syslog.sources),
        };
        let journal = match (expected, end) {
            (false, _) if own.is_empty() => self.journal().ok_or_else(no_log)?,
            (false, _) => self.journal().unwrap_or_default(),
            (true, Some(end)) => self.journal_behind(end),
            (true, None) => Inputs::default(),
        };
        let both = source::put_together(syslog.sources, own.sources);
        Ok(Inputs {
            sources: source::put_together(both, journal.sources),
            obstacles: [syslog.obstacles, own.obstacles, journal.obstacles].concat(),
            end,
        })
    }

    /// The journal behind the second of the log's last line, if the log is old and the journal has newer entries; what keeps journalctl from
    /// telling is in the way. Where the journal is closed to this user, or journalctl too old, nothing is known and nothing is wrong: most logs
    /// that are an hour old had nothing to say. One that stays old will be doubted anyway.
    fn journal_behind(&self, end: Micros) -> Inputs {
        if self.plan.now - end < STALE || journal::access(self.host).is_err() {
            return Inputs::default();
        }
        let next = end - end.rem_euclid(SECOND) + SECOND;
        let query = self.query(None).map(|query| query.since(next));
        query.map_or_else(Inputs::default, |query| self.newer(query, end))
    }

    /// The journal, if it has entries newer than `end`, or why it cannot tell.
    fn newer(&self, query: Query, end: Micros) -> Inputs {
        let mut inputs = Inputs::default();
        match query.newest() {
            Ok(newest) if newest.is_some_and(|newest| newest > end + NEWER) => {
                inputs.sources.push(Source::journal(query, self.host));
            }
            Err(error) if !journal::is_closed(&error) => {
                let what = error.to_string();
                let obstacle = Obstacle { what, fix: None };
                inputs.obstacles.push((PathBuf::from(JOURNAL), obstacle));
            }
            Ok(_) | Err(_) => {}
        }
        inputs
    }

    /// Lists and opens logs until both mean the same files.
    fn settled(&self, list: impl Fn() -> Result<Vec<Origin>, Unlisted>) -> Result<Inputs, Failure> {
        let list = || {
            list().map_err(|(path, error)| {
                let obstacle = Identity::current(&self.host.root).explain(&path, &error);
                Failure::obstacle(path.display(), obstacle)
            })
        };
        let mut origins = list()?;
        for attempt in 1.. {
            let before = meaning(&origins);
            let (mut sources, obstacles) = source::open(origins.clone(), self.host, self.plan.now);
            origins = list()?;
            if meaning(&origins) == before || attempt == TRIES {
                drop_copies(&mut sources);
                return Ok(Inputs {
                    sources,
                    obstacles,
                    end: None,
                });
            }
        }
        Ok(Inputs::default())
    }
}

impl Inputs {
    fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.obstacles.is_empty()
    }
}

/// Which file each name means now.
fn meaning(origins: &[Origin]) -> Vec<(PathBuf, Option<FileId>)> {
    let paths = origins.iter().filter_map(|origin| match origin {
        Origin::Path(path) => Some(path.clone()),
        Origin::Stdin => None,
    });
    paths
        .map(|path| {
            let meta = std::fs::metadata(&path);
            (path, meta.ok().as_ref().map(source::id_of))
        })
        .collect()
}

/// Leaves out each log that is a copy of another one, or of its start.
fn drop_copies(sources: &mut Vec<Source>) {
    let mut index = 0;
    while index < sources.len() {
        let copy = sources[index].look().is_some_and(|look| {
            let others = sources
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != index);
            others
                .filter_map(|(_, other)| other.look())
                .any(|other| look.is_copy_of(&other))
        });
        if copy {
            sources.remove(index);
        } else {
            index += 1;
        }
    }
}

fn newest(sources: &[Source]) -> Option<Micros> {
    sources.iter().filter_map(Source::newest).max()
}

/// The logs that the plan's instances of Postfix write themselves, where they do, with their rotated siblings as far as the window
/// reaches.
///
/// # Errors
/// The directory that could not be listed.
pub(super) fn own_log(plan: &LogPlan, host: &Host) -> Result<Vec<Origin>, Unlisted> {
    let instances = match plan.instances.is_empty() {
        true => in_use(host),
        false => plan
            .instances
            .iter()
            .filter_map(|place| main_cf::read(place))
            .collect(),
    };
    let logs = instances.iter().filter_map(|text| maillog_file(text));
    let mut files: Vec<_> = logs.collect();
    // Instances may share a log.
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    let mut found = Vec::new();
    for file in files {
        let log = host.path(&file.path);
        found.extend(locate::with_rotated(
            &log,
            &file.rotate_suffix,
            &plan.window,
        )?);
    }
    Ok(found)
}

/// What configures the default instance of Postfix and the others that are in use.
fn in_use(host: &Host) -> Vec<String> {
    let default = main_cf::read(&host.path(ask::DEFAULT));
    let (others, _) = ask::others(host);
    let others = others.into_iter().map(|instance| instance.main_cf);
    default.into_iter().chain(others).collect()
}

/// Postfix's own logs without those that are found anyway: it may write where syslog would.
pub(super) fn beside(syslog: &[Origin], mut own: Vec<Origin>) -> Vec<Origin> {
    let found: Vec<Option<FileId>> = meaning(syslog).into_iter().map(|(_, id)| id).collect();
    let is_found = |origin: &Origin| {
        let ids = meaning(std::slice::from_ref(origin));
        ids.iter().any(|(_, id)| id.is_some() && found.contains(id))
    };
    own.retain(|origin| !is_found(origin));
    own
}

fn no_log() -> Failure {
    let programs = journal::PROGRAM.join(", ");
    nothing(&format!("there is no journalctl ({programs})"))
}

/// The failure where there is no log and the journal, which stood in, turned out to be empty.
pub fn empty_journal() -> Failure {
    nothing("the journal is empty")
}

fn nothing(journal: &str) -> Failure {
    let places = PLACES.join(", ");
    Failure::new(format!(
        "no mail log found: none of {places} exists, and {journal}"
    ))
    .with_fix("name a log, or - for standard input")
}

fn without_journalctl() -> Obstacle {
    let programs = journal::PROGRAM.join(", ");
    Obstacle::with_fix(
        format!("there is no journalctl ({programs})"),
        "name a log, or - for what journalctl -o short-iso prints elsewhere",
    )
}

fn no_journalctl() -> Failure {
    Failure::obstacle(JOURNAL, without_journalctl())
}
