//! Bytes to posts to annotated posts.
//!
//! **Invariant:** `&self`, no IO, no clock, no threads; cannot fail on any input.

pub mod annotator;
pub mod decode;
pub mod query;
pub mod sentiment;
pub mod text;
