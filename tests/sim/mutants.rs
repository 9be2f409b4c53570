//! Ten plausible wrong designs. Each is a variation of the driver, and the simulation must find it out.

use std::collections::{BTreeMap, BTreeSet};

use earful::aggregate::{Lane, LaneSettings, LaneState, StateChange};
use earful::model::{Reading, ReadingOutcome};

use crate::driver::{Design, Run, check};

/// State that the wrong designs keep beside the real lanes and engine.
#[derive(Clone, Default)]
pub(crate) struct Wrong {
    /// Identities seen by any lane.
    shared: BTreeMap<u64, usize>,
    sums: BTreeMap<i64, f64>,
    live: u64,
}

impl Wrong {
    /// The float sums, bit by bit.
    pub(crate) fn sums(&self) -> impl Iterator<Item = (String, u64)> + '_ {
        self.sums.iter().map(|(pane, sum)| (format!("sum of pane {pane}"), sum.to_bits()))
    }
}

impl Run<'_> {
    /// What a wrong design does with a reading before (or instead of) the lane.
    pub(crate) fn wrong_lets_pass(&mut self, lane: usize, reading: &Reading) -> bool {
        match self.design {
            Design::GlobalLateness => reading.published_at >= self.engine.watermark(),
            Design::SharedDedupe => {
                reading.identity == 0 || *self.wrong.shared.entry(reading.identity).or_insert(lane) == lane
            }
            Design::FloatSums => {
                if let ReadingOutcome::Matched(mention) = &reading.outcome {
                    let pane = reading.published_at.floor(3_600_000).millis();
                    *self.wrong.sums.entry(pane).or_default() += mention.matches[0].score.as_f64();
                }
                true
            }
            Design::AlertsOnLiveCounts => {
                self.wrong.live += 1;
                if self.wrong.live.is_multiple_of(50) {
                    self.outcome.extra.push((format!("alert at {}", reading.published_at), self.wrong.live));
                }
                true
            }
            _ => true,
        }
    }

    /// What changed goes to the log; a wrong design leaves something out.
    pub(crate) fn log_changes(&mut self) {
        for StateChange { key, value } in self.engine.take_changes() {
            let is_rollup = key.starts_with(b"hour ") || key.starts_with(b"day ");
            match value {
                Some(_) if is_rollup && self.design == Design::RollupsNotLogged => {}
                Some(value) => drop(self.log.insert(key, value)),
                None if self.design == Design::TombstonesIgnored => {}
                None => {
                    let known = self.log.remove(&key).is_some() || self.design != Design::Real;
                    assert!(known, "a tombstone of what was never there");
                }
            }
        }
    }
}

/// The state of a lane that has forgotten how far it was.
pub(crate) fn without_watermark(state: &LaneState) -> LaneState {
    let fresh = serde_json::to_value(Lane::new(LaneSettings::default()).state()).unwrap();
    let mut state = serde_json::to_value(state).unwrap();
    state["watermark"] = fresh["watermark"].clone();
    serde_json::from_value(state).unwrap()
}

/// The simulation must report a divergence within a few worlds.
fn is_found_out(design: Design) {
    let found: BTreeSet<u64> = (0..30).filter(|seed| check(*seed, design).is_err()).take(1).collect();
    assert!(!found.is_empty(), "30 worlds did not find out {design:?}");
}

#[test]
fn lateness_by_the_global_watermark_is_found_out() {
    is_found_out(Design::GlobalLateness);
}

#[test]
fn a_dedupe_set_shared_by_lanes_is_found_out() {
    is_found_out(Design::SharedDedupe);
}

#[test]
fn float_sums_are_found_out() {
    is_found_out(Design::FloatSums);
}

#[test]
fn alerts_on_live_counts_are_found_out() {
    is_found_out(Design::AlertsOnLiveCounts);
}

#[test]
fn a_snapshot_without_dedupe_is_found_out() {
    is_found_out(Design::SnapshotWithoutDedupe);
}

#[test]
fn a_snapshot_without_watermarks_is_found_out() {
    is_found_out(Design::SnapshotWithoutWatermarks);
}

#[test]
fn heartbeats_that_are_not_journaled_are_found_out() {
    is_found_out(Design::HeartbeatsNotJournaled);
}

#[test]
fn a_heartbeat_that_the_lane_does_not_know_is_found_out() {
    is_found_out(Design::HeartbeatUnknownToLane);
}

#[test]
fn tombstones_that_are_ignored_are_found_out() {
    is_found_out(Design::TombstonesIgnored);
}

#[test]
fn hours_and_days_that_are_not_logged_are_found_out() {
    is_found_out(Design::RollupsNotLogged);
}
