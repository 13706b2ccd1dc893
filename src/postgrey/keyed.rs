//! Rows found by a key that is a hash already: a small table of places beside rows in chunks. Nothing is moved when more rows come:
//! with a hundred thousand senders, moving rows (and the fresh memory that it takes) is where the time goes.

use crate::state::record::Record;
use crate::state::spool::Spool;
use crate::state::stream::Stream;
use foldhash::SharedSeed;
use foldhash::fast::{RandomState, SeedableRandomState};
use hashbrown::HashTable;
use std::hash::BuildHasher as _;

/// A keyed hash of something chosen by strangers.
pub type Key = u64;

/// Makes keys. Its seed decides which: tallies that are joined share it, also with those of an earlier run.
pub type Hasher = SeedableRandomState;

/// A hasher for which strangers cannot make keys as long as they do not know the seed.
pub fn hasher(seed: u64) -> Hasher {
    // One for a run: what is given away with it is 48 bytes.
    let shared = Box::leak(Box::new(SharedSeed::from_u64(seed.rotate_left(32))));
    Hasher::with_seed(seed, shared)
}

/// What the hasher of `seed` makes of something known: another one would not find the rows.
pub fn proof(seed: u64) -> u64 {
    hasher(seed).hash_one(b"postgrey".as_slice())
}

/// A seed that nobody knows.
pub fn random_seed() -> u64 {
    RandomState::default().hash_one(0_u8)
}

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

/// Chunks of rows with their keys; the last one is being filled. Others may have fewer rows than they could: rows are numbered as if
/// all were full.
#[derive(Debug)]
struct Rows<T>(Vec<Vec<(Key, T)>>);

impl<T> Rows<T> {
    /// Rows in a chunk, a power of two.
    const CHUNK: usize = {
        let rows = CHUNK_BYTES / size_of::<(Key, T)>();
        if rows == 0 { 1 } else { 1 << rows.ilog2() }
    };

    /// The number of the next row.
    fn end(&self) -> u32 {
        let full = self.0.len().saturating_sub(1) * Self::CHUNK;
        // Four billion rows would take hundreds of gigabytes.
        u32::try_from(full + self.0.last().map_or(0, Vec::len)).unwrap_or(u32::MAX)
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

    /// The number of the row of `key`, counted from 0; a missing row is made.
    pub fn number(&mut self, key: Key, make: impl FnOnce() -> T) -> u32 {
        self.find(key).unwrap_or_else(|| self.push(key, make()))
    }

    /// The key of a row whose number is known.
    pub fn key(&self, number: u32) -> Key {
        self.rows.key(number)
    }

    /// Adds the row of a `key` that has none yet.
    pub fn insert(&mut self, key: Key, row: T) {
        self.push(key, row);
    }

    fn push(&mut self, key: Key, row: T) -> u32 {
        let number = self.rows.end();
        self.rows.push(key, row);
        self.note(key, number);
        number
    }

    /// Enters a row into the table.
    fn note(&mut self, key: Key, row: u32) {
        let key = key as u32;
        let rehash = |place: &Place| Place::hash(place.key);
        self.places
            .insert_unique(Place::hash(key), Place { key, row }, rehash);
    }

    /// Takes in other rows: those of a key that is known here are merged, the others stay where they are in memory.
    pub fn join(&mut self, later: Self, mut merge: impl FnMut(Key, &mut T, T)) {
        let Self { places, rows } = later;
        // Made anew here: not kept until the end.
        drop(places);
        for mut chunk in rows.0 {
            let known: Vec<(Key, T)> = chunk
                .extract_if(.., |(key, _)| self.find(*key).is_some())
                .collect();
            for (key, theirs) in known {
                if let Some(ours) = self.get_mut(key) {
                    merge(key, ours, theirs);
                }
            }
            self.adopt(chunk);
        }
    }

    /// Adds a chunk of rows that are not known here. What it had room for beside is given back: of hours with the same rows there may be
    /// many, each with few that are new.
    fn adopt(&mut self, mut chunk: Vec<(Key, T)>) {
        if chunk.is_empty() {
            return;
        }
        if chunk.len() < chunk.capacity() / 2 {
            chunk.shrink_to_fit();
        }
        let start = self.rows.0.len() * Rows::<T>::CHUNK;
        for (row, (key, _)) in chunk.iter().enumerate() {
            let number = u32::try_from(start + row).unwrap_or(u32::MAX);
            self.note(*key, number);
        }
        self.rows.0.push(chunk);
    }

    /// Forgets where rows are: none is looked for any more.
    pub fn forget_places(&mut self) {
        self.places = HashTable::new();
    }

    /// How many rows there are, as long as their places are known.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none, as of [`Self::len`].
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// All numbers of rows are below this one.
    pub fn end(&self) -> u32 {
        self.rows.end()
    }

    /// All rows, to be changed.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.rows.0.iter_mut().flatten().map(|(_, row)| row)
    }

    /// All rows with their numbers and keys.
    pub fn entries(&self) -> impl Iterator<Item = (u32, Key, &T)> {
        let chunks = self.rows.0.iter().enumerate();
        chunks.flat_map(|(chunk, rows)| {
            let start = chunk * Rows::<T>::CHUNK;
            let number = move |row| u32::try_from(start + row).unwrap_or(u32::MAX);
            let rows = rows.iter().enumerate();
            rows.map(move |(row, (key, value))| (number(row), *key, value))
        })
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

impl<T: Record> Keyed<T> {
    /// Appends all rows.
    pub fn write(&self, to: &mut Spool) {
        to.put(
            &self
                .rows
                .0
                .iter()
                .map(|rows| rows.len() as u64)
                .sum::<u64>(),
        );
        self.rows.0.iter().flatten().for_each(|row| to.put(row));
    }

    /// Rows without their table: good for being joined to others, which makes a table of all. Of all that are there those are kept that
    /// `keep` lets pass.
    pub fn read(from: &mut Stream<'_>, mut keep: impl FnMut(&T) -> bool) -> Option<Self> {
        let mut keyed = Self::default();
        for _ in 0..from.length(size_of::<Key>())? {
            let (key, row) = from.value::<(Key, T)>()?;
            if keep(&row) {
                keyed.rows.push(key, row);
            }
        }
        Some(keyed)
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
    fn joined_rows_are_merged_or_taken_in() {
        let chunk = Rows::<u64>::CHUNK as u64;
        let filled = |from: u64, to: u64| {
            let mut keyed: Keyed<u64> = Keyed::default();
            (from..to).for_each(|key| keyed.insert(key, 1));
            keyed
        };
        for (a, b) in [
            (0, 0),
            (3, 5),
            (0, chunk + 3),
            (chunk, 2 * chunk),
            (chunk + 7, 3 * chunk + 1),
        ] {
            let mut ours = filled(0, a);
            ours.join(filled(a / 2, b), |_, ours, theirs| *ours += theirs);
            for key in 0..a.max(b) + 9 {
                let expected = u64::from(key < a) + u64::from((a / 2..b).contains(&key));
                assert_eq!(
                    ours.get_mut(key).copied().unwrap_or(0),
                    expected,
                    "{key} of {a} and {b}"
                );
            }
            ours.insert(1 << 40, 9);
            assert_eq!(ours.get_mut(1 << 40), Some(&mut 9));
        }
    }

    /// Rows that come again take no memory, however few of a chunk are new.
    #[test]
    fn joined_rows_leave_no_room_behind() {
        let chunk = Rows::<u64>::CHUNK as u64;
        for new in [0, 1, 5] {
            let mut ours: Keyed<u64> = Keyed::default();
            (0..3 * chunk).for_each(|key| ours.insert(key, 1));
            for hour in 1..20 {
                let mut theirs: Keyed<u64> = Keyed::default();
                for key in 0..3 * chunk {
                    let is_new = key % chunk < new;
                    theirs.insert(if is_new { key + (hour << 32) } else { key }, 1);
                }
                ours.join(theirs, |_, ours, theirs| *ours += theirs);
            }
            let room: usize = ours.rows.0.iter().map(Vec::capacity).sum();
            assert_eq!(ours.len() as u64, 3 * chunk + 19 * 3 * new);
            assert!(room < 2 * ours.len(), "{new}: {room} for {}", ours.len());
        }
    }

    #[test]
    fn many_rows_stay_where_they_are() {
        let mut keyed: Keyed<u64> = Keyed::default();
        let key = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let count = 5 * Rows::<u64>::CHUNK as u64 + 3;
        for number in 0..count {
            assert_eq!(*keyed.get_or_insert_with(key(number), || number), number);
            assert_eq!(u64::from(keyed.number(key(number), || 0)), number);
            assert_eq!(keyed.key(number as u32), key(number));
        }
        for number in 0..count {
            assert_eq!(keyed.get_mut(key(number)), Some(&mut number.clone()));
        }
        assert_eq!(u64::from(keyed.end()), count);
        assert!(keyed.rows().copied().eq(0..count));
    }
}
