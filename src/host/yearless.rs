//! Dates without a year, as syslog and queue listings write them: their months, and the instants that they can mean.

use super::time::{Civil, Micros, ZoneCache, is_leap};

/// A leap year, which stands for the one that is not known.
pub const SOME_YEAR: i32 = 2000;
/// Years tried: eight pass between two leap years now and then (1896 to 1904, 2096 to 2104), and a saved listing may be old.
const YEARS: i32 = 12;

const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// The month, 1 to 12, that `name` is short for.
pub fn month(name: &[u8]) -> Option<u8> {
    let index = MONTHS.iter().position(|known| known.as_slice() == name)?;
    u8::try_from(index + 1).ok()
}

/// The instants at or before `limit` with this month, day and time, the latest first, each with its date.
pub fn up_to(
    zone: &mut ZoneCache,
    civil: Civil,
    limit: Micros,
) -> impl Iterator<Item = (Civil, Micros)> {
    let newest = Civil::from_utc(limit).year + 1;
    (newest - YEARS..=newest)
        .rev()
        .filter_map(move |year| in_year(zone, civil, year))
        .filter(move |(_, at)| *at <= limit)
}

/// The earliest instant at or after `limit` with this month, day and time.
pub fn since(zone: &mut ZoneCache, civil: Civil, limit: Micros) -> Option<Micros> {
    let oldest = Civil::from_utc(limit).year - 1;
    (oldest..=oldest + YEARS)
        .filter_map(|year| in_year(zone, civil, year))
        .map(|(_, at)| at)
        .find(|at| *at >= limit)
}

fn in_year(zone: &mut ZoneCache, civil: Civil, year: i32) -> Option<(Civil, Micros)> {
    let leap_day = (civil.month, civil.day) == (2, 29);
    let exists = (1..=9999).contains(&year) && (!leap_day || is_leap(year));
    let civil = Civil { year, ..civil };
    exists.then(|| (civil, zone.instant(civil)))
}

#[cfg(test)]
mod tests {
    use super::super::time::Zone;
    use super::*;

    fn civil(year: i32, month: u8, day: u8) -> Civil {
        Civil::new(year, month, day, (12, 0, 0), 0).unwrap()
    }

    #[test]
    fn the_years_around_a_limit() {
        let mut zone = ZoneCache::new(Zone::Fixed(0));
        for (name, date, limit, before, after) in [
            ("at it", (11, 21), civil(2026, 11, 21), 2026, 2026),
            ("behind it", (11, 22), civil(2026, 11, 21), 2025, 2026),
            ("in front of it", (11, 20), civil(2026, 11, 21), 2026, 2027),
            ("a leap day", (2, 29), civil(2026, 11, 21), 2024, 2028),
            (
                "without one in 2100",
                (2, 29),
                civil(2101, 1, 1),
                2096,
                2104,
            ),
        ] {
            let date = civil(SOME_YEAR, date.0, date.1);
            let years: Vec<i32> = up_to(&mut zone, date, limit.as_utc())
                .map(|(civil, at)| {
                    assert_eq!(civil.as_utc(), at, "{name}");
                    civil.year
                })
                .collect();
            assert_eq!(years.first(), Some(&before), "{name}");
            assert!(
                years.is_sorted_by(|later, earlier| later > earlier),
                "{name}"
            );
            let found = since(&mut zone, date, limit.as_utc());
            assert_eq!(
                found.map(|at| Civil::from_utc(at).year),
                Some(after),
                "{name}"
            );
        }
    }

    #[test]
    fn months() {
        assert_eq!((month(b"Jan"), month(b"Dec")), (Some(1), Some(12)));
        for name in ["jan", "Mai", "Ja", "Janu", ""] {
            assert_eq!(month(name.as_bytes()), None, "{name}");
        }
    }
}
