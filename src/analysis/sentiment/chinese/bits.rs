//! Sets of characters as bits.

/// How many words hold a bit for each character of the basic plane.
const WORDS: usize = 1 << 16 >> 6;
/// No character of a text; its bit is that of all beyond the basic plane.
const BEYOND: usize = (1 << 16) - 1;

/// Characters of the basic plane: 8 KB, of which a text looks at little.
#[derive(Debug)]
pub(super) struct CharBits(Box<[u64; WORDS]>);

impl Default for CharBits {
    fn default() -> CharBits {
        let mut bits = Box::new([0; WORDS]);
        bits[BEYOND / 64] = 1 << (BEYOND % 64);
        CharBits(bits)
    }
}

impl CharBits {
    /// Adds a character; those beyond the basic plane are in every set.
    pub(super) fn set(&mut self, c: char) {
        let code = (c as usize).min(BEYOND);
        self.0[code / 64] |= 1 << (code % 64);
    }

    /// The character is in the set, or beyond the basic plane. Without a branch.
    #[inline]
    pub(super) fn may_have(&self, c: char) -> bool {
        let code = (c as usize).min(BEYOND);
        self.0[code / 64] >> (code % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::CharBits;

    #[test]
    fn a_character_does_not_stand_for_another() {
        let mut bits = CharBits::default();
        ['a', '好', '😀'].into_iter().for_each(|c| bits.set(c));
        let has = |text: &str| text.chars().map(|c| bits.may_have(c)).collect::<Vec<_>>();
        assert_eq!(has("a好b女\u{fffe}\0"), [true, true, false, false, false, false]);
        // U+1F600 less the plane is U+F600.
        assert_eq!(has("😀😁\u{f600}"), [true, true, false]);
    }
}
