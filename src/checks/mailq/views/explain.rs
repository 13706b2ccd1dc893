//! `--explain TEXT`: how one reply is read, step by step.

use crate::plugin::clean::Clean;
use crate::reply::Explanation;
use std::net::IpAddr;

/// One fact a line.
pub fn page(explanation: &Explanation, counts: bool) -> String {
    let verdict = &explanation.verdict;
    let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| String::from("none"));
    let matching = match explanation.matching.is_empty() {
        true => String::from("none"),
        false => explanation.matching.join(", "),
    };
    let class = match (verdict.limit_hit, counts) {
        (true, _) => format!(
            "{} (not classified: a rule gave up at its step limit)",
            verdict.class
        ),
        (false, true) => format!("{} (counts)", verdict.class),
        (false, false) => format!("{} (does not count)", verdict.class),
    };
    let rows = [
        ("text", explanation.text.clone()),
        ("matching rules", matching),
        ("decided by", or_none(&verdict.rule)),
        ("class", class),
        ("server", or_none(&verdict.remote_host)),
        ("provider", or_none(&verdict.provider)),
        ("list", or_none(&verdict.list)),
        (
            "our address",
            or_none(&verdict.ours.map(|address: IpAddr| address.to_string())),
        ),
        ("ask", or_none(&verdict.ask)),
    ];
    rows.iter()
        .map(|(name, value)| format!("{name:<15} {}\n", Clean::text(value)))
        .collect()
}
