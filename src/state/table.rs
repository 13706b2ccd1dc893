//! Rows that are found by a key without reading the rest: sorted by key, cut into buckets of keys with the same first bits, and a directory
//! of where each bucket begins. Keys are hashes, so buckets are of much the same size.

use super::base::Base;
use super::checksum;
use super::record::Record;

/// Rows in a bucket, on average at most.
const BUCKET: usize = 16;

/// Directory and rows as bytes. Rows of one key stay in their order.
pub fn bytes<'r, T: Record + 'r>(rows: impl IntoIterator<Item = (u64, &'r T)>) -> [Vec<u8>; 2] {
    let mut rows: Vec<(u64, &T)> = rows.into_iter().collect();
    rows.sort_by_key(|(key, _)| *key);
    let bits = (rows.len() / BUCKET + 1).next_power_of_two().ilog2();
    let (mut starts, mut bytes, mut next) = (Vec::new(), Vec::new(), 0);
    for bucket in 0..1_u64 << bits {
        starts.push(bytes.len() as u64);
        while let Some((key, row)) = rows
            .get(next)
            .filter(|(key, _)| place(*key, bits) == bucket)
        {
            key.write(&mut bytes);
            row.write(&mut bytes);
            next += 1;
        }
    }
    starts.push(bytes.len() as u64);
    [checksum::bytes(starts), bytes]
}

/// The bucket of a key.
fn place(key: u64, bits: u32) -> u64 {
    key.checked_shr(u64::BITS - bits).unwrap_or(0)
}

/// A table in a base.
#[derive(Debug)]
pub struct Table<'b> {
    base: &'b Base,
    rows: usize,
    bits: u32,
    starts: Vec<u64>,
}

impl<'b> Table<'b> {
    /// The table whose directory is the section `directory`, with its rows in the next one.
    pub fn open(base: &'b Base, directory: usize) -> Option<Self> {
        let bytes = base.whole(directory)?;
        let starts: Vec<u64> = checksum::words(&bytes).collect();
        let buckets = starts.len().checked_sub(1)?;
        buckets.is_power_of_two().then(|| Self {
            base,
            rows: directory + 1,
            bits: buckets.ilog2(),
            starts,
        })
    }

    /// The row of a key; `None` where what is there cannot be read.
    pub fn find<T: Record>(&self, key: u64) -> Option<Option<T>> {
        self.all(key).map(|rows| rows.into_iter().next())
    }

    /// All rows of a key; `None` as of [`Self::find`].
    pub fn all<T: Record>(&self, key: u64) -> Option<Vec<T>> {
        let place = usize::try_from(place(key, self.bits)).ok()?;
        let (start, end) = (*self.starts.get(place)?, *self.starts.get(place + 1)?);
        let bytes = self.base.read(self.rows, start..end)?;
        let (mut from, mut found) = (bytes.as_slice(), Vec::new());
        while !from.is_empty() {
            let (known, row) = <(u64, T)>::read(&mut from)?;
            if known == key {
                found.push(row);
            }
        }
        Some(found)
    }
}
