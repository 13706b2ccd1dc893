//! Rows found by a key that is a hash already: a small table of places beside rows in chunks. Nothing is moved when more rows come:
//! with a hundred thousand senders, moving rows (and the fresh memory that it takes) is where the time goes.

use hashbrown::HashTable;

/// A keyed hash of something chosen by strangers.
pub type Key = u64;

/// Bytes in a chunk: from this size on the system's allocator takes fresh pages and gives them back when the chunk goes.
const CHUNK_BYTES: usize = 128 * 1024;

/// Rows in order of their first appearance.
#[derive(Debug)]
pub struct Keyed<T> {
    places: HashTable<Place>,
    rows: Rows<T>,
}

/// Where a row is, beside enough of its key to find it in the table and to move it there without a look at the row.
#[derive(Debug, Clone, Copy)]
struct Place {
    key: u32,
    row: u32,
}

impl Place {
    /// The part of a key that the table knows, spread over all bits: the table takes its place from the low ones and a mark from the
    /// high ones.
    fn hash(key: u32) -> u64 {
        u64::from(key) << 32 | u64::from(key)
    }
}

/// Full chunks of rows with their keys, and one that is being filled.
#[derive(Debug)]
struct Rows<T>(Vec<Vec<(Key, T)>>);

impl<T> Rows<T> {
    /// Rows in a chunk, a power of two.
    const CHUNK: usize = {
        let rows = CHUNK_BYTES / size_of::<(Key, T)>();
        if rows == 0 { 1 } else { 1 << rows.ilog2() }
    };

    fn len(&self) -> usize {
        let full = self.0.len().saturating_sub(1) * Self::CHUNK;
        full + self.0.last().map_or(0, Vec::len)
    }

    /// The chunk and the row in it.
    fn split(place: u32) -> (usize, usize) {
        let place = place as usize;
        (place / Self::CHUNK, place % Self::CHUNK)
    }

    fn key(&self, place: u32) -> Key {
        let (chunk, row) = Self::split(place);
        self.0[chunk][row].0
    }

    fn get_mut(&mut self, place: u32) -> &mut T {
        let (chunk, row) = Self::split(place);
        &mut self.0[chunk][row].1
    }

    fn push(&mut self, key: Key, row: T) {
        match self.0.last_mut() {
            Some(last) if last.len() < Self::CHUNK => last.push((key, row)),
            _ => {
                let mut chunk = Vec::with_capacity(Self::CHUNK);
                chunk.push((key, row));
                self.0.push(chunk);
            }
        }
    }
}

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self {
            places: HashTable::new(),
            rows: Rows(Vec::new()),
        }
    }
}

impl<T> Keyed<T> {
    fn find(&self, key: Key) -> Option<u32> {
        let short = key as u32;
        let same = |place: &Place| place.key == short && self.rows.key(place.row) == key;
        self.places
            .find(Place::hash(short), same)
            .map(|place| place.row)
    }

    /// The row of `key`, if there is one.
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let row = self.find(key)?;
        Some(self.rows.get_mut(row))
    }

    /// The row of `key`; a missing one is made.
    pub fn get_or_insert_with(&mut self, key: Key, make: impl FnOnce() -> T) -> &mut T {
        let row = self.find(key).unwrap_or_else(|| self.push(key, make()));
        self.rows.get_mut(row)
    }

    /// Adds the row of a `key` that has none yet.
    pub fn insert(&mut self, key: Key, row: T) {
        self.push(key, row);
    }

    fn push(&mut self, key: Key, row: T) -> u32 {
        // Four billion rows would take hundreds of gigabytes.
        let place = Place {
            key: key as u32,
            row: u32::try_from(self.rows.len()).unwrap_or(u32::MAX),
        };
        self.rows.push(key, row);
        let hash = Place::hash(place.key);
        self.places
            .insert_unique(hash, place, |place| Place::hash(place.key));
        place.row
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &T> {
        self.rows.0.iter().flatten().map(|(_, row)| row)
    }
}

impl<T> IntoIterator for Keyed<T> {
    type Item = (Key, T);
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<(Key, T)>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.0.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_again_and_stay_in_order() {
        let mut keyed: Keyed<Vec<u32>> = Keyed::default();
        for (key, value) in [(9, 1), (u64::MAX, 2), (9, 3), (0, 4)] {
            keyed.get_or_insert_with(key, Vec::new).push(value);
        }
        assert_eq!(keyed.get_mut(9), Some(&mut vec![1, 3]));
        assert_eq!(keyed.get_mut(1), None);
        assert_eq!(
            keyed.rows().collect::<Vec<_>>(),
            [&vec![1, 3], &vec![2], &vec![4]]
        );
        let keys: Vec<Key> = keyed.into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [9, u64::MAX, 0]);
    }

    #[test]
    fn many_rows_stay_where_they_are() {
        let mut keyed: Keyed<u64> = Keyed::default();
        let key = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let count = 5 * Rows::<u64>::CHUNK as u64 + 3;
        for number in 0..count {
            assert_eq!(*keyed.get_or_insert_with(key(number), || number), number);
        }
        for number in 0..count {
            assert_eq!(keyed.get_mut(key(number)), Some(&mut number.clone()));
        }
        assert_eq!(keyed.len() as u64, count);
        assert!(keyed.rows().copied().eq(0..count));
    }
}
