//! Replays the corpora of the fuzz targets on the stable toolchain: what once was a crash stays a row.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::Path;

#[test]
fn corpora_replay_without_a_crash() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let mut crashes = Vec::new();
    for target in &targets::TARGETS {
        let seeds: Vec<_> = fs::read_dir(corpora.join(target.name)).unwrap().collect();
        assert!(!seeds.is_empty(), "{} has no corpus", target.name);
        for seed in seeds {
            let path = seed.unwrap().path();
            let data = fs::read(&path).unwrap();
            if std::panic::catch_unwind(|| (target.run)(&data)).is_err() {
                crashes.push(path);
            }
        }
    }
    assert!(crashes.is_empty(), "{crashes:#?}");
    assert_eq!(
        fs::read_dir(corpora).unwrap().count(),
        targets::TARGETS.len()
    );
}
