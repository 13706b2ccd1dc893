//! What a man page says beyond the option table: `pages/NAME.toml`.

use serde::Deserialize;

/// The texts of one plugin's man page. Plain sentences in ASCII, no markup.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Page {
    /// The last change, `YYYY-MM-DD`.
    pub(crate) date: String,
    /// Paragraphs that follow the option table's own description.
    pub(crate) description: Vec<String>,
    /// Other man pages, as in `postgrey(8)`.
    pub(crate) see_also: Vec<String>,
    /// What each exit status means.
    pub(crate) exit: Exit,
    /// The performance data.
    pub(crate) metric: Vec<Metric>,
    /// Calls to copy.
    pub(crate) example: Vec<Example>,
    /// What is read.
    pub(crate) file: Vec<File>,
}

/// What each exit status means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exit {
    /// 0
    pub(crate) ok: String,
    /// 1
    pub(crate) warning: String,
    /// 2
    pub(crate) critical: String,
    /// 3
    pub(crate) unknown: String,
}

/// One label of the performance data, or several of one kind, joined by a comma and a blank.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metric {
    /// The label.
    pub(crate) label: String,
    /// Its unit; empty for a count.
    #[serde(default)]
    pub(crate) unit: String,
    /// What it counts.
    pub(crate) text: String,
}

/// A call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    /// What it is good for.
    pub(crate) text: String,
    /// What to type.
    pub(crate) call: String,
}

/// A file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// Its path; several of one kind are joined by a comma and a blank.
    pub(crate) path: String,
    /// What it is read for.
    pub(crate) text: String,
}

impl Page {
    /// The page of a plugin; `None` where nobody has written one.
    ///
    /// # Errors
    /// Where the file is not as described above.
    pub(crate) fn of(plugin: &str) -> Option<Result<Self, toml::de::Error>> {
        PAGES
            .iter()
            .find(|(name, _)| *name == plugin)
            .map(|(_, text)| toml::from_str(text))
    }
}

const PAGES: [(&str, &str); 3] = [
    (
        "check_mailq_blacklist",
        include_str!("pages/check_mailq_blacklist.toml"),
    ),
    ("check_memory", include_str!("pages/check_memory.toml")),
    (
        "check_postgrey_whitelist",
        include_str!("pages/check_postgrey_whitelist.toml"),
    ),
];
