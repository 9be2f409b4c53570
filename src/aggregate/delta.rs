//! What a lane hands to the engine: tallies folded since the last time.
//!
//! **Invariant:** the keys are decided at each post's arrival by the lane's own watermark, so cutting
//! the same input into more or fewer deltas changes nothing after they are merged.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{Tally, counters::Counters, watermark::Watermark};
use crate::model::{BrandId, Timestamp};

/// An addition to a pane that is closed for its lane: late posts, deletes, edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct LateKey {
    /// End of the base pane that held the lane's watermark at arrival: when the row is due.
    pub(super) epoch: Timestamp,
    pub(super) brand: BrandId,
    /// Start of the pane that is added to.
    pub(super) start: Timestamp,
}

/// The tallies that a lane has folded since the last call of `take_delta`. Opaque: hand it to the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneDelta {
    pub(super) sequence: u64,
    pub(super) watermark: Timestamp,
    /// The watermark, or where it stood when the lane ended.
    pub(super) reached: Timestamp,
    /// By start of the pane and brand.
    pub(super) panes: Vec<((Timestamp, BrandId), Box<Tally>)>,
    pub(super) late: Vec<(LateKey, Counters)>,
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

    /// True when it carries a watermark and nothing else.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.panes.is_empty() && self.late.is_empty()
    }
}

/// What a lane is folding.
#[derive(Clone, Debug, Default)]
pub(super) struct Folding {
    pub(super) panes: FxHashMap<(Timestamp, BrandId), Box<Tally>>,
    pub(super) late: FxHashMap<LateKey, Counters>,
}

impl Folding {
    /// Everything folded, in the order of the keys, and nothing left.
    pub(super) fn take(&mut self, sequence: u64, watermark: &Watermark) -> LaneDelta {
        let mut panes: Vec<_> = self.panes.drain().collect();
        panes.sort_unstable_by_key(|(key, _)| *key);
        let mut late: Vec<_> = self.late.drain().filter(|(_, counters)| !counters.is_zero()).collect();
        late.sort_unstable_by_key(|(key, _)| *key);
        LaneDelta { sequence, watermark: watermark.now(), reached: watermark.reached(), panes, late }
    }
}
