//! The words of all views: one way to name a class, a time, a list of names.

use crate::checks::mailq::facts::{Cause, Counted, Facts};
use crate::host::time::{DAY, Micros, Zone};
use crate::reply::Class;
use crate::words::counted;

/// How a class is said in front of who refuses, and behind a number of messages.
struct Phrase {
    class: Class,
    by: &'static str,
    many: &'static str,
}

#[rustfmt::skip]
const PHRASES: [Phrase; 12] = [
    Phrase { class: Class::Blocklist,   by: "on",                          many: "on blocklists" },
    Phrase { class: Class::Reputation,  by: "bad reputation at",           many: "refused for bad reputation" },
    Phrase { class: Class::Unexplained, by: "turned away by",              many: "turned away without a reason" },
    Phrase { class: Class::Rdns,        by: "reverse DNS refused by",      many: "refused for reverse DNS" },
    Phrase { class: Class::Auth,        by: "SPF, DKIM or DMARC refused by", many: "refused for SPF, DKIM, DMARC or TLS" },
    Phrase { class: Class::Domain,      by: "our domain or a link refused by", many: "refused for a listed domain or link" },
    Phrase { class: Class::Content,     by: "content refused by",          many: "refused for their content" },
    Phrase { class: Class::Policy,      by: "policy of",                   many: "refused by a receiver's policy" },
    Phrase { class: Class::Receiver,    by: "fault of",                    many: "stopped by a receiver's fault" },
    Phrase { class: Class::Greylist,    by: "greylisted by",               many: "greylisted" },
    Phrase { class: Class::Rate,        by: "rate limited by",             many: "rate limited" },
    Phrase { class: Class::Other,       by: "other reasons at",            many: "for other reasons" },
];

fn phrase(class: Class) -> &'static Phrase {
    PHRASES
        .iter()
        .find(|row| row.class == class)
        .unwrap_or(&PHRASES[11])
}

/// `on`, `bad reputation at`, …
pub fn by(class: Class) -> &'static str {
    phrase(class).by
}

/// `greylisted`, `refused for reverse DNS`, …
pub fn many(class: Class) -> &'static str {
    phrase(class).many
}

/// `01:30` where it is less than a day ago, else with the date.
pub fn moment(at: Micros, now: Micros, zone: Zone) -> String {
    let text = zone.civil(at).to_string();
    let recent = (0..DAY).contains(&(now - at));
    let (from, to) = if recent { (11, 16) } else { (0, 16) };
    text.get(from..to).unwrap_or(&text).to_owned()
}

/// `gmx.net (20), web.de (11)`; the null sender is named.
pub fn names(list: &[Counted]) -> String {
    let shown: Vec<String> = list
        .iter()
        .map(|row| match row.name.as_str() {
            "" => format!("the null sender (backscatter?) ({})", row.count),
            name => format!("{name} ({})", row.count),
        })
        .collect();
    shown.join(", ")
}

/// Between `at least ` and nothing.
pub fn at_least(incomplete: bool) -> &'static str {
    if incomplete { "at least " } else { "" }
}

/// The causes of the classes that count.
pub fn counting(facts: &Facts) -> impl Iterator<Item = &Cause> {
    facts.causes.iter().filter(|cause| cause.counts)
}

/// The facts about one cause, a line each, without indentation: who refuses first.
pub fn block(cause: &Cause, now: Micros, zone: Zone) -> Vec<String> {
    let mut lines = vec![head(cause), times(cause, now, zone)];
    let ours = match cause.ours.is_empty() {
        true => String::from("our address: not named in the replies"),
        false => format!("our address: {}", names(&cause.ours)),
    };
    lines.push(ours);
    if !cause.senders.is_empty() {
        lines.push(format!("senders: {}", names(&cause.senders)));
    }
    if !cause.ids.is_empty() {
        lines.push(format!("queue ids: {}", cause.ids.join(", ")));
    }
    lines.push(format!("reply: {}", shorten(&cause.sample, 200)));
    let rule = cause.rule.as_deref().unwrap_or("none");
    lines.push(match &cause.ask {
        Some(ask) => format!("ask: {ask} (rule {rule})"),
        None => format!("ask: {} (rule {rule})", nobody_known(cause.class)),
    });
    lines
}

/// Where to begin when no table knows whom to ask: some causes are mended at home.
fn nobody_known(class: Class) -> &'static str {
    match class {
        Class::Rdns => "our own DNS first, the PTR record and the HELO name of our host",
        Class::Auth => "our own DNS first, SPF, DKIM and DMARC of the sender's domain",
        _ => "nobody known, try the receiver's postmaster",
    }
}

/// A server that was not the last to be tried names no recipient.
fn head(cause: &Cause) -> String {
    let mut head = format!(
        "{} [{}]: {}",
        cause.name,
        cause.class,
        counted(cause.messages, "message")
    );
    if cause.recipients > 0 {
        let recipients = counted(cause.recipients, "recipient");
        head.push_str(&format!(", {recipients} at {}", names(&cause.domains)));
    }
    head
}

fn times(cause: &Cause, now: Micros, zone: Zone) -> String {
    let (Some(first), Some(last)) = (cause.first, cause.last) else {
        return String::new();
    };
    let (first, last) = (moment(first, now, zone), moment(last, now, zone));
    let what = match cause.by_arrival {
        true => format!("arrived from {first} to {last}"),
        false => format!("refused from {first} to {last}"),
    };
    match cause.accepted_since {
        Some(count) => format!("{what}, accepted there since: {count}"),
        None => what,
    }
}

/// At most `limit` characters, `…` where some are missing.
pub fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(limit - 1).collect();
    short.push('…');
    short
}
