//! Finds many short patterns in a text: leftmost, longest, not overlapping.
//!
//! An automaton goes to a far place of its table for every character. Most characters of a text begin no
//! pattern, and most pairs of characters neither, which two small bit sets tell without leaving the cache.
//!
//! **Invariant:** the same matches as a leftmost-longest Aho-Corasick automaton gives (a test compares).

use rustc_hash::FxHashMap;

/// Patterns with their values.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    /// Characters of the basic plane that begin a pattern.
    firsts: Vec<u64>,
    /// Hashes of the first two characters of patterns.
    pairs: Vec<u64>,
    shift: u32,
    /// Patterns of one character.
    singles: FxHashMap<char, u32>,
    /// The longer ones by their first two characters: runs of `list`.
    heads: FxHashMap<u64, (u32, u32)>,
    /// Longest first within a run.
    list: Vec<(Box<str>, u32)>,
}

/// A pattern's place in the text, and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) value: u32,
}

impl Patterns {
    /// Of distinct patterns, none of them empty.
    pub(super) fn new<'p>(patterns: impl Iterator<Item = (&'p str, u32)>) -> Patterns {
        let mut new = Patterns { firsts: vec![0; 1 << 16 >> 6], ..Patterns::default() };
        let mut runs: FxHashMap<u64, Vec<(Box<str>, u32)>> = FxHashMap::default();
        for (pattern, value) in patterns {
            let mut chars = pattern.chars();
            let Some(first) = chars.next() else { continue };
            if let Some(word) = new.firsts.get_mut(first as usize / 64) {
                *word |= 1 << (first as usize % 64);
            }
            match chars.next() {
                None => drop(new.singles.insert(first, value)),
                Some(second) => runs.entry(key(first, second)).or_default().push((pattern.into(), value)),
            }
        }
        // Sixteen bits a pair keep false answers near 6 %.
        let bits = (runs.len() * 16).next_power_of_two().max(64);
        (new.pairs, new.shift) = (vec![0; bits / 64], 64 - bits.trailing_zeros());
        for (key, mut run) in runs {
            run.sort_unstable_by_key(|(pattern, _)| std::cmp::Reverse(pattern.len()));
            let start = new.list.len() as u32;
            new.list.extend(run);
            new.heads.insert(key, (start, new.list.len() as u32));
            let bit = new.bit(key);
            new.pairs[bit / 64] |= 1 << (bit % 64);
        }
        new
    }

    /// The matches, in the order of the text.
    pub(super) fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Match> + 'a {
        let mut at = 0;
        std::iter::from_fn(move || {
            let mut chars = text.get(at..)?.chars();
            let mut next = chars.next();
            while let Some(first) = next {
                next = chars.next();
                let after = at + first.len_utf8();
                if self.may_begin(first)
                    && let Some((end, value)) = self.longest(text, (at, after), first, next)
                {
                    let start = std::mem::replace(&mut at, end);
                    return Some(Match { start, end, value });
                }
                at = after;
            }
            None
        })
    }

    #[inline]
    fn may_begin(&self, c: char) -> bool {
        self.firsts.get(c as usize / 64).is_none_or(|word| word >> (c as usize % 64) & 1 == 1)
    }

    #[inline]
    fn bit(&self, key: u64) -> usize {
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }

    /// The longest pattern that begins with `first`, which stands at `place` before `second`; its end and value.
    #[inline]
    fn longest(
        &self,
        text: &str,
        place: (usize, usize),
        first: char,
        second: Option<char>,
    ) -> Option<(usize, u32)> {
        let longer = second.and_then(|second| self.longer(text.get(place.0..)?, key(first, second)));
        longer
            .map(|(length, value)| (place.0 + length, value))
            .or_else(|| Some((place.1, *self.singles.get(&first)?)))
    }

    #[inline]
    fn longer(&self, rest: &str, key: u64) -> Option<(usize, u32)> {
        let bit = self.bit(key);
        if self.pairs.get(bit / 64).is_none_or(|word| word >> (bit % 64) & 1 == 0) {
            return None;
        }
        let (start, end) = *self.heads.get(&key)?;
        let run = self.list.get(start as usize..end as usize)?;
        let found = run.iter().find(|(pattern, _)| rest.as_bytes().starts_with(pattern.as_bytes()))?;
        Some((found.0.len(), found.1))
    }
}

fn key(first: char, second: char) -> u64 {
    u64::from(first) << 32 | u64::from(second)
}

#[cfg(test)]
mod tests {
    use daachorse::{CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};
    use proptest::prelude::*;

    use super::*;

    fn check(patterns: &std::collections::BTreeSet<String>, text: &str) {
        let numbered = || patterns.iter().zip(0_u32..).map(|(pattern, value)| (pattern.as_str(), value));
        let found: Vec<Match> = Patterns::new(numbered()).find(text).collect();
        let automaton = CharwiseDoubleArrayAhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .build_with_values(numbered())
            .unwrap();
        let expected: Vec<Match> = automaton
            .leftmost_find_iter(text)
            .map(|m| Match { start: m.start(), end: m.end(), value: m.value() })
            .collect();
        assert_eq!(found, expected, "{patterns:?} in {text}");
    }

    proptest! {
        #[test]
        fn finds_what_an_automaton_finds(
            patterns in proptest::collection::btree_set("[ab好不的😀]{1,4}", 1..12),
            text in "[abc好不的是😀🎉]{0,30}",
        ) {
            check(&patterns, &text);
        }
    }
}
