//! Lists of leaves behind 64-bit keys.
//!
//! **Invariant:** a key without leaves costs a look at a word of its filter, one with a single leaf a line of the table
//! more.

use rustc_hash::FxHashMap;

use super::beside::Beside;
use super::leaf::Kinds;

/// An element of a leaf by which the leaf is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) leaf: u32,
    pub(super) element: u8,
    /// Of the element.
    pub(super) kinds: Kinds,
    /// Of a pair.
    pub(super) beside: Beside,
}

impl Slot {
    /// Stands in the table for nothing.
    const NONE: Slot = Slot { element: 0, ..Slot::list(u32::MAX as usize) };

    /// Stands in the table for a list that begins there, with a slot whose leaf is its length.
    const fn list(start: usize) -> Slot {
        Slot { leaf: start as u32, element: 1, kinds: Kinds::NONE, beside: Beside::ANYTHING }
    }
}

/// Open addressing, four sevenths full: small, for it is far larger than the processor's caches. A list of one is in
/// the entry itself.
#[derive(Debug, Default)]
pub(super) struct Table {
    entries: Vec<(u64, Slot)>,
    lists: Vec<Slot>,
}

impl Table {
    pub(super) fn new(keys: FxHashMap<u64, Vec<Slot>>) -> Table {
        let size = (keys.len() * 7 / 4).max(2);
        let mut table = Table { entries: vec![(0, Slot::NONE); size], lists: Vec::new() };
        for (key, list) in keys {
            let slot = match list.as_slice() {
                [only] => *only,
                list => table.keep(list),
            };
            let at = table.place(key);
            if let Some(entry) = table.entries.get_mut(at) {
                *entry = (key, slot);
            }
        }
        table
    }

    fn keep(&mut self, list: &[Slot]) -> Slot {
        let start = self.lists.len();
        self.lists.push(Slot { leaf: list.len() as u32, ..Slot::NONE });
        self.lists.extend_from_slice(list);
        Slot::list(start)
    }

    /// The key's entry, or the free one in which it belongs.
    #[inline]
    fn place(&self, key: u64) -> usize {
        let mut at = scale(spread(key), self.entries.len());
        while self.entries.get(at).is_some_and(|(other, slot)| *slot != Slot::NONE && *other != key) {
            at = if at + 1 == self.entries.len() { 0 } else { at + 1 };
        }
        at
    }

    /// A part of the first entry that is looked at for the key, to read it ahead.
    #[inline]
    pub(super) fn glance(&self, key: u64) -> u32 {
        self.entries.get(scale(spread(key), self.entries.len())).map_or(0, |(_, slot)| slot.leaf)
    }

    /// The length of the list that an entry stands for, to read it ahead.
    #[inline]
    pub(super) fn glance_list(&self, entry: &Slot) -> u32 {
        let start = if entry.kinds == Kinds::NONE { entry.leaf } else { 0 };
        self.lists.get(start as usize).map_or(0, |head| head.leaf)
    }

    /// What stands behind the key, for [`Table::list`].
    #[inline]
    pub(super) fn get(&self, key: u64) -> Slot {
        self.entries.get(self.place(key)).map_or(Slot::NONE, |(_, slot)| *slot)
    }

    /// The slots that an entry stands for.
    #[inline]
    pub(super) fn list<'a>(&'a self, entry: &'a Slot) -> &'a [Slot] {
        if entry.kinds != Kinds::NONE {
            return std::slice::from_ref(entry);
        }
        let start = entry.leaf as usize;
        let count = self.lists.get(start).map_or(0, |head| head.leaf as usize);
        self.lists.get(start + 1..start + 1 + count).unwrap_or(&[])
    }
}

/// Three bits of one word for every key, so that most tokens need no look at the table.
#[derive(Debug)]
pub(super) struct Filter {
    words: Vec<u64>,
}

/// Bits a key: less than three of a hundred answers are false then.
const FILTER_BITS: usize = 12;

impl Filter {
    pub(super) fn new(keys: impl ExactSizeIterator<Item = u64>) -> Filter {
        let mut filter = Filter { words: vec![0; (keys.len() * FILTER_BITS).div_ceil(64).max(1)] };
        for key in keys {
            let (at, bits) = filter.place(key);
            if let Some(word) = filter.words.get_mut(at) {
                *word |= bits;
            }
        }
        filter
    }

    #[inline]
    pub(super) fn may_have(&self, key: u64) -> bool {
        let (at, bits) = self.place(key);
        self.words.get(at).is_some_and(|word| word & bits == bits)
    }

    /// The key's word, by the upper bits of its mix, and the bits in it, by bits below these.
    #[inline]
    fn place(&self, key: u64) -> (usize, u64) {
        let mixed = spread(key);
        let bits = 1 << (mixed >> 14 & 63) | 1 << (mixed >> 20 & 63) | 1 << (mixed >> 26 & 63);
        (scale(mixed, self.words.len()), bits)
    }
}

/// The key, mixed upwards.
#[inline]
pub(super) fn spread(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A number below `size` in proportion to the mixed key: no power of two is needed, of which up to half would stay
/// empty.
#[inline]
pub(super) fn scale(mixed: u64, size: usize) -> usize {
    ((u128::from(mixed) * size as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::text::TokenKind;

    /// Keys that are as far apart as hashes are.
    fn keys(seed: u64, count: u64) -> impl ExactSizeIterator<Item = u64> {
        (0..count as u32).map(move |number| xxhash_rust::xxh3::xxh3_64_with_seed(&number.to_le_bytes(), seed))
    }

    #[test]
    fn a_filter_refuses_no_key_and_few_others_pass() {
        for count in [0, 1, 7, 1_000, 100_000] {
            let filter = Filter::new(keys(1, count));
            assert!(keys(1, count).all(|key| filter.may_have(key)), "of {count}");
            let false_ones = keys(2, 100_000).filter(|key| filter.may_have(*key)).count();
            assert!(false_ones < 3_000, "{false_ones} of 100,000 beside {count}");
        }
    }

    #[test]
    fn a_table_gives_each_key_its_own_list() {
        // Among so many there are tables whose last entries run over into the first.
        for count in 0..100 {
            let list = |key: u64| {
                vec![
                    Slot { leaf: key as u32, kinds: Kinds::of(TokenKind::Word), ..Slot::NONE };
                    1 + key as usize % 3
                ]
            };
            let table = Table::new(keys(count, count).map(|key| (key, list(key))).collect());
            for key in keys(count, count) {
                assert_eq!(table.list(&table.get(key)), list(key), "{key} of {count}");
            }
            assert!(keys(1_000, 1_000).all(|key| table.list(&table.get(key)).is_empty()), "beside {count}");
        }
    }
}
