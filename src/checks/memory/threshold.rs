//! Thresholds for memory: `-w 50%`, `-w 10%,2G`, `-w 2000000000`, `-w 10%:90%`.
//!
//! The original's grammar and more. A percentage or a size with a unit stands for the metric's bad direction: below it for free
//! memory, above it for used. A list of both alarms only where both are passed. Everything with a colon is a range of the
//! guidelines, and so is a bare number: bytes, alarm *above* it. Thresholds of pressure are the same with percentages only.

use super::bound::{Amount, Bound, each_is};
use crate::plugin::decimal::Decimal;
use crate::plugin::range::Range;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// Which way is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// Little is bad: free memory.
    Low,
    /// Much is bad: used memory.
    High,
}

/// A threshold that does not know yet of how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    text: String,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// A percentage, a size, or one of each.
    Simple(Vec<Bound>),
    /// A range of the guidelines; `None` is infinity.
    Range {
        inverted: bool,
        start: Option<Bound>,
        end: Option<Bound>,
    },
    /// A bare number, alarm above it.
    Bare(Bound),
}

/// How an end of a range is read.
type Read = fn(&str) -> Result<Bound, String>;

impl Threshold {
    /// A threshold of percentages, as of pressure: a number without the sign is one too.
    ///
    /// # Errors
    /// Where it is neither a percentage nor a range of percentages.
    pub fn of_shares(text: &str) -> Result<Self, String> {
        let form = match text.contains([':', '@', '~']) {
            true => range(text, Bound::share),
            false => Bound::share(text).map(|bound| Form::Simple(vec![bound])),
        };
        let text = text.to_owned();
        match form {
            Ok(form) => Ok(Self { text, form }),
            Err(why) => Err(format!(
                "{why}; write a percentage such as 10 or 2.5%, or a range of them"
            )),
        }
    }

    /// The alarm range in bytes of `total`.
    ///
    /// # Errors
    /// Where percentages and sizes are mixed so that the start lies above the end with this total.
    pub fn range(&self, bad: Bad, total: u64) -> Result<Range, String> {
        let bytes = |bound: &Bound| bound.of(total);
        match &self.form {
            Form::Bare(end) => Ok(Range::up_to(bytes(end))),
            Form::Simple(bounds) => {
                let all = bounds.iter().map(bytes);
                Ok(match bad {
                    Bad::Low => Range::at_least(all.min().unwrap_or_default()),
                    Bad::High => Range::up_to(all.max().unwrap_or_default()),
                })
            }
            Form::Range {
                inverted,
                start,
                end,
            } => Range::new(*inverted, start.as_ref().map(bytes), end.as_ref().map(bytes))
                .ok_or_else(|| {
                    format!("'{self}' is not a range here: its start lies above its end in a total of {total} bytes")
                }),
        }
    }

    /// Whether this is a bare number, which alarms above itself.
    pub fn is_bare(&self) -> bool {
        matches!(self.form, Form::Bare(_))
    }

    /// How `value`, which alarms, lies to the threshold: `below 60%`, `above 2000000000`, `inside @0:5G`.
    pub fn passed_by(&self, value: Decimal, range: Range) -> String {
        let bounds = match &self.form {
            Form::Simple(bounds) => {
                let texts: Vec<&str> = bounds.iter().map(|bound| &*bound.text).collect();
                [Some(texts.join(" and ")), Some(texts.join(" and "))]
            }
            Form::Bare(end) => [None, Some(end.text.clone())],
            Form::Range { inverted: true, .. } => return format!("inside {self}"),
            Form::Range { start, end, .. } => {
                [start, end].map(|bound| bound.as_ref().map(|bound| bound.text.clone()))
            }
        };
        let is_below = range.start().is_some_and(|start| value < start);
        match bounds {
            [Some(start), _] if is_below => format!("below {start}"),
            [_, Some(end)] if !is_below => format!("above {end}"),
            _ => format!("outside {self}"),
        }
    }

    /// Whether values would be critical before they are a warning: swapped or contradictory thresholds. Percentages are compared
    /// with percentages and sizes with sizes; which of two kinds is larger only the machine's memory can tell. Of
    /// pairs that holds where both parts are ordered alike.
    pub fn is_behind(&self, critical: &Threshold, bad: Bad) -> bool {
        let (warning_low, warning_high) = self.ends(bad);
        let (critical_low, critical_high) = critical.ends(bad);
        let lies = |low: Ordering, high: Ordering| {
            each_is(&critical_low, low, &warning_low)
                || each_is(&critical_high, high, &warning_high)
        };
        match (self.is_inverted(), critical.is_inverted()) {
            (false, false) => lies(Ordering::Greater, Ordering::Less),
            (true, true) => lies(Ordering::Less, Ordering::Greater),
            _ => false,
        }
    }

    fn is_inverted(&self) -> bool {
        matches!(self.form, Form::Range { inverted: true, .. })
    }

    /// The lower and the upper ends. The zero of a bare number is none: nothing is less.
    fn ends(&self, bad: Bad) -> (Vec<Amount>, Vec<Amount>) {
        let amounts = |bounds: &[Bound]| bounds.iter().map(|bound| bound.amount).collect();
        match (&self.form, bad) {
            (Form::Simple(bounds), Bad::Low) => (amounts(bounds), Vec::new()),
            (Form::Simple(bounds), Bad::High) => (Vec::new(), amounts(bounds)),
            (Form::Bare(end), _) => (Vec::new(), vec![end.amount]),
            (Form::Range { start, end, .. }, _) => {
                (amounts(start.as_slice()), amounts(end.as_slice()))
            }
        }
    }
}

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = if text.is_empty() {
            Err(String::from("it is empty"))
        } else if text.contains(',') {
            list(text)
        } else if text.contains([':', '@', '~']) {
            range(text, str::parse)
        } else {
            single(text)
        };
        let text = text.to_owned();
        match form {
            Ok(form) => Ok(Self { text, form }),
            Err(why) => Err(format!(
                "{why}; write 10%, 2G, 10%,2G or a range such as 2G: or 10%:90%"
            )),
        }
    }
}

impl fmt::Display for Threshold {
    /// As typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn single(text: &str) -> Result<Form, String> {
    let bound: Bound = text.parse()?;
    Ok(match bound.has_unit() {
        true => Form::Simple(vec![bound]),
        false => Form::Bare(bound),
    })
}

fn list(text: &str) -> Result<Form, String> {
    let bounds: Vec<Bound> = text.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let percentages = bounds.iter().filter(|bound| bound.is_percent()).count();
    if bounds.len() != 2 || percentages != 1 || !bounds.iter().all(Bound::has_unit) {
        return Err(String::from(
            "a list is one percentage and one size with its unit",
        ));
    }
    Ok(Form::Simple(bounds))
}

/// `[@]start:end`, as the guidelines have it.
fn range(text: &str, read: Read) -> Result<Form, String> {
    let (inverted, body) = match text.strip_prefix('@') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (start, end) = body.split_once(':').unwrap_or(("", body));
    if start.is_empty() && end.is_empty() {
        return Err(String::from("there is no number"));
    }
    let start = match start {
        "~" => None,
        "" => Some(read("0")?),
        bound => Some(read(bound)?),
    };
    let end = match end {
        "" => None,
        bound => Some(read(bound)?),
    };
    if let (Some(low), Some(high)) = (&start, &end)
        && each_is(&[low.amount], Ordering::Greater, &[high.amount])
    {
        return Err(String::from("the start lies above the end"));
    }
    Ok(Form::Range {
        inverted,
        start,
        end,
    })
}
