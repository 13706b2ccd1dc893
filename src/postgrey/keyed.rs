//! Rows found by a key that is a hash already: a small table of places beside a dense list. A table of the rows themselves would be
//! moved whole each time it grows, and with a hundred thousand senders that is where the time goes.

use hashbrown::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A keyed hash of something chosen by strangers.
pub type Key = u64;

/// Rows in order of their first appearance.
#[derive(Debug)]
pub struct Keyed<T> {
    places: HashMap<Key, u32, BuildHasherDefault<Through>>,
    rows: Vec<(Key, T)>,
}

/// The key is its own hash.
#[derive(Debug, Default)]
struct Through(u64);

impl Hasher for Through {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self {
            places: HashMap::default(),
            rows: Vec::new(),
        }
    }
}

impl<T> Keyed<T> {
    /// The row of `key`, if there is one.
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let place = *self.places.get(&key)?;
        self.rows.get_mut(place as usize).map(|(_, row)| row)
    }

    /// The row of `key`; a missing one is made.
    pub fn get_or_insert_with(&mut self, key: Key, make: impl FnOnce() -> T) -> &mut T {
        // Four billion rows would take hundreds of gigabytes.
        let next = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.rows.push((key, make()));
        }
        let last = self.rows.len() - 1;
        &mut self.rows[(place as usize).min(last)].1
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().map(|(_, row)| row)
    }
}

impl<T> IntoIterator for Keyed<T> {
    type Item = (Key, T);
    type IntoIter = std::vec::IntoIter<(Key, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
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
}
