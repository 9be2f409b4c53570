//! The span again: real lanes and engines over the records, in one order whatever the speed.
//!
//! **Invariant:** always the lane with the lowest watermark goes on, the first of several; if its records are not
//! here yet, they are waited for. Engines are those of the run: one a part, so that what they let out is the same.

use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::super::error::KafkaError;
use super::super::tally::part_of;
use super::keeper::Keeper;
use super::read::{Batch, Next};
use super::span::{LaneSpan, Span};
use crate::aggregate::{Engine, EngineOutput, Lane};
use crate::config::Plan;
use crate::model::{BrandId, FateCounts, Timestamp};

const WAIT: Duration = Duration::from_millis(100);

/// One partition.
struct Player {
    span: LaneSpan,
    lane: Lane,
    batches: Receiver<Next>,
    /// The batch whose turn it is; none when the span of the partition is over.
    front: Option<Batch>,
    /// Records of it that are done.
    done: usize,
    /// The base pane of the watermark when the delta was last taken.
    pane: Timestamp,
    /// Greatest timestamp of its records.
    newest: Timestamp,
}

/// Lanes, engines, and who keeps what they let out.
pub(super) struct Recompute<'a> {
    players: Vec<Player>,
    engines: Vec<Engine>,
    /// Which engine each brand belongs to.
    parts: Vec<usize>,
    keeper: &'a mut Keeper,
    pane_ms: i64,
    lateness_ms: i64,
    idle_ms: i64,
    /// When the span ends by the records' timestamps.
    ends: Option<Timestamp>,
    /// How far the pipeline has published.
    published: Timestamp,
    pub(super) records: u64,
    pub(super) warm_up_records: u64,
}

impl<'a> Recompute<'a> {
    pub(super) fn new(
        plan: &Plan,
        span: &Span,
        batches: Vec<Receiver<Next>>,
        published: Option<Timestamp>,
        keeper: &'a mut Keeper,
    ) -> Recompute<'a> {
        let partitions = plan.kafka.as_ref().map_or(1, |kafka| kafka.tallies_partitions);
        let player = |(span, batches): (&LaneSpan, Receiver<Next>)| Player {
            span: span.clone(),
            lane: Lane::new(plan.lane.clone()),
            batches,
            front: None,
            done: 0,
            pane: Timestamp::MIN.floor(plan.lane.pane_ms),
            newest: Timestamp::MIN,
        };
        let players: Vec<Player> = span.lanes.iter().zip(batches).map(player).collect();
        let engine = |_| Engine::new(plan.engine.clone(), players.len());
        Recompute {
            engines: (0..partitions.max(1)).map(engine).collect(),
            players,
            parts: plan.brands.iter().map(|brand| part_of(brand, partitions) as usize).collect(),
            keeper,
            pane_ms: plan.lane.pane_ms,
            lateness_ms: plan.lane.lateness_ms,
            idle_ms: i64::try_from(plan.idle.as_millis()).unwrap_or(i64::MAX),
            ends: span.ends,
            published: published.unwrap_or(Timestamp::MIN),
            records: 0,
            warm_up_records: 0,
        }
    }

    /// Plays the whole span; gives the watermark at its end.
    ///
    /// # Errors
    /// When what comes out cannot be written, or the reading has ended before the span.
    pub(super) fn run(&mut self, watch: &mut dyn FnMut(u64, Timestamp)) -> Result<Timestamp, KafkaError> {
        for at in 0..self.players.len() {
            self.next_batch(at)?;
        }
        loop {
            let mut turns: Vec<(Timestamp, usize)> = self.playing().collect();
            turns.sort_unstable();
            let Some(&(_, at)) = turns.first() else { break };
            self.play(at, turns.get(1).copied())?;
            watch(self.records + self.warm_up_records, self.watermark());
        }
        self.end()?;
        self.keeper.target.finish()?;
        Ok(self.watermark())
    }

    /// Those whose span is not over, by watermark.
    fn playing(&self) -> impl Iterator<Item = (Timestamp, usize)> {
        let players = self.players.iter().enumerate();
        players.filter(|(_, player)| player.front.is_some()).map(|(at, player)| (player.lane.watermark(), at))
    }

    /// All panes up to here are closed.
    fn watermark(&self) -> Timestamp {
        self.engines.iter().map(Engine::watermark).min().unwrap_or(Timestamp::MIN)
    }

    /// Takes the next batch of a lane, so that it is always known whether there is one: what comes out must not
    /// depend on when its end is heard of.
    fn next_batch(&mut self, at: usize) -> Result<(), KafkaError> {
        let player = &mut self.players[at];
        player.done = 0;
        player.front = loop {
            match player.batches.recv_timeout(WAIT) {
                Ok(next) => break next,
                // The reading has failed, and says why.
                Err(RecvTimeoutError::Disconnected) => return Err(KafkaError::Panicked),
                Err(RecvTimeoutError::Timeout) => self.keeper.target.tick()?,
            }
        };
        self.keeper.target.tick()
    }

    /// Records of the front batch until it is done, or until it is the turn of `next`.
    fn play(&mut self, at: usize, next: Option<(Timestamp, usize)>) -> Result<(), KafkaError> {
        loop {
            let player = &mut self.players[at];
            let Some(batch) = &player.front else { return Ok(()) };
            let Some(record) = batch.records.get(player.done) else { return self.next_batch(at) };
            let start = player.done.checked_sub(1).map_or(0, |before| batch.records[before].end);
            let is_warm_up = record.offset < player.span.from;
            let (mut kept, mut number) = (Ok(()), 0);
            for reading in &batch.readings[start..record.end] {
                player.lane.accept(reading, &mut |output| {
                    if !is_warm_up && kept.is_ok() {
                        kept = self.keeper.lane(at, record.offset, number, output);
                    }
                    number += 1;
                });
            }
            kept?;
            player.newest = player.newest.max(record.time.unwrap_or(Timestamp::MIN));
            player.done += 1;
            let counter = if is_warm_up { &mut self.warm_up_records } else { &mut self.records };
            *counter += 1;
            let watermark = player.lane.watermark();
            if watermark.floor(self.pane_ms) != player.pane {
                self.close_panes(at)?;
            }
            if next.is_some_and(|next| (watermark, at) > next) {
                return self.next_if_done(at);
            }
        }
    }

    fn next_if_done(&mut self, at: usize) -> Result<(), KafkaError> {
        let player = &self.players[at];
        let is_done = player.front.as_ref().is_some_and(|batch| batch.records.len() <= player.done);
        if is_done { self.next_batch(at) } else { Ok(()) }
    }

    /// The engines hear of a lane when its watermark enters a new pane. Lanes that are over must not hold all
    /// the panes of the others open.
    fn close_panes(&mut self, at: usize) -> Result<(), KafkaError> {
        self.players[at].pane = self.players[at].lane.watermark().floor(self.pane_ms);
        self.apply(at)?;
        let Some((least, _)) = self.playing().min() else { return Ok(()) };
        let is_behind =
            |player: &Player| player.front.is_none() && player.lane.watermark() < least.floor(self.pane_ms);
        let behind: Vec<usize> = (0..self.players.len())
            .filter(|at| is_behind(&self.players[*at]) && self.is_over(&self.players[*at]))
            .collect();
        behind.into_iter().try_for_each(|at| self.raise(at, least.floor(self.pane_ms)))
    }

    /// True when nothing more comes from a lane whose span has been read: its partition ends there, or was so long
    /// without a record when the span ended that the run would have taken it for silent. A span that ends by
    /// an offset ends in each partition at another time, which tells nothing.
    fn is_over(&self, player: &Player) -> bool {
        let is_silent = |ends: Timestamp| player.newest.plus(self.idle_ms) <= ends;
        player.span.is_at_end || self.ends.is_some_and(is_silent)
    }

    fn raise(&mut self, at: usize, to: Timestamp) -> Result<(), KafkaError> {
        self.players[at].lane.heartbeat(to);
        self.apply(at)
    }

    fn apply(&mut self, at: usize) -> Result<(), KafkaError> {
        let delta = self.players[at].lane.take_delta();
        let part = |brand: BrandId| self.parts.get(brand.0 as usize).copied().unwrap_or(0);
        let mut closed: Vec<EngineOutput> = Vec::new();
        let deltas = delta.split(self.engines.len(), part);
        for (engine, delta) in self.engines.iter_mut().zip(deltas) {
            // Deltas come in their order; anything else is a mistake in earful.
            engine.apply(at, delta, &mut closed).map_err(|_| KafkaError::Panicked)?;
        }
        closed.iter().try_for_each(|output| self.keeper.engine(output))
    }

    /// The span is over. Lanes that were read to the end of their partition, and those that the run would have
    /// taken for silent, hold no pane open; all others stay where their last post has brought them.
    fn end(&mut self) -> Result<(), KafkaError> {
        for at in 0..self.players.len() {
            self.apply(at)?;
        }
        let least = self.players.iter().filter(|p| !self.is_over(p)).map(|p| p.lane.watermark()).min();
        let to = least.unwrap_or_else(|| self.furthest());
        let over: Vec<usize> = (0..self.players.len())
            .filter(|at| self.is_over(&self.players[*at]) && self.players[*at].lane.watermark() < to)
            .collect();
        over.into_iter().try_for_each(|at| self.raise(at, to))
    }

    /// Where all lanes come to when all are silent: as far as any has come, and where the clock had brought them,
    /// as far as one can tell.
    fn furthest(&self) -> Timestamp {
        let furthest = self.players.iter().map(|player| player.lane.watermark()).max();
        let clock = if self.players.iter().all(|player| player.span.is_at_end) {
            Some(self.published)
        } else {
            self.ends.map(|ends| ends.plus(-self.lateness_ms))
        };
        furthest.max(clock).unwrap_or(Timestamp::MIN)
    }

    /// What became of all posts.
    pub(super) fn fates(&self) -> FateCounts {
        let mut all = FateCounts::default();
        self.players.iter().for_each(|player| all.merge(player.lane.fates()));
        all
    }
}

#[cfg(test)]
#[path = "recompute_tests.rs"]
mod tests;
