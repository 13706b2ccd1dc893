//! One *mail*: a series of tries with the same sender and recipient, from whatever address, with gaps below Postgrey's retry
//! window, ended by any pass.
//!
//! Mails are kept under a keyed hash of sender and recipient, without regard to case, as Postgrey's own key is. The null sender
//! is everybody's: bounces of two senders to one recipient are two mails, so the sender's domain is part of their key. What is
//! counted of two parts of a log joins to what would have been counted of the whole.

use super::keyed::{Key, Keyed};
use crate::host::time::{DAY, Micros};
use crate::state::record::{Record, record};
use crate::state::spool::Spool;
use crate::state::stream::Stream;

/// After this gap a try begins a new mail (Postgrey's `--retry-window`, by default 2 days).
pub const RETRY_WINDOW: Micros = 2 * DAY;

/// All times of lines are before the year 10000.
pub(super) const LATEST: Micros = 8030 * 366 * DAY;
/// A time that no line has.
const NEVER: Micros = Micros::MIN;
/// Stands for several networks.
const SEVERAL: u32 = u32::MAX;

/// One series of tries. Small, and so are its parts: a busy week has millions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The first try, in the order of lines.
    pub first: Micros,
    /// The last try.
    pub last: Micros,
    /// The pass that ended the series, or [`NEVER`].
    passed: Micros,
    trails: Trails,
}

/// Who tried, one trail for each sender.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Trails {
    first: Trail,
    /// Rarely any.
    #[expect(
        clippy::box_collection,
        reason = "8 bytes instead of 24 in each of millions of rows"
    )]
    others: Option<Box<Vec<Trail>>>,
}

/// One sender's part in a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trail {
    /// The sender's number.
    pub sender: u32,
    /// The client network it came from, hashed, or [`SEVERAL`].
    network: u32,
}

impl Trail {
    /// A try by `sender` from `network`. Two networks are taken for one once in four billion times.
    pub fn new(sender: u32, network: Key) -> Self {
        let network = (network >> 32) as u32 ^ (network as u32).rotate_left(8);
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

impl Trails {
    fn iter(&self) -> impl Iterator<Item = &Trail> {
        std::iter::once(&self.first).chain(self.others.iter().flat_map(|others| others.iter()))
    }

    fn add(&mut self, trail: Trail) {
        let others = self.others.iter_mut().flat_map(|others| others.iter_mut());
        match std::iter::once(&mut self.first)
            .chain(others)
            .find(|known| known.sender == trail.sender)
        {
            Some(known) if known.network == trail.network => {}
            Some(known) => known.network = SEVERAL,
            None => self.others.get_or_insert_default().push(trail),
        }
    }

    /// Gives the senders other numbers.
    fn renumber(&mut self, numbers: &[u32]) {
        let others = self.others.iter_mut().flat_map(|others| others.iter_mut());
        for trail in std::iter::once(&mut self.first).chain(others) {
            if let Some(number) = numbers.get(trail.sender as usize) {
                trail.sender = *number;
            }
        }
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
            trails: Trails {
                first: trail,
                others: None,
            },
        }
    }

    /// Who tried, one trail for each sender.
    pub fn trails(&self) -> impl Iterator<Item = &Trail> {
        self.trails.iter()
    }

    /// Whether it was tried from several networks, whosever they are.
    pub fn is_pool(&self) -> bool {
        let first = self.trails.first.network;
        self.trails()
            .any(|trail| trail.is_pool() || trail.network != first)
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

    /// Becomes the next mail with the same sender and recipient, or takes in what is its own end.
    fn follow(&mut self, key: Key, next: Mail, earlier: &mut Vec<(Key, Mail)>) {
        match self.is_open(next.first) {
            true => self.absorb(&next),
            false => earlier.push((key, std::mem::replace(self, next))),
        }
    }

    /// Takes in the series that follows and is the same mail. What came first in the log stays the first try, however late its line was:
    /// whether a series goes on is asked in the order of lines.
    fn absorb(&mut self, later: &Mail) {
        self.last = self.last.max(later.last);
        self.passed = later.passed;
        later.trails().for_each(|trail| self.trails.add(*trail));
    }
}

/// All mails of a stretch of log.
#[derive(Debug, Default)]
pub struct Mails {
    /// By sender and recipient the last mail.
    last: Keyed<Mail>,
    /// The mails before it, in order of time. Rarely any.
    earlier: Vec<(Key, Mail)>,
    /// Passes before any try: they may end a mail that began before this stretch.
    passes: Keyed<Micros>,
}

impl Mails {
    /// A greylisted try.
    pub fn try_at(&mut self, mail: Key, at: Micros, trail: Trail) {
        match self.last.get_mut(mail) {
            Some(last) => last.follow(mail, Mail::new(at, trail), &mut self.earlier),
            None => self.last.insert(mail, Mail::new(at, trail)),
        }
    }

    /// A pass.
    pub fn pass_at(&mut self, mail: Key, at: Micros) {
        match self.last.get_mut(mail) {
            Some(last) if last.is_open(at) => last.passed = at,
            Some(_) => {}
            None => drop(self.passes.get_or_insert_with(mail, || at)),
        }
    }

    /// Adds the mails of the stretch that follows; `numbers` are the numbers of its senders here.
    pub fn join(&mut self, mut later: Mails, numbers: &[u32]) {
        for (mail, at) in later.passes {
            self.pass_at(mail, at);
        }
        for (mail, mut next) in later.earlier {
            next.trails.renumber(numbers);
            match self.last.get_mut(mail) {
                Some(last) => last.follow(mail, next, &mut self.earlier),
                None => self.last.insert(mail, next),
            }
        }
        let trails = later.last.rows_mut().map(|mail| &mut mail.trails);
        trails.for_each(|trails| trails.renumber(numbers));
        self.last.join(later.last, |mail, last, next| {
            last.follow(mail, next, &mut self.earlier);
        });
    }

    /// The mails of which something may still become, by their keys; `None` where one of them is not the last of its key.
    pub(super) fn open(&self, now: Micros) -> Option<Vec<(Key, &Mail)>> {
        let pending = |(_, mail): &(Key, Mail)| mail.fate(now) == Fate::Pending;
        let last = self.last.entries().map(|(_, key, mail)| (key, mail));
        let open = last.filter(|(_, mail)| mail.passed().is_none());
        (!self.earlier.iter().any(pending)).then(|| open.collect())
    }

    /// The keys of all that was tried or passed; some come twice.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        let last = self.last.entries().map(|(_, key, _)| key);
        let passes = self.passes.entries().map(|(_, key, _)| key);
        let earlier = self.earlier.iter().map(|(key, _)| *key);
        last.chain(passes).chain(earlier)
    }

    /// Whether there is a mail of this key.
    pub(super) fn knows(&mut self, key: Key) -> bool {
        self.last.get_mut(key).is_some()
    }

    /// Adds a mail of a key that has none yet; `numbers` gives its senders' numbers here.
    pub(super) fn add(
        &mut self,
        key: Key,
        mut mail: Mail,
        mut number: impl FnMut(u32) -> Option<u32>,
    ) -> Option<()> {
        let others = mail.trails.others.iter_mut();
        let others = others.flat_map(|others| others.iter_mut());
        for trail in std::iter::once(&mut mail.trails.first).chain(others) {
            trail.sender = number(trail.sender)?;
        }
        self.last.insert(key, mail);
        Some(())
    }

    /// When the next of the mails that are pending as of `now` will be lost.
    pub fn next_loss(&self, now: Micros) -> Option<Micros> {
        let pending = self.iter().filter(|mail| mail.fate(now) == Fate::Pending);
        pending
            .map(|mail| mail.last.saturating_add(RETRY_WINDOW))
            .min()
    }

    /// Whether all senders are below `end`, and all times are times that lines have.
    pub(super) fn are_sound(&self, end: u32) -> bool {
        let time = |at: Micros| at.checked_abs().is_some_and(|at| at < LATEST);
        let passed = |mail: &Mail| mail.passed().is_none_or(time);
        let sound = |mail: &Mail| {
            let known = mail.trails().all(|trail| trail.sender < end);
            known && time(mail.first) && time(mail.last) && passed(mail)
        };
        self.iter().all(sound) && self.passes.rows().all(|at| time(*at))
    }

    /// Appends all that there is.
    pub(super) fn write(&self, to: &mut Spool) {
        self.last.write(to);
        to.put(&(self.earlier.len() as u64));
        self.earlier.iter().for_each(|mail| to.put(mail));
        self.passes.write(to);
    }

    /// Takes mails from the front, to be joined to others: as many as `keep` lets pass.
    pub(super) fn read(from: &mut Stream<'_>, mut keep: impl FnMut() -> bool) -> Option<Self> {
        let last = Keyed::read(from, |_| keep())?;
        let mut earlier = Vec::new();
        for _ in 0..from.length(size_of::<Key>())? {
            let mail = from.value()?;
            if keep() {
                earlier.push(mail);
            }
        }
        let passes = Keyed::read(from, |_| keep())?;
        Some(Self {
            last,
            earlier,
            passes,
        })
    }

    /// How many rows are kept.
    pub fn rows(&self) -> usize {
        self.last.len() + self.earlier.len() + self.passes.len()
    }

    /// Every mail.
    pub fn iter(&self) -> impl Iterator<Item = &Mail> {
        self.earlier
            .iter()
            .map(|(_, mail)| mail)
            .chain(self.last.rows())
    }
}

record!(Trail { sender, network });
record!(Mail {
    first,
    last,
    passed,
    trails
});
impl Record for Trails {
    fn write(&self, to: &mut Vec<u8>) {
        let others = self.others.as_ref().map_or(0, |others| others.len());
        u32::try_from(others).unwrap_or(u32::MAX).write(to);
        self.iter().for_each(|trail| trail.write(to));
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let others = u32::read(from)?;
        let first = Trail::read(from)?;
        let mut trails = Self {
            first,
            others: None,
        };
        for _ in 0..others {
            let other = Trail::read(from)?;
            trails.others.get_or_insert_default().push(other);
        }
        Some(trails)
    }
}

#[cfg(test)]
mod tests;
