//! Runs a world through lanes and engine under one schedule, with crashes and restores.

use std::collections::{BTreeMap, VecDeque};

use earful::aggregate::{
    AlertRule, AlertTest, BrandSettings, Engine, EngineOutput, EngineSettings, Lane, LaneDelta, LaneOutput,
    LaneSettings, LaneState,
};
use earful::model::{Fate, FateCounts, MetricStatus, Reading, Resolution, Timestamp};

use crate::{
    mutants::Wrong,
    world::{Prng, World, world},
};

/// The design under test: ours, or one of the wrong ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Design {
    Real,
    GlobalLateness,
    SharedDedupe,
    FloatSums,
    AlertsOnLiveCounts,
    SnapshotWithoutDedupe,
    SnapshotWithoutWatermarks,
    HeartbeatsNotJournaled,
    HeartbeatUnknownToLane,
    TombstonesIgnored,
    RollupsNotLogged,
}

/// How the engine comes back after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    /// From one snapshot.
    Whole,
    /// From a compacted log, to which each checkpoint has added what had changed.
    Changes,
}

/// A compacted log: the last value of each key.
pub(crate) type Log = BTreeMap<Vec<u8>, Vec<u8>>;

/// Heartbeats by lane and the offset before which they came: durable before anything is written because of them.
type Beats = BTreeMap<(usize, usize), Vec<Timestamp>>;

/// What a run let out.
#[derive(Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) engine: Vec<EngineOutput>,
    /// By lane: fate and id of what went to `mentions`, tombstones and dead letters.
    lanes: Vec<Vec<(Option<Fate>, String)>>,
    pub(crate) fates: FateCounts,
    uncorrected: u64,
    /// Only wrong designs put anything here.
    pub(crate) extra: Vec<(String, u64)>,
}

/// What happened over many runs, so that a world that tests nothing is noticed.
#[derive(Debug, Default)]
pub(crate) struct Covered {
    crashes: usize,
    beats: usize,
    rows: usize,
    deltas: usize,
    incidents: usize,
    days: usize,
    surges: usize,
    resolved: usize,
    fates: FateCounts,
}

/// Compares schedules of one world with its reference run.
pub(crate) fn check(seed: u64, design: Design) -> Result<Covered, String> {
    let world = world(seed);
    let mut beats = Beats::new();
    let reference = Run::new(&world, design, seed ^ 77, &mut beats, true, None).run();
    let received: usize = world.lanes.iter().map(Vec::len).sum();
    let mut covered = Covered { beats: beats.values().map(Vec::len).sum(), ..Covered::default() };
    if design == Design::Real && reference.fates.received() != received as u64 {
        return Err(format!("{received} records, but fates are {:?}", reference.fates));
    }
    covered.note(&reference);
    for schedule in 0..4 {
        let kept = [None, Some(Kept::Whole), Some(Kept::Changes), Some(Kept::Changes)][schedule as usize];
        let live = design == Design::HeartbeatsNotJournaled;
        let mut run = Run::new(&world, design, (seed << 8) | schedule, &mut beats, live, kept);
        let outcome = run.run();
        covered.crashes += run.crashes;
        differs(&reference, &outcome).map_or(Ok(()), |what| Err(format!("schedule {schedule}: {what}")))?;
    }
    Ok(covered)
}

/// The first difference, in words.
fn differs(reference: &Outcome, outcome: &Outcome) -> Option<String> {
    if reference == outcome {
        return None;
    }
    let at = reference.engine.iter().zip(&outcome.engine).position(|(a, b)| a != b);
    Some(match at {
        Some(at) => format!("output {at} differs:\n{:?}\n{:?}", reference.engine[at], outcome.engine[at]),
        None if reference.engine.len() != outcome.engine.len() => {
            format!("{} outputs instead of {}", outcome.engine.len(), reference.engine.len())
        }
        None if reference.lanes != outcome.lanes => "the lanes' own outputs differ".to_owned(),
        None => format!("fates or extras differ: {:?} {:?}", reference.fates, outcome.fates),
    })
}

/// Everything that a checkpoint keeps.
struct Saved {
    lanes: Vec<(LaneState, usize, usize)>,
    logs: Vec<Vec<Vec<u8>>>,
    engine: Vec<u8>,
    log: Log,
    emitted: usize,
    lane_emitted: Vec<usize>,
    wrong: Wrong,
}

pub(crate) struct Run<'w> {
    world: &'w World,
    pub(crate) design: Design,
    rng: Prng,
    beats: &'w mut Beats,
    /// Decides heartbeats itself instead of repeating the journaled ones.
    live: bool,
    /// Crashes now and then, and comes back so.
    kept: Option<Kept>,
    crashes: usize,
    lanes: Vec<Lane>,
    /// Next record of each lane, and heartbeats given before it.
    at: Vec<(usize, usize)>,
    queues: Vec<VecDeque<LaneDelta>>,
    logs: Vec<Vec<Vec<u8>>>,
    pub(crate) engine: Engine,
    pub(crate) log: Log,
    pub(crate) outcome: Outcome,
    saved: Option<Saved>,
    pub(crate) wrong: Wrong,
}

impl<'w> Run<'w> {
    fn new(
        world: &'w World,
        design: Design,
        seed: u64,
        beats: &'w mut Beats,
        live: bool,
        kept: Option<Kept>,
    ) -> Run<'w> {
        let n = world.lanes.len();
        Run {
            world,
            design,
            rng: Prng(seed),
            beats,
            live,
            kept,
            crashes: 0,
            lanes: (0..n).map(|_| Lane::new(lane_settings())).collect(),
            at: vec![(0, 0); n],
            queues: vec![VecDeque::new(); n],
            logs: vec![Vec::new(); n],
            engine: new_engine(kept, n),
            log: Log::new(),
            outcome: Outcome { lanes: vec![Vec::new(); n], ..Outcome::default() },
            saved: None,
            wrong: Wrong::default(),
        }
    }

    fn run(&mut self) -> Outcome {
        while let Some(lane) = self.busy_lane() {
            self.work(lane);
            if self.live && self.rng.one_in(6) {
                self.decide_heartbeat();
            }
            if self.kept.is_some() && self.rng.one_in(12) {
                self.checkpoint();
            }
            if self.kept.is_some() && self.rng.one_in(25) {
                self.crash();
            }
        }
        self.finish()
    }

    fn busy_lane(&mut self) -> Option<usize> {
        let left = |&lane: &usize| {
            self.at[lane].0 < self.world.lanes[lane].len() || self.pending_beat(lane).is_some()
        };
        let busy: Vec<usize> = (0..self.lanes.len()).filter(left).collect();
        let chosen = self.rng.below(busy.len().max(1) as u64) as usize;
        busy.get(chosen).copied()
    }

    /// A lane runs ahead by a random number of records, the engine follows by a random number of deltas.
    fn work(&mut self, lane: usize) {
        for _ in 0..self.rng.below(14) {
            if let Some(to) = self.pending_beat(lane) {
                self.heartbeat(lane, to);
            } else if let Some(reading) = self.world.lanes[lane].get(self.at[lane].0) {
                self.accept(lane, reading);
            }
        }
        if !self.rng.one_in(3) {
            let delta = self.lanes[lane].take_delta();
            self.queues[lane].push_back(delta);
        }
        let behind = self.rng.below(self.lanes.len() as u64) as usize;
        for _ in 0..self.rng.below(3) {
            self.apply_next(behind);
        }
    }

    fn accept(&mut self, lane: usize, reading: &Reading) {
        self.at[lane] = (self.at[lane].0 + 1, 0);
        if !self.wrong_lets_pass(lane, reading) {
            return;
        }
        let out = &mut self.outcome.lanes[lane];
        self.lanes[lane].accept(reading, &mut |output| {
            out.push(match output {
                LaneOutput::Mention(fate, mention) => (Some(fate), mention.key().id.to_string()),
                LaneOutput::Tombstone(key) => (None, key.id.to_string()),
                LaneOutput::Correction(new) => {
                    (None, format!("{} of {}", new.revision, new.correction.key.id))
                }
                LaneOutput::LabelGone(key, brand) => {
                    (None, format!("no label of {} for {}", key.id, brand.0))
                }
                LaneOutput::Dead(letter) => (Some(Fate::Malformed), letter.reason.clone()),
            });
        });
    }

    fn apply_next(&mut self, lane: usize) {
        if let Some(delta) = self.queues[lane].pop_front() {
            self.engine.apply(lane, delta, &mut self.outcome.engine).expect("deltas come in order");
        }
    }

    fn pending_beat(&self, lane: usize) -> Option<Timestamp> {
        if self.live {
            return None;
        }
        let (offset, given) = self.at[lane];
        self.beats.get(&(lane, offset))?.get(given).copied()
    }

    /// "Silent for a while": promise what the others have reached.
    fn decide_heartbeat(&mut self) {
        let lane = self.rng.below(self.lanes.len() as u64) as usize;
        let others =
            (0..self.lanes.len()).filter(|&other| other != lane).map(|other| self.lanes[other].watermark());
        let Some(to) = others.min().filter(|to| *to > self.lanes[lane].watermark()) else { return };
        self.beats.entry((lane, self.at[lane].0)).or_default().push(to);
        self.heartbeat(lane, to);
    }

    fn heartbeat(&mut self, lane: usize, to: Timestamp) {
        self.at[lane].1 += 1;
        if self.design != Design::HeartbeatUnknownToLane {
            return self.lanes[lane].heartbeat(to);
        }
        let mut told = self.lanes[lane].clone();
        told.heartbeat(to);
        self.queues[lane].push_back(told.take_delta());
        drop(self.lanes[lane].take_delta());
    }

    /// Aligned: everything accepted is applied, then all is written down together.
    fn checkpoint(&mut self) {
        for lane in 0..self.lanes.len() {
            let delta = self.lanes[lane].take_delta();
            self.queues[lane].push_back(delta);
            while !self.queues[lane].is_empty() {
                self.apply_next(lane);
            }
            self.append_log(lane);
        }
        if self.kept == Some(Kept::Changes) {
            self.log_changes();
        }
        self.saved = Some(Saved {
            lanes: self.lanes.iter().zip(&self.at).map(|(lane, at)| (lane.state(), at.0, at.1)).collect(),
            logs: self.logs.clone(),
            engine: self.engine.snapshot(),
            log: self.log.clone(),
            emitted: self.outcome.engine.len(),
            lane_emitted: self.outcome.lanes.iter().map(Vec::len).collect(),
            wrong: self.wrong.clone(),
        });
    }

    /// Appends what is new; now and then drops the expired front or writes the whole anew.
    fn append_log(&mut self, lane: usize) {
        let (log, lane) = (&mut self.logs[lane], &mut self.lanes[lane]);
        if self.rng.one_in(6) {
            *log = vec![lane.dump_journal()];
            return;
        }
        log.push(lane.take_journal());
        let expired = log.iter().take_while(|record| lane.is_expired(record)).count();
        log.drain(..expired);
    }

    /// All that was not written down is lost; outputs are cut back to the checkpoint.
    fn crash(&mut self) {
        let Some(saved) = &self.saved else { return };
        self.crashes += 1;
        for (lane, (state, offset, given)) in saved.lanes.iter().enumerate() {
            self.lanes[lane] = restore_lane(self.design, state, &saved.logs[lane]);
            self.at[lane] = (*offset, *given);
            self.queues[lane].clear();
            self.logs[lane].clone_from(&saved.logs[lane]);
            self.outcome.lanes[lane].truncate(saved.lane_emitted[lane]);
        }
        self.log.clone_from(&saved.log);
        self.engine = restore_engine(self.kept, self.lanes.len(), saved);
        if self.design == Design::Real {
            assert_eq!(self.engine.snapshot(), saved.engine, "the same state from the log");
        }
        self.outcome.engine.truncate(saved.emitted);
        self.wrong = saved.wrong.clone();
    }

    fn finish(&mut self) -> Outcome {
        for lane in 0..self.lanes.len() {
            self.lanes[lane].finish();
            let delta = self.lanes[lane].take_delta();
            self.queues[lane].push_back(delta);
        }
        while self.queues.iter().any(|queue| !queue.is_empty()) {
            let lane = self.rng.below(self.lanes.len() as u64) as usize;
            self.apply_next(lane);
        }
        for lane in &self.lanes {
            self.outcome.fates.merge(lane.fates());
            self.outcome.uncorrected += lane.uncorrected();
        }
        self.outcome.extra.extend(self.wrong.sums());
        std::mem::take(&mut self.outcome)
    }
}

/// With a log, the engine begins with no lanes and no log, and the lanes join.
fn new_engine(kept: Option<Kept>, lanes: usize) -> Engine {
    if kept != Some(Kept::Changes) {
        return Engine::new(engine_settings(), lanes);
    }
    let mut engine = Engine::from_changes(engine_settings(), std::iter::empty()).expect("an empty log");
    for _ in 0..lanes {
        engine.add_lane();
    }
    engine
}

fn restore_engine(kept: Option<Kept>, lanes: usize, saved: &Saved) -> Engine {
    if kept != Some(Kept::Changes) {
        return Engine::restore(engine_settings(), lanes, &saved.engine).expect("a whole snapshot");
    }
    let entries = saved.log.iter().map(|(key, value)| (key.as_slice(), value.as_slice()));
    Engine::from_changes(engine_settings(), entries).expect("a whole log")
}

fn restore_lane(design: Design, state: &LaneState, log: &[Vec<u8>]) -> Lane {
    let log = if design == Design::SnapshotWithoutDedupe { &[] } else { log };
    let mut state = state.clone();
    if design == Design::SnapshotWithoutWatermarks {
        state = crate::mutants::without_watermark(&state);
    }
    Lane::restore(lane_settings(), state, log.iter().map(Vec::as_slice)).expect("a whole journal")
}

fn lane_settings() -> LaneSettings {
    LaneSettings { lateness_ms: 30_000, skew_ms: 60_000, dedupe_limit: 60, ..LaneSettings::default() }
}

fn engine_settings() -> EngineSettings {
    let brand = |id: &str, set: Option<&str>| BrandSettings { id: id.into(), peer_set: set.map(Into::into) };
    let rule = |name: &str, min_mentions, test| AlertRule {
        min_mentions,
        cool_down_ms: 3_600_000,
        ..AlertRule::new(name, test)
    };
    EngineSettings {
        brands: vec![brand("acme", Some("cars")), brand("zeta", Some("cars")), brand("omni", None)],
        resolutions: Resolution::ALL.to_vec(),
        top: 5,
        alerts: vec![
            rule("surge", 3, AlertTest::Surge { threshold: 0.5 }),
            rule("volume", 1, AlertTest::MentionsOver { window_ms: 600_000, limit: 12.0 }),
            rule("anger", 5, AlertTest::NegativeShareOver { window_ms: 1_800_000, limit: 0.7 }),
            rule("mood", 5, AlertTest::NetSentimentUnder { window_ms: 3_600_000, limit: -0.4 }),
        ],
        ..EngineSettings::default()
    }
}

impl Covered {
    fn note(&mut self, outcome: &Outcome) {
        self.fates.merge(&outcome.fates);
        for output in &outcome.engine {
            match output {
                EngineOutput::Metric(row) => {
                    self.rows += 1;
                    self.deltas += usize::from(row.status == MetricStatus::Delta);
                    self.days += usize::from(row.resolution == Resolution::Day);
                }
                EngineOutput::Incident(incident) => {
                    self.incidents += 1;
                    self.surges += usize::from(incident.rule == "surge");
                    self.resolved += usize::from(incident.ended_at.is_some());
                }
            }
        }
    }

    pub(crate) fn add(&mut self, other: &Covered) {
        self.fates.merge(&other.fates);
        self.crashes += other.crashes;
        self.beats += other.beats;
        self.rows += other.rows;
        self.deltas += other.deltas;
        self.incidents += other.incidents;
        self.days += other.days;
        self.surges += other.surges;
        self.resolved += other.resolved;
    }

    /// A simulation in which something never happens does not test it.
    pub(crate) fn assert_everything_happened(&self) {
        let counts = [
            self.crashes,
            self.beats,
            self.rows,
            self.deltas,
            self.incidents,
            self.days,
            self.surges,
            self.resolved,
        ];
        assert!(counts.iter().all(|n| *n > 0), "{self:?}");
        assert!(Fate::ALL.iter().all(|fate| self.fates.of(*fate) > 0), "{self:?}");
    }
}
