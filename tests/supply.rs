//! Where the parts come from: every package in Cargo.lock builds with the Rust version that Cargo.toml states.

#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::Value;
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
