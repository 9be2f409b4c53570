//! The query language from outside: the case file, the worked examples, every code, and a naive oracle.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "query/common.rs"]
mod common;
#[path = "query/dialect.rs"]
mod dialect;
#[path = "query/examples.rs"]
mod examples;
#[path = "query/explain.rs"]
mod explain;
#[path = "query/format.rs"]
mod format;
#[path = "query/oracle.rs"]
mod oracle;
#[path = "query/problems.rs"]
mod problems;
#[path = "query/random.rs"]
mod random;
#[path = "query/vectors.rs"]
mod vectors;
