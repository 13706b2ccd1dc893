//! All files that are made from the option tables.

use crate::{man, page::Page};
use anyhow::Context;
use clap_complete::{Shell, generate};
use postmaster_plugins::checks::option_tables;
use postmaster_plugins::plugin::edge::OptionTable;

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
    let mut papers = vec![Paper {
        path: format!("share/man/{name}.1"),
        text: man::page(table, &page)?,
    }];
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
