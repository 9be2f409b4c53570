//! The public face of the pass.

use super::chars::CharTable;
use super::pass::Pass;
use super::token::Tokens;
use crate::model::Zone;

/// A longer zone is read to here only, so that every offset fits its 32 bits.
pub(super) const MAX_ZONE_BYTES: usize = 16 << 20;

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

/// Turns text into tokens. Cheap to copy; the tables behind it are shared.
#[derive(Clone, Copy)]
pub struct Tokenizer {
    options: TextOptions,
    table: &'static CharTable,
}

impl Tokenizer {
    /// A tokenizer with these options. The first one in a process builds the character tables (a few milliseconds).
    #[must_use]
    pub fn new(options: TextOptions) -> Tokenizer {
        Tokenizer { options, table: CharTable::get() }
    }

    /// The options it was made with.
    #[must_use]
    pub fn options(&self) -> TextOptions {
        self.options
    }

    /// Appends the tokens of `text` to `out`. Positions start at 0. Give each zone at most once between
    /// two calls of [`Tokens::clear`]. Of a text over 16 MiB, the first 16 MiB are read.
    pub fn tokenize(&self, zone: Zone, text: &str, out: &mut Tokens) {
        let text = cut(text, MAX_ZONE_BYTES);
        Pass::run(zone, text, self.options, self.table, out);
    }
}

/// The first `limit` bytes, less what would split a character.
fn cut(text: &str, limit: usize) -> &str {
    (0..=limit.min(text.len())).rev().find_map(|end| text.get(..end)).unwrap_or("")
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokenizer").field("options", &self.options).finish_non_exhaustive()
    }
}
