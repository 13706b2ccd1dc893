//! `--journal`, `--window`, `--now` and `--no-data`.

use crate::host::time::{Civil, SECOND};
use crate::log::stamp::{self, Stamp};
use crate::log::window::Reach;
use crate::plugin::options::FOR_PEOPLE;
use crate::plugin::state::State;
use clap::Args;

/// Which part of the log counts, and what it means when there is none.
#[derive(Debug, Clone, Args)]
pub struct LogOptions {
    /// Read this machine's journal instead of a mail log; without this it is read where there is no mail log, or where it goes on behind
    /// the mail log's end
    #[arg(long)]
    pub journal: bool,

    /// Look this far back: a number and s, m, h, d or w; or all
    #[arg(long, value_name = "SPAN", value_parser = str::parse::<Reach>)]
    pub window: Option<Reach>,

    /// The state when the log is missing lines: none of the program's, none of the last 24 hours, or not the whole window
    #[arg(long, value_name = "STATE", value_parser = str::parse::<State>)]
    pub no_data: Option<State>,

    /// Judge as of this time: 2026-11-21T08:20:00Z, "2026-11-21 08:20:00" (local), 2026-11-21 or @SECONDS
    #[arg(long, value_name = "TIME", value_parser = moment, help_heading = FOR_PEOPLE)]
    pub now: Option<Stamp>,
}

/// A time that a person types.
fn moment(text: &str) -> Result<Stamp, String> {
    if let Some(seconds) = text
        .strip_prefix('@')
        .and_then(|digits| digits.parse::<i64>().ok())
    {
        let range = 0..=253_402_300_799; // the year 9999
        return match range.contains(&seconds) {
            true => Ok(Stamp::Instant(seconds * SECOND)),
            false => Err(String::from("is not between 1970 and 9999")),
        };
    }
    // A date alone is its first moment, a time without seconds its first second.
    [
        text.to_owned(),
        format!("{text}:00"),
        format!("{text} 00:00:00"),
    ]
    .iter()
    .find_map(|candidate| match stamp::parse(candidate.as_bytes()) {
        Some((stamp, _, [])) => Some(stamp),
        _ => None,
    })
    .filter(|stamp| !matches!(stamp, Stamp::Yearless(_)) && is_after_1970(stamp))
    .ok_or_else(|| {
        String::from("write 2026-11-21T08:20:00Z, \"2026-11-21 08:20:00\", 2026-11-21 or @SECONDS")
    })
}

fn is_after_1970(stamp: &Stamp) -> bool {
    match stamp {
        Stamp::Instant(at) => *at >= 0,
        Stamp::Local(Civil { year, .. }) | Stamp::Yearless(Civil { year, .. }) => *year > 1970,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        for text in [
            "2026-11-21T08:20:00Z",
            "2026-11-21T08:20:00.5+01:00",
            "2026-11-21 08:20:00",
            "2026-11-21 08:20",
            "2026-11-21",
            "@1795247858",
        ] {
            assert!(moment(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "now",
            "Nov 21 08:20:00",
            "2026-11-31",
            "@",
            "@-1",
            "@99999999999999",
            "1000-01-01",
            "2026-11-21T08:20:00Z x",
        ] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
