//! The slow, exact way to fold: by string, with the full normalisation of the Unicode tables.
//!
//! The fast way in [`super::chars`] is a table made by this one; words that need more than a character for a
//! character come back here.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::han::fold_han;

/// Characters that leave no trace in any form: soft hyphens, joiners and bidi controls, variation selectors,
/// tag characters. Inside emoji they are read by [`super::emoji`] first. A zero-width *space* is not among them: it parts words.
pub(super) fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200c}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// The characters that people write for an apostrophe.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '‘' | '’' | 'ʼ' | '＇')
}

fn plain_apostrophe(c: char) -> char {
    if is_apostrophe(c) { '\'' } else { c }
}

/// Simple case folding. `İ` is the capital of `i` where it is used, so it is no accented letter. Small letters of other
/// shapes (`ς`) are those of their capital; `ı` has one that is not its own.
fn fold_case(c: char) -> char {
    match c {
        'İ' => 'i',
        'ı' => 'ı',
        _ if is_combining_mark(c) => c,
        _ => {
            let capital = single(c.to_uppercase()).unwrap_or(c);
            single(capital.to_lowercase()).unwrap_or(c)
        }
    }
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    chars.next().filter(|_| chars.next().is_none())
}

/// Appends the kept form: NFKC, case folded, accents in place. Apostrophes are made plain behind the normal form, since
/// `ŉ` falls apart into one and a letter.
pub(super) fn push_kept(text: &str, han: bool, out: &mut String) {
    out.extend(kept(text, han));
}

fn kept(text: &str, han: bool) -> impl Iterator<Item = char> {
    let visible = text.chars().filter(|c| !is_ignorable(*c));
    let folded = visible.nfkc().map(fold_case).map(plain_apostrophe).nfkc();
    folded.map(move |c| if han { fold_han(c) } else { c })
}

/// Appends a name as a token of it would read: with its accents, or folded.
pub fn push_name(text: &str, fold_han: bool, accents: bool, out: &mut String) {
    if accents { out.extend(kept(text, fold_han)) } else { strip(kept(text, fold_han), out) }
}

/// Appends the folded form of a kept form: accents gone, where a letter may lose them.
pub(super) fn push_stripped(kept: &str, out: &mut String) {
    strip(kept.chars(), out);
}

fn strip(kept: impl Iterator<Item = char>, out: &mut String) {
    let mut base = ' ';
    let bare = kept.nfd().filter(|&c| {
        let mark = is_combining_mark(c);
        if !mark {
            base = c;
        }
        !(mark && may_strip(base, c))
    });
    bare.nfc().for_each(|c| match c {
        'ø' => out.push('o'),
        'ł' => out.push('l'),
        'đ' => out.push('d'),
        'ı' => out.push('i'),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'ß' => out.push_str("ss"),
        _ => out.push(c),
    });
}

/// Appends the cased form: NFC, joiners dropped, one kind of apostrophe.
pub(super) fn push_cased(text: &str, out: &mut String) {
    out.extend(text.chars().filter(|c| !is_ignorable(*c)).map(plain_apostrophe).nfc());
}

/// Rule 3.6: marks on Latin and Greek letters are accents, and the two dots of ё; elsewhere they are letters.
fn may_strip(base: char, mark: char) -> bool {
    is_latin(base) || is_greek(base) || (base == 'е' && mark == '\u{308}')
}

fn is_latin(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | 'ª' | 'º' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2af}'
        | '\u{1d00}'..='\u{1dbf}' | '\u{1e00}'..='\u{1eff}' | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}'
        | '\u{ab30}'..='\u{ab6f}')
}

fn is_greek(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{3e1}' | '\u{3f0}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}')
}
