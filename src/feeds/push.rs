//! The intake of pushed posts: what an edge hands over, and the answer it gets once the posts are safe.

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::model::{DeadLetter, Fate, FateCounts, Timestamp};

/// Batches that may wait in one intake. A batch is at most one request body, so this bounds the memory.
const WAITING_MAX: usize = 64;

/// What became of a pushed batch, once it is durable in the checkpoint's sense.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushReceipt {
    /// Posts and frames found in the batch; the sum of `fates`.
    pub received: u64,
    /// How each of them ended.
    pub fates: FateCounts,
    /// Why the first of them are malformed.
    pub refused: Vec<Refusal>,
}

/// So many refusals are told; all are in `dead`.
const REFUSALS_MAX: usize = 100;

/// Why something in a batch went to `dead`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code of its dead letter.
    pub reason: String,
    /// For people: what was found.
    pub detail: String,
}

impl PushReceipt {
    /// Counts one.
    pub fn count(&mut self, fate: Fate) {
        self.received += 1;
        self.fates.count(fate);
    }

    /// Tells why one is malformed.
    pub fn refuse(&mut self, dead: &DeadLetter) {
        if self.refused.len() < REFUSALS_MAX {
            let DeadLetter { reason, detail, .. } = dead;
            self.refused.push(Refusal { reason: reason.clone(), detail: detail.clone() });
        }
    }
}

/// Why a pushed batch is not known to be safe. The sender should send it again: what was
/// taken in after all is then counted as a duplicate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The run is stopping and did not take the batch in.
    #[error("earful is shutting down; send the batch again later")]
    Stopping,
    /// The checkpoint that would have made the batch safe could not be written.
    #[error("the checkpoint failed: {0}; send the batch again later")]
    NotDurable(String),
    /// The brokers have not confirmed that they have it.
    #[error("the brokers have not confirmed it: {0}; send the batch again later")]
    NotWritten(String),
}

/// Called exactly once with the answer, from the run's main thread: it must not block.
pub type PushReply = Box<dyn FnOnce(Result<PushReceipt, PushError>) + Send>;

/// One request body.
pub struct PushBatch {
    /// The bytes as received: one JSON document or lines of them.
    pub payload: Vec<u8>,
    /// When the last byte came in.
    pub received_at: Timestamp,
    /// Gets the answer.
    pub reply: PushReply,
}

impl std::fmt::Debug for PushBatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PushBatch({} bytes at {})", self.payload.len(), self.received_at)
    }
}

/// The sending half, cheap to clone; one for each push feed.
#[derive(Clone, Debug)]
pub struct PushIntake(Sender<PushBatch>);

impl PushIntake {
    /// A bounded intake and the half that the run reads from.
    #[must_use]
    pub fn new() -> (PushIntake, Receiver<PushBatch>) {
        let (sender, receiver) = bounded(WAITING_MAX);
        (PushIntake(sender), receiver)
    }

    /// Hands a batch over without waiting.
    ///
    /// # Errors
    /// Gives the batch back when the intake is full (HTTP 429) or the run has ended.
    pub fn offer(&self, batch: PushBatch) -> Result<(), PushBatch> {
        self.0.try_send(batch).map_err(|e| match e {
            TrySendError::Full(batch) | TrySendError::Disconnected(batch) => batch,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> PushBatch {
        PushBatch { payload: b"{}".to_vec(), received_at: Timestamp::default(), reply: Box::new(|_| {}) }
    }

    #[test]
    fn a_full_intake_gives_the_batch_back() {
        let (intake, receiver) = PushIntake::new();
        for _ in 0..WAITING_MAX {
            assert!(intake.offer(batch()).is_ok());
        }
        assert_eq!(intake.offer(batch()).unwrap_err().payload, b"{}");
        drop(receiver);
        assert!(intake.offer(batch()).is_err());
    }
}
