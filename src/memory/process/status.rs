//! One /proc/PID/status, and for older kernels /proc/PID/statm, proc_pid_statm(5).

use crate::memory::quantity;

/// A process that has memory of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    /// The name the process gives itself, at most 15 bytes. Anybody's choice: never printed as it is.
    pub(super) name: String,
    /// Anonymous memory in bytes.
    pub(super) memory: u64,
    /// Swapped memory in bytes.
    pub(super) swap: u64,
}

impl Process {
    /// Reads the content of a status file; `None` for a kernel thread or a process that is ending, which have no memory. Linux before
    /// 4.5 prints no RssAnon: then `private` tells the bytes that are not shared, and without it the resident size counts.
    pub(super) fn parse(content: &[u8], private: impl FnOnce() -> Option<u64>) -> Option<Self> {
        let size = |key: &[u8]| value(content, key).and_then(quantity::bytes);
        let resident = size(b"VmRSS:")?;
        Some(Self {
            name: unescaped(value(content, b"Name:").unwrap_or_default().trim_ascii()),
            memory: size(b"RssAnon:").or_else(private).unwrap_or(resident),
            swap: size(b"VmSwap:").unwrap_or(0),
        })
    }
}

/// The pages of a process that no other one shares, from the content of its statm: `size resident shared …`. Shared are
/// those that a file backs, shared memory among them.
pub(super) fn private_pages(statm: &[u8]) -> Option<u64> {
    let mut columns = statm.split(u8::is_ascii_whitespace).skip(1);
    let mut next = || quantity::number(columns.next()?);
    let (resident, shared) = (next()?, next()?);
    Some(resident.saturating_sub(shared))
}

fn value<'a>(content: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    content
        .split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(key))
}

/// The kernel writes a newline in a name as `\n` and a backslash as `\\`.
fn unescaped(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    let mut plain = String::with_capacity(name.len());
    let mut rest = name.chars();
    while let Some(c) = rest.next() {
        plain.push(match c {
            '\\' => match rest.next() {
                Some('n') => '\n',
                other => other.unwrap_or(c),
            },
            _ => c,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes() {
        for (name, content, expected) in [
            (
                "prometheus/procfs 26231",
                "Name:\tprometheus\nState:\tS\nVmRSS:\t    6716 kB\nRssAnon:\t    2092 kB\nRssFile:\t    4624 kB\n\
                 RssShmem:\t       0 kB\nVmSwap:\t     660 kB\n",
                Some(("prometheus", 2_142_208, 675_840)),
            ),
            (
                "before Linux 4.5",
                "Name:\told\nVmRSS:\t    6716 kB\n",
                Some(("old", 4096, 0)),
            ),
            ("kernel thread", "Name:\tkthreadd\nThreads:\t1\n", None),
            (
                "hostile name",
                "Name:\ta|b\\nOK\\\\c\nVmRSS:\t1 kB\nRssAnon:\t1 kB\n",
                Some(("a|b\nOK\\c", 1024, 0)),
            ),
            ("empty", "", None),
        ] {
            let found = Process::parse(content.as_bytes(), || Some(4096));
            let found = found.as_ref().map(|p| (&*p.name, p.memory, p.swap));
            assert_eq!(found, expected, "{name}");
        }
        let broken = Process::parse(b"Name:\t\xff\xfe\nVmRSS: 1 kB\n", || None).unwrap();
        assert_eq!((&*broken.name, broken.memory), ("\u{fffd}\u{fffd}", 1024));
    }

    #[test]
    fn private() {
        for (statm, pages) in [
            ("2000 1679 1156 100 0 900 0\n", Some(523)),
            ("2000 5 6 100 0 900 0\n", Some(0)),
            ("0 0 0 0 0 0 0\n", Some(0)),
            ("2000 1679\n", None),
            ("2000 x 1\n", None),
            ("", None),
        ] {
            assert_eq!(private_pages(statm.as_bytes()), pages, "{statm:?}");
        }
    }
}
