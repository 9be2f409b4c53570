//! The one structure over the leaves of all queries: which leaves that trigger a query may stand at this token, and by
//! what is any other leaf found in a post?
//!
//! **Invariant:** answers with every triggering leaf whose key element could match the token, and with few others; the
//! matcher compares the texts.

use rustc_hash::FxHashMap;

use super::beside::Beside;
use super::keys::{Filter, Slot, Table};
use super::leaf::{Element, Leaf};
use super::post_index::Made;
use super::simple::{Card, Simple, Simples};
use crate::analysis::text::hash_folded;

/// Prefixes of up to so many bytes are looked for in every token; longer ones where so many bytes agree.
const HEAD_BYTES: usize = 4;
/// Longest prefix in bytes by which wildcards are found.
const PREFIX_BYTES: usize = 31;

/// The lengths that literal prefixes of wildcards have, as bits.
#[derive(Debug)]
struct Lengths {
    short: u32,
    /// Of longer ones, by their first [`HEAD_BYTES`] bytes.
    long: FxHashMap<u32, u32>,
    heads: Filter,
}

impl Lengths {
    fn new<'a>(prefixes: impl Iterator<Item = &'a str>) -> Lengths {
        let (mut short, mut long) = (0, FxHashMap::<u32, u32>::default());
        for prefix in prefixes {
            match prefix.as_bytes().first_chunk() {
                Some(head) if prefix.len() > HEAD_BYTES => {
                    *long.entry(u32::from_le_bytes(*head)).or_default() |= 1 << prefix.len();
                }
                _ => short |= 1 << prefix.len(),
            }
        }
        let heads = Filter::new(long.keys().map(|head| u64::from(*head)));
        Lengths { short, long, heads }
    }

    /// Lengths of prefixes that the token may begin with.
    #[inline]
    fn of(&self, folded: &str) -> u32 {
        let head = folded.as_bytes().first_chunk().map(|head| u32::from_le_bytes(*head));
        match head.filter(|head| self.heads.may_have(u64::from(*head))) {
            Some(head) => self.short | self.long.get(&head).copied().unwrap_or(0),
            None => self.short,
        }
    }
}

/// What of a prefix is looked up.
fn key_prefix(prefix: &str) -> &str {
    let end = (0..=prefix.len().min(PREFIX_BYTES)).rev().find(|at| prefix.is_char_boundary(*at));
    prefix.get(..end.unwrap_or(0)).unwrap_or("")
}

/// See the module.
#[derive(Debug)]
pub(super) struct LeafIndex {
    /// Of leaves that trigger queries: by the hash of a token, of two tokens side by side, and of the beginning of a token.
    table: Table,
    words: Filter,
    pairs: Filter,
    prefixes: Filter,
    lengths: Lengths,
    /// By the number of the leaf: what it is looked for by in the index of a post.
    sought: Vec<(u64, Slot)>,
    /// The lengths of beginnings among these keys, a bit each.
    head_lengths: u32,
    simples: Simples,
}

/// What a leaf is found by.
#[derive(Clone, Copy)]
enum Key<'a> {
    Word(u64),
    Pair(u64),
    /// Letters before a wildcard; if there are none, every token has them.
    Prefix(&'a str),
}

/// The key of two tokens side by side.
#[inline]
pub(super) fn pair_key(first: u64, second: u64) -> u64 {
    first.rotate_left(23).wrapping_mul(0xa24b_aed4_963e_e407) ^ second
}

/// The key of the beginning of a token, in the table.
#[inline]
fn prefix_key(prefix: &str) -> u64 {
    hash_folded(prefix) ^ 0x5bd1_e995_7b93_1d27
}

/// The key of the first bytes of a token, at most [`HEAD_BYTES`], in the index of a post.
#[inline]
pub(super) fn head_key(head: &[u8]) -> u64 {
    let bytes = head.iter().rev().fold(head.len() as u64, |bytes, byte| bytes << 8 | u64::from(*byte));
    bytes.wrapping_mul(0xd6e8_feb8_6659_fd93)
}

fn head_of(prefix: &str) -> &[u8] {
    &prefix.as_bytes()[..prefix.len().min(HEAD_BYTES)]
}

impl LeafIndex {
    /// `triggers` gives the queries that each leaf triggers, in the order of the leaves.
    pub(super) fn new(leaves: &[Leaf], triggers: impl IntoIterator<Item = Vec<u32>>) -> LeafIndex {
        let mut simples = Simples::new(leaves);
        simples.set_triggers(triggers.into_iter());
        let mut keys: FxHashMap<u64, Vec<Slot>> = FxHashMap::default();
        let (mut words, mut pairs, mut prefixes, mut lengths) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut sought, mut head_lengths) = (Vec::with_capacity(leaves.len()), 0);
        for (number, leaf) in leaves.iter().enumerate() {
            let (at, key, _) = best_key(leaf);
            let (kinds, beside) = match key {
                Key::Pair(_) => (leaf.elements[at].kinds, Beside::pair(leaf, at)),
                _ => (leaf.elements[at].kinds, Beside::ANYTHING),
            };
            let slot = Slot { leaf: number as u32, element: at as u8, kinds, beside };
            let in_post = match key {
                Key::Word(key) | Key::Pair(key) => key,
                Key::Prefix(prefix) => {
                    head_lengths |= 1 << head_of(prefix).len();
                    head_key(head_of(prefix))
                }
            };
            sought.push((in_post, slot));
            if simples.triggers(number as u32).is_empty() {
                continue;
            }
            let in_table = match key {
                Key::Word(key) => {
                    words.push(key);
                    key
                }
                Key::Pair(key) => {
                    pairs.push(key);
                    key
                }
                Key::Prefix(prefix) => {
                    let prefix = key_prefix(prefix);
                    lengths.push(prefix);
                    prefixes.push(prefix_key(prefix));
                    prefix_key(prefix)
                }
            };
            keys.entry(in_table).or_default().push(slot);
        }
        LeafIndex {
            table: Table::new(keys),
            words: Filter::new(words.into_iter()),
            pairs: Filter::new(pairs.into_iter()),
            prefixes: Filter::new(prefixes.into_iter()),
            lengths: Lengths::new(lengths.into_iter()),
            sought,
            head_lengths,
            simples,
        }
    }

    /// Of the place that [`LeafIndex::get`] reads.
    #[inline]
    pub(super) fn glance(&self, key: u64) -> u32 {
        self.table.glance(key)
    }

    /// Of the place that [`LeafIndex::list`] reads.
    #[inline]
    pub(super) fn glance_list(&self, entry: &Slot) -> u32 {
        self.table.glance_list(entry)
    }

    /// What stands behind a key, for [`LeafIndex::list`].
    #[inline]
    pub(super) fn get(&self, key: u64) -> Slot {
        self.table.get(key)
    }

    /// Leaves that may stand where a key was made.
    #[inline]
    pub(super) fn list<'a>(&'a self, entry: &'a Slot) -> &'a [Slot] {
        self.table.list(entry)
    }

    /// A leaf that triggers a query may be found by this hash of a token or [`pair_key`].
    #[inline]
    pub(super) fn may_have(&self, made: Made, key: u64) -> bool {
        match made {
            Made::OfToken => self.words.may_have(key),
            Made::OfPair => self.pairs.may_have(key),
        }
    }

    /// Tells the keys of wildcards that a token with this folded form may match.
    #[inline]
    pub(super) fn prefix_keys(&self, folded: &str, mut each: impl FnMut(u64)) {
        let mut lengths = self.lengths.of(folded);
        while lengths != 0 {
            let length = lengths.trailing_zeros() as usize;
            lengths &= lengths - 1;
            if length > folded.len() {
                break;
            }
            let key = folded.get(..length).map(prefix_key);
            key.into_iter().filter(|key| self.prefixes.may_have(*key)).for_each(&mut each);
        }
    }

    /// The key of a leaf in the index of a post, and what has to stand there.
    #[inline]
    pub(super) fn sought(&self, leaf: u32) -> Option<(u64, Slot)> {
        self.sought.get(leaf as usize).copied()
    }

    /// Which beginnings of tokens the index of a post needs: a bit for each length.
    pub(super) fn head_lengths(&self) -> u32 {
        self.head_lengths
    }

    /// The queries that a leaf triggers.
    #[inline]
    pub(super) fn triggers(&self, leaf: u32) -> &[u32] {
        self.simples.triggers(leaf)
    }

    /// What is asked of a leaf, for [`LeafIndex::simple`].
    #[inline]
    pub(super) fn card(&self, leaf: u32) -> Option<&Card> {
        self.simples.card(leaf)
    }

    /// What the leaf compares, if it is simple.
    #[inline]
    pub(super) fn simple<'a>(&'a self, card: &'a Card) -> Option<Simple<'a>> {
        self.simples.get(card)
    }
}

/// How often a leaf is met, as a guess between 0 and 1: the share of posts that hold its key.
pub(super) fn frequency(leaf: &Leaf) -> f64 {
    let (_, _, frequency) = best_key(leaf);
    frequency / leaf.elements.len() as f64
}

/// The rarest element or pair of elements, its key and its guessed frequency.
fn best_key(leaf: &Leaf) -> (usize, Key<'_>, f64) {
    let mut best = (0, Key::Prefix(""), f64::MAX);
    for (at, element) in leaf.elements.iter().enumerate().take(usize::from(u8::MAX)) {
        let (mut key, mut frequency) = element_key(element);
        if let Some(next) = leaf.elements.get(at + 1).filter(|next| element.is_literal() && next.is_literal())
        {
            let (_, other) = element_key(next);
            key = Key::Pair(pair_key(element.hash, next.hash));
            frequency =
                if element.is_char && next.is_char { 0.002 } else { (frequency * other * 4.0).min(0.01) };
        }
        if frequency < best.2 {
            best = (at, key, frequency);
        }
    }
    best
}

fn element_key(element: &Element) -> (Key<'_>, f64) {
    let letters = element.prefix.chars().count();
    if element.is_literal() {
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
    let frequency = match letters {
        0 => 2.0,
        1 => 0.5,
        2 => 0.2,
        3 => 0.08,
        4 => 0.03,
        _ => 0.01,
    };
    (Key::Prefix(&element.prefix), frequency)
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
