//! The main loop: whose turn it is, when to save, when to stop.
//!
//! **Invariant:** records of files and folders are taken in one order, whatever the threads do: always from
//! the lane with the lowest watermark, the first of several, and if its next batch is not here yet, it is
//! waited for. Live feeds are taken as they come. A checkpoint lies between two records, and new queries come into
//! force between two batches of a feed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::checkpoint::{FeedState, Settings, Snapshot, StateDir, relative};
use super::clock::now;
use super::core::Core;
use super::error::RunError;
use super::journal::Journal;
use super::queries::InForce;
use super::queue::{FeedQueue, position_after};
use super::run::Watcher;
use super::worker::{AnalysedBatch, Event};
use crate::config::Plan;
use crate::feeds::{FeedPosition, PushError, PushReceipt, PushReply};
use crate::metrics::Metrics;
use crate::model::{ReadingOutcome, Timestamp};
use crate::sinks::Position;

/// How often a loop with nothing to do looks at the stop flag and the silent feeds.
const TICK: Duration = Duration::from_millis(100);
/// Pushes wait for a checkpoint, so one is made as soon as nothing else is there to do, but not more
/// often than this.
const PUSH_CHECKPOINT: Duration = Duration::from_millis(20);
/// Saving takes at most one part in so many of the time, however large the state is...
const CHECKPOINT_SHARE: u32 = 25;
/// ...or in so many, when somebody waits for it or the last one is [`CHECKPOINT_LATE`] ago.
const CHECKPOINT_SHARE_LATE: u32 = 10;
/// No more than this shall have to be done again after a crash.
const CHECKPOINT_LATE: Duration = Duration::from_secs(10);

/// Everything that the main loop owns.
pub(super) struct Sequencer<'r> {
    pub(super) plan: &'r Plan,
    /// The newest queries that some record was matched by.
    pub(super) in_force: Arc<InForce>,
    pub(super) core: Core,
    pub(super) journals: Vec<Journal>,
    pub(super) positions: Vec<Option<FeedPosition>>,
    pub(super) queues: Vec<FeedQueue>,
    pub(super) events: Receiver<Event>,
    pub(super) stop: Arc<AtomicBool>,
    /// Batches that each reader has handed over.
    pub(super) handed: Vec<Arc<AtomicU64>>,
    pub(super) state: StateDir,
    pub(super) watcher: &'r mut dyn Watcher,
    pub(super) metrics: Option<Arc<Metrics>>,
    /// Pushes that are taken in but not yet durable.
    pub(super) replies: Vec<(PushReply, PushReceipt)>,
    pub(super) records: u64,
    pub(super) saving: Saving,
}

/// When it was saved last, and whether there is anything to save.
pub(super) struct Saving {
    unsaved: bool,
    last: Instant,
    cost: Duration,
}

impl Saving {
    pub(super) fn new() -> Saving {
        Saving { unsaved: false, last: Instant::now(), cost: Duration::ZERO }
    }
}

impl Sequencer<'_> {
    /// Works until every feed has ended (true) or the run is asked to stop (false). Either way all that
    /// was taken in is saved.
    pub(super) fn run(&mut self) -> Result<bool, RunError> {
        let ended = self.work();
        if let Err(error) = &ended {
            self.refuse_waiting(&error.to_string());
        }
        ended
    }

    fn work(&mut self) -> Result<bool, RunError> {
        loop {
            self.receive();
            if self.stop.load(Ordering::SeqCst) {
                self.drain_live()?;
                self.checkpoint()?;
                return Ok(false);
            }
            let progressed = self.finite_step()? | self.live_step()?;
            self.fail_with_feed()?;
            if self.queues.iter().all(FeedQueue::has_ended) {
                self.end()?;
                return Ok(true);
            }
            self.heartbeats()?;
            if self.is_checkpoint_due(progressed) {
                self.checkpoint()?;
            }
            if !progressed {
                self.wait();
            }
        }
    }

    /// Takes in what the workers have sent, without waiting.
    fn receive(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.queue(event);
        }
    }

    fn wait(&mut self) {
        let wait = if self.replies.is_empty() { TICK } else { PUSH_CHECKPOINT };
        if let Ok(event) = self.events.recv_timeout(wait) {
            self.queue(event);
        }
    }

    fn queue(&mut self, event: Event) {
        match event {
            Event::Batch(batch) => {
                let feed = batch.batch.feed;
                if let Some(queue) = self.queues.get_mut(feed) {
                    queue.add(batch, Instant::now());
                }
            }
            Event::Ended { feed, batches, error } => {
                if let Some(queue) = self.queues.get_mut(feed) {
                    queue.end(batches, error);
                }
            }
        }
    }

    /// Takes records from the file or folder whose turn it is. False when there is none, or when it must
    /// be waited for.
    fn finite_step(&mut self) -> Result<bool, RunError> {
        let mut turns: Vec<(Timestamp, usize)> = self
            .queues
            .iter()
            .enumerate()
            .filter(|(_, queue)| !queue.live && !queue.has_ended())
            .map(|(feed, _)| (self.turn(feed), feed))
            .collect();
        turns.sort_unstable();
        match turns.first() {
            Some(&(_, feed)) if self.queues[feed].is_ready() => {
                self.consume(feed, turns.get(1).copied())?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// When it is the turn of a file or folder: where its lane stands, and before a correction not until posts of the time
    /// at which it was made are there.
    fn turn(&self, feed: usize) -> Timestamp {
        let watermark = self.core.watermark(feed);
        let next = self.queues[feed].front().and_then(|(readings, _)| readings.first());
        match next {
            Some(reading) if matches!(reading.outcome, ReadingOutcome::Correction(_)) => {
                watermark.max(reading.published_at.plus(-self.plan.lane.lateness_ms))
            }
            _ => watermark,
        }
    }

    /// Takes one batch from every live feed that has one.
    fn live_step(&mut self) -> Result<bool, RunError> {
        let mut progressed = false;
        for feed in 0..self.queues.len() {
            if self.queues[feed].live && self.queues[feed].is_ready() {
                self.consume(feed, None)?;
                progressed = true;
            }
        }
        Ok(progressed)
    }

    /// Takes the records of the front batch until it is done, or until it is the turn of `next`.
    fn consume(&mut self, feed: usize, next: Option<(Timestamp, usize)>) -> Result<(), RunError> {
        self.follow_queries(feed);
        let mut taken = PushReceipt::default();
        while let Some((readings, _)) = self.queues[feed].front() {
            self.core.accept(feed, readings, &mut taken)?;
            self.queues[feed].advance();
            self.records += 1;
            if next.is_some_and(|next| (self.turn(feed), feed) > next) {
                break;
            }
        }
        self.saving.unsaved = true;
        if let Some(metrics) = &self.metrics {
            metrics.add_fates(&taken.fates);
        }
        if let Some(done) = self.queues[feed].take_done() {
            self.batch_done(feed, *done, taken);
        }
        self.watcher.progress(self.records, self.core.fates().received(), self.core.engine.watermark());
        Ok(())
    }

    /// Other queries come into force between two batches of a feed. A brand that they add is known to
    /// everybody before the first post that names it.
    fn follow_queries(&mut self, feed: usize) {
        let Some(queries) = self.queues[feed].queries() else { return };
        if queries.number <= self.in_force.number {
            return;
        }
        self.in_force = Arc::clone(queries);
        let InForce { plan, version, .. } = &*self.in_force;
        self.core.engine.set_brands(plan.engine.brands.clone());
        self.core.outputs.set_brands(&plan.brands);
        let (feed, records) = (&self.plan.feeds[feed].name, self.records);
        tracing::info!(%version, feed, records, "the first posts that the new queries have matched");
    }

    fn batch_done(&mut self, feed: usize, done: AnalysedBatch, taken: PushReceipt) {
        let mut batch = done.batch;
        if let Some(last) = batch.slices.last() {
            self.positions[feed] = Some(position_after(&batch, last));
        }
        if let Some(reply) = batch.reply.take() {
            self.replies.push((reply, taken));
        }
        if let (Some(metrics), Some(plan)) = (&self.metrics, self.plan.feeds.get(feed)) {
            let bytes = batch.slices.iter().map(|s| s.next_offset - s.offset).sum();
            metrics.add_read(&plan.name, batch.slices.len() as u64, bytes);
            metrics.add_dequeued("sequence", 1);
        }
    }

    /// A feed that failed ends the run, once everything before the failure is taken in and saved.
    fn fail_with_feed(&mut self) -> Result<(), RunError> {
        let failed = self.queues.iter_mut().filter(|q| q.has_ended()).find_map(FeedQueue::take_error);
        match failed {
            Some(error) => {
                self.checkpoint()?;
                Err(error.into())
            }
            None => Ok(()),
        }
    }

    /// All feeds have ended. What the end closes is written after the checkpoint, so that a later run
    /// with a longer file cuts it off and goes on.
    fn end(&mut self) -> Result<(), RunError> {
        self.checkpoint()?;
        self.core.finish()?;
        self.core.outputs.flush()?;
        Ok(())
    }

    /// What live feeds have handed over cannot be read again, so it is taken in before the end.
    fn drain_live(&mut self) -> Result<(), RunError> {
        loop {
            self.receive();
            let progressed = self.live_step()?;
            let drained =
                self.queues.iter().zip(&self.handed).all(|(queue, handed)| {
                    !queue.live || queue.batches_done() >= handed.load(Ordering::SeqCst)
                });
            if drained {
                return Ok(());
            }
            if !progressed {
                self.wait();
            }
        }
    }

    /// While there are live feeds, a lane whose feed is silent or has ended must not hold the others back.
    fn heartbeats(&mut self) -> Result<(), RunError> {
        if !self.queues.iter().any(|queue| queue.live && !queue.has_ended()) {
            return Ok(());
        }
        let idle = self.plan.idle;
        let is_silent = |queue: &FeedQueue| {
            queue.has_ended() || queue.live && !queue.is_ready() && queue.last.elapsed() >= idle
        };
        let silent: Vec<bool> = self.queues.iter().map(is_silent).collect();
        let others = silent.iter().enumerate().filter(|(_, silent)| !**silent);
        let to = match others.map(|(feed, _)| self.core.watermark(feed)).min() {
            Some(lowest) => lowest,
            None => now().plus(-self.plan.lane.lateness_ms),
        };
        for feed in (0..silent.len()).filter(|feed| silent[*feed]) {
            // A clock that moves every lane all the time would never leave the state in peace, so only
            // whole panes count.
            if to.floor(self.plan.lane.pane_ms) > self.core.watermark(feed) {
                self.core.heartbeat(feed, to)?;
                self.saving.unsaved = true;
                if let Some(metrics) = &self.metrics {
                    metrics.add_heartbeats(1);
                }
            }
        }
        Ok(())
    }

    fn is_checkpoint_due(&self, progressed: bool) -> bool {
        let Saving { unsaved, last, cost } = self.saving;
        let waited = last.elapsed();
        let due = waited >= self.plan.state.checkpoint;
        let pushes_wait = !self.replies.is_empty() && !progressed && waited >= PUSH_CHECKPOINT;
        let pressing = pushes_wait || waited >= CHECKPOINT_LATE;
        let share = if pressing { CHECKPOINT_SHARE_LATE } else { CHECKPOINT_SHARE };
        unsaved && (due || pushes_wait) && waited >= cost * share
    }

    /// Makes everything so far durable, then tells those who wait for that.
    pub(super) fn checkpoint(&mut self) -> Result<(), RunError> {
        let began = Instant::now();
        let result = self.save();
        if let Some(metrics) = &self.metrics {
            match &result {
                Ok(()) => metrics.checkpoint_ok(began.elapsed().as_secs_f64(), now()),
                Err(_) => metrics.checkpoint_failed(),
            }
            metrics.set_watermark(self.core.engine.watermark());
            metrics.set_open_panes(self.core.engine.open_panes());
            metrics.set_oldest_open_pane(self.core.engine.oldest_open_pane());
            metrics.set_dedupe_entries(self.core.lanes.iter().map(|lane| lane.remembered()).sum());
        }
        result?;
        for (reply, receipt) in self.replies.drain(..) {
            reply(Ok(receipt));
        }
        if self.watcher.wants_open_rows() {
            self.watcher.open_rows(self.core.engine.open_rows());
        }
        self.saving = Saving { unsaved: false, last: Instant::now(), cost: began.elapsed() };
        Ok(())
    }

    fn save(&mut self) -> Result<(), RunError> {
        self.core.settle()?;
        let sinks = self.core.outputs.flush()?;
        let mut feeds = Vec::with_capacity(self.queues.len());
        for (index, (lane, journal)) in self.core.lanes.iter_mut().zip(&mut self.journals).enumerate() {
            let position = self.queues[index].position().or_else(|| self.positions[index].clone());
            let journal = journal.save(lane)?;
            feeds.push(FeedState { position, lane: lane.state(), journal });
        }
        self.state.save(&Snapshot {
            settings: Settings::of(self.plan),
            brands: self.in_force.plan.brands.iter().map(|brand| brand.id.clone()).collect(),
            feeds,
            engine: self.core.engine.snapshot(),
            sinks: Position(sinks.0.into_iter().map(|(path, n)| (relative(self.plan, &path), n)).collect()),
        })?;
        self.journals.iter_mut().for_each(Journal::committed);
        Ok(())
    }

    /// The run fails: whoever waits for a checkpoint must not wait for ever.
    fn refuse_waiting(&mut self, why: &str) {
        for (reply, _) in self.replies.drain(..) {
            reply(Err(PushError::NotDurable(why.to_owned())));
        }
    }
}
