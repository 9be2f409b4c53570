//! In memory: for tests, and for commands that show what a run gave.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Position, Sink, SinkError};
use crate::model::{DeadLetter, Incident, MetricRow, Output, OutputKind};

/// What a [`MemorySink`] was given, by kind, in order.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Mentions and tombstones as the JSON line that a file would hold.
    pub mentions: Vec<Vec<u8>>,
    /// Rows.
    pub metrics: Vec<MetricRow>,
    /// Incident records.
    pub incidents: Vec<Incident>,
    /// Dead letters.
    pub dead: Vec<DeadLetter>,
}

/// Keeps what it is given, for the kinds that it was made for. Clones share what is kept.
///
/// One lock, taken once an output and never contended: the reader looks when the run is over.
#[derive(Clone, Debug, Default)]
pub struct MemorySink {
    kinds: Vec<OutputKind>,
    kept: Arc<Mutex<Kept>>,
}

impl MemorySink {
    /// A sink for these kinds.
    #[must_use]
    pub fn new(kinds: &[OutputKind]) -> MemorySink {
        MemorySink { kinds: kinds.to_vec(), kept: Arc::default() }
    }

    /// Takes out what was kept so far.
    #[must_use]
    pub fn take(&self) -> Kept {
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for MemorySink {
    fn write(&mut self, output: &Output<'_>) -> Result<(), SinkError> {
        if !self.kinds.contains(&OutputKind::of(output)) {
            return Ok(());
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match output {
            Output::Mention(..) | Output::Tombstone(_) | Output::Correction(_) => {
                let mut line = Vec::new();
                super::jsonl::write_line(output, &mut line)?;
                kept.mentions.push(line);
            }
            Output::Metric(row) => kept.metrics.push((*row).clone()),
            Output::Incident(incident) => kept.incidents.push((*incident).clone()),
            Output::Dead(dead) => kept.dead.push((*dead).clone()),
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<Position, SinkError> {
        Ok(Position::default())
    }

    fn rewind(&mut self, _: &Position) -> Result<(), SinkError> {
        Ok(())
    }

    fn start(&mut self, _: bool) -> Result<(), SinkError> {
        Ok(())
    }
}
