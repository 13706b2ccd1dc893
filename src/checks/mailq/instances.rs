//! The names under which mail systems log, by number, and which of them are those of queue managers.

use compact_str::CompactString;
use hashbrown::HashMap;

/// The number of a name.
pub(super) type Instance = usize;

/// The names met so far.
#[derive(Debug, Default)]
pub(super) struct Instances {
    numbers: HashMap<CompactString, Instance>,
    /// Whether a queue manager logs under it, by number.
    manages: Vec<bool>,
    /// The name met last: neighbours mostly share it.
    last: Option<(CompactString, Instance)>,
}

impl Instances {
    /// The number of a name as it was logged.
    pub(super) fn number(&mut self, name: &[u8]) -> Instance {
        if let Some((last, number)) = &self.last
            && last.as_bytes() == name
        {
            return *number;
        }
        let name = CompactString::from_utf8_lossy(name);
        let number = *self.numbers.entry_ref(&name).or_insert(self.manages.len());
        if number == self.manages.len() {
            self.manages.push(false);
        }
        self.last = Some((name, number));
        number
    }

    /// The number of a name, if it was ever logged.
    pub(super) fn named(&self, name: &str) -> Option<Instance> {
        self.numbers.get(name).copied()
    }

    /// Notes that a queue manager logs under this name.
    pub(super) fn note_manager(&mut self, instance: Instance) {
        if let Some(manages) = self.manages.get_mut(instance) {
            *manages = true;
        }
    }

    /// Whether a queue manager logs under this name.
    pub(super) fn manages(&self, instance: Instance) -> bool {
        self.manages.get(instance).is_some_and(|manages| *manages)
    }

    /// Adds the names of a log that follows; says which number each of its numbers has here.
    pub(super) fn join(&mut self, later: Self) -> Vec<Instance> {
        let mut names: Vec<(CompactString, Instance)> = later.numbers.into_iter().collect();
        names.sort_unstable_by_key(|(_, number)| *number);
        let here = |(name, number): (CompactString, Instance)| {
            let instance = self.number(name.as_bytes());
            if later.manages.get(number) == Some(&true) {
                self.note_manager(instance);
            }
            instance
        };
        names.into_iter().map(here).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(names: &[(&str, bool)]) -> Instances {
        let mut instances = Instances::default();
        for (name, manages) in names {
            let number = instances.number(name.as_bytes());
            if *manages {
                instances.note_manager(number);
            }
        }
        instances
    }

    #[test]
    fn names_keep_their_meaning_when_logs_are_joined() {
        let mut instances = met(&[("postfix", false), ("out", false), ("postfix", true)]);
        let later = met(&[
            ("in", true),
            ("out", true),
            ("postfix", false),
            ("new", false),
        ]);
        assert_eq!(instances.join(later), [2, 1, 0, 3]);
        for (name, number, manages) in [
            ("postfix", 0, true),
            ("out", 1, true),
            ("in", 2, true),
            ("new", 3, false),
        ] {
            assert_eq!(instances.named(name), Some(number), "{name}");
            assert_eq!(instances.manages(number), manages, "{name}");
        }
        assert_eq!(instances.named("other"), None);
        assert!(!instances.manages(4));
    }

    /// As they are told from each other in a report.
    #[test]
    fn names_that_read_the_same_are_one() {
        let mut instances = Instances::default();
        let numbers =
            [&b"a\xff"[..], b"b", b"a\xfe", b"a\xff", b"a"].map(|name| instances.number(name));
        assert_eq!(numbers, [0, 1, 0, 0, 2]);
    }
}
