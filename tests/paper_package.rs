//! What packages and `make install` bring: every plugin with its papers, at the places where the cores and the shells look.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

use postmaster_plugins::checks::option_tables;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn plugins() -> [String; 3] {
    option_tables().map(|table| table.get_name().to_owned())
}

/// `make` with the binaries that this test was built with; `None` where there is no make.
fn make(target: &[&str], destination: &Path) -> Option<Output> {
    let built = Path::new(env!("CARGO_BIN_EXE_check_memory"))
        .parent()
        .unwrap();
    let output = Command::new("make")
        .args(target)
        .arg(format!("DESTDIR={}", destination.display()))
        .arg(format!("builddir={}", built.display()))
        .args(["prefix=/usr", "plugindir=/usr/lib/nagios/plugins"])
        .env_remove("MAKEFLAGS")
        .current_dir(root())
        .output();
    match output {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("SKIPPED: no make here");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Whether everybody may run a file; everybody may read it.
fn runs(path: &Path) -> bool {
    let mode = path.metadata().unwrap().permissions().mode() & 0o7777;
    assert!(
        [0o755, 0o644].contains(&mode),
        "{} {mode:o}",
        path.display()
    );
    mode == 0o755
}

/// All files below a directory, without links, by their paths in it.
fn files(below: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![below.to_path_buf()];
    while let Some(path) = open.pop() {
        match (path.is_symlink(), path.is_dir()) {
            (true, _) => {}
            (false, true) => open.extend(
                std::fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            ),
            (false, false) => drop(found.insert(path.strip_prefix(below).unwrap().to_path_buf())),
        }
    }
    found
}

#[test]
fn make_install_brings_everything_and_uninstall_takes_it_away() {
    let directory = tempfile::tempdir().unwrap();
    let Some(output) = make(&["install", "install-config"], directory.path()) else {
        return;
    };
    assert!(output.status.success(), "{output:?}");
    let found = files(directory.path());
    for name in plugins() {
        for path in [
            format!("usr/lib/nagios/plugins/{name}"),
            format!("usr/share/man/man1/{name}.1"),
            format!("usr/share/bash-completion/completions/{name}"),
            format!("usr/share/zsh/site-functions/_{name}"),
            format!("usr/share/fish/vendor_completions.d/{name}.fish"),
            format!("usr/share/doc/postmaster-plugins/docs/{name}.md"),
        ] {
            assert!(found.contains(Path::new(&path)), "{path} in {found:#?}");
        }
    }
    let bill = "usr/share/doc/postmaster-plugins/postmaster-plugins.cdx.json";
    assert!(found.contains(Path::new(bill)), "{found:#?}");
    for path in &found {
        assert_eq!(
            runs(&directory.path().join(path)),
            path.starts_with("usr/lib/nagios/plugins") || path.ends_with("postmaster-send"),
            "{}",
            path.display()
        );
    }
    let examples = directory
        .path()
        .join("usr/share/doc/postmaster-plugins/examples");
    assert_eq!(files(&examples), files(&root().join("contrib")));
    make(&["uninstall"], directory.path());
    let left = files(directory.path());
    let configuration = [
        "etc/nagios-plugins/config/postmaster.cfg",
        "etc/nagios/nrpe.d/postmaster.cfg",
    ];
    assert_eq!(left, configuration.map(PathBuf::from).into());
}

#[test]
fn make_install_config_leaves_the_changes_of_the_admin_alone() {
    let directory = tempfile::tempdir().unwrap();
    let Some(output) = make(&["install-config"], directory.path()) else {
        return;
    };
    assert!(output.status.success(), "{output:?}");
    let file = directory.path().join("etc/nagios/nrpe.d/postmaster.cfg");
    std::fs::write(&file, "mine").unwrap();
    make(&["install-config"], directory.path());
    assert_eq!(std::fs::read_to_string(file).unwrap(), "mine");
}

#[test]
fn make_install_without_binaries_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let Some(output) = make(&["install", "PLUGINS=check_none"], directory.path()) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("check_none is not built: run 'make' as an ordinary user first"),
        "{said}"
    );
    assert_eq!(files(directory.path()), BTreeSet::new());
}

/// Source and destination of all files of a package, from its table in Cargo.toml.
fn assets(kind: &str) -> Vec<(String, String)> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let rows = manifest["package"]["metadata"][kind]["assets"]
        .as_array()
        .unwrap();
    let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
    rows.iter()
        .filter(|row| row.get("link_name").is_none())
        .map(|row| match row.as_array() {
            Some(row) => (text(&row[0]), text(&row[1])),
            None => (text(&row["source"]), text(&row["dest"])),
        })
        .collect()
}

#[test]
fn packages_have_every_plugin_and_nothing_that_is_not_there() {
    for (kind, directory) in [
        ("deb", "usr/lib/nagios/plugins/"),
        ("generate-rpm", "/usr/lib64/nagios/plugins/"),
    ] {
        let mut packed = BTreeSet::new();
        for (source, destination) in assets(kind) {
            if let Some(name) = source.strip_prefix("target/release/") {
                assert_eq!(destination, directory, "{kind} {name}");
                packed.insert(name.to_owned());
                continue;
            }
            let pattern = root().join(&source);
            let matches = glob::glob(&pattern.display().to_string()).unwrap().count();
            assert!(matches > 0, "{kind}: {source}");
        }
        assert_eq!(packed, plugins().into(), "{kind}");
        let bill = |(source, _): &(String, String)| source == "share/sbom/*";
        assert!(
            assets(kind).iter().any(bill),
            "{kind}: no bill of materials"
        );
    }
}

#[test]
fn the_packages_changelog_speaks_of_this_version() {
    let changelog = std::fs::read_to_string(root().join("packaging/debian/changelog")).unwrap();
    let newest = format!("postmaster-plugins ({}-1) ", env!("CARGO_PKG_VERSION"));
    assert!(changelog.starts_with(&newest), "{changelog}");
}
