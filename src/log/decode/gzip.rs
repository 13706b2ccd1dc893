//! gzip files, one or more members, with zero bytes behind the last one where a tape or a file system padded it: gzip(1) ignores those too.

use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, Read};

/// Reads gzip members.
pub(super) struct Members<R> {
    /// The member that is being read; `None` at the end of the input.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    /// The members in `input`.
    pub(super) fn new(input: R) -> Self {
        Self {
            member: Some(GzDecoder::new(input)),
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let length = member.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            self.member = match self.member.take().map(GzDecoder::into_inner) {
                Some(input) => next(input)?.map(GzDecoder::new),
                None => None,
            };
        }
        Ok(0)
    }
}

/// The input at its next member; `None` where it ends, or is padding up to its end.
fn next<R: BufRead>(mut input: R) -> io::Result<Option<R>> {
    let mut padded = false;
    loop {
        let bytes = input.fill_buf()?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        match (bytes.len(), zeros) {
            (0, _) => return Ok(None),
            (_, 0) if padded => return Err(io::Error::from(io::ErrorKind::InvalidData)),
            (_, 0) => return Ok(Some(input)),
            _ => input.consume(zeros),
        }
        padded = true;
    }
}
