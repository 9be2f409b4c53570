//! The n-grams of an English text: words and pairs of words, with what stands after a negation marked, and
//! the runs of two to five bytes inside each stretch between spaces.

mod clean;

pub(super) use clean::Cleaned;

use clean::Token;

use super::{
    super::house::Hit,
    grams::{Grams, Sizes, pair, slot},
};
use crate::analysis::text::hash_bytes;

/// Told apart from the same word outside a negation.
const NEGATED: u64 = 0x5bd1_e995_7b7d_159c;
const K: u64 = 0xa076_1d64_78bd_642f;

/// Which token each n-gram belongs to.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Of each token its bytes in the original.
    pub(super) units: Vec<(u32, u32)>,
    /// Beside [`Grams::words`]: the token, and the one before it for a pair.
    pub(super) words: Vec<(u32, u32)>,
    /// Beside [`Grams::chars`].
    pub(super) chars: Vec<u32>,
    /// For every byte of the cleaned text.
    unit_of: Vec<u32>,
}

/// Replaces `grams` by the n-grams of `text` without `hits`; with `TRACE` also `places`.
pub(super) fn read<const TRACE: bool>(
    text: &str,
    hits: &[Hit],
    sizes: Sizes,
    cleaned: &mut Cleaned,
    grams: &mut Grams,
    places: &mut Places,
) {
    grams.clear();
    cleaned.fill::<TRACE>(text.as_bytes(), hits);
    words(cleaned, sizes.words, grams);
    for stretch in &cleaned.stretches {
        runs(
            &cleaned.bytes,
            *stretch,
            |next| {
                let key = |length: usize| slot(next & (u64::MAX >> (64 - 8 * length)), sizes.chars);
                [key(2), key(3), key(4), key(5)]
            },
            &mut grams.chars,
        );
    }
    if TRACE {
        places.fill(cleaned);
    }
}

/// Adds four things for each run of two to five bytes of a stretch, of those that it has room for; the spaces
/// around the stretch belong to it. `of` gets the eight bytes at the run's start.
#[inline]
fn runs(bytes: &[u8], (start, end): (usize, usize), of: impl Fn(u64) -> [u32; 4], out: &mut Vec<u32>) {
    let at = |at: usize| {
        let next = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>());
        of(next.map_or(0, |next| u64::from_le_bytes(*next)))
    };
    for place in start - 1..end.saturating_sub(3).max(start - 1) {
        out.extend_from_slice(&at(place));
    }
    if end - start == 1 {
        let [two, three, ..] = at(start - 1);
        out.extend_from_slice(&[two, three, at(start)[0]]);
    } else {
        let ([a2, a3, a4, _], [b2, b3, ..], [c2, ..]) = (at(end - 3), at(end - 2), at(end - 1));
        out.extend_from_slice(&[a2, a3, a4, b2, b3, c2]);
    }
}

/// Adds the words and the pairs of words.
fn words(cleaned: &Cleaned, bits: u32, grams: &mut Grams) {
    let (mut before, mut negated) = (0, false);
    for token in &cleaned.tokens {
        let plain = key(&cleaned.bytes, token);
        let key = if negated && token.is_word { plain ^ NEGATED } else { plain };
        grams.words.extend_from_slice(&[slot(key, bits), slot(pair(before, key), bits)]);
        before = key;
        let word = &cleaned.bytes[token.start..token.end];
        negated = match negated {
            true if token.is_word => word != b"but",
            true => !word.iter().any(|b| b".,:;!?".contains(b)),
            false => word.ends_with(b"n't") || (may_negate(plain) && NEGATIONS.contains(&word)),
        };
    }
}

/// A number for a token; up to eight bytes, different ones for different tokens.
#[inline]
fn key(bytes: &[u8], token: &Token) -> u64 {
    let length = token.end - token.start;
    match bytes.get(token.start..).and_then(|rest| rest.first_chunk::<8>()) {
        Some(next) if length <= 8 => short_key(u64::from_le_bytes(*next) & (u64::MAX >> (64 - 8 * length))),
        _ => hash_bytes(&bytes[token.start..token.end]),
    }
}

const fn short_key(word: u64) -> u64 {
    (word ^ (word >> 29)).wrapping_mul(K)
}

impl Places {
    /// After the grams, in their order.
    fn fill(&mut self, cleaned: &Cleaned) {
        self.units.clear();
        self.words.clear();
        self.chars.clear();
        self.unit_of.clear();
        let origin = |at: usize| cleaned.origin.get(at).copied().unwrap_or(0);
        for (unit, token) in (0..).zip(&cleaned.tokens) {
            let before = u32::saturating_sub(unit, 1);
            self.units.push((origin(token.start), origin(token.end)));
            self.words.extend_from_slice(&[(unit, unit), (before, unit)]);
            // A space belongs to what stands before it.
            self.unit_of.resize(token.start, before);
            self.unit_of.resize(token.end, unit);
        }
        self.unit_of.resize(cleaned.bytes.len(), self.units.len().saturating_sub(1) as u32);
        for &(start, end) in &cleaned.stretches {
            self.runs(start, end);
        }
    }

    /// The token in the middle of each run, in the order of [`runs`].
    fn runs(&mut self, start: usize, end: usize) {
        for at in start - 1..end {
            let [one, two] = [at + 1, at + 2].map(|at| self.unit_of.get(at).copied().unwrap_or(0));
            let four = [one, one, two, two];
            self.chars.extend_from_slice(&four[..(end - at).min(4)]);
        }
    }
}

/// What turns the meaning of the words behind it, beside what ends in "n't". At most eight bytes each.
const NEGATIONS: [&[u8]; 28] = [
    b"not",
    b"no",
    b"never",
    b"cannot",
    b"cant",
    b"dont",
    b"wont",
    b"isnt",
    b"arent",
    b"wasnt",
    b"werent",
    b"doesnt",
    b"didnt",
    b"havent",
    b"hasnt",
    b"hadnt",
    b"couldnt",
    b"wouldnt",
    b"shouldnt",
    b"aint",
    b"nothing",
    b"nobody",
    b"none",
    b"neither",
    b"nor",
    b"nowhere",
    b"without",
    b"hardly",
];

/// A bit for nine bits of each negation's key: nearly every other word is told from them by its own.
const NEGATION_BITS: [u64; 8] = {
    let mut bits = [0; 8];
    let mut i = 0;
    while i < NEGATIONS.len() {
        let mut word = 0;
        let mut b = NEGATIONS[i].len();
        while b > 0 {
            b -= 1;
            word = word << 8 | NEGATIONS[i][b] as u64;
        }
        let bit = short_key(word) >> 55;
        bits[(bit / 64) as usize] |= 1 << (bit % 64);
        i += 1;
    }
    bits
};

#[inline]
fn may_negate(key: u64) -> bool {
    let bit = key >> 55;
    NEGATION_BITS[(bit / 64) as usize] >> (bit % 64) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { words: 20, chars: 20 };

    fn grams(text: &str) -> (Vec<u32>, Vec<u32>) {
        let (mut grams, mut places) = (Grams::default(), Places::default());
        read::<false>(text, &[], SIZES, &mut Cleaned::default(), &mut grams, &mut places);
        (grams.words, grams.chars)
    }

    fn check_same(a: &str, b: &str) {
        assert_eq!(grams(a), grams(b), "{a} and {b}");
    }

    #[test]
    fn what_says_the_same_is_the_same() {
        check_same("So GOOD", "  so\tgood ");
        check_same("sooooo good", "soo good");
        check_same("see https://a.example/x?y and WWW", "see http://b.example and www");
        check_same("@anna hi", "@bob_99 hi");
        check_same("don\u{2019}t", "don't");
        check_same("\u{2764}\u{fe0f}", "\u{2764}");
    }

    #[test]
    fn a_negation_reaches_to_the_next_mark() {
        let has = |text: &str, of: &str| {
            let (words, single) = (grams(text).0, grams(of).0[0]);
            words.contains(&single)
        };
        assert!(has("good", "good") && has("not bad. good", "good") && has("not bad but good", "good"));
        assert!(!has("not very good", "good") && !has("i don't think it is good", "good"));
    }

    #[test]
    fn runs_stay_inside_a_stretch() {
        // " a ": " a", "a ", " a ".
        assert_eq!(grams("a").1.len(), 3);
        assert_eq!(grams("a b").1.len(), 6);
        assert_eq!(grams("abcd").1.len(), 5 + 4 + 3 + 2);
        assert_eq!((grams("").1.len(), grams(" \n").0.len()), (0, 0));
    }

    #[test]
    fn every_gram_has_a_place_in_the_original() {
        for text in [
            "Sooooo good!!! 😀😀 @anna don’t https://a.example",
            "❤\u{fe0f}",
            "é\u{fe0f}",
            "\u{fe0f}",
            "a\u{0}b",
        ] {
            let (mut grams, mut places) = (Grams::default(), Places::default());
            read::<true>(text, &[], SIZES, &mut Cleaned::default(), &mut grams, &mut places);
            assert_eq!((grams.words.len(), grams.chars.len()), (places.words.len(), places.chars.len()));
            let pieces: Vec<_> =
                places.units.iter().map(|(a, b)| text.get(*a as usize..*b as usize).unwrap()).collect();
            assert!(pieces.iter().all(|piece| !piece.is_empty()), "{pieces:?}");
            let limit = places.units.len() as u32;
            assert!(places.chars.iter().all(|unit| *unit < limit.max(1)), "{text}");
        }
    }
}
