//! Exim's listing has no reasons: they are taken from its main log, read as far back as the oldest message came in. With `--log` that log
//! counts where Exim is this machine's mail system.

use super::Run;
use crate::checks::logs::{plan::LogPlan, plan::Selection};
use crate::checks::mailq::case::Case;
use crate::checks::mailq::plan::{Plan, Source};
use crate::host::access::Identity;
use crate::host::env::Host;
use crate::host::partial::Partial;
use crate::host::time::{DAY, MINUTE, Micros, Span};
use crate::log::locate::{self, Origin};
use crate::log::window::{Reach, Window};
use crate::mailq::ask::{self, Program, System};
use crate::mailq::message::{Message, Queue};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where Exim writes its main log: Debian, Red Hat, FreeBSD and SUSE.
const EXIM_LOGS: [&str; 4] = [
    "/var/log/exim4/mainlog",
    "/var/log/exim/main.log",
    "/var/log/exim/mainlog",
    "/var/log/exim_mainlog",
];
/// Exim may wait hours between two tries, and says why only then: its log is read from the arrival of the oldest message on, at
/// least this far back and at most that far.
const EXIM_REACH: [Micros; 2] = [DAY, 30 * DAY];
/// A message that came in just now may not be in the log that was read before the queue.
const JUST_NOW: Micros = MINUTE;

impl Run<'_> {
    /// Counts Exim's messages with the reasons of its main log: the one that was named, else the one it has, else the log that was read.
    pub(super) fn reasons_of_exim(&mut self) {
        if self.exim.is_empty() && !self.log_is_exims() {
            return;
        }
        self.read_exim_log();
        if self.trails.is_some() {
            self.without_reasons = None;
        }
        let messages = std::mem::take(&mut self.exim);
        let mut unheard = 0;
        for message in &messages {
            let trail = self
                .trails
                .as_mut()
                .and_then(|trails| trails.take("exim", &message.id, None));
            unheard += u64::from(trail.is_none() && self.is_logged(message));
            let case = Case::queued(message, trail.as_deref(), self.since(), true);
            self.count.in_queue(message.queue == Queue::Hold);
            self.count.case(&case);
        }
        if unheard > 0 && self.trails.is_some() {
            let why = format!(
                "tells nothing of {unheard} of {} messages in the queue, so why they wait is not known: it begins too late or is not \
                 Exim's (name Exim's main log with --log-file)",
                messages.len()
            );
            self.partial.push(Partial::new("the log", why));
        }
    }

    /// Whether the log must tell of a message: Exim notes each one as it comes. Why mail on hold waits is no matter.
    fn is_logged(&self, message: &Message<'_>) -> bool {
        let latest = self.plan.now() - JUST_NOW;
        message.queue != Queue::Hold && message.arrival.is_none_or(|at| at <= latest)
    }

    /// Whether the log that was asked for is Exim's, however empty its queue: what it is refused for good stands nowhere else.
    pub(super) fn log_is_exims(&self) -> bool {
        self.plan.read_log && own_log(self.plan, self.host).is_some()
    }

    fn read_exim_log(&mut self) {
        let [least, most] = EXIM_REACH;
        let now = self.plan.now();
        let waiting: Vec<&Message<'_>> = self
            .exim
            .iter()
            .filter(|m| m.queue != Queue::Hold)
            .collect();
        let oldest = waiting.iter().filter_map(|message| message.arrival).min();
        // What has left the queue counts within the window alone.
        let needed = (!waiting.is_empty())
            .then(|| now - (now - oldest.unwrap_or(i64::MIN / 2)).clamp(least, most));
        let since = self
            .since()
            .map(|since| needed.map_or(since, |needed| needed.min(since)));
        let Some(selection) = self.exim_log(since.unwrap_or(i64::MIN), oldest) else {
            return;
        };
        let log = LogPlan {
            selection,
            reach: since.map_or(self.plan.log.reach, |since| Reach::Back(Span(now - since))),
            window: Window {
                since,
                until: self.plan.log.window.until,
            },
            ..self.plan.log.clone()
        };
        self.read_log(&log, self.deadline);
    }

    /// The log that has Exim's reasons, where it has not been read yet as far back as needed.
    fn exim_log(&mut self, since: Micros, oldest: Option<Micros>) -> Option<Selection> {
        let plan = self.plan;
        let planned = &plan.log.selection;
        let chosen = self.plan.read_log && *planned != Selection::Found;
        let named = match planned {
            Selection::Named(paths) => Some(paths).filter(|_| chosen),
            Selection::Found | Selection::Journal => None,
        };
        if let (false, Some(path)) = (chosen, main_log(self.host)) {
            return Some(Selection::Named(self.with_rotated(path, since)));
        }
        let can_be_read_again = named.is_none_or(|paths| paths.iter().all(|path| is_lasting(path)));
        let read = self
            .since()
            .zip(oldest)
            .is_none_or(|(since, oldest)| since <= oldest);
        (self.plan.read_log && can_be_read_again && !read).then(|| planned.clone())
    }
}

impl Run<'_> {
    /// The log and its rotated files that were written to after `since`.
    fn with_rotated(&mut self, log: PathBuf, since: Micros) -> Vec<PathBuf> {
        let window = Window {
            since: Some(since),
            until: None,
        };
        let path = |origin| match origin {
            Origin::Path(path) => Some(path),
            Origin::Stdin => None,
        };
        match locate::with_rotated(&log, "", &window) {
            Ok(origins) => origins.into_iter().filter_map(path).collect(),
            Err((directory, error)) => {
                // Where the log itself cannot be read either, reading it says so, and how that is mended.
                let obstacle = Identity::current(&self.host.root).explain(&directory, &error);
                let name = directory.display().to_string();
                self.partial.push(Partial::new(name, obstacle.to_string()));
                vec![log]
            }
        }
    }
}

/// Exim's main log, where Exim is asked and no other log is chosen.
pub(in crate::checks::mailq) fn own_log(plan: &Plan, host: &Host) -> Option<PathBuf> {
    let is_exim = |program: Program| program.system == System::Exim;
    let is_asked = plan.source == Source::Host && ask::program(host).is_some_and(is_exim);
    let is_chosen = plan.log.selection != Selection::Found;
    (is_asked && !is_chosen).then(|| main_log(host)).flatten()
}

/// Exim's main log, where it has one. It has one where this user may not look (Debian's directory is closed to others): reading it
/// will say how that is mended.
fn main_log(host: &Host) -> Option<PathBuf> {
    let is_there = |path: &PathBuf| match path.try_exists() {
        Ok(there) => there,
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    };
    EXIM_LOGS
        .iter()
        .map(|place| host.path(place))
        .find(is_there)
}

/// Whether a named log, or what a pattern stands for, can be read twice: no pipe, no standard input.
fn is_lasting(path: &Path) -> bool {
    path.as_os_str() != "-" && fs::metadata(path).map_or(true, |meta| meta.is_file())
}
