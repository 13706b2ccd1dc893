//! Which classes of replies count: `--alarm`.

use crate::reply::Class;
use std::str::FromStr;

/// A set of classes that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm(Vec<Class>);

impl Alarm {
    /// Whether `class` counts.
    pub fn has(&self, class: Class) -> bool {
        self.0.contains(&class)
    }

    /// The names, with commas between.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|class| class.name()).collect();
        names.join(",")
    }
}

impl Default for Alarm {
    fn default() -> Self {
        Self(Class::ALARM.to_vec())
    }
}

impl FromStr for Alarm {
    type Err = String;

    /// `blocklist,reputation` is exactly these; words that begin with `+` or `-` change the default.
    fn from_str(text: &str) -> Result<Self, String> {
        let changes = text.starts_with(['+', '-']);
        let mut set = if changes {
            Class::ALARM.to_vec()
        } else {
            Vec::new()
        };
        for word in text.split(',') {
            let (sign, name) = match word.as_bytes().first() {
                Some(b'+' | b'-') => word.split_at(1),
                _ => ("", word),
            };
            if changes == sign.is_empty() {
                return Err(String::from(
                    "write either classes, as in blocklist,rdns, or changes, as in +auth,-rdns",
                ));
            }
            let class: Class = name.parse().map_err(|error| format!("{error}"))?;
            set.retain(|known| *known != class);
            if sign != "-" {
                set.push(class);
            }
        }
        set.sort_unstable();
        if set.is_empty() {
            return Err(String::from("no class is left"));
        }
        Ok(Self(set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_and_changes() {
        for (text, names) in [
            (
                "blocklist,reputation,unexplained,rdns",
                "blocklist,reputation,unexplained,rdns",
            ),
            ("+auth", "blocklist,reputation,unexplained,rdns,auth"),
            ("+auth,-rdns", "blocklist,reputation,unexplained,auth"),
            ("-rdns", "blocklist,reputation,unexplained"),
            ("auth", "auth"),
            ("rdns,rdns,blocklist", "blocklist,rdns"),
        ] {
            assert_eq!(
                text.parse::<Alarm>().map(|set| set.names()),
                Ok(names.to_owned())
            );
        }
        for text in [
            "",
            ",",
            "spam",
            "+spam",
            "auth,+rdns",
            "+auth,rdns",
            "-blocklist,-reputation,-unexplained,-rdns",
            "auth,",
        ] {
            assert!(text.parse::<Alarm>().is_err(), "{text}");
        }
    }
}
