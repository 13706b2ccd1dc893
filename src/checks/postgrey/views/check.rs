//! The status line and its details.

use super::super::facts::{Counts, Facts, SenderFacts, span};
use super::super::judge::{Judgement, counts};
use super::super::options::AlertOn;
use super::super::plan::Plan;
use crate::plugin::clean::Clean;
use crate::plugin::metric::Metric;
use crate::plugin::report::Report;
use crate::plugin::state::State;
use crate::postgrey::verdict::words;
use crate::words::{and_more, counted};

/// Senders named on the status line.
const NAMED: usize = 5;
/// Characters of a name.
pub const NAME_LENGTH: usize = 60;
/// Senders listed by -v that do not count.
const LISTED: usize = 20;

/// The whole report.
pub fn report(facts: &Facts, judgement: &Judgement, plan: &Plan) -> Report {
    let mut report = Report::new(judgement.state, headline(facts, judgement, plan));
    report.metrics = metrics(facts, judgement, plan);
    report.partial.clone_from(&facts.partial);
    notes(&mut report, facts);
    big_senders(&mut report, facts, plan);
    verbose(&mut report, facts);
    rules(&mut report, facts, plan);
    // Last: there may be more of them than fit.
    small_senders(&mut report, facts);
    report
}

/// The words behind the state.
pub fn headline(facts: &Facts, judgement: &Judgement, plan: &Plan) -> String {
    let mut text = match judgement.senders {
        0 => nobody(facts, judgement, plan),
        _ => somebody(facts, judgement, plan),
    };
    // Where the doubt is the state, it stands in front.
    let in_front = judgement.senders == 0 && judgement.state == State::Unknown && !is_silent(facts);
    let doubts = facts.doubts.join(", ");
    text = match facts.doubts.is_empty() {
        true => text,
        false if in_front && facts.partial.is_empty() => format!("{doubts}, {text}"),
        false => format!("{text}, {doubts}"),
    };
    if facts.forgotten {
        text.push_str(", the state file cannot be written");
    }
    if let Some(known) = facts.not_reloaded.first() {
        text.push_str(&format!(
            ", Postgrey was not reloaded after {} changed",
            known.file
        ));
    }
    text
}

/// `2 senders to whitelist or ignore: sendgrid.net (579, worst 9h12m), …`
fn somebody(facts: &Facts, judgement: &Judgement, plan: &Plan) -> String {
    let alarming: Vec<&SenderFacts> = facts.big().filter(|sender| counts(sender, plan)).collect();
    let mut names: Vec<String> = alarming
        .iter()
        .take(NAMED)
        .map(|sender| brief(sender))
        .collect();
    if alarming.len() > NAMED {
        names.push(format!("+{} more", alarming.len() - NAMED));
    }
    let subject = counted(judgement.senders, "sender");
    let text = format!("{subject} to whitelist or ignore: {}", names.join(", "));
    match judgement.at_least {
        true => format!("at least {text} (log incomplete: {})", missing(facts)),
        false => text,
    }
}

fn brief(sender: &SenderFacts) -> String {
    let name = Clean::short(&sender.name, NAME_LENGTH);
    match sender.counts.delay_worst {
        Some(worst) => format!("{name} ({}, worst {})", sender.counts.tries, span(worst)),
        None => format!("{name} ({})", sender.counts.tries),
    }
}

/// The first source that was not read wholly, and how many more.
fn missing(facts: &Facts) -> String {
    match facts.partial.split_first() {
        None => String::new(),
        Some((first, others)) => format!("{first}{}", and_more(others.len())),
    }
}

fn nobody(facts: &Facts, judgement: &Judgement, plan: &Plan) -> String {
    let tries = format!(
        "{} in {}",
        counted(facts.total.tries.into(), "try"),
        covered(facts, plan)
    );
    if !facts.partial.is_empty() {
        return format!(
            "not everything could be read: {}, nobody to whitelist or ignore in the rest ({tries})",
            missing(facts)
        );
    }
    if is_silent(facts) && !facts.doubts.is_empty() {
        return String::from("nothing to judge");
    }
    if judgement.state == State::Unknown && !facts.forgotten {
        return format!("nobody to whitelist or ignore in what there is ({tries})");
    }
    match plan.alert_on == AlertOn::Hurt && facts.big().next().is_some() {
        true => format!("the top domains are whitelisted, ignored or rightly greylisted ({tries})"),
        false => format!("the top domains are whitelisted or ignored ({tries})"),
    }
}

/// Whether there is no decision of Postgrey at all.
fn is_silent(facts: &Facts) -> bool {
    let greylisted = u64::from(facts.total.tries) + facts.unknown.tries + facts.set_aside();
    greylisted + facts.passes.values().sum::<u64>() == 0
}

/// The window where the log fills it, else the time that the log covers.
fn covered(facts: &Facts, plan: &Plan) -> String {
    match (plan.logs.window.since, facts.doubts.is_empty()) {
        (Some(_), true) => facts.window.clone(),
        _ => span(facts.covered).to_string(),
    }
}

fn metrics(facts: &Facts, judgement: &Judgement, plan: &Plan) -> Vec<Metric> {
    let Counts {
        tries,
        mails,
        pool_mails,
        passed,
        lost,
        pending,
        ..
    } = facts.total;
    vec![
        Metric::count("senders", judgement.senders).with_limits(plan.limits),
        Metric::count("tries", tries.into()),
        Metric::count("mails", mails.into()),
        Metric::count("pool_mails", pool_mails.into()),
        Metric::count("passed", passed.into()),
        Metric::count("lost", lost.into()),
        Metric::count("pending", pending.into()),
        Metric::count("unknown_clients", facts.unknown.hosts),
        Metric::count("set_aside", facts.set_aside()),
        Metric::seconds("delay_median", facts.total.delay_median.unwrap_or(0).into()),
        Metric::seconds("delay_worst", facts.total.delay_worst.unwrap_or(0).into()),
    ]
}

/// What the admin must know before reading the list.
fn notes(report: &mut Report, facts: &Facts) {
    for partial in &facts.partial {
        report.line(0, format!("not read wholly: {partial}"));
    }
    for note in &facts.state_file {
        report.line(0, note);
    }
    if let Some(how) = &facts.resumed {
        report.line(2, format!("state file: {how}"));
    }
    for known in &facts.not_reloaded {
        report.line(0, not_reloaded(known));
    }
}

/// One whitelist that Postgrey has not read.
pub fn not_reloaded(known: &super::super::facts::NotReloaded) -> String {
    let name = Clean::short(&known.host, NAME_LENGTH);
    format!(
        "Postgrey was not reloaded (or reads other whitelists): {} (changed {}) covers {name}, greylisted at {}, fix: systemctl kill -s HUP postgrey",
        known.file, known.changed, known.at
    )
}

fn big_senders(report: &mut Report, facts: &Facts, plan: &Plan) {
    for sender in facts.big() {
        let level = if counts(sender, plan) { 0 } else { 1 };
        report.line(level, evidence(sender));
    }
}

fn small_senders(report: &mut Report, facts: &Facts) {
    let is_small = |sender: &&SenderFacts| u64::from(sender.counts.tries) < facts.min_attempts;
    let small = facts.senders.iter().filter(is_small);
    for sender in small.clone().take(LISTED) {
        let why = format!("(fewer than {} tries)", facts.min_attempts);
        report.line(1, format!("{why} {}", evidence(sender)));
    }
    let count = small.count();
    if count > LISTED {
        report.line(1, format!("+{} more senders, see --report", count - LISTED));
    }
}

/// `whitelist sendgrid.net: a pool, and its mail comes back; 579 tries by 213 hosts in 97 networks, …`
fn evidence(sender: &SenderFacts) -> String {
    let name = Clean::short(&sender.name, NAME_LENGTH);
    format!(
        "{} {name}: {} - {}",
        sender.verdict.word(),
        sender.why,
        numbers(sender)
    )
}

/// The evidence on a sender in numbers.
pub fn numbers(sender: &SenderFacts) -> String {
    let counts = &sender.counts;
    let delay = match (counts.delay_median, counts.delay_worst) {
        (Some(median), Some(worst)) => {
            format!(" (delay median {}, worst {})", span(median), span(worst))
        }
        _ => String::new(),
    };
    format!(
        "{} ({} new) by {} in {}, {}: {} from several networks, {} passed{delay}, {} lost, {} pending",
        counted(counts.tries.into(), "try"),
        counts.new,
        counted(sender.hosts.into(), "host"),
        counted(sender.networks.into(), "network"),
        counted(counts.mails.into(), "mail"),
        counts.pool_mails,
        counts.passed,
        counts.lost,
        counts.pending,
    )
}

/// What was counted apart, one line each.
pub fn apart(facts: &Facts) -> Vec<String> {
    [
        ("set aside, whitelisted", "host", &facts.whitelisted),
        ("set aside, ignored", "host", &facts.ignored),
        ("without a name (unknown)", "client", &facts.unknown),
        ("name too short to group", "host", &facts.ungrouped),
    ]
    .into_iter()
    .filter(|(_, _, apart)| apart.hosts > 0)
    .map(|(what, noun, apart)| {
        format!(
            "{what}: {} by {}",
            counted(apart.tries, "try"),
            counted(apart.hosts, noun)
        )
    })
    .collect()
}

fn verbose(report: &mut Report, facts: &Facts) {
    for line in apart(facts) {
        report.line(1, line);
    }
    for list in &facts.whitelists {
        for odd in &list.odd {
            report.line(1, format!("{} {odd}", list.file));
        }
    }
}

fn rules(report: &mut Report, facts: &Facts, plan: &Plan) {
    report.line(2, format!("logs: {}", facts.logs.join(", ")));
    let time = |time: &Option<String>| time.clone().unwrap_or_else(|| String::from("none"));
    report.line(
        2,
        format!(
            "window: {}, judged as of {}; oldest line {}, newest {}",
            facts.window,
            facts.now,
            time(&facts.oldest),
            time(&facts.newest)
        ),
    );
    for list in &facts.whitelists {
        report.line(
            2,
            format!("whitelist {}: {} entries", list.file, list.entries),
        );
    }
    let passes: Vec<String> = facts
        .passes
        .iter()
        .map(|(why, count)| format!("{why} {count}"))
        .collect();
    report.line(2, format!("passed, by recipient: {}", passes.join(", ")));
    let which = if plan.alert_on == AlertOn::All {
        "all"
    } else {
        "those not to leave"
    };
    report.line(
        2,
        format!(
            "counted: senders with {} tries or more, {which}, grouped by {}",
            facts.min_attempts, facts.group_by
        ),
    );
    for (word, meaning) in words() {
        report.line(2, format!("\"{word}\" is {meaning}"));
    }
    for sender in facts.big() {
        let names: Vec<String> = sender
            .names
            .host_names
            .iter()
            .map(|name| Clean::short(name, NAME_LENGTH).to_string())
            .collect();
        report.line(
            3,
            format!(
                "hosts of {}: {}",
                Clean::short(&sender.name, NAME_LENGTH),
                names.join(", ")
            ),
        );
    }
}
