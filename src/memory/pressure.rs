//! Pressure stall information, Documentation/accounting/psi.rst (Linux 4.20, `CONFIG_PSI`): the share of time in which tasks waited
//! for memory. Two lines, `some avg10=0.00 avg60=0.00 avg300=0.00 total=0` and the same with `full` (every task waited).

use super::quantity;
use serde::{Serialize, Serializer};

/// The shares of time of one line, in hundredths of a per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stall {
    /// Over the last 10 seconds.
    #[serde(serialize_with = "as_percent")]
    pub avg10: u64,
    /// Over the last minute.
    #[serde(serialize_with = "as_percent")]
    pub avg60: u64,
    /// Over the last 5 minutes.
    #[serde(serialize_with = "as_percent")]
    pub avg300: u64,
}

/// The pressure of a machine or a cgroup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pressure {
    /// At least one task waited.
    pub some: Option<Stall>,
    /// All tasks waited at once.
    pub full: Stall,
}

impl Pressure {
    /// Reads the content of /proc/pressure/memory or memory.pressure; `None` where the line `full` is missing or malformed.
    pub fn parse(content: &[u8]) -> Option<Self> {
        Some(Self {
            some: line(content, b"some "),
            full: line(content, b"full ")?,
        })
    }
}

/// Facts show per cent, as the kernel does.
fn as_percent<S: Serializer>(hundredths: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(*hundredths as f64 / 100.0)
}

fn line(content: &[u8], kind: &[u8]) -> Option<Stall> {
    let rest = content
        .split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(kind))?;
    Some(Stall {
        avg10: share(rest, b"avg10=")?,
        avg60: share(rest, b"avg60=")?,
        avg300: share(rest, b"avg300=")?,
    })
}

fn share(line: &[u8], key: &[u8]) -> Option<u64> {
    line.split(u8::is_ascii_whitespace)
        .find_map(|word| word.strip_prefix(key))
        .and_then(quantity::hundredths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let stall = |avg10, avg60, avg300| Stall {
            avg10,
            avg60,
            avg300,
        };
        let some = "some avg10=0.10 avg60=2.00 avg300=3.85 total=15\n";
        let full = "full avg10=0.20 avg60=3.00 avg300=4.95 total=25\n";
        let whole = Pressure {
            some: Some(stall(10, 200, 385)),
            full: stall(20, 300, 495),
        };
        for (name, content, expected) in [
            ("prometheus/procfs", format!("{some}{full}"), Some(whole)),
            ("an old cpu file has one line", some.to_owned(), None),
            (
                "full alone",
                full.to_owned(),
                Some(Pressure {
                    some: None,
                    ..whole
                }),
            ),
            ("not a number", full.replace("3.00", "nan"), None),
            ("a field is missing", full.replace("avg60=3.00 ", ""), None),
            ("empty", String::new(), None),
        ] {
            assert_eq!(Pressure::parse(content.as_bytes()), expected, "{name}");
        }
    }
}
