//! The tokens of one post by what they may be found by: the counterpart of `LeafIndex`, for leaves that are looked for
//! one by one.
//!
//! **Invariant:** where a leaf stands in the post, its key leads there, and the places of a key ascend.

use smallvec::SmallVec;

use super::index::{head_key, pair_key};
use super::keys::{scale, spread};
use super::occurrence::{Cursor, Text};
use crate::analysis::text::Token;

/// Some bits of a key: its place in the filter of a post.
#[inline]
pub(super) fn print(key: u64) -> u16 {
    (spread(key) >> 48) as u16
}

/// Words of the filter, a bit for each print: a post of usual length fills one place of hundreds, and all of it stays
/// beside the processor.
const FILTER_WORDS: usize = 1 << 10;

const NONE: u32 = u32::MAX;

/// Reused from post to post.
#[derive(Debug, Default)]
pub(super) struct PostIndex {
    keys: Vec<(u64, Cursor)>,
    /// The prints of the keys.
    filter: Filter,
    /// Chains of keys, made when the first is followed: the first of each, and the next of each key.
    firsts: Vec<u32>,
    nexts: Vec<u32>,
}

#[derive(Debug)]
struct Filter(Box<[u64; FILTER_WORDS]>);

impl Default for Filter {
    fn default() -> Filter {
        Filter(Box::new([0; FILTER_WORDS]))
    }
}

/// The word of the filter that holds a print.
#[inline]
fn word(print: u16) -> usize {
    usize::from(print / 64)
}

impl PostIndex {
    /// Takes the place of the post before, with the beginnings of tokens that have one of these lengths, a bit each.
    pub(super) fn fill(&mut self, text: Text<'_>, lengths: u32) {
        self.keys.drain(..).for_each(|(key, _)| self.filter.0[word(print(key))] = 0);
        self.firsts.clear();
        text.each_token(|token, cursor| {
            each_key(text, token, cursor, |_, key| self.keys.push((key, cursor)));
            let folded = text.tokens.folded(token).as_bytes();
            let mut rest = lengths;
            while rest != 0 {
                let head = folded.get(..rest.trailing_zeros() as usize);
                self.keys.extend(head.map(|head| (head_key(head), cursor)));
                rest &= rest - 1;
            }
        });
        for (key, _) in &self.keys {
            let print = print(*key);
            self.filter.0[word(print)] |= 1 << (print % 64);
        }
    }

    fn chain(&mut self) {
        let count = self.keys.len();
        self.firsts.resize(count, NONE);
        self.nexts.clear();
        self.nexts.resize(count, NONE);
        // The last one first, so that chains ascend.
        for (number, (key, _)) in self.keys.iter().enumerate().rev() {
            let chain = self.chain_of(*key);
            if let (Some(first), Some(next)) = (self.firsts.get_mut(chain), self.nexts.get_mut(number)) {
                *next = std::mem::replace(first, number as u32);
            }
        }
    }

    /// Whether there may be a key of this [`print()`].
    #[inline]
    pub(super) fn may_have(&self, print: u16) -> bool {
        self.filter.0[word(print)] >> (print % 64) & 1 == 1
    }

    fn chain_of(&self, key: u64) -> usize {
        scale(spread(key), self.firsts.len())
    }

    /// Where the key was made.
    pub(super) fn places(&mut self, key: u64) -> impl Iterator<Item = Cursor> {
        if self.firsts.is_empty() {
            self.chain();
        }
        let (keys, nexts) = (&self.keys, &self.nexts);
        let mut at = self.firsts.get(self.chain_of(key)).copied().unwrap_or(NONE);
        let links = std::iter::from_fn(move || {
            let link = keys.get(at as usize)?;
            at = nexts.get(at as usize).copied().unwrap_or(NONE);
            Some(link)
        });
        links.filter(move |(other, _)| *other == key).map(|(_, cursor)| *cursor)
    }
}

/// What a key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    OfToken,
    /// Of two tokens side by side.
    OfPair,
}

/// Tells the keys of a token, and of the token with the one behind it, whatever they are read as.
#[inline]
pub(super) fn each_key(text: Text<'_>, token: &Token, cursor: Cursor, mut each: impl FnMut(Made, u64)) {
    let stem = text.tokens.stem_hash(token);
    each(Made::OfToken, token.hash);
    stem.into_iter().for_each(|stem| each(Made::OfToken, stem));
    if cursor.inner.is_none() {
        // Nearly always: two tokens side by side without anything inside, or the end of a zone.
        let next = text.tokens.all().get(cursor.token as usize + 1);
        let Some(next) = next.filter(|next| next.zone == token.zone) else { return };
        if !next.has_inner() && !next.has_stem() && stem.is_none() {
            return each(Made::OfPair, pair_key(token.hash, next.hash));
        }
    }
    each_pair(text, (token.hash, stem), cursor, |key| each(Made::OfPair, key));
}

/// Every way to read the token with every way to read what stands behind it.
fn each_pair(text: Text<'_>, (hash, stem): (u64, Option<u64>), cursor: Cursor, mut each: impl FnMut(u64)) {
    let (whole, inside) = text.neighbours(cursor, true);
    let mut seconds = SmallVec::<[u64; 4]>::new();
    for next in [whole, inside].into_iter().flatten().filter_map(|next| text.token(next)) {
        let hashes = [Some(next.hash), text.tokens.stem_hash(next)];
        seconds.extend(hashes.into_iter().flatten());
    }
    // `#微` and what is inside of it read the same.
    seconds.sort_unstable();
    seconds.dedup();
    for first in [Some(hash), stem].into_iter().flatten() {
        seconds.iter().for_each(|second| each(pair_key(first, *second)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::text::{TextOptions, Tokenizer, Tokens};
    use crate::model::Zone;

    /// The places of a word, by its hash or by its first bytes.
    fn places(index: &mut PostIndex, key: u64) -> Vec<u32> {
        if index.may_have(print(key)) {
            index.places(key).map(|cursor| cursor.token).collect()
        } else {
            vec![]
        }
    }

    #[test]
    fn what_is_in_the_post_is_found_in_order_and_nothing_of_the_post_before() {
        let mut index = PostIndex::default();
        let hash = crate::analysis::text::hash_folded;
        let mut check = |body: &str, expected: &[(u64, &[u32])]| {
            let mut tokens = Tokens::new();
            Tokenizer::new(TextOptions::default()).tokenize(Zone::Body, body, &mut tokens);
            index.fill(Text { tokens: &tokens, match_handles: false }, 1 << 2 | 1 << 4);
            for (key, at) in expected {
                assert_eq!(places(&mut index, *key), *at, "{body}");
            }
        };
        let (heron, head, short) = (hash("heron"), head_key(b"hero"), head_key(b"he"));
        let pair = pair_key(heron, hash("sings"));
        check("", &[(heron, &[]), (pair, &[])]);
        check(
            "Heron sings, heron's heroes heal; heron",
            &[(heron, &[0, 2, 5]), (pair, &[0]), (head, &[0, 2, 3, 5]), (short, &[0, 2, 3, 4, 5])],
        );
        check("plover sings", &[(heron, &[]), (pair, &[]), (head, &[]), (hash("sings"), &[1])]);
        let long = "heron plover ".repeat(20_000);
        let all: Vec<u32> = (0..20_000).map(|number| 2 * number).collect();
        check(&long, &[(heron, &all), (pair, &[])]);
        check("", &[(heron, &[]), (head, &[])]);
    }
}
