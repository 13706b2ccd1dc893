//! What stands behind a backslash and means bytes, outside and inside of brackets.

use super::Fault;
use super::cursor::{Cursor, number};
use super::set::ByteSet;

/// `\d` and its kind. Perl's blanks `\h` `\v` hold the no-break space and the next line, whatever the locale.
const SETS: [(u8, &[(u8, u8)]); 6] = [
    (b'd', &[(b'0', b'9')]),
    (b'w', WORD),
    (b's', &[(b'\t', b'\r'), (b' ', b' ')]),
    (b'h', &[(b'\t', b'\t'), (b' ', b' '), (0xA0, 0xA0)]),
    (b'v', VERTICAL),
    (b'n', &[(b'\n', b'\n')]),
];
pub(super) const WORD: &[(u8, u8)] = &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')];
pub(super) const VERTICAL: &[(u8, u8)] = &[(b'\n', b'\r'), (0x85, 0x85)];

/// The set that `\letter` stands for; the capital letter is the complement.
pub(super) fn set(letter: u8) -> Option<ByteSet> {
    let lower = letter.to_ascii_lowercase();
    let (_, ranges) = SETS.iter().find(|(name, _)| *name == lower)?;
    let set = ByteSet::of(ranges);
    Some(if letter == lower {
        set
    } else {
        set.complement()
    })
}

/// The byte that `\letter` stands for; `letter` was taken. A letter without a meaning stands for itself.
pub(super) fn byte(letter: u8, cursor: &mut Cursor<'_>) -> Result<u8, Fault> {
    match letter {
        b'a' => Ok(0x07),
        b'e' => Ok(0x1B),
        b'f' => Ok(0x0C),
        b'r' => Ok(b'\r'),
        b't' => Ok(b'\t'),
        b'c' => control(cursor),
        b'x' => hexadecimal(cursor),
        b'o' => braced_octal(cursor),
        b'0'..=b'7' => octal(letter, cursor),
        b'N' => code_point(cursor),
        b'p' | b'P' => Err(Fault::Foreign),
        b'C' => Err(Fault::Refused),
        other => Ok(other),
    }
}

fn octal(first: u8, cursor: &mut Cursor<'_>) -> Result<u8, Fault> {
    let more = cursor.take_while(2, |b| matches!(b, b'0'..=b'7'));
    let digits: Vec<u8> = std::iter::once(first).chain(more.iter().copied()).collect();
    single(number(&digits, 8)?)
}

fn braced_octal(cursor: &mut Cursor<'_>) -> Result<u8, Fault> {
    if !cursor.take("{") {
        return Err(Fault::Refused);
    }
    single(number(unsigned(cursor.until(b'}')?)?, 8)?)
}

fn hexadecimal(cursor: &mut Cursor<'_>) -> Result<u8, Fault> {
    let digits = match cursor.take("{") {
        true => cursor.until(b'}')?,
        false => cursor.take_while(2, |b| b.is_ascii_hexdigit()),
    };
    match digits {
        [] => Ok(0),
        digits => single(number(unsigned(digits)?, 16)?),
    }
}

/// `\N{U+41}`.
fn code_point(cursor: &mut Cursor<'_>) -> Result<u8, Fault> {
    if !cursor.take("{U+") {
        return Err(Fault::Foreign);
    }
    let value = number(unsigned(cursor.until(b'}')?)?, 16)?;
    // Beyond ASCII such a character makes Perl match by Unicode's rules.
    u8::try_from(value)
        .ok()
        .filter(u8::is_ascii)
        .ok_or(Fault::Foreign)
}

fn control(cursor: &mut Cursor<'_>) -> Result<u8, Fault> {
    match cursor.next() {
        Some(b'\\') => Err(Fault::Foreign),
        Some(byte) if byte != b'{' && (b' '..=b'~').contains(&byte) => {
            Ok(byte.to_ascii_uppercase() ^ 0x40)
        }
        _ => Err(Fault::Refused),
    }
}

/// Digits only: the standard library would take a sign.
fn unsigned(digits: &[u8]) -> Result<&[u8], Fault> {
    let plain = digits.iter().all(u8::is_ascii_hexdigit);
    plain.then_some(digits).ok_or(Fault::Foreign)
}

/// A character that is one byte in Postgrey's eyes.
fn single(value: u32) -> Result<u8, Fault> {
    u8::try_from(value).map_err(|_| Fault::Foreign)
}
