//! The n-grams of a Chinese text: runs of one to three characters of what the rules read, which is folded
//! and holds the poster's own words only.

use super::{
    super::house::Hit,
    grams::{Grams, Sizes, slot},
};

/// Which character each n-gram belongs to.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Beside [`Grams::chars`]: the position of the middle character among those of the folded text.
    pub(super) chars: Vec<u32>,
}

/// Replaces `grams` by the n-grams of `folded`, in which `hits` are a blank; with `TRACE` also `places`.
pub(super) fn read<const TRACE: bool>(
    folded: &str,
    mut hits: &[Hit],
    sizes: Sizes,
    grams: &mut Grams,
    places: &mut Places,
) {
    grams.clear();
    places.chars.clear();
    let (mut before, mut one_before) = ((0, 0), (0, 0));
    for (position, (at, c)) in (0..).zip(folded.char_indices()) {
        while let [passed, rest @ ..] = hits
            && passed.end as usize <= at
        {
            hits = rest;
        }
        let hidden = hits.first().is_some_and(|hit| hit.start as usize <= at);
        // White space and blanked-out handles are one character however long; of other repeats two stay.
        let c = if hidden || c.is_whitespace() { ' ' } else { c };
        let key = u64::from(c);
        let repeats = before.0 == key && (c == ' ' || c == '@' || one_before.0 == key);
        if repeats {
            continue;
        }
        let (two, three) = (before.0 << 21 | key, one_before.0 << 42 | before.0 << 21 | key);
        grams.chars.extend_from_slice(&[
            slot(key, sizes.chars),
            slot(two | 1 << 63, sizes.chars),
            slot(three.rotate_left(1), sizes.chars),
        ]);
        if TRACE {
            places.chars.extend_from_slice(&[position, position, before.1]);
        }
        (one_before, before) = (before, (key, position));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(folded: &str) -> Vec<u32> {
        let (mut grams, mut places) = (Grams::default(), Places::default());
        read::<true>(folded, &[], Sizes { words: 1, chars: 20 }, &mut grams, &mut places);
        assert_eq!(grams.chars.len(), places.chars.len());
        let characters = folded.chars().count() as u32;
        assert!(places.chars.iter().all(|character| *character < characters), "{folded}");
        grams.chars
    }

    #[test]
    fn repeats_count_twice_at_most() {
        assert_eq!(grams("哈哈哈哈哈"), grams("哈哈"));
        assert_eq!(grams("@@@@ 好"), grams("@  好"));
        assert_ne!(grams("哈哈"), grams("哈"));
    }

    #[test]
    fn one_two_and_three_characters_are_told_apart() {
        let all: std::collections::BTreeSet<u32> = grams("不好吃").into_iter().collect();
        assert_eq!(all.len(), 9);
        assert!(grams("").is_empty());
    }
}
