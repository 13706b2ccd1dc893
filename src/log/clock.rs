//! The times of one line after the other. Neighbours mostly share their minute: what stands in front of the seconds is compared
//! with the line before, and only the seconds are read.

use super::calendar::Calendar;
use super::stamp::{self, Form};
use crate::host::time::{Micros, SECOND};
use smallvec::SmallVec;

/// Reads times in the order of a log.
#[derive(Debug, Clone)]
pub struct Clock {
    calendar: Calendar,
    minute: Option<Minute>,
}

/// When a line was written, how it goes on, and the rest behind its time.
pub type Read<'a> = (Micros, Form, &'a [u8]);

/// The minute of the line before.
#[derive(Debug, Clone)]
struct Minute {
    /// Everything in front of the seconds: `2026-11-21T08:19:`
    head: SmallVec<[u8; 24]>,
    /// What stands behind the seconds and their fraction: `+00:00`
    tail: SmallVec<[u8; 8]>,
    start: Micros,
    form: Form,
}

impl Clock {
    /// A clock that finds what a time lacks in `calendar`.
    pub fn new(calendar: Calendar) -> Self {
        Self {
            calendar,
            minute: None,
        }
    }

    /// Whether the year of the first line was guessed.
    pub fn has_guessed(&self) -> bool {
        self.calendar.has_guessed()
    }

    /// The time of the next line; `None` where it begins with none.
    pub fn read<'a>(&mut self, line: &'a [u8]) -> Option<Read<'a>> {
        if let Some(found) = self.minute.as_ref().and_then(|minute| minute.read(line)) {
            self.calendar.follow(found.0);
            return Some(found);
        }
        let (stamp, form, rest) = stamp::parse(line)?;
        let at = self.calendar.resolve(stamp)?;
        self.minute = Minute::of(&line[..line.len() - rest.len()], form, at);
        Some((at, form, rest))
    }
}

impl Minute {
    /// The minute of a whole time; `None` where that has no seconds of their own (unix).
    fn of(text: &[u8], form: Form, at: Micros) -> Option<Self> {
        let is_clock = |window: &[u8]| window[0] == b':' && window[3] == b':';
        let colon = text.windows(4).position(is_clock)?;
        let (head, rest) = text.split_at_checked(colon + 4)?;
        let (seconds, tail) = seconds(rest)?;
        Some(Self {
            head: head.into(),
            tail: tail.into(),
            start: at - seconds,
            form,
        })
    }

    /// The time of a line of the same minute and form.
    fn read<'a>(&self, line: &'a [u8]) -> Option<Read<'a>> {
        let rest = line.strip_prefix(self.head.as_slice())?;
        let (seconds, rest) = seconds(rest)?;
        let rest = rest.strip_prefix(self.tail.as_slice())?;
        // Behind a blank an offset may stand, which the line before had not.
        let ends = match rest {
            [] => true,
            [b' ', next, ..] => !matches!(next, b'+' | b'-' | b'Z' | b'z'),
            _ => false,
        };
        ends.then_some((self.start + seconds, self.form, rest))
    }
}

/// `33` or `33.932733` at the start of `text`; a leap second is left to the calendar.
fn seconds(text: &[u8]) -> Option<(Micros, &[u8])> {
    let (whole, rest) = stamp::two_digits(text)?;
    let (micros, rest) = stamp::fraction(rest)?;
    (whole < 60).then(|| (i64::from(whole) * SECOND + i64::from(micros), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::time::{DAY, Zone};
    use crate::log::calendar::Position;
    use proptest::prelude::*;

    const NOW: Position = Position::NotAfter(1_795_249_200 * SECOND);

    /// What the slow way finds.
    fn slowly<'a>(calendar: &mut Calendar, line: &'a [u8]) -> Option<Read<'a>> {
        let (stamp, form, rest) = stamp::parse(line)?;
        Some((calendar.resolve(stamp)?, form, rest))
    }

    /// Reads lines both ways.
    fn both(name: &str, zone: Zone, lines: &[String]) {
        let mut calendar = Calendar::new(zone, NOW);
        let mut clock = Clock::new(calendar.clone());
        for line in lines {
            let line = line.as_bytes();
            let expected = slowly(&mut calendar, line);
            assert_eq!(clock.read(line), expected, "{name}: {lines:?}");
        }
    }

    #[test]
    fn neighbours() {
        for (name, first, second) in [
            (
                "offset appears",
                "2026-11-20 08:19:33 id",
                "2026-11-20 08:19:34 +0200 id",
            ),
            (
                "offset disappears",
                "2026-11-20 08:19:33 +0200 id",
                "2026-11-20 08:19:34 id",
            ),
            (
                "offset changes",
                "2026-11-20T08:19:33+00:00 h",
                "2026-11-20T08:19:33+01:00 h",
            ),
            (
                "offset grows",
                "2026-11-20T08:19:33+00 h",
                "2026-11-20T08:19:33+00:30 h",
            ),
            (
                "zone changes",
                "Fri 2026-11-20 08:19:33 UTC h",
                "Fri 2026-11-20 08:19:33 CET h",
            ),
            (
                "fraction appears",
                "Nov 20 08:19:33 h",
                "Nov 20 08:19:33.5 h",
            ),
            ("leap second", "Nov 20 23:59:59 h", "Nov 20 23:59:60 h"),
            (
                "leap second first",
                "Nov 20 23:59:60 h",
                "Nov 20 23:59:59 h",
            ),
            ("no second", "Nov 20 08:19:33 h", "Nov 20 08:19:3 h"),
            ("no blank", "Nov 20 08:19:33 h", "Nov 20 08:19:33x h"),
            ("nothing behind", "Nov 20 08:19:33 h", "Nov 20 08:19:34"),
            (
                "another form",
                "<21>1 2026-11-20T08:19:33Z h",
                "<21>2026-11-20T08:19:33Z h",
            ),
            ("unix", "1795247858.790946 h", "1795247858.80 h"),
            ("no time", "Nov 20 08:19:33 h", "x"),
        ] {
            let lines = [first, second, first].map(String::from);
            both(name, Zone::Fixed(3600), &lines);
        }
    }

    proptest! {
        #[test]
        fn the_quick_way_finds_what_the_slow_one_does(
            steps in proptest::collection::vec((-90i64..90, 0usize..6, any::<bool>()), 1..30),
            east in -12i32..12,
        ) {
            let mut at = 1_795_000_000 * SECOND - 300 * DAY;
            let lines: Vec<String> = steps.into_iter().map(|(seconds, form, fraction)| {
                at += seconds * SECOND;
                let civil = crate::host::time::Civil::from_utc(at).to_string();
                let (date, clock) = civil.split_once(' ').unwrap_or_default();
                let part = if fraction { ".25" } else { "" };
                match form {
                    0 => format!("{date}T{clock}{part}+00:00 h t: m"),
                    1 => format!("{date}T{clock}{part}Z h t: m"),
                    2 => format!("{date} {clock}{part} id m"),
                    3 => format!("Nov 20 {clock}{part} h t: m"),
                    4 => format!("Jan  1 {clock}{part} h t: m"),
                    _ => format!("<22>1 {date}T{clock}{part}Z h t: m"),
                }
            }).collect();
            both("made up", Zone::Fixed(east * 3600), &lines);
        }
    }
}
