//! What a character is, and what it folds to, by table.
//!
//! Two bytes of fold, two of kept form and one of class for each character of the basic plane, built once
//! from the exact functions in [`super::fold`]; other planes are computed.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::emoji::is_emoji;
use super::fold::{is_apostrophe, is_ignorable, push_cased, push_kept, push_stripped};
use super::han::fold_han;

/// What a character does to the token that it meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Spaces, punctuation, symbols: part of no word.
    Other,
    /// Letters, marks, digits and `_` of scripts that write words.
    Word,
    /// The same of scripts that write without spaces.
    Cjk,
    Emoji,
    Ignorable,
    Apostrophe,
    /// `＃ ＠ ＄`.
    Sign,
}

/// Bits beside the class.
pub(super) mod bit {
    /// Does not fold to one character of the basic plane by itself; fold the string.
    pub(in super::super) const SLOW: u8 = 0x10;
    /// The kept form has an accent.
    pub(in super::super) const ACCENT: u8 = 0x20;
    /// A combining mark: goes on with a word or character, and begins none.
    pub(in super::super) const MARK: u8 = 0x40;
    /// The cased form is not the text itself.
    pub(in super::super) const RECASE: u8 = 0x80;
}

/// Class and bits in a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry(u8);

impl Entry {
    fn new(class: Class, bits: u8) -> Entry {
        Entry(class as u8 | bits)
    }

    #[inline]
    pub(super) fn class(self) -> Class {
        match self.0 & 0xf {
            0 => Class::Other,
            1 => Class::Word,
            2 => Class::Cjk,
            3 => Class::Emoji,
            4 => Class::Ignorable,
            5 => Class::Apostrophe,
            _ => Class::Sign,
        }
    }

    #[inline]
    pub(super) fn bits(self) -> u8 {
        self.0 & 0xf0
    }

    #[inline]
    pub(super) fn is_mark(self) -> bool {
        self.0 & bit::MARK != 0
    }
}

#[derive(Clone, Copy)]
struct Cell {
    /// The folded form with Traditional folded too; a surrogate if that lies in another plane.
    simplified: u16,
    entry: Entry,
}

/// The tables of the basic plane.
pub(super) struct CharTable {
    /// Class, bits and Simplified form side by side: one look tells all of most characters.
    cells: Vec<Cell>,
    folded: Vec<u16>,
    kept: Vec<u16>,
}

/// No character.
const SURROGATE: u16 = 0xd800;

static TABLE: LazyLock<CharTable> = LazyLock::new(CharTable::build);

impl CharTable {
    /// The one table.
    pub(super) fn get() -> &'static CharTable {
        &TABLE
    }

    #[inline]
    pub(super) fn entry(&self, c: char) -> Entry {
        match self.cells.get(c as usize) {
            Some(cell) => cell.entry,
            None => astral_entry(c),
        }
    }

    /// The folded form, with Traditional folded to Simplified, of a character whose entry is not slow.
    #[inline]
    pub(super) fn simplified(&self, c: char) -> char {
        let cell = self.cells.get(c as usize);
        let folded = cell.and_then(|cell| char::from_u32(u32::from(cell.simplified)));
        folded.unwrap_or_else(|| fold_han(self.folded(c)))
    }

    /// The folded form of a character whose entry is not slow.
    #[inline]
    pub(super) fn folded(&self, c: char) -> char {
        lookup(&self.folded, c)
    }

    /// The kept form of a character whose entry is not slow.
    #[inline]
    pub(super) fn kept(&self, c: char) -> char {
        lookup(&self.kept, c)
    }

    fn build() -> CharTable {
        let identity: Vec<u16> = (0..=u16::MAX).collect();
        let mut table = CharTable {
            cells: vec![Cell { simplified: 0, entry: Entry::new(Class::Other, 0) }; 0x1_0000],
            folded: identity.clone(),
            kept: identity,
        };
        let mut scratch = [String::new(), String::new(), String::new()];
        for c in (0..=0xffff).filter_map(char::from_u32) {
            let bits = if folds_to_itself(c) { han_bits(c) } else { table.fill(c, &mut scratch) };
            let simplified = u16::try_from(fold_han(table.folded(c)) as u32).unwrap_or(SURROGATE);
            table.cells[c as usize] = Cell { simplified, entry: Entry::new(class_of(c), bits) };
        }
        table
    }

    /// Writes the forms of a character, returns its bits.
    fn fill(&mut self, c: char, scratch: &mut [String; 3]) -> u8 {
        let mut buffer = [0; 4];
        let text = c.encode_utf8(&mut buffer);
        scratch.iter_mut().for_each(String::clear);
        let [kept, folded, cased] = scratch;
        push_kept(text, false, kept);
        push_stripped(kept, folded);
        push_cased(text, cased);
        let mut bits = if kept != folded { bit::ACCENT } else { 0 };
        bits |= if cased != text { bit::RECASE } else { 0 };
        bits |= if joins_before(c) { bit::MARK | bit::SLOW } else { 0 };
        match (single(folded), single(kept)) {
            (Some(folded), Some(kept)) => {
                self.folded[c as usize] = folded;
                self.kept[c as usize] = kept;
                bits
            }
            _ => bits | bit::SLOW,
        }
    }
}

#[inline]
fn lookup(table: &[u16], c: char) -> char {
    table.get(c as usize).and_then(|code| char::from_u32(u32::from(*code))).unwrap_or(c)
}

/// Combining marks, and what composes with the character before it like one: voice marks of half-width kana, vowels and
/// finals of conjoining Hangul.
fn joins_before(c: char) -> bool {
    is_combining_mark(c) || matches!(c, 'ﾞ' | 'ﾟ' | '\u{1160}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7ff}')
}

fn single(text: &str) -> Option<u16> {
    let mut chars = text.chars();
    let code = u16::try_from(chars.next()? as u32).ok()?;
    chars.next().is_none().then_some(code)
}

/// The great blocks in which no character folds to another, so that building need not try them.
fn folds_to_itself(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{e000}'..='\u{f8ff}')
}

/// Some Traditional characters have their Simplified one in another plane.
fn han_bits(c: char) -> u8 {
    if fold_han(c) as u32 > 0xffff { bit::SLOW } else { 0 }
}

fn class_of(c: char) -> Class {
    match c {
        '＃' | '＠' | '＄' => Class::Sign,
        _ if is_ignorable(c) => Class::Ignorable,
        _ if is_apostrophe(c) => Class::Apostrophe,
        _ if is_emoji(c) => Class::Emoji,
        '_' | '＿' => Class::Word,
        _ if is_written_out(c) => Class::Word,
        _ => class_of_letter(shape_of(c)),
    }
}

fn class_of_letter(c: char) -> Class {
    let word = c.is_alphabetic() || c.is_numeric() || is_combining_mark(c);
    match (word, is_unspaced(c)) {
        (true, true) => Class::Cjk,
        (true, false) => Class::Word,
        (false, _) => Class::Other,
    }
}

/// The letter that another shape of it stands for: radicals (`⼿` is 手), letters in circles (`㋐` is ア).
fn shape_of(c: char) -> char {
    let mut form = c.nfkc();
    match (form.next(), form.next()) {
        (Some(letter), None) if letter.is_alphanumeric() => letter,
        _ => c,
    }
}

/// Signs of Latin letters and digits that say what they stand for: `№ ℡ ㎏ ㎢`. A trademark's sign is none of its name's
/// letters.
fn is_written_out(c: char) -> bool {
    let is_one = matches!(c, '№' | '℡' | '℻' | '㉐' | '㋌'..='㋏' | '㍱'..='㍺' | '㎀'..='㏟' | '㏿');
    is_one && c.nfkc().all(char::is_alphanumeric)
}

fn astral_entry(c: char) -> Entry {
    let mark = if joins_before(c) { bit::MARK } else { 0 };
    Entry::new(class_of(c), mark | bit::SLOW | bit::RECASE)
}

/// Han, kana, bopomofo, Hangul, Thai, Lao, Khmer, Burmese: the blocks.
pub(in super::super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{303b}' | '\u{3040}'..='\u{31ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{a9e0}'..='\u{a9ff}' | '\u{aa60}'..='\u{aa7f}'
        | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ffdc}'
        | '\u{16fe0}'..='\u{18cff}' | '\u{1aff0}'..='\u{1b2ff}' | '\u{20000}'..='\u{3ffff}')
}
