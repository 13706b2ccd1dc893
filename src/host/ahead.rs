//! Work that runs ahead in a thread of its own: what it makes comes in order through a channel of bounded length, so that reading and
//! counting can take a core each and memory stays bounded.

use super::deadline::Deadline;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// Pieces that may wait to be taken.
const DEPTH: usize = 4;

/// What the work has made so far.
#[derive(Debug)]
pub struct Ahead<T>(Receiver<T>);

/// Where the work puts what it makes.
#[derive(Debug)]
pub struct Outlet<T>(SyncSender<T>);

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<T> {
    /// A piece.
    Piece(T),
    /// The work is over, well or not.
    End,
    /// The time is over; the work may be stuck.
    Late,
}

impl<T: Send + 'static> Ahead<T> {
    /// Starts the work.
    pub fn start(work: impl FnOnce(&Outlet<T>) + Send + 'static) -> Self {
        let (sender, receiver) = sync_channel(DEPTH);
        std::thread::spawn(move || work(&Outlet(sender)));
        Self(receiver)
    }

    /// Waits for the next piece.
    pub fn next(&self, deadline: &Deadline) -> Next<T> {
        if deadline.expired() {
            return Next::Late;
        }
        self.within(deadline.remaining())
    }

    /// The same for work that stops at the soft moment by itself: what it hands out then is waited for, until the hard one.
    pub fn next_of_punctual(&self, deadline: &Deadline) -> Next<T> {
        self.within(deadline.hard_remaining())
    }

    fn within(&self, time: Duration) -> Next<T> {
        match self.0.recv_timeout(time) {
            Ok(piece) => Next::Piece(piece),
            Err(RecvTimeoutError::Disconnected) => Next::End,
            Err(RecvTimeoutError::Timeout) => Next::Late,
        }
    }
}

impl<T> Outlet<T> {
    /// Hands a piece out, waiting while too many wait already; `false` where nobody takes it any more.
    pub fn put(&self, piece: T) -> bool {
        self.0.send(piece).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon() -> Deadline {
        Deadline::new(Duration::from_secs(60))
    }

    #[test]
    fn pieces_come_in_order_and_end() {
        let ahead = Ahead::start(|out| {
            (0..100).all(|n| out.put(n));
        });
        for n in 0..100 {
            assert_eq!(ahead.next(&soon()), Next::Piece(n));
        }
        assert_eq!(ahead.next(&soon()), Next::End);
    }

    #[test]
    fn work_that_is_stuck_does_not_hold_up() {
        let ahead = Ahead::<()>::start(|_| std::thread::park());
        let now = Deadline::new(Duration::ZERO);
        assert_eq!(ahead.next(&now), Next::Late);
    }

    #[test]
    fn work_stops_when_nobody_takes_it() {
        let (sender, told) = sync_channel(1);
        let ahead = Ahead::start(move |out| {
            while out.put(()) {}
            sender.send(()).unwrap_or_default();
        });
        assert_eq!(ahead.next(&soon()), Next::Piece(()));
        drop(ahead);
        assert_eq!(told.recv_timeout(Duration::from_secs(60)), Ok(()));
    }
}
