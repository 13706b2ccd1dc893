//! Where a name stands in a list that only grows: short lists are looked through, of long ones an index is kept. Nearly all messages
//! have one recipient, a newsletter may have a hundred thousand.

use hashbrown::HashMap;

/// From this many names on an index pays.
const MANY: usize = 32;

/// The index of one list, empty while the list is short.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Lookup(Option<Box<Index>>);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Index {
    places: HashMap<Box<str>, usize>,
    /// How much of the list is in it.
    seen: usize,
}

impl Lookup {
    /// The first place of `name` in a list whose items are called `name_of`.
    pub(super) fn find<T>(
        &mut self,
        name: &str,
        list: &[T],
        name_of: impl Fn(&T) -> Option<&str>,
    ) -> Option<usize> {
        if list.len() < MANY {
            return list.iter().position(|item| name_of(item) == Some(name));
        }
        let index = self.0.get_or_insert_default();
        for (at, item) in list.iter().enumerate().skip(index.seen) {
            if let Some(name) = name_of(item) {
                index.places.entry(name.into()).or_insert(at);
            }
        }
        index.seen = list.len();
        index.places.get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_looked_up_as_short_ones() {
        let mut lookup = Lookup::default();
        let mut list: Vec<Option<String>> = Vec::new();
        for number in 0..3 * MANY {
            // every fourth has no name, every fifth the name of another
            let name = format!("u{}", if number % 5 == 0 { 1 } else { number });
            list.push((number % 4 > 0).then_some(name));
            for name in ["u1", "u2", "u50", "none"] {
                let slow = list.iter().position(|item| item.as_deref() == Some(name));
                assert_eq!(
                    lookup.find(name, &list, |item| item.as_deref()),
                    slow,
                    "{number} {name}"
                );
            }
        }
    }
}
