//! The n-grams of an English text: words and pairs of words, with what stands after a negation marked, and
//! the runs of two to five bytes inside each stretch between spaces.

use super::grams::{Grams, Sizes, pair, slot};
use crate::analysis::text::hash_bytes;

/// What a link becomes.
const LINK: &[u8] = b"http";
/// What a handle becomes: names say nothing.
const HANDLE: &[u8] = b"@user";
/// Longest run of characters, in bytes.
const RUN_MAX: usize = 5;
/// Told apart from the same word outside a negation.
const NEGATED: u64 = 0x5bd1_e995_7b7d_159c;

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

impl Places {
    fn clear(&mut self) {
        self.units.clear();
        self.words.clear();
        self.chars.clear();
        self.unit_of.clear();
    }
}

/// The text in lower case, links and handles replaced, one space around each stretch.
#[derive(Debug, Default)]
pub(super) struct Cleaned {
    bytes: Vec<u8>,
    /// Where each byte comes from in the original.
    origin: Vec<u32>,
}

/// What the pass over the words carries along.
#[derive(Default)]
struct Words {
    before: u64,
    negated: bool,
}

/// Replaces `grams` by the n-grams of `text`; with `TRACE` also `places`.
pub(super) fn read<const TRACE: bool>(
    text: &str,
    sizes: Sizes,
    cleaned: &mut Cleaned,
    grams: &mut Grams,
    places: &mut Places,
) {
    grams.clear();
    places.clear();
    cleaned.fill::<TRACE>(text.as_bytes());
    let mut words = Words::default();
    let mut start = 1;
    while let Some(length) = memchr::memchr(b' ', cleaned.bytes.get(start..).unwrap_or_default()) {
        let end = start + length;
        if TRACE {
            places.unit_of.resize(start, 0);
        }
        if length > 0 {
            words.stretch::<TRACE>(cleaned, (start, end), sizes.words, grams, places);
        }
        if TRACE {
            places.unit_of.push(places.units.len().saturating_sub(1) as u32);
        }
        // One of variation selectors alone has nothing in it.
        if length > 0 {
            runs::<TRACE>(&cleaned.bytes, (start, end), sizes.chars, grams, places);
        }
        start = end + 1;
    }
}

/// Adds the runs of characters of a stretch; the spaces around it belong to it.
fn runs<const TRACE: bool>(
    bytes: &[u8],
    (start, end): (usize, usize),
    bits: u32,
    grams: &mut Grams,
    places: &mut Places,
) {
    for at in start - 1..end {
        let Some(next) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else { return };
        let next = u64::from_le_bytes(*next);
        let key = |length: usize| slot(next & (u64::MAX >> (64 - 8 * length)), bits);
        let room = end + 1 - at;
        if TRACE {
            let middle = |length| places.unit_of.get(at + length / 2).copied().unwrap_or(0);
            match room {
                RUN_MAX.. => places.chars.extend_from_slice(&[middle(2), middle(3), middle(4), middle(5)]),
                _ => (2..=room).for_each(|length| places.chars.push(middle(length))),
            }
        }
        if room >= RUN_MAX {
            grams.chars.extend_from_slice(&[key(2), key(3), key(4), key(5)]);
        } else {
            (2..=room).for_each(|length| grams.chars.push(key(length)));
        }
    }
}

impl Words {
    /// Adds the words of a stretch and the pairs that end in it.
    fn stretch<const TRACE: bool>(
        &mut self,
        cleaned: &Cleaned,
        (start, end): (usize, usize),
        bits: u32,
        grams: &mut Grams,
        places: &mut Places,
    ) {
        let mut at = start;
        while at < end {
            let (length, class) = token(&cleaned.bytes[at..end]);
            let (token, is_word) = (&cleaned.bytes[at..at + length], class == WORD);
            let negates = is_word && is_negation(token);
            let key = hash_bytes(token) ^ if self.negated && is_word { NEGATED } else { 0 };
            grams.words.extend_from_slice(&[slot(key, bits), slot(pair(self.before, key), bits)]);
            if TRACE {
                places.place(cleaned, (at, at + length));
            }
            self.before = key;
            self.negated = match self.negated {
                true if is_word => token != b"but",
                true => !token.iter().any(|b| b".,:;!?".contains(b)),
                false => negates,
            };
            at += length;
        }
    }
}

impl Places {
    fn place(&mut self, cleaned: &Cleaned, (start, end): (usize, usize)) {
        let origin = |at: usize| cleaned.origin.get(at).copied().unwrap_or(0);
        let unit = self.units.len() as u32;
        self.units.push((origin(start), origin(end)));
        self.words.extend_from_slice(&[(unit, unit), (unit.saturating_sub(1), unit)]);
        self.unit_of.resize(end, unit);
    }
}

fn run_of(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|b| !belongs(*b)).unwrap_or(bytes.len())
}

/// Length of the token at the start of `bytes`, and its class: letters, digits, apostrophes and what sets off a
/// tag or a handle are a word. Other ASCII signs make one token together, any other character one alone.
#[inline]
fn token(bytes: &[u8]) -> (usize, u8) {
    let Some((first, rest)) = bytes.split_first() else { return (1, SIGN) };
    match class(*first) {
        WIDE => (utf8_length(*first).min(bytes.len()), WIDE),
        kind => (1 + rest.iter().position(|b| class(*b) != kind).unwrap_or(rest.len()), kind),
    }
}

const SIGN: u8 = 0;
const WORD: u8 = 1;
/// Begins a character of three or four bytes.
const WIDE: u8 = 2;

/// What a byte of the cleaned text begins or belongs to. Two-byte characters are the letters of Latin, Greek,
/// Cyrillic and their neighbours, nearly all of them.
const CLASS: [u8; 256] = {
    let mut class = [SIGN; 256];
    let mut b = 0;
    while b < 256 {
        class[b] = match b as u8 {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'\'' | b'_' | b'#' | b'@' | 0x80..=0xdf => WORD,
            0xe0.. => WIDE,
            _ => SIGN,
        };
        b += 1;
    }
    class
};

#[inline]
fn class(b: u8) -> u8 {
    CLASS[usize::from(b)]
}

fn utf8_length(lead: u8) -> usize {
    if lead >= 0xf0 { 4 } else { 3 }
}

/// What turns the meaning of the words behind it.
fn is_negation(word: &[u8]) -> bool {
    match word {
        [.., b'n', b'\'', b't'] => true,
        // Most words begin otherwise or are longer.
        [b'n' | b'c' | b'd' | b'w' | b'i' | b'a' | b'h' | b's', ..] if word.len() <= 9 => {
            NEGATIONS.contains(&word)
        }
        _ => false,
    }
}

const NEGATIONS: &[&[u8]] = &[
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

impl Cleaned {
    fn fill<const TRACE: bool>(&mut self, text: &[u8]) {
        self.bytes.clear();
        self.bytes.reserve(text.len() + 16);
        self.origin.clear();
        self.push::<TRACE>(b' ', 0);
        let mut at = 0;
        while at < text.len() {
            let length = run_of(&text[at..], |b| b > b' ');
            if length > 0 {
                self.stretch::<TRACE>(text, at, at + length);
                self.push::<TRACE>(b' ', at + length);
            }
            at += length + 1;
        }
        // So that eight bytes can be read from anywhere inside.
        self.bytes.extend_from_slice(&[0; 8]);
    }

    #[inline]
    fn push<const TRACE: bool>(&mut self, b: u8, from: usize) {
        self.bytes.push(b);
        if TRACE {
            self.origin.push(from as u32);
        }
    }

    fn stretch<const TRACE: bool>(&mut self, text: &[u8], start: usize, end: usize) {
        let stretch = &text[start..end];
        let mut at = start;
        if is_link(stretch) {
            LINK.iter().for_each(|b| self.push::<TRACE>(*b, start));
            return;
        }
        if stretch.len() > 1 && stretch[0] == b'@' && class(stretch[1]) == WORD {
            HANDLE.iter().for_each(|b| self.push::<TRACE>(*b, start));
            at += 1 + run_of(&stretch[1..], |b| class(b) == WORD);
        }
        // The last two bytes; neither is in the text.
        let (mut before, mut one_before) = (0, 0);
        while at < end {
            let (b, length) = match text[at] {
                b @ 0..0x80 => (b.to_ascii_lowercase(), 1),
                _ => wide(&text[at..end]),
            };
            // Of more than two equal characters two stay.
            if b != 0 && (b >= 0x80 || b != before || b != one_before) {
                self.push::<TRACE>(b, at);
                (one_before, before) = (before, b);
            }
            at += length;
        }
    }
}

fn is_link(stretch: &[u8]) -> bool {
    matches!(stretch.first(), Some(b'h' | b'w'))
        && [&b"http://"[..], b"https://", b"www."].iter().any(|start| stretch.starts_with(start))
}

/// A byte outside ASCII and how many bytes it stands for. The curly apostrophe is the straight one; a variation
/// selector is nothing (0).
fn wide(rest: &[u8]) -> (u8, usize) {
    match *rest {
        [0xe2, 0x80, 0x98 | 0x99, ..] => (b'\'', 3),
        [0xef, 0xb8, 0x8f, ..] => (0, 3),
        [b, ..] => (b, 1),
        [] => (0, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { words: 20, chars: 20 };

    fn grams(text: &str) -> (Vec<u32>, Vec<u32>) {
        let (mut grams, mut places) = (Grams::default(), Places::default());
        read::<false>(text, SIZES, &mut Cleaned::default(), &mut grams, &mut places);
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
            read::<true>(text, SIZES, &mut Cleaned::default(), &mut grams, &mut places);
            assert_eq!((grams.words.len(), grams.chars.len()), (places.words.len(), places.chars.len()));
            let pieces: Vec<_> =
                places.units.iter().map(|(a, b)| text.get(*a as usize..*b as usize).unwrap()).collect();
            assert!(pieces.iter().all(|piece| !piece.is_empty()), "{pieces:?}");
            let limit = places.units.len() as u32;
            assert!(places.chars.iter().all(|unit| *unit < limit.max(1)), "{text}");
        }
    }
}
