//! What a lane hands to the engine.

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// The tallies that a lane has folded since the last call of `take_delta`. Opaque: hand it to the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneDelta {
    pub(super) sequence: u64,
    pub(super) watermark: Timestamp,
}

impl LaneDelta {
    /// Counts the deltas of its lane from 0.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The lane's promise: nothing on time comes before.
    #[must_use]
    pub fn watermark(&self) -> Timestamp {
        self.watermark
    }
}
