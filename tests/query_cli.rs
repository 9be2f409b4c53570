//! `earful query ...` through the real binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "query_cli/check.rs"]
mod check;
#[path = "query_cli/common.rs"]
mod common;
#[path = "query_cli/convert.rs"]
mod convert;
#[path = "query_cli/diff.rs"]
mod diff;
#[path = "query_cli/eval.rs"]
mod eval;
#[path = "query_cli/explain.rs"]
mod explain;
#[path = "query_cli/fmt.rs"]
mod fmt;
#[path = "query_cli/test.rs"]
mod test;
