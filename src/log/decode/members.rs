//! Files of gzip and bzip2: one or more members, with zero bytes behind the last one where a tape or a file system padded it. gzip(1) and
//! bzip2(1) ignore those too.

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, Read};

/// A decoder of one member.
pub(super) trait Member: Read {
    /// What it reads.
    type Input: BufRead;
    /// The member at the start of `input`.
    fn begin(input: Self::Input) -> Self;
    /// What stands behind it.
    fn rest(self) -> Self::Input;
}

impl<R: BufRead> Member for GzDecoder<R> {
    type Input = R;

    fn begin(input: R) -> Self {
        Self::new(input)
    }

    fn rest(self) -> R {
        self.into_inner()
    }
}

impl<R: BufRead> Member for BzDecoder<R> {
    type Input = R;

    fn begin(input: R) -> Self {
        Self::new(input)
    }

    fn rest(self) -> R {
        self.into_inner()
    }
}

/// Reads members.
pub(super) struct Members<M> {
    /// The member that is being read; `None` at the end of the input.
    member: Option<M>,
}

impl<M: Member> Members<M> {
    /// The members in `input`.
    pub(super) fn new(input: M::Input) -> Self {
        Self {
            member: Some(M::begin(input)),
        }
    }
}

impl<M: Member> Read for Members<M> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let length = member.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            self.member = match self.member.take().map(M::rest) {
                Some(input) => next(input)?.map(M::begin),
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
