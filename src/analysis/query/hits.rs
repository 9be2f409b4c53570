//! Where leaves stand in a post: those that trigger a query are found in every post, the others when a query that has
//! them passes its gate.
//!
//! **Invariant:** every occurrence of a leaf that was looked for is found exactly once, in the order of the tokens.

use super::ahead::read_ahead;
use super::beside::Around;
use super::index::LeafIndex;
use super::keys::Slot;
use super::leaf::Leaf;
use super::occurrence::{Candidate, Cursor, Text};
use super::post_index::{PostIndex, each_key};
use super::simple::Card;
use crate::analysis::text::Token;
use crate::model::{Span, Zone};

/// One occurrence of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) zone: Zone,
    /// Positions of the first and the last token.
    pub(super) first: u32,
    pub(super) last: u32,
    /// Bytes in the zone.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The leaf's next hit, or `NONE`.
    next: u32,
}

const NONE: u32 = u32::MAX;

impl Hit {
    pub(super) fn new(first: &Token, last: &Token) -> Hit {
        Hit {
            zone: first.zone,
            first: first.position,
            last: last.position,
            start: first.start,
            end: last.end,
            next: NONE,
        }
    }

    pub(super) fn span(&self) -> Span {
        Span { zone: self.zone, start: self.start, end: self.end }
    }
}

/// A set of leaves, a bit for each: so small that it stays near the processor.
#[derive(Debug, Default)]
struct LeafSet {
    words: Vec<u64>,
    members: Vec<u32>,
}

impl LeafSet {
    /// Empties it, and makes room for so many leaves.
    fn start(&mut self, leaves: usize) {
        for leaf in self.members.drain(..) {
            if let Some(word) = self.words.get_mut(leaf as usize / 64) {
                *word = 0;
            }
        }
        let words = leaves.div_ceil(64);
        if self.words.len() < words {
            self.words.resize(words, 0);
        }
    }

    #[inline]
    fn has(&self, leaf: u32) -> bool {
        self.words.get(leaf as usize / 64).is_some_and(|word| word >> (leaf % 64) & 1 == 1)
    }

    /// False if it was there already.
    #[inline]
    fn insert(&mut self, leaf: u32) -> bool {
        let Some(word) = self.words.get_mut(leaf as usize / 64) else { return false };
        let bit = 1 << (leaf % 64);
        let is_new = *word & bit == 0;
        if is_new {
            *word |= bit;
            self.members.push(leaf);
        }
        is_new
    }
}

/// A leaf's first and last hit.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    head: u32,
    tail: u32,
}

/// Occurrences by leaf, reused from post to post.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// Those that stand in the post, as far as they were looked for.
    present: LeafSet,
    /// Those that were looked for one by one.
    asked: LeafSet,
    /// Of use for leaves that are present only.
    ends: Vec<Ends>,
    list: Vec<Hit>,
    /// Keys of the index and where they were made; then what stands behind them; then leaves that may stand there.
    keys: Vec<(u64, Cursor)>,
    entries: Vec<(Slot, Cursor)>,
    waiting: Vec<Candidate>,
}

impl Hits {
    /// Forgets the post before.
    pub(super) fn start(&mut self, leaves: usize) {
        self.list.clear();
        self.present.start(leaves);
        self.asked.start(leaves);
        if self.ends.len() < leaves {
            self.ends.resize(leaves, Ends::default());
        }
    }

    #[inline]
    pub(super) fn has(&self, leaf: u32) -> bool {
        self.present.has(leaf)
    }

    /// The occurrences of a leaf.
    pub(super) fn of(&self, leaf: u32) -> impl Iterator<Item = &Hit> {
        let ends = self.ends.get(leaf as usize).filter(|_| self.has(leaf));
        let mut at = ends.map_or(NONE, |ends| ends.head);
        std::iter::from_fn(move || {
            let hit = self.list.get(at as usize)?;
            at = hit.next;
            Some(hit)
        })
    }

    /// The leaves that were found so far.
    pub(super) fn seen(&self) -> &[u32] {
        &self.present.members
    }

    fn add(&mut self, leaf: u32, hit: Hit) {
        let number = self.list.len() as u32;
        let is_first = self.present.insert(leaf);
        let Some(ends) = self.ends.get_mut(leaf as usize) else { return };
        if is_first {
            ends.head = number;
        } else if let Some(before) = self.list.get_mut(ends.tail as usize) {
            before.next = number;
        }
        ends.tail = number;
        self.list.push(hit);
    }
}

/// Looks for leaves in one post.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) leaves: &'a [Leaf],
    pub(super) index: &'a LeafIndex,
    pub(super) text: Text<'a>,
}

impl Search<'_> {
    /// Finds the leaves that trigger queries, in loops of many independent steps each: the processor then waits for
    /// memory once for several of them.
    pub(super) fn triggers(self, hits: &mut Hits) {
        let Search { index, text, .. } = self;
        hits.keys.clear();
        text.each_token(|token, cursor| {
            each_key(text, token, cursor, |made, key| {
                if index.may_have(made, key) {
                    hits.keys.push((key, cursor));
                }
            });
            index.prefix_keys(text.tokens.folded(token), |key| hits.keys.push((key, cursor)));
        });
        read_ahead(hits.keys.iter().map(|(key, _)| index.glance(*key)));
        hits.entries.clear();
        hits.entries.extend(hits.keys.iter().map(|(key, cursor)| (index.get(*key), *cursor)));
        read_ahead(hits.entries.iter().map(|(entry, _)| index.glance_list(entry)));
        let (entries, mut waiting) = (std::mem::take(&mut hits.entries), std::mem::take(&mut hits.waiting));
        for (entry, cursor) in &entries {
            let list = index.list(entry);
            let around = if list.is_empty() { Around::UNCLEAR } else { text.around(*cursor) };
            let slots = list.iter().filter(|slot| around.allows(slot.beside));
            waiting.extend(slots.map(|slot| Candidate { slot: *slot, cursor: *cursor }));
            if waiting.len() >= WAITING_MAX {
                self.compare(&mut waiting, hits);
            }
        }
        self.compare(&mut waiting, hits);
        (hits.entries, hits.waiting) = (entries, waiting);
    }

    fn compare(self, waiting: &mut Vec<Candidate>, hits: &mut Hits) {
        read_ahead(waiting.iter().map(|one| self.index.card(one.slot.leaf).map_or(0, Card::glance)));
        for one in waiting.drain(..) {
            if let Some(hit) = self.text.hit(self.leaves, self.index, &one) {
                hits.add(one.slot.leaf, hit);
            }
        }
    }

    /// Finds one leaf that triggers nothing, by the index of the post.
    pub(super) fn leaf(self, leaf: u32, post: &mut PostIndex, hits: &mut Hits) {
        if !hits.asked.insert(leaf) {
            return;
        }
        let Some((key, slot)) = self.index.sought(leaf) else { return };
        for cursor in post.places(key) {
            if let Some(hit) = self.text.hit(self.leaves, self.index, &Candidate { slot, cursor }) {
                hits.add(leaf, hit);
            }
        }
    }
}

/// Leaves that wait to be compared at a time; few posts have more. Each of thousands of wildcards with the same first
/// letters may stand at every word.
const WAITING_MAX: usize = 8_192;
