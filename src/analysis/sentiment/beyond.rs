//! What a model of English is told beside VADER's findings: wordings that say the opposite of their words ("can't fault
//! it", "never disappoints"), grades, and the emoji and faces that VADER does not rate.
//!
//! **Invariant:** the compound score has no part in it, which stays the reference's.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::english::{negates, word_hash};
use super::finder::{Finder, Head};
use super::grades;
use super::house::Hit;
use super::notation::{Pattern, patterns};
use super::symbols::Symbols;

const IDIOMS: &str = include_str!("../../../lexicons/en/idioms.tsv");

/// One of these, or a word that negates, is in every idiom: a text without one needs no search.
pub(super) const OPENERS: &[&str] = &[
    "no",
    "zero",
    "nobody",
    "little",
    "hard",
    "tough",
    "difficult",
    "impossible",
    "yet",
    "less",
    "desired",
    "avoid",
];
/// In texts that are longer than posts are, idioms decide nothing, and to look for them takes its time.
const LONGEST: usize = 64 << 10;
/// Every emoji begins with one of these bytes, and most other characters beyond ASCII with none.
const EMOJI_BYTES: (u8, u8) = (0xe2, 0xf0);
const FIRST_EMOJI: char = '\u{203c}';
/// So many that few other pairs seem to be one of some thousands.
const PAIR_BITS: usize = 1 << 19;

/// The idioms and symbols.
#[derive(Debug)]
pub(super) struct Beyond {
    idioms: Finder<f64>,
    /// Bits for the hashes of an opener and another word near it, of which every idiom has one: few texts do.
    pairs: Vec<u64>,
    emoji: FxHashMap<char, f64>,
}

/// Buffers for what is found.
#[derive(Debug, Default)]
pub(super) struct BeyondScratch {
    lower: String,
    heads: Vec<Head>,
    found: Vec<Hit>,
    /// All that takes the place of what VADER knows, in the order of the text.
    pub(super) hits: Vec<Hit>,
}

impl Beyond {
    /// Compiles the built-in tables.
    pub(super) fn builtin() -> Beyond {
        let emoji = Symbols::unknown_to_vader().iter().copied().collect();
        let mut pairs = vec![0; PAIR_BITS / 64];
        for (_, (heads, tails)) in idioms() {
            for (opener, near, is_behind) in pairs_of(&heads, &tails) {
                let (word, bit) = place_of(word_hash(opener), word_hash(near), is_behind);
                pairs[word] |= bit;
            }
        }
        Beyond { idioms: Finder::new(idioms().into_iter(), true), pairs, emoji }
    }

    /// An idiom may have the words of these hashes, the second one behind the first or before it.
    pub(super) fn is_pair(&self, opener: u64, near: u64, is_behind: bool) -> bool {
        let (word, bit) = place_of(opener, near, is_behind);
        self.pairs.get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// Adds the idioms and grades of `text` to `hidden`, which no n-gram is read from, and leaves these and the symbols in
    /// `scratch`. `may_have_idioms` is what its tokens tell. False if there are none.
    pub(super) fn find(
        &self,
        (text, may_have_idioms): (&str, bool),
        symbols: &Symbols,
        hidden: &mut Vec<Hit>,
        scratch: &mut BeyondScratch,
    ) -> bool {
        let before = hidden.len();
        if grades::may_be_in(text) && text.len() <= LONGEST {
            scratch.found.clear();
            grades::find(text, &mut scratch.found);
            merge(&mut scratch.found, hidden);
        }
        if may_have_idioms {
            self.add_idioms(text, hidden, scratch);
        }
        scratch.found.clear();
        self.find_symbols(text, symbols, &mut scratch.found);
        if hidden.len() == before && scratch.found.is_empty() {
            return false;
        }
        scratch.hits.clone_from(hidden);
        merge(&mut scratch.found, &mut scratch.hits);
        true
    }

    /// Adds the idioms of `text` to `hits`, whose places are taken.
    pub(super) fn add_idioms(&self, text: &str, hits: &mut Vec<Hit>, scratch: &mut BeyondScratch) {
        if text.len() > LONGEST {
            return;
        }
        let BeyondScratch { lower, heads, found, .. } = scratch;
        lower.clear();
        lower.push_str(text);
        lower.make_ascii_lowercase();
        found.clear();
        self.idioms.each(lower, heads, |start, end, points| {
            let (start, end) = if points == 0.0 { negation_in(lower, start, end) } else { (start, end) };
            let (start, end) = (start as u32, end as u32);
            found.push(Hit { start, end, points, is_symbol: false, is_house: false });
        });
        merge(found, hits);
    }

    fn find_symbols(&self, text: &str, symbols: &Symbols, found: &mut Vec<Hit>) {
        if memchr::memchr2(EMOJI_BYTES.0, EMOJI_BYTES.1, text.as_bytes()).is_some() {
            let may_be_emoji = |&(_, c): &(usize, char)| c >= FIRST_EMOJI;
            found.extend(text.char_indices().filter(may_be_emoji).filter_map(|(at, c)| {
                let points = *self.emoji.get(&c)?;
                let (start, end) = (at as u32, (at + c.len_utf8()) as u32);
                Some(Hit { start, end, points, is_symbol: true, is_house: false })
            }));
        }
        if may_have_faces(text) {
            symbols.faces(text, found);
        }
    }
}

/// For each way to write a pattern an opener in it, and the longest of its other words: the rarest, as a rule. The third
/// tells whether that one stands behind the opener.
fn pairs_of<'p>(heads: &'p [String], tails: &'p [String]) -> impl Iterator<Item = (&'p str, &'p str, bool)> {
    let in_tails = heads.iter().any(|head| opener_in(head).is_none());
    let wordings = if in_tails { tails } else { heads };
    wordings.iter().flat_map(move |wording| {
        let (opener, other) = opener_in(wording).unwrap_or_default();
        let is_alone = other.is_none() && !in_tails;
        let longest = |tail: &'p String| tail.split(' ').max_by_key(|word| word.len());
        let behind_gap = tails.iter().filter(move |_| is_alone).filter_map(longest);
        let other = other.into_iter().map(move |(near, is_behind)| (opener, near, is_behind));
        other.chain(behind_gap.map(move |near| (opener, near, true)))
    })
}

/// The first opener of a wording, the longest of the other words, and whether that stands behind it.
fn opener_in(wording: &str) -> Option<(&str, Option<(&str, bool)>)> {
    let words: Vec<&str> = wording.split(' ').collect();
    let at = words.iter().position(|word| opens(word))?;
    let others = words.iter().enumerate().filter(|(other, _)| *other != at);
    let longest = others.max_by_key(|(_, word)| word.len());
    Some((words[at], longest.map(|(other, word)| (*word, other > at))))
}

fn opens(word: &str) -> bool {
    OPENERS.contains(&word) || word.contains("n't") || word.contains('’') || negates(word)
}

fn place_of(opener: u64, near: u64, is_behind: bool) -> (usize, u64) {
    let turn = if is_behind { 17 } else { 29 };
    let bit = (opener.rotate_left(turn) ^ near) as usize >> (64 - PAIR_BITS.ilog2());
    (bit / 64, 1 << (bit % 64))
}

/// Where the word stands that negates in a wording that is a mere fact: all else of it may be read.
fn negation_in(lower: &str, start: usize, end: usize) -> (usize, usize) {
    let negates = |word: &&str| *word == "not" || word.ends_with("n't") || word.ends_with("n’t");
    let word = lower[start..end].split(' ').find(negates);
    word.and_then(|word| Some((start + lower[start..end].find(word)?, word.len())))
        .map_or((start, end), |(at, length)| (at, at + length))
}

/// Nearly every English text is told from one with a face by its characters.
fn may_have_faces(text: &str) -> bool {
    let draws = |c: char| {
        !c.is_ascii()
            && !c.is_alphabetic()
            && !matches!(c, '\u{a0}'..='\u{bf}' | '\u{2010}'..='\u{203a}' | '\u{1f000}'..)
    };
    memchr::memchr(b'_', text.as_bytes()).is_some() || (!text.is_ascii() && text.chars().any(draws))
}

/// Puts what was found between `hits`, which do not overlap and keep their places; of several at one place the longest.
fn merge(found: &mut Vec<Hit>, hits: &mut Vec<Hit>) {
    found.sort_unstable_by_key(|hit| (hit.start, Reverse(hit.end)));
    let mut free = 0;
    let known = hits.len();
    for hit in found.drain(..) {
        let next = hits[..known].partition_point(|other| other.end <= hit.start);
        let is_taken = hits[..known].get(next).is_some_and(|other| other.start < hit.end);
        if hit.start >= free && !is_taken {
            free = hit.end;
            hits.push(hit);
        }
    }
    hits.sort_unstable_by_key(|hit| hit.start);
}

fn idioms() -> Vec<(f64, Pattern)> {
    patterns(IDIOMS)
        .into_iter()
        .filter_map(|(points, pattern)| Some((points.parse().ok()?, pattern)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_idioms_is_understood() {
        assert_eq!(idioms().len(), patterns(IDIOMS).len());
        assert!(Beyond::builtin().idioms.is_compiled());
        for (points, (heads, tails)) in idioms() {
            let is_score = points == 0.0 || (0.5..=4.0).contains(&points.abs());
            assert!(is_score && !heads.is_empty(), "{points} {heads:?}");
            for wording in heads.iter().chain(&tails) {
                assert_eq!(
                    (wording.trim(), wording.contains(['(', ')', '/', '~', '\t'])),
                    (wording.as_str(), false)
                );
            }
        }
    }

    #[test]
    fn every_idiom_has_a_pair_by_which_its_text_is_searched() {
        for (_, (heads, tails)) in idioms() {
            let all_open = |wordings: &[String]| wordings.iter().all(|wording| opener_in(wording).is_some());
            assert!(all_open(&heads) || (!tails.is_empty() && all_open(&tails)), "{heads:?} {tails:?}");
            assert!(
                pairs_of(&heads, &tails).count() >= heads.len().min(tails.len().max(1)),
                "{heads:?} {tails:?}"
            );
        }
        let beyond = Beyond::builtin();
        let is_pair = |opener, near, is_behind| beyond.is_pair(word_hash(opener), word_hash(near), is_behind);
        assert!(is_pair("can't", "recommend", true) && is_pair("desired", "leaves", false));
        assert!(!is_pair("never", "tuesday", true) && !is_pair("can't", "recommend", false));
    }

    fn check(text: &str, expected: &[(&str, f64)]) {
        let faces = super::super::kaomoji::faces();
        let symbols = Symbols::new(&super::super::english::English::builtin(), &faces);
        let mut scratch = BeyondScratch::default();
        let found = Beyond::builtin().find((text, true), &symbols, &mut Vec::new(), &mut scratch);
        let hits = scratch.hits.iter().map(|hit| (&text[hit.start as usize..hit.end as usize], hit.points));
        assert_eq!(hits.collect::<Vec<_>>(), expected, "{text}");
        assert_eq!(found, !expected.is_empty());
    }

    #[test]
    fn the_longest_wording_at_a_place_holds() {
        check("I can't recommend this place enough!", &[("can't recommend this place enough", 3.0)]);
        check("I can’t recommend this place. Enough!", &[("can’t recommend", -2.5)]);
        check(
            "CANNOT fault them, never had a problem",
            &[("CANNOT fault", 2.5), ("never had a problem", 2.5)],
        );
        check("it works", &[]);
        // A fact: of its negation alone nothing is told.
        check("The shop is not on Main Street, it isn’t open on Mondays", &[("not", 0.0), ("isn’t", 0.0)]);
        check("avoid at all costs. 1/5", &[("avoid at all costs", -2.5), ("1/5", -2.5)]);
    }

    #[test]
    fn emoji_and_faces_that_vader_does_not_rate_are_found() {
        check("late again 👎🙄 (T_T)", &[("👎", -2.0), ("🙄", -1.6), ("T_T", -1.6)]);
        check("great 😀 snake_case café – “so”", &[]);
    }
}
