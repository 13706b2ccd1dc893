//! Compressed logs, recognised by their first bytes, never by their name.
//!
//! All of it is Rust: gzip by zlib-rs, bzip2 by libbz2-rs, xz by lzma-rust2 (measured: 1.6 times liblzma's time), zstd by ruzstd (3 times
//! libzstd's time, still faster than gzip). Several members, streams and frames behind each other are one text. What was unpacked
//! before a cut or damaged place is handed out before the error is.

mod members;
mod xz;
mod zstd;

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use members::Members;
use std::io::{self, BufReader, Read};

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip, one or more members.
    Gzip,
    /// xz, one or more streams.
    Xz,
    /// Zstandard, one or more frames.
    Zstd,
    /// bzip2, one or more streams.
    Bzip2,
    /// A compression that is recognised but not read.
    Foreign(&'static str),
    /// Nothing is there, and by its name something should be: even an empty text packs to a few bytes.
    Lost,
}

/// First bytes, and what they mean.
const MAGIC: [(&[u8], Packing); 6] = [
    (b"\x1f\x8b", Packing::Gzip),
    (b"\xfd7zXZ\0", Packing::Xz),
    (b"\x28\xb5\x2f\xfd", Packing::Zstd),
    (b"BZh", Packing::Bzip2),
    (b"\x1f\x9d", Packing::Foreign("compress")),
    (b"\x04\x22\x4d\x18", Packing::Foreign("lz4")),
];
/// The end of the first four bytes of a zstd frame that holds no data; pzstd begins a file with one. The first byte is 0x50 to 0x5f.
const SKIPPABLE: &[u8] = b"\x2a\x4d\x18";

/// The most bytes that [`packing`] looks at.
pub const MAGIC_LENGTH: usize = 6;
/// No file may ask for more memory to unpack it: xz -9 needs 65 MiB, zstd's own limit is this.
const MEMORY: u32 = 128 * 1024 * 1024;
/// How much of a packed file is read at once.
const INPUT: usize = 64 * 1024;

/// The packing of a file that begins with `head`.
pub fn packing(head: &[u8]) -> Packing {
    if head.first().is_some_and(|first| first >> 4 == 5) && head[1..].starts_with(SKIPPABLE) {
        return Packing::Zstd;
    }
    MAGIC
        .iter()
        .find(|(magic, _)| head.starts_with(magic))
        .map_or(Packing::Plain, |(_, packing)| *packing)
}

/// A reader of the unpacked bytes.
///
/// # Errors
/// [`io::ErrorKind::Unsupported`] for a compression that is recognised but not read, [`io::ErrorKind::UnexpectedEof`] for
/// [`Packing::Lost`]. While it is read: what is wrong with the packed data,
/// in words.
pub fn reader(packing: Packing, packed: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let input = BufReader::with_capacity(INPUT, packed);
    Ok(match packing {
        Packing::Plain => input.into_inner(),
        Packing::Gzip => unpacked("gzip", Members::<GzDecoder<_>>::new(input)),
        Packing::Xz => unpacked("xz", xz::Streams::new(input, MEMORY)),
        Packing::Zstd => unpacked("zstd", zstd::Frames::new(input, MEMORY)),
        Packing::Bzip2 => unpacked("bzip2", Members::<BzDecoder<_>>::new(input)),
        Packing::Foreign(name) => {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("is packed with {name}, which is not read: unpack it and name the result"),
            ));
        }
        Packing::Lost => {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "is empty, which a packed file never is: cut, or still being written",
            ));
        }
    })
}

fn unpacked(name: &'static str, decoder: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(Unpacked { name, decoder })
}

/// Says in words what a decoder finds wrong.
struct Unpacked<R> {
    name: &'static str,
    decoder: R,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let name = self.name;
        self.decoder.read(buffer).map_err(|error| {
            let why = match error.kind() {
                // The disk's trouble, not the decoder's.
                _ if error.raw_os_error().is_some() => return error,
                io::ErrorKind::Interrupted => return error,
                io::ErrorKind::UnexpectedEof => {
                    format!("its {name} data ends too early: cut, or still being written")
                }
                io::ErrorKind::OutOfMemory => {
                    format!(
                        "its {name} data needs more than {} MiB to unpack",
                        MEMORY >> 20
                    )
                }
                _ => format!("its {name} data is damaged"),
            };
            io::Error::new(error.kind(), why)
        })
    }
}

#[cfg(test)]
mod tests;
