//! From a zone's text to tokens, in one pass.

use super::hash::hash_bytes;
use super::token::{Token, TokenKind, Tokens, ZoneText};
use crate::model::Zone;

/// Options of the text model; a query set and the posts that meet it must use the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// Fold Traditional to Simplified characters in the folded and kept forms.
    pub fold_han: bool,
    /// Plain terms match `@handles`. Read by the matcher; the tokens are the same.
    pub match_handles: bool,
    /// Words in URLs are words like others, each with its own position, instead of one URL token.
    pub terms_in_urls: bool,
}

impl Default for TextOptions {
    fn default() -> TextOptions {
        TextOptions { fold_han: true, match_handles: true, terms_in_urls: false }
    }
}

/// Turns text into tokens.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    options: TextOptions,
}

impl Tokenizer {
    /// A tokenizer with these options.
    #[must_use]
    pub fn new(options: TextOptions) -> Tokenizer {
        Tokenizer { options }
    }

    /// The options it was made with.
    #[must_use]
    pub fn options(&self) -> TextOptions {
        self.options
    }

    /// Appends the tokens of `text` to `out`. Positions start at 0. Give each zone at most once between
    /// two calls of [`Tokens::clear`].
    pub fn tokenize(&self, zone: Zone, text: &str, out: &mut Tokens) {
        let folded_base = out.folded.len() as u32;
        let side_base = out.side.len() as u32;
        let first = out.list.len() as u32;
        out.side.push_str(text);
        let mut position = 0;
        let mut i = 0;
        while i < text.len() {
            let c = text[i..].chars().next().unwrap_or(' ');
            let start = i;
            let folded_start = out.folded.len() as u32;
            i += c.len_utf8();
            out.folded.extend(c.to_lowercase());
            let kind = if ('\u{2e80}'..='\u{9fff}').contains(&c) && c.is_alphabetic() {
                TokenKind::Char
            } else if c.is_alphanumeric() || c == '_' {
                while let Some(d) = text[i..].chars().next().filter(|d| {
                    (d.is_alphanumeric() || *d == '_' || *d == '\'') && !('\u{2e80}'..='\u{9fff}').contains(d)
                }) {
                    out.folded.extend(d.to_lowercase());
                    i += d.len_utf8();
                }
                TokenKind::Word
            } else {
                continue;
            };
            let folded = (folded_start, out.folded.len() as u32);
            out.list.push(Token {
                hash: hash_bytes(&out.folded.as_bytes()[folded.0 as usize..]),
                start: start as u32,
                end: i as u32,
                position,
                folded,
                cased: (side_base + start as u32, side_base + i as u32),
                kept: (0, 0),
                zone,
                kind,
                flags: 0,
            });
            position += 1;
        }
        let source = (side_base, side_base + text.len() as u32);
        let folded = (folded_base, out.folded.len() as u32);
        out.zones.push(ZoneText { zone, folded, source, tokens: (first, out.list.len() as u32) });
    }
}
