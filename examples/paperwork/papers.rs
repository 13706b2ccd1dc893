//! All files that are made from the option tables.

use crate::{man, page::Page};
use anyhow::Context;
use clap_complete::{Shell, generate};
use postmaster_plugins::checks::option_tables;
use postmaster_plugins::plugin::edge::OptionTable;
use std::path::Path;

const FENCE: &str = "```text\n";
const FENCE_END: &str = "```\n";

/// A file.
#[derive(Debug)]
pub(crate) struct Paper {
    /// Its place, from the root of the repository.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) text: String,
}

/// Man pages and completions of all plugins.
///
/// # Errors
/// Where a plugin has no page, or a page is not as it should be.
pub(crate) fn all() -> anyhow::Result<Vec<Paper>> {
    let papers: anyhow::Result<Vec<_>> = option_tables().iter().map(of_plugin).collect();
    Ok(papers?.into_iter().flatten().collect())
}

fn of_plugin(table: &OptionTable) -> anyhow::Result<Vec<Paper>> {
    let name = table.get_name();
    let page = Page::of(name).with_context(|| format!("no page for {name}"))??;
    let mut papers = vec![
        Paper {
            path: format!("share/man/{name}.1"),
            text: man::page(table, &page)?,
        },
        documentation(table)?,
    ];
    for (shell, path) in [
        (Shell::Bash, format!("share/bash/{name}")),
        (Shell::Zsh, format!("share/zsh/_{name}")),
        (Shell::Fish, format!("share/fish/{name}.fish")),
    ] {
        let text = completion(table, shell)?;
        papers.push(Paper { path, text });
    }
    Ok(papers)
}

/// The plugin's page of the documentation, with the help in its one block of text.
fn documentation(table: &OptionTable) -> anyhow::Result<Paper> {
    let path = format!("docs/{}.md", table.get_name());
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path))?;
    let block = || format!("{path} has no block of text for the help");
    let (before, rest) = page.split_once(FENCE).with_context(block)?;
    let (_, after) = rest.split_once(FENCE_END).with_context(block)?;
    let help = table.clone().render_long_help().to_string();
    let text = format!("{before}{FENCE}{help}{FENCE_END}{after}");
    Ok(Paper { path, text })
}

fn completion(table: &OptionTable, shell: Shell) -> anyhow::Result<String> {
    let mut text = Vec::new();
    let name = table.get_name().to_owned();
    generate(shell, &mut visible(table), name, &mut text);
    Ok(String::from_utf8(text)?)
}

/// The table without hidden arguments, which the generators would offer. They take the name from elsewhere.
fn visible(table: &OptionTable) -> OptionTable {
    let arguments = table.get_arguments().filter(|arg| !arg.is_hide_set());
    OptionTable::new("plugin")
        .version(env!("CARGO_PKG_VERSION"))
        .args(arguments.cloned())
}
