//! The read API, the push feed's door and the operator's probes, over HTTP.
//!
//! **Invariant:** nothing here decides anything about posts. [`View`] is written by the run's main loop
//! alone and only copies what the sinks get; the push feed hands bytes over and waits for the answer.
//! Text that comes from a post leaves as a JSON string or a CSV cell, never as markup.

pub mod view;

pub use view::{BrandInfo, View, ViewLimits};
