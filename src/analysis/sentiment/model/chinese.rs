//! The n-grams of a Chinese text: characters and pairs of them, of what the rules read, which is folded and holds the
//! poster's own words only.

use super::{
    super::house::Hit,
    Model,
    grams::{Grams, Sizes, slot},
};

const BLANK: u64 = b' ' as u64;
const HANDLE: u64 = b'@' as u64;

/// Replaces `grams` by the n-grams of `folded`, in which `hits`, by the positions of characters, are a blank, and
/// `positions` by where the last character of each two n-grams stands.
pub(super) fn read(
    folded: &[char],
    mut hits: &[Hit],
    sizes: Sizes,
    grams: &mut Grams,
    positions: &mut Vec<u32>,
) {
    if hits.is_empty() {
        return read_visible(folded.iter().copied(), sizes, grams, positions);
    }
    let visible = (0..folded.len() as u32).zip(folded).map(|(position, &c)| {
        while let [passed, rest @ ..] = hits
            && passed.end <= position
        {
            hits = rest;
        }
        if hits.first().is_some_and(|hit| hit.start <= position) { ' ' } else { c }
    });
    read_visible(visible, sizes, grams, positions);
}

/// Without branches that depend on the text.
fn read_visible(
    text: impl ExactSizeIterator<Item = char>,
    sizes: Sizes,
    grams: &mut Grams,
    positions: &mut Vec<u32>,
) {
    let (bits, length) = (sizes.chars, text.len());
    grams.words.clear();
    grams.chars.resize(2 * length, 0);
    positions.resize(length, 0);
    let slots = grams.chars.as_chunks_mut::<2>().0;
    let (mut count, mut before, mut one_before) = (0, 0, 0);
    for (position, c) in (0..).zip(text) {
        // White space and blanked-out handles are one character however long; of other repeats two stay.
        let key = if is_blank(c) { BLANK } else { u64::from(c) };
        let is_repeat = before == key && (key == BLANK || key == HANDLE || one_before == key);
        slots[count] = [slot(key, bits), slot(before << 21 | key | 1 << 63, bits)];
        positions[count] = position;
        count += usize::from(!is_repeat);
        (one_before, before) = (before, key);
    }
    grams.chars.truncate(2 * count);
    positions.truncate(count);
}

/// A bit for each character up to the last white space.
static BLANKS: [u64; LAST_BLANK / 64 + 1] = {
    let mut bits = [0; LAST_BLANK / 64 + 1];
    let mut code = 0;
    while code <= LAST_BLANK {
        if let Some(c) = char::from_u32(code as u32)
            && c.is_whitespace()
        {
            bits[code / 64] |= 1 << (code % 64);
        }
        code += 1;
    }
    bits
};
const LAST_BLANK: usize = 0x3000;

/// White space. Without a branch.
#[inline]
fn is_blank(c: char) -> bool {
    // What is behind the last has the bit of the one behind it.
    let code = (c as usize).min(LAST_BLANK + 1);
    BLANKS[code / 64] >> (code % 64) & 1 == 1
}

/// Replaces `values` by what each character of a text gives to polarity, in units of which one is given back: of the
/// text that was read last with its `positions`.
pub(super) fn values(
    model: &Model,
    length: usize,
    (grams, positions): (&Grams, &[u32]),
    values: &mut Vec<i32>,
) -> f64 {
    values.clear();
    values.resize(length, 0);
    for (two, position) in grams.chars.as_chunks::<2>().0.iter().zip(positions) {
        if let Some(value) = values.get_mut(*position as usize) {
            *value = model.chars.polarities(two);
        }
    }
    model.chars.unit(grams.chars.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(folded: &str) -> Vec<u32> {
        let folded: Vec<char> = folded.chars().collect();
        let (mut grams, mut positions) = (Grams::default(), Vec::new());
        read(&folded, &[], Sizes { words: 1, chars: 20 }, &mut grams, &mut positions);
        assert_eq!(grams.chars.len(), 2 * positions.len());
        assert!(positions.iter().all(|position| (*position as usize) < folded.len()), "{folded:?}");
        grams.chars
    }

    #[test]
    fn repeats_count_twice_at_most() {
        assert_eq!(grams("哈哈哈哈哈"), grams("哈哈"));
        assert_eq!(grams("@@@@ 好"), grams("@  好"));
        assert_ne!(grams("哈哈"), grams("哈"));
    }

    #[test]
    fn white_space_is_blank() {
        for c in (0..=0x2_ffff).filter_map(char::from_u32) {
            assert_eq!(is_blank(c), c.is_whitespace(), "{c:?}");
        }
    }

    #[test]
    fn characters_and_pairs_are_told_apart() {
        let all: std::collections::BTreeSet<u32> = grams("不好吃").into_iter().collect();
        assert_eq!(all.len(), 6);
        assert!(grams("").is_empty());
    }

    #[test]
    fn what_the_house_lexicon_covers_is_a_blank() {
        let folded: Vec<char> = "很好吃吗".chars().collect();
        let hit = Hit { start: 1, end: 3, points: 1.0, is_symbol: false, is_house: true };
        let (mut hidden, mut positions) = (Grams::default(), Vec::new());
        read(&folded, &[hit], Sizes { words: 1, chars: 20 }, &mut hidden, &mut positions);
        assert_eq!((hidden.chars, positions), (grams("很 吗"), vec![0, 1, 3]));
    }
}
