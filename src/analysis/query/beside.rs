//! What must stand beside the two tokens by which a longer run is found. Many names share two characters, and most of
//! them fail here, without a look at their texts.
//!
//! **Invariant:** never refuses an occurrence.

use super::leaf::Leaf;

/// Some bits of the hash of the element before or behind a pair of elements, and on which side it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beside(u16);

const ASKED: u16 = 1 << 15;
const BEFORE: u16 = 1 << 14;
const PRINT: u16 = BEFORE - 1;

/// The upper bits, which the table does not use.
#[inline]
fn print(hash: u64) -> u16 {
    (hash >> 48) as u16 & PRINT
}

impl Beside {
    /// Nothing is known of what stands beside.
    pub(super) const ANYTHING: Beside = Beside(0);

    /// Of the pair that begins with the element of that number.
    pub(super) fn pair(leaf: &Leaf, at: usize) -> Beside {
        let literal = |at: usize| leaf.elements.get(at).filter(|element| element.is_literal());
        let before = || Some(BEFORE | print(literal(at.checked_sub(1)?)?.hash));
        let behind = literal(at + 2).map(|element| print(element.hash));
        behind.or_else(before).map_or(Beside::ANYTHING, |print| Beside(ASKED | print))
    }
}

/// What stands on one side of two tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// A token that can be read in one way, with this hash.
    Token(u64),
    /// The end of the zone.
    End,
    /// Something that can be read in several ways.
    Unclear,
}

impl Side {
    fn allows(self, wanted: u16) -> bool {
        match self {
            Side::Token(hash) => print(hash) == wanted & PRINT,
            Side::End => false,
            Side::Unclear => true,
        }
    }
}

/// Both sides of two tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    pub(super) before: Side,
    pub(super) behind: Side,
}

impl Around {
    pub(super) const UNCLEAR: Around = Around { before: Side::Unclear, behind: Side::Unclear };

    /// The leaf may stand here.
    #[inline]
    pub(super) fn allows(self, Beside(wanted): Beside) -> bool {
        let side = if wanted & BEFORE == 0 { self.behind } else { self.before };
        wanted & ASKED == 0 || side.allows(wanted)
    }
}
