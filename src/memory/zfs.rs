//! The ARC, ZFS's cache of files: it lies outside the page cache, so that the kernel counts it as used, yet it shrinks on demand
//! down to `c_min`. From /proc/spl/kstat/zfs/arcstats (OpenZFS): two lines of heading, then `name type data`. The size in use is
//! `size`, not the target `c`.

use super::quantity;
use super::tree::Tree;
use serde::Serialize;

/// The ARC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Arc {
    /// Bytes in use.
    pub size: u64,
    /// Bytes of these that programs can get.
    pub shrinkable: u64,
}

/// The ARC of this machine of `total` bytes; `None` without ZFS, and where its numbers cannot be read: memory is then reported as
/// used. One that is larger than the machine is another one's.
pub fn arc(tree: &Tree<'_>, total: u64) -> Option<Arc> {
    parse(&tree.read("/proc/spl/kstat/zfs/arcstats").ok()?).filter(|arc| arc.size <= total)
}

fn parse(content: &[u8]) -> Option<Arc> {
    let (size, least) = (data(content, b"size")?, data(content, b"c_min")?);
    Some(Arc {
        size,
        shrinkable: size.saturating_sub(least),
    })
}

/// The third column of the row `name`.
fn data(content: &[u8], name: &[u8]) -> Option<u64> {
    content.split(|byte| *byte == b'\n').find_map(|line| {
        let mut columns = line
            .split(u8::is_ascii_whitespace)
            .filter(|column| !column.is_empty());
        (columns.next()? == name).then_some(())?;
        quantity::number(columns.nth(1)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_shrink() {
        let rows = |size: &str, least: &str| {
            format!(
                "6 1 0x01 91 4368 5266997922 97951858082072\nname                            type data\n\
                 c                               4    1643208777\nc_min                           4    {least}\n\
                 size                            4    {size}\nhdr_size                        4    16361080\n"
            )
        };
        for (name, content, shrinkable) in [
            (
                "node_exporter",
                rows("1603939792", "33554432"),
                Some(1_570_385_360),
            ),
            (
                "smaller than its least size",
                rows("5", "33554432"),
                Some(0),
            ),
            ("no number", rows("x", "33554432"), None),
            ("empty", String::new(), None),
        ] {
            let got = parse(content.as_bytes());
            assert_eq!(got.map(|arc| arc.shrinkable), shrinkable, "{name}");
        }
    }
}
