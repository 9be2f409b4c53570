//! The text model: what a word is, where it stands, and in which forms it can be asked for.
//!
//! Query terms and posts go through the same code, so that both agree by construction.
//! The rules, with their reasons, are in `docs/text-model.md`.
//!
//! **Invariant:** total on any string, one pass, no allocation once the buffers have grown, no state
//! between calls other than the caller's [`Tokens`].

mod chars;
mod common_words;
mod emoji;
mod emoticon;
mod fold;
mod han;
mod hash;
mod language;
mod pass;
mod scan;
mod sigil;
mod stem;
mod token;
mod tokenizer;

pub(super) use chars::is_unspaced;
pub use fold::push_name;
pub use han::fold_han;
pub(super) use han::is_han;
pub(super) use hash::hash_bytes;
pub use hash::hash_folded;
pub use language::{detect_language, stated_language};
pub use stem::Stemmer;
pub(super) use token::short_name;
pub use token::{Token, TokenKind, Tokens};
pub use tokenizer::{TextOptions, Tokenizer};

#[cfg(test)]
mod tests;
