//! Bytes to posts to annotated posts.
//!
//! **Invariant:** `&self`, no IO, no clock, no threads; cannot fail on any input.

mod annotator;
mod correction;
pub mod decode;
mod document;
mod json;
mod links;
pub mod query;
mod rules;
pub mod sentiment;
pub mod text;
mod towards;
pub mod trial;

pub use annotator::{Annotator, Scratch, View};
#[cfg(test)]
pub(crate) use document::MentionDocument;
pub use document::{BrandLabel, CueView, Match, MatchPosition, QueryView, SentimentView, cue_views};
pub use links::normalise_link;
pub use rules::{Marks, Rule, Rules};
