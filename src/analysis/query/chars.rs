//! Which characters mean what, in query texts and in terms.

pub(super) use crate::analysis::text::{is_han, is_unspaced};

/// Full-width ASCII (as Chinese and Japanese keyboards write it) as plain ASCII, curly apostrophes
/// as `'`, full-width currency signs as the usual ones.
pub(super) fn plain(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{FFE5}' => '¥',
        '\u{FFE1}' => '£',
        '‘' | '’' | 'ʼ' => '\'',
        '\u{3000}' | '\u{A0}' => ' ',
        _ => c,
    }
}

/// Parts tokens: white space, and what text copied from elsewhere brings along (byte order mark, zero-width
/// space).
pub(super) fn is_blank(c: char) -> bool {
    plain(c).is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}')
}

/// Cannot be seen and means nothing: soft hyphens, word joiners, controls of the writing direction.
/// Joiners of emoji and of Persian words are not among them.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}')
}

/// Any mark that opens or closes a phrase.
pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '\u{FF02}')
}

/// A symbol that must be found in its place when a term holds it.
pub(super) fn is_symbol(c: char) -> bool {
    matches!(plain(c), '%' | '|' | '#' | '/' | '!' | '&' | '+' | '=' | '@' | '$' | '€' | '£' | '¥' | ':')
}

/// May stand in a bare term.
pub(super) fn is_term_char(c: char) -> bool {
    let p = plain(c);
    if p.is_alphanumeric() || "_.-/*?$&#+%=|@';!€£¥·・".contains(p) {
        return true;
    }
    if c.is_ascii() || p.is_ascii() || is_blank(c) || c.is_control() {
        return false;
    }
    !is_foreign_punctuation(c)
}

/// Punctuation beyond ASCII that separates and is never part of a term. Everything else beyond
/// ASCII is a letter, a mark, an emoji or a joiner.
fn is_foreign_punctuation(c: char) -> bool {
    matches!(c,
        '¡' | '§' | '«' | '¶' | '»' | '¿'
        | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{203B}' | '\u{203D}'..='\u{2048}' | '\u{204A}'..='\u{205E}'
        | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301F}' | '\u{FF5F}'..='\u{FF65}')
}
