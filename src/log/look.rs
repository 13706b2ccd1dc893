//! What a log looked like when it was opened, and whether it still does when it has been read.
//!
//! A log that grows or is renamed stays what it was: it is read through its open file, up to the length it had. One that is truncated
//! (logrotate's copytruncate) loses lines under the reader's hands; so does one that is written anew.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// How much of the start is compared.
const HEAD: usize = 4096;

/// A file, its length and its start.
#[derive(Debug, Clone)]
pub struct Look {
    file: Arc<File>,
    length: u64,
    head: Vec<u8>,
}

impl Look {
    /// Looks at the first `length` bytes of `file`.
    pub fn new(file: Arc<File>, length: u64) -> Self {
        let head = head(&file, length);
        Self { file, length, head }
    }

    /// Whether what was there is no longer there.
    pub fn is_lost(&self) -> bool {
        let shorter = self
            .file
            .metadata()
            .is_ok_and(|meta| meta.len() < self.length);
        shorter || head(&self.file, self.length) != self.head
    }

    /// Whether this is the start of `other`, as long as both go: one is a copy of the other, or is becoming one.
    pub fn is_copy_of(&self, other: &Look) -> bool {
        let (shorter, longer) = (&self.head, &other.head);
        self.length <= other.length && shorter.contains(&b'\n') && longer.starts_with(shorter)
    }
}

/// The start of `file`; empty where it cannot be read, which is reported by whoever reads the whole.
fn head(file: &File, length: u64) -> Vec<u8> {
    let mut head = vec![0; usize::try_from(length).map_or(HEAD, |length| length.min(HEAD))];
    match file.read_exact_at(&mut head, 0) {
        Ok(()) => head,
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn look(text: &str) -> (Look, Arc<File>) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let file = Arc::new(file);
        (Look::new(Arc::clone(&file), text.len() as u64), file)
    }

    #[test]
    fn growth_is_no_loss_and_truncation_is() {
        let (look, file) = look("one\ntwo\n");
        (&*file).write_all(b"three\n").unwrap();
        assert!(!look.is_lost(), "grown");
        file.set_len(4).unwrap();
        assert!(look.is_lost(), "truncated");
        file.write_all_at(b"other lines, as many\n", 0).unwrap();
        assert!(look.is_lost(), "truncated and grown again");
    }

    #[test]
    fn copies() {
        for (text, other, copy) in [
            ("one\ntwo\n", "one\ntwo\n", true),
            ("one\ntw", "one\ntwo\n", true),
            ("one\ntwo\n", "one\n", false),
            ("one", "one\n", false),
            ("", "one\n", false),
            ("two\n", "one\ntwo\n", false),
        ] {
            assert_eq!(
                look(text).0.is_copy_of(&look(other).0),
                copy,
                "{text:?} {other:?}"
            );
        }
    }
}
