//! Touches the machine: the log first, then the queue, each message counted as it comes.
//!
//! The log comes first because it is the smaller memory: the messages of a queue are looked up in it and not kept. Whatever goes
//! wrong is partial input; what was read before still counts.

pub(super) mod exim;

use super::case::Case;
use super::count::Count;
use super::facts::{Facts, Listing as ListingFacts, Log};
use super::late::Late;
use super::plan::{Plan, Source};
use super::seen::{Entry, Seen, is_silent};
use super::trail::Trail;
use super::trails::Trails;
use crate::checks::logs::gather::{self as logs, Wanted};
use crate::checks::logs::{doubt, plan::LogPlan};
use crate::host::access::Identity;
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::partial::Partial;
use crate::host::time::Micros;
use crate::log::budget::Budget;
use crate::log::search::Search;
use crate::mailq::ask::{self, Instance};
use crate::mailq::calendar::Calendar;
use crate::mailq::detect::Format;
use crate::mailq::message::{Message, Queue};
use crate::mailq::saved;
use crate::plugin::failure::Failure;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// Quarters of the time that the log may take: the queue alone may prove an alarm, and a journal may be slow.
const LOG_SHARE: u32 = 3;
/// How the journal is asked for the entries of Postfix and Exim: all of the facility mail.
const JOURNAL: [&str; 3] = ["SYSLOG_FACILITY=2", "+", "SYSLOG_IDENTIFIER=exim"];
/// What the messages of a log may fill, so that the whole process stays within 512 MiB at its peak.
const MEMORY: usize = 460_000_000;
/// The words of a mail system that is not there.
const NO_MAIL_SYSTEM: &str = "found no mail system on this machine";

/// The facts and what could not be read wholly.
pub type Gathered = (Facts, Vec<Partial>);

/// Reads log and queue and counts.
///
/// # Errors
/// A [`Failure`] where the rules cannot be loaded.
pub fn gather(plan: &Plan, host: &Host, deadline: &Deadline) -> Result<Gathered, Failure> {
    let rules = Late::new(plan)?;
    let mut run = Run {
        plan,
        host,
        deadline,
        count: Count::new(&rules, &plan.alarm, &plan.known, plan.now()),
        trails: None,
        seen: Seen::default(),
        exim: Vec::new(),
        partial: Vec::new(),
        partial_log: Vec::new(),
        listings: Vec::new(),
        notes: Vec::new(),
        without_reasons: None,
        log: None,
    };
    if plan.read_log && !run.log_is_exims() {
        run.read_log(&plan.log, &deadline.quarters(LOG_SHARE));
    }
    run.queue();
    run.silent();
    run.reasons_of_exim();
    run.rest_of_log();
    run.finish()
}

struct Run<'a> {
    plan: &'a Plan,
    host: &'a Host,
    deadline: &'a Deadline,
    count: Count<'a>,
    trails: Option<Trails>,
    seen: Seen,
    /// Messages whose reasons stand in Exim's log, with the name of their instance.
    exim: Vec<Message<'static>>,
    partial: Vec<Partial>,
    /// What could not be read of the log; a log that is read again is judged by the last time.
    partial_log: Vec<Partial>,
    listings: Vec<ListingFacts>,
    notes: Vec<String>,
    without_reasons: Option<String>,
    log: Option<Log>,
}

/// What was not counted because the log has more messages than memory should be given for.
fn uncounted(trails: &Trails) -> Option<Partial> {
    let lines = trails.uncounted();
    (lines > 0).then(|| {
        let why = format!(
            "{lines} lines came when half a gigabyte was full of other messages and are not counted, look at a shorter --window"
        );
        Partial::new("the mail log", why)
    })
}

/// The lines of mail systems; `None` where there is nothing to search for.
pub(super) fn wanted() -> Option<Wanted<'static>> {
    Some(Wanted {
        search: Search::words(&Trails::words())?,
        journal: &JOURNAL,
        postfix: true,
    })
}

impl Run<'_> {
    fn read_log(&mut self, log: &LogPlan, deadline: &Deadline) {
        let Some(wanted) = wanted() else {
            self.partial.push(Partial::new(
                "the log",
                "internal error: nothing to search for",
            ));
            return;
        };
        let budget = Arc::new(Budget::new(MEMORY));
        let fresh = move || Trails::within(Arc::clone(&budget));
        match logs::read(log, &wanted, self.host, deadline, fresh) {
            Ok((outcome, names)) => {
                let doubts = doubt::doubts(&outcome.coverage, &names, log, self.host.zone);
                self.log = Some(Log {
                    names,
                    window: log.reach.to_string(),
                    oldest: outcome.coverage.oldest,
                    newest: outcome.coverage.newest,
                    doubts,
                });
                self.partial_log = outcome.partial;
                self.partial_log.extend(uncounted(&outcome.tally));
                let trails = outcome.tally.settled().adopted();
                self.trails = Some(match self.named_instances() {
                    Some(names) => trails.only(&names),
                    None => trails,
                });
            }
            Err(failure) => {
                self.partial_log = vec![Partial::new("the mail log", failure.to_string())];
            }
        }
    }

    /// The names in the log of the instances that alone are meant; `None` where that is all, or one of them has a name unknown.
    fn named_instances(&self) -> Option<Vec<String>> {
        let Source::Directories(directories) = &self.plan.source else {
            return None;
        };
        let names = directories.iter().map(|d| ask::instance(d, None).name);
        names
            .map(|name| Some(name).filter(|n| !n.is_empty()))
            .collect()
    }

    fn queue(&mut self) {
        match &self.plan.source {
            Source::Host => self.ask_host(),
            Source::Directories(directories) => {
                self.ask_all(directories.iter().map(|d| ask::instance(d, None)).collect());
            }
            Source::File(path) => self.file(path),
            Source::Stdin => self.saved("standard input", io::stdin()),
        }
    }

    fn ask_host(&mut self) {
        self.deadline.enter("looking for Postfix instances");
        let postfix = ask::program(self.host).is_some_and(|p| p.system == ask::System::Postfix);
        let (instances, failure) = match postfix {
            true => ask::instances(self.host, self.deadline),
            false => (
                vec![Instance {
                    name: String::new(),
                    directory: None,
                }],
                None,
            ),
        };
        self.ask_all(instances);
        // Where Postfix itself is in trouble its queue has said so already.
        if let (Some(why), true) = (failure, self.partial.is_empty()) {
            self.partial.push(Partial::new("postmulti -l", why));
        }
    }

    fn ask_all(&mut self, instances: Vec<Instance>) {
        let Some(program) = ask::program(self.host) else {
            let why = format!(
                "{NO_MAIL_SYSTEM}: there is none of {}; name a saved listing with --file",
                ask::places()
            );
            self.partial.push(Partial::new("the queue", why));
            return;
        };
        for instance in instances {
            let calendar = Calendar::new(self.plan.now(), self.host.zone);
            let (host, deadline) = (self.host, self.deadline);
            let place = instance
                .directory
                .as_ref()
                .map_or_else(String::new, |d| d.display().to_string());
            let mut messages = 0;
            let answer = ask::ask(
                &program,
                &instance,
                &calendar,
                host,
                deadline,
                &mut |message| {
                    messages += 1;
                    self.message(&place, &instance.name, message);
                },
            );
            self.listed(&answer.command, answer.format, messages);
            self.notes.extend(answer.note);
            if let Some(trouble) = answer.trouble {
                self.partial
                    .push(Partial::new(answer.command, trouble.to_string()));
            }
        }
    }

    fn file(&mut self, path: &Path) {
        let name = path.display().to_string();
        self.deadline.enter(format!("opening {name}"));
        match File::open(path) {
            Ok(file) => self.saved(&name, file),
            Err(error) => {
                let obstacle = Identity::current(&self.host.root).explain(path, &error);
                self.partial.push(Partial::new(name, obstacle.to_string()));
            }
        }
    }

    /// Reads a saved listing. Of which instance it is nobody knows.
    fn saved(&mut self, name: &str, input: impl Read + Send + 'static) {
        self.deadline.enter(format!("reading {name}"));
        let mut messages = 0;
        let dates = (self.plan.now(), self.host.zone);
        let saved = saved::read(input, dates, self.deadline, &mut |message| {
            messages += 1;
            self.message("", "", message);
        });
        self.listed(name, saved.format, messages);
        if let Some(why) = saved.trouble {
            self.partial.push(Partial::new(name, why));
        }
    }

    fn listed(&mut self, name: &str, format: Option<Format>, messages: u64) {
        let blind = format.is_some_and(|format| !format.has_reasons()) && messages > 0;
        if blind {
            self.without_reasons = format.map(|format| format.to_string());
        }
        self.listings.push(ListingFacts {
            name: name.to_owned(),
            format,
            messages,
        });
    }

    /// Counts a message of the instance configured in `place`, whose log lines bear the name `instance`.
    fn message(&mut self, place: &str, instance: &str, message: &Message<'_>) {
        let key = match self.seen.entry(place, message) {
            Entry::Known => return,
            Entry::Reason(trail) => return self.case(message, trail.as_deref()),
            Entry::New(key) => key,
        };
        // No other mail system has ids with a dash.
        if message.id.contains('-') {
            self.exim.push(message.clone().into_owned());
            return;
        }
        self.count.in_queue(message.queue == Queue::Hold);
        let trail = self
            .trails
            .as_mut()
            .and_then(|trails| trails.take(instance, &message.id, message.arrival));
        match trail {
            Some(trail) if is_silent(message) && trail.is_refused() => {
                self.seen.put_off(key, message, trail);
            }
            trail => self.case(message, trail.as_deref()),
        }
    }

    fn case(&mut self, message: &Message<'_>, trail: Option<&Trail>) {
        let case = Case::queued(message, trail, self.since(), false);
        self.count.case(&case);
    }

    /// Counts the messages whose reason no entry of the listing gave, by what the log tells of them.
    fn silent(&mut self) {
        for (message, trail) in self.seen.silent() {
            // While it is tried again Postfix has forgotten the reasons that the log tells.
            let case = Case::queued(&message, Some(&trail), self.since(), true);
            self.count.case(&case);
        }
    }

    fn since(&self) -> Option<Micros> {
        self.plan.log.window.since
    }

    /// Counts the messages that have left the queue, where the log was asked for: Exim's is read also for the reasons of those that have
    /// not, and the count must not depend on whether one waits.
    fn rest_of_log(&mut self) {
        let since = self.since();
        let asked_for = self.plan.read_log;
        if let Some(trails) = self.trails.as_ref().filter(|_| asked_for) {
            self.deadline.enter("judging what the log tells");
            for (id, trail) in trails.rest() {
                if self.deadline.expired() {
                    let late = Partial::new("the mail log", self.deadline.reason());
                    self.partial_log.push(late);
                    break;
                }
                self.count.case(&Case::logged(id, trail, since));
            }
        }
    }

    fn finish(self) -> Result<Gathered, Failure> {
        let facts = self.count.finish(self.trails.as_ref())?;
        // The process ends soon: to free the messages one by one would only take time. The fuzzer's does not.
        #[cfg(not(fuzzing))]
        std::mem::forget(self.trails);
        let facts = Facts {
            listings: self.listings,
            without_reasons: self.without_reasons,
            log: self.log,
            notes: self.notes,
            ..facts
        };
        Ok((facts, [self.partial_log, self.partial].concat()))
    }
}
