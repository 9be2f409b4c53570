//! The HTTP API as a client sees it: a real server on port 0, real bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod api;
mod client;
mod document;
mod load;
mod push;
mod queries;
mod samples;
mod view;
