//! Work that the answer does not depend on: it may take as long as there is time to spare, and no longer. A disk that takes nothing any more
//! must not keep an alarm back.

use super::deadline::Deadline;
use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;

/// Work that is done by whoever comes first.
type Once<W> = Arc<Mutex<Option<W>>>;

/// Does the work in a thread of its own; `None` where it is not done in time. Then it goes on, and ends with the process.
pub fn aside<T, W>(deadline: &Deadline, work: W) -> Option<T>
where
    T: Send + 'static,
    W: FnOnce() -> T + Send + 'static,
{
    let (sender, receiver) = sync_channel(1);
    let work = Arc::new(Mutex::new(Some(work)));
    let theirs = Arc::clone(&work);
    let thread = Builder::new().spawn(move || {
        if let Some(work) = take(&theirs) {
            drop(sender.send(work()));
        }
    });
    let Ok(thread) = thread else {
        // Without a thread it is done here, as everything is then.
        return take(&work).map(|work| work());
    };
    match receiver.recv_timeout(deadline.spare()) {
        Ok(done) => Some(done),
        Err(RecvTimeoutError::Timeout) => None,
        // Whoever asked for it sees its panic.
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Ok(()) => None,
            Err(panic) => resume_unwind(panic),
        },
    }
}

fn take<W>(work: &Once<W>) -> Option<W> {
    work.lock().unwrap_or_else(PoisonError::into_inner).take()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn what_is_done_in_time_and_what_is_not() {
        let deadline = Deadline::new(Duration::from_secs(60));
        assert_eq!(aside(&deadline, || 7), Some(7));
        let (start, deadline) = (Instant::now(), Deadline::new(Duration::from_millis(200)));
        let slow = || std::thread::sleep(Duration::from_secs(60));
        assert_eq!(aside(&deadline, slow), None);
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    #[should_panic(expected = "in the thread")]
    fn a_panic_is_passed_on() {
        aside(&Deadline::new(Duration::from_secs(60)), || {
            panic!("in the thread")
        });
    }
}
