//! The state that a run starts from: saved, or none.

use std::collections::HashMap;

use super::checkpoint::{Settings, Snapshot, StateDir, resolved};
use super::core::Core;
use super::error::RunError;
use super::journal::{Journal, records};
use super::outputs::Outputs;
use crate::aggregate::{Engine, Lane, LaneRestore};
use crate::config::Plan;
use crate::feeds::FeedPosition;
use crate::model::BrandId;
use crate::sinks::Position;

/// What a run starts with.
pub(super) struct Start {
    pub(super) core: Core,
    pub(super) journals: Vec<Journal>,
    pub(super) positions: Vec<Option<FeedPosition>>,
    /// True when there was a checkpoint.
    pub(super) resumed: bool,
}

/// Takes up the saved state, or begins. With `fresh` everything earlier is thrown away.
pub(super) fn start(plan: &Plan, state: &StateDir, outputs: Outputs, fresh: bool) -> Result<Start, RunError> {
    match if fresh { None } else { state.load()? } {
        Some(snapshot) => resume(plan, state, outputs, &snapshot),
        None => begin(plan, state, outputs, fresh),
    }
}

fn begin(plan: &Plan, state: &StateDir, mut outputs: Outputs, fresh: bool) -> Result<Start, RunError> {
    state.clear()?;
    outputs.start(fresh)?;
    let lanes: Vec<Lane> = plan.feeds.iter().map(|_| Lane::new(plan.lane.clone())).collect();
    let engine = Engine::new(plan.engine.clone(), lanes.len());
    let journals =
        (0..lanes.len()).map(|lane| Journal::create(&state.dir, lane)).collect::<Result<_, _>>()?;
    let positions = vec![None; lanes.len()];
    let core = Core::new(lanes, engine, outputs, plan.lane.pane_ms);
    Ok(Start { core, journals, positions, resumed: false })
}

fn resume(plan: &Plan, state: &StateDir, mut outputs: Outputs, saved: &Snapshot) -> Result<Start, RunError> {
    saved.settings.must_equal(&Settings::of(plan))?;
    let brand = brand_map(&saved.brands, plan);
    let is_same = saved.brands.iter().eq(plan.brands.iter().map(|brand| &brand.id));
    let mut lanes = Vec::new();
    let mut journals = Vec::new();
    let mut positions = Vec::new();
    for (index, feed) in saved.feeds.iter().enumerate() {
        let (mut journal, bytes) = Journal::open(&state.dir, index, feed.journal)?;
        let records = records(&bytes).unwrap_or_default();
        let mut lane = LaneRestore::new(plan.lane.clone());
        for record in records {
            let renumber = |old: BrandId| brand.get(&old).copied();
            lane.record(record, if is_same { None } else { Some(&renumber) })?;
        }
        let lane = lane.finish(feed.lane.clone());
        if !is_same {
            journal.renumbered();
        }
        lanes.push(lane);
        journals.push(journal);
        positions.push(feed.position.clone());
    }
    let engine = Engine::restore(plan.engine.clone(), lanes.len(), &saved.engine)?;
    let sinks = saved.sinks.0.iter().map(|(path, bytes)| (resolved(plan, path), *bytes)).collect();
    outputs.rewind(&Position(sinks))?;
    let core = Core::new(lanes, engine, outputs, plan.lane.pane_ms);
    Ok(Start { core, journals, positions, resumed: true })
}

/// New ids of the brands that the plan still has.
fn brand_map(saved: &[String], plan: &Plan) -> HashMap<BrandId, BrandId> {
    let now: HashMap<&str, u32> = plan.brands.iter().map(|b| b.id.as_str()).zip(0..).collect();
    saved
        .iter()
        .zip(0..)
        .filter_map(|(id, old)| Some((BrandId(old), BrandId(*now.get(id.as_str())?))))
        .collect()
}
