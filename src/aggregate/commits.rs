//! The engine's log of changes, commit by commit.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{laws::mention, *};
use crate::model::{BrandId, Network, PostKey, Reading, ReadingOutcome, Timestamp};

pub(super) const MINUTE: i64 = 60_000;

/// The last value of each key.
pub(super) type Log = BTreeMap<Vec<u8>, Vec<u8>>;

pub(super) fn settings(brands: &[&str]) -> EngineSettings {
    let over = AlertTest::MentionsOver { window_ms: 10 * MINUTE, limit: 3.0 };
    let surge = AlertTest::Surge { threshold: 0.3 };
    EngineSettings {
        brands: brands.iter().map(|id| BrandSettings { id: (*id).into(), peer_set: None }).collect(),
        alerts: vec![
            AlertRule { min_mentions: 1, cool_down_ms: 0, ..AlertRule::new("over", over) },
            AlertRule { min_mentions: 1, ..AlertRule::new("surge", surge) },
        ],
        ..EngineSettings::default()
    }
}

pub(super) fn post(id: u64, minute: i64, brand: u32) -> Reading {
    let mut mention = mention(id, id % 9, 5_000);
    mention.matches[0].brand = BrandId(brand);
    let at = Timestamp::from_millis(minute * MINUTE);
    let outcome = ReadingOutcome::Matched(Arc::new(mention));
    Reading { identity: id + 1, version: 0, published_at: at, received_at: at.plus(1), outcome }
}

/// Deletes post `id` at its own time, when it may be in a closed pane.
fn delete(id: u64, minute: i64) -> Reading {
    let key = PostKey { network: Network::X, id: id.to_string().into() };
    Reading { outcome: ReadingOutcome::Delete(key), ..post(id, minute, 0) }
}

pub(super) fn empty() -> Engine {
    Engine::from_changes(settings(&["acme", "zeta"]), std::iter::empty()).unwrap()
}

pub(super) fn commit(engine: &mut Engine, log: &mut Log) -> Vec<String> {
    let changes = engine.take_changes();
    assert!(changes.is_sorted_by(|a, b| a.key < b.key), "each key once, in order");
    let keys = changes.iter().map(|change| String::from_utf8(change.key.clone()).unwrap()).collect();
    for StateChange { key, value } in changes {
        match value {
            Some(value) => drop(log.insert(key, value)),
            None => assert!(log.remove(&key).is_some(), "a tombstone of what was never there"),
        }
    }
    keys
}

pub(super) fn restored(settings: EngineSettings, log: &Log) -> Result<Engine, RestoreError> {
    Engine::from_changes(settings, log.iter().map(|(key, value)| (key.as_slice(), value.as_slice())))
}

/// Three lanes over two days, with gaps, late posts and deletes; `seen` gets the engine after every delta.
fn run(engine: &mut Engine, mut seen: impl FnMut(&mut Engine, usize)) {
    let mut lanes: Vec<Lane> = (0..3).map(|_| Lane::new(LaneSettings::default())).collect();
    for lane in 0..3 {
        assert_eq!(engine.add_lane(), lane);
    }
    let (mut minute, mut out) = (0, Vec::new());
    for step in 0..600_usize {
        let (lane, id) = (step % 3, step as u64);
        minute += [0, 1, 0, 2, 1, 0, 7, 0, 0, 1, 11][step % 11] + if step % 200 == 199 { 700 } else { 0 };
        let reading = match step % 17 {
            13 => post(id, minute - 40, 1),
            16 => delete(id - 9, minute),
            _ => post(id, minute, u32::from(step % 5 == 0)),
        };
        lanes[lane].accept(&reading, &mut |_| {});
        engine.apply(lane, lanes[lane].take_delta(), &mut out).unwrap();
        seen(engine, step);
    }
    assert!(out.iter().any(|o| matches!(o, EngineOutput::Incident(i) if i.ended_at.is_some())));
}

/// Both runs commit at the same steps; in one the engine crashes at some of them.
#[test]
fn the_log_is_the_state_at_every_commit() {
    for every in [1, 4, 37] {
        let (mut log, mut tags) = (Log::new(), BTreeSet::new());
        run(&mut empty(), |engine, step| {
            if step % every != 0 {
                return;
            }
            let keys = commit(engine, &mut log);
            tags.extend(keys.iter().filter_map(|key| key.split(' ').next().map(str::to_owned)));
            let back = restored(settings(&["acme", "zeta"]), &log).unwrap();
            assert_eq!(back.snapshot(), engine.snapshot(), "after step {step}");
            if step % 3 == 0 {
                *engine = back;
            }
        });
        let all = ["day", "hour", "late", "look", "meta", "pane", "watch"];
        assert!(tags.iter().eq(all), "{tags:?}");
    }
}

#[test]
fn an_engine_that_is_asked_late_gives_its_whole_state_and_then_what_changes() {
    let mut engine = Engine::new(settings(&["acme", "zeta"]), 0);
    run(&mut engine, |_, _| {});
    let mut copy = Engine::restore(settings(&["acme", "zeta"]), 3, &engine.snapshot()).unwrap();
    let mut log = Log::new();
    commit(&mut engine, &mut log);
    assert_eq!(restored(settings(&["acme", "zeta"]), &log).unwrap().snapshot(), engine.snapshot());
    assert_eq!(copy.take_changes().len(), log.len());
    assert_eq!(engine.take_changes(), []);
}

#[test]
fn what_is_untouched_is_not_written_and_what_is_touched_often_is_written_once() {
    assert_eq!(empty().take_changes(), []);
    assert_eq!(empty().snapshot(), Engine::new(settings(&["acme", "zeta"]), 0).snapshot());
    assert_eq!((empty().lanes(), empty().watermark()), (0, Timestamp::MIN));
    let (mut engine, mut log) = (empty(), Log::new());
    let mut lane = Lane::new(LaneSettings::default());
    engine.add_lane();
    assert_eq!(commit(&mut engine, &mut log), ["meta"]);
    for id in 0..5 {
        lane.accept(&post(id, 3, 0), &mut |_| {});
        engine.apply(0, lane.take_delta(), &mut Vec::new()).unwrap();
    }
    assert_eq!(commit(&mut engine, &mut log), ["meta", "pane 240000 0 acme"]);
    assert_eq!(commit(&mut engine, &mut log), [""; 0]);
    assert_eq!(restored(settings(&["acme"]), &log).unwrap().take_changes(), []);
    lane.accept(&post(9, 4, 1), &mut |_| {});
    engine.apply(0, lane.take_delta(), &mut Vec::new()).unwrap();
    assert_eq!(commit(&mut engine, &mut log), ["meta", "pane 300000 0 zeta"]);
    // The first pane closes; its look came and went within one commit and leaves no trace.
    lane.heartbeat(Timestamp::from_millis(4 * MINUTE));
    engine.apply(0, lane.take_delta(), &mut Vec::new()).unwrap();
    let keys = ["hour 3600000 acme", "look 300000 acme", "meta", "pane 240000 0 acme", "watch acme"];
    assert_eq!(commit(&mut engine, &mut log), keys);
    // A quiet look at the rules takes its own entry out and rewrites nothing of the brand.
    lane.heartbeat(Timestamp::from_millis(5 * MINUTE));
    engine.apply(0, lane.take_delta(), &mut Vec::new()).unwrap();
    let keys = commit(&mut engine, &mut log);
    assert!(
        keys.contains(&"look 300000 acme".to_owned()) && !keys.contains(&"watch acme".to_owned()),
        "{keys:?}"
    );
}

fn some_log() -> Log {
    let (mut engine, mut log) = (empty(), Log::new());
    let mut steps = Vec::new();
    run(&mut engine, |engine, step| {
        // A state that has everything in it: an open incident, late additions, open spans.
        if step == 260 {
            commit(engine, &mut log);
        }
        steps.push(step);
    });
    log
}

#[test]
fn torn_and_foreign_values_are_refused() {
    let log = some_log();
    let with = |key: &[u8], value: Vec<u8>| {
        let mut log = log.clone();
        log.insert(key.to_vec(), value);
        restored(settings(&["acme", "zeta"]), &log)
    };
    for (key, value) in &log {
        let cuts = (0..value.len()).filter(|cut| *cut < 40 || cut % 97 == 0 || cut + 3 > value.len());
        for cut in cuts {
            assert!(with(key, value[..cut].to_vec()).is_err(), "{} cut at {cut}", key.escape_ascii());
        }
        assert!(matches!(with(key, [value.as_slice(), &[0]].concat()), Err(RestoreError::Damaged { .. })));
        let foreign = [&[7], &value[1..]].concat();
        assert!(matches!(with(key, foreign), Err(RestoreError::Version { found: 7, expected: 1, .. })));
    }
    for key in [
        "",
        "pane",
        "pane acme",
        "pane 1",
        "pane 1 acme",
        "pane 1 x acme",
        "late 1 acme",
        "meta 1",
        "watch",
        "week 1 acme",
    ] {
        assert!(matches!(with(key.as_bytes(), vec![1]), Err(RestoreError::Damaged { .. })), "{key}");
    }
    assert!(matches!(with(b"look \xff", vec![1]), Err(RestoreError::Damaged { .. })));
    let mut headless = log.clone();
    headless.remove(b"meta".as_slice());
    assert!(matches!(restored(settings(&["acme"]), &headless), Err(RestoreError::Damaged { .. })));
    let wider = EngineSettings { pane_ms: 5 * MINUTE, ..settings(&["acme"]) };
    assert!(matches!(restored(wider, &log), Err(RestoreError::Pane { found: 60_000, expected: 300_000 })));
}

#[test]
fn brands_and_rules_that_are_gone_leave_the_log() {
    let mut log = some_log();
    let of_zeta: Vec<String> = log
        .keys()
        .map(|key| String::from_utf8(key.clone()).unwrap())
        .filter(|key| key.ends_with(" zeta"))
        .collect();
    assert!(of_zeta.len() > 3, "{of_zeta:?}");
    // Another brand takes the number of the one that is gone.
    let mut moved = restored(settings(&["new", "acme"]), &log).unwrap();
    assert!(moved.open_rows().iter().all(|row| row.brand == "acme"));
    assert_eq!(commit(&mut moved, &mut log), of_zeta);
    assert_eq!(restored(settings(&["new", "acme"]), &log).unwrap().snapshot(), moved.snapshot());
    assert!(restored(settings(&["acme", "zeta"]), &log).unwrap().open_rows_of("zeta").is_empty());

    let mut fewer = settings(&["new", "acme"]);
    fewer.alerts.remove(0);
    assert_eq!(commit(&mut restored(fewer.clone(), &log).unwrap(), &mut log), ["watch acme"]);
    assert_eq!(restored(fewer, &log).unwrap().take_changes(), []);
}

#[test]
fn a_log_of_ends_of_time_and_odd_names_comes_back() {
    let names = ["", " a b ", "\u{e9}\u{1f600}", "1 2"];
    let (mut engine, mut log) = (Engine::new(settings(&names), 1), Log::new());
    let mut lane = Lane::new(LaneSettings::default());
    for (id, minute) in [(0, -9_000_000), (1, -5), (2, 0), (3, 2)] {
        lane.accept(&post(id, minute, id as u32), &mut |_| {});
        engine.apply(0, lane.take_delta(), &mut Vec::new()).unwrap();
        commit(&mut engine, &mut log);
        assert_eq!(restored(settings(&names), &log).unwrap().snapshot(), engine.snapshot());
    }
    lane.finish();
    engine.apply(0, lane.take_delta(), &mut Vec::new()).unwrap();
    commit(&mut engine, &mut log);
    assert_eq!(restored(settings(&names), &log).unwrap().snapshot(), engine.snapshot());
}
