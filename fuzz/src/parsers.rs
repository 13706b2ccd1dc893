//! Parsers: no input makes one panic, hang or give something that it would not read itself.

use super::dice::Dice;
use postmaster_plugins::checks::mailq::alarm::Alarm;
use postmaster_plugins::checks::mailq::known::Known;
use postmaster_plugins::checks::memory::threshold::{Bad, Threshold};
use postmaster_plugins::delivery::{exim, postfix};
use postmaster_plugins::host::time::{DAY, Micros, Span, Zone};
use postmaster_plugins::log::calendar::{self, Calendar, Position};
use postmaster_plugins::log::entry::Line;
use postmaster_plugins::log::stamp;
use postmaster_plugins::log::window::Reach;
use postmaster_plugins::mailq::calendar::Calendar as QueueCalendar;
use postmaster_plugins::mailq::listing::Listing;
use postmaster_plugins::mailq::main_cf;
use postmaster_plugins::mailq::message::Message;
use postmaster_plugins::memory::cgroup::{Choice, GroupPath};
use postmaster_plugins::memory::meminfo::Meminfo;
use postmaster_plugins::memory::pressure::Pressure;
use postmaster_plugins::memory::{keyed, quantity};
use postmaster_plugins::plugin::decimal::Decimal;
use postmaster_plugins::plugin::range::Range;
use postmaster_plugins::plugin::state::State;
use postmaster_plugins::postgrey::domain::{Grouping, registrable};
use postmaster_plugins::postgrey::event;
use postmaster_plugins::postgrey::whitelist::Whitelist;
use postmaster_plugins::reply::{Classifier, Memo, RuleSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::OnceLock;

/// 2026-11-23 00:00 UTC.
pub const NOW: Micros = 1_795_392_000_000_000;
const UTC: Zone = Zone::Fixed(0);

fn lossy(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// Times, also of lines that lack a year: forwards, and backwards from the end of a file.
pub fn stamp(data: &[u8]) {
    let mut stamps = Vec::new();
    let mut calendar = Calendar::new(UTC, Position::NotAfter(NOW));
    for line in data.split(|&b| b == b'\n') {
        let Some((stamp, _, rest)) = stamp::parse(line) else {
            continue;
        };
        assert!(line.ends_with(rest) && rest.len() < line.len());
        assert!(rest.is_empty() || rest[0] == b' ');
        calendar.resolve(stamp);
        stamps.push(stamp);
    }
    assert_eq!(calendar::backwards(UTC, &stamps, NOW).len(), stamps.len());
    calendar::backwards(Zone::Local, &stamps, NOW);
}

/// What stands behind the time, for every reader of log lines.
pub fn log_line(data: &[u8]) {
    for line in data.split(|&b| b == b'\n') {
        event::parse(line);
        event::is_postgrey(line);
        exim::event(line);
        let Some((_, form, rest)) = stamp::parse(line) else {
            continue;
        };
        if let Some(entry) = (Line { at: 0, form, rest }).entry() {
            assert!(entry.times >= 1);
            event::parse(entry.message);
            postfix::event(entry.tag, entry.message);
        }
        exim::event(rest);
    }
}

/// Whitelists: what they cover, and how a name becomes a sender.
pub fn whitelist(data: &[u8]) {
    let (text, name) = match data.iter().position(|&b| b == 0) {
        Some(end) => (&data[..end], lossy(&data[end + 1..]).to_lowercase()),
        None => (data, String::from("mx.partner.example")),
    };
    let list = Whitelist::parse(text);
    let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
    let covered = list.covers_name(Some(&name));
    assert_eq!(
        covered,
        list.covers_name(Some(&name)),
        "the second answer differs"
    );
    list.covers_address(address);
    assert!(list.oddities().iter().all(|odd| odd.line >= 1));
    for way in ["domain", "host", "strip:2"] {
        let grouping: Grouping = way.parse().unwrap();
        let sender = grouping.sender(&name);
        assert!(sender.is_none_or(|sender| name.ends_with(sender)));
    }
    registrable(&name);
}

/// Everything that a listing says, read in pieces of `step` bytes.
pub fn messages(data: &[u8], step: usize) -> (Vec<Message<'static>>, String) {
    let mut found = Vec::new();
    let mut listing = Listing::new(QueueCalendar::new(NOW, UTC));
    for piece in data.chunks(step.max(1)) {
        listing.push(piece, &mut |message| {
            found.push(message.clone().into_owned())
        });
    }
    let outcome = listing.finish(&mut |message| found.push(message.clone().into_owned()));
    (found, format!("{outcome:?}"))
}

/// Queue listings of every format: the size of the pieces they come in makes no difference.
pub fn listing(data: &[u8]) {
    let (step, text) = data.split_first().unwrap_or((&0, &[]));
    let whole = messages(text, usize::MAX);
    assert_eq!(whole, messages(text, usize::from(*step)));
}

fn classifier() -> &'static Classifier {
    Classifier::builtin().unwrap()
}

/// Replies, separated by NUL: one verdict whichever way it is asked for, and whatever was asked before.
pub fn reply(data: &[u8]) {
    let mut memo = Memo::new(classifier());
    memo.classify("host mx.example[192.0.2.1] said: 451 4.7.1 Greylisted, try again later");
    for reply in data.split(|&b| b == 0) {
        let reply = lossy(reply);
        // Its verdict is that of classify.
        let explained = classifier().explain(&reply);
        let verdict = explained.verdict;
        if let Some(first) = explained.matching.first() {
            assert_eq!(verdict.rule.as_ref(), Some(first));
        }
        assert_eq!(memo.classify(&reply), verdict);
        assert_eq!(memo.classify(&reply), verdict);
    }
}

/// The compiled-in rules, read once.
fn builtin_rules() -> &'static RuleSet {
    static BUILTIN: OnceLock<RuleSet> = OnceLock::new();
    BUILTIN.get_or_init(|| RuleSet::builtin().unwrap())
}

/// Rule files of admins, and a reply read with them.
pub fn rules(data: &[u8]) {
    match builtin_rules().read_own(&lossy(data), "rules.toml") {
        Ok(own) => {
            let reply = "host mx.example[192.0.2.1] said: 554 5.7.1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! blocked";
            let _ = Classifier::new(builtin_rules().clone().with(own)).classify(reply);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A main.cf: what is set last counts, what it refers to is put in, and values stay short however often they name each other.
pub fn main_cf(data: &[u8]) {
    let text = lossy(data);
    let resolved = |value: &str| {
        assert!(text.contains("$$") || !value.contains('$'), "{value}");
        assert!(value.len() <= 64 * 1024);
    };
    if let Some(file) = main_cf::maillog_file(&text) {
        assert!(file.path.starts_with('/') && !file.path.starts_with("/dev/"));
        resolved(&file.path);
        resolved(&file.rotate_suffix);
    }
    if let Some(name) = main_cf::syslog_name(&text) {
        resolved(&name);
    }
    let (directories, _) = main_cf::instance_directories(&text);
    for directory in &directories {
        assert!(directory.starts_with('/') && !directory.contains([',', ' ', '\t']));
        resolved(directory);
    }
    main_cf::is_enabled(&text);
    for name in ["maillog_file", "syslog_name", "d"] {
        let Some(value) = main_cf::raw(&text, name) else {
            continue;
        };
        assert!(value.trim() == value && !value.contains('\n'));
        let again = format!("{text}\n{name} = {value}\n");
        assert_eq!(main_cf::raw(&again, name), Some(value));
        let other = format!("{text}\n{name} = other\n");
        assert_eq!(main_cf::raw(&other, name).as_deref(), Some("other"));
    }
}

/// Files of known blocks.
pub fn known(data: &[u8]) {
    if let Err(why) = Known::parse(&lossy(data), UTC) {
        assert!(why.starts_with("line "), "{why}");
    }
}

/// Files of the kernel that are parsed by themselves.
pub fn memory_files(data: &[u8]) {
    if let Ok(meminfo) = Meminfo::parse(data) {
        assert!(meminfo.total > 0);
    }
    Pressure::parse(data);
    quantity::bytes(data);
    quantity::number(data);
    quantity::hundredths(data);
    keyed::value(data, "oom_kill");
    let text = lossy(data);
    if let Ok(path) = text.parse::<GroupPath>() {
        assert!(path.and_ancestors().count() >= 1);
    }
    let _ = text.parse::<Choice>();
}

/// Ranges and numbers: what is printed is read as the same.
pub fn range(data: &[u8]) {
    let text = lossy(data);
    if let Ok(number) = text.parse::<Decimal>() {
        assert_eq!(number.to_string().parse::<Decimal>(), Ok(number));
        assert_eq!(Decimal::default() - (Decimal::default() - number), number);
    }
    if let Ok(range) = text.parse::<Range>() {
        assert_eq!(range.to_string().parse::<Range>(), Ok(range));
        let ends = [range.start(), range.end()];
        assert!(
            ends.into_iter()
                .flatten()
                .all(|end| range.alerts(end) == range.inverted())
        );
    }
}

/// Thresholds of check_memory: they print as they were typed, and alarm at the side they are meant for.
pub fn threshold(data: &[u8]) {
    let mut dice = Dice::new(data);
    let total = u64::from_le_bytes([0; 8].map(|_: u8| dice.byte()));
    let text = lossy(dice.rest());
    let Ok(threshold) = text.parse::<Threshold>() else {
        return;
    };
    assert_eq!(
        threshold.to_string().parse::<Threshold>().as_ref(),
        Ok(&threshold)
    );
    for bad in [Bad::Low, Bad::High] {
        if let Ok(range) = threshold.range(bad, total) {
            assert_eq!(range.to_string().parse::<Range>(), Ok(range));
            let _ = threshold.passed_by(total.into(), range);
        }
    }
}

/// The small words of the command line.
pub fn words(data: &[u8]) {
    let text = lossy(data);
    if let Ok(span) = text.parse::<Span>() {
        assert!(span.0 >= 0 && span.0 < 1_000_000 * DAY, "{span}");
    }
    let _ = text.parse::<Reach>();
    let _ = text.parse::<Alarm>();
    let _ = text.parse::<State>();
    let _ = text.parse::<Grouping>();
}
