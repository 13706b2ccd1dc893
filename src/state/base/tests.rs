//! Bases and tables, whole, torn and exchanged.

use super::*;
use crate::host::access::Identity;
use crate::state::file::SECTIONS;
use crate::state::place::Place;
use crate::state::stream::{Stored, Stream};
use crate::state::table::{self, Table};
use crate::state::write::Ground;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

const PARTS: [&[u8]; SECTIONS] = [b"small"; SECTIONS];

fn place() -> (tempfile::TempDir, Place) {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::new(
        &directory.path().join("state"),
        &Identity::current(Path::new("/")),
    );
    (directory, place)
}

/// Sections around the size of a block.
fn sections() -> Vec<Vec<u8>> {
    let lengths = [0, 1, 4095, 4096, 4097, 9000];
    let section = |length| (0..length).map(|byte: u32| byte as u8).collect();
    lengths.map(section).to_vec()
}

fn written(place: &Place, sections: Vec<Vec<u8>>, before: Option<Seal>) -> Seal {
    let sections = sections.into_iter().map(Spool::from).collect();
    let bytes = Bytes::new(sections, 7).unwrap();
    let seal = bytes.seal(before);
    let ground = Ground::New(seal, &bytes);
    assert_eq!(place.write(PARTS, ground), Ok(true));
    seal
}

fn opened(place: &Place, seal: Seal) -> Option<Base> {
    match place.open_base(seal).unwrap() {
        Basis::Whole(base) => Some(base),
        Basis::Nothing | Basis::Damaged => None,
    }
}

fn names(directory: &Path) -> Vec<String> {
    let names = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn any_range_is_read() {
    let (_directory, place) = place();
    let seal = written(&place, sections(), None);
    let base = opened(&place, seal).unwrap();
    for (number, section) in sections().iter().enumerate() {
        assert_eq!(base.whole(number).as_ref(), Some(section));
        let length = section.len();
        for start in [0, 1, 4095, 4096, 4097, 8999, 9000] {
            for end in [0, 1, 4095, 4096, 4097, 8191, 8192, 8999, 9000, 9001] {
                let found = base.read(number, start as u64..end as u64);
                let expected = section.get(start..end).map(<[u8]>::to_vec);
                assert_eq!(found, expected, "{start}..{end} of {length}");
            }
        }
    }
    assert!(!base.is_torn() && base.whole(6).is_none());
}

/// Values of all lengths, so that some lie across whatever is read at once.
#[test]
fn what_waited_in_a_file_is_read_value_by_value() {
    let (_directory, place) = place();
    let mut spool = place.scratch().spool();
    let lengths = || (0..2000_usize).chain([3 << 20, 0]).chain((0..6000).rev());
    spool.put(&(lengths().count() as u64));
    lengths().for_each(|length| spool.put(&"x".repeat(length)));
    assert!(spool.is_spilled());
    let mut small = spool.length();
    let bytes = Bytes::new(vec![vec![1; 5000].into(), spool], 7).unwrap();
    let seal = bytes.seal(None);
    assert_eq!(place.write(PARTS, Ground::New(seal, &bytes)), Ok(true));
    let base = opened(&place, seal).unwrap();
    let stored = Stored::section(&base, 1);
    assert_eq!(stored.length(), small);

    let mut copy = place.scratch().spool();
    stored.copy(&mut copy).unwrap();
    assert!(base.whole(1) == copy.into_bytes().ok());

    let (mut stream, mut skipping) = (stored.clone().stream(), stored.stream());
    assert_eq!(stream.length(8), Some(8002));
    assert_eq!(skipping.length(8), Some(8002));
    small -= 8;
    for (number, length) in lengths().enumerate() {
        small -= 8 + length as u64;
        let value: String = stream.value().unwrap();
        assert_eq!((value.len(), stream.left()), (length, small), "{number}");
        let known: u64 = skipping.value().unwrap();
        let skipped = skipping.skip(known).unwrap();
        assert_eq!((skipped.length(), skipping.left()), (known, small));
    }
    assert_eq!(stream.value::<u8>(), None);
    assert!(skipping.skip(1).is_none() && Stream::of(&[]).left() == 0);
}

#[test]
fn torn_or_changed_anywhere_it_is_not_believed() {
    let (_directory, place) = place();
    let seal = written(&place, sections(), None);
    let path = place.base_path(seal);
    let good = std::fs::read(&path).unwrap();
    let read = |name: &str| {
        let whole = opened(&place, seal).and_then(|base| {
            let all: Option<Vec<_>> = (0..6).map(|number| base.whole(number)).collect();
            assert_eq!(all.is_none(), base.is_torn(), "{name}");
            all
        });
        assert_eq!(whole, None, "{name}");
    };
    for at in (0..good.len()).filter(|at| *at < 300 || at % 97 == 0) {
        std::fs::write(&path, &good[..at]).unwrap();
        read(&format!("torn at {at}"));
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        std::fs::write(&path, bad).unwrap();
        read(&format!("a bit of {at}"));
    }
    std::fs::write(&path, [good, vec![0]].concat()).unwrap();
    read("longer");
}

#[test]
fn another_base_is_none() {
    let (_directory, place) = place();
    let first = written(&place, sections(), None);
    let old = std::fs::read(place.base_path(first)).unwrap();
    let second = written(&place, vec![vec![1]], Some(first));
    assert_ne!(first.second, second.second);
    std::fs::write(place.base_path(second), old).unwrap();
    assert!(matches!(place.open_base(second), Ok(Basis::Nothing)));
    std::fs::remove_file(place.base_path(second)).unwrap();
    assert!(matches!(place.open_base(second), Ok(Basis::Nothing)));
}

#[test]
fn only_the_base_that_is_needed_is_kept() {
    let (directory, place) = place();
    let first = written(&place, sections(), None);
    assert_eq!(names(directory.path()), ["state", "state.a"]);
    let second = written(&place, sections(), Some(first));
    assert_eq!(names(directory.path()), ["state", "state.b"]);
    std::fs::write(place.base_path(first), "left by a run that was killed").unwrap();
    assert_eq!(place.write(PARTS, Ground::Kept(second)), Ok(true));
    assert_eq!(names(directory.path()), ["state", "state.b"]);
    std::fs::write(place.base_path(first), "left again").unwrap();
    let third = written(&place, sections(), Some(second));
    assert_eq!(names(directory.path()), ["state", "state.a"]);
    assert!(opened(&place, third).is_some());
    assert_eq!(place.write(PARTS, Ground::Nothing), Ok(true));
    assert_eq!(names(directory.path()), ["state"]);
}

#[test]
fn a_base_is_as_private_as_the_file() {
    let (directory, place) = place();
    let seal = written(&place, sections(), None);
    let path = place.base_path(seal);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o620)).unwrap();
    assert!(place.open_base(seal).is_err());
    let target = directory.path().join("target");
    std::fs::rename(&path, &target).unwrap();
    symlink(&target, &path).unwrap();
    assert!(place.open_base(seal).is_err());
    // What is written takes the link's place, not the target's.
    let bytes = Bytes::new(vec![vec![1].into()], 9).unwrap();
    let ground = Ground::New(bytes.seal(None), &bytes);
    let before = std::fs::read(&target).unwrap();
    assert_eq!(place.write(PARTS, ground), Ok(true));
    assert_eq!(std::fs::read(&target).unwrap(), before);
}

#[test]
fn rows_are_found_by_their_keys() {
    let (_directory, place) = place();
    for count in [0, 1, 15, 16, 17, 1000_u64] {
        let key = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let rows: Vec<(u64, String)> = (0..count)
            .map(|number| (key(number / 2), number.to_string()))
            .collect();
        let [directory, bytes] = table::bytes(rows.iter().map(|(key, row)| (*key, row)));
        let before = place.open().map(|_| None).unwrap();
        let seal = written(&place, vec![directory, bytes], before);
        let base = opened(&place, seal).unwrap();
        let table = Table::open(&base, 0).unwrap();
        for number in 0..count / 2 {
            let expected = [2 * number, 2 * number + 1].map(|row| row.to_string());
            assert_eq!(table.all::<String>(key(number)).unwrap(), expected);
        }
        assert_eq!(table.find::<String>(key(count)), Some(None), "{count}");
        assert_eq!(table.find::<String>(u64::MAX), Some(None), "{count}");
    }
}
