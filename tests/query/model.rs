//! The words of random texts: the product's are those of the naive model, in kind, place and all forms.

use earful::analysis::text::{TextOptions, Token, TokenKind, Tokenizer, Tokens};
use earful::model::Zone;
use unicode_normalization::UnicodeNormalization;

use crate::oracle::model;
use crate::words::{Forms, Kind, Word};

fn kind(kind: TokenKind) -> Kind {
    match kind {
        TokenKind::Word => Kind::Word,
        TokenKind::Char => Kind::Char,
        TokenKind::Hashtag => Kind::Hashtag,
        TokenKind::Handle => Kind::Handle,
        TokenKind::Cashtag => Kind::Cashtag,
        TokenKind::Url => Kind::Url,
        TokenKind::Emoji => Kind::Emoji,
        TokenKind::Emoticon => Kind::Emoticon,
    }
}

fn word(tokens: &Tokens, token: &Token, inside: Vec<Word>) -> Word {
    // Of a tag the product puts the folded characters together as they are.
    let forms = |folded: &str, kept: &str, cased: &str| Forms {
        folded: folded.nfc().collect(),
        kept: kept.to_owned(),
        cased: cased.to_owned(),
    };
    let short = tokens
        .stem(token)
        .map(|stem| forms(stem, tokens.kept_stem(token).unwrap(), tokens.cased_stem(token).unwrap()));
    Word {
        kind: kind(token.kind),
        start: token.start as usize,
        end: token.end as usize,
        position: token.position,
        whole: forms(tokens.folded(token), tokens.kept(token), tokens.cased(token)),
        short,
        inside,
    }
}

/// The product's words.
fn product(text: &str, options: TextOptions) -> Vec<Word> {
    let mut tokens = Tokens::new();
    Tokenizer::new(options).tokenize(Zone::Body, text, &mut tokens);
    let inside = |token| tokens.inner(token).map(|inner| word(&tokens, inner, Vec::new())).collect();
    tokens.iter().map(|token| word(&tokens, token, inside(token))).collect()
}

/// The first word of a text that the two read in different ways.
pub(crate) fn difference(text: &str, options: TextOptions) -> Option<String> {
    let (product, page) = (product(text, options), model(options).words(text));
    let first = (0..product.len().max(page.len())).find(|n| product.get(*n) != page.get(*n))?;
    Some(format!("{text:?}\nproduct {:?}\npage    {:?}", product.get(first), page.get(first)))
}

/// Each character that a word may be made of or end at, alone and between letters.
#[test]
fn each_character_is_read_in_the_same_way() {
    // Of the great blocks of one kind some do.
    let many =
        |c: char| matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{10ffff}');
    // Between blocks of Hangul; nothing is assigned there.
    let hole =
        |c: char| matches!(c, '\u{d7a4}'..='\u{d7af}' | '\u{d7c7}'..='\u{d7ca}' | '\u{d7fc}'..='\u{d7ff}');
    let some = |c: &char| !c.is_control() && !hole(*c) && (!many(*c) || (*c as u32).is_multiple_of(64));
    for c in ('\u{20}'..='\u{1f6ff}').chain('\u{20000}'..='\u{2ffff}').filter(some) {
        let texts = [c.to_string(), format!("a{c}b"), format!("中{c}#a")];
        let differ = texts.iter().find_map(|text| difference(text, TextOptions::default()));
        assert_eq!(differ, None, "{:x}", c as u32);
    }
}
