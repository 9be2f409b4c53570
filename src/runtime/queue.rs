//! One feed's batches, back in their order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::queries::InForce;
use super::worker::AnalysedBatch;
use crate::feeds::{FeedError, FeedPosition, Slice};
use crate::model::Reading;

/// Batches of one feed that wait for their turn.
pub(super) struct FeedQueue {
    /// Not to be waited for: its records are taken as they come.
    pub(super) live: bool,
    /// When the last batch came in.
    pub(super) last: Instant,
    waiting: BTreeMap<u64, Box<AnalysedBatch>>,
    /// Number of the batch at the front.
    next: u64,
    /// Records of it that are done.
    done: usize,
    /// Number of batches in all, once known.
    batches: Option<u64>,
    error: Option<FeedError>,
}

impl FeedQueue {
    pub(super) fn new(live: bool, now: Instant) -> FeedQueue {
        FeedQueue { live, last: now, waiting: BTreeMap::new(), next: 0, done: 0, batches: None, error: None }
    }

    pub(super) fn add(&mut self, batch: Box<AnalysedBatch>, now: Instant) {
        self.last = now;
        self.waiting.insert(batch.batch.sequence, batch);
    }

    pub(super) fn end(&mut self, batches: u64, error: Option<FeedError>) {
        (self.batches, self.error) = (Some(batches), error);
    }

    /// True when the next record is here.
    pub(super) fn is_ready(&self) -> bool {
        self.waiting.contains_key(&self.next)
    }

    /// True when every record is done.
    pub(super) fn has_ended(&self) -> bool {
        self.batches == Some(self.next)
    }

    /// Why the feed ended too early.
    pub(super) fn take_error(&mut self) -> Option<FeedError> {
        self.error.take()
    }

    /// Batches done so far.
    pub(super) fn batches_done(&self) -> u64 {
        self.next
    }

    /// Lends the next record's readings and its place.
    pub(super) fn front(&self) -> Option<(&[Reading], &Slice)> {
        let batch = self.waiting.get(&self.next)?;
        let from = self.done.checked_sub(1).and_then(|last| batch.ends.get(last)).copied().unwrap_or(0);
        let to = *batch.ends.get(self.done)?;
        Some((batch.readings.get(from..to)?, batch.batch.slices.get(self.done)?))
    }

    /// What the front batch was matched by.
    pub(super) fn queries(&self) -> Option<&Arc<InForce>> {
        self.waiting.get(&self.next).map(|batch| &batch.queries)
    }

    /// The front record is done.
    pub(super) fn advance(&mut self) {
        self.done += 1;
    }

    /// Takes the front batch out when all its records are done.
    pub(super) fn take_done(&mut self) -> Option<Box<AnalysedBatch>> {
        let batch = self.waiting.get(&self.next)?;
        if self.done < batch.ends.len() {
            return None;
        }
        let batch = self.waiting.remove(&self.next);
        (self.next, self.done) = (self.next + 1, 0);
        batch
    }

    /// The position after the last record that is done in the front batch, if there is one.
    pub(super) fn position(&self) -> Option<FeedPosition> {
        let batch = &self.waiting.get(&self.next)?.batch;
        let slice = batch.slices.get(self.done.checked_sub(1)?)?;
        Some(position_after(batch, slice))
    }
}

/// Where the source stands when this record of the batch is done.
pub(super) fn position_after(batch: &crate::feeds::Batch, slice: &Slice) -> FeedPosition {
    FeedPosition {
        source: batch.source.to_string(),
        offset: slice.next_offset,
        line: slice.next_line,
        head: batch.head,
    }
}
