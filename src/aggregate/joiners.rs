//! Lanes that join when the engine's time has come some way.

use std::collections::BTreeSet;

use super::{
    commits::{Log, MINUTE, commit, empty, post, restored, settings},
    *,
};
use crate::model::{MetricRow, MetricStatus, Resolution, Timestamp};

/// Lane 0 has come to minute 85 when lane 1 joins. Its clock starts at minute 20; the posts of minutes 10
/// and 40 are late for itself. `first` puts lane 1 before lane 0 from there on, `cut` sends every post alone.
fn late_joiner(first: bool, cut: bool, crash: bool) -> Vec<EngineOutput> {
    let (mut engine, mut out) = (empty(), Vec::new());
    let (mut zero, mut one) = (Lane::new(LaneSettings::default()), Lane::new(LaneSettings::default()));
    engine.add_lane();
    for minute in 0..=90 {
        zero.accept(&post(minute, minute as i64, 0), &mut |_| {});
    }
    engine.apply(0, zero.take_delta(), &mut out).unwrap();
    assert_eq!(engine.add_lane(), 1);
    assert_eq!(engine.watermark(), Timestamp::from_millis(85 * MINUTE));
    let mut deltas: Vec<(usize, LaneDelta)> = Vec::new();
    for (id, minute) in (1_000..).zip([20, 20, 50, 10, 84, 85, 86, 40, 95, 100, 84]) {
        one.accept(&post(id, minute, 0), &mut |_| {});
        if cut {
            deltas.push((1, one.take_delta()));
        }
    }
    one.finish();
    deltas.push((1, one.take_delta()));
    zero.accept(&post(91, 91, 0), &mut |_| {});
    zero.finish();
    deltas.insert(if first { deltas.len() } else { 0 }, (0, zero.take_delta()));
    let mut log = Log::new();
    for (lane, delta) in deltas {
        let before = engine.watermark();
        engine.apply(lane, delta, &mut out).unwrap();
        assert!(engine.watermark() >= before);
        commit(&mut engine, &mut log);
        if crash {
            engine = restored(settings(&["acme", "zeta"]), &log).unwrap();
        }
    }
    out
}

fn rows(out: &[EngineOutput], resolution: Resolution) -> Vec<&MetricRow> {
    let metrics = out.iter().filter_map(|output| match output {
        EngineOutput::Metric(row) => Some(&**row),
        EngineOutput::Incident(_) => None,
    });
    metrics.filter(|row| row.resolution == resolution).collect()
}

#[test]
fn a_lane_that_joins_late_reopens_nothing_and_loses_nothing() {
    let out = late_joiner(false, false, false);
    let minutes = |t: Timestamp| t.millis() / MINUTE;
    for &resolution in Resolution::ALL {
        let rows = rows(&out, resolution);
        let finals = rows.iter().filter(|row| row.status == MetricStatus::Final);
        let mut starts = BTreeSet::new();
        assert!(finals.into_iter().all(|row| starts.insert(row.start)), "two final rows of one span");
        assert_eq!(rows.iter().map(|row| row.mentions).sum::<i64>(), 92 + 11, "{resolution:?}");
        assert!(rows.is_sorted_by_key(|row| row.as_of));
    }
    let additions: Vec<_> = rows(&out, Resolution::Minute)
        .into_iter()
        .filter(|row| row.status == MetricStatus::Delta)
        .map(|row| (minutes(row.start), minutes(row.as_of), row.mentions))
        .collect();
    // The pane that holds minute 85 ends at 86. The last post of minute 84 came at the lane's minute 95.
    assert_eq!(additions, [(10, 86, 1), (20, 86, 2), (40, 86, 1), (50, 86, 1), (84, 86, 1), (84, 96, 1)]);
}

#[test]
fn what_a_late_joiner_brings_depends_on_when_it_joins_alone() {
    let expected = late_joiner(false, false, false);
    for (first, cut, crash) in
        [(true, false, false), (false, true, false), (true, true, true), (false, true, true)]
    {
        assert_eq!(late_joiner(first, cut, crash), expected, "first {first}, cut {cut}, crash {crash}");
    }
}

/// Lane 1 stays at minute 20 while lane 0 comes to minute 85. It ends, and goes on later.
#[test]
fn a_lane_that_ends_holds_nothing_open_and_may_go_on() {
    let (mut engine, mut out, mut log) = (empty(), Vec::new(), Log::new());
    let (mut zero, mut one) = (Lane::new(LaneSettings::default()), Lane::new(LaneSettings::default()));
    assert_eq!([engine.add_lane(), engine.add_lane()], [0, 1]);
    let come = |lane: &mut Lane, minutes: std::ops::RangeInclusive<i64>| {
        for minute in minutes {
            lane.accept(&post(minute as u64, minute, 0), &mut |_| {});
        }
        lane.take_delta()
    };
    engine.apply(0, come(&mut zero, 0..=90), &mut out).unwrap();
    engine.apply(1, come(&mut one, 20..=25), &mut out).unwrap();
    let minutes = |out: &[EngineOutput]| rows(out, Resolution::Minute).len();
    assert_eq!((engine.watermark(), minutes(&out)), (Timestamp::from_millis(20 * MINUTE), 20));

    engine.end_lane(1);
    commit(&mut engine, &mut log);
    engine = restored(settings(&["acme", "zeta"]), &log).unwrap();
    assert!(engine.has_ended(1) && !engine.has_ended(0));
    engine.apply(0, come(&mut zero, 91..=95), &mut out).unwrap();
    assert_eq!((engine.watermark(), minutes(&out)), (Timestamp::from_millis(90 * MINUTE), 90));

    engine.rejoin_lane(1);
    assert!(!engine.has_ended(1));
    engine.apply(1, come(&mut one, 26..=26), &mut out).unwrap();
    engine.apply(0, come(&mut zero, 96..=100), &mut out).unwrap();
    assert_eq!(
        (engine.watermark(), minutes(&out)),
        (Timestamp::from_millis(90 * MINUTE), 90),
        "it is waited for"
    );
    engine.apply(1, come(&mut one, 100..=100), &mut out).unwrap();
    let rows = rows(&out, Resolution::Minute);
    let old = |row: &&&MetricRow| row.status == MetricStatus::Delta;
    assert_eq!(
        rows.iter().filter(old).map(|row| row.mentions).collect::<Vec<_>>(),
        [1],
        "minute 26 was closed"
    );
    assert_eq!(engine.watermark(), Timestamp::from_millis(95 * MINUTE));
}
