//! Ordered input to fates, panes, metrics and incidents.
//!
//! **Invariant:** `&mut self`, one owner, no clock, no IO, no threads.
//!
//! A [`Lane`] gives every post its fate and folds matched posts into [`Tally`]s; [`LaneDelta`]s carry
//! them to the one [`Engine`], which closes panes by the least watermark of all lanes, rolls them up,
//! and lets the detectors see closed panes only. Everything that leaves is a function of the lanes'
//! contents: not of batch sizes, threads, speed or crashes (`tests/sim.rs` holds that down).

mod causes;
mod counters;
mod dedupe;
mod delta;
mod detect;
mod digest;
mod engine;
mod evidence;
mod hll;
mod incident;
mod journal;
mod keys;
mod lane;
#[cfg(test)]
mod laws;
mod reach;
mod settings;
mod snapshot;
mod summary;
mod tally;
mod watermark;
mod windows;

pub use delta::LaneDelta;
pub use engine::{DeltaError, Engine, EngineOutput};
pub use lane::{Lane, LaneOutput, LaneState, RestoreError};
pub use settings::{AlertRule, AlertTest, BrandSettings, EngineSettings, LaneSettings};
pub use tally::Tally;
