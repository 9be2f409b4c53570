//! What a character is.

use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

pub(super) fn is_mark(c: char) -> bool {
    is_combining_mark(c)
}

/// Vowels and finals of conjoining Hangul stand on the consonant before.
pub(super) fn is_jamo_behind(c: char) -> bool {
    c.is_alphanumeric() && matches!(c, '\u{1160}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7ff}')
}

/// Part of a word of any script.
pub(super) fn is_wordy(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c) || c == '_'
}

pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '‘' | '’' | 'ʼ')
}

/// Han, kana, bopomofo, Hangul, Thai, Lao, Khmer, Burmese: written without blanks between words, so that each character
/// is a position. Not their punctuation.
pub(super) fn is_unspaced(c: char) -> bool {
    in_unspaced_block(c) && c.is_alphanumeric()
}

/// The same with the signs among them.
pub(crate) fn in_unspaced_block(c: char) -> bool {
    is_han(c)
        || is_kana_or_hangul(c)
        || matches!(c,
            '\u{0e00}'..='\u{0eff}' // Thai, Lao
            | '\u{1000}'..='\u{109f}' | '\u{a9e0}'..='\u{a9ff}' | '\u{aa60}'..='\u{aa7f}' // Burmese
            | '\u{1780}'..='\u{17ff}' | '\u{19e0}'..='\u{19ff}' // Khmer
            | '\u{3100}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}' // bopomofo
            | '\u{16fe0}'..='\u{18cff}' | '\u{1aff0}'..='\u{1b2ff}') // Tangut, Khitan, Nushu: like Han
}

pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{303b}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

pub(super) fn is_kana_or_hangul(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{1b000}'..='\u{1b16f}'
        | '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}')
}

/// What leaves no trace outside of emoji: joiners, variation selectors, soft hyphens, marks of direction.
pub(crate) fn is_dropped(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{feff}' | '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{180b}'..='\u{180f}' | '\u{e0000}'..='\u{e0fff}')
        || is_variation(c)
}

pub(super) fn is_variation(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

pub(super) fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// The bytes of a cluster that are a picture, a flag, half of one, or a keycap. Marks of letters do not belong to it.
pub(super) fn emoji(cluster: &str) -> usize {
    let first = cluster.chars().next().unwrap_or(' ');
    let flag = matches!(first, '\u{1f1e6}'..='\u{1f1ff}');
    let keycap = matches!(first, '0'..='9' | '#' | '*') && cluster.contains('\u{20e3}');
    let picture = is_picture(first) && !"©®™‼⁉ℹ".contains(first);
    if !(flag || keycap || picture || is_skin_tone(first)) {
        return 0;
    }
    let loose = |c: char| is_mark(c) && !is_variation(c) && c != '\u{20e3}';
    if flag {
        // Two of them are one; a tone behind colours nothing.
        return cluster
            .chars()
            .take_while(|c| matches!(c, '\u{1f1e6}'..='\u{1f1ff}'))
            .map(char::len_utf8)
            .sum();
    }
    let picture = &cluster[..cluster.find(loose).unwrap_or(cluster.len())];
    picture.trim_end_matches('\u{200d}').len()
}

/// By the rule of clusters that a joiner holds pictures together, and nothing else.
fn is_picture(c: char) -> bool {
    was_picture(c) || (!c.is_ascii() && format!("{c}\u{200d}😀").graphemes(true).count() == 1)
}

/// Signs that were pictures up to Unicode 16 only; the product goes by that (`★★★★☆` has four positions).
fn was_picture(c: char) -> bool {
    matches!(c, '\u{2388}' | '\u{2600}'..='\u{2605}' | '\u{2607}'..='\u{2612}' | '\u{2616}'..='\u{2685}'
        | '\u{2690}'..='\u{2705}' | '\u{270e}'..='\u{2711}' | '\u{2765}'..='\u{2767}' | '\u{1f000}'..='\u{1f0ff}'
        | '\u{1f10d}'..='\u{1f10f}' | '\u{1f12f}' | '\u{1f16c}'..='\u{1f16f}' | '\u{1f1ad}'
        | '\u{1f260}'..='\u{1f265}' | '\u{1f300}'..='\u{1f53d}' | '\u{1f546}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}' | '\u{1f7d5}'..='\u{1f7ff}' | '\u{1f8b0}' | '\u{1f8b1}'
        | '\u{1fa00}'..='\u{1faff}')
}

/// Letters whose marks are accents. They stand without their marks here.
pub(super) fn takes_accents(c: char) -> bool {
    let latin = matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{2af}' | '\u{1d00}'..='\u{1dbf}'
        | '\u{1e00}'..='\u{1eff}' | '\u{2c60}'..='\u{2c7f}' | '\u{a722}'..='\u{a7ff}' | '\u{ab30}'..='\u{ab6f}');
    let greek = matches!(c, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}');
    (latin || greek) && c.is_alphabetic()
}
