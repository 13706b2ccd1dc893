//! Where the parts come from: every package in Cargo.lock builds with the Rust version that Cargo.toml states, and the bill of materials
//! names what is linked in and where it came from.

#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// `1.88` and `1.88.0` as numbers that compare.
fn version(text: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = text.split('.').map(|part| part.parse().unwrap()).collect();
    numbers.resize(3, 0);
    numbers
}

#[test]
fn no_dependency_needs_a_newer_rust() {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--locked",
            "--offline",
            "--format-version",
            "1",
            "--filter-platform",
            "x86_64-unknown-linux-gnu",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let ours = version(env!("CARGO_PKG_RUST_VERSION"));
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 40);
    for package in packages {
        let needs = package["rust_version"].as_str().unwrap_or("1.0");
        assert!(
            version(needs) <= ours,
            "{} needs Rust {needs}",
            package["name"]
        );
    }
}

fn table(name: &str) -> toml::Table {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn bill() -> Value {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("share/sbom/postmaster-plugins.cdx.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn rows<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().unwrap()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap()
}

/// `tests/paper_man.rs` says when the file is stale; this says that what it holds is true.
#[test]
fn the_bill_of_materials_names_crates_of_the_lock_file_and_their_checksums() {
    let bill = bill();
    assert_eq!(
        (text(&bill, "bomFormat"), text(&bill, "specVersion")),
        ("CycloneDX", "1.5")
    );
    let lock = table("Cargo.lock");
    let locked: BTreeMap<(&str, &str), &str> = lock["package"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| {
            let key = (row["name"].as_str()?, row["version"].as_str()?);
            Some((key, row.get("checksum")?.as_str()?))
        })
        .collect();
    let mut names = BTreeSet::new();
    for component in rows(&bill, "components") {
        let (name, version) = (text(component, "name"), text(component, "version"));
        let hash = &rows(component, "hashes")[0];
        assert_eq!(
            locked.get(&(name, version)),
            Some(&text(hash, "content")),
            "{name}"
        );
        assert_eq!(
            text(component, "bom-ref"),
            format!("pkg:cargo/{name}@{version}")
        );
        names.insert(name);
    }
    for name in table("Cargo.toml")["dependencies"]
        .as_table()
        .unwrap()
        .keys()
    {
        assert!(names.contains(name.as_str()), "{name} is linked in");
    }
    for name in ["proptest", "tempfile", "assert_cmd", "serde_derive"] {
        assert!(!names.contains(name), "{name} is not linked in");
    }
}

/// Every reference has its component, and every component is reached from the plugins.
#[test]
fn the_bill_of_materials_says_who_needs_whom() {
    let bill = bill();
    let needs: BTreeMap<&str, &[Value]> = rows(&bill, "dependencies")
        .iter()
        .map(|row| (text(row, "ref"), rows(row, "dependsOn")))
        .collect();
    let plugins = text(&bill["metadata"]["component"], "bom-ref");
    let (mut reached, mut open) = (BTreeSet::new(), vec![plugins]);
    while let Some(name) = open.pop() {
        let more = needs[name].iter().map(|name| name.as_str().unwrap());
        open.extend(more.filter(|name| reached.insert(*name)));
    }
    let components = rows(&bill, "components").iter();
    let components: BTreeSet<&str> = components.map(|row| text(row, "bom-ref")).collect();
    assert_eq!(reached, components);
}
