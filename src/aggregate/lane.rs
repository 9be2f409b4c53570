//! One ordered input.

use serde::{Deserialize, Serialize};

use super::{LaneDelta, LaneSettings};
use crate::model::{
    BrandId, DeadLetter, Fate, FateCounts, Mention, PostKey, Reading, ReadingOutcome, Timestamp,
};

/// What a lane lets out while it accepts one reading.
#[derive(Clone, Copy, Debug)]
pub enum LaneOutput<'a> {
    /// A matched post: kept, late, or retracted for an edit that replaces the earlier record of the same key.
    Mention(Fate, &'a Mention),
    /// The post of this key is gone, or no longer names a brand.
    Tombstone(&'a PostKey),
    /// A record that cannot be used.
    Dead(&'a DeadLetter),
}

/// The small part of a lane's state; the remembered identities are in its journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneState {
    watermark: Timestamp,
    fates: FateCounts,
    sequence: u64,
}

/// Kept state cannot be taken up again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// Written by another version of earful.
    #[error(
        "the {what} was written in format {found}, this earful reads format {expected}: use the earful that wrote it, or delete the state folder and start anew"
    )]
    Version { what: &'static str, found: u32, expected: u32 },
    /// Cut off or changed.
    #[error(
        "the {what} is torn or damaged ({detail}): restore it from a copy, or delete the state folder and start anew"
    )]
    Damaged { what: &'static str, detail: String },
    /// The plan has another number of lanes.
    #[error(
        "the snapshot holds {found} lanes, the pipeline now has {expected}: keep the number of lanes, or delete the state folder and start anew"
    )]
    Lanes { found: usize, expected: usize },
    /// The plan has another base pane.
    #[error(
        "the snapshot holds panes of {found} ms, the pipeline now has {expected} ms: keep the width, or delete the state folder and start anew"
    )]
    Pane { found: i64, expected: i64 },
}

/// One ordered input: the unit of order, parallelism, dedupe, watermark and commit.
#[derive(Clone, Debug)]
pub struct Lane {
    settings: LaneSettings,
    watermark: Timestamp,
    fates: FateCounts,
    sequence: u64,
}

impl Lane {
    /// A lane that has seen nothing.
    #[must_use]
    pub fn new(settings: LaneSettings) -> Lane {
        Lane { settings, watermark: Timestamp::MIN, fates: FateCounts::default(), sequence: 0 }
    }

    /// Gives one reading its fate, counts it, folds it, and lets out what must be written.
    pub fn accept(&mut self, reading: &Reading, emit: &mut dyn FnMut(LaneOutput<'_>)) -> Fate {
        let fate = match &reading.outcome {
            ReadingOutcome::Matched(mention) => {
                emit(LaneOutput::Mention(Fate::Kept, mention));
                Fate::Kept
            }
            ReadingOutcome::Unmatched => Fate::Kept,
            ReadingOutcome::Filtered(_) => Fate::Filtered,
            ReadingOutcome::Delete(key) => {
                emit(LaneOutput::Tombstone(key));
                Fate::Retracted
            }
            ReadingOutcome::Ignored(_) => Fate::Ignored,
            ReadingOutcome::Malformed(dead) => {
                emit(LaneOutput::Dead(dead));
                Fate::Malformed
            }
        };
        self.watermark = self.watermark.max(reading.published_at.plus(-self.settings.lateness_ms));
        self.fates.count(fate);
        fate
    }

    /// The runtime's promise that nothing on time will come before `to`. It must be durable in the
    /// lane's own order before anything is written because of it. Never moves the watermark back.
    pub fn heartbeat(&mut self, to: Timestamp) {
        self.watermark = self.watermark.max(to);
    }

    /// The input has ended: every pane may close.
    pub fn finish(&mut self) {
        self.heartbeat(Timestamp::MAX);
    }

    /// Nothing on time comes before this.
    #[must_use]
    pub fn watermark(&self) -> Timestamp {
        self.watermark
    }

    /// How many ended in which fate.
    #[must_use]
    pub fn fates(&self) -> &FateCounts {
        &self.fates
    }

    /// Deletes and edits whose earlier version was no longer remembered, so that metrics were not corrected.
    #[must_use]
    pub fn uncorrected(&self) -> u64 {
        0
    }

    /// What was folded since the last call. Call as often as is convenient: rows do not depend on it.
    pub fn take_delta(&mut self) -> LaneDelta {
        let delta = LaneDelta { sequence: self.sequence, watermark: self.watermark };
        self.sequence += 1;
        delta
    }

    /// What was remembered or forgotten on purpose since the last call, to be appended to a log as one
    /// record (empty: nothing). State plus the records so far restore the lane.
    pub fn take_journal(&mut self) -> Vec<u8> {
        Vec::new()
    }

    /// Everything that is remembered, as one record that replaces the whole log so far. Also clears
    /// what `take_journal` would return.
    pub fn dump_journal(&mut self) -> Vec<u8> {
        Vec::new()
    }

    /// True when no identity of this journal record is remembered any more by its age, so that a log
    /// may drop it from its front.
    #[must_use]
    pub fn is_expired(&self, _journal_record: &[u8]) -> bool {
        false
    }

    /// Identities remembered now.
    #[must_use]
    pub fn remembered(&self) -> usize {
        0
    }

    /// The small state; take it together with `take_delta` and `take_journal`, between two readings.
    #[must_use]
    pub fn state(&self) -> LaneState {
        LaneState { watermark: self.watermark, fates: self.fates, sequence: self.sequence }
    }

    /// The lane as it was when `state` was taken; `journal` are the log's records in order, up to the
    /// one taken with `state`.
    ///
    /// # Errors
    /// When a journal record is torn or of another format.
    pub fn restore<'j>(
        settings: LaneSettings,
        state: LaneState,
        journal: impl Iterator<Item = &'j [u8]>,
    ) -> Result<Lane, RestoreError> {
        Lane::restore_remapped(settings, state, journal, &Some)
    }

    /// As [`Lane::restore`], for a plan whose brands have moved: `brand` gives the new id of an old one,
    /// or `None` when the brand is gone (see `Engine::snapshot_brands` for the old names).
    ///
    /// # Errors
    /// When a journal record is torn or of another format.
    pub fn restore_remapped<'j>(
        settings: LaneSettings,
        state: LaneState,
        _journal: impl Iterator<Item = &'j [u8]>,
        _brand: &dyn Fn(BrandId) -> Option<BrandId>,
    ) -> Result<Lane, RestoreError> {
        Ok(Lane { settings, watermark: state.watermark, fates: state.fates, sequence: state.sequence })
    }
}
