//! Zstandard files, one or more frames, with frames to be skipped between them (pzstd writes such). RFC 8878.
//!
//! ruzstd decodes one frame, and keeps back a window of text that later blocks may refer to, up to the whole file. Where a frame breaks off
//! an empty last block, made up here, lets the window go.

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, BufRead, Read};

/// An empty last block, and a checksum where the frame has one.
const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// Reads zstd frames.
pub(super) struct Frames<R> {
    input: R,
    decoder: FrameDecoder,
    inside: bool,
    /// What broke the frame off, until the text in front of it has been read.
    broken: Option<io::Error>,
}

impl<R: BufRead> Frames<R> {
    /// The frames in `input`, none of which may have a larger window than `memory` bytes.
    pub(super) fn new(input: R, memory: u32) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(u64::from(memory));
        Self {
            input,
            decoder,
            inside: false,
            broken: None,
        }
    }

    /// Begins the next frame; `false` at the end of the input.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.input.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.input) {
                Ok(()) => {
                    self.inside = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => self.skip(u64::from(length))?,
                Err(error) => return Err(self.reason(&error)),
            }
        }
        Ok(false)
    }

    fn skip(&mut self, length: u64) -> io::Result<()> {
        let skipped = io::copy(&mut (&mut self.input).take(length), &mut io::sink())?;
        match skipped == length {
            true => Ok(()),
            false => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        }
    }

    /// Decodes one more block, or ends the frame.
    fn go_on(&mut self) {
        if self.decoder.is_finished() {
            self.inside = false;
            let (stored, found) = (
                self.decoder.get_checksum_from_data(),
                self.decoder.get_calculated_checksum(),
            );
            let differs = stored.is_some() && stored != found;
            self.broken = differs.then(|| io::Error::from(io::ErrorKind::InvalidData));
            return;
        }
        let one = || BlockDecodingStrategy::UptoBlocks(1);
        if let Err(error) = self.decoder.decode_blocks(&mut self.input, one()) {
            self.broken = Some(self.reason(&error));
            self.inside = false;
            // Whatever it says, the error that counts is known.
            let _ = self.decoder.decode_blocks(&LAST_BLOCK[..], one());
        }
    }

    /// Whether the input ended, or what is in it is wrong.
    fn reason(&mut self, error: &FrameDecoderError) -> io::Error {
        let kind = match (error, self.input.fill_buf()) {
            (_, Err(error)) => return error,
            (FrameDecoderError::WindowSizeTooBig { .. }, _) => io::ErrorKind::OutOfMemory,
            (_, Ok([])) => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::from(kind)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.decoder.can_collect() > 0 {
                return self.decoder.read(buffer);
            }
            if let Some(error) = self.broken.take() {
                return Err(error);
            }
            if self.inside {
                self.go_on();
            } else if !self.begin()? {
                return Ok(0);
            }
        }
    }
}
