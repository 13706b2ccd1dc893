//! The journal: the heads of its files, and what journalctl exports of it.

use postmaster_plugins::log::export::{Lines, Syntax};
use postmaster_plugins::log::journal::files::JournalFile;
use postmaster_plugins::state::record::Record;
use std::collections::HashMap;
use std::io::{BufReader, Read as _};

/// The length of a file's head.
const HEAD: usize = 200;
/// A longer field is cut.
const FIELD: usize = 63 * 1024;

/// The head of a file: what it says fits together, is the same whatever follows, and is written as it is read.
pub fn file(data: &[u8]) {
    let found = JournalFile::of(data);
    if !data.starts_with(b"LPKSHHRH") || data.len() < HEAD {
        assert_eq!(found, None);
        return;
    }
    let file = found.unwrap();
    assert_eq!(JournalFile::of(&data[..HEAD]), Some(file));
    assert_eq!(JournalFile::of(&data[..HEAD - 1]), None);
    assert!(
        file.oldest
            .is_none_or(|oldest| oldest >= 0 && file.entries > 0)
    );
    assert!(
        file.newest
            .is_none_or(|newest| newest >= 0 && data[16] == 2)
    );
    let mut written = Vec::new();
    file.write(&mut written);
    let mut rest = written.as_slice();
    assert_eq!(<JournalFile as Record>::read(&mut rest), Some(file));
    assert!(rest.is_empty());
}

/// An export, read in pieces of the size that the first byte says: as many lines as entries with a time and a message, whatever the
/// pieces, and no control characters in a line.
pub fn export(data: &[u8]) {
    let (step, text) = data.split_first().unwrap_or((&0, &[]));
    let (lines, whole) = read(text, text.len());
    assert_eq!(read(text, usize::from(*step)), (lines.clone(), whole));
    let Some(text_of_lines) = lines.strip_suffix(b"\n") else {
        assert!(lines.is_empty());
        assert_eq!(messages(text), (Vec::new(), whole));
        return;
    };
    let (messages, ended) = messages(text);
    let lines: Vec<&[u8]> = text_of_lines.split(|b| *b == b'\n').collect();
    assert_eq!((lines.len(), whole), (messages.len(), ended));
    for (line, message) in lines.iter().zip(messages) {
        assert!(!line.iter().any(u8::is_ascii_control));
        assert!(line[0].is_ascii_digit() && line.ends_with(&message));
    }
}

/// The lines of an export, and whether it could be read to its end.
fn read(text: &[u8], step: usize) -> (Vec<u8>, bool) {
    let input = BufReader::with_capacity(step.max(1), text);
    let mut lines = Lines::new(input, Syntax::Export);
    let mut read = Vec::new();
    let whole = lines.read_to_end(&mut read).is_ok();
    (read, whole)
}

/// The fields of an entry; the first one of a name counts.
type Entry<'a> = HashMap<&'a [u8], &'a [u8]>;

/// The messages of the entries that make a line, found in another way than the reader does it, and whether none ends inside a length.
fn messages(mut rest: &[u8]) -> (Vec<Vec<u8>>, bool) {
    let mut messages = Vec::new();
    let mut entry = Entry::new();
    loop {
        let ended = rest.is_empty();
        let end = rest.iter().position(|b| *b == b'\n');
        let end = end.unwrap_or(rest.len());
        let field = &rest[..end.min(FIELD)];
        rest = rest.get(end + 1..).unwrap_or_default();
        if field.is_empty() {
            messages.extend(message(&entry));
            entry.clear();
            if ended {
                return (messages, true);
            }
            continue;
        }
        let (name, value) = match field.iter().position(|b| *b == b'=') {
            Some(at) => (&field[..at], &field[at + 1..]),
            None => {
                let Some((length, behind)) = rest.split_first_chunk() else {
                    return (messages, false);
                };
                let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
                let Some(value) = behind.get(..length.min(FIELD)) else {
                    return (messages, false);
                };
                rest = behind.get(length.saturating_add(1)..).unwrap_or_default();
                (field, value)
            }
        };
        if !value.is_empty() {
            entry.entry(name).or_insert(value);
        }
    }
}

/// The message of an entry that has a time, as a syslog daemon writes it.
fn message(entry: &Entry<'_>) -> Option<Vec<u8>> {
    let is_time = |name: &str| {
        let value = entry.get(name.as_bytes());
        let value = value.and_then(|value| std::str::from_utf8(value).ok());
        value.is_some_and(|value| value.parse::<u64>().is_ok())
    };
    let timed = is_time("_SOURCE_REALTIME_TIMESTAMP") || is_time("__REALTIME_TIMESTAMP");
    let message = entry.get("MESSAGE".as_bytes()).filter(|_| timed)?;
    let written = message
        .iter()
        .flat_map(|byte| match byte.is_ascii_control() {
            true => format!("#{}{}{}", byte >> 6, (byte >> 3) & 7, byte & 7).into_bytes(),
            false => vec![*byte],
        });
    Some(written.collect())
}
