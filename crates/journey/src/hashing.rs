//! A quick hash for keys that nobody outside chooses: touchpoint numbers.

use std::hash::{BuildHasherDefault, Hasher};

/// A hash map over touchpoint numbers.
pub(crate) type Map<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<Mixer>>;

/// Mixes words by multiplication (Knuth, "The Art of Computer Programming" 6.4) and folds the high half down.
#[derive(Default)]
pub(crate) struct Mixer(u64);

/// 2⁶⁴ divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl Mixer {
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(GOLDEN);
        self.0 = (product >> 64) as u64 ^ (product as u64).rotate_left(17);
    }
}

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.mix(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last) ^ bytes.len() as u64);
    }

    fn write_u16(&mut self, word: u16) {
        self.mix(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.mix(word as u64);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::{BuildHasher, BuildHasherDefault};

    use super::*;

    #[test]
    fn short_sequences_get_hashes_of_their_own() {
        let build = BuildHasherDefault::<Mixer>::default();
        let sequences = (0..40_000u64).map(|n| [n % 40, n / 40 % 40, n / 1_600].map(|word| word as u16).to_vec());
        let hashes: HashSet<u64> = sequences.map(|sequence| build.hash_one(sequence)).collect();
        assert_eq!(hashes.len(), 40_000);
    }
}
