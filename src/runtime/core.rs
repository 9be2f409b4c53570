//! Lanes, engine and sinks: what a record meets once it is its turn.
//!
//! **Invariant:** no clock and no threads; everything that leaves depends on the order of the calls alone.

use super::error::RunError;
use super::outputs::Outputs;
use crate::aggregate::{Engine, EngineOutput, Lane, LaneOutput};
use crate::feeds::PushReceipt;
use crate::model::{FateCounts, Output, Reading, ReadingOutcome, Timestamp};

/// The state of a run.
pub(super) struct Core {
    pub(super) lanes: Vec<Lane>,
    pub(super) engine: Engine,
    pub(super) outputs: Outputs,
    pane_ms: i64,
    /// The base pane of each lane's watermark when its delta was last applied.
    panes: Vec<Timestamp>,
    closed: Vec<EngineOutput>,
}

impl Core {
    pub(super) fn new(lanes: Vec<Lane>, engine: Engine, outputs: Outputs, pane_ms: i64) -> Core {
        let panes = lanes.iter().map(|lane| lane.watermark().floor(pane_ms)).collect();
        Core { lanes, engine, outputs, pane_ms, panes, closed: Vec::new() }
    }

    /// Takes in all readings of one record. `taken` gets what became of them.
    pub(super) fn accept(
        &mut self,
        lane: usize,
        readings: &[Reading],
        taken: &mut PushReceipt,
    ) -> Result<(), RunError> {
        for reading in readings {
            let owner = self.owner(lane, reading);
            let Some(owner) = self.lanes.get_mut(owner) else { return Ok(()) };
            let outputs = &mut self.outputs;
            let fate = owner.accept(reading, &mut |output| {
                if let LaneOutput::Dead(dead) = output {
                    taken.refuse(dead);
                }
                if let Some(output) = output.output() {
                    outputs.write(&output);
                }
            });
            taken.count(fate);
        }
        self.close_panes(lane)
    }

    /// The lane that takes a reading in: that of its feed. A correction may come by another feed than its post, so it
    /// goes to the first lane that has counted the post if its own has not.
    fn owner(&mut self, lane: usize, reading: &Reading) -> usize {
        if !matches!(reading.outcome, ReadingOutcome::Correction(_)) {
            return lane;
        }
        if let Some(own) = self.lanes.get_mut(lane) {
            own.keep_pace(reading);
            if own.counts(reading.identity) {
                return lane;
            }
        }
        self.lanes.iter().position(|other| other.counts(reading.identity)).unwrap_or(lane)
    }

    /// Promises that nothing on time will come to the lane before `to`.
    pub(super) fn heartbeat(&mut self, lane: usize, to: Timestamp) -> Result<(), RunError> {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.heartbeat(to);
        }
        self.close_panes(lane)
    }

    /// No lane gets anything more: every pane closes.
    pub(super) fn finish(&mut self) -> Result<(), RunError> {
        for lane in 0..self.lanes.len() {
            self.lanes[lane].finish();
            self.apply(lane)?;
        }
        Ok(())
    }

    /// Hands everything folded so far to the engine, as a snapshot needs it. Closes nothing.
    pub(super) fn settle(&mut self) -> Result<(), RunError> {
        (0..self.lanes.len()).try_for_each(|lane| self.apply(lane))
    }

    pub(super) fn watermark(&self, lane: usize) -> Timestamp {
        self.lanes.get(lane).map_or(Timestamp::MAX, Lane::watermark)
    }

    /// All lanes together.
    pub(super) fn fates(&self) -> FateCounts {
        let mut all = FateCounts::default();
        self.lanes.iter().for_each(|lane| all.merge(lane.fates()));
        all
    }

    /// The engine hears of a lane when its watermark enters a new pane. That is after the same record
    /// whatever the batches are, so rows come at the same place between mentions.
    fn close_panes(&mut self, lane: usize) -> Result<(), RunError> {
        let pane = self.watermark(lane).floor(self.pane_ms);
        match self.panes.get_mut(lane) {
            Some(last) if *last != pane => {
                *last = pane;
                self.apply(lane)
            }
            _ => self.outputs.check().map_err(RunError::from),
        }
    }

    fn apply(&mut self, lane: usize) -> Result<(), RunError> {
        let Some(owner) = self.lanes.get_mut(lane) else { return Ok(()) };
        self.engine.apply(lane, owner.take_delta(), &mut self.closed)?;
        for closed in self.closed.drain(..) {
            self.outputs.write(&match &closed {
                EngineOutput::Metric(row) => Output::Metric(row),
                EngineOutput::Incident(incident) => Output::Incident(incident),
            });
        }
        self.outputs.check().map_err(RunError::from)
    }
}
