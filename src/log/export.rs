//! The journal's export format as lines of a log.
//!
//! An entry is a list of fields and ends with an empty line. A field is `NAME=value`, or, where the value is not plain text, `NAME`, a line
//! end, its length as 8 bytes (little endian), the value and a line end (systemd, "Journal Export Formats"; systemd 252). A field may come
//! in any order and twice; the first counts. What a syslog daemon writes is made of it: time, host, tag, process id, message, with control
//! characters as `#012`, so that no message makes two lines.

use super::trail::{Last, Trail};
use crate::host::time::Micros;
use std::io::{self, BufRead, Read};

/// What an export begins with: every entry's first field.
pub const MAGIC: &[u8] = b"__CURSOR=";

/// The fields that make a line, and what the entry is called, in the order of [`Entry`]'s values.
const FIELDS: [&[u8]; 9] = [
    b"__CURSOR",
    b"_SOURCE_REALTIME_TIMESTAMP",
    b"__REALTIME_TIMESTAMP",
    b"_HOSTNAME",
    b"SYSLOG_IDENTIFIER",
    b"_COMM",
    b"SYSLOG_PID",
    b"_PID",
    b"MESSAGE",
];
/// The names of the fields that make a line, for journalctl's `--output-fields`; those that begin with `__` are always there.
pub const WANTED: &str =
    "_SOURCE_REALTIME_TIMESTAMP,_HOSTNAME,SYSLOG_IDENTIFIER,_COMM,SYSLOG_PID,_PID,MESSAGE";
/// Longer values are cut, as longer lines of a log are.
const VALUE_LIMIT: usize = super::block::LINE_LIMIT - 1024;

/// Reads the entries of an export as lines of a log.
pub struct Lines<R> {
    input: R,
    entry: Entry,
    /// The field that is being read: its name, or `NAME=value`.
    field: Vec<u8>,
    line: Vec<u8>,
    given: usize,
    last: Option<Last>,
    trail: Trail,
}

/// The values of [`FIELDS`]; empty where a field is missing.
#[derive(Default)]
struct Entry([Vec<u8>; FIELDS.len()]);

impl<R: BufRead> Lines<R> {
    /// The lines of `input`.
    pub fn new(input: R) -> Self {
        Self {
            input,
            entry: Entry::default(),
            field: Vec::new(),
            line: Vec::new(),
            given: 0,
            last: None,
            trail: Trail::default(),
        }
    }

    /// The same lines, the last entry of which is noted in `trail`.
    pub fn noting(self, trail: Trail) -> Self {
        Self { trail, ..self }
    }

    /// Reads an entry that makes no line, and gives its cursor; `None` where there is none.
    ///
    /// # Errors
    /// Whatever reading says.
    pub fn skip_entry(&mut self) -> io::Result<Option<String>> {
        self.next_entry()?;
        Ok(self.last.as_ref().map(|last| last.cursor.clone()))
    }

    /// Makes the next line; `false` at the end.
    fn next_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        self.given = 0;
        let mut more = true;
        while more && self.line.is_empty() {
            more = self.next_entry()?;
            self.entry.write(&mut self.line);
        }
        Ok(!self.line.is_empty())
    }

    /// Reads an entry; `false` where the input ends behind it.
    fn next_entry(&mut self) -> io::Result<bool> {
        self.entry.clear();
        loop {
            let more = self.next_field()?;
            if self.field.is_empty() {
                self.entry.name(&mut self.last);
                if !more {
                    self.trail.note(self.last.as_ref());
                }
                return Ok(more);
            }
        }
    }

    /// Reads a field into the entry; [`Lines::field`] is empty at the end of the entry. `false` at the end of the input.
    fn next_field(&mut self) -> io::Result<bool> {
        self.field.clear();
        let limit = VALUE_LIMIT as u64;
        if (&mut self.input)
            .take(limit)
            .read_until(b'\n', &mut self.field)?
            == 0
        {
            return Ok(false);
        }
        match self.field.pop_if(|last| *last == b'\n') {
            Some(_) => {}
            None => drop(self.input.skip_until(b'\n')?),
        }
        match memchr::memchr(b'=', &self.field) {
            Some(at) => self.entry.put(&self.field[..at], &self.field[at + 1..]),
            None if self.field.is_empty() => {}
            None => self.binary()?,
        }
        Ok(true)
    }

    /// Reads the length and the value of the field whose name was read.
    fn binary(&mut self) -> io::Result<()> {
        let mut length = [0; 8];
        self.input.read_exact(&mut length).map_err(ended)?;
        let length = u64::from_le_bytes(length);
        let kept = length.min(VALUE_LIMIT as u64);
        let mut value = Vec::new();
        (&mut self.input).take(kept).read_to_end(&mut value)?;
        self.entry.put(&self.field, &value);
        let rest = (length - kept).saturating_add(1); // and the line end
        io::copy(&mut (&mut self.input).take(rest), &mut io::sink())?;
        Ok(())
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.line.len() && !self.next_line()? {
            return Ok(0);
        }
        let length = buffer.len().min(self.line.len() - self.given);
        buffer[..length].copy_from_slice(&self.line[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}

impl Entry {
    fn clear(&mut self) {
        self.0.iter_mut().for_each(Vec::clear);
    }

    fn put(&mut self, name: &[u8], value: &[u8]) {
        let place = FIELDS.iter().position(|field| *field == name);
        if let Some(place) = place.filter(|place| self.0[*place].is_empty()) {
            self.0[place].extend_from_slice(value);
        }
    }

    /// Says which entry it is, if it says so itself.
    fn name(&self, last: &mut Option<Last>) {
        let [cursor, _, heard, ..] = &self.0;
        let heard = micros(heard).and_then(|heard| Micros::try_from(heard).ok());
        let cursor = std::str::from_utf8(cursor)
            .ok()
            .filter(|cursor| !cursor.is_empty());
        if let (Some(cursor), Some(heard)) = (cursor, heard) {
            let last = last.get_or_insert_with(|| Last {
                cursor: String::new(),
                heard,
            });
            last.cursor.clear();
            last.cursor.push_str(cursor);
            last.heard = heard;
        }
    }

    /// `1795247858.790946 vm postgrey[27520]: message`; nothing where the entry has no time or no message.
    fn write(&self, line: &mut Vec<u8>) {
        let [
            _,
            source,
            received,
            host,
            identifier,
            command,
            said_pid,
            pid,
            message,
        ] = &self.0;
        // The time when the program spoke; the other one is when the journal heard it.
        let Some(at) = micros(source).or_else(|| micros(received)) else {
            return;
        };
        if message.is_empty() {
            return;
        }
        line.extend_from_slice(format!("{}.{:06}", at / 1_000_000, at % 1_000_000).as_bytes());
        word(line, b" ", host);
        word(line, b" ", first(identifier, command));
        if !first(said_pid, pid).is_empty() {
            word(line, b"[", first(said_pid, pid));
            line.push(b']');
        }
        line.extend_from_slice(b": ");
        text(line, message);
        line.push(b'\n');
    }
}

/// Where the input ends inside a field.
fn ended(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            io::Error::new(error.kind(), "its export ends too early, or is none")
        }
        _ => error,
    }
}

fn first<'a>(one: &'a [u8], other: &'a [u8]) -> &'a [u8] {
    if one.is_empty() { other } else { one }
}

fn micros(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// A part of the line's head, which no blank and no colon may end too early.
fn word(line: &mut Vec<u8>, before: &[u8], value: &[u8]) {
    if value.is_empty() {
        return;
    }
    line.extend_from_slice(before);
    let plain = |b: &u8| b.is_ascii_graphic() && !matches!(b, b':' | b'[' | b']');
    line.extend(value.iter().map(|b| if plain(b) { *b } else { b'_' }));
}

/// A message with its control characters as a syslog daemon writes them.
fn text(line: &mut Vec<u8>, message: &[u8]) {
    for &byte in message {
        match byte {
            0..0x20 | 0x7f => line.extend_from_slice(format!("#{byte:03o}").as_bytes()),
            _ => line.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(export: &[u8]) -> Result<String, String> {
        let mut text = Vec::new();
        match Lines::new(export).read_to_end(&mut text) {
            Ok(_) => Ok(String::from_utf8_lossy(&text).into_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    const TIME: &str = "__CURSOR=x\n__REALTIME_TIMESTAMP=1795247858790946\n";

    /// A field with a length.
    fn binary(name: &str, value: &[u8]) -> Vec<u8> {
        let length = (value.len() as u64).to_le_bytes();
        [name.as_bytes(), b"\n", &length, value, b"\n"].concat()
    }

    #[test]
    fn entries() {
        let tag = "_HOSTNAME=vm\nSYSLOG_IDENTIFIER=postgrey\nSYSLOG_PID=7\n";
        for (name, fields, line) in [
            (
                "whole",
                format!("{tag}MESSAGE=a=b: c\n"),
                "1795247858.790946 vm postgrey[7]: a=b: c\n",
            ),
            (
                "when it spoke",
                format!("{tag}MESSAGE=x\n_SOURCE_REALTIME_TIMESTAMP=1795247858000001\n"),
                "1795247858.000001 vm postgrey[7]: x\n",
            ),
            (
                "a time that is none",
                format!("{tag}MESSAGE=x\n_SOURCE_REALTIME_TIMESTAMP=yesterday\n"),
                "1795247858.790946 vm postgrey[7]: x\n",
            ),
            (
                "no host",
                String::from("SYSLOG_IDENTIFIER=postgrey\nMESSAGE=x\n"),
                "1795247858.790946 postgrey: x\n",
            ),
            (
                "no identifier",
                String::from("_COMM=postgrey\n_PID=8\nMESSAGE=x\n"),
                "1795247858.790946 postgrey[8]: x\n",
            ),
            (
                "the syslog id first",
                format!("_PID=8\n_COMM=perl\n{tag}MESSAGE=x\n"),
                "1795247858.790946 vm postgrey[7]: x\n",
            ),
            (
                "the first of two",
                format!("{tag}MESSAGE=x\nMESSAGE=y\n"),
                "1795247858.790946 vm postgrey[7]: x\n",
            ),
            (
                "a tag that ends early",
                String::from("SYSLOG_IDENTIFIER=a: postgrey[1]\nMESSAGE=x\n"),
                "1795247858.790946 a__postgrey_1_: x\n",
            ),
            ("no message", String::from(tag), ""),
        ] {
            assert_eq!(
                read(format!("{TIME}{fields}\n").as_bytes()),
                Ok(line.to_owned()),
                "{name}"
            );
        }
        assert_eq!(read(b"MESSAGE=no time\n\n"), Ok(String::new()));
    }

    #[test]
    fn values_with_a_length() {
        let message = binary(
            "MESSAGE",
            b"one\nNov 21 10:00:00 vm postgrey[1]: forged\n\0=\x80",
        );
        let other = binary("SYSLOG_RAW", b"\n\nMESSAGE=not this\n\n");
        let export = [
            TIME.as_bytes(),
            &other,
            b"_COMM=x\n",
            &message,
            b"\n",
            TIME.as_bytes(),
            b"MESSAGE=next\n\n",
        ]
        .concat();
        assert_eq!(
            read(&export).unwrap(),
            "1795247858.790946 x: one#012Nov 21 10:00:00 vm postgrey[1]: forged#012#000=\u{fffd}\n1795247858.790946: next\n"
        );
    }

    #[test]
    fn endless_values_are_cut_and_lengths_that_lie_end_the_input() {
        let long = vec![b'y'; 3 * VALUE_LIMIT];
        let text = [
            TIME.as_bytes(),
            b"MESSAGE=",
            &long,
            b"\n\n",
            TIME.as_bytes(),
            b"MESSAGE=next\n\n",
        ]
        .concat();
        let sized = [
            TIME.as_bytes(),
            &binary("MESSAGE", &long),
            b"\n",
            TIME.as_bytes(),
            b"MESSAGE=next\n\n",
        ]
        .concat();
        for export in [text, sized] {
            let lines = read(&export).unwrap();
            let lengths: Vec<usize> = lines.lines().map(str::len).collect();
            assert!(lengths[0] > VALUE_LIMIT / 2 && lengths[0] <= super::super::block::LINE_LIMIT);
            assert_eq!(lengths.len(), 2);
        }
        let lie = [
            TIME.as_bytes(),
            b"MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffabc\n\n",
        ]
        .concat();
        assert_eq!(
            read(&lie),
            Ok(String::from("1795247858.790946: abc#012#012\n"))
        );
        assert!(read(b"MESSAGE\n\x01").is_err());
    }

    #[test]
    fn a_real_export_says_what_journalctl_prints() {
        let export = include_bytes!("../../fixtures/journal/export.txt");
        let short = include_str!("../../fixtures/journal/short-iso.txt");
        let lines = read(export).unwrap();
        let message = |line: &str| line.split_once(' ').map(|(_, rest)| rest.to_owned());
        let lines: Vec<_> = lines.lines().map(message).collect();
        let printed: Vec<_> = short.lines().take(lines.len()).map(message).collect();
        assert!(lines.len() > 50);
        assert_eq!(lines, printed);
    }

    #[test]
    fn the_last_entry_is_noted_at_the_end() {
        let entry =
            |name: &str, rest: &str| format!("__CURSOR={name}\n__REALTIME_TIMESTAMP=17{rest}\n");
        let last = |cursor: &str| {
            Some(Last {
                cursor: cursor.to_owned(),
                heard: 17,
            })
        };
        let [one, two] = ["a", "b"].map(|name| entry(name, "\nMESSAGE=x\n"));
        for (name, export, skipped, expected) in [
            ("two", format!("{one}{two}"), Some("a"), last("b")),
            ("one", one.clone(), Some("a"), last("a")),
            (
                "no message",
                format!("{one}{}\n", entry("c", "")),
                Some("a"),
                last("c"),
            ),
            (
                "no end",
                format!("{one}{}", entry("c", "")),
                Some("a"),
                last("c"),
            ),
            ("none", String::new(), None, None),
            ("no cursor", format!("MESSAGE=x\n\n{one}"), None, last("a")),
        ] {
            let trail = Trail::default();
            let mut lines = Lines::new(export.as_bytes()).noting(trail.clone());
            assert_eq!(lines.skip_entry().unwrap().as_deref(), skipped, "{name}");
            io::copy(&mut lines, &mut io::sink()).unwrap();
            assert_eq!(trail.last(), expected, "{name}");
        }
        let trail = Trail::default();
        let mut lines = Lines::new(two.as_bytes()).noting(trail.clone());
        lines.read_exact(&mut [0; 3]).unwrap();
        assert_eq!(trail.last(), None, "not at the end");
    }

    proptest! {
        #[test]
        fn any_bytes(export in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'='), any::<u8>()], 0..300)) {
            let _ = read(&export);
        }
    }
}
