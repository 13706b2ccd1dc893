//! The year of lines that name none.
//!
//! The newest line of a log is at most a day younger than the file's last change. From there the years are walked: a line
//! belongs to the latest year that does not put it behind its successor. Logs are not quite in order (a clock is set, files are
//! read in the wrong order), so a line may lie up to [`DISORDER`] behind its successor; a gap between neighbours is therefore
//! understood up to nine months. A line or a few whose clock was ahead (a machine that starts on the first of January) do not make all
//! before them a year older. 29 February exists in leap years only and takes the nearest one.

use super::stamp::Stamp;
use crate::host::time::{Civil, DAY, Micros, Zone, ZoneCache};
use crate::host::yearless;

/// How far a line may lie behind its successor without meaning another year.
pub const DISORDER: Micros = 90 * DAY;
/// How much younger than the file's last change (or than now, for standard input) its newest line may be.
pub const AHEAD: Micros = DAY;
/// How far a log may go on behind the time that it is read as of.
const LATER: Micros = 180 * DAY;
/// The longest gap between neighbours that is understood.
const GAP: Micros = 275 * DAY;
/// Lines of a clock that was ahead lie this close together, until it was set.
const WRONG: Micros = DAY;

/// What bounds the years of something that is read from its start on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The first line is not younger.
    pub first: Micros,
    /// The last line is not younger.
    pub last: Micros,
}

impl Bounds {
    /// Of a file that last changed then.
    pub fn changed(at: Micros) -> Self {
        let limit = at.saturating_add(AHEAD);
        Self {
            first: limit,
            last: limit,
        }
    }

    /// Of what comes now, read as of another time: lines behind that do not count, but are no reason to doubt the year.
    pub fn coming(now: Micros, as_of: Micros) -> Self {
        let last = now.min(as_of.saturating_add(LATER)).max(as_of);
        Self {
            first: as_of.saturating_add(AHEAD),
            last: last.saturating_add(AHEAD),
        }
    }
}

/// Turns stamps into instants, in order of reading.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: ZoneCache,
    position: Position,
    guessed: bool,
}

/// What is known of the next line's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// It is not younger than this, and no line has been read yet.
    NotAfter(Micros),
    /// The line before it was written then.
    Behind(Micros),
}

impl Calendar {
    /// A calendar at `position`.
    pub fn new(zone: Zone, position: Position) -> Self {
        Self {
            zone: ZoneCache::new(zone),
            position,
            guessed: false,
        }
    }

    /// Whether the year of the first line was guessed, and with it those of all that follow.
    pub fn has_guessed(&self) -> bool {
        self.guessed
    }

    /// The instant of the next line's stamp.
    pub fn resolve(&mut self, stamp: Stamp) -> Option<Micros> {
        let at = match (stamp, self.position) {
            (Stamp::Instant(at), _) => at,
            (Stamp::Local(civil), _) => self.zone.instant(civil),
            (Stamp::Yearless(civil), Position::NotAfter(limit)) => {
                self.guessed = true;
                latest(&mut self.zone, civil, limit)?
            }
            (Stamp::Yearless(civil), Position::Behind(before)) => {
                yearless::since(&mut self.zone, civil, before - DISORDER)?
            }
        };
        self.follow(at);
        Some(at)
    }

    /// Notes that a line was written at `at`, which somebody else has found out.
    pub(super) fn follow(&mut self, at: Micros) {
        self.position = Position::Behind(at);
    }
}

/// Instants of stamps in file order, found backwards from the end: the last one is not younger than `limit`.
pub fn backwards(zone: Zone, stamps: &[Stamp], limit: Micros) -> Vec<Option<Micros>> {
    let mut zone = ZoneCache::new(zone);
    let (newest, mut limit) = (limit, limit);
    let mut successor = None;
    // From here on, back to where the last one was found, lines are of a clock that was ahead.
    let mut ahead_from = stamps.len();
    let mut instants: Vec<Option<Micros>> = (0..stamps.len())
        .rev()
        .map(|index| {
            let at = match stamps[index] {
                Stamp::Instant(at) => at,
                Stamp::Local(civil) => zone.instant(civil),
                Stamp::Yearless(civil) => {
                    let at = latest(&mut zone, civil, limit)?;
                    if let Some(next) = successor.filter(|next| *next - at > GAP) {
                        if index < ahead_from {
                            let before = &stamps[..index];
                            ahead_from =
                                ahead(&mut zone, before, (at, next), limit).unwrap_or(stamps.len());
                        }
                        if index >= ahead_from {
                            return yearless::since(&mut zone, civil, next);
                        }
                    }
                    at
                }
            };
            // Disorder is no reason for a line to be younger than the file.
            limit = (at + DISORDER).min(newest.max(at));
            successor = Some(at);
            Some(at)
        })
        .collect();
    instants.reverse();
    instants
}

/// Where lines begin that were written by a clock that was ahead, of which the last one, `before` which the others stand, lies more than
/// [`GAP`] before its successor: behind the last line that lies elsewhere, if that is in order with the successor.
fn ahead(
    zone: &mut ZoneCache,
    before: &[Stamp],
    (at, successor): (Micros, Micros),
    limit: Micros,
) -> Option<usize> {
    let instant = |stamp: &Stamp| match *stamp {
        Stamp::Instant(at) => Some(at),
        Stamp::Local(civil) => Some(zone.instant(civil)),
        Stamp::Yearless(civil) => latest(zone, civil, limit),
    };
    let mut instants = before.iter().map(instant).enumerate().rev();
    let (index, elsewhere) = instants.find_map(|(index, instant)| {
        let elsewhere = instant.filter(|instant| (at - instant).abs() > WRONG)?;
        Some((index, elsewhere))
    })?;
    let in_order = (successor - GAP..=successor).contains(&elsewhere);
    in_order.then_some(index + 1)
}

fn latest(zone: &mut ZoneCache, civil: Civil, limit: Micros) -> Option<Micros> {
    let (_, at) = yearless::up_to(zone, civil, limit).next()?;
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::time::HOUR;
    use crate::log::stamp;

    const UTC: Zone = Zone::Fixed(0);

    fn at(text: &str) -> Micros {
        match stamp::parse(text.as_bytes()) {
            Some((Stamp::Local(civil), _, _)) => UTC.instant(civil),
            other => panic!("{text}: {other:?}"),
        }
    }

    fn stamp_of(text: &str) -> Stamp {
        stamp::parse(format!("{text} 10:00:00").as_bytes())
            .unwrap()
            .0
    }

    fn years(instants: impl IntoIterator<Item = Option<Micros>>) -> Vec<i32> {
        instants
            .into_iter()
            .map(|at| at.map_or(0, |at| Civil::from_utc(at).year))
            .collect()
    }

    #[test]
    fn both_walks_find_the_years() {
        for (name, days, newest, expected) in [
            ("one day", vec!["Nov 21"], "2026-11-21 12:00:00", vec![2026]),
            (
                "a day ahead of the file's change",
                vec!["Nov 22"],
                "2026-11-21 12:00:00",
                vec![2026],
            ),
            (
                "two days ahead: last year's",
                vec!["Nov 23"],
                "2026-11-21 12:00:00",
                vec![2025],
            ),
            (
                "New Year",
                vec!["Dec 30", "Dec 31", "Jan 1", "Jan 2"],
                "2027-01-02 12:00:00",
                vec![2026, 2026, 2027, 2027],
            ),
            (
                "New Year's Eve, file changed after",
                vec!["Dec 31"],
                "2027-01-01 00:10:00",
                vec![2026],
            ),
            (
                "first of January, a day ahead",
                vec!["Jan 1"],
                "2026-12-31 23:00:00",
                vec![2027],
            ),
            (
                "leap day",
                vec!["Feb 28", "Feb 29", "Mar 1"],
                "2028-03-01 12:00:00",
                vec![2028, 2028, 2028],
            ),
            (
                "leap day long ago",
                vec!["Feb 29"],
                "2026-11-21 12:00:00",
                vec![2024],
            ),
            (
                "two years",
                vec!["Mar 1", "Oct 1", "Mar 1", "Oct 1"],
                "2026-11-21 12:00:00",
                vec![2025, 2025, 2026, 2026],
            ),
            (
                "a month back is disorder",
                vec!["Nov 20", "Oct 21", "Nov 21"],
                "2026-11-21 12:00:00",
                vec![2026, 2026, 2026],
            ),
        ] {
            let stamps: Vec<Stamp> = days.iter().map(|day| stamp_of(day)).collect();
            let limit = at(newest) + AHEAD;
            let walked = backwards(UTC, &stamps, limit);
            assert_eq!(years(walked.clone()), expected, "{name}");
            let first = walked[0].unwrap();
            let mut calendar = Calendar::new(UTC, Position::Behind(first - HOUR));
            assert_eq!(
                years(stamps.iter().map(|stamp| calendar.resolve(*stamp))),
                expected,
                "{name}"
            );
        }
    }

    #[test]
    fn eight_years_may_lie_between_two_leap_days() {
        let leap_day = stamp_of("Feb 29");
        let newest = at("2104-02-28 12:00:00");
        assert_eq!(years(backwards(UTC, &[leap_day], newest)), [2096]);
        let before = at("2096-03-01 12:00:00") + DISORDER;
        let mut calendar = Calendar::new(UTC, Position::Behind(before));
        assert_eq!(years([calendar.resolve(leap_day)]), [2104]);
    }

    /// Where the zone has another year than UTC.
    #[test]
    fn new_year_comes_earlier_in_the_east_and_later_in_the_west() {
        let of = |text: &str| stamp::parse(text.as_bytes()).unwrap().0;
        let (east, west) = (Zone::Fixed(3600), Zone::Fixed(-3600));
        let limit = at("2026-12-31 23:30:00");
        let found = backwards(east, &[of("Jan  1 00:10:00")], limit);
        assert_eq!(found, [Some(at("2026-12-31 23:10:00"))]);
        let before = at("2027-01-01 00:30:00") + DISORDER;
        let mut calendar = Calendar::new(west, Position::Behind(before));
        let found = calendar.resolve(of("Dec 31 23:45:00"));
        assert_eq!(found, Some(at("2027-01-01 00:45:00")));
    }

    #[test]
    fn disorder_puts_no_line_behind_the_newest() {
        let stamps = [stamp_of("Jan 2"), stamp_of("Nov 20")];
        let limit = at("2026-11-20 13:00:00") + AHEAD;
        assert_eq!(years(backwards(UTC, &stamps, limit)), [2026, 2026]);
    }

    #[test]
    fn a_whole_time_sets_the_year_for_its_neighbours() {
        let whole = Stamp::Local(Civil::new(2020, 1, 1, (0, 0, 0), 0).unwrap());
        let stamps = [stamp_of("Dec 31"), whole, stamp_of("Jan 2")];
        let limit = at("2020-01-05 00:00:00");
        assert_eq!(years(backwards(UTC, &stamps, limit)), [2019, 2020, 2020]);
        let mut calendar = Calendar::new(UTC, Position::NotAfter(limit));
        assert_eq!(
            years(stamps.map(|stamp| calendar.resolve(stamp))),
            [2019, 2020, 2020]
        );
    }

    /// Both walks agree on a line or a few whose clock was ahead, and on their neighbours.
    #[test]
    fn a_clock_that_was_ahead_makes_nothing_a_year_older() {
        for (name, days, newest, expected) in [
            (
                "a week ahead",
                &["Nov 23", "Dec 1", "Nov 24"][..],
                "2026-11-28 12:00:00",
                &[2026, 2026, 2026][..],
            ),
            (
                "the first of January",
                &["Nov 23", "Jan 1", "Jan 1", "Nov 24", "Nov 25"],
                "2026-11-28 12:00:00",
                &[2026, 2027, 2027, 2026, 2026],
            ),
            (
                "a log that rests nearly a year",
                &["Nov 27", "Dec 1", "Nov 24"],
                "2026-11-28 12:00:00",
                &[2025, 2025, 2026],
            ),
            (
                "a log that begins with it",
                &["Dec 1", "Nov 24"],
                "2026-11-28 12:00:00",
                &[2025, 2026],
            ),
        ] {
            let stamps: Vec<Stamp> = days.iter().map(|day| stamp_of(day)).collect();
            let walked = backwards(UTC, &stamps, at(newest) + AHEAD);
            assert_eq!(years(walked.clone()), expected, "{name}");
            if expected[0] == 2026 {
                let first = walked[0].unwrap();
                let mut calendar = Calendar::new(UTC, Position::Behind(first - HOUR));
                let forward = stamps.iter().map(|stamp| calendar.resolve(*stamp));
                assert_eq!(years(forward), expected, "{name}, forwards");
            }
        }
    }

    #[test]
    fn what_comes_may_go_on_behind_the_time_it_is_read_as_of() {
        let (now, as_of) = (1000 * DAY, 900 * DAY);
        for (name, now, as_of, first, last) in [
            ("now", now, now, now, now),
            ("as of before", now, as_of, as_of, now),
            ("as of long before", now, 100 * DAY, 100 * DAY, 280 * DAY),
            ("as of later", as_of, now, now, now),
        ] {
            let (first, last) = (first + AHEAD, last + AHEAD);
            assert_eq!(Bounds::coming(now, as_of), Bounds { first, last }, "{name}");
        }
    }
}
