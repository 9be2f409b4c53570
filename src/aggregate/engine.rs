//! All brands, all panes: the one writer of metrics and incidents.

use super::{EngineSettings, LaneDelta, RestoreError};
use crate::model::{Incident, MetricRow, Timestamp};

/// What the engine lets out, in an order that depends on the lanes' contents alone.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineOutput {
    /// A closed pane or a late addition to one.
    Metric(Box<MetricRow>),
    /// A state of an incident.
    Incident(Box<Incident>),
}

/// A delta that does not follow on what the engine has seen of the lane: state and log do not belong together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// No such lane.
    #[error("a delta for lane {lane}, but there are {lanes} lanes")]
    Lane { lane: usize, lanes: usize },
    /// One is missing or came twice.
    #[error(
        "lane {lane} sent delta {found}, expected was {expected}: restore lanes and engine from the same checkpoint"
    )]
    Sequence { lane: usize, found: u64, expected: u64 },
}

/// Merges lanes, closes panes, rolls up, detects.
#[derive(Debug)]
pub struct Engine {
    settings: EngineSettings,
    lanes: Vec<(Timestamp, u64)>,
}

impl Engine {
    /// An engine over so many lanes that has seen nothing.
    #[must_use]
    pub fn new(settings: EngineSettings, lanes: usize) -> Engine {
        Engine { settings, lanes: vec![(Timestamp::MIN, 0); lanes] }
    }

    /// Takes in what a lane has folded and appends to `out` what that closes. The deltas of one lane
    /// come in their order; how lanes interleave does not show.
    ///
    /// # Errors
    /// When the delta does not follow on the lane's last one; nothing is changed then.
    pub fn apply(
        &mut self,
        lane: usize,
        delta: LaneDelta,
        _out: &mut Vec<EngineOutput>,
    ) -> Result<(), DeltaError> {
        let lanes = self.lanes.len();
        let Some(slot) = self.lanes.get_mut(lane) else { return Err(DeltaError::Lane { lane, lanes }) };
        if slot.1 != delta.sequence {
            return Err(DeltaError::Sequence { lane, found: delta.sequence, expected: slot.1 });
        }
        *slot = (slot.0.max(delta.watermark), slot.1 + 1);
        Ok(())
    }

    /// The least watermark of all lanes: panes that end at or before it are closed.
    #[must_use]
    pub fn watermark(&self) -> Timestamp {
        self.lanes.iter().map(|l| l.0).min().unwrap_or(Timestamp::MIN)
    }

    /// Provisional rows of every pane that is still open, all brands.
    #[must_use]
    pub fn open_rows(&self) -> Vec<MetricRow> {
        let _ = &self.settings;
        Vec::new()
    }

    /// Provisional rows of one brand.
    #[must_use]
    pub fn open_rows_of(&self, _brand: &str) -> Vec<MetricRow> {
        Vec::new()
    }

    /// The whole state as bytes.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        Vec::new()
    }

    /// The brand names of a snapshot, in the order of the ids it was written with.
    ///
    /// # Errors
    /// When the snapshot is torn or of another format.
    pub fn snapshot_brands(_snapshot: &[u8]) -> Result<Vec<String>, RestoreError> {
        Ok(Vec::new())
    }

    /// The engine as it was when the snapshot was taken. Brands and rules that the settings no longer
    /// have are dropped, new ones start empty.
    ///
    /// # Errors
    /// When the snapshot is torn, of another format, of another pane width or number of lanes.
    pub fn restore(settings: EngineSettings, lanes: usize, _snapshot: &[u8]) -> Result<Engine, RestoreError> {
        Ok(Engine::new(settings, lanes))
    }
}
