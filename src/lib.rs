//! earful: a social listening stream processor.
//!
//! The map of the code is in `ARCHITECTURE.md`. Follow one post: [`feeds`] hand over records,
//! [`analysis`] reads each into posts and annotates them, a lane of [`aggregate`] gives every post its
//! fate and folds it into tallies, the engine closes panes and opens incidents, [`sinks`] write them out.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod aggregate;
pub mod analysis;
pub mod cli;
pub mod config;
#[cfg(feature = "deliver")]
pub mod deliver;
pub mod feeds;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod load;
pub mod metrics;
pub mod model;
pub mod runtime;
#[cfg(test)]
mod schemas;
pub mod sinks;
pub mod train;
