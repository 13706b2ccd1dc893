//! How many rows all tallies of a run may hold together: names are chosen by strangers, and there is no end of them. What comes when the
//! budget is spent is not counted, and said so.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What fits into 512 MiB: with senders of one client, one network and one mail each, a row costs 270 bytes at the peak, while it is
/// summed up (measured: a million of them take 800 MiB).
pub const ROWS: usize = 1_700_000;

/// The rows that are left.
#[derive(Debug)]
pub struct Budget(AtomicUsize);

impl Budget {
    /// A budget of `rows`.
    pub fn new(rows: usize) -> Self {
        Self(AtomicUsize::new(rows))
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    /// Takes rows out, as far as there are some.
    pub fn take(&self, rows: usize) {
        let left = |left: usize| Some(left.saturating_sub(rows));
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(ROWS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spent_at_the_last_row() {
        let budget = Budget::new(3);
        budget.take(2);
        assert!(!budget.is_spent());
        budget.take(5);
        assert!(budget.is_spent());
        assert!(Budget::new(0).is_spent() && !Budget::default().is_spent());
    }
}
