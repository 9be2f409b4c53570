//! Posts for load tests: what the generator makes is what it says, and the command says what is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[cfg(feature = "kafka")]
mod command;
mod crisis;
mod generator;
mod world;
