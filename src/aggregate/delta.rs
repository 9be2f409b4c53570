//! What a lane hands to the engine: tallies folded since the last time.
//!
//! **Invariant:** the keys are decided at each post's arrival by the lane's own watermark, so cutting
//! the same input into more or fewer deltas changes nothing after they are merged.

use std::collections::BTreeSet;

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

    /// The brands in it, ascending.
    #[must_use]
    pub fn brands(&self) -> Vec<BrandId> {
        let panes = self.panes.iter().map(|((_, brand), _)| *brand);
        let all: BTreeSet<BrandId> = panes.chain(self.late.iter().map(|(key, _)| key.brand)).collect();
        all.into_iter().collect()
    }

    /// With other numbers for the brands; what belongs to a brand that has none is left out.
    #[must_use]
    pub fn remap(self, brand: &dyn Fn(BrandId) -> Option<BrandId>) -> LaneDelta {
        let pane = |((start, b), tally)| Some(((start, brand(b)?), tally));
        let late = |(key, n): (LateKey, Counters)| Some((LateKey { brand: brand(key.brand)?, ..key }, n));
        LaneDelta {
            panes: self.panes.into_iter().filter_map(pane).collect(),
            late: self.late.into_iter().filter_map(late).collect(),
            ..self
        }
    }

    /// One delta for each of `parts` engines that share the brands, each with the same sequence number and
    /// watermark: `part` says which of them a brand belongs to.
    #[must_use]
    pub fn split(self, parts: usize, part: impl Fn(BrandId) -> usize) -> Vec<LaneDelta> {
        let empty = LaneDelta { panes: Vec::new(), late: Vec::new(), ..self };
        let mut deltas = vec![empty; parts.max(1)];
        let last = deltas.len() - 1;
        for entry in self.panes {
            deltas[part(entry.0.1).min(last)].panes.push(entry);
        }
        for entry in self.late {
            deltas[part(entry.0.brand).min(last)].late.push(entry);
        }
        deltas
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
