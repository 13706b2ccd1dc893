//! The file, whole, torn and in other hands.

use super::*;
use crate::host::access::Identity;
use crate::state::place::Place;
use crate::state::write::Ground;
use rustix::fs::{FlockOperation, flock};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

const PARTS: [&[u8]; SECTIONS] = [b"head", b"", b"memos", b"all the rest"];

fn write(place: &Place) {
    assert_eq!(place.write(PARTS, Ground::Nothing), Ok(true));
}

fn place() -> (tempfile::TempDir, Place) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state");
    let identity = Identity::current(Path::new("/"));
    (directory, Place::new(&path, &identity))
}

/// What is read back: `None` where a section is not what was written.
fn read(place: &Place) -> Option<Vec<Vec<u8>>> {
    match place.open().unwrap() {
        Found::Whole(state) => (0..SECTIONS)
            .map(|number| state.section(number).unwrap())
            .collect(),
        Found::Nothing | Found::Foreign | Found::Damaged => None,
    }
}

#[test]
fn what_was_written_is_read_and_private() {
    let (_directory, place) = place();
    assert!(matches!(place.open(), Ok(Found::Nothing)));
    for _ in 0..2 {
        assert_eq!(place.write(PARTS, Ground::Nothing), Ok(true));
        assert_eq!(read(&place).unwrap(), PARTS);
    }
    let mode = std::fs::metadata(&place.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
}

#[test]
fn torn_or_changed_anywhere_it_is_damaged() {
    let (_directory, place) = place();
    write(&place);
    let good = std::fs::read(&place.path).unwrap();
    for at in 0..good.len() {
        if at > 0 {
            std::fs::write(&place.path, &good[..at]).unwrap();
            assert_eq!(read(&place), None, "torn at {at}");
        }
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[at] ^= 1 << bit;
            std::fs::write(&place.path, bad).unwrap();
            assert_eq!(read(&place), None, "bit {bit} of {at}");
        }
    }
}

#[test]
fn another_version_is_no_damage() {
    let (_directory, place) = place();
    let mut bytes = header(&PARTS);
    bytes[8] ^= 1;
    let whole = sum(&bytes[..HEADER - 8]);
    bytes[HEADER - 8..].copy_from_slice(&whole.to_le_bytes());
    std::fs::write(&place.path, bytes).unwrap();
    assert!(matches!(place.open(), Ok(Found::Foreign)));
}

#[test]
fn who_comes_second_does_not_write() {
    let (_directory, place) = place();
    let new = place.beside(".new");
    let first = File::create(&new).unwrap();
    flock(&first, FlockOperation::LockExclusive).unwrap();
    assert_eq!(place.write(PARTS, Ground::Nothing), Ok(false));
    assert!(matches!(place.open(), Ok(Found::Nothing)));
    drop(first);
    assert_eq!(place.write(PARTS, Ground::Nothing), Ok(true));
}

#[test]
fn a_planted_link_is_not_written_through() {
    let (directory, place) = place();
    let target = directory.path().join("target");
    std::fs::write(&target, "precious").unwrap();
    symlink(&target, place.beside(".new")).unwrap();
    assert!(place.write(PARTS, Ground::Nothing).is_err());
    assert_eq!(std::fs::read(&target).unwrap(), b"precious");
}

#[test]
fn who_looked_before_another_wrote_does_not_write() {
    let (_directory, place) = place();
    let late = place.clone();
    assert!(matches!(late.open(), Ok(Found::Nothing)));
    write(&place);
    assert_eq!(late.write(PARTS, Ground::Nothing), Ok(false));
    assert!(!place.beside(".new").exists());
    assert!(matches!(late.open(), Ok(Found::Whole(_))));
    assert_eq!(late.write(PARTS, Ground::Nothing), Ok(true));
}
