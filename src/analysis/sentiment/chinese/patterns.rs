//! Finds many short patterns in a text: leftmost, longest, not overlapping.
//!
//! An automaton goes to a far place of its table for every character. Most characters of a text begin no
//! pattern, and most pairs of characters neither, which small bit sets tell without leaving the nearest cache: first
//! for the whole text without a branch that depends on it, because nothing foretells which characters begin one.
//!
//! **Invariant:** the same matches as a leftmost-longest Aho-Corasick automaton gives (a test compares).

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::bits::CharBits;

/// Stands for no pattern.
const NONE: u32 = u32::MAX;

/// Patterns with their values.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    /// Characters that begin a longer pattern.
    firsts: CharBits,
    /// Hashes of the first two characters of patterns.
    pairs: PairBits,
    /// Characters that are a pattern.
    lone: CharBits,
    /// Values of the patterns of one character: of the basic plane by the character, [`NONE`] if it is none, and of others.
    singles: Vec<u32>,
    far_singles: FxHashMap<char, u32>,
    /// The longer ones by their first two characters, with open addressing: runs of `list`. As many as a power of two.
    heads: Vec<Head>,
    /// Longest first within a run.
    list: Vec<Pattern>,
    /// What is behind the fourth character of each pattern, one behind the other.
    rests: Vec<char>,
}

/// A bit for each of the first 16 of a hash: with some four thousand pairs 6 % of other pairs seem to be one.
#[derive(Debug)]
struct PairBits(Box<[u64; 1 << 16 >> 6]>);

impl Default for PairBits {
    fn default() -> PairBits {
        PairBits(Box::new([0; 1 << 16 >> 6]))
    }
}

/// The patterns that begin with the same two characters.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    /// Of both characters; 0 is an empty slot.
    key: u64,
    /// A run of the list.
    start: u32,
    end: u32,
}

/// A pattern of two characters or more.
#[derive(Clone, Copy, Debug)]
struct Pattern {
    /// Its third and fourth character, zeros where it has none, and which bits of them it has.
    next: u64,
    mask: u64,
    /// How many characters it has.
    length: u32,
    /// Where those behind the fourth begin in the rests.
    rest: u32,
    value: u32,
}

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
        let mut new = Patterns { singles: vec![NONE; 1 << 16], ..Patterns::default() };
        let mut runs: BTreeMap<u64, Vec<(Vec<char>, u32)>> = BTreeMap::new();
        for (pattern, value) in patterns {
            let mut rest = pattern.chars();
            let Some(first) = rest.next() else { continue };
            match rest.next() {
                None => new.add_single(first, value),
                Some(second) => {
                    new.firsts.set(first);
                    runs.entry(key(first, second)).or_default().push((rest.collect(), value));
                }
            }
        }
        // Half of them and more are empty.
        new.heads = vec![Head::default(); (2 * runs.len()).next_power_of_two()];
        for (key, mut run) in runs {
            run.sort_unstable_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
            new.add_run(key, &run);
        }
        new
    }

    fn add_single(&mut self, c: char, value: u32) {
        self.lone.set(c);
        match self.singles.get_mut(c as usize) {
            Some(single) => *single = value,
            None => _ = self.far_singles.insert(c, value),
        }
    }

    fn add_run(&mut self, key: u64, run: &[(Vec<char>, u32)]) {
        let start = self.list.len() as u32;
        for (rest, value) in run {
            let [third, fourth] = [0, 1].map(|i| rest.get(i).copied());
            let bits = |c: Option<char>| if c.is_some() { u64::from(u32::MAX) } else { 0 };
            self.list.push(Pattern {
                next: two(third.unwrap_or('\0'), fourth.unwrap_or('\0')),
                mask: bits(third) << 32 | bits(fourth),
                length: 2 + rest.len() as u32,
                rest: self.rests.len() as u32,
                value: *value,
            });
            self.rests.extend(rest.iter().skip(2));
        }
        let (word, bit) = bit_of(key);
        self.pairs.0[word] |= 1 << bit;
        let mut slot = self.slot(key);
        while self.heads[slot].key != 0 {
            slot = (slot + 1) & (self.heads.len() - 1);
        }
        self.heads[slot] = Head { key, start, end: self.list.len() as u32 };
    }

    /// Takes the matches, in the order of the text. `places` is a buffer.
    pub(super) fn each(&self, text: &[char], places: &mut Vec<u32>, mut take: impl FnMut(Match)) {
        self.find_places(text, places);
        let mut free = 0;
        for start in places.iter().map(|place| *place as usize) {
            if start < free {
                continue;
            }
            if let Some((length, value)) = self.longest(&text[start..]) {
                free = start + length;
                take(Match { start, end: free, value });
            }
        }
    }

    /// Replaces `places` by where a pattern may begin.
    fn find_places(&self, text: &[char], places: &mut Vec<u32>) {
        places.resize(text.len(), 0);
        let mut count = 0;
        for (at, pair) in (0..).zip(text.windows(2)) {
            let may_begin = self.may_go_on(pair[0], pair[1]) | self.lone.may_have(pair[0]);
            places[count] = at;
            count += usize::from(may_begin);
        }
        if text.last().is_some_and(|last| self.lone.may_have(*last)) {
            places[count] = text.len() as u32 - 1;
            count += 1;
        }
        places.truncate(count);
    }

    /// A pattern may begin with these two.
    #[inline]
    fn may_go_on(&self, first: char, second: char) -> bool {
        let (word, bit) = bit_of(key(first, second));
        self.firsts.may_have(first) & (self.pairs.0[word] >> bit & 1 == 1)
    }

    #[inline]
    fn slot(&self, key: u64) -> usize {
        (key.wrapping_mul(K) >> 40) as usize & (self.heads.len() - 1)
    }

    /// The longest pattern that `text` begins with; its length and value.
    #[inline]
    fn longest(&self, text: &[char]) -> Option<(usize, u32)> {
        let longer = match text {
            [first, second, rest @ ..] if self.may_go_on(*first, *second) => {
                self.longer(key(*first, *second), rest)
            }
            _ => None,
        };
        longer.or_else(|| Some((1, self.single(*text.first()?)?)))
    }

    #[inline]
    fn single(&self, c: char) -> Option<u32> {
        match self.singles.get(c as usize) {
            Some(&value) => (value != NONE).then_some(value),
            None => self.far_singles.get(&c).copied(),
        }
    }

    /// The longest pattern that begins with the two characters of `key`, before `rest`.
    #[inline]
    fn longer(&self, key: u64, rest: &[char]) -> Option<(usize, u32)> {
        let mut slot = self.slot(key);
        let head = loop {
            let head = self.heads[slot];
            if head.key == key || head.key == 0 {
                break head;
            }
            slot = (slot + 1) & (self.heads.len() - 1);
        };
        let next = |at: usize| rest.get(at).copied().unwrap_or('\0');
        let next = two(next(0), next(1));
        let run = self.list.get(head.start as usize..head.end as usize)?;
        let found =
            run.iter().find(|pattern| next & pattern.mask == pattern.next && self.ends(pattern, rest))?;
        Some((found.length as usize, found.value))
    }

    /// What is behind the fourth character of a pattern is there too.
    #[inline]
    fn ends(&self, pattern: &Pattern, rest: &[char]) -> bool {
        let more = (pattern.length as usize).saturating_sub(4);
        let own = self.rests.get(pattern.rest as usize..).and_then(|own| own.get(..more));
        more == 0 || own.is_some_and(|own| rest.get(2..).is_some_and(|rest| rest.starts_with(own)))
    }
}

const K: u64 = 0x9e37_79b9_7f4a_7c15;

#[inline]
fn two(first: char, second: char) -> u64 {
    u64::from(first) << 32 | u64::from(second)
}

/// Of two characters; never 0.
#[inline]
fn key(first: char, second: char) -> u64 {
    1 << 63 | two(first, second)
}

/// Where the bit of a key is among those of all pairs.
#[inline]
fn bit_of(key: u64) -> (usize, u64) {
    let hash = key.wrapping_mul(K) >> 48;
    ((hash >> 6) as usize, hash % 64)
}

#[cfg(test)]
mod tests {
    use daachorse::{CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};
    use proptest::prelude::*;

    use super::*;

    fn check(patterns: &std::collections::BTreeSet<String>, text: &str) {
        let numbered = || patterns.iter().zip(0_u32..).map(|(pattern, value)| (pattern.as_str(), value));
        let chars: Vec<char> = text.chars().collect();
        let mut found = Vec::new();
        Patterns::new(numbered()).each(&chars, &mut vec![7], |m| found.push(m));
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
            patterns in proptest::collection::btree_set("[ab好不的😀]{1,6}", 1..12),
            text in "[abc好不的是😀🎉]{0,30}",
        ) {
            check(&patterns, &text);
        }
    }
}
