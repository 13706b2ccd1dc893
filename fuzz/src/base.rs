//! The base of a state: whatever bytes it has, no panic and no memory that they do not fill; what is read is what was written.

use super::dice::Dice;
use postmaster_plugins::state::base::{Base, Basis, Bytes, Seal};
use postmaster_plugins::state::checksum::{build, sum};
use postmaster_plugins::state::spool::Spool;
use std::io::Write as _;

/// What stands in front of the lengths, and behind them.
const FRONT: usize = 32;
const BEHIND: usize = 16;
const BLOCK: usize = 4096;
const MOST_SECTIONS: u64 = 64;

/// Bytes as they are; with the checksums put right; or a base that was written, and then changed.
pub fn base(data: &[u8]) {
    let (how, data) = data.split_first().unwrap_or((&0, &[]));
    match how % 4 {
        0 => any(data),
        1 => any(&mended(data, u64::MAX)),
        2 => any(&mended(data, 0x3fff)),
        _ => changed(data),
    }
}

/// The base in a file of these bytes.
fn found(bytes: &[u8], sum: u64) -> Basis {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let seal = Seal { second: false, sum };
    Base::found(file, bytes.len() as u64, seal)
}

/// A base of these sections.
fn written(sections: Vec<Vec<u8>>, number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let sections = sections.into_iter().map(Spool::from).collect();
    let base = Bytes::new(sections, number).unwrap();
    base.write(&mut bytes).unwrap();
    bytes
}

fn word(bytes: &[u8], at: usize) -> u64 {
    let word = bytes.get(at..).and_then(|bytes| bytes.first_chunk());
    word.map_or(0, |word| u64::from_le_bytes(*word))
}

/// Where the seal of these bytes would be.
fn seal_at(bytes: &[u8]) -> usize {
    let count = word(bytes, 24).min(MOST_SECTIONS) as usize;
    FRONT + 8 * count + 8
}

/// What can be read is inside the file, in parts as in whole, and written it is the same file.
fn any(bytes: &[u8]) {
    let Basis::Whole(base) = found(bytes, word(bytes, seal_at(bytes))) else {
        return;
    };
    let count = word(bytes, 24) as usize;
    let lengths = (0..count).map(|number| base.length(number));
    assert!(lengths.sum::<u64>() <= bytes.len() as u64);
    let sections: Vec<_> = (0..count)
        .filter_map(|number| section(&base, number))
        .collect();
    assert_eq!(base.length(count), 0);
    assert_eq!(base.is_torn(), sections.len() < count);
    if sections.len() == count && word(bytes, 8) == build() {
        assert_eq!(written(sections, word(bytes, 16)), bytes);
    }
}

/// A section, whole and by halves.
fn section(base: &Base, number: usize) -> Option<Vec<u8>> {
    let length = base.length(number);
    assert_eq!(base.read(number, 0..length.saturating_add(1)), None);
    let whole = base.whole(number)?;
    assert_eq!(whole.len() as u64, length);
    let halves = [0..length / 2, length / 2..length].map(|range| base.read(number, range).unwrap());
    assert_eq!(halves.concat(), whole);
    Some(whole)
}

/// The bytes with a right head, lengths of at most `mask`, and checksums as far as there are blocks.
fn mended(data: &[u8], mask: u64) -> Vec<u8> {
    let mut bytes = data.to_vec();
    if bytes.len() < FRONT {
        return bytes;
    }
    let count = word(&bytes, 24) % (MOST_SECTIONS + 1);
    let start = FRONT + 8 * count as usize + BEHIND;
    bytes.resize(bytes.len().max(start), 0);
    put(&mut bytes, 0, u64::from_le_bytes(*b"PMBASE\0\x01"));
    put(&mut bytes, 8, build());
    put(&mut bytes, 24, count);
    let lengths: Vec<u64> = (0..count as usize)
        .map(|number| word(&bytes, FRONT + 8 * number) & mask)
        .collect();
    for (number, length) in lengths.iter().enumerate() {
        put(&mut bytes, FRONT + 8 * number, *length);
    }
    let sums = lengths
        .iter()
        .map(|length| length.div_ceil(BLOCK as u64))
        .fold(0, u64::saturating_add);
    let end = lengths
        .iter()
        .copied()
        .fold(sums.saturating_mul(8), u64::saturating_add);
    if end < 1 << 20 {
        bytes.resize(start + end as usize, 7);
        let mut at = start + 8 * sums as usize;
        let mut place = start;
        for length in &lengths {
            let next = at + *length as usize;
            let known: Vec<u64> = bytes[at..next].chunks(BLOCK).map(sum).collect();
            for block in known {
                put(&mut bytes, place, block);
                place += 8;
            }
            at = next;
        }
        let known = sum(&bytes[start..place]);
        put(&mut bytes, start - BEHIND, known);
    }
    let seal = sum(&bytes[..start - 8]);
    put(&mut bytes, start - 8, seal);
    bytes
}

fn put(bytes: &mut [u8], at: usize, word: u64) {
    bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
}

/// A base that was written; then some bytes are others. What is still read is what was written, and if nothing is another, all is.
fn changed(data: &[u8]) {
    let mut dice = Dice::new(data);
    let sections: Vec<Vec<u8>> = (0..dice.below(8))
        .map(|number| vec![dice.byte().wrapping_add(number as u8); dice.below(3 * BLOCK)])
        .collect();
    let good = written(sections.clone(), 7);
    let seal = word(&good, seal_at(&good));
    let mut bad = good.clone();
    for _ in 0..dice.below(4) {
        let at = dice.below(bad.len());
        bad[at] ^= dice.byte();
    }
    if dice.below(4) == 0 {
        bad.truncate(dice.below(bad.len() + 1));
    }
    let base = match found(&bad, seal) {
        Basis::Whole(base) => base,
        _ => return assert_ne!(bad, good),
    };
    for (number, section) in sections.iter().enumerate() {
        match base.whole(number) {
            Some(read) => assert_eq!(read, *section),
            None => assert!(base.is_torn() && bad != good),
        }
    }
}
