//! Inputs that are read from their start to their end: packed files, the journal and its exports, pipes, devices, standard input.
//!
//! How they are packed is told by their first bytes. What cannot be read twice is kept as far as it is small, because a log without years
//! may have to be.

use super::calendar::{Bounds, Calendar, Position};
use super::decode::{self, MAGIC_LENGTH, Packing};
use super::export::{self, Lines};
use super::journal::Query;
use super::plain::Offset;
use super::stamp;
use crate::host::progress::{Counted, Progress};
use crate::host::time::{Micros, Zone};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileTypeExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// How much of a stream that cannot be read twice is kept, in case its years were guessed wrong.
const REMEMBER: usize = 1024 * 1024;

/// Something read from its start to its end.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    pub(super) input: Input,
    pub(super) bounds: Bounds,
}

#[derive(Debug, Clone)]
pub(super) enum Input {
    Packed(Arc<File>, Packing),
    Journal(Box<Query>),
    Device(PathBuf, Arc<Mutex<Memory>>),
    Stdin(Arc<Mutex<Memory>>),
}

/// What is kept of a stream that cannot be read twice.
#[derive(Debug, Default)]
pub(super) struct Memory {
    bytes: Vec<u8>,
    /// More came than is kept.
    overflowed: bool,
    /// The end was seen.
    ended: bool,
}

impl Memory {
    fn keep(&mut self, bytes: &[u8]) {
        self.ended = bytes.is_empty();
        self.overflowed |= self.bytes.len() + bytes.len() > REMEMBER;
        match self.overflowed {
            true => self.bytes = Vec::new(),
            false => self.bytes.extend_from_slice(bytes),
        }
    }

    /// The whole stream, where it is kept.
    fn whole(&self) -> Option<&[u8]> {
        (self.ended && !self.overflowed).then_some(&self.bytes)
    }
}

impl Stream {
    /// Bytes on the disk; 0 where that is not known.
    pub(super) fn length(&self) -> u64 {
        match &self.input {
            Input::Packed(file, _) => file.metadata().map_or(0, |meta| meta.len()),
            Input::Journal(_) | Input::Device(..) | Input::Stdin(_) => 0,
        }
    }

    pub(super) fn reader(&self, progress: &Progress) -> io::Result<Box<dyn Read + Send>> {
        let counted = |input: Box<dyn Read + Send>| Counted::new(input, progress.clone());
        match &self.input {
            Input::Packed(file, packing) => {
                let packed = counted(Box::new(Offset::new(Arc::clone(file), 0)));
                as_lines(decode::reader(*packing, Box::new(packed))?)
            }
            Input::Journal(query) => Ok(Box::new(counted(query.lines()?))),
            Input::Device(path, memory) => {
                let file = File::open(path)?;
                // A device may have nothing to say.
                let is_pipe = file.metadata()?.file_type().is_fifo();
                let input = Remembered::new(file, memory, is_pipe);
                unpacked(counted(Box::new(input)))
            }
            Input::Stdin(memory) => {
                let input = Remembered::new(io::stdin(), memory, true);
                unpacked(counted(Box::new(input)))
            }
        }
    }

    pub(super) fn again(&self, progress: &Progress) -> io::Result<Box<dyn Read + Send>> {
        let (Input::Stdin(memory) | Input::Device(_, memory)) = &self.input else {
            return self.reader(progress);
        };
        let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
        match memory.whole() {
            Some(bytes) => unpacked(io::Cursor::new(bytes.to_vec())),
            None => Err(io::Error::other(
                "its lines name no year and span more than one, name the files instead",
            )),
        }
    }

    /// The time of the first line, if it can be had: files are put in order by it.
    pub(super) fn first_line(&self, zone: Zone) -> Option<Micros> {
        let mut head = Vec::new();
        let mut reader = self.reader(&Progress::default()).ok()?.take(64 * 1024);
        // A damaged file is reported when it is read.
        let _ = reader.read_to_end(&mut head);
        let mut calendar = Calendar::new(zone, Position::NotAfter(self.bounds.first));
        head.split(|&b| b == b'\n')
            .find_map(|line| stamp::parse(line.trim_ascii_end()))
            .and_then(|(stamp, _, _)| calendar.resolve(stamp))
    }
}

/// A stream whose first bytes tell how it is packed.
fn unpacked(input: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let (head, input) = peek(input, MAGIC_LENGTH)?;
    as_lines(decode::reader(decode::packing(&head), input)?)
}

/// Unpacked text, which may be entries of the journal.
fn as_lines(text: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let (head, text) = peek(text, export::MAGIC_LENGTH)?;
    Ok(match export::syntax(&head) {
        Some(syntax) => Box::new(Lines::new(BufReader::with_capacity(1 << 16, text), syntax)),
        None => text,
    })
}

/// The first bytes of a stream, and the stream with them.
fn peek(
    mut input: impl Read + Send + 'static,
    length: usize,
) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut head = Vec::new();
    while head.len() < length {
        let mut byte = [0];
        match input.read(&mut byte) {
            Ok(0) => break,
            Ok(_) => head.push(byte[0]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((head.clone(), Box::new(io::Cursor::new(head).chain(input))))
}

/// Keeps a copy of what passes, as long as it is small.
struct Remembered<R> {
    input: R,
    memory: Arc<Mutex<Memory>>,
    /// Nothing at all is a failure: a command that failed writes nothing either.
    must_speak: bool,
}

impl<R> Remembered<R> {
    fn new(input: R, memory: &Arc<Mutex<Memory>>, must_speak: bool) -> Self {
        Self {
            input,
            memory: Arc::clone(memory),
            must_speak,
        }
    }
}

impl<R: Read> Read for Remembered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        if buffer.is_empty() {
            return Ok(0);
        }
        if count == 0 && self.must_speak {
            return Err(io::Error::other(
                "nothing came, did the command in front of the pipe fail?",
            ));
        }
        self.must_speak &= count == 0;
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.keep(&buffer[..count]);
        Ok(count)
    }
}
