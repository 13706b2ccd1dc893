//! What `--diagnose` tries out: the queue of each instance, as the check asks for it, the mail log where it is read, and the lists.

use super::gather::{self, exim::own_log};
use super::options::Options;
use super::plan::{self, Plan, Source};
use crate::checks::logs::needs as logs;
use crate::host::access::{Identity, Obstacle};
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::probe::{Finding, Outcome};
use crate::mailq::ask::{self, Instance, System};
use crate::mailq::calendar::Calendar;
use crate::plugin::failure::Failure;
use std::path::Path;

const QUEUE: &str = "the queue";
/// The instance of a mail system that has but one.
const NAMELESS: Instance = Instance {
    name: String::new(),
    directory: None,
};

/// Everything that the options would ask and read.
///
/// # Errors
/// A [`Failure`] where they contradict each other. A list that cannot be used is one thing among others.
pub fn needs(
    mut options: Options,
    host: &Host,
    deadline: &Deadline,
) -> Result<Vec<Finding>, Failure> {
    let lists = lists(&mut options, host);
    let plan = Plan::new(&options, host)?;
    Ok([inputs(&plan, host, deadline), lists].concat())
}

/// The files of `--rules` and `--known`, taken out of the options.
fn lists(options: &mut Options, host: &Host) -> Vec<Finding> {
    let rules = options.rules.take().map(|path| {
        let usable = || plan::rule_set(Some(&plan::named(&path, host)?)).map(drop);
        list(&path, "rules for replies", usable, host)
    });
    let known = options.known.take().map(|path| {
        let usable = || plan::known(Some(&path), host).map(drop);
        list(&path, "blocks that are known", usable, host)
    });
    rules.into_iter().chain(known).collect()
}

/// A file that must be readable, and then hold what it should. (To read what is no file may take for ever.)
fn list(
    path: &Path,
    purpose: &'static str,
    usable: impl Fn() -> Result<(), Failure>,
    host: &Host,
) -> Finding {
    let found = Finding::text(&Identity::current(&host.root), path, purpose, true);
    if found.outcome != Outcome::Works || !path.is_file() {
        return found;
    }
    match usable() {
        Ok(()) => found,
        Err(why) => {
            let obstacle = Obstacle {
                what: why.to_string(),
                fix: None,
            };
            Finding::fails(found.subject, purpose, obstacle)
        }
    }
}

fn inputs(plan: &Plan, host: &Host, deadline: &Deadline) -> Vec<Finding> {
    let identity = Identity::current(&host.root);
    let mut findings = match &plan.source {
        Source::Host => of_host(plan, host, deadline),
        Source::Directories(directories) => {
            let instances = directories.iter().map(|d| ask::instance(d, None)).collect();
            queues(instances, plan, host, deadline)
        }
        Source::File(path) => vec![Finding::text(&identity, path, QUEUE, true)],
        Source::Stdin => vec![Finding::works("standard input", QUEUE)],
    };
    let wanted = gather::wanted().filter(|_| plan.read_log && own_log(plan, host).is_none());
    findings.extend(
        wanted
            .iter()
            .flat_map(|wanted| logs::needs(&plan.log, wanted, host, deadline)),
    );
    findings
}

fn of_host(plan: &Plan, host: &Host, deadline: &Deadline) -> Vec<Finding> {
    let instances = match ask::program(host).map(|program| program.system) {
        None => {
            let fix = "name a saved listing with --file";
            let obstacle = Obstacle::with_fix("there is no mail system", fix);
            return vec![Finding::fails(ask::places(), QUEUE, obstacle)];
        }
        Some(System::Postfix) => return of_postfix(plan, host, deadline),
        Some(System::Exim) => return of_exim(plan, host, deadline),
        Some(_) => vec![NAMELESS],
    };
    queues(instances, plan, host, deadline)
}

/// The queue, and the main log that the reasons are taken from unless another one is named.
fn of_exim(plan: &Plan, host: &Host, deadline: &Deadline) -> Vec<Finding> {
    let identity = Identity::current(&host.root);
    let log = own_log(plan, host).map(|log| Finding::text(&identity, &log, "why mail waits", true));
    let queue = queues(vec![NAMELESS], plan, host, deadline);
    queue.into_iter().chain(log).collect()
}

/// The queues of all instances. Where Postfix itself is in trouble they say so, where only the list of them is, that counts.
fn of_postfix(plan: &Plan, host: &Host, deadline: &Deadline) -> Vec<Finding> {
    let (instances, failure) = ask::instances(host, deadline);
    let mut findings = queues(instances, plan, host, deadline);
    let queues_work = findings.iter().all(|it| it.outcome == Outcome::Works);
    if let (Some(what), true) = (failure, queues_work) {
        let obstacle = Obstacle { what, fix: None };
        findings.push(Finding::fails("postmulti -l", "the instances", obstacle));
    }
    findings
}

fn queues(instances: Vec<Instance>, plan: &Plan, host: &Host, deadline: &Deadline) -> Vec<Finding> {
    let Some(program) = ask::program(host) else {
        return Vec::new();
    };
    let calendar = Calendar::new(plan.now(), host.zone);
    let ask = |instance| {
        let answer = ask::ask(&program, &instance, &calendar, host, deadline, &mut |_| {});
        match answer.trouble {
            Some(obstacle) => Finding::fails(answer.command, QUEUE, obstacle),
            None => Finding::works(answer.command, QUEUE),
        }
    };
    instances.into_iter().map(ask).collect()
}
