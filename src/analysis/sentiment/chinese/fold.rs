//! The poster's own words, folded.
//!
//! **Invariant:** a character for a character: what stands at a position in the one stands at the same in the other.

use super::bits::CharBits;
use crate::analysis::text::fold_han;

/// What begins the repost chain in a Weibo post, before its `@`.
const REPOST: &str = "//";

/// Which characters folding changes but for width and case: most of a text are told from 8 KB that stay in the nearest
/// cache.
#[derive(Debug)]
pub(super) struct Folds {
    changed: CharBits,
}

impl Folds {
    pub(super) fn new() -> Folds {
        let mut changed = CharBits::default();
        for c in (0..1 << 16).filter_map(char::from_u32).filter(|c| fold(*c) != narrow(*c)) {
            changed.set(c);
        }
        Folds { changed }
    }

    #[inline]
    fn fold(&self, c: char) -> char {
        if self.changed.may_have(c) { fold(c) } else { narrow(c) }
    }

    /// Replaces `folded` by the poster's own words, and `bounds` by where each of their characters begins in `text`
    /// and where the last one ends. A handle's name is blanked out by `@`.
    pub(super) fn own_words(&self, text: &str, folded: &mut Vec<char>, bounds: &mut Vec<u32>) {
        folded.resize(text.len(), ' ');
        bounds.resize(text.len() + 1, 0);
        let mut count = 0;
        let mut in_handle = false;
        let mut was_cut = false;
        for ((at, c), (to, bound)) in text.char_indices().zip(folded.iter_mut().zip(bounds.iter_mut())) {
            *bound = at as u32;
            if c == '@' && text.get(..at).is_some_and(|before| before.ends_with(REPOST)) {
                (count, was_cut) = (count - REPOST.len(), true);
                break;
            }
            in_handle = c == '@' || (in_handle && (c.is_alphanumeric() || c == '_' || c == '-'));
            *to = if in_handle { '@' } else { self.fold(c) };
            count += 1;
        }
        folded.truncate(count);
        bounds.truncate(count + 1);
        if !was_cut {
            bounds[count] = text.len() as u32;
        }
    }
}

/// Half width for full width, lower case for capitals. Without a branch: punctuation comes in both widths, and nothing
/// foretells where.
#[inline]
fn narrow(c: char) -> char {
    let code = u32::from(c);
    let half = if code.wrapping_sub(0xff01) < 94 { code - 0xff01 + u32::from(b'!') } else { code };
    let is_capital = half.wrapping_sub(u32::from(b'A')) < 26;
    char::from_u32(half + (u32::from(is_capital) << 5)).unwrap_or(c)
}

/// Simplified for Traditional, lower case for capitals, half width for full width.
pub(super) fn fold(c: char) -> char {
    fold_han(narrow(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let (mut folded, mut bounds) = (vec!['x'], vec![7]);
        Folds::new().own_words(text, &mut folded, &mut bounds);
        assert_eq!(folded.iter().collect::<String>(), expected);
        let starts = text.char_indices().map(|(at, _)| at as u32).chain([text.len() as u32]);
        assert_eq!(bounds, starts.take(folded.len() + 1).collect::<Vec<_>>(), "{text}");
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
