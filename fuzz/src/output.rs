//! What is printed: whatever a report holds, the output keeps the rules of the conform example and its perfdata parses back.

use super::dice::Dice;
use super::perfdata;
use super::rules::{self, Case, Kind, Said};
use postmaster_plugins::checks::mailq::MailqBlacklist;
use postmaster_plugins::checks::memory::Memory;
use postmaster_plugins::checks::postgrey::PostgreyWhitelist;
use postmaster_plugins::host::env::Host;
use postmaster_plugins::host::time::Zone;
use postmaster_plugins::plugin::clean::Clean;
use postmaster_plugins::plugin::decimal::Decimal;
use postmaster_plugins::plugin::edge;
use postmaster_plugins::plugin::limits::Limits;
use postmaster_plugins::plugin::metric::{Metric, Unit};
use postmaster_plugins::plugin::range::Range;
use postmaster_plugins::plugin::render;
use postmaster_plugins::plugin::report::Report;
use postmaster_plugins::plugin::state::State;
use std::path::PathBuf;

/// An output as the rules want it, written at once.
pub fn said(out: &str, state: State) -> Said {
    Said {
        code: Some(state.exit_code().into()),
        out: out.as_bytes().to_vec(),
        writes: 1,
        ..Said::default()
    }
}

/// Panics where a rule is broken.
pub fn keeps_the_rules(kind: Kind, out: &str, state: State) {
    let said = said(out, state);
    let case = Case {
        kind,
        said: &said,
        expected: Some(state.exit_code().into()),
    };
    let broken = rules::broken(&case);
    assert!(broken.is_empty(), "{broken:?}\n{out}");
}

/// Foreign text.
pub fn clean(data: &[u8]) {
    let clean = Clean::bytes(data);
    let text = clean.as_str();
    assert!(!text.contains(|c: char| "|;$<>&\\\n".contains(c) || rules::drives_terminals(c)));
    assert_eq!(&Clean::text(text), &clean);
    let limit = usize::from(data.first().copied().unwrap_or_default());
    assert!(clean.fit(limit).len() <= limit);
    let short = Clean::short(&String::from_utf8_lossy(data), limit);
    assert!(short.as_str().chars().count() <= limit.max(1));
}

const LABELS: [&str; 4] = ["senders", "class_greylisting", "free", "delay_worst"];
const UNITS: [Unit; 4] = [Unit::None, Unit::Seconds, Unit::Bytes, Unit::Percent];
const STATES: [State; 4] = [State::Ok, State::Warning, State::Unknown, State::Critical];

fn number(dice: &mut Dice<'_>) -> Decimal {
    let numerator = i128::from(i64::from_le_bytes([0; 8].map(|_: u8| dice.byte())));
    Decimal::ratio(numerator, dice.pick(&[1, 3, 1000]))
}

fn range(dice: &mut Dice<'_>) -> Option<Range> {
    let (shape, one, other) = (dice.byte(), number(dice), number(dice));
    let start = (shape & 1 == 0).then(|| one.min(other));
    let end = (shape & 2 == 0).then(|| one.max(other));
    Range::new(shape & 4 != 0, start, end).filter(|_| shape & 8 == 0)
}

fn metric(label: &'static str, dice: &mut Dice<'_>) -> Metric {
    let limits = Limits {
        warning: range(dice),
        critical: range(dice),
    };
    let metric = Metric::new(label, number(dice), dice.pick(&UNITS)).with_limits(limits);
    match dice.byte() & 1 {
        0 => metric,
        _ => metric.with_max(number(dice)),
    }
}

/// Any report: the output keeps the rules and the perfdata parses back to the same numbers.
pub fn report(data: &[u8]) {
    let mut dice = Dice::new(data);
    let verbosity = dice.byte() % 4;
    let mut report = Report::new(dice.pick(&STATES), dice.text());
    let count = dice.below(LABELS.len() + 1);
    report.metrics = LABELS[..count]
        .iter()
        .map(|label| metric(label, &mut dice))
        .collect();
    while !dice.is_empty() && report.details.len() < 300 {
        report.line(dice.byte() % 4, dice.text());
    }
    let out = render::check_output("check_x", &report, verbosity);
    keeps_the_rules(Kind::Good, &out, report.state);
    let parsed = perfdata::parse(rules::perfdata_of(&out)).unwrap();
    assert_eq!(parsed.len(), report.metrics.len());
    for (parsed, metric) in parsed.iter().zip(&report.metrics) {
        let range = |range: Option<Range>| range.map_or_else(String::new, |r| r.to_string());
        let end = |end: Option<Decimal>| end.map_or_else(String::new, |e| e.to_string());
        assert_eq!(
            (parsed.label.as_str(), parsed.unit.as_str()),
            (metric.label, metric.unit.symbol())
        );
        assert_eq!(parsed.value.parse(), Ok(metric.value));
        let limits = [
            range(metric.limits.warning),
            range(metric.limits.critical),
            end(metric.min),
            end(metric.max),
        ];
        assert_eq!(parsed.limits, limits, "{out}");
    }
}

/// Any wrong command line: one line, UNKNOWN.
pub fn arguments(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    // No call with both can be right, so nothing is read.
    let mut words = vec!["--report", "--format", "json"];
    words.extend(text.split('\0'));
    let host = Host {
        root: PathBuf::from("/nonexistent"),
        now: super::parsers::NOW,
        zone: Zone::Fixed(0),
        terminal: false,
    };
    for (out, state) in [
        edge::rehearse::<PostgreyWhitelist>(&words, &host),
        edge::rehearse::<MailqBlacklist>(&words, &host),
        edge::rehearse::<Memory>(&words, &host),
    ] {
        let kind = match out.contains("\n\nUsage: ") || out.starts_with("check_") {
            true => Kind::Help,
            false => Kind::Bad,
        };
        keeps_the_rules(kind, &out, state);
    }
}
