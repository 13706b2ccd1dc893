//! Threshold ranges, `[@]start:end`, as the guidelines and the 2026 draft write them.

use super::decimal::Decimal;
use std::fmt;
use std::str::FromStr;

/// A range of values; end points are inside. Alerts outside, or with `@` inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    inverted: bool,
    start: Option<Decimal>,
    end: Option<Decimal>,
}

impl Range {
    /// Alerts above `end` and below zero: the meaning of a bare number.
    pub fn up_to(end: Decimal) -> Self {
        Self {
            inverted: false,
            start: Some(Decimal::ZERO),
            end: Some(end),
        }
    }

    /// Alerts below `start`: the meaning of `start:`.
    pub fn at_least(start: Decimal) -> Self {
        Self {
            inverted: false,
            start: Some(start),
            end: None,
        }
    }

    /// The range from `start` to `end` (`None` is infinity), or `None` where start lies above end.
    pub fn new(inverted: bool, start: Option<Decimal>, end: Option<Decimal>) -> Option<Self> {
        let ordered = !matches!((start, end), (Some(start), Some(end)) if start > end);
        ordered.then_some(Self {
            inverted,
            start,
            end,
        })
    }

    /// Whether the range alerts inside (`@`).
    pub fn inverted(&self) -> bool {
        self.inverted
    }

    /// The lower end; `None` is minus infinity.
    pub fn start(&self) -> Option<Decimal> {
        self.start
    }

    /// The upper end; `None` is infinity.
    pub fn end(&self) -> Option<Decimal> {
        self.end
    }

    /// Whether `value` is an alert.
    pub fn alerts(&self, value: Decimal) -> bool {
        let below = self.start.is_some_and(|start| value < start);
        let above = self.end.is_some_and(|end| value > end);
        (below || above) != self.inverted
    }

    /// Whether a count that can only grow, and has reached `at_least`, alerts whatever comes.
    pub fn alerts_for_good(&self, at_least: Decimal) -> bool {
        !self.inverted && self.end.is_some_and(|end| at_least > end)
    }
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!("'{text}' is not a range: {why}; write 10, 10:, ~:10, 10:20 or @10:20")
        };
        let (inverted, body) = match text.strip_prefix('@') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let number = |part: &str| part.parse::<Decimal>().map_err(|why| wrong(&why));
        let (start, end) = match body.split_once(':') {
            _ if body.is_empty() => return Err(wrong("there is no number")),
            Some(("", "")) => return Err(wrong("there is no number")),
            None => (Some(Decimal::ZERO), Some(number(body)?)),
            Some(("~", "")) => (None, None),
            Some(("~", end)) => (None, Some(number(end)?)),
            Some(("", end)) => (Some(Decimal::ZERO), Some(number(end)?)),
            Some((start, "")) => (Some(number(start)?), None),
            Some((start, end)) => (Some(number(start)?), Some(number(end)?)),
        };
        Range::new(inverted, start, end).ok_or_else(|| wrong("its start lies above its end"))
    }
}

impl fmt::Display for Range {
    /// The shortest form: `0:10` is printed as `10`, because Icinga 2 drops every limit with a colon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.inverted {
            f.write_str("@")?;
        }
        match (self.start, self.end) {
            (None, None) => f.write_str("~:"),
            (None, Some(end)) => write!(f, "~:{end}"),
            (Some(start), None) => write!(f, "{start}:"),
            (Some(Decimal::ZERO), Some(end)) => write!(f, "{end}"),
            (Some(start), Some(end)) => write!(f, "{start}:{end}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(text: &str) -> Range {
        text.parse().unwrap()
    }

    #[test]
    fn what_alerts() {
        for (text, inside, outside) in [
            (
                "10",
                vec!["0", "10", "9.999999999"],
                vec!["-0.1", "10.000000001", "11"],
            ),
            (
                "10:",
                vec!["10", "11", "99999999999"],
                vec!["9.99", "-1", "0"],
            ),
            ("~:10", vec!["-99", "0", "10"], vec!["10.1"]),
            ("10:20", vec!["10", "15", "20"], vec!["9", "21"]),
            ("@10:20", vec!["9", "21"], vec!["10", "15", "20"]),
            ("@5", vec!["-1", "6"], vec!["0", "5"]),
            ("-10:-5", vec!["-10", "-5"], vec!["-4", "0", "-11"]),
            ("0:0", vec!["0"], vec!["1"]),
            (":7", vec!["0", "7"], vec!["8", "-1"]),
            ("~:", vec!["-1", "0", "5"], vec![]),
        ] {
            for value in inside {
                assert!(
                    !range(text).alerts(value.parse().unwrap()),
                    "{text} {value}"
                );
            }
            for value in outside {
                assert!(range(text).alerts(value.parse().unwrap()), "{text} {value}");
            }
        }
    }

    #[test]
    fn not_ranges() {
        for text in [
            "", ":", "@", "~", "@:", "20:10", "-5", "1,5", "1_000", "0x10", "inf", "nan:", "~:inf",
            "10:20:30", "10 ", "10:~", "@@1", "1e3", "5%",
        ] {
            assert!(text.parse::<Range>().is_err(), "{text}");
        }
    }

    #[test]
    fn errors_say_what_is_wrong() {
        for (text, why) in [
            ("", "there is no number"),
            ("@", "there is no number"),
            (":", "there is no number"),
            ("20:10", "its start lies above its end"),
            ("1:x", "'x' is not a plain decimal number"),
        ] {
            let forms = "write 10, 10:, ~:10, 10:20 or @10:20";
            let expected = format!("'{text}' is not a range: {why}; {forms}");
            assert_eq!(text.parse::<Range>(), Err(expected));
        }
    }

    #[test]
    fn ends() {
        for (text, start, end) in [
            ("5:10", Some(5_u64), Some(10_u64)),
            ("7", Some(0), Some(7)),
            ("4:", Some(4), None),
            ("~:3", None, Some(3)),
        ] {
            let (start, end) = (start.map(Decimal::from), end.map(Decimal::from));
            assert_eq!((range(text).start(), range(text).end()), (start, end));
        }
    }

    #[test]
    fn what_more_input_cannot_undo() {
        for (text, at_least, proven) in [
            ("10", 11_u64, true),
            ("10", 10, false),
            ("~:10", 11, true),
            ("5:10", 11, true),
            ("5:10", 3, false),
            ("10:", 3, false),
            ("@0:10", 5, false),
            ("@10:", 11, false),
        ] {
            assert_eq!(
                range(text).alerts_for_good(at_least.into()),
                proven,
                "{text} {at_least}"
            );
        }
    }

    #[test]
    fn shortest_form() {
        for (text, printed) in [
            ("0:10", "10"),
            (":10", "10"),
            ("10:", "10:"),
            ("@0:10", "@10"),
            ("~:", "~:"),
            ("1:2", "1:2"),
        ] {
            assert_eq!(range(text).to_string(), printed);
        }
    }

    proptest! {
        #[test]
        fn print_and_parse_round_trip(inverted: bool, a in -1_000_000i64..1_000_000, b in -1_000_000i64..1_000_000, cut in 0u8..4) {
            let number = |n: i64| Decimal::ratio(i128::from(n), 1000);
            let start = (cut & 1 == 0).then(|| number(a.min(b)));
            let end = (cut & 2 == 0).then(|| number(a.max(b)));
            let range = Range::new(inverted, start, end).unwrap();
            prop_assert_eq!(range.to_string().parse::<Range>(), Ok(range));
        }

        #[test]
        fn any_text_is_a_range_or_an_error(text in "\\PC*") {
            if let Ok(range) = text.parse::<Range>() {
                prop_assert_eq!(range.to_string().parse::<Range>(), Ok(range));
            }
        }
    }
}
