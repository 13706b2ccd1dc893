//! The bill of materials: what is linked into the programs, as CycloneDX 1.5 JSON.
//!
//! It has no serial number and no time, so that the same Cargo.lock makes the same file. Checksums are those of Cargo.lock: SHA-256 of the
//! crate's archive.

use crate::crates::{self, Id, Linked};
use anyhow::Context;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const PLUGINS: &str = concat!("pkg:cargo/postmaster-plugins@", env!("CARGO_PKG_VERSION"));

/// The whole document.
///
/// # Errors
/// Where cargo cannot tell, or Cargo.lock cannot be read.
pub(crate) fn cyclonedx() -> anyhow::Result<String> {
    let (crates, direct) = crates::linked()?;
    let checksums = checksums()?;
    let component = |(id, linked)| component(id, linked, checksums.get(id));
    let components: anyhow::Result<Vec<Value>> = crates.iter().map(component).collect();
    let mut dependencies = vec![needs(PLUGINS, &direct)];
    dependencies.extend(crates.iter().map(|(id, it)| needs(&purl(id), &it.needs)));
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": plugins()},
        "components": components?,
        "dependencies": dependencies,
    });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn plugins() -> Value {
    json!({
        "type": "application",
        "bom-ref": PLUGINS,
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "description": env!("CARGO_PKG_DESCRIPTION"),
        "licenses": [{"expression": env!("CARGO_PKG_LICENSE")}],
        "purl": PLUGINS,
    })
}

fn component(id: &Id, linked: &Linked, checksum: Option<&String>) -> anyhow::Result<Value> {
    let checksum = checksum.with_context(|| format!("{} has no checksum", id.name))?;
    let repository = Some(&linked.repository).filter(|url| !url.is_empty());
    let references = repository.map(|url| json!({"type": "vcs", "url": url}));
    Ok(json!({
        "type": "library",
        "bom-ref": purl(id),
        "name": id.name,
        "version": id.version,
        "scope": "required",
        "hashes": [{"alg": "SHA-256", "content": checksum}],
        // Older crates write MIT/Apache-2.0, which is no SPDX expression.
        "licenses": [{"expression": linked.license.replace('/', " OR ")}],
        "purl": purl(id),
        "externalReferences": Vec::from_iter(references),
    }))
}

fn needs(from: &str, needed: &BTreeSet<Id>) -> Value {
    json!({"ref": from, "dependsOn": needed.iter().map(purl).collect::<Vec<_>>()})
}

fn purl(id: &Id) -> String {
    format!("pkg:cargo/{}@{}", id.name, id.version)
}

fn checksums() -> anyhow::Result<BTreeMap<Id, String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let lock: toml::Table = toml::from_str(&std::fs::read_to_string(path)?)?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let rows = packages.context("Cargo.lock lists no packages")?;
    let checksum = |row: &toml::Value| {
        let text = |key: &str| row.get(key)?.as_str().map(str::to_owned);
        let (name, version) = (text("name")?, text("version")?);
        Some((Id { name, version }, text("checksum")?))
    };
    Ok(rows.iter().filter_map(checksum).collect())
}
