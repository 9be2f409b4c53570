//! Which characters mean what, in query texts and in terms.

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
    if c.is_ascii() || p.is_ascii() || c.is_whitespace() || c.is_control() {
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

/// Scripts written without blanks, where every character is a position of its own.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c as u32,
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x1100..=0x11FF | 0x3040..=0x30FF | 0x3130..=0x318F
        | 0x31F0..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xA960..=0xA97F | 0xAC00..=0xD7FF | 0xF900..=0xFAFF
        | 0xFF66..=0xFF9F | 0x20000..=0x3FFFF)
}
