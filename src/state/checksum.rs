//! Tells bytes that were written from others that came about by accident; only their user can write others on purpose.

use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;
use std::hash::Hasher as _;

/// What decides whether the bytes mean the same.
const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("CARGO_PKG_NAME"), " 4");

/// The number of the build: another one may mean other things.
pub fn build() -> u64 {
    sum(BUILD.as_bytes())
}

/// Where the hash begins (digits of pi). Not at 0: with that a block of zeros, or of ones, multiplies by 0 and hides a byte that is another.
const START: u64 = 0x243f_6a88_85a3_08d3;

/// The checksum of `bytes`.
pub fn sum(bytes: &[u8]) -> u64 {
    let mut hasher = FoldHasher::with_seed(START, SharedSeed::global_fixed());
    hasher.write(bytes);
    hasher.write_u64(bytes.len() as u64);
    hasher.finish()
}

/// `words` as bytes.
pub(super) fn bytes(words: impl IntoIterator<Item = u64>) -> Vec<u8> {
    words.into_iter().flat_map(u64::to_le_bytes).collect()
}

/// `bytes` as words; what is left over is none.
pub(super) fn words(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let words = bytes.as_chunks::<8>().0.iter();
    words.map(|word| u64::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_changes_unseen() {
        for fill in [0x00, 0x07, 0xff] {
            for length in [1, 8, 64, 100, 601, 4096] {
                let good = vec![fill; length];
                let known = sum(&good);
                for at in 0..length {
                    let mut bad = good.clone();
                    bad[at] ^= 0x6f;
                    assert_ne!(sum(&bad), known, "{length} of {fill}, {at}");
                }
            }
        }
    }
}
