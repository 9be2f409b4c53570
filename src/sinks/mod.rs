//! Where outputs go.
//!
//! **Invariant:** a sink writes what it is given in the order it is given, reads no clock, and after
//! `flush` has returned, what it was given is safe.

mod jsonl;
mod memory;
mod null;
mod stdout;
mod writeback;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::BrandPlan;
use crate::model::Output;

pub use jsonl::JsonlSink;
pub use memory::{Kept, MemorySink};
pub use null::NullSink;
pub use stdout::StdoutSink;

/// How far a sink has durably written: a length in bytes for each of its files. Empty for sinks
/// that cannot go back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position(pub Vec<(PathBuf, u64)>);

/// A sink could not do what it was asked. The run stops and its state does not advance, so that the
/// same run goes on from the last checkpoint once the cause is gone.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// The operating system said no.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// `write to`, `create`, ...
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A file does not hold what the checkpoint says it should.
    #[error(
        "{} has {found} bytes, but the checkpoint says that {recorded} were written; \
         put the file back, or start anew with --fresh", path.display()
    )]
    Short {
        /// Which file.
        path: PathBuf,
        /// Its length in bytes now.
        found: u64,
        /// Its length in bytes at the checkpoint.
        recorded: u64,
    },
    /// A file has content that no checkpoint knows.
    #[error(
        "{} holds {found} bytes of an earlier run that this pipeline's state does not know; \
         move it away, or overwrite it with --fresh", path.display()
    )]
    Occupied {
        /// Which file.
        path: PathBuf,
        /// Its length in bytes.
        found: u64,
    },
    /// An output could not be written as JSON.
    #[error("cannot write an output as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl SinkError {
    /// Wraps an error of the operating system with what was tried and where.
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> SinkError {
        let path = path.into();
        move |source| SinkError::Io { action, path, source }
    }
}

/// Takes every output of a run, in order, on one thread.
pub trait Sink {
    /// Takes one output. It may be buffered until [`Sink::flush`].
    ///
    /// # Errors
    /// When the output cannot be taken; the run then stops.
    fn write(&mut self, output: &Output<'_>) -> Result<(), SinkError>;

    /// Makes everything written so far durable and says how far that is.
    ///
    /// # Errors
    /// When it cannot; the checkpoint is then not made and the run stops.
    fn flush(&mut self) -> Result<Position, SinkError>;

    /// Goes back to an earlier position of this sink: what was written after it never was. Called
    /// before the first `write`. Sinks that cannot go back do nothing and are at-least-once.
    ///
    /// # Errors
    /// When the sink no longer has what it had at that position.
    fn rewind(&mut self, position: &Position) -> Result<(), SinkError>;

    /// Empties the sink for a run that starts anew. `overwrite` says that content may be thrown away.
    ///
    /// # Errors
    /// When there is content and `overwrite` is false, or it cannot be removed.
    fn start(&mut self, overwrite: bool) -> Result<(), SinkError>;

    /// The brands that outputs name from now on; those known keep their places.
    fn set_brands(&mut self, brands: &[BrandPlan]) {
        let _ = brands;
    }

    /// Files that a reader may want to know of, for the summary.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }
}
