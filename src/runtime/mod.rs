//! The embedded run: feeds, analysis, lanes, engine and sinks in one process.
//!
//! One thread a feed reads and cuts; workers analyse batches in any order; one sequencer puts them back
//! into their feed's order and owns lanes, engine and sinks, so that nothing in it is shared or locked.
//!
//! **Invariant:** the only place that reads a clock, and only to decide when to save, when a live feed
//! counts as silent, and what arrival time a pushed post has. What comes out is a function of what the
//! feeds hold: not of workers, batch sizes, speed, restarts or crashes.

mod checkpoint;
mod clock;
mod core;
mod error;
mod journal;
mod metering;
mod outputs;
mod queries;
mod queue;
mod reload;
mod restore;
mod run;
mod sequencer;
mod summary;
mod worker;

pub use clock::now;
pub use error::RunError;
#[cfg(feature = "kafka")]
pub(crate) use metering::Metering;
pub use queries::{InForce, Queries};
#[cfg(feature = "kafka")]
pub(crate) use reload::Reloader;
pub use run::{BATCH_BYTES, RunOptions, Unwatched, Watcher, annotator, run};
pub use summary::Summary;
#[cfg(feature = "kafka")]
pub(crate) use worker::{malformed, read_guarded, too_long};
