//! How much memory all tallies of a run may fill together: names and messages are made by strangers, and there is no end of them. What
//! comes when the budget is spent is not counted, and said so.

use std::sync::atomic::{AtomicUsize, Ordering};

/// So many bytes are taken out at a time: the threads that count would wait for each other if each row were paid by itself.
pub const PORTION: usize = 16 * 1024;

/// The bytes that are left.
#[derive(Debug)]
pub struct Budget(AtomicUsize);

impl Budget {
    /// A budget of `bytes`.
    pub fn new(bytes: usize) -> Self {
        Self(AtomicUsize::new(bytes))
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.left() == 0
    }

    /// The bytes that are left.
    pub fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Whether so many bytes are left.
    pub fn has(&self, bytes: usize) -> bool {
        self.left() >= bytes
    }

    /// Takes bytes out, as far as there are some.
    pub fn take(&self, bytes: usize) {
        let left = |left: usize| Some(left.saturating_sub(bytes));
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spent_at_the_last_byte() {
        let budget = Budget::new(4);
        budget.take(2);
        assert!(!budget.is_spent() && budget.has(2) && !budget.has(3));
        assert_eq!(budget.left(), 2);
        budget.take(5);
        assert!(budget.is_spent() && Budget::new(0).is_spent());
    }
}
