//! The n-grams of a Chinese text: characters and pairs of them, of what the rules read, which is folded and holds the
//! poster's own words only.

use super::{
    super::house::Hit,
    Model, Piece,
    grams::{Grams, Sizes, slot},
};

/// Replaces `grams` by the n-grams of `folded`, in which `hits`, by the positions of characters, are a blank; with
/// `TRACE` also `positions` by where the last character of each two n-grams stands.
pub(super) fn read<const TRACE: bool>(
    folded: &[char],
    mut hits: &[Hit],
    sizes: Sizes,
    grams: &mut Grams,
    positions: &mut Vec<u32>,
) {
    grams.clear();
    grams.chars.reserve(2 * folded.len());
    positions.clear();
    let (mut before, mut one_before) = (0, 0);
    for (position, &c) in (0..).zip(folded) {
        while let [passed, rest @ ..] = hits
            && passed.end <= position
        {
            hits = rest;
        }
        let hidden = hits.first().is_some_and(|hit| hit.start <= position);
        // White space and blanked-out handles are one character however long; of other repeats two stay.
        let c = if hidden || c.is_whitespace() { ' ' } else { c };
        let key = u64::from(c);
        if before == key && (c == ' ' || c == '@' || one_before == key) {
            continue;
        }
        let pair = before << 21 | key | 1 << 63;
        grams.chars.extend_from_slice(&[slot(key, sizes.chars), slot(pair, sizes.chars)]);
        if TRACE {
            positions.push(position);
        }
        (one_before, before) = (before, key);
    }
}

/// A piece for each of the `originals`, the bytes of the folded characters in the original text, of the text that was
/// read last with its `positions`.
pub(super) fn pieces(
    model: &Model,
    originals: &[(u32, u32)],
    (grams, positions): (&Grams, &[u32]),
    pieces: &mut Vec<Piece>,
) {
    let first = pieces.len();
    pieces.extend(originals.iter().map(|&(start, end)| Piece::new(start, end)));
    let unit = model.chars.unit(grams.chars.len());
    for (two, position) in grams.chars.as_chunks::<2>().0.iter().zip(positions) {
        if let Some(piece) = pieces.get_mut(first + *position as usize) {
            piece.value = f64::from(model.chars.polarities(two)) * unit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(folded: &str) -> Vec<u32> {
        let folded: Vec<char> = folded.chars().collect();
        let (mut grams, mut positions) = (Grams::default(), Vec::new());
        read::<true>(&folded, &[], Sizes { words: 1, chars: 20 }, &mut grams, &mut positions);
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
    fn characters_and_pairs_are_told_apart() {
        let all: std::collections::BTreeSet<u32> = grams("不好吃").into_iter().collect();
        assert_eq!(all.len(), 6);
        assert!(grams("").is_empty());
    }

    #[test]
    fn what_the_house_lexicon_covers_is_a_blank() {
        let folded: Vec<char> = "很好吃吗".chars().collect();
        let hit = Hit { start: 1, end: 3, points: 1.0, is_symbol: false };
        let (mut hidden, mut positions) = (Grams::default(), Vec::new());
        read::<true>(&folded, &[hit], Sizes { words: 1, chars: 20 }, &mut hidden, &mut positions);
        assert_eq!((hidden.chars, positions), (grams("很 吗"), vec![0, 1, 3]));
    }
}
