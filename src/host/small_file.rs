//! Reads a configuration file whole, but not a device that never ends.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// No configuration file of ours is larger.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The bytes of the file.
///
/// # Errors
/// Whatever the system says; [`io::ErrorKind::FileTooLarge`] above 16 MiB.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "is larger than 16 MiB",
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_and_empty() {
        assert_eq!(
            read(Path::new("/dev/zero")).unwrap_err().kind(),
            io::ErrorKind::FileTooLarge
        );
        assert_eq!(read(Path::new("/dev/null")).unwrap(), b"");
        assert!(read(Path::new("/")).is_err());
    }
}
