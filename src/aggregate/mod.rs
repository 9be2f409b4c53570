//! Ordered input to fates, panes, metrics and incidents.
//!
//! **Invariant:** `&mut self`, one owner, no clock, no IO, no threads.
//!
//! A [`Lane`] gives every post its fate and folds matched posts into [`Tally`]s; [`LaneDelta`]s carry
//! them to the one [`Engine`], which closes panes by the least watermark of all lanes, rolls them up,
//! and lets the detectors see closed panes only. Everything that leaves is a function of the lanes'
//! contents: not of batch sizes, threads, speed or crashes (`tests/sim.rs` holds that down).

mod causes;
mod changelog;
#[cfg(test)]
mod commits;
mod counters;
mod dedupe;
mod delta;
mod detect;
mod digest;
mod engine;
mod error;
mod evidence;
mod hll;
mod incident;
#[cfg(test)]
mod joiners;
mod journal;
mod keymap;
mod keys;
mod lane;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod life;
mod logkey;
mod packed;
mod panes;
mod posts;
mod reach;
#[cfg(test)]
mod relabelled;
mod settings;
mod snapshot;
mod summary;
mod tally;
#[cfg(test)]
mod together;
mod tracked;
mod watermark;
mod windows;

pub use changelog::StateChange;
pub use delta::{Folded, Folding, LaneDelta, LaneMark};
pub use engine::{Engine, EngineOutput};
pub use error::{DeltaError, RestoreError};
pub use lane::{Lane, LaneOutput, LaneRestore, LaneState};
pub use settings::{AlertRule, AlertTest, BrandSettings, EngineSettings, LaneSettings, LaneTimes};
pub use tally::Tally;
