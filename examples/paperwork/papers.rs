//! All files that are made from the option tables.

use crate::{crates, man, page::Page, sbom};
use anyhow::Context;
use clap_complete::{Shell, generate};
use postmaster_plugins::checks::option_tables;
use postmaster_plugins::plugin::edge::OptionTable;
use std::path::Path;

/// What stands in front of the list of crates in the copyright file.
const CRATES: &str = " The programs contain code of these crates, in the versions of Cargo.lock, each\n under its own licence:\n .";
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

/// Man pages and completions of all plugins, and what they are made of.
///
/// # Errors
/// Where a plugin has no page, or a page is not as it should be.
pub(crate) fn all() -> anyhow::Result<Vec<Paper>> {
    let papers: anyhow::Result<Vec<_>> = option_tables().iter().map(of_plugin).collect();
    let mut papers: Vec<Paper> = papers?.into_iter().flatten().collect();
    papers.push(copyright()?);
    papers.push(Paper {
        path: String::from("share/sbom/postmaster-plugins.cdx.json"),
        text: sbom::cyclonedx()?,
    });
    Ok(papers)
}

/// The copyright file, with the crates that are linked in.
fn copyright() -> anyhow::Result<Paper> {
    let path = "packaging/debian/copyright";
    let kept = kept(path)?;
    let missing = || format!("{path} has no list of crates");
    let (before, rest) = kept.split_once(CRATES).with_context(missing)?;
    let (_, after) = rest.split_once("\n\n").with_context(missing)?;
    let (crates, _) = crates::linked()?;
    let list: String = crates
        .iter()
        .map(|(id, linked)| format!("\n  {}: {}", id.name, linked.license))
        .collect();
    Ok(Paper {
        path: path.to_owned(),
        text: format!("{before}{CRATES}{list}\n\n{after}"),
    })
}

/// A file of the repository as it is.
fn kept(path: &str) -> anyhow::Result<String> {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(whole).with_context(|| format!("cannot read {path}"))
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
    let page = kept(&path)?;
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
