//! The time limit of a run, the stage it is in, and how far it has come.
//!
//! Two moments count. At the *soft* one the work stops by itself and reports what it has ("at least N"); at the *hard* one, a
//! little later, the edge stops waiting and names the stage. Whatever loops asks [`Deadline::expired`]; whatever waits, waits
//! for [`Deadline::remaining`].

use super::progress::Progress;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The time kept back for judging and printing: a tenth of the limit, half a second at most.
const RESERVE: Duration = Duration::from_millis(500);

/// Shared by the edge, the check and its threads.
#[derive(Debug, Clone)]
pub struct Deadline {
    soft: Instant,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    limit: Duration,
    hard: Instant,
    stage: Mutex<String>,
    progress: Progress,
}

impl Deadline {
    /// A deadline `limit` from now.
    pub fn new(limit: Duration) -> Self {
        let start = Instant::now();
        let shared = Shared {
            limit,
            hard: start + limit,
            stage: Mutex::new(String::from("starting")),
            progress: Progress::default(),
        };
        Self {
            soft: start + limit - RESERVE.min(limit / 10),
            shared: Arc::new(shared),
        }
    }

    /// The same deadline for work that must leave time to other work: its soft moment comes when `share` quarters of the time that is
    /// left now have passed.
    pub fn quarters(&self, share: u32) -> Self {
        Self {
            soft: Instant::now() + self.remaining() / 4 * share.min(4),
            shared: Arc::clone(&self.shared),
        }
    }

    /// Says what is being done now, in words that fit behind "while": `reading /var/log/mail.log`.
    pub fn enter(&self, stage: impl Into<String>) {
        *self
            .shared
            .stage
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = stage.into();
    }

    /// The stage entered last.
    pub fn stage(&self) -> String {
        self.shared
            .stage
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How much has been read.
    pub fn progress(&self) -> &Progress {
        &self.shared.progress
    }

    /// The whole limit.
    pub fn limit(&self) -> Duration {
        self.shared.limit
    }

    /// Whether the soft moment has come: stop and report what there is.
    pub fn expired(&self) -> bool {
        Instant::now() >= self.soft
    }

    /// The time left until the soft moment.
    pub fn remaining(&self) -> Duration {
        self.soft.saturating_duration_since(Instant::now())
    }

    /// The time left until the hard moment, when nobody waits any longer.
    pub fn hard_remaining(&self) -> Duration {
        self.shared.hard.saturating_duration_since(Instant::now())
    }

    /// The time for work that must not keep a finished answer back: until the soft moment, and where that has come, half of what is left.
    pub fn spare(&self) -> Duration {
        self.remaining().max(self.hard_remaining() / 2)
    }

    /// What to write where input is missing because the time ran out.
    pub fn reason(&self) -> String {
        format!(
            "the time limit of {} s ran out",
            self.shared.limit.as_secs()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_comes_before_hard() {
        let deadline = Deadline::new(Duration::from_secs(8));
        assert!(!deadline.expired());
        assert!(deadline.remaining() <= Duration::from_millis(7500));
        assert!(deadline.hard_remaining() > Duration::from_millis(7500));
        assert!(Deadline::new(Duration::ZERO).expired());
    }

    #[test]
    fn something_is_left_for_the_answer() {
        let deadline = Deadline::new(Duration::from_secs(80));
        assert!(deadline.spare() > Duration::from_secs(70));
        assert!(deadline.spare() <= Duration::from_millis(79_500));
        // The soft moment has come.
        let late = deadline.quarters(0);
        assert!(late.spare() > Duration::from_secs(30) && late.spare() <= Duration::from_secs(40));
        assert_eq!(Deadline::new(Duration::ZERO).spare(), Duration::ZERO);
    }

    #[test]
    fn a_share_ends_sooner_and_tells_its_stage_to_all() {
        let deadline = Deadline::new(Duration::from_secs(80));
        let share = deadline.quarters(3);
        assert!(share.remaining() <= Duration::from_secs(60));
        assert!(share.remaining() > Duration::from_secs(50));
        assert!(deadline.remaining() > Duration::from_secs(70));
        share.enter("reading");
        assert_eq!(
            (deadline.stage(), share.reason()),
            ("reading".into(), deadline.reason())
        );
    }

    #[test]
    fn clones_share_the_stage() {
        let deadline = Deadline::new(Duration::from_secs(1));
        deadline.clone().enter("reading");
        assert_eq!(deadline.stage(), "reading");
    }
}
