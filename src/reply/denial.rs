//! Cuts what a reply says is not so: `not blacklisted`, `nothing to do with any blacklist`, `DKIM pass`.
//!
//! Rules look for words, and a reply that acquits our host uses the same words as one that accuses it. Relies on folded text
//! (small letters, no accents). Lists of those who are let in (`not whitelisted`) are no denial.

use std::sync::OnceLock;

use regex::{Captures, Regex, RegexBuilder};
use serde::Deserialize;

/// Stands for what is denied.
const DENIED: &str = "#not";

/// Stands for a denial that clears our host: what else is said against it in general words does not count.
const CLEARED: &str = "#cleared";

/// The table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    signs: Vec<String>,
    denied: Vec<String>,
    cleared: Vec<String>,
}

/// What is looked for in each reply; the pattern is compiled when one first needs it.
struct Denials {
    table: Table,
    pattern: OnceLock<Option<Regex>>,
}

/// The text with a stand-in for each denial.
pub(super) fn cut(text: String) -> String {
    let Some(denials) = Denials::known().filter(|denials| denials.may_be_in(&text)) else {
        return text;
    };
    let stand_in = |found: &Captures<'_>| match found.name("cleared") {
        Some(_) => CLEARED,
        None => DENIED,
    };
    match denials.pattern() {
        Some(pattern) => pattern.replace_all(&text, stand_in).into_owned(),
        None => text,
    }
}

impl Denials {
    /// Those compiled in, read when a reply first needs them.
    fn known() -> Option<&'static Self> {
        static KNOWN: OnceLock<Option<Denials>> = OnceLock::new();
        let read = || {
            Some(Denials {
                table: toml::from_str(include_str!("rules/denials.toml")).ok()?,
                pattern: OnceLock::new(),
            })
        };
        KNOWN.get_or_init(read).as_ref()
    }

    fn may_be_in(&self, text: &str) -> bool {
        let mut signs = self.table.signs.iter();
        signs.any(|sign| text.contains(sign.as_str()))
    }

    fn pattern(&self) -> Option<&Regex> {
        let compiled = || {
            let Table {
                denied, cleared, ..
            } = &self.table;
            let pattern = format!("{}|(?<cleared>{})", denied.join("|"), cleared.join("|"));
            // Folded text needs no tables of Unicode.
            RegexBuilder::new(&pattern).unicode(false).build().ok()
        };
        self.pattern.get_or_init(compiled).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_no_evidence() {
        let rows = [
            ("not blacklisted, just too many", "#cleared, just too many"),
            ("your ip is not on our blocklist", "your ip is #cleared"),
            (
                "203.0.113.7 is not listed anywhere",
                "203.0.113.7 is #cleared",
            ),
            (
                "forged, nothing to do with any blacklist.",
                "forged, #cleared.",
            ),
            (
                "dkim pass, but the ip is in rbl",
                "#not, but the ip is in rbl",
            ),
            ("sbrs -7.4, blacklists: none", "sbrs -7.4, #cleared"),
            (
                "203.0.113.7 is not in our list of relay hosts",
                "203.0.113.7 is #not",
            ),
            (
                "su ip no esta en ninguna lista negra",
                "su ip no esta #cleared",
            ),
            ("steht auf keiner sperrliste", "steht #cleared"),
            ("spf softfail (ok), but", "#not, but"),
            ("203.0.113.7 is clean, the", "#cleared, the"),
            ("your ip has a good reputation but", "your ip #cleared but"),
            ("rbl check passed, but", "#cleared, but"),
            (
                "203.0.113.7 is off the blacklist since",
                "203.0.113.7 #cleared since",
            ),
            ("it was removed from our list, but", "it #cleared, but"),
            ("the ip 203.0.113.7 was not considered", "the #cleared"),
            ("spf and dkim pass, still deferred", "#not, still deferred"),
            (
                "regla del usuario, no por la ip",
                "regla del usuario, #cleared",
            ),
            (
                "#host[203.0.113.7] ist davon nicht betroffen",
                "#host#cleared",
            ),
            (
                "filtro, no tiene que ver con la ip 203.0.113.7",
                "filtro, #cleared",
            ),
            (
                "your ip must be removed from the list",
                "your ip must be removed from the list",
            ),
            (
                "your ip 203.0.113.7 is not whitelisted here",
                "your ip 203.0.113.7 is not whitelisted here",
            ),
            ("not on our allow list", "not on our allow list"),
            ("o servidor nao esta bloqueado.", "o servidor #cleared."),
            ("ip noted, reputation unaffected", "ip noted, #cleared"),
            ("the host keeps its good standing", "the host #cleared"),
            ("with no offence to #host", "with #cleared"),
            ("550 your server is blocked", "550 your server is blocked"),
        ];
        for (text, expected) in rows {
            assert_eq!(cut(text.to_owned()), expected, "{text}");
        }
    }

    #[test]
    fn the_patterns_compile() {
        assert!(Denials::known().is_some_and(|denials| denials.pattern().is_some()));
    }
}
