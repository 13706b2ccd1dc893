//! Dates of listings. Postfix and Sendmail print local time without a year; the day of the week, where there is one, tells which
//! year can be meant, and no message comes from the future.

use crate::host::time::{Civil, DAY, Micros, Zone, ZoneCache};
use crate::host::yearless;

/// How far a clock may be ahead of the one that wrote the listing.
const AHEAD: Micros = DAY;
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// Turns a listing's dates into instants, with the time and zone of the run.
#[derive(Debug, Clone)]
pub struct Calendar {
    now: Micros,
    zone: ZoneCache,
}

/// A date without a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yearless {
    weekday: Option<u8>,
    civil: Civil,
}

impl Yearless {
    /// Reads `[Sat] Nov 21 07:48[:37]` from the beginning of `text`; also gives what follows.
    pub fn parse(text: &str) -> Option<(Self, &str)> {
        let (first, rest) = word(text)?;
        let weekday = weekday(first);
        let (month, rest) = match weekday {
            Some(_) => word(rest)?,
            None => (first, rest),
        };
        let (day, rest) = word(rest)?;
        let (clock, rest) = word(rest)?;
        let (month, day) = (yearless::month(month.as_bytes())?, number(day)?);
        let civil = Civil::new(yearless::SOME_YEAR, month, day, time_of_day(clock)?, 0)?;
        Some((Self { weekday, civil }, rest))
    }

    fn fits(self, civil: Civil) -> bool {
        // 1970-01-01 was a Thursday.
        let weekday = (civil.as_utc().div_euclid(DAY) + 4).rem_euclid(7);
        self.weekday.is_none_or(|named| i64::from(named) == weekday)
    }
}

impl Calendar {
    /// A calendar for listings read at `now` whose times are in `zone`.
    pub fn new(now: Micros, zone: Zone) -> Self {
        Self {
            now,
            zone: ZoneCache::new(zone),
        }
    }

    /// The latest instant, not later than tomorrow, that `date` can mean.
    pub fn instant(&mut self, date: Yearless) -> Option<Micros> {
        let mut latest = None;
        for (civil, at) in yearless::up_to(&mut self.zone, date.civil, self.now + AHEAD) {
            if date.fits(civil) {
                return Some(at);
            }
            latest.get_or_insert(at);
        }
        latest
    }

    /// The instant of `2026-11-21 08:15:01`; also what follows.
    pub fn full<'a>(&mut self, text: &'a str) -> Option<(Micros, &'a str)> {
        let (date, rest) = word(text)?;
        let (clock, rest) = word(rest)?;
        let mut parts = date.splitn(3, '-');
        let year = parts.next()?.parse().ok()?;
        let (month, day) = (number(parts.next()?)?, number(parts.next()?)?);
        let civil = Civil::new(year, month, day, time_of_day(clock)?, 0)?;
        Some((self.zone.instant(civil), rest))
    }
}

/// The first word and what follows the blanks behind it.
pub(super) fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    if text.is_empty() {
        return None;
    }
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    Some((&text[..end], text[end..].trim_start()))
}

/// Days behind Sunday.
fn weekday(name: &str) -> Option<u8> {
    let index = WEEKDAYS.iter().position(|known| *known == name)?;
    u8::try_from(index).ok()
}

fn number(digits: &str) -> Option<u8> {
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

fn time_of_day(text: &str) -> Option<(u8, u8, u8)> {
    let mut parts = text.split(':').map(number);
    let clock = (
        parts.next()??,
        parts.next()??,
        parts.next().unwrap_or(Some(0))?,
    );
    parts.next().is_none().then_some(clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(now: (i32, u8, u8), text: &str) -> Option<String> {
        let now = Civil::new(now.0, now.1, now.2, (12, 0, 0), 0).unwrap();
        let mut calendar = Calendar::new(now.as_utc(), Zone::Fixed(0));
        let (date, _) = Yearless::parse(text)?;
        calendar
            .instant(date)
            .map(|at| Civil::from_utc(at).to_string())
    }

    #[test]
    fn years_are_guessed_from_the_day_of_the_week_and_the_present() {
        for (name, now, text, expected) in [
            (
                "today",
                (2026, 11, 21),
                "Sat Nov 21 07:48:37 x",
                "2026-11-21 07:48:37",
            ),
            (
                "padded day",
                (2026, 11, 21),
                "Sun Nov  1 07:48:37",
                "2026-11-01 07:48:37",
            ),
            (
                "over new year",
                (2027, 1, 2),
                "Thu Dec 31 23:59:59",
                "2026-12-31 23:59:59",
            ),
            (
                "a clock ahead",
                (2026, 12, 31),
                "Fri Jan 1 00:10:00",
                "2027-01-01 00:10:00",
            ),
            (
                "a saved listing",
                (2026, 11, 21),
                "Thu Nov 21 07:48:37",
                "2024-11-21 07:48:37",
            ),
            (
                "leap day",
                (2026, 3, 1),
                "Thu Feb 29 01:00:00",
                "2024-02-29 01:00:00",
            ),
            (
                "no weekday",
                (2026, 11, 21),
                "Nov 22 07:48",
                "2026-11-22 07:48:00",
            ),
            (
                "no weekday, last year",
                (2026, 11, 21),
                "Nov 23 07:48",
                "2025-11-23 07:48:00",
            ),
        ] {
            assert_eq!(read(now, text).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "Sat",
            "Sat Nov",
            "Sat Nov 21",
            "Sat Nov 21 7",
            "Sat Nov 32 07:48:37",
            "Sam Nov 21 07:48:37",
            "Sat Nov 21 07:48:37:1",
            "Sat Nov 21 25:48:37",
            "Sat Nov +1 07:48:37",
            "Feb 30 07:48",
        ] {
            assert_eq!(read((2026, 11, 21), text), None, "{text}");
        }
    }
}
