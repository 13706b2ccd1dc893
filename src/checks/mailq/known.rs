//! Blocks that the admin knows of: `--known FILE`.
//!
//! One a line: the name of a provider, a list, a rule or a site as the plugin prints it, `until` and the last day it holds where it
//! ends, and a comment behind `#`. Upper and lower case are the same. An entry whose day has passed no longer counts, so that nothing is
//! forgotten.

use crate::host::time::{Civil, DAY, Micros, Zone};
use crate::reply::Verdict;

/// A block that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Provider, list or rule, as written.
    pub name: String,
    /// The first instant it no longer holds.
    pub ends: Option<Micros>,
    /// What the admin noted.
    pub comment: Option<String>,
}

/// All of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    entries: Vec<Entry>,
}

impl Known {
    /// Reads the file; days are those of `zone`.
    ///
    /// # Errors
    /// The line and what would be right, never its content.
    pub fn parse(text: &str, zone: Zone) -> Result<Self, String> {
        let mut entries = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let entry = parse_line(line, zone)
                .map_err(|expected| format!("line {}: expected {expected}", index + 1))?;
            entries.extend(entry);
        }
        Ok(Self { entries })
    }

    /// The entry that sets a verdict aside at `now`.
    pub fn find(&self, verdict: &Verdict, now: Micros) -> Option<&Entry> {
        let whole = verdict.list.as_deref().and_then(without_level);
        let [provider, list, rule] =
            [&verdict.provider, &verdict.list, &verdict.rule].map(Option::as_deref);
        let names = [provider, list, whole, rule];
        self.named(names.into_iter().flatten(), now)
    }

    /// The entry that sets aside what the servers of a site say at `now`, where neither list nor provider is known.
    pub fn of_site(&self, site: &str, now: Micros) -> Option<&Entry> {
        self.named([site].into_iter(), now)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn named<'n>(
        &self,
        names: impl Iterator<Item = &'n str> + Clone,
        now: Micros,
    ) -> Option<&Entry> {
        self.in_force(now).find(|entry| {
            let wanted = entry.name.to_lowercase();
            names.clone().any(|name| name.to_lowercase() == wanted)
        })
    }

    /// The entries that hold at `now`.
    pub fn in_force(&self, now: Micros) -> impl Iterator<Item = &Entry> {
        let holds = move |entry: &&Entry| entry.ends.is_none_or(|end| now < end);
        self.entries.iter().filter(holds)
    }

    /// The entries that have ended at `now`.
    pub fn ended(&self, now: Micros) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.ends.is_some_and(|end| now >= end))
    }
}

/// `UCEPROTECT` of `UCEPROTECT-3`: a list without a level is all of its levels.
fn without_level(list: &str) -> Option<&str> {
    let (name, level) = list.rsplit_once('-')?;
    matches!(level.as_bytes(), [b'0'..=b'9']).then_some(name)
}

/// What no list, rule or server has in its name: quotes would make an entry that never meets anything, and other files are no such file.
const NO_NAME: [char; 13] = [
    '"', '=', '[', ']', '{', '}', '<', '>', '|', '$', ';', '`', '\\',
];

fn parse_line(line: &str, zone: Zone) -> Result<Option<Entry>, &'static str> {
    let (body, comment) = match line.split_once('#') {
        Some((body, comment)) => (body.trim(), Some(comment.trim().to_owned())),
        None => (line.trim(), None),
    };
    if body.is_empty() {
        return Ok(None);
    }
    let words: Vec<&str> = body.split_whitespace().collect();
    let until = words.iter().rposition(|w| w.eq_ignore_ascii_case("until"));
    let (name, date) = match until {
        Some(at) => (&words[..at], Some(&words[at + 1..])),
        None => (&words[..], None),
    };
    let name = name.join(" ");
    if name.is_empty() || name.contains(NO_NAME) || date.is_some_and(<[_]>::is_empty) {
        return Err("a name, and perhaps until and a date");
    }
    let ends = match date {
        Some([date]) => day_after(date, zone).map(Some),
        Some(_) => None,
        None => Some(None),
    };
    Ok(Some(Entry {
        name,
        ends: ends.ok_or("a date as in until 2026-12-01")?,
        comment: comment.filter(|text| !text.is_empty()),
    }))
}

/// The midnight that ends the day.
fn day_after(date: &str, zone: Zone) -> Option<Micros> {
    let mut parts = date.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let (month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let civil = Civil::new(year, month, day, (0, 0, 0), 0)?;
    let next = Civil::from_utc(civil.as_utc() + DAY);
    Some(zone.instant(next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Class;

    const NOON: Micros = 20_778 * DAY + DAY / 2; // 2026-11-21

    fn verdict() -> Verdict {
        Verdict {
            class: Class::Blocklist,
            rule: Some(String::from("microsoft-s3150")),
            provider: Some(String::from("Microsoft")),
            list: Some(String::from("Microsoft S3150")),
            ours: None,
            ask: None,
            remote_host: None,
            limit_hit: false,
        }
    }

    #[test]
    fn who_is_known_and_until_when() {
        for (line, known) in [
            ("Microsoft", true),
            ("microsoft s3150", true),
            ("microsoft-s3150 # ticket 7", true),
            ("Microsoft until 2026-11-21", true),
            ("Microsoft until 2026-11-20", false),
            ("Microsoft\tS3150\tuntil\t2026-11-21", true),
            ("Microsoft  S3150 UNTIL  2026-11-20", false),
            ("Microsoft S3150 Until 2026-11-21", true),
            ("Microsoft 365", false),
            ("# Microsoft", false),
            ("", false),
        ] {
            let set = Known::parse(line, Zone::Fixed(0)).unwrap();
            assert_eq!(set.find(&verdict(), NOON).is_some(), known, "{line}");
        }
        let set = Known::parse("a until 2026-11-20 # why\nb", Zone::Fixed(0)).unwrap();
        let ended: Vec<_> = set
            .ended(NOON)
            .map(|e| (e.name.as_str(), e.comment.as_deref()))
            .collect();
        assert_eq!(ended, [("a", Some("why"))]);
    }

    #[test]
    fn a_list_without_a_level_is_all_of_its_levels() {
        for (line, list, known) in [
            ("UCEPROTECT", "UCEPROTECT-3", true),
            ("uceprotect-3", "UCEPROTECT-3", true),
            ("UCEPROTECT", "UCEPROTECT", true),
            ("UCEPROTECT-1", "UCEPROTECT-3", false),
            ("UCEPROTECT-1", "UCEPROTECT", false),
            ("UCEPROTECT", "Backscatterer", false),
        ] {
            let set = Known::parse(line, Zone::Fixed(0)).unwrap();
            let verdict = Verdict {
                list: Some(String::from(list)),
                ..verdict()
            };
            assert_eq!(set.find(&verdict, NOON).is_some(), known, "{line}: {list}");
        }
    }

    #[test]
    fn mistakes_name_the_line() {
        for (text, expected) in [
            (
                "x\nsecret until soon",
                "line 2: expected a date as in until 2026-12-01",
            ),
            (
                "x until 2026-02-30",
                "line 1: expected a date as in until 2026-12-01",
            ),
            (
                "x until 2026-12-01 or so",
                "line 1: expected a date as in until 2026-12-01",
            ),
            (
                "x until",
                "line 1: expected a name, and perhaps until and a date",
            ),
            (
                "x\n\"SpamCop\"",
                "line 2: expected a name, and perhaps until and a date",
            ),
            (
                "until 2026-12-01",
                "line 1: expected a name, and perhaps until and a date",
            ),
        ] {
            assert_eq!(Known::parse(text, Zone::Fixed(0)), Err(expected.to_owned()));
        }
    }
}
