//! What lanes hand to the engine: tallies folded since the last time, and how far each lane has come.
//!
//! **Invariant:** the keys are decided at each post's arrival by the lane's own watermark, so cutting
//! the same input into more or fewer deltas, or folding several lanes together, changes nothing after they are merged.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{Tally, counters::Counters};
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

/// How far a lane has come, and the number of what it hands over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneMark {
    pub(super) sequence: u64,
    pub(super) watermark: Timestamp,
    /// The watermark, or where it stood when the lane ended.
    pub(super) reached: Timestamp,
}

impl LaneMark {
    /// Counts the marks of its lane from 0.
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

/// Tallies of one lane, or of several that were folded together. Opaque: hand it to the engine, with the marks of
/// the lanes that it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folded {
    /// By start of the pane and brand.
    pub(super) panes: Vec<((Timestamp, BrandId), Box<Tally>)>,
    pub(super) late: Vec<(LateKey, Counters)>,
}

impl Folded {
    /// The brands in it, ascending.
    #[must_use]
    pub fn brands(&self) -> Vec<BrandId> {
        let panes = self.panes.iter().map(|((_, brand), _)| *brand);
        let all: BTreeSet<BrandId> = panes.chain(self.late.iter().map(|(key, _)| key.brand)).collect();
        all.into_iter().collect()
    }

    /// With other numbers for the brands; what belongs to a brand that has none is left out.
    #[must_use]
    pub fn remap(self, brand: &dyn Fn(BrandId) -> Option<BrandId>) -> Folded {
        let pane = |((start, b), tally)| Some(((start, brand(b)?), tally));
        let late = |(key, n): (LateKey, Counters)| Some((LateKey { brand: brand(key.brand)?, ..key }, n));
        Folded {
            panes: self.panes.into_iter().filter_map(pane).collect(),
            late: self.late.into_iter().filter_map(late).collect(),
        }
    }

    /// One for each of `parts` engines that share the brands: `part` says which of them a brand belongs to.
    #[must_use]
    pub fn split(self, parts: usize, part: impl Fn(BrandId) -> usize) -> Vec<Folded> {
        let mut all = vec![Folded::default(); parts.max(1)];
        let last = all.len() - 1;
        for entry in self.panes {
            all[part(entry.0.1).min(last)].panes.push(entry);
        }
        for entry in self.late {
            all[part(entry.0.brand).min(last)].late.push(entry);
        }
        all
    }
}

/// The tallies that a lane has folded since the last call of `take_delta`. Opaque: hand it to the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneDelta {
    pub(super) mark: LaneMark,
    pub(super) folded: Folded,
}

impl LaneDelta {
    /// One delta for each of `parts` engines that share the brands, each with the same mark: `part` says which of
    /// them a brand belongs to.
    #[must_use]
    pub fn split(self, parts: usize, part: impl Fn(BrandId) -> usize) -> Vec<LaneDelta> {
        let mark = self.mark;
        self.folded.split(parts, part).into_iter().map(|folded| LaneDelta { mark, folded }).collect()
    }
}

/// What a lane is folding, or several lanes together.
#[derive(Clone, Debug, Default)]
pub struct Folding {
    pub(super) panes: FxHashMap<(Timestamp, BrandId), Box<Tally>>,
    pub(super) late: FxHashMap<LateKey, Counters>,
}

impl Folding {
    /// Everything folded, in the order of the keys, and nothing left.
    pub fn take(&mut self) -> Folded {
        let mut panes: Vec<_> = self.panes.drain().collect();
        panes.sort_unstable_by_key(|(key, _)| *key);
        let mut late: Vec<_> = self.late.drain().filter(|(_, counters)| !counters.is_zero()).collect();
        late.sort_unstable_by_key(|(key, _)| *key);
        Folded { panes, late }
    }
}
