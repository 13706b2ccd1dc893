//! The table of calls, a TOML file: which plugins, and what they are asked.

use super::rules::Kind;
use serde::Deserialize;
use std::path::Path;

type Arguments = Vec<String>;

/// A file of calls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Wrong for every plugin.
    #[serde(default)]
    bad: Vec<Arguments>,
    /// Help and version of every plugin.
    #[serde(default)]
    help: Vec<Arguments>,
    /// Added to the good calls of every plugin.
    #[serde(default)]
    with: Vec<Arguments>,
    /// Added to the first good call of every plugin: another page, the same status.
    #[serde(default)]
    views: Vec<Arguments>,
    /// The plugins.
    plugin: Vec<Plugin>,
}

/// A plugin and its own calls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plugin {
    /// The program's name.
    name: String,
    /// Calls that give a result.
    good: Vec<Arguments>,
    /// Calls that are wrong for this plugin.
    #[serde(default)]
    bad: Vec<Arguments>,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    pub kind: Kind,
    pub arguments: Arguments,
}

impl Table {
    /// Reads a table.
    ///
    /// # Errors
    /// What is wrong with the file, in words.
    pub fn read(path: &Path) -> Result<Self, String> {
        let wrong = |why: String| format!("{}: {why}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        toml::from_str(&text).map_err(|error| wrong(error.to_string()))
    }

    /// Each plugin with its calls; the first of them gives a result.
    pub fn plugins(&self) -> impl Iterator<Item = (&str, Vec<Call>)> {
        self.plugin
            .iter()
            .map(|plugin| (plugin.name.as_str(), self.calls(plugin)))
    }

    fn calls(&self, plugin: &Plugin) -> Vec<Call> {
        let call = |kind, arguments: &Arguments| Call {
            kind,
            arguments: arguments.clone(),
        };
        let with = |kind, base: &Arguments, more: &Arguments| Call {
            kind,
            arguments: [base.as_slice(), more].concat(),
        };
        let mut calls: Vec<Call> = Vec::new();
        for good in &plugin.good {
            calls.push(call(Kind::Good, good));
            calls.extend(self.with.iter().map(|more| with(Kind::Good, good, more)));
        }
        let first = plugin.good.first().cloned().unwrap_or_default();
        calls.extend(self.views.iter().map(|view| with(Kind::View, &first, view)));
        let bad = self.bad.iter().chain(&plugin.bad);
        calls.extend(bad.map(|bad| call(Kind::Bad, bad)));
        calls.extend(self.help.iter().map(|help| call(Kind::Help, help)));
        calls
    }
}
