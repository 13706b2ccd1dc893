//! Time inside the plugins: microseconds since 1970 in UTC, calendar dates, spans such as `7d`, and the local zone.
//!
//! Calendar arithmetic is the proleptic Gregorian one (days counted from 1 March, so that leap days come last). chrono is asked
//! for one thing only: the offset of the local zone, from `TZ` or /etc/localtime.

use chrono::{FixedOffset, Local, LocalResult, NaiveDateTime, TimeZone};
use std::fmt;
use std::str::FromStr;

/// Microseconds since 1970-01-01 00:00:00 UTC, or a length of time in microseconds.
pub type Micros = i64;

/// One second in [`Micros`].
pub const SECOND: Micros = 1_000_000;
/// One minute in [`Micros`].
pub const MINUTE: Micros = 60 * SECOND;
/// One hour in [`Micros`].
pub const HOUR: Micros = 60 * MINUTE;
/// One day in [`Micros`].
pub const DAY: Micros = 24 * HOUR;

/// A date and time of day without a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// Year, 4 digits.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
    /// Microseconds since midnight.
    pub of_day: Micros,
}

impl Civil {
    /// The date and time if they exist in the calendar. A leap second (60) counts as the last second of its minute.
    pub fn new(year: i32, month: u8, day: u8, clock: (u8, u8, u8), micros: u32) -> Option<Self> {
        let (hour, minute, second) = clock;
        let valid = (1..=12).contains(&month)
            && day >= 1
            && day <= days_in_month(year, month)
            && hour < 24
            && minute < 60
            && second <= 60
            && micros < 1_000_000
            && (1..=9999).contains(&year);
        valid.then(|| Self {
            year,
            month,
            day,
            of_day: i64::from(hour) * HOUR
                + i64::from(minute) * MINUTE
                + i64::from(second.min(59)) * SECOND
                + i64::from(micros),
        })
    }

    /// Microseconds since 1970 as if the zone were UTC.
    pub fn as_utc(self) -> Micros {
        days_from_civil(self.year, self.month, self.day) * DAY + self.of_day
    }

    /// The calendar date of `at`, read as UTC.
    pub fn from_utc(at: Micros) -> Self {
        let (year, month, day) = civil_from_days(at.div_euclid(DAY));
        Self {
            year,
            month,
            day,
            of_day: at.rem_euclid(DAY),
        }
    }
}

impl fmt::Display for Civil {
    /// `2026-11-21 08:19:33`: without the fraction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.of_day / SECOND;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(
            f,
            "{:04}-{:02}-{:02} {hour:02}:{minute:02}:{second:02}",
            self.year, self.month, self.day
        )
    }
}

/// Whether `year` has a 29 February.
pub fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01.
fn days_from_civil(year: i32, month: u8, day: u8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i32, u8, u8) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    (year as i32, month as u8, day as u8)
}

/// Where a time without a zone belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// The zone of this machine.
    Local,
    /// A fixed offset east of UTC, in seconds.
    Fixed(i32),
}

impl Zone {
    /// The instant that a clock in this zone showed as `civil`. Where a clock was set back, the first of the two instants; a time
    /// that a clock skipped counts as if it had not been set forward.
    pub fn instant(self, civil: Civil) -> Micros {
        let as_utc = civil.as_utc();
        as_utc - self.offset_of_local(as_utc) * SECOND
    }

    /// What a clock in this zone shows at `at`.
    pub fn civil(self, at: Micros) -> Civil {
        let offset = match self {
            Zone::Fixed(seconds) => i64::from(seconds),
            Zone::Local => naive(at).map_or(0, |time| {
                i64::from(Local.offset_from_utc_datetime(&time).local_minus_utc())
            }),
        };
        Civil::from_utc(at + offset * SECOND)
    }

    /// Seconds east of UTC for a local time that is written as if it were UTC.
    fn offset_of_local(self, as_utc: Micros) -> i64 {
        match self {
            Zone::Fixed(seconds) => i64::from(seconds),
            Zone::Local => naive(as_utc).map_or(0, local_offset),
        }
    }
}

fn naive(at: Micros) -> Option<NaiveDateTime> {
    chrono::DateTime::from_timestamp_micros(at).map(|time| time.naive_utc())
}

fn local_offset(time: NaiveDateTime) -> i64 {
    let offset = match Local.offset_from_local_datetime(&time) {
        LocalResult::Single(offset) => offset,
        LocalResult::Ambiguous(one, other) => earlier(time, one, other),
        LocalResult::None => {
            let before = time - chrono::TimeDelta::days(1);
            let known = Local.offset_from_local_datetime(&before).earliest();
            known.unwrap_or_else(|| Local.offset_from_utc_datetime(&before))
        }
    };
    i64::from(offset.local_minus_utc())
}

/// The offset of the first of two instants: the larger one, if the clock really had it then; chrono calls the moment ambiguous, too, at which
/// the hour is over that came twice.
fn earlier(time: NaiveDateTime, one: FixedOffset, other: FixedOffset) -> FixedOffset {
    let (first, second) = match one.local_minus_utc() > other.local_minus_utc() {
        true => (one, other),
        false => (other, one),
    };
    let is_right =
        |offset: &FixedOffset| Local.offset_from_utc_datetime(&(time - *offset)) == *offset;
    Some(first).filter(is_right).unwrap_or(second)
}

/// A zone that remembers the offset of the quarter of an hour it was asked for last: log lines come in order, a look-up costs a microsecond.
#[derive(Debug, Clone)]
pub struct ZoneCache {
    zone: Zone,
    quarter: i64,
    offset: i64,
}

impl ZoneCache {
    /// A cache for `zone`, empty.
    pub fn new(zone: Zone) -> Self {
        Self {
            zone,
            quarter: i64::MIN,
            offset: 0,
        }
    }

    /// As [`Zone::instant`]. Zones change their offset at full quarters of an hour at the earliest.
    pub fn instant(&mut self, civil: Civil) -> Micros {
        let as_utc = civil.as_utc();
        let quarter = as_utc.div_euclid(15 * MINUTE);
        if quarter != self.quarter {
            self.offset = self.zone.offset_of_local(as_utc);
            self.quarter = quarter;
        }
        as_utc - self.offset * SECOND
    }
}

/// A length of time as people write it: `90s`, `30m`, `12h`, `7d`, `2w`. A number alone is none: nobody knows what it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Micros);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "'{text}' is not a length of time: write a number and s, m, h, d or w, as in 7d"
            )
        };
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &text[digits.len()..] {
            "s" => SECOND,
            "m" | "min" => MINUTE,
            "h" => HOUR,
            "d" => DAY,
            "w" => 7 * DAY,
            _ => return Err(wrong()),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let count: i64 = digits.parse().map_err(|_| wrong())?;
        match count.checked_mul(unit) {
            Some(length) if length > 0 && length <= 36_500 * DAY => Ok(Span(length)),
            Some(0) => Err(format!("'{text}' is no time at all: write at least 1s")),
            _ => Err(format!("'{text}' is longer than 100 years")),
        }
    }
}

impl fmt::Display for Span {
    /// The two largest units: `9h12m`, `4h05m`, `2d03h`, `45m`, `8s`; `7d` where the rest is zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.max(0) / SECOND;
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
        let (whole, unit, rest, smaller) = match (days, hours, minutes) {
            (0, 0, 0) => (seconds, "s", 0, ""),
            (0, 0, 1..10) => (minutes, "m", seconds % 60, "s"),
            (0, 0, _) => (minutes, "m", 0, ""),
            (0, _, _) => (hours, "h", minutes % 60, "m"),
            _ => (days, "d", hours % 24, "h"),
        };
        // Reports have one in each of ten thousand lines: the machinery of formats would take longer than all other cells.
        let mut digits = itoa::Buffer::new();
        f.write_str(digits.format(whole))?;
        f.write_str(unit)?;
        if rest == 0 {
            return Ok(());
        }
        f.write_str(if rest < 10 { "0" } else { "" })?;
        f.write_str(digits.format(rest))?;
        f.write_str(smaller)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_inverse() {
        for days in (-800_000..800_000).step_by(37) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        assert_eq!(days_from_civil(2026, 11, 21), 20_778);
        assert_eq!(civil_from_days(20_778), (2026, 11, 21));
    }

    #[test]
    fn dates_that_do_not_exist() {
        for (year, month, day, second) in [
            (2026, 2, 29, 0),
            (2026, 13, 1, 0),
            (2026, 0, 1, 0),
            (2026, 4, 31, 0),
            (2026, 1, 0, 0),
            (2026, 1, 1, 61),
        ] {
            assert_eq!(Civil::new(year, month, day, (0, 0, second), 0), None);
        }
        assert!(Civil::new(2028, 2, 29, (23, 59, 60), 0).is_some());
    }

    #[test]
    fn fixed_zones_shift() {
        let civil = Civil::new(2026, 11, 21, (9, 0, 0), 5).unwrap();
        let at = Zone::Fixed(3600).instant(civil);
        assert_eq!(Civil::from_utc(at).to_string(), "2026-11-21 08:00:00");
        assert_eq!(Zone::Fixed(3600).civil(at), civil);
        assert_eq!(ZoneCache::new(Zone::Fixed(3600)).instant(civil), at);
    }

    #[test]
    fn spans_parse_and_print() {
        for (text, seconds, printed) in [
            ("7d", 7 * 86_400, "7d"),
            ("90s", 90, "1m30s"),
            ("8s", 8, "8s"),
            ("45m", 2700, "45m"),
            ("245m", 14_700, "4h05m"),
            ("12h", 43_200, "12h"),
            ("27h", 97_200, "1d03h"),
            ("2w", 14 * 86_400, "14d"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.0, seconds * SECOND, "{text}");
            assert_eq!(span.to_string(), printed, "{text}");
        }
        for text in [
            "",
            "d",
            "7 d",
            "-7d",
            "7x",
            "7",
            "0s",
            "0d",
            "1e3",
            "99999999d",
            "7d3h",
        ] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
