//! The query language from outside: the case file, the worked examples, every code, and a naive oracle.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "query/ask.rs"]
mod ask;
#[path = "query/asks.rs"]
mod asks;
#[path = "query/common.rs"]
mod common;
#[path = "query/dialect.rs"]
mod dialect;
#[path = "query/dialect_doubts.rs"]
mod dialect_doubts;
#[path = "query/dice.rs"]
mod dice;
#[path = "query/every_character.rs"]
mod every_character;
#[path = "query/examples.rs"]
mod examples;
#[path = "query/explain.rs"]
mod explain;
#[path = "query/fields.rs"]
mod fields;
#[path = "query/fixes.rs"]
mod fixes;
#[path = "query/format.rs"]
mod format;
#[path = "query/mixed.rs"]
mod mixed;
#[path = "query/model.rs"]
mod model;
#[path = "query/mutate.rs"]
mod mutate;
#[path = "query/oracle.rs"]
mod oracle;
#[path = "query/page.rs"]
mod page;
#[path = "query/page_words.rs"]
mod page_words;
#[path = "query/problems.rs"]
mod problems;
#[path = "query/random.rs"]
mod random;
#[path = "query/stated.rs"]
mod stated;
#[path = "query/term.rs"]
mod term;
#[path = "query/total.rs"]
mod total;
#[path = "query/tree.rs"]
mod tree;
#[path = "query/vectors.rs"]
mod vectors;
#[path = "query/words/mod.rs"]
mod words;
