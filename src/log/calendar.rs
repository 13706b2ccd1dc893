//! The year of lines that name none.
//!
//! The newest line of a log is at most a day younger than the file's last change. From there the years are walked: a line
//! belongs to the latest year that does not put it behind its successor. Logs are not quite in order (a clock is set, files are
//! read in the wrong order), so a line may lie up to [`DISORDER`] behind its successor; a gap between neighbours is therefore
//! understood up to nine months. 29 February exists in leap years only and takes the nearest one.

use super::stamp::Stamp;
use crate::host::time::{Civil, DAY, Micros, Zone, ZoneCache};
use crate::host::yearless;

/// How far a line may lie behind its successor without meaning another year.
pub const DISORDER: Micros = 90 * DAY;
/// How much younger than the file's last change (or than now, for standard input) its newest line may be.
pub const AHEAD: Micros = DAY;

/// Turns stamps into instants, in order of reading.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: ZoneCache,
    position: Position,
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
        }
    }

    /// The instant of the next line's stamp.
    pub fn resolve(&mut self, stamp: Stamp) -> Option<Micros> {
        let at = match (stamp, self.position) {
            (Stamp::Instant(at), _) => at,
            (Stamp::Local(civil), _) => self.zone.instant(civil),
            (Stamp::Yearless(civil), Position::NotAfter(limit)) => {
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
    let mut instants: Vec<Option<Micros>> = stamps
        .iter()
        .rev()
        .map(|stamp| {
            let at = match *stamp {
                Stamp::Instant(at) => at,
                Stamp::Local(civil) => zone.instant(civil),
                Stamp::Yearless(civil) => latest(&mut zone, civil, limit)?,
            };
            // Disorder is no reason for a line to be younger than the file.
            limit = (at + DISORDER).min(newest.max(at));
            Some(at)
        })
        .collect();
    instants.reverse();
    instants
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
}
