//! Lists of leaves behind 64-bit keys.
//!
//! **Invariant:** a key without leaves costs a look at its filter's bit, one with a single leaf a line of the table more.

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

/// Open addressing, at most half full. A list of one is in the entry itself.
#[derive(Debug, Default)]
pub(super) struct Table {
    entries: Vec<(u64, Slot)>,
    shift: u32,
    lists: Vec<Slot>,
}

impl Table {
    pub(super) fn new(keys: FxHashMap<u64, Vec<Slot>>) -> Table {
        let size = (keys.len() * 2).next_power_of_two().max(2);
        let (entries, shift) = (vec![(0, Slot::NONE); size], 64 - size.trailing_zeros());
        let mut table = Table { entries, shift, lists: Vec::new() };
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
        let mask = self.entries.len() - 1;
        let mut at = spread(key, self.shift);
        while self.entries.get(at).is_some_and(|(other, slot)| *slot != Slot::NONE && *other != key) {
            at = (at + 1) & mask;
        }
        at
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

/// A bit for every key, so that most tokens need no look at the table.
#[derive(Debug)]
pub(super) struct Filter {
    bits: Vec<u64>,
    shift: u32,
}

impl Filter {
    pub(super) fn new(keys: impl ExactSizeIterator<Item = u64>) -> Filter {
        // At least eight bits a key keep false answers below 12 %.
        let count = (keys.len() * 8).next_power_of_two().max(64);
        let mut filter = Filter { bits: vec![0; count / 64], shift: 64 - count.trailing_zeros() };
        for key in keys {
            let bit = spread(key, filter.shift);
            filter.bits[bit / 64] |= 1 << (bit % 64);
        }
        filter
    }

    #[inline]
    pub(super) fn may_have(&self, key: u64) -> bool {
        let bit = spread(key, self.shift);
        self.bits.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }
}

/// The upper bits of the key, mixed.
#[inline]
fn spread(key: u64, shift: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift) as usize
}
