//! Real files of xz, zstd, pzstd, bzip2, gzip and pigz: whole, cut, damaged, and asking for too much.

use super::*;
use proptest::prelude::*;

const LOG: &[u8] = include_bytes!("../../../fixtures/postgrey/captured-traditional.log");
/// Each holds the log in two parts, packed one after the other.
const FILES: [(&str, Packing, &[u8]); 4] = [
    (
        "gzip",
        Packing::Gzip,
        include_bytes!("../../../fixtures/packed/members.gz"),
    ),
    (
        "xz",
        Packing::Xz,
        include_bytes!("../../../fixtures/packed/streams.xz"),
    ),
    (
        "zstd",
        Packing::Zstd,
        include_bytes!("../../../fixtures/packed/frames.zst"),
    ),
    (
        "bzip2",
        Packing::Bzip2,
        include_bytes!("../../../fixtures/packed/streams.bz2"),
    ),
];

/// What was unpacked until the end or the error.
fn unpack(packed: &[u8]) -> (Vec<u8>, Option<String>) {
    let input = Box::new(io::Cursor::new(packed.to_vec()));
    let mut text = Vec::new();
    let mut reader = match reader(packing(packed), input) {
        Ok(reader) => reader,
        Err(error) => return (text, Some(error.to_string())),
    };
    let error = reader.read_to_end(&mut text).err();
    (text, error.map(|error| error.to_string()))
}

#[test]
fn files_of_several_parts_are_one_text() {
    for (name, kind, packed) in FILES {
        assert_eq!(packing(packed), kind, "{name}");
        let (text, error) = unpack(packed);
        assert_eq!(error, None, "{name}");
        assert!(text == LOG, "{name}: {} bytes", text.len());
    }
}

#[test]
fn what_is_cut_says_so_and_gives_what_is_in_front() {
    for (name, _, packed) in FILES {
        let expected = format!("its {name} data ends too early: cut, or still being written");
        for percent in (1..100).step_by(6) {
            let cut = packed.len() * percent / 100;
            let (text, error) = unpack(&packed[..cut]);
            // Between its two parts a file looks whole.
            if error.is_some() {
                assert_eq!(error.as_ref(), Some(&expected), "{name} cut at {cut}");
            }
            assert!(LOG.starts_with(&text), "{name} cut at {cut}");
            let (first, second) = (text.is_empty(), text.len() * 2 < LOG.len());
            assert!(!first || percent < 60, "{name} cut at {cut}: nothing");
            assert!(
                !second || percent < 80,
                "{name} cut at {cut}: {}",
                text.len()
            );
        }
    }
}

/// What `gzip -d` and `bzip2 -d` take for whole is whole: zero bytes up to the end. What they call garbage is damage here.
#[test]
fn members_padded_with_zeros() {
    for (packing, packed) in [("gzip", FILES[0].2), ("bzip2", FILES[3].2)] {
        let damaged = Some(format!("its {packing} data is damaged"));
        let early = Some(format!(
            "its {packing} data ends too early: cut, or still being written"
        ));
        let two = [LOG, LOG].concat();
        for (name, padding, text, error) in [
            ("a byte", vec![0], LOG, None),
            ("a block", vec![0; 512], LOG, None),
            ("more than is read at once", vec![0; 3 * INPUT], LOG, None),
            ("another file", packed.to_vec(), &two, None),
            (
                "garbage",
                b"garbage of some length".to_vec(),
                LOG,
                damaged.clone(),
            ),
            (
                "garbage behind zeros",
                b"\0\0garbage of some length".to_vec(),
                LOG,
                damaged.clone(),
            ),
            (
                "a member behind zeros",
                [&[0; 7], packed].concat(),
                LOG,
                damaged,
            ),
            ("the start of a member", packed[..5].to_vec(), LOG, early),
        ] {
            let (found, why) = unpack(&[packed, &padding].concat());
            assert_eq!(why, error, "{packing}, {name}");
            assert!(found == text, "{packing}, {name}: {} bytes", found.len());
        }
    }
    let empty = gzipped(b"");
    assert_eq!(
        unpack(&[&empty[..], &[0; 9]].concat()),
        (Vec::new(), None),
        "an empty text"
    );
}

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::bufread::GzEncoder::new(text, flate2::Compression::fast())
        .read_to_end(&mut packed)
        .unwrap();
    packed
}

#[test]
fn a_small_file_that_is_cut_is_not_lost() {
    let blocks = include_bytes!("../../../fixtures/packed/blocks.zst");
    for (name, packed, percent, least) in [
        ("gzip", FILES[0].2, 33, LOG.len() / 4),
        ("xz", FILES[1].2, 33, LOG.len() / 4),
        // zstd packs 128 KiB as one, and one frame is one window.
        ("zstd", blocks, 50, 128 * 1024),
        ("zstd", blocks, 90, 384 * 1024),
        // bzip2 packs up to 900,000 bytes as one.
        ("bzip2", FILES[3].2, 60, LOG.len() / 2),
    ] {
        let (text, error) = unpack(&packed[..packed.len() * percent / 100]);
        assert!(text.len() >= least, "{name}: {}", text.len());
        assert!(error.is_some(), "{name}");
    }
}

#[test]
fn what_asks_for_too_much_memory_is_refused() {
    for (name, packed) in [
        (
            "xz",
            &include_bytes!("../../../fixtures/packed/dictionary-1gib.xz")[..],
        ),
        (
            "zstd",
            include_bytes!("../../../fixtures/packed/window-1gib.zst"),
        ),
    ] {
        let expected = format!("its {name} data needs more than 128 MiB to unpack");
        assert_eq!(unpack(packed), (Vec::new(), Some(expected)));
    }
}

#[test]
fn what_is_not_read_is_named() {
    for (head, why) in [
        (
            &b"\x1f\x9d\x90"[..],
            "is packed with compress, which is not read: unpack it and name the result",
        ),
        (
            b"\x04\x22\x4d\x18rest",
            "is packed with lz4, which is not read: unpack it and name the result",
        ),
    ] {
        assert_eq!(unpack(head), (Vec::new(), Some(why.to_owned())));
    }
    for head in [&b"Nov 21"[..], b"", b"P", b"P*M"] {
        assert_eq!(unpack(head), (head.to_vec(), None), "{head:?}");
    }
}

proptest! {
    #[test]
    fn damage_is_noticed(which in 0..FILES.len(), place in 6usize..8000, bits in 1u8..) {
        let (name, _, packed) = FILES[which];
        let mut damaged = packed.to_vec();
        let place = place % packed.len();
        prop_assume!(place >= MAGIC_LENGTH);
        damaged[place] ^= bits;
        let (text, error) = unpack(&damaged);
        prop_assert!(error.is_some() || text == LOG, "{name} at {place}");
    }

    #[test]
    fn any_bytes_behind_a_magic(which in 0..FILES.len(), rest in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (_, _, packed) = FILES[which];
        let _ = unpack(&[&packed[..12], &rest].concat());
    }
}
