//! Two pieces of work at the same time, where both are needed before anything goes on.

use std::panic::resume_unwind;
use std::thread;

/// Less work is done sooner than a thread is started: rows of a table, names of a list.
const WORTH: usize = 2_000;

/// Does both, the first in a thread of its own if the work is `size` rows and that is worth one.
pub fn both<A: Send, B>(
    size: usize,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    if size < WORTH {
        return (one(), other());
    }
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        // Whoever asked for both sees the panic of either.
        (
            one.join().unwrap_or_else(|panic| resume_unwind(panic)),
            other,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_done_whatever_the_size() {
        for size in [0, WORTH - 1, WORTH] {
            let here = thread::current().id();
            let (there, sum) = both(size, || thread::current().id(), || 1 + 1);
            assert_eq!((there == here, sum), (size < WORTH, 2), "{size}");
        }
    }

    #[test]
    #[should_panic(expected = "in the thread")]
    fn a_panic_is_passed_on() {
        both(WORTH, || panic!("in the thread"), || ());
    }
}
