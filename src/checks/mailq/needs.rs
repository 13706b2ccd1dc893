//! What `--diagnose` tries out: the queue of each instance, as the check asks for it, and the mail log where it is read.

use super::plan::{Plan, Source};
use crate::checks::logs::needs as logs;
use crate::host::access::{Identity, Obstacle};
use crate::host::deadline::Deadline;
use crate::host::env::Host;
use crate::host::probe::Finding;
use crate::mailq::ask::{self, Instance, System};
use crate::mailq::calendar::Calendar;

const QUEUE: &str = "the queue";

/// Everything that the plan would ask and read.
pub fn needs(plan: &Plan, host: &Host, deadline: &Deadline) -> Vec<Finding> {
    let identity = Identity::current(&host.root);
    let mut findings = match &plan.source {
        Source::Host => of_host(plan, host, deadline),
        Source::Directories(directories) => {
            let instances = directories.iter().map(|d| ask::instance(d, None)).collect();
            queues(instances, plan, host, deadline)
        }
        Source::File(path) => vec![Finding::file(&identity, path, QUEUE, true)],
        Source::Stdin => vec![Finding::works("standard input", QUEUE)],
    };
    if plan.read_log {
        findings.extend(logs::needs(&plan.log, &identity, host));
    }
    findings
}

fn of_host(plan: &Plan, host: &Host, deadline: &Deadline) -> Vec<Finding> {
    let instances = match ask::program(host).map(|program| program.system) {
        None => {
            let fix = "name a saved listing with --file";
            let obstacle = Obstacle::with_fix("there is no mail system", fix);
            return vec![Finding::fails(ask::places(), QUEUE, obstacle)];
        }
        Some(System::Postfix) => ask::instances(host, deadline).0,
        Some(_) => vec![Instance {
            name: String::new(),
            directory: None,
        }],
    };
    queues(instances, plan, host, deadline)
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
