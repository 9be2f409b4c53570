//! Lanes that are folded together.

use super::{
    commits::{MINUTE, empty, post, settings},
    *,
};
use crate::model::Timestamp;

/// Posts of three lanes, with late ones, and cuts at every `every`th. `together`: by one owner into one
/// `Folding`; else each by itself.
fn run(every: usize, together: bool) -> (Vec<EngineOutput>, Vec<u8>, usize) {
    let (mut engine, mut out) = (empty(), Vec::new());
    let mut lanes: Vec<Lane> = (0..3).map(|_| Lane::new(LaneSettings::default())).collect();
    for lane in 0..lanes.len() {
        assert_eq!(engine.add_lane(), lane);
    }
    let (mut folding, mut tallies) = (Folding::default(), 0);
    for step in 0..900_usize {
        let minute = step as i64 / 3 - if step % 13 == 0 { 30 } else { 0 };
        let lane = &mut lanes[step % 3];
        if together {
            lane.swap_folding(&mut folding);
        }
        lane.accept(&post(step as u64, minute, u32::from(step % 5 == 0)), &mut |_| {});
        if together {
            lane.swap_folding(&mut folding);
        }
        if step % every == 0 {
            tallies += hand_over(&mut engine, &mut lanes, together.then_some(&mut folding), &mut out);
        }
    }
    lanes.iter_mut().for_each(|lane| lane.heartbeat(Timestamp::from_millis(900 * MINUTE)));
    tallies += hand_over(&mut engine, &mut lanes, together.then_some(&mut folding), &mut out);
    (out, engine.snapshot(), tallies)
}

/// Gives how many tallies were handed over.
fn hand_over(
    engine: &mut Engine,
    lanes: &mut [Lane],
    folding: Option<&mut Folding>,
    out: &mut Vec<EngineOutput>,
) -> usize {
    if let Some(folding) = folding {
        let marks: Vec<_> = lanes.iter_mut().map(Lane::take_mark).enumerate().collect();
        let folded = folding.take();
        let tallies = folded.panes.len();
        engine.apply_all(&marks, folded, out).unwrap();
        return tallies;
    }
    let deltas: Vec<_> = lanes.iter_mut().map(Lane::take_delta).enumerate().collect();
    let tallies = deltas.iter().map(|(_, delta)| delta.folded.panes.len()).sum();
    deltas.into_iter().for_each(|(lane, delta)| engine.apply(lane, delta, out).unwrap());
    tallies
}

#[test]
fn lanes_folded_together_give_the_same_with_fewer_tallies() {
    for every in [1, 7, 50] {
        let (one, many) = (run(every, true), run(every, false));
        assert!(one.0 == many.0 && one.1 == many.1, "cut at every {every}");
        assert!(one.0.len() > 500, "{}", one.0.len());
    }
    assert!(3 * run(50, true).2 < 2 * run(50, false).2);
}

#[test]
fn nothing_is_applied_when_one_mark_does_not_follow() {
    let mut engine = Engine::new(settings(&["acme", "zeta"]), 2);
    let mut lanes = [Lane::new(LaneSettings::default()), Lane::new(LaneSettings::default())];
    let first: Vec<_> = lanes.iter_mut().map(Lane::take_mark).enumerate().collect();
    engine.apply_all(&first, Folded::default(), &mut Vec::new()).unwrap();
    let before = engine.snapshot();
    let marks = [(0, lanes[0].take_mark()), first[1]];
    let error = engine.apply_all(&marks, Folded::default(), &mut Vec::new()).unwrap_err();
    assert_eq!(error, DeltaError::Sequence { lane: 1, found: 0, expected: 1 });
    assert_eq!(engine.snapshot(), before);
    let error = engine.apply_all(&[(2, first[0].1)], Folded::default(), &mut Vec::new()).unwrap_err();
    assert_eq!(error, DeltaError::Lane { lane: 2, lanes: 2 });
}
