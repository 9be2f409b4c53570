//! Whole records with their places, as they travel from a feed to the analysis.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};
use serde::{Deserialize, Serialize};

use super::PushReply;
use crate::model::{Origin, Record, Timestamp};

/// How far a feed has been read: everything before it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedPosition {
    /// The file, relative to the feed's folder; for a feed of one file its name.
    pub source: String,
    /// Bytes of the (decompressed) file that are done.
    pub offset: u64,
    /// Number of the next line, from 1.
    pub line: u64,
    /// The file's first bytes, by which a replaced file is told from a grown one.
    pub head: Head,
}

/// A hash over the first bytes of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// How many bytes.
    pub bytes: u32,
    /// Their XXH3.
    pub hash: u64,
}

/// Where a record lies in a batch and in its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// First byte in the payload.
    pub start: usize,
    /// One past the last byte, without the line end.
    pub end: usize,
    /// Offset of the record in its source.
    pub offset: u64,
    /// Line of the record in its source, from 1.
    pub line: u64,
    /// Offset where the next record starts.
    pub next_offset: u64,
    /// Line where the next record starts.
    pub next_line: u64,
    /// Length of the whole record, when it is over the limit and only its beginning is here.
    pub whole_bytes: Option<u64>,
}

/// Some records of one feed, in order.
pub struct Batch {
    /// The feed's position in the plan.
    pub feed: usize,
    /// Counts the batches of a feed from 0.
    pub sequence: u64,
    /// [`FeedPosition::source`].
    pub source: Arc<str>,
    /// [`FeedPosition::head`].
    pub head: Head,
    /// The bytes of all records.
    pub payload: Vec<u8>,
    /// The records.
    pub slices: Vec<Slice>,
    /// Arrival; files have none.
    pub received_at: Option<Timestamp>,
    /// Who waits for these records to be durable.
    pub reply: Option<PushReply>,
    /// Given back when the batch is done.
    pub permit: Permit,
}

impl Batch {
    /// A record as analysis wants it.
    #[must_use]
    pub fn record<'a>(&'a self, feed: &'a str, slice: &Slice) -> Record<'a> {
        Record {
            payload: self.payload.get(slice.start..slice.end).unwrap_or_default(),
            received_at: self.received_at,
            origin: Origin { feed, source: &self.source, offset: slice.offset, line: slice.line },
        }
    }
}

/// The right to have one batch between reader and lane. Dropping it gives it back, so that memory
/// is bounded by the number of permits however far the analysis lies behind.
///
/// It carries the batch's memory back too: fresh pages from the system cost more than reading into them.
#[derive(Debug)]
pub struct Permit {
    back: Sender<Vec<u8>>,
    buffer: Vec<u8>,
}

/// A larger buffer, from a very long record, is not kept.
const KEPT_BYTES_MAX: usize = 1 << 20;

impl Permit {
    /// Takes bytes that are done; their memory goes back with the permit.
    pub fn keep(&mut self, done: Vec<u8>) {
        if done.capacity() <= KEPT_BYTES_MAX {
            self.buffer = done;
            self.buffer.clear();
        }
    }

    /// Memory to read into, empty.
    #[must_use]
    pub fn take_buffer(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        // The reader may be gone; then nobody wants the permit.
        let buffer = self.take_buffer();
        let _ = self.back.try_send(buffer);
    }
}

/// A feed's supply of permits.
#[derive(Debug)]
pub struct Permits {
    free: Receiver<Vec<u8>>,
    back: Sender<Vec<u8>>,
}

impl Permits {
    /// So many.
    #[must_use]
    pub fn new(count: usize) -> Permits {
        let (back, free) = bounded(count.max(1));
        while back.try_send(Vec::new()).is_ok() {}
        Permits { free, back }
    }

    /// Waits for one.
    #[must_use]
    pub fn take(&self) -> Permit {
        // Cannot fail: `back` keeps the channel open.
        let buffer = self.free.recv().unwrap_or_default();
        Permit { back: self.back.clone(), buffer }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permits_come_back_when_dropped() {
        let permits = Permits::new(2);
        let first = permits.take();
        let second = permits.take();
        assert!(permits.free.is_empty());
        drop(first);
        drop(second);
        assert_eq!(permits.free.len(), 2);
    }

    #[test]
    fn memory_goes_round_unless_it_is_large() {
        let permits = Permits::new(1);
        let mut permit = permits.take();
        permit.keep(vec![1; 100]);
        drop(permit);
        let mut permit = permits.take();
        let buffer = permit.take_buffer();
        assert!(buffer.is_empty() && buffer.capacity() >= 100);
        permit.keep(vec![1; KEPT_BYTES_MAX + 1]);
        drop(permit);
        assert_eq!(permits.take().take_buffer().capacity(), 0);
    }
}
