//! The brand query language: text to tree, trees to one matcher for all brands.
//!
//! The user's guide is `docs/query-language.md`. Follow one query: [`parse`] runs the lexer, the parser
//! and the lint, and gives a [`Query`] or all problems at once; [`QuerySet::compile`] turns the queries of
//! all brands into shared leaves, programs and triggers; [`QuerySet::find`] tells for one post which
//! brands it names, and by which words: it finds the leaves that trigger queries (`index`), asks the gates of these
//! queries whether one of the leaves that they need may stand in the post (`gate`, `post_index`), looks for the leaves
//! of those that are left (`hits`), and evaluates them (`matcher`, `window`).
//!
//! **Invariant:** no IO, no clock, no threads. Parsing never fails and matching never allocates once
//! its scratch has grown. What cannot be evaluated is refused by the parser, never silently false.

mod ahead;
mod arrange;
pub mod ast;
mod beside;
mod chars;
mod compile;
mod computed;
pub mod dialect;
mod doubts;
pub mod explain;
mod field_test;
mod fields;
pub mod format;
mod gate;
mod glob;
mod hits;
mod host;
mod index;
mod keys;
mod leaf;
mod lexer;
mod lint;
mod marks;
mod matcher;
mod occurrence;
mod parser;
mod place;
mod post_index;
mod problem;
mod ranges;
mod raw;
mod same;
mod sample;
mod shown;
mod simple;
mod site;
mod stated;
mod trigger;
mod version;
mod wakes;
mod window;
mod written;

pub use ast::Query;
pub use computed::Computed;
pub use fields::Field;
pub use matcher::{MatchScratch, Matches, QuerySet};
pub use parser::{DEPTH_MAX, LEAVES_MAX, ParseOptions, Parsed, Purpose, SOURCE_BYTES_MAX, parse};
pub use problem::{CODES, Fix, Problem, Severity};
pub use version::Version;
