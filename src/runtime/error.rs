//! Why a run ends before its end, and the exit code that says so.

use std::io;
use std::path::{Path, PathBuf};

use crate::aggregate::{DeltaError, RestoreError};
use crate::feeds::FeedError;
use crate::sinks::SinkError;

/// A run could not start or go on. The state on disk is that of the last checkpoint: when the cause is
/// gone, the same command goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An input failed.
    #[error("cannot read {0}")]
    Feed(#[from] FeedError),
    /// An output failed.
    #[error("{0}")]
    Sink(#[from] SinkError),
    /// The state folder failed.
    #[error("cannot {action} {}: {source}", path.display())]
    State {
        /// `write`, `create the folder`, ...
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// Another run has the state folder.
    #[error(
        "another earful is running on the state folder {}; stop it first, or give this pipeline a \
         state folder of its own ([state] dir)", .0.display()
    )]
    Locked(PathBuf),
    /// The saved state is damaged or missing a part.
    #[error("{}: {what}; put the file back from a copy, or start anew with --fresh", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The saved state does not fit the pipeline.
    #[error("the pipeline has changed since its state was saved: {0}")]
    Changed(String),
    /// Lanes or engine do not take the saved state.
    #[error("the saved state cannot be used: {0}")]
    Restore(#[from] RestoreError),
    /// Lanes and engine have parted: a mistake in earful.
    #[error("lanes and engine have parted ({0}); this is a mistake in earful, please report it")]
    Delta(#[from] DeltaError),
    /// A thread could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
    /// The HTTP server could not be started.
    #[error("cannot serve HTTP on {address}: {reason}")]
    Http {
        /// The address.
        address: String,
        /// The reason.
        reason: String,
    },
}

impl RunError {
    /// Wraps an error of the operating system with what was tried and where.
    pub(super) fn state(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RunError {
        let path = path.to_owned();
        move |source| RunError::State { action, path, source }
    }

    /// The exit code; `docs/exit-codes.md` is the list.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            RunError::Feed(_) => 1,
            RunError::Changed(_) | RunError::Locked(_) => 2,
            RunError::Sink(SinkError::Occupied { .. }) => 2,
            _ => 3,
        }
    }
}
