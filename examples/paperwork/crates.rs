//! The crates whose code is in the programs, by `cargo tree`: those that the library and the binaries are linked with on Linux, without
//! what only builds or tests them. (`cargo metadata` also counts features that only tests ask for, and so names crates that are not.)

use anyhow::{Context, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const PLATFORM: &str = "x86_64-unknown-linux-gnu";
/// What is asked of each crate: its package, licence and repository.
const FIELDS: &str = "{p}\t{l}\t{r}";

/// A crate, as it is told apart from others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id {
    pub(crate) name: String,
    pub(crate) version: String,
}

/// What is known of a crate.
#[derive(Debug, Default)]
pub(crate) struct Linked {
    /// As the crate states it, an SPDX expression or nearly.
    pub(crate) license: String,
    /// Empty where none is stated.
    pub(crate) repository: String,
    /// The linked crates that it needs itself.
    pub(crate) needs: BTreeSet<Id>,
}

/// The linked crates, and what the plugins need themselves.
///
/// # Errors
/// Where cargo cannot tell, or a crate states no licence.
pub(crate) fn linked() -> anyhow::Result<(BTreeMap<Id, Linked>, BTreeSet<Id>)> {
    let mut found: BTreeMap<Id, Linked> = BTreeMap::new();
    // From the plugins down to the crate of the line before.
    let mut path: Vec<Id> = Vec::new();
    for line in tree()?.lines() {
        let (depth, id, license, repository) =
            row(line).with_context(|| format!("cargo tree says {line}"))?;
        ensure!(!license.is_empty(), "{} states no licence", id.name);
        path.truncate(depth);
        if let Some(parent) = path.last().and_then(|parent| found.get_mut(parent)) {
            parent.needs.insert(id.clone());
        }
        path.push(id.clone());
        let linked = found.entry(id).or_default();
        (linked.license, linked.repository) = (license, repository);
    }
    let plugins = path.first().and_then(|plugins| found.remove(plugins));
    let plugins = plugins.context("cargo tree names nothing")?;
    Ok((found, plugins.needs))
}

/// Every way from the plugins to a crate, one crate on a line, in front of it how deep it stands.
fn tree() -> anyhow::Result<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--no-dedupe"])
        .args(["--edges", "normal,no-proc-macro", "--target", PLATFORM])
        .args(["--prefix", "depth", "--format", FIELDS])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo tree: {said}");
    Ok(String::from_utf8(output.stdout)?)
}

/// Depth, crate, licence and repository out of `2memchr v2.8.3`, a tab, and so on.
fn row(line: &str) -> Option<(usize, Id, String, String)> {
    let mut fields = line.split('\t');
    let package = fields.next()?;
    let name = package.trim_start_matches(|c: char| c.is_ascii_digit());
    let depth = package.strip_suffix(name)?.parse().ok()?;
    let mut words = name.split(' ');
    let id = Id {
        name: words.next()?.to_owned(),
        version: words.next()?.strip_prefix('v')?.to_owned(),
    };
    Some((
        depth,
        id,
        fields.next()?.to_owned(),
        fields.next()?.to_owned(),
    ))
}
