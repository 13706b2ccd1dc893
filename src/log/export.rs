//! The journal's entries as lines of a log: its export format, and its JSON (`journalctl -o json`, an object a line).
//!
//! An entry is a list of fields and ends with an empty line. A field is `NAME=value`, or, where the value is not plain text, `NAME`, a line
//! end, its length as 8 bytes (little endian), the value and a line end (systemd, "Journal Export Formats"; systemd 252). A field may come
//! in any order and twice; the first counts. In JSON a value is a string, a list of bytes where it is not plain text, `null` where it is
//! too long, or a list of values where the field comes twice. What a syslog daemon writes is made of it: time, host, tag, process id, message, with control
//! characters as `#012`, so that no message makes two lines.

use super::trail::{Last, Trail};
use crate::host::time::Micros;
use serde::de::Error as _;
use serde_json::{Map, Value};
use std::io::{self, BufRead, Read};

/// What an export begins with: every entry's first field.
const MAGIC: &[u8] = b"__CURSOR=";
/// How much of a text tells its syntax.
pub const MAGIC_LENGTH: usize = MAGIC.len();
/// Longer objects are none of journalctl's, which leaves out values of more than 4096 bytes.
const OBJECT_LIMIT: u64 = 1024 * 1024;

/// How entries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// `journalctl -o export`
    Export,
    /// `journalctl -o json`
    Json,
}

/// The syntax of entries that begin with `head`; `None` for a log.
pub fn syntax(head: &[u8]) -> Option<Syntax> {
    match head {
        [b'{', ..] => Some(Syntax::Json),
        _ if head.starts_with(MAGIC) => Some(Syntax::Export),
        _ => None,
    }
}

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

/// Reads the journal's entries as lines of a log.
pub struct Lines<R> {
    input: R,
    syntax: Syntax,
    entry: Entry,
    /// What is being read: the name of a field, `NAME=value`, or an object.
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
    pub fn new(input: R, syntax: Syntax) -> Self {
        Self {
            input,
            syntax,
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

    /// Reads all entries, and gives the time of the last one that has a time, whatever it says.
    ///
    /// # Errors
    /// Whatever reading says.
    pub fn last_time(&mut self) -> io::Result<Option<Micros>> {
        let (mut last, mut more) = (None, true);
        while more {
            more = self.next_entry()?;
            let at = self.entry.at().and_then(|at| Micros::try_from(at).ok());
            last = at.or(last);
        }
        Ok(last)
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
        if self.syntax == Syntax::Json {
            return self.next_object();
        }
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

    /// Reads an object, which is an entry; `false` at the end of the input.
    fn next_object(&mut self) -> io::Result<bool> {
        self.field.clear();
        let mut input = (&mut self.input).take(OBJECT_LIMIT);
        if input.read_until(b'\n', &mut self.field)? == 0 {
            return Ok(false);
        }
        if self.field.trim_ascii().is_empty() {
            return Ok(true);
        }
        let object: Map<String, Value> = serde_json::from_slice(&self.field).map_err(no_entry)?;
        for (name, value) in &object {
            self.entry.put(name.as_bytes(), &bytes(value));
        }
        match self.entry.at() {
            Some(_) => Ok(true),
            None => Err(no_entry(serde_json::Error::custom("no time"))),
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
        let read = (&mut self.input).take(kept).read_to_end(&mut value)?;
        if (read as u64) < kept {
            return Err(ended(io::ErrorKind::UnexpectedEof.into()));
        }
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

    /// The time when the program spoke, else when the journal heard it.
    fn at(&self) -> Option<u64> {
        let [_, source, received, ..] = &self.0;
        micros(source).or_else(|| micros(received))
    }

    /// `1795247858.790946 vm postgrey[27520]: message`; nothing where the entry has no time or no message.
    fn write(&self, line: &mut Vec<u8>) {
        let [_, _, _, host, identifier, command, said_pid, pid, message] = &self.0;
        let Some(at) = self.at() else {
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

/// The bytes of a value: of several the first ones.
fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.clone().into_bytes(),
        Value::Array(values) if values.iter().all(Value::is_number) => {
            let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
            values.iter().filter_map(byte).collect()
        }
        Value::Array(values) => values.first().map(bytes).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Where a line is no entry, or only the start of one.
fn no_entry(error: serde_json::Error) -> io::Error {
    const WHY: &str = "one of its lines is no whole entry of journalctl -o json";
    let kind = match error.is_eof() {
        true => io::ErrorKind::UnexpectedEof,
        false => io::ErrorKind::InvalidData,
    };
    io::Error::new(kind, WHY)
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
mod tests;
