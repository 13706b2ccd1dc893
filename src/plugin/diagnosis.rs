//! `--diagnose`: what this user can and cannot read on this host, and the exact command that mends each. For people, so it may be
//! long; the state is UNKNOWN where something that the check needs stands in the way.

use super::clean::Clean;
use super::report::Report;
use super::state::State;
use crate::host::access::Identity;
use crate::host::probe::{Finding, Outcome};

/// The page and its report.
pub fn page(name: &str, identity: &Identity, findings: &[Finding]) -> (Report, String) {
    let mut lines = vec![who(name, identity)];
    lines.extend(findings.iter().map(line));
    let fixes = fixes(findings);
    if !fixes.is_empty() {
        lines.push(String::from("to do:"));
        lines.extend(fixes.iter().map(|fix| format!("  {fix}")));
    }
    let (state, headline) = judged(findings);
    lines.push(headline.clone());
    (Report::new(state, headline), lines.join("\n") + "\n")
}

fn who(name: &str, identity: &Identity) -> String {
    let (user, groups) = (identity.user(), identity.group_names().join(", "));
    let text = Clean::text(format!("{name} as user {user} (groups: {groups})"));
    text.as_str().to_owned()
}

fn line(finding: &Finding) -> String {
    let (word, why) = match &finding.outcome {
        Outcome::Works => ("ok", String::new()),
        Outcome::Absent => ("absent", String::from(", not needed")),
        Outcome::Fails(obstacle) => ("FAILS", format!(": {}", obstacle.what)),
    };
    let text = Clean::text(format!("{} ({}){why}", finding.subject, finding.purpose));
    format!("{word:<6} {text}")
}

/// What is to be done, each once, in the order it was met.
fn fixes(findings: &[Finding]) -> Vec<Clean> {
    let mut fixes: Vec<Clean> = Vec::new();
    for finding in findings {
        let Outcome::Fails(obstacle) = &finding.outcome else {
            continue;
        };
        let fix = obstacle.fix.as_ref().map(Clean::text);
        fixes.extend(fix.filter(|fix| !fixes.contains(fix)));
    }
    fixes
}

fn judged(findings: &[Finding]) -> (State, String) {
    let fails = |finding: &&Finding| matches!(finding.outcome, Outcome::Fails(_));
    match findings.iter().filter(fails).count() {
        0 => (State::Ok, String::from("nothing stands in the way")),
        1 => (State::Unknown, String::from("1 thing stands in the way")),
        count => (State::Unknown, format!("{count} things stand in the way")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::access::Obstacle;
    use std::path::Path;

    #[test]
    fn whole_pages() {
        let identity = Identity::current(Path::new("/nonexistent"));
        let denied = || Obstacle::with_fix("permission denied", "adduser nagios adm");
        let findings = [
            Finding::works("/var/log/mail.log", "the mail log"),
            Finding::new("/etc/x", "a whitelist", Outcome::Absent),
            Finding::fails("/var/log/mail.log.1", "a rotated log", denied()),
            Finding::fails("/var/log/a|b$c\u{1b}", "a rotated log", denied()),
        ];
        let (report, text) = page("check_x", &identity, &findings);
        assert_eq!(report.state, State::Unknown);
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "ok     /var/log/mail.log (the mail log)",
                "absent /etc/x (a whitelist), not needed",
                "FAILS  /var/log/mail.log.1 (a rotated log): permission denied",
                "FAILS  /var/log/a/b?c? (a rotated log): permission denied",
                "to do:",
                "  adduser nagios adm",
                "2 things stand in the way",
            ]
        );
        let (report, text) = page("check_x", &identity, &findings[..2]);
        assert_eq!(report.state, State::Ok);
        assert!(
            text.ends_with("not needed\nnothing stands in the way\n"),
            "{text}"
        );
    }
}
