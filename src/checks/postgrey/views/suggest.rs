//! Lines for Postgrey's whitelist_clients.local.
//!
//! What stands outside comments is a whitelist entry, made of a validated host name only. A sender that a person should look at first
//! stands commented out, and so does what would cover dynamic lines, so that pasting the whole is safe.

use super::super::facts::{Facts, NotCovered, SenderFacts};
use super::super::options::SuggestForm;
use super::super::plan::Plan;
use super::check::{NAME_LENGTH, not_reloaded, numbers};
use crate::plugin::clean::Clean;
use crate::postgrey::suffix::{TooWide, is_host_name};
use crate::postgrey::verdict::Verdict;
use crate::words::counted;

/// Hosts that are named of those that the lines of a sender leave out.
const NAMED: usize = 5;

/// The file.
pub fn text(facts: &Facts, plan: &Plan) -> String {
    let mut lines = vec![String::from(
        "# For /etc/postgrey/whitelist_clients.local, by check_postgrey_whitelist",
    )];
    let senders: Vec<&SenderFacts> = facts
        .big()
        .filter(|sender| sender.verdict != Verdict::Leave)
        .collect();
    let missing = facts.partial.iter();
    lines.extend(missing.map(|partial| comment(format!("not read wholly: {partial}"))));
    lines.extend(facts.state_file.iter().cloned().map(comment));
    lines.extend(facts.doubts.iter().cloned().map(comment));
    lines.extend(facts.not_reloaded.iter().map(not_reloaded).map(comment));
    for sender in &senders {
        lines.push(String::new());
        lines.extend(entry(sender, plan.form));
    }
    if senders.is_empty() {
        lines.push(nothing(facts));
    } else {
        lines.push(String::new());
        lines.push(String::from("# Then: systemctl kill -s HUP postgrey"));
    }
    lines.join("\n") + "\n"
}

/// That nothing was seen is not said of what nobody could look at.
fn nothing(facts: &Facts) -> String {
    let sure = facts.partial.is_empty() && facts.doubts.is_empty();
    String::from(match sure {
        true => "# Nothing to suggest: no big sender is hurt by greylisting.",
        false => "# Nothing to suggest from what could be read.",
    })
}

fn entry(sender: &SenderFacts, form: SuggestForm) -> Vec<String> {
    let name = Clean::short(&sender.name, NAME_LENGTH);
    let mut lines = vec![
        comment(format!("{name}: {}", sender.why)),
        comment(numbers(sender)),
    ];
    lines.extend(safe(sender, form));
    lines.extend(too_wide(sender, form));
    if lines.len() == 2 {
        lines.push(comment(String::from(
            "no line: no two of its hosts share a suffix that belongs to it alone, whitelist them by name (-vvv) or by address",
        )));
    }
    lines.extend(sender.names.not_covered.as_ref().map(left_out));
    lines
}

/// The lines that cover nobody else.
fn safe(sender: &SenderFacts, form: SuggestForm) -> Vec<String> {
    let names = sender
        .names
        .suffixes
        .iter()
        .filter(|name| is_host_name(name));
    let mut lines: Vec<String> = names.map(|suffix| line(suffix, form)).collect();
    lines.extend(exact(sender).and_then(|host| alone(host, sender, form)));
    if sender.verdict == Verdict::Look && !lines.is_empty() {
        lines.iter_mut().for_each(|line| line.insert(0, '#'));
        let first = "look first - to whitelist it, take the # off:";
        lines.insert(0, comment(first.to_owned()));
    }
    lines
}

/// The only host.
fn exact(sender: &SenderFacts) -> Option<&str> {
    let host = sender.names.exact.as_deref();
    host.filter(|host| is_host_name(host))
}

/// A line for one host; by its name alone it covers all below it too, so there is none where these are dynamic lines.
fn alone(host: &str, sender: &SenderFacts, form: SuggestForm) -> Option<String> {
    match form {
        SuggestForm::Name if wide(sender).any(|wide| wide.suffix == host) => None,
        SuggestForm::Name => Some(host.to_owned()),
        SuggestForm::Regex => Some(format!("/^{}$/", escaped(host))),
    }
}

/// The names that cover an access provider's customers too.
fn wide(sender: &SenderFacts) -> impl Iterator<Item = &TooWide> {
    let known = &sender.names.too_wide;
    known.iter().filter(|wide| is_host_name(&wide.suffix))
}

/// The lines for these; a host that has a line of its own needs none.
fn too_wide(sender: &SenderFacts, form: SuggestForm) -> Vec<String> {
    let has_line =
        |wide: &TooWide| form == SuggestForm::Regex && exact(sender) == Some(wide.suffix.as_str());
    let lines = wide(sender).filter(|wide| !has_line(wide));
    let lines = lines.flat_map(|wide| [beside(wide), format!("#{}", line(&wide.suffix, form))]);
    lines.collect()
}

/// Whom else such a line covers.
fn beside(wide: &TooWide) -> String {
    let count = counted(wide.dynamic_hosts.into(), "host");
    let example = Clean::short(&wide.example, NAME_LENGTH);
    comment(format!(
        "covers {count} named like dynamic lines too, as {example} - to whitelist them as well, take the # off:"
    ))
}

/// Hosts that will still be greylisted.
fn left_out(hosts: &NotCovered) -> String {
    let name = |name: &String| Clean::short(name, NAME_LENGTH).to_string();
    let mut names: Vec<String> = hosts.names.iter().take(NAMED).map(name).collect();
    let more = (hosts.hosts as usize).saturating_sub(names.len());
    if more > 0 {
        names.push(format!("+{more} more"));
    }
    let count = counted(hosts.hosts.into(), "host");
    comment(format!(
        "left out, so still greylisted: {count}: {}",
        names.join(", ")
    ))
}

/// A whitelist line that covers `suffix` and all below it.
fn line(suffix: &str, form: SuggestForm) -> String {
    match form {
        SuggestForm::Name => suffix.to_owned(),
        SuggestForm::Regex => format!(r"/^(.*\.)?{}$/", escaped(suffix)),
    }
}

fn escaped(name: &str) -> String {
    name.replace('.', r"\.")
}

fn comment(text: String) -> String {
    format!("# {}", Clean::text(text))
}
