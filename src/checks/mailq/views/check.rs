//! The status line, perfdata and details. The first line is the ticket.

use super::words::{at_least, block, by, counting, many, moment};
use crate::checks::mailq::facts::{Cause, Facts};
use crate::checks::mailq::judge::Judgement;
use crate::checks::mailq::plan::Plan;
use crate::host::partial::Partial;
use crate::host::time::Zone;
use crate::plugin::metric::Metric;
use crate::plugin::report::Report;
use crate::plugin::state::State;
use crate::reply::Class;
use crate::words::{and_more, counted};

/// Entries of `--known` that met nothing and are named, and how much of each.
const UNMET: (usize, usize) = (10, 60);
/// Names that the first line gives of one class.
const NAMES: usize = 3;
/// From this many messages on, a class that does not count is worth a word on the first line.
const LARGE: u64 = 10;
/// Such classes: an admin can do something about them.
const WORTH_A_WORD: [Class; 4] = [Class::Auth, Class::Domain, Class::Content, Class::Policy];

/// The whole report.
pub fn report(
    facts: &Facts,
    partial: Vec<Partial>,
    judgement: &Judgement,
    plan: &Plan,
    zone: Zone,
) -> Report {
    let mut report = Report::new(judgement.state, headline(facts, judgement, plan, zone));
    report.metrics = metrics(facts, judgement, plan);
    details(&mut report, facts, &partial, plan, zone);
    report.partial = partial;
    report
}

fn headline(facts: &Facts, judgement: &Judgement, plan: &Plan, zone: Zone) -> String {
    let incomplete = judgement.incomplete.as_deref();
    let mut parts = vec![match (facts.refused, incomplete) {
        (0, Some(why)) => format!("cannot tell whether mail is refused: {why}"),
        (0, None) => quiet(facts),
        _ => alarm(facts, incomplete, plan, zone),
    }];
    parts.extend(large(facts, plan));
    parts.extend(facts.notes.iter().cloned());
    if plan.log.no_data != State::Ok {
        parts.extend(doubts(facts).first().cloned());
    }
    parts.join(", ")
}

/// `37 messages refused since 01:30: 203.0.113.7 on Spamhaus XBL (31), Microsoft S3150 (6)`
fn alarm(facts: &Facts, incomplete: Option<&str>, plan: &Plan, zone: Zone) -> String {
    let since = facts.since.map_or_else(String::new, |at| {
        format!(" since {}", moment(at, plan.now(), zone))
    });
    let messages = counted(facts.refused, "message");
    let why = incomplete.map_or_else(String::new, |why| format!(" (listing incomplete: {why})"));
    let causes = causes(facts);
    format!(
        "{}{messages} refused{since}: {causes}{why}",
        at_least(incomplete.is_some())
    )
}

/// One phrase a class, the largest class first.
fn causes(facts: &Facts) -> String {
    let mut classes: Vec<Class> = Vec::new();
    for cause in counting(facts) {
        if !classes.contains(&cause.class) {
            classes.push(cause.class);
        }
    }
    let phrases: Vec<String> = classes
        .into_iter()
        .map(|class| {
            phrase(
                class,
                &counting(facts)
                    .filter(|c| c.class == class)
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    phrases.join(", ")
}

fn phrase(class: Class, causes: &[&Cause]) -> String {
    let names: Vec<String> = causes
        .iter()
        .take(NAMES)
        .map(|cause| format!("{} ({})", cause.name, cause.messages))
        .collect();
    let more = match causes.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(", +{more} more"),
    };
    let subject = match class {
        Class::Blocklist => format!("{} ", ours(causes)),
        _ => String::new(),
    };
    format!("{subject}{} {}{more}", by(class), names.join(", "))
}

/// Our address, if the replies name one.
fn ours(causes: &[&Cause]) -> String {
    let mut addresses: Vec<&str> = causes
        .iter()
        .flat_map(|cause| cause.ours.iter().map(|row| row.name.as_str()))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    match addresses[..] {
        [] => String::from("our server"),
        [one] => one.to_owned(),
        [one, two] => format!("{one} and {two}"),
        _ => format!("{} addresses", addresses.len()),
    }
}

/// `no mail refused because of our server, 61 queued (9 greylisted, 4 rate limited)`
fn quiet(facts: &Facts) -> String {
    let innocent: Vec<String> = [Class::Greylist, Class::Rate]
        .into_iter()
        .map(|class| (facts.of_class(class), many(class)))
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    let mut text = format!(
        "no mail refused because of our server, {} queued",
        facts.waiting
    );
    if !innocent.is_empty() {
        text.push_str(&format!(" ({})", innocent.join(", ")));
    }
    for (count, words) in [
        (facts.held, "on hold"),
        (facts.set_aside_messages, "refused for known blocks"),
        (facts.delayed_delivered, "delayed, delivered"),
        (facts.not_classified, "replies not classified"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {words}"));
        }
    }
    text
}

/// Classes that do not count but are large.
fn large(facts: &Facts, plan: &Plan) -> Vec<String> {
    WORTH_A_WORD
        .into_iter()
        .filter(|class| !plan.alarm.has(*class) && facts.of_class(*class) >= LARGE)
        .map(|class| format!("{} {}", facts.of_class(class), many(class)))
        .collect()
}

/// Reasons to doubt that the log tells the whole.
fn doubts(facts: &Facts) -> &[String] {
    facts.log.as_ref().map_or(&[], |log| log.doubts.as_slice())
}

/// All perfdata; the labels are an interface. Where nothing is known of refusals, a zero would be a lie in the graph.
fn metrics(facts: &Facts, judgement: &Judgement, plan: &Plan) -> Vec<Metric> {
    let queue = [
        Metric::count("waiting", facts.waiting),
        Metric::count("held", facts.held),
    ];
    if judgement.incomplete.is_some() && facts.refused == 0 {
        let read = facts.listings.iter().any(|listing| listing.messages > 0);
        return queue.into_iter().filter(|_| read).collect();
    }
    let mut metrics = vec![
        Metric::count("refused", facts.refused).with_limits(plan.limits),
        Metric::count("refused_recipients", facts.refused_recipients),
        Metric::count("bounced", facts.bounced),
    ];
    metrics.extend(queue);
    metrics.push(Metric::seconds("oldest_refused", facts.oldest_refused));
    let classes = Class::ALL.into_iter();
    metrics.extend(classes.map(|class| Metric::count(label(class), facts.of_class(class))));
    metrics
}

fn label(class: Class) -> &'static str {
    match class {
        Class::Blocklist => "class_blocklist",
        Class::Reputation => "class_reputation",
        Class::Unexplained => "class_unexplained",
        Class::Rdns => "class_rdns",
        Class::Auth => "class_auth",
        Class::Domain => "class_domain",
        Class::Content => "class_content",
        Class::Policy => "class_policy",
        Class::Receiver => "class_receiver",
        Class::Greylist => "class_greylist",
        Class::Rate => "class_rate",
        Class::Other => "class_other",
    }
}

/// A block for each cause that counts; with -v for the others too, with -vv how it was computed.
fn details(report: &mut Report, facts: &Facts, partial: &[Partial], plan: &Plan, zone: Zone) {
    for cause in &facts.causes {
        let verbosity = u8::from(!cause.counts);
        for line in block(cause, plan.now(), zone) {
            report.line(verbosity, line);
        }
    }
    for (verbosity, line) in beside(facts, plan) {
        report.line(verbosity, line);
    }
    // The first one stands on the first line, if it is not an alarm with its own reason.
    let from = u8::from(report.state == State::Unknown);
    for (index, missing) in partial.iter().enumerate() {
        report.line(
            if index == 0 { from } else { 0 },
            format!("not read wholly: {missing}"),
        );
    }
    computed(report, facts, plan);
}

/// What does not count, and why not.
fn beside(facts: &Facts, plan: &Plan) -> Vec<(u8, String)> {
    let mut lines = Vec::new();
    for row in &facts.set_aside {
        let comment = row
            .comment
            .as_ref()
            .map_or_else(String::new, |text| format!(" ({text})"));
        lines.push((
            0,
            format!(
                "known: {}, {} set aside{comment}",
                row.name,
                counted(row.replies, "refusal")
            ),
        ));
    }
    for entry in plan.known.ended(plan.now()) {
        lines.push((
            0,
            format!("no longer known: the entry {} has ended", entry.name),
        ));
    }
    if facts.refused > 0 && facts.delayed_delivered > 0 {
        lines.push((
            0,
            format!(
                "{} delayed, delivered",
                counted(facts.delayed_delivered, "message")
            ),
        ));
    }
    if facts.held > 0 {
        let held = counted(facts.held, "message");
        lines.push((
            0,
            format!(
                "{held} on hold, {} with such a reason, not counted",
                facts.held_refused
            ),
        ));
    }
    if facts.not_classified > 0 {
        let rules = facts.gave_up.join(", ");
        lines.push((
            0,
            format!(
                "{} not classified: step limit of rule {rules}",
                counted(facts.not_classified, "reply")
            ),
        ));
    }
    lines
}

/// Entries of `--known` that set nothing aside: the name may be misspelt, or not the one that the plugin prints.
fn unmet(facts: &Facts, plan: &Plan) -> Option<String> {
    let met = |name: &str| facts.set_aside.iter().any(|row| row.name == name);
    let mut unmet = plan.known.in_force(plan.now()).filter(|e| !met(&e.name));
    let (names, letters) = UNMET;
    let shown: Vec<String> = unmet
        .by_ref()
        .take(names)
        .map(|entry| entry.name.chars().take(letters).collect())
        .collect();
    let more = and_more(unmet.count());
    (!shown.is_empty()).then(|| format!("known, but not met: {}{more}", shown.join(", ")))
}

/// What was read, and by which rules it counts.
fn computed(report: &mut Report, facts: &Facts, plan: &Plan) {
    for doubt in doubts(facts) {
        report.line(1, doubt);
    }
    for listing in &facts.listings {
        let format = listing
            .format
            .map_or_else(|| String::from("no output, so empty"), |f| f.to_string());
        report.line(
            2,
            format!(
                "queue: {} ({format}), {}",
                listing.name,
                counted(listing.messages, "message")
            ),
        );
    }
    match &facts.log {
        Some(log) => report.line(
            2,
            format!("log: {}, window {}", log.names.join(", "), log.window),
        ),
        None => report.line(
            2,
            "log: not read, so refusals for good (5xx) are not seen; see --log",
        ),
    }
    report.line(2, format!("classes that count: {}", plan.alarm.names()));
    if let Some(line) = unmet(facts, plan) {
        report.line(2, line);
    }
    for row in facts.classes.iter().filter(|row| row.messages > 0) {
        report.line(
            2,
            format!("class {}: {}", row.class, counted(row.messages, "message")),
        );
    }
}
