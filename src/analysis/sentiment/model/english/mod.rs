//! The n-grams of an English text: words and pairs of words, with what stands after a negation marked, and
//! the runs of three and of five bytes inside each stretch between spaces.

mod clean;

pub(super) use clean::Cleaned;

use clean::Token;

use super::{
    super::house::Hit,
    Model, Piece,
    grams::{Grams, Sizes, pair, slot},
};
use crate::analysis::text::hash_bytes;

/// Told apart from the same word outside a negation.
const NEGATED: u64 = 0x5bd1_e995_7b7d_159c;
const K: u64 = 0xa076_1d64_78bd_642f;

/// The two lengths of runs, in bytes. More of them cost time and told no more (see `docs/sentiment.md`).
const SHORT: usize = 3;
const LONG: usize = 5;

/// Replaces `grams` by the n-grams of `text` without `hits`.
pub(super) fn read(text: &str, hits: &[Hit], sizes: Sizes, cleaned: &mut Cleaned, grams: &mut Grams) {
    grams.clear();
    cleaned.fill(text.as_bytes(), hits);
    // The hits are all that it says: else a full stop would decide.
    if !hits.is_empty() && cleaned.is_marks_alone() {
        cleaned.tokens.clear();
        return;
    }
    words(cleaned, sizes.words, grams);
    runs(&cleaned.bytes, sizes.chars, &mut grams.chars);
}

/// There are no tokens from here on.
pub(super) fn forget(cleaned: &mut Cleaned) {
    cleaned.tokens.clear();
}

/// Replaces `out` by the slots of the short runs with a middle that is no blank, and behind them of the long ones with
/// three such in the middle: the spaces around a stretch belong to it. Without branches that depend on the text.
fn runs(bytes: &[u8], bits: u32, out: &mut Vec<u32>) {
    // Of all middles, which neither the blanks at both ends are nor the zeros.
    let places = bytes.len().saturating_sub(8 + 2);
    out.resize(2 * places, 0);
    let (mut count, mut long_count) = (0, 0);
    let (shorts, longs) = out.split_at_mut(places);
    for next in bytes.windows(8).take(places) {
        let next = next.first_chunk::<8>().map_or(0, |next| u64::from_le_bytes(*next));
        let is_blank = |at: usize| next >> (8 * at) & 0xff == u64::from(b' ');
        shorts[count] = slot(next & (u64::MAX >> (64 - 8 * SHORT)), bits);
        count += usize::from(!is_blank(1));
        longs[long_count] = slot(next & (u64::MAX >> (64 - 8 * LONG)), bits);
        long_count += usize::from(!is_blank(1) & !is_blank(2) & !is_blank(3));
    }
    out.copy_within(places..places + long_count, count);
    out.truncate(count + long_count);
}

/// A piece for each token of the text that was read last: what its words give, and the runs whose
/// middle lies in it. `sums` is a buffer.
pub(super) fn pieces(
    model: &Model,
    cleaned: &Cleaned,
    grams: &Grams,
    sums: &mut Vec<i32>,
    pieces: &mut Vec<Piece>,
) {
    let first = pieces.len();
    let places =
        cleaned.tokens.iter().map(|t| (cleaned.origin(t.start as usize), cleaned.origin(t.end as usize)));
    pieces.extend(places.map(|(start, end)| Piece::new(start, end)));
    let pieces = &mut pieces[first..];
    let (word_unit, unit) = (model.words.unit(grams.words.len()), model.chars.unit(grams.chars.len()));
    for (at, [word, pair]) in grams.words.as_chunks::<2>().0.iter().enumerate() {
        // A pair's is divided among its two.
        let pair = f64::from(model.words.polarity(*pair)) / 2.0 * word_unit;
        pieces[at].value += f64::from(model.words.polarity(*word)) * word_unit + pair;
        pieces[at.saturating_sub(1)].value += pair;
    }
    let bytes: usize = cleaned.tokens.iter().map(|token| (token.end - token.start) as usize).sum();
    // A token's sum is a difference of two, so that no loop is as long as a token, which nothing foretells.
    model.chars.running_polarities(&grams.chars, sums);
    let sum = |from: usize, to: usize| sums.get(to).zip(sums.get(from)).map_or(0, |(to, from)| to - from);
    let (mut short_at, mut long_at) = (0, bytes);
    // In the order of the runs: what was changed comes last.
    for changed in [false, true] {
        for (token, piece) in cleaned.tokens.iter().zip(pieces.iter_mut()) {
            if (token.start as usize >= cleaned.changed) == changed {
                let (short, long) = middles(&cleaned.bytes, token);
                let sum = sum(short_at, short_at + short) + sum(long_at, long_at + long);
                piece.value += f64::from(sum) * unit;
                (short_at, long_at) = (short_at + short, long_at + long);
            }
        }
    }
}

/// How many short and how many long runs have their middle in a token.
fn middles(bytes: &[u8], token: &Token) -> (usize, usize) {
    let (start, end) = (token.start as usize, token.end as usize);
    let length = end - start;
    let at_edges = [start - 1, end].into_iter().filter(|at| bytes.get(*at) == Some(&b' '));
    (length, length.saturating_sub(at_edges.count()))
}

/// Adds the words and the pairs of words.
fn words(cleaned: &Cleaned, bits: u32, grams: &mut Grams) {
    let (mut before, mut negated) = (0, false);
    for token in &cleaned.tokens {
        let plain = key(&cleaned.bytes, token);
        let key = if negated && token.is_word { plain ^ NEGATED } else { plain };
        grams.words.extend_from_slice(&[slot(key, bits), slot(pair(before, key), bits)]);
        before = key;
        let word = &cleaned.bytes[token.start as usize..token.end as usize];
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
    let (start, end) = (token.start as usize, token.end as usize);
    let length = end - start;
    match bytes.get(start..).and_then(|rest| rest.first_chunk::<8>()) {
        Some(next) if length <= 8 => short_key(u64::from_le_bytes(*next) & (u64::MAX >> (64 - 8 * length))),
        _ => hash_bytes(&bytes[start..end]),
    }
}

const fn short_key(word: u64) -> u64 {
    (word ^ (word >> 29)).wrapping_mul(K)
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
    use super::super::Table;
    use super::*;

    const SIZES: Sizes = Sizes { words: 20, chars: 20 };

    fn grams(text: &str) -> (Vec<u32>, Vec<u32>) {
        let mut grams = Grams::default();
        read(text, &[], SIZES, &mut Cleaned::default(), &mut grams);
        // In which order the runs come says nothing.
        grams.chars.sort_unstable();
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
        // " a ".
        assert_eq!(grams("a").1.len(), 1);
        assert_eq!(grams("a b").1.len(), 2);
        // " ab", "abc", "bcd", "cd " and " abcd", "abcd ".
        assert_eq!(grams("abcd").1.len(), 4 + 2);
        assert_eq!((grams("").1.len(), grams(" \n").0.len()), (0, 0));
    }

    /// The runs as they are defined, of stretches one by one.
    fn naive_runs(cleaned: &Cleaned) -> Vec<u32> {
        let stretches = cleaned.tokens.chunk_by(|token, next| token.end == next.start);
        let padded = stretches.map(|stretch| {
            let (start, end) = (stretch[0].start as usize, stretch[stretch.len() - 1].end as usize);
            [b" ", &cleaned.bytes[start..end], b" "].concat()
        });
        let key = |run: &[u8]| run.iter().rev().fold(0, |key, b| key << 8 | u64::from(*b));
        let of = |padded: &Vec<u8>| {
            let (short, long) = (padded.windows(SHORT), padded.windows(LONG));
            short.chain(long).map(|run| slot(key(run), SIZES.chars)).collect::<Vec<_>>()
        };
        padded.flat_map(|padded| of(&padded)).collect()
    }

    proptest::proptest! {
        #[test]
        fn runs_are_those_of_each_stretch(text in "[ab!@:é😀’\u{fe0f} \n]{0,20}(www[.]x|http://a|@b_1)?[ab .]{0,9}") {
            let (mut grams, mut cleaned) = (Grams::default(), Cleaned::default());
            read(&text, &[], SIZES, &mut cleaned, &mut grams);
            let mut expected = naive_runs(&cleaned);
            expected.sort_unstable();
            grams.chars.sort_unstable();
            assert_eq!(grams.chars, expected);
        }
    }

    /// A model in which every n-gram counts one.
    fn even() -> Model {
        let table = || Table { weights: vec![[1, 0]; 1 << 20], scale: [1.0, 1.0] };
        Model {
            language: crate::model::Language::EN,
            scope: super::super::Scope::Text,
            sizes: SIZES,
            words: table(),
            chars: table(),
            rules: [[0.0; 2]; super::super::FEATURES],
            base: [0.0; 2],
            neutral_bias: 0.0,
        }
    }

    /// What the n-grams of a text give to its pieces: their places, and twice the sums of words, or the sums of
    /// characters.
    fn given(text: &str, words: bool) -> (Vec<(u32, u32, i32)>, Grams) {
        let mut model = even();
        let off = if words { &mut model.chars } else { &mut model.words };
        off.scale = [0.0, 0.0];
        let (mut grams, mut cleaned, mut found) = (Grams::default(), Cleaned::default(), Vec::new());
        read(text, &[], SIZES, &mut cleaned, &mut grams);
        pieces(&model, &cleaned, &grams, &mut Vec::new(), &mut found);
        let unit = if words {
            model.words.unit(grams.words.len()) / 2.0
        } else {
            model.chars.unit(grams.chars.len())
        };
        let given = found.iter().map(|piece| (piece.start, piece.end, (piece.value / unit).round() as i32));
        (given.collect(), grams)
    }

    #[test]
    fn every_gram_belongs_to_a_piece_of_the_original() {
        for text in [
            "Sooooo good!!! 😀😀 @anna don’t https://a.example",
            "www.a.example is here, and so is @bob: ok?",
            "❤\u{fe0f}",
            "é\u{fe0f} é",
            "\u{fe0f}",
            "a\u{0}b",
            "(a) b.",
            "",
        ] {
            let ((words, grams), (chars, _)) = (given(text, true), given(text, false));
            let sum = |of: &[(u32, u32, i32)]| of.iter().map(|(.., given)| *given).sum::<i32>() as usize;
            assert_eq!((sum(&words), sum(&chars)), (2 * grams.words.len(), grams.chars.len()), "{text}");
            let texts: Vec<_> =
                chars.iter().map(|(a, b, _)| text.get(*a as usize..*b as usize).unwrap()).collect();
            assert!(texts.iter().all(|piece| !piece.is_empty()), "{texts:?}");
            assert!(texts.iter().all(|piece| !piece.contains(' ')), "{texts:?}");
        }
    }

    #[test]
    fn a_run_belongs_to_the_token_of_its_middle() {
        assert_eq!(given("(abcd) e", false).0, [(0, 1, 1), (1, 5, 4 + 4), (5, 6, 1), (7, 8, 1)]);
        // The second stretch is changed to `@user.`, and its runs come last.
        assert_eq!(given("ab @you. cd", false).0, [(0, 2, 2), (3, 7, 5 + 4), (7, 8, 1), (9, 11, 2)]);
    }
}
