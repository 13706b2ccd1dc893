//! Compressed logs, recognised by their first bytes, never by their name.

use flate2::read::MultiGzDecoder;
use std::io::{self, BufReader, Read};

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip, one or more members.
    Gzip,
    /// A compression that is recognised but not read.
    Foreign(&'static str),
}

/// First bytes, and what they mean.
const MAGIC: [(&[u8], Packing); 6] = [
    (b"\x1f\x8b", Packing::Gzip),
    (b"\xfd7zXZ\0", Packing::Foreign("xz")),
    (b"\x28\xb5\x2f\xfd", Packing::Foreign("zstd")),
    (b"BZh", Packing::Foreign("bzip2")),
    (b"\x1f\x9d", Packing::Foreign("compress")),
    (b"\x04\x22\x4d\x18", Packing::Foreign("lz4")),
];

/// The most bytes that [`packing`] looks at.
pub const MAGIC_LENGTH: usize = 6;

/// The packing of a file that begins with `head`.
pub fn packing(head: &[u8]) -> Packing {
    MAGIC
        .iter()
        .find(|(magic, _)| head.starts_with(magic))
        .map_or(Packing::Plain, |(_, packing)| *packing)
}

/// A reader of the unpacked bytes.
///
/// # Errors
/// [`io::ErrorKind::Unsupported`] for a compression that is recognised but not read.
pub fn reader(packing: Packing, packed: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    match packing {
        Packing::Plain => Ok(packed),
        Packing::Gzip => Ok(Box::new(MultiGzDecoder::new(BufReader::with_capacity(
            1 << 16,
            packed,
        )))),
        Packing::Foreign(name) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!("is packed with {name}, which is not read: unpack it and name the result"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn member(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn several_members_are_one_text() {
        let packed = [member(b"one\n"), member(b"two\n")].concat();
        assert_eq!(packing(&packed), Packing::Gzip);
        let mut text = String::new();
        let mut reader = reader(Packing::Gzip, Box::new(io::Cursor::new(packed))).unwrap();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "one\ntwo\n");
    }

    #[test]
    fn others_are_named() {
        for (head, name) in [
            (b"\xfd7zXZ\0rest".as_slice(), "xz"),
            (b"\x28\xb5\x2f\xfdrest", "zstd"),
            (b"BZh91AY", "bzip2"),
        ] {
            let error = reader(packing(head), Box::new(io::empty())).err().unwrap();
            assert!(error.to_string().contains(name), "{error}");
        }
        assert_eq!(packing(b"Nov 21"), Packing::Plain);
        assert_eq!(packing(b""), Packing::Plain);
    }
}
