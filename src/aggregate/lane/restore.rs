//! A lane as it was: its state, and what its journal says.

use super::{Lane, LaneState};
use crate::aggregate::{LaneSettings, RestoreError, journal};
use crate::model::BrandId;

/// A lane that is being read back, record by record, so that a journal need not be in memory beside what it says.
#[derive(Debug)]
pub struct LaneRestore(Lane);

impl LaneRestore {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(settings: LaneSettings) -> LaneRestore {
        LaneRestore(Lane::new(settings))
    }

    /// Takes the next record of the journal, the oldest first. For a plan whose brands have moved, `renumber` gives for
    /// a brand in it the number of now, or `None` when the brand is gone: what was counted for it is remembered as seen,
    /// and need not be taken back (see [`Lane::journal_brands`] for the old names).
    ///
    /// # Errors
    /// When the record is torn or of another format.
    pub fn record(
        &mut self,
        record: &[u8],
        renumber: Option<&dyn Fn(BrandId) -> Option<BrandId>>,
    ) -> Result<(), RestoreError> {
        let memory = &mut self.0.memory;
        journal::read(record, renumber, &mut |op| memory.apply(op))
    }

    /// The lane as it was when `state` was taken, after the record that was taken with it.
    #[must_use]
    pub fn finish(self, state: LaneState) -> Lane {
        let mut lane = self.0;
        lane.watermark = state.watermark;
        lane.memory.expire(lane.watermark.now());
        (lane.fates, lane.uncorrected, lane.sequence) = (state.fates, state.uncorrected, state.sequence);
        lane
    }
}

impl Lane {
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
        let mut lane = LaneRestore::new(settings);
        for record in journal {
            lane.record(record, None)?;
        }
        Ok(lane.finish(state))
    }
}
