//! xz files, one or more streams: lzma-rust2's decoder for buffers behind [`Read`].
//!
//! Its own reader wants whole LZMA2 chunks, up to 2 MiB of text, and so has nothing to say of a small file that was cut; fed by hand it gives
//! all that was unpacked until then.

use lzma_rust2::{Action, Status, XzStream};
use std::io::{self, BufRead, Read};

/// How much is unpacked at once: what is lost in front of a damaged place is less.
const STEP: usize = 4 * 1024;

/// Reads xz streams.
pub(super) struct Streams<R> {
    input: R,
    decoder: XzStream,
}

impl<R: BufRead> Streams<R> {
    /// The streams in `input`, none of which may need more than `memory` bytes to unpack.
    pub(super) fn new(input: R, memory: u32) -> Self {
        Self {
            input,
            decoder: XzStream::new_mem_limit(true, memory / 1024),
        }
    }
}

impl<R: BufRead> Read for Streams<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let step = buffer.len().min(STEP);
        loop {
            let packed = self.input.fill_buf()?;
            let action = match packed.is_empty() {
                true => Action::Finish,
                false => Action::Run,
            };
            let done = self.decoder.process(packed, &mut buffer[..step], action)?;
            self.input.consume(done.bytes_consumed);
            if done.bytes_produced > 0 || done.status == Status::StreamEnd {
                return Ok(done.bytes_produced);
            }
            if action == Action::Finish {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
        }
    }
}
