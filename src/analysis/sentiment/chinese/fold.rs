//! The poster's own words, folded.
//!
//! **Invariant:** a character for a character: what stands at a position in the one stands at the same in the other.

use crate::analysis::text::fold_han;

/// What begins the repost chain in a Weibo post, before its `@`.
const REPOST: &str = "//";

/// Which characters folding changes: most of a text are told from 8 KB that stay in the nearest cache.
#[derive(Debug)]
pub(super) struct Folds {
    /// A bit for each character of the basic plane.
    changed: Vec<u64>,
}

impl Folds {
    pub(super) fn new() -> Folds {
        let mut changed = vec![0; 1 << 16 >> 6];
        for c in (0..1 << 16).filter_map(char::from_u32).filter(|c| fold(*c) != *c) {
            changed[c as usize / 64] |= 1 << (c as usize % 64);
        }
        Folds { changed }
    }

    #[inline]
    fn fold(&self, c: char) -> char {
        match self.changed.get(c as usize / 64) {
            Some(word) if word >> (c as usize % 64) & 1 == 0 => c,
            _ => fold(c),
        }
    }

    /// Replaces `folded` by the poster's own words. A handle's name is blanked out by `@`.
    pub(super) fn own_words(&self, text: &str, folded: &mut Vec<char>) {
        folded.clear();
        folded.reserve(text.len());
        let mut in_handle = false;
        for (at, c) in text.char_indices() {
            if c == '@' && text.get(..at).is_some_and(|before| before.ends_with(REPOST)) {
                folded.truncate(folded.len() - REPOST.len());
                return;
            }
            in_handle = c == '@' || (in_handle && (c.is_alphanumeric() || c == '_' || c == '-'));
            folded.push(if in_handle { '@' } else { self.fold(c) });
        }
    }
}

/// Simplified for Traditional, lower case for capitals, half width for full width.
pub(super) fn fold(c: char) -> char {
    match c {
        '\0'..='\x7f' => c.to_ascii_lowercase(),
        '\u{ff01}'..='\u{ff5e}' => {
            let half = u32::from(c) - 0xff01 + u32::from(b'!');
            char::from_u32(half).map_or(c, |half| half.to_ascii_lowercase())
        }
        _ => fold_han(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut folded = vec!['x'];
        Folds::new().own_words(text, &mut folded);
        assert_eq!(folded.iter().collect::<String>(), expected);
    }

    #[test]
    fn a_repost_chain_is_not_the_posters() {
        check("好//@某人:差", "好");
        check("//@a:b//@c", "");
        check("/@a /／@b //c", "/@@ //@@ //c");
        check("@a//@b", "@@");
    }

    #[test]
    fn every_character_is_folded() {
        check("ＡＢ！國A", "ab!国a");
        check("@某人_1-x 好@", "@@@@@@@ 好@");
        let all: String = (0..=0x2_ffff).filter_map(char::from_u32).filter(|c| *c != '@').collect();
        check(&all, &all.chars().map(fold).collect::<String>());
    }
}
