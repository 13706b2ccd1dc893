//! The time at the start of a log line, in all the forms that mail logs have, mixed in one file.
//!
//! | form | example | written by |
//! |---|---|---|
//! | traditional | `Nov 21 08:19:33`, `Nov  4 …`, `Nov 04 …`, `Nov 21 08:19:33.839916` | syslog, journalctl `short`, `short-precise` |
//! | traditional with a year | `Nov 21 2026 08:19:33` | appliances |
//! | RFC 3339 | `2026-11-21T08:19:33.932733+00:00`, `…Z`, `…+0000` | rsyslog (Debian 12), journalctl `short-iso` |
//! | plain | `2026-11-21 08:19:33`, an offset may follow | Exim |
//! | full | `Sat 2026-11-21 08:19:33 UTC` | journalctl `short-full`, `with-unit` |
//! | RFC 5424 | `<21>1 2026-11-21T08:19:33Z` | rsyslog's RSYSLOG_SyslogProtocol23Format |
//! | unix | `1795247858.790946` | journalctl `short-unix` |
//!
//! A `<134>` in front is skipped. A time without a zone is local.

use crate::host::time::{Civil, Micros, SECOND};
use crate::host::yearless;

/// A parsed time; what it lacks is found by [`super::calendar`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// A complete time.
    Instant(Micros),
    /// A date and time without a zone.
    Local(Civil),
    /// A date and time without a year and a zone. `civil` carries a leap year, so that 29 February exists.
    Yearless(Civil),
}

/// How the line goes on behind its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `host tag[pid]: message`
    Bsd,
    /// `host tag pid id [structured data] message`
    Rfc5424,
}

/// Hour, minute, second.
type Clock = (u8, u8, u8);

const WEEKDAYS: [&[u8; 4]; 7] = [
    b"Mon ", b"Tue ", b"Wed ", b"Thu ", b"Fri ", b"Sat ", b"Sun ",
];

/// The time that `line` begins with, how the line goes on, and the rest behind the time. `None` where it begins with none.
pub fn parse(line: &[u8]) -> Option<(Stamp, Form, &[u8])> {
    let (line, form) = priority(behind_rubbish(line));
    let (stamp, rest) = match line.first()? {
        b'0'..=b'9' => iso(line).or_else(|| unix(line))?,
        _ => traditional(line).or_else(|| full(line))?,
    };
    // A time ends where a blank begins: "08:19:33x" is none.
    (rest.is_empty() || rest[0] == b' ').then_some((stamp, form, rest))
}

/// Skips a byte order mark, and the NUL bytes that a crash or a truncated copy leaves in front of the next line.
fn behind_rubbish(line: &[u8]) -> &[u8] {
    match line.first() {
        Some(0) => {
            let end = line.iter().position(|&b| b != 0);
            &line[end.unwrap_or(line.len())..]
        }
        Some(0xef) => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line),
        _ => line,
    }
}

/// Skips `<134>`, and `<134>1 ` or `1 ` of RFC 5424.
fn priority(line: &[u8]) -> (&[u8], Form) {
    let mut rest = line;
    if line.first() == Some(&b'<') {
        let digits = line[1..]
            .iter()
            .take(4)
            .take_while(|b| b.is_ascii_digit())
            .count();
        if (1..=3).contains(&digits) && line.get(digits + 1) == Some(&b'>') {
            rest = &line[digits + 2..];
        }
    }
    match rest {
        [b'1', b' ', after @ ..] => (after, Form::Rfc5424),
        _ => (rest, Form::Bsd),
    }
}

/// `Nov 21 08:19:33`, with one or two blanks, a zero in front, a year or a fraction.
fn traditional(line: &[u8]) -> Option<(Stamp, &[u8])> {
    let name = line.get(..3)?;
    let month = yearless::month(name)?;
    let rest = blanks(&line[3..])?;
    let (day, rest) = number(rest, 1, 2)?;
    let rest = blanks(rest)?;
    let (year, rest) = match number(rest, 4, 4) {
        Some((year, after)) => (Some(year as i32), blanks(after)?),
        None => (None, rest),
    };
    let (clock, rest) = time_of_day(rest)?;
    let (micros, rest) = fraction(rest)?;
    let civil = Civil::new(
        year.unwrap_or(yearless::SOME_YEAR),
        month,
        day as u8,
        clock,
        micros,
    )?;
    let stamp = match year {
        Some(_) => Stamp::Local(civil),
        None => Stamp::Yearless(civil),
    };
    Some((stamp, rest))
}

/// `2026-11-21T08:19:33.932733+00:00` and its relatives. Most lines of most logs begin so: read by place.
fn iso(line: &[u8]) -> Option<(Stamp, &[u8])> {
    let (head, rest) = line.split_first_chunk::<11>()?;
    let separator = head[10];
    if head[4] != b'-' || head[7] != b'-' || !matches!(separator, b'T' | b't' | b' ') {
        return None;
    }
    let year = two(head[0], head[1])? * 100 + two(head[2], head[3])?;
    let (month, day) = (two(head[5], head[6])?, two(head[8], head[9])?);
    let (clock, rest) = time_of_day(rest)?;
    let (micros, rest) = fraction(rest)?;
    let civil = Civil::new(year as i32, month as u8, day as u8, clock, micros)?;
    let spaced = || {
        let behind = rest.strip_prefix(b" ").filter(|_| separator == b' ')?;
        // A host's name may begin with a z.
        offset(behind).filter(|(_, rest)| matches!(rest, [] | [b' ', ..]))
    };
    match offset(rest).or_else(spaced) {
        Some((seconds, rest)) => Some((Stamp::Instant(civil.as_utc() - seconds * SECOND), rest)),
        None => Some((Stamp::Local(civil), rest)),
    }
}

/// `Sat 2026-11-21 08:19:33 UTC`: the zone's name is the machine's own, unless it is UTC.
fn full(line: &[u8]) -> Option<(Stamp, &[u8])> {
    let weekday = line.get(..4)?;
    if !WEEKDAYS.iter().any(|known| known.as_slice() == weekday) {
        return None;
    }
    let (stamp, rest) = iso(&line[4..])?;
    let Stamp::Local(civil) = stamp else {
        return Some((stamp, rest));
    };
    let rest = rest.strip_prefix(b" ")?;
    let end = rest.iter().position(|&b| b == b' ').unwrap_or(rest.len());
    match &rest[..end] {
        b"UTC" | b"GMT" => Some((Stamp::Instant(civil.as_utc()), &rest[end..])),
        _ => Some((stamp, &rest[end..])),
    }
}

/// `1795247858.790946`: nine digits or more, and a fraction, so that a line that merely begins with a number is none.
fn unix(line: &[u8]) -> Option<(Stamp, &[u8])> {
    let digits = line
        .iter()
        .take(12)
        .take_while(|b| b.is_ascii_digit())
        .count();
    if !(9..=11).contains(&digits) || line.get(digits) != Some(&b'.') {
        return None;
    }
    let seconds = line[..digits]
        .iter()
        .fold(0_i64, |sum, b| sum * 10 + i64::from(b - b'0'));
    let (micros, rest) = fraction(&line[digits..])?;
    Some((Stamp::Instant(seconds * SECOND + i64::from(micros)), rest))
}

/// `08:19:33`
fn time_of_day(text: &[u8]) -> Option<(Clock, &[u8])> {
    let (clock, rest) = text.split_first_chunk::<8>()?;
    if clock[2] != b':' || clock[5] != b':' {
        return None;
    }
    let part = |at: usize| two(clock[at], clock[at + 1]).map(|number| number as u8);
    Some(((part(0)?, part(3)?, part(6)?), rest))
}

/// `.932733` or `,932`, or nothing; digits behind the sixth are dropped.
pub(super) fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let [b'.' | b',', rest @ ..] = text else {
        return Some((0, text));
    };
    if let Some(read) = six_digits(rest) {
        return Some(read);
    }
    let (mut micros, mut digits) = (0, 0);
    while let Some(digit) = rest.get(digits).filter(|byte| byte.is_ascii_digit()) {
        if digits < 6 {
            micros = micros * 10 + u32::from(digit - b'0');
        }
        digits += 1;
    }
    let missing = 6_u32.saturating_sub(digits as u32);
    (digits > 0).then(|| (micros * 10_u32.pow(missing), &rest[digits..]))
}

/// A fraction of six digits, as nearly all are.
fn six_digits(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_first_chunk::<6>()?;
    let ends = !rest.first().is_some_and(u8::is_ascii_digit);
    let number = digits.iter().fold(0_u32, |sum, b| {
        sum.wrapping_mul(10)
            .wrapping_add(u32::from(b.wrapping_sub(b'0')))
    });
    (ends && digits.iter().all(u8::is_ascii_digit)).then_some((number, rest))
}

/// `Z`, `+02:00`, `+0200`, `+02`, as seconds east of UTC.
fn offset(text: &[u8]) -> Option<(i64, &[u8])> {
    let sign = match text.first()? {
        b'Z' | b'z' => return Some((0, &text[1..])),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = two_digits(&text[1..])?;
    let (minutes, rest) = match rest.first() {
        Some(b':') => two_digits(&rest[1..])?,
        Some(b'0'..=b'9') => two_digits(rest)?,
        _ => (0, rest),
    };
    let valid = hours < 24 && minutes < 60;
    valid.then(|| {
        (
            sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60),
            rest,
        )
    })
}

/// Two digits, whatever follows.
pub(super) fn two_digits(text: &[u8]) -> Option<(u32, &[u8])> {
    let (&[tens, ones], rest) = text.split_first_chunk()?;
    Some((two(tens, ones)?, rest))
}

/// The number of two digits.
fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// At least one blank.
fn blanks(text: &[u8]) -> Option<&[u8]> {
    let count = text.iter().take(3).take_while(|&&b| b == b' ').count();
    (count > 0).then(|| &text[count..])
}

/// A number of `least` to `most` digits, no more digits behind it.
fn number(text: &[u8], least: usize, most: usize) -> Option<(u32, &[u8])> {
    let digits = text
        .iter()
        .take(most + 1)
        .take_while(|b| b.is_ascii_digit())
        .count();
    if digits < least || digits > most {
        return None;
    }
    let value = text[..digits]
        .iter()
        .fold(0, |sum, b| sum * 10 + u32::from(b - b'0'));
    Some((value, &text[digits..]))
}

#[cfg(test)]
mod tests;
