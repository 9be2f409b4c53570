//! Which rules a text is scored by, and whether there is anything to judge in it.

use super::rated::Rated;
use crate::model::Language;

/// Which rules a text is scored by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    English,
    Chinese,
    Symbols,
}

/// A text of unknown language is Chinese if it holds Chinese characters and no kana, else English: short posts are often
/// unknown, and most of them are in one of the two. What has no word in it is read by its symbols.
pub(super) fn rules_for(text: &str, language: Language) -> Rules {
    match language {
        Language::EN => Rules::English,
        language if language.is_chinese() => Rules::Chinese,
        Language::UNKNOWN => rules_for_unknown(text),
        _ => Rules::Symbols,
    }
}

fn rules_for_unknown(text: &str) -> Rules {
    let (mut is_chinese, mut letters) = (false, 0);
    for c in text.chars() {
        match c {
            '\u{3041}'..='\u{30ff}' => return Rules::Symbols,
            '\u{3400}'..='\u{9fff}' => is_chinese = true,
            c => letters += u32::from(c.is_alphabetic()),
        }
    }
    match letters {
        _ if is_chinese => Rules::Chinese,
        // Faces are made of letters, too: (T_T).
        0..=2 => Rules::Symbols,
        _ => Rules::English,
    }
}

/// Nothing but marks, none of which is a face: a model would go by how others end their sentences ("......").
pub(super) fn is_marks_alone(characters: impl IntoIterator<Item = char>, rated: &Rated) -> bool {
    rated.positive + rated.negative == 0.0 && characters.into_iter().all(is_mark)
}

fn is_mark(c: char) -> bool {
    c.is_whitespace()
        || c.is_ascii_punctuation()
        || matches!(c, '·' | '¿' | '¡' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{3001}'..='\u{303f}' | '～' | '！'..='／' | '：'..='＠' | '\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_alone_judge_nothing() {
        let check = |text: &str, expected| {
            assert_eq!(is_marks_alone(text.chars(), &Rated::default()), expected, "{text}");
        };
        for text in ["......", "……", "。。。", "?!", "！！！", " - ", ""] {
            check(text, true);
        }
        for text in ["a...", "👍", "好。", "1.", "❤\u{fe0f}"] {
            check(text, false);
        }
        let rated = Rated { negative: 1.0, ..Rated::default() };
        assert!(!is_marks_alone(":(".chars(), &rated));
    }
}
