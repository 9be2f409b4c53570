//! Which n-grams a text has, as slots of a model's tables.
//!
//! **Invariant:** slots depend on the bytes of the text and the sizes of the tables only, the same on every
//! platform; [`HASH`] names how, and a model made with another way is refused.

/// The name of the features and their hashes. Changes whenever a text would get other slots.
pub(crate) const HASH: &str = "grams-2";

const K0: u64 = 0x9e37_79b9_7f4a_7c15;
const K1: u64 = 0xd6e8_feb8_6659_fd93;

/// How many slots the two tables have, as powers of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// Of words and pairs of words.
    pub(crate) words: u32,
    /// Of characters.
    pub(crate) chars: u32,
}

/// The n-grams of a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grams {
    /// Slots of words and pairs of words.
    pub(crate) words: Vec<u32>,
    /// Slots of runs of characters.
    pub(crate) chars: Vec<u32>,
}

impl Grams {
    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.chars.clear();
    }
}

/// The slot of a key in a table of `1 << bits`.
#[inline]
pub(super) fn slot(key: u64, bits: u32) -> u32 {
    (key.wrapping_mul(K0) >> (64 - bits)) as u32
}

/// One key of two, in this order.
#[inline]
pub(super) fn pair(a: u64, b: u64) -> u64 {
    (a.wrapping_mul(K1) ^ (a >> 29)).wrapping_add(b)
}
