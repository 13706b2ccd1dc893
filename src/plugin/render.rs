//! A report as the bytes that a monitoring core reads.
//!
//! Limits, as the cores were seen to have them: Nagios 4 sometimes cuts at 4096 bytes and loses the perfdata behind the cut;
//! perfdata on later lines is lost or mislabelled in Icinga, so all of it stands on the first line.

use super::clean::Clean;
use super::report::Report;

/// The whole output.
pub const OUTPUT_LIMIT: usize = 4096;
/// The first line with its perfdata, without the newline.
pub const FIRST_LINE_LIMIT: usize = 999;

/// The output in check mode: first line, then as many details as fit, then `+N more`. Ends in a newline.
pub fn check_output(name: &str, report: &Report, verbosity: u8) -> String {
    let mut output = first_line(name, report);
    output.push('\n');
    let details: Vec<&Clean> = report
        .details
        .iter()
        .filter(|(from, text)| *from <= verbosity && !text.as_str().is_empty())
        .map(|(_, text)| text)
        .collect();
    append_details(&mut output, &details);
    output
}

/// `NAME STATE - headline | perfdata`; the headline gives way, the perfdata never.
fn first_line(name: &str, report: &Report) -> String {
    let head = format!("{} {} - ", name.to_uppercase(), report.state);
    let metrics: Vec<String> = report.metrics.iter().map(ToString::to_string).collect();
    let tail = match metrics.is_empty() {
        true => String::new(),
        false => format!(" | {}", metrics.join(" ")),
    };
    let room = FIRST_LINE_LIMIT.saturating_sub(head.len() + tail.len());
    format!("{head}{}{tail}", report.headline.fit(room))
}

fn append_details(output: &mut String, details: &[&Clean]) {
    for (index, line) in details.iter().enumerate() {
        let left = details.len() - index - 1;
        // Room for the "+N more" that must follow unless this is the last line.
        let reserve = if left == 0 { 0 } else { more(left).len() + 1 };
        let text = line.fit(FIRST_LINE_LIMIT);
        if output.len() + text.len() + 1 + reserve > OUTPUT_LIMIT {
            output.push_str(&more(left + 1));
            output.push('\n');
            return;
        }
        output.push_str(&text);
        output.push('\n');
    }
}

fn more(count: usize) -> String {
    format!("+{count} more")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::metric::Metric;
    use crate::plugin::state::State;

    fn report(headline: &str) -> Report {
        let mut report = Report::new(State::Warning, headline);
        report.metrics = vec![Metric::count("a", 1), Metric::count("b", 2)];
        report
    }

    #[test]
    fn lines_by_verbosity() {
        let mut report = report("two things");
        report.line(0, "always");
        report.line(1, "only with -v");
        report.line(0, "");
        assert_eq!(
            check_output("check_x", &report, 0),
            "CHECK_X WARNING - two things | a=1;;;0 b=2;;;0\nalways\n"
        );
        assert_eq!(
            check_output("check_x", &report, 1),
            "CHECK_X WARNING - two things | a=1;;;0 b=2;;;0\nalways\nonly with -v\n"
        );
    }

    #[test]
    fn a_long_headline_gives_way_to_perfdata() {
        let output = check_output("check_x", &report(&"ä".repeat(2000)), 0);
        assert!(output.len() <= FIRST_LINE_LIMIT + 1);
        assert!(output.ends_with("ä… | a=1;;;0 b=2;;;0\n"), "{output}");
    }

    #[test]
    fn a_long_headline_fills_the_first_line() {
        let output = check_output("check_x", &report(&"x".repeat(2000)), 0);
        assert_eq!(output.len(), FIRST_LINE_LIMIT + 1);
    }

    /// A line is shown as long as it leaves room for the words that count the rest, to the byte.
    #[test]
    fn details_use_the_room_to_its_last_byte() {
        for length in 400..480 {
            let mut report = report("full");
            (0..3).for_each(|_| report.line(0, "x".repeat(990)));
            (0..2).for_each(|_| report.line(0, "y".repeat(length)));
            (0..12).for_each(|_| report.line(0, "z".repeat(50)));
            let output = check_output("check_x", &report, 0);
            let lengths: Vec<usize> = output.lines().map(|line| line.len() + 1).collect();
            let shown = lengths.len() - 2;
            let left = report.details.len() - shown;
            assert!(output.ends_with(&format!("\n+{left} more\n")), "{length}");
            let used: usize = lengths[..=shown].iter().sum();
            let next = report.details[shown].1.as_str().len() + 1;
            let words = format!("+{} more\n", left - 1).len();
            assert!(output.len() <= OUTPUT_LIMIT, "{length}");
            assert!(used + next + words > OUTPUT_LIMIT, "{length}: {used}");
        }
    }

    #[test]
    fn many_lines_end_in_plus_n_more() {
        let mut report = report("many");
        for n in 0..500 {
            report.line(0, format!("line {n} {}", "x".repeat(n % 90)));
        }
        let output = check_output("check_x", &report, 0);
        assert!(output.len() <= OUTPUT_LIMIT && output.len() > OUTPUT_LIMIT - 120);
        let shown = output.lines().count() - 2;
        assert_eq!(
            output.lines().last().unwrap(),
            format!("+{} more", 500 - shown)
        );
    }

    #[test]
    fn exactly_full_needs_no_more() {
        let mut report = report("full");
        let first = check_output("check_x", &report, 0).len();
        let room = OUTPUT_LIMIT - first;
        for _ in 0..room / 100 {
            report.line(0, "y".repeat(99));
        }
        report.line(0, "z".repeat(room % 100 - 1));
        let output = check_output("check_x", &report, 0);
        assert_eq!(output.len(), OUTPUT_LIMIT);
        assert!(!output.contains("more"));
    }
}
