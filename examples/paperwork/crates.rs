//! The crates whose code is in the programs, by `cargo metadata`: those that the library and the binaries are linked with on Linux,
//! without what only builds or tests them.

use anyhow::{Context, ensure};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const PLATFORM: &str = "x86_64-unknown-linux-gnu";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    license: Option<String>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

impl Package {
    /// A procedural macro works while the programs are built and is not part of them, nor is what it needs.
    fn is_macro(&self) -> bool {
        let mut kinds = self.targets.iter().flat_map(|target| &target.kind);
        kinds.any(|kind| kind == "proc-macro")
    }
}

#[derive(Deserialize)]
struct Resolve {
    root: String,
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

impl Dependency {
    fn is_ordinary(&self) -> bool {
        self.dep_kinds.iter().any(|kind| kind.kind.is_none())
    }
}

/// `None` is an ordinary dependency; others are `dev` and `build`.
#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// Name and licence of each crate, by name.
///
/// # Errors
/// Where cargo cannot tell, or a crate states no licence.
pub(crate) fn linked() -> anyhow::Result<BTreeMap<String, String>> {
    let metadata = metadata()?;
    let macros = metadata
        .packages
        .iter()
        .filter(|package| package.is_macro());
    let linked = reached(
        &metadata.resolve,
        &macros.map(|package| package.id.as_str()).collect(),
    );
    let packages = metadata.packages.into_iter();
    packages
        .filter(|package| linked.contains(&package.id))
        .map(|package| {
            let license = package
                .license
                .context(format!("{} states no licence", package.name))?;
            Ok((package.name, license))
        })
        .collect()
}

fn metadata() -> anyhow::Result<Metadata> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--offline",
            "--filter-platform",
            PLATFORM,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()?;
    ensure!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The ids of all packages that ordinary dependencies lead to, and not through macros.
fn reached(resolve: &Resolve, macros: &BTreeSet<&str>) -> BTreeSet<String> {
    let nodes: BTreeMap<&str, &Node> = resolve
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node))
        .collect();
    let (mut found, mut open) = (BTreeSet::new(), vec![resolve.root.as_str()]);
    while let Some(id) = open.pop() {
        let dependencies = nodes.get(id).map_or(&[][..], |node| &node.deps);
        let linked = dependencies
            .iter()
            .filter(|it| it.is_ordinary() && !macros.contains(it.pkg.as_str()));
        for dependency in linked {
            if found.insert(dependency.pkg.clone()) {
                open.push(&dependency.pkg);
            }
        }
    }
    found
}
