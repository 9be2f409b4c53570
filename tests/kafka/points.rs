//! SIGKILL at named points of the program: exactly where an end hurts most.
//!
//! `EARFUL_KAFKA_POINT_KILLS` sets how often at each point (2).

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::chaos::{rng, world};
use super::fleet::{Fleet, Sentence};
use super::say;
use super::support::Rng;
use super::world::{Setup, number, two};

/// Points of `src/kafka` that every start or the work leads to, and how often a process gets there in its first
/// seconds.
const AT_WORK: [(&str, u64); 12] = [
    ("after_init", 2),
    ("after_poll", 300),
    ("mid_produce", 300),
    ("before_tallies", 8),
    ("before_commit", 8),
    ("mid_call", 30),
    ("before_offsets", 8),
    ("after_offsets", 8),
    ("after_commit", 8),
    ("mid_restore", 8),
    ("before_assign", 2),
    ("after_assign", 2),
];
/// Points at which partitions are given up, for somebody new.
const AT_A_REVOKE: [(&str, u64); 2] = [("before_revoke", 1), ("after_revoke", 1)];
/// So long two processes take for a death each.
const EACH: Duration = Duration::from_secs(4);
/// Without a death for so long, something is wrong.
const LONGEST: Duration = Duration::from_secs(120);
/// Until a group has settled.
const SETTLED: Duration = Duration::from_secs(5);
/// Until a group has given up a member that could not take its leave, because others were joining.
const GIVEN_UP: Duration = Duration::from_secs(12);
/// Those of the fleet that come for a while.
const GUESTS: [usize; 2] = [2, 3];

/// Each point so often, in any order.
fn sentences(points: &[(&'static str, u64)], times: u64, rng: &mut Rng) -> Vec<Sentence> {
    let mut all = Vec::new();
    for (point, most) in points {
        all.extend((0..times).map(|_| (*point, 1 + rng.below(*most))));
    }
    for at in (1..all.len()).rev() {
        all.swap(at, rng.below(at as u64 + 1) as usize);
    }
    all
}

/// Until nobody is condemned any more.
fn await_deaths(fleet: &mut Fleet) {
    let (mut last, mut number) = (Instant::now(), fleet.executed.len());
    while fleet.is_condemned() {
        sleep(Duration::from_millis(10));
        fleet.tend();
        if fleet.executed.len() > number {
            (last, number) = (Instant::now(), fleet.executed.len());
        }
        assert!(last.elapsed() < LONGEST, "a point is never reached\n{}", fleet.last_lines());
    }
}

/// Both start again, and die of the sentences that there are.
fn start_again(fleet: &mut Fleet, sentences: &[Sentence]) {
    fleet.sentences = sentences.to_vec();
    for number in [0, 1] {
        fleet.kill(number);
        fleet.launch(number);
    }
}

fn execute(fleet: &mut Fleet, times: u64) {
    let mut rng = rng();
    // A process that was started a moment ago does not hear a SIGTERM.
    sleep(SETTLED);
    GUESTS.iter().for_each(|guest| fleet.leave(*guest));
    sleep(SETTLED);
    start_again(fleet, &sentences(&AT_WORK, times, &mut rng));
    await_deaths(fleet);
    // Four partitions for four: both must give one up.
    for pair in sentences(&AT_A_REVOKE, times, &mut rng).chunks(2) {
        start_again(fleet, pair);
        sleep(SETTLED);
        GUESTS.iter().for_each(|guest| fleet.launch(*guest));
        await_deaths(fleet);
        sleep(SETTLED);
        GUESTS.iter().for_each(|guest| fleet.leave(*guest));
        sleep(GIVEN_UP);
    }
}

#[test]
fn killed_at_each_named_point() {
    if !cfg!(debug_assertions) {
        say("SKIPPED killed_at_each_named_point: a release build has no such points");
        return;
    }
    let Some((world, _turn)) = world() else { return };
    let right = world.reference();
    let times = number("EARFUL_KAFKA_POINT_KILLS", 2);
    let setup = Setup {
        instances: &["a", "b", "any-1", "any-2"],
        arguments: &["--workers", "1"],
        ..two("points", times * AT_WORK.len() as u64 / 2, EACH)
    };
    let ran = world.run_with(&setup, |fleet| execute(fleet, times));
    assert_eq!(ran.deaths, Vec::<String>::new(), "processes ended by themselves");
    let mut executed = BTreeMap::new();
    ran.executed.iter().for_each(|point| *executed.entry(*point).or_insert(0) += 1);
    assert_eq!(executed, AT_WORK.iter().chain(&AT_A_REVOKE).map(|(point, _)| (*point, times)).collect());
    let seed = rng().0;
    ran.expect(
        right,
        &format!("EARFUL_KAFKA_SEED={seed} EARFUL_KAFKA_POINT_KILLS={times} killed_at_each_named_point"),
    );
}
