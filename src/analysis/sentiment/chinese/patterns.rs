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
    /// Characters of the basic plane that are a pattern.
    lone: Vec<u64>,
    /// Patterns of one character.
    singles: FxHashMap<char, u32>,
    /// The longer ones by their first two characters: runs of `list`.
    heads: FxHashMap<u64, (u32, u32)>,
    /// Longest first within a run.
    list: Vec<Pattern>,
}

/// A pattern with its value.
type Pattern = (Box<[char]>, u32);

/// A pattern's place in the text, by the positions of characters, and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) value: u32,
}

impl Patterns {
    /// Of distinct patterns, none of them empty.
    pub(super) fn new<'p>(patterns: impl Iterator<Item = (&'p str, u32)>) -> Patterns {
        let empty = || vec![0; 1 << 16 >> 6];
        let mut new = Patterns { firsts: empty(), lone: empty(), ..Patterns::default() };
        let mut runs: FxHashMap<u64, Vec<Pattern>> = FxHashMap::default();
        for (pattern, value) in patterns {
            let pattern: Box<[char]> = pattern.chars().collect();
            let Some(&first) = pattern.first() else { continue };
            set(&mut new.firsts, first);
            match pattern.get(1) {
                None => {
                    set(&mut new.lone, first);
                    new.singles.insert(first, value);
                }
                Some(&second) => runs.entry(key(first, second)).or_default().push((pattern, value)),
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
    pub(super) fn find<'a>(&'a self, text: &'a [char]) -> impl Iterator<Item = Match> + 'a {
        let mut at = 0;
        std::iter::from_fn(move || {
            loop {
                let start = at + text.get(at..)?.iter().position(|c| may_be(&self.firsts, *c))?;
                at = start + 1;
                if let Some((length, value)) = self.longest(&text[start..]) {
                    at = start + length;
                    return Some(Match { start, end: at, value });
                }
            }
        })
    }

    #[inline]
    fn bit(&self, key: u64) -> usize {
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }

    /// The longest pattern that `rest` begins with; its length and value.
    #[inline]
    fn longest(&self, rest: &[char]) -> Option<(usize, u32)> {
        let longer = match rest {
            [first, second, ..] => self.longer(rest, key(*first, *second)),
            _ => None,
        };
        longer.or_else(|| {
            let first = rest.first().filter(|c| may_be(&self.lone, **c))?;
            Some((1, *self.singles.get(first)?))
        })
    }

    #[inline]
    fn longer(&self, rest: &[char], key: u64) -> Option<(usize, u32)> {
        let bit = self.bit(key);
        if self.pairs.get(bit / 64).is_none_or(|word| word >> (bit % 64) & 1 == 0) {
            return None;
        }
        let (start, end) = *self.heads.get(&key)?;
        let run = self.list.get(start as usize..end as usize)?;
        let found = run.iter().find(|(pattern, _)| rest.starts_with(pattern))?;
        Some((found.0.len(), found.1))
    }
}

/// Sets the bit of a character; those beyond the basic plane have none.
fn set(bits: &mut [u64], c: char) {
    if let Some(word) = bits.get_mut(c as usize / 64) {
        *word |= 1 << (c as usize % 64);
    }
}

/// The bit of a character is set, or it has none.
#[inline]
fn may_be(bits: &[u64], c: char) -> bool {
    bits.get(c as usize / 64).is_none_or(|word| word >> (c as usize % 64) & 1 == 1)
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
        let chars: Vec<char> = text.chars().collect();
        let found: Vec<Match> = Patterns::new(numbered()).find(&chars).collect();
        let automaton = CharwiseDoubleArrayAhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .build_with_values(numbered())
            .unwrap();
        let position = |byte: usize| text[..byte].chars().count();
        let expected: Vec<Match> = automaton
            .leftmost_find_iter(text)
            .map(|m| Match { start: position(m.start()), end: position(m.end()), value: m.value() })
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
