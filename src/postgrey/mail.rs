//! One *mail*: a series of tries with the same sender and recipient, from whatever address, with gaps below Postgrey's retry
//! window, ended by any pass.
//!
//! Mails are kept under a keyed hash of sender and recipient, without regard to case, as Postgrey's own key is. The null sender
//! is everybody's: bounces of two senders to one recipient are two mails, so the sender's domain is part of their key. What is
//! counted of two parts of a log joins to what would have been counted of the whole.

use super::keyed::{Key, Keyed};
use crate::host::time::{DAY, Micros};
use smallvec::{SmallVec, smallvec};

/// After this gap a try begins a new mail (Postgrey's `--retry-window`, by default 2 days).
pub const RETRY_WINDOW: Micros = 2 * DAY;

/// A time that no line has.
const NEVER: Micros = Micros::MIN;
/// Stands for several networks.
const SEVERAL: Key = Key::MAX;

/// One series of tries. Small: a busy week has millions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The first try.
    pub first: Micros,
    /// The last try.
    pub last: Micros,
    /// The pass that ended the series, or [`NEVER`].
    passed: Micros,
    /// Who tried, sorted by sender.
    pub trails: SmallVec<[Trail; 1]>,
}

/// One sender's part in a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trail {
    /// The sender's domain.
    pub sender: Key,
    /// The client network it came from, or [`SEVERAL`].
    network: Key,
}

impl Trail {
    /// A try by `sender` from `network`.
    pub fn new(sender: Key, network: Key) -> Self {
        Self {
            sender,
            network: network.min(SEVERAL - 1),
        }
    }

    /// Whether the mail was tried from several networks of this sender.
    pub fn is_pool(&self) -> bool {
        self.network == SEVERAL
    }
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It passed, this long after the first try.
    Passed(Micros),
    /// It did not pass within the retry window after its last try.
    Lost,
    /// Too young to tell.
    Pending,
}

impl Mail {
    fn new(at: Micros, trail: Trail) -> Self {
        Self {
            first: at,
            last: at,
            passed: NEVER,
            trails: smallvec![trail],
        }
    }

    /// The pass that ended the series.
    pub fn passed(&self) -> Option<Micros> {
        (self.passed != NEVER).then_some(self.passed)
    }

    /// Whether something that happens at `at` still belongs to the series.
    fn is_open(&self, at: Micros) -> bool {
        self.passed == NEVER && at - self.last < RETRY_WINDOW
    }

    /// What became of it, as of `now`.
    pub fn fate(&self, now: Micros) -> Fate {
        match self.passed() {
            Some(passed) => Fate::Passed((passed - self.first).max(0)),
            None if self.is_open(now) => Fate::Pending,
            None => Fate::Lost,
        }
    }

    fn add(&mut self, trail: Trail) {
        match self
            .trails
            .binary_search_by_key(&trail.sender, |known| known.sender)
        {
            Ok(at) if self.trails[at].network == trail.network => {}
            Ok(at) => self.trails[at].network = SEVERAL,
            Err(at) => self.trails.insert(at, trail),
        }
    }

    fn try_at(&mut self, at: Micros, trail: Trail) {
        self.first = self.first.min(at);
        self.last = self.last.max(at);
        self.add(trail);
    }

    /// Takes in the series that follows and is the same mail.
    fn absorb(&mut self, later: Mail) {
        self.first = self.first.min(later.first);
        self.last = self.last.max(later.last);
        self.passed = later.passed;
        later.trails.into_iter().for_each(|trail| self.add(trail));
    }
}

/// All series with one sender and recipient, in order of time.
#[derive(Debug)]
struct Series {
    last: Mail,
    /// Rarely any.
    #[expect(
        clippy::box_collection,
        reason = "a third of the size in each of millions of rows"
    )]
    earlier: Option<Box<Vec<Mail>>>,
}

impl Series {
    fn of(mail: Mail) -> Self {
        Self {
            last: mail,
            earlier: None,
        }
    }

    fn push(&mut self, mail: Mail) {
        let before = std::mem::replace(&mut self.last, mail);
        self.earlier.get_or_insert_default().push(before);
    }

    fn pass_at(&mut self, at: Micros) {
        if self.last.is_open(at) {
            self.last.passed = at;
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Mail> {
        self.earlier
            .iter()
            .flat_map(|earlier| earlier.iter())
            .chain([&self.last])
    }

    fn into_mails(self) -> impl Iterator<Item = Mail> {
        self.earlier
            .into_iter()
            .flat_map(|earlier| *earlier)
            .chain([self.last])
    }

    /// Adds the series that follow.
    fn join(&mut self, later: Series) {
        for next in later.into_mails() {
            match self.last.is_open(next.first) {
                true => self.last.absorb(next),
                false => self.push(next),
            }
        }
    }
}

/// All mails of a stretch of log.
#[derive(Debug, Default)]
pub struct Mails {
    /// By sender and recipient.
    series: Keyed<Series>,
    /// Passes before any try: they may end a mail that began before this stretch.
    passes: Keyed<Micros>,
}

impl Mails {
    /// A greylisted try.
    pub fn try_at(&mut self, mail: Key, at: Micros, trail: Trail) {
        match self.series.get_mut(mail) {
            Some(series) if series.last.is_open(at) => series.last.try_at(at, trail),
            Some(series) => series.push(Mail::new(at, trail)),
            None => self.series.insert(mail, Series::of(Mail::new(at, trail))),
        }
    }

    /// A pass.
    pub fn pass_at(&mut self, mail: Key, at: Micros) {
        match self.series.get_mut(mail) {
            Some(series) => series.pass_at(at),
            None => drop(self.passes.get_or_insert_with(mail, || at)),
        }
    }

    /// Adds the mails of the stretch that follows.
    pub fn join(&mut self, later: Mails) {
        for (mail, at) in later.passes {
            self.pass_at(mail, at);
        }
        for (mail, theirs) in later.series {
            match self.series.get_mut(mail) {
                Some(ours) => ours.join(theirs),
                None => self.series.insert(mail, theirs),
            }
        }
    }

    /// How many rows are kept.
    pub fn rows(&self) -> usize {
        self.series.len() + self.passes.len()
    }

    /// Every mail.
    pub fn iter(&self) -> impl Iterator<Item = &Mail> {
        self.series.rows().flat_map(Series::iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::time::{HOUR, MINUTE};
    use proptest::prelude::*;

    fn trail(sender: Key, network: Key) -> Trail {
        Trail::new(sender, network)
    }

    fn all(mails: &Mails) -> Vec<Mail> {
        let mut all: Vec<Mail> = mails.iter().cloned().collect();
        all.sort_by_key(|mail| (mail.first, mail.last, mail.passed()));
        all
    }

    #[test]
    fn a_mail_from_first_try_to_pass() {
        let mut mails = Mails::default();
        mails.try_at(1, 0, trail(7, 1));
        mails.try_at(1, HOUR, trail(7, 1));
        assert!(!all(&mails)[0].trails[0].is_pool());
        mails.try_at(1, 2 * HOUR, trail(7, 2));
        mails.pass_at(1, 3 * HOUR);
        mails.pass_at(1, 4 * HOUR);
        mails.try_at(1, 5 * HOUR, trail(7, 1));
        let mails = all(&mails);
        assert_eq!(mails.len(), 2, "after a pass a try is a new mail");
        assert_eq!(mails[0].fate(DAY), Fate::Passed(3 * HOUR));
        assert!(mails[0].trails[0].is_pool());
        assert!(!mails[1].trails[0].is_pool());
    }

    #[test]
    fn edges_of_the_retry_window() {
        for (gap, count) in [(RETRY_WINDOW - 1, 1), (RETRY_WINDOW, 2)] {
            let mut mails = Mails::default();
            mails.try_at(1, 0, trail(7, 1));
            mails.try_at(1, gap, trail(7, 1));
            assert_eq!(mails.iter().count(), count);
        }
        for (gap, fate) in [
            (RETRY_WINDOW - 1, Fate::Passed(RETRY_WINDOW - 1)),
            (RETRY_WINDOW, Fate::Lost),
        ] {
            let mut mails = Mails::default();
            mails.try_at(1, 0, trail(7, 1));
            mails.pass_at(1, gap);
            assert_eq!(all(&mails)[0].fate(10 * DAY), fate);
        }
        let mut mails = Mails::default();
        mails.try_at(1, 0, trail(7, 1));
        assert_eq!(all(&mails)[0].fate(RETRY_WINDOW - 1), Fate::Pending);
        assert_eq!(all(&mails)[0].fate(RETRY_WINDOW), Fate::Lost);
    }

    #[test]
    fn senders_keep_their_own_trails() {
        let mut mails = Mails::default();
        for (at, sender, network) in [(0, 9, 1), (1, 7, 2), (2, 9, 1), (3, 7, 3)] {
            mails.try_at(1, at, trail(sender, network));
        }
        let pools: Vec<(Key, bool)> = all(&mails)[0]
            .trails
            .iter()
            .map(|t| (t.sender, t.is_pool()))
            .collect();
        assert_eq!(pools, [(7, true), (9, false)]);
    }

    /// What happens to two mails: when, which, from where, or a pass.
    fn history() -> impl Strategy<Value = Vec<(Micros, Key, Option<Trail>)>> {
        let step = (
            0..30 * HOUR,
            0..2_u64,
            proptest::option::weighted(0.75, (0..2_u64, 0..3_u64)),
        );
        proptest::collection::vec(step, 0..24).prop_map(|steps| {
            let mut now = 0;
            steps
                .into_iter()
                .map(|(wait, mail, from)| {
                    now += wait + MINUTE;
                    (
                        now,
                        mail,
                        from.map(|(sender, network)| trail(sender, network)),
                    )
                })
                .collect()
        })
    }

    fn count(history: &[(Micros, Key, Option<Trail>)]) -> Mails {
        let mut mails = Mails::default();
        for (at, mail, from) in history {
            match from {
                Some(trail) => mails.try_at(*mail, *at, *trail),
                None => mails.pass_at(*mail, *at),
            }
        }
        mails
    }

    /// A mail in a form that does not depend on which of several networks was met first.
    type Told = (Micros, Micros, Option<Micros>, Vec<(Key, bool)>);

    fn told(mails: &Mails) -> Vec<Told> {
        all(mails)
            .iter()
            .map(|m| {
                (
                    m.first,
                    m.last,
                    m.passed(),
                    m.trails.iter().map(|t| (t.sender, t.is_pool())).collect(),
                )
            })
            .collect()
    }

    proptest! {
        #[test]
        fn cut_anywhere_and_joined_in_any_grouping(history in history(), a in 0usize..25, b in 0usize..25) {
            let (a, b) = (a.min(b).min(history.len()), a.max(b).min(history.len()));
            let whole = count(&history);
            let parts = || (count(&history[..a]), count(&history[a..b]), count(&history[b..]));
            let (mut left, middle, right) = parts();
            left.join(middle);
            left.join(right);
            prop_assert_eq!(told(&left), told(&whole));
            let (mut left, mut middle, right) = parts();
            middle.join(right);
            left.join(middle);
            prop_assert_eq!(told(&left), told(&whole));
        }
    }
}
