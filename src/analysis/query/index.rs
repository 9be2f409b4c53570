//! The one structure over the literal leaves of all queries: which leaves may stand at this token?
//!
//! **Invariant:** a probe answers with every leaf whose key element could match the token, and with few
//! others; the matcher compares the texts. A probe that finds nothing costs one or two cache lines.

use rustc_hash::FxHashMap;

use super::leaf::{Element, Form, Leaf};

/// An element of a leaf by which the leaf is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) leaf: u32,
    pub(super) element: u32,
}

/// Longest prefix in bytes by which wildcards are found.
const PREFIX_BYTES: usize = 4;

/// Lists of slots behind 64-bit keys.
#[derive(Debug, Default)]
struct Table {
    ranges: FxHashMap<u64, (u32, u32)>,
    slots: Vec<Slot>,
}

impl Table {
    fn new(lists: FxHashMap<u64, Vec<Slot>>) -> Table {
        let mut table = Table::default();
        for (key, list) in lists {
            let start = table.slots.len() as u32;
            table.slots.extend(list);
            table.ranges.insert(key, (start, table.slots.len() as u32));
        }
        table
    }

    #[inline]
    fn get(&self, key: u64) -> &[Slot] {
        match self.ranges.get(&key) {
            Some((start, end)) => self.slots.get(*start as usize..*end as usize).unwrap_or(&[]),
            None => &[],
        }
    }
}

/// A bit for every key, so that most tokens need no look at the table.
#[derive(Debug)]
struct Filter {
    bits: Vec<u64>,
    shift: u32,
}

impl Filter {
    fn new(keys: impl ExactSizeIterator<Item = u64>) -> Filter {
        // Sixteen bits a key keep false answers near 6 %.
        let count = (keys.len() * 16).next_power_of_two().max(64);
        let mut filter = Filter { bits: vec![0; count / 64], shift: 64 - count.trailing_zeros() };
        for key in keys {
            let bit = filter.bit(key);
            filter.bits[bit / 64] |= 1 << (bit % 64);
        }
        filter
    }

    #[inline]
    fn bit(&self, key: u64) -> usize {
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }

    #[inline]
    fn may_have(&self, key: u64) -> bool {
        let bit = self.bit(key);
        self.bits.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }
}

/// A bit for every pair of first bytes, so that most tokens need no prefix taken.
#[derive(Debug)]
struct Heads(Vec<u64>);

const HEAD_WORDS: usize = 1 << 16 >> 6;

impl Heads {
    /// Notes the first `length` bytes of `prefix`; after one byte anything may follow.
    fn add(&mut self, prefix: &[u8], length: usize) {
        let Some(first) = prefix.first() else { return };
        let second = prefix.get(1).filter(|_| length > 1);
        for other in 0..=u8::MAX {
            if second.is_none_or(|second| *second == other) {
                let bit = Heads::bit(*first, other);
                self.0[bit / 64] |= 1 << (bit % 64);
            }
        }
    }

    fn bit(first: u8, second: u8) -> usize {
        usize::from(first) << 8 | usize::from(second)
    }

    /// A text of one byte is taken to be followed by any byte: 0 stands in, which [`Heads::add`] has set.
    #[inline]
    fn may_begin(&self, text: &[u8]) -> bool {
        let Some(first) = text.first() else { return false };
        let bit = Heads::bit(*first, text.get(1).copied().unwrap_or(0));
        self.0.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct LeafIndex {
    /// By the hash of a token, or of two neighbouring characters.
    words: Table,
    filter: Filter,
    /// By the first one to four bytes of a wildcard.
    prefixes: Table,
    prefix_filter: Filter,
    prefix_lengths: [bool; PREFIX_BYTES + 1],
    /// The first two bytes of all prefixes.
    prefix_heads: Heads,
    /// Wildcards without a literal prefix: compared with every token.
    loose: Vec<Slot>,
    has_pairs: bool,
}

/// What a leaf is found by.
enum Key {
    Word(u64),
    Pair(u64),
    Prefix(u64, usize),
    Loose,
}

/// The key of two neighbouring characters.
#[inline]
pub(super) fn pair_key(first: u64, second: u64) -> u64 {
    first.rotate_left(23).wrapping_mul(0xa24b_aed4_963e_e407) ^ second
}

#[inline]
fn prefix_key(bytes: &[u8], length: usize) -> Option<u64> {
    let head = bytes.get(..length)?;
    Some(head.iter().fold(length as u64, |key, byte| key << 8 | u64::from(*byte)).wrapping_add(1 << 60))
}

impl LeafIndex {
    pub(super) fn new(leaves: &[Leaf]) -> LeafIndex {
        let mut words: FxHashMap<u64, Vec<Slot>> = FxHashMap::default();
        let mut prefixes: FxHashMap<u64, Vec<Slot>> = FxHashMap::default();
        let mut index = LeafIndex {
            words: Table::default(),
            filter: Filter::new([].into_iter()),
            prefixes: Table::default(),
            prefix_filter: Filter::new([].into_iter()),
            prefix_lengths: [false; PREFIX_BYTES + 1],
            prefix_heads: Heads(vec![0; HEAD_WORDS]),
            loose: Vec::new(),
            has_pairs: false,
        };
        for (number, leaf) in leaves.iter().enumerate() {
            let (element, key, _) = best_key(leaf);
            let slot = Slot { leaf: number as u32, element: element as u32 };
            match key {
                Key::Word(key) => words.entry(key).or_default().push(slot),
                Key::Pair(key) => {
                    index.has_pairs = true;
                    words.entry(key).or_default().push(slot);
                }
                Key::Prefix(key, length) => {
                    index.prefix_lengths[length] = true;
                    index.prefix_heads.add(leaf.elements[element].prefix.as_bytes(), length);
                    prefixes.entry(key).or_default().push(slot);
                }
                Key::Loose => index.loose.push(slot),
            }
        }
        index.filter = Filter::new(words.keys().copied());
        index.prefix_filter = Filter::new(prefixes.keys().copied());
        (index.words, index.prefixes) = (Table::new(words), Table::new(prefixes));
        index
    }

    /// Leaves found by a token of this hash, or by a [`pair_key`].
    #[inline]
    pub(super) fn by_hash(&self, hash: u64) -> &[Slot] {
        if self.filter.may_have(hash) { self.words.get(hash) } else { &[] }
    }

    /// There are leaves that are found by two neighbouring characters.
    #[inline]
    pub(super) fn has_pairs(&self) -> bool {
        self.has_pairs
    }

    /// There are wildcards.
    #[inline]
    pub(super) fn has_patterns(&self) -> bool {
        !self.loose.is_empty() || self.prefix_lengths != [false; PREFIX_BYTES + 1]
    }

    /// Wildcard leaves that a token with this folded form may match.
    #[inline]
    pub(super) fn by_prefix(&self, folded: &str, mut each: impl FnMut(Slot)) {
        if self.prefix_heads.may_begin(folded.as_bytes()) {
            for length in (1..=PREFIX_BYTES).filter(|length| self.prefix_lengths[*length]) {
                let Some(key) = prefix_key(folded.as_bytes(), length) else { break };
                if self.prefix_filter.may_have(key) {
                    self.prefixes.get(key).iter().copied().for_each(&mut each);
                }
            }
        }
        self.loose.iter().copied().for_each(each);
    }
}

/// How often a leaf is met, as a guess between 0 and 1: the share of posts that hold its key.
pub(super) fn frequency(leaf: &Leaf) -> f64 {
    let (_, _, frequency) = best_key(leaf);
    frequency / leaf.elements.len() as f64
}

/// The rarest element, its key and its guessed frequency.
fn best_key(leaf: &Leaf) -> (usize, Key, f64) {
    let mut best = (0, Key::Loose, f64::MAX);
    for (at, element) in leaf.elements.iter().enumerate() {
        let next = leaf.elements.get(at + 1).filter(|next| element.is_char && next.is_char);
        let (key, frequency) = match next {
            Some(next) => (Key::Pair(pair_key(element.hash, next.hash)), 0.002),
            None => element_key(element),
        };
        if frequency < best.2 {
            best = (at, key, frequency);
        }
    }
    best
}

fn element_key(element: &Element) -> (Key, f64) {
    let letters = element.prefix.chars().count();
    if !matches!(element.form, Form::Pattern(_) | Form::KeptPattern(_)) {
        let frequency = match letters {
            _ if COMMON.contains(&&*element.prefix) => 0.4,
            _ if element.is_char => 0.05,
            0..=2 => 0.05,
            3 => 0.02,
            4 => 0.01,
            5..=6 => 0.005,
            _ => 0.003,
        };
        return (Key::Word(element.hash), frequency);
    }
    let length = element.prefix.len().min(PREFIX_BYTES);
    let frequency = match letters {
        0 => 1.0,
        1 => 0.5,
        2 => 0.2,
        3 => 0.08,
        4 => 0.03,
        _ => 0.01,
    };
    match prefix_key(element.prefix.as_bytes(), length) {
        Some(key) if length > 0 => (Key::Prefix(key, length), frequency),
        _ => (Key::Loose, 2.0),
    }
}

/// Words that stand in so many posts that they are a bad key. Only speed depends on this list.
const COMMON: &[&str] = &[
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "back", "be",
    "because", "been", "but", "by", "can", "could", "day", "did", "do", "even", "first", "for", "from",
    "get", "go", "good", "got", "had", "has", "have", "he", "her", "him", "his", "how", "i", "if", "in",
    "into", "is", "it", "its", "just", "know", "like", "love", "make", "me", "more", "most", "my", "new",
    "no", "not", "now", "of", "on", "one", "only", "or", "our", "out", "over", "people", "rt", "said", "say",
    "see", "she", "so", "some", "still", "than", "that", "the", "their", "them", "then", "there", "these",
    "they", "this", "time", "to", "today", "up", "us", "use", "want", "was", "we", "well", "were", "what",
    "when", "which", "who", "will", "with", "work", "would", "year", "you", "your", "的", "了", "是", "我",
    "不", "一", "有", "在", "人", "这",
];
