//! The lanes of one worker: their state, and what they write.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::journal::Journal;
use super::reading::Feeds;
use crate::aggregate::{Folding, Lane, LaneMark, LaneRestore, LaneSettings, LaneTimes};
use crate::config::BrandPlan;
use crate::kafka::clients::Clients;
use crate::kafka::codec::{LaneCommit, Numbering, TallyRecord, encode, from_metadata, to_metadata};
use crate::kafka::deathpoint::reach;
use crate::kafka::error::KafkaError;
use crate::kafka::health::Report;
use crate::kafka::names::Names;
use crate::kafka::outputs::Outputs;
use crate::kafka::partition::Partition;
use crate::kafka::restore::Reader;
use crate::kafka::tally::part_of;
use crate::kafka::topics::{self, grow};
use crate::kafka::transaction::{Outgoing, Writer};
use crate::kafka::worker::Owner;
use crate::metrics::Metrics;
use crate::model::{BrandId, FateCounts, Reading};
use crate::runtime::{Queries, now};

/// A journal record is written when it has grown to this, long before the brokers' limit of a record.
const JOURNAL_RECORD_BYTES: usize = 256 << 10;

/// One partition of a posts topic.
struct Slot {
    lane: Lane,
    journal: Journal,
    journal_topic: Partition,
    next_offset: Option<i64>,
    /// Something happened since the last commit.
    moved: bool,
    /// Everything was read when the client last told how it is.
    at_end: bool,
    heard: Instant,
    /// Those that are counted in the metrics.
    counted: FateCounts,
}

/// Owns the lanes of the partitions that this worker has.
pub(in crate::kafka) struct Lanes {
    settings: LaneSettings,
    idle: Duration,
    names: Names,
    feeds: Arc<Feeds>,
    clients: Clients,
    reader: Reader,
    outputs: Outputs,
    metrics: Option<Arc<Metrics>>,
    queries: Arc<Queries>,
    /// Of the queries that the next three are of.
    number: u64,
    numbering: Numbering,
    plans: Vec<BrandPlan>,
    /// Which partition of `tallies` each brand belongs to.
    parts: Vec<i32>,
    tallies_partitions: i32,
    /// Of a journal that is made while this runs.
    replicas: Option<i32>,
    /// Of all lanes together: a brand in a pane is one tally, however many partitions name it.
    folding: Folding,
    slots: HashMap<Partition, Slot>,
}

impl Lanes {
    pub(in crate::kafka) fn new(
        queries: &Arc<Queries>,
        clients: &Clients,
        names: &Names,
        feeds: Arc<Feeds>,
        metrics: Option<Arc<Metrics>>,
    ) -> Result<Lanes, KafkaError> {
        let in_force = queries.in_force();
        let plan = &in_force.plan;
        let partitions = plan.kafka.as_ref().map_or(1, |kafka| kafka.tallies_partitions);
        Ok(Lanes {
            settings: plan.lane.clone(),
            idle: plan.idle,
            names: names.clone(),
            feeds,
            clients: clients.clone(),
            reader: Reader::new(clients, &names.listen_group)?,
            outputs: Outputs::new(names.clone(), plan, metrics.clone()),
            metrics,
            queries: Arc::clone(queries),
            number: in_force.number,
            numbering: Numbering::new(&plan.brands),
            plans: plan.brands.clone(),
            parts: plan.brands.iter().map(|brand| part_of(brand, partitions)).collect(),
            tallies_partitions: partitions,
            replicas: plan.kafka.as_ref().and_then(|kafka| kafka.replicas),
            folding: Folding::default(),
            slots: HashMap::new(),
        })
    }

    /// Readings may name brands that were added since; those known keep their numbers.
    fn follow_queries(&mut self) {
        if self.queries.number() == self.number {
            return;
        }
        let in_force = self.queries.in_force();
        let brands = &in_force.plan.brands;
        self.number = in_force.number;
        self.numbering = Numbering::new(brands);
        self.parts = brands.iter().map(|brand| part_of(brand, self.tallies_partitions)).collect();
        self.outputs.set_brands(brands);
        self.plans.clone_from(brands);
    }

    fn restore(&self, partition: &Partition, commit: LaneCommit) -> Result<(Lane, Journal), KafkaError> {
        let torn = |what: &str| KafkaError::torn(partition, &self.names.prefix, what);
        if let Some(what) = commit.times.difference(&LaneTimes::of(&self.settings)) {
            return Err(KafkaError::changed(partition, &self.names.prefix, what));
        }
        let topic = self.journal_topic(partition);
        let mut lane = LaneRestore::new(self.settings.clone());
        let journal = Journal::read(&self.reader, &topic, commit.journal, &mut |offset, key, record| {
            let renumbered = self.numbering.read(key).map_err(|what| {
                torn(&format!("record {offset} of {topic} does not name its brands: {what}"))
            })?;
            let renumber = renumbered.map(|numbers| move |old: BrandId| numbers.get(&old).copied());
            lane.record(
                record,
                renumber.as_ref().map(|renumber| renumber as &dyn Fn(BrandId) -> Option<BrandId>),
            )
            .map_err(|e| KafkaError::restore(partition, &self.names.prefix, &e))
        })?
        .ok_or_else(|| torn(&format!("a part of its journal ({topic}) is missing")))?;
        Ok((lane.finish(commit.state), journal))
    }

    /// A partition that was added to a posts topic needs one of the journal. Whoever made that, the writer may not know it yet.
    fn make_room(&self, journal: &Partition, writer: &Writer) -> Result<(), KafkaError> {
        if self.reader.has(journal)? {
            return writer.wait_for(journal);
        }
        let (partitions, horizon_ms) = (journal.number + 1, self.settings.dedupe_horizon_ms);
        tracing::info!(topic = %journal.topic, partitions, "the journal gets more partitions");
        grow(&self.clients, &topics::journal(&journal.topic, partitions, self.replicas, horizon_ms))?;
        // All partitions of the worker wait here, and the client would look by itself every few seconds only.
        self.reader.wait_for(journal)?;
        writer.wait_for(journal)
    }

    /// One record for each part of the brands, also where it has none: the engines wait for the marks.
    fn write_tallies(&mut self, marks: &[(String, LaneMark)], writer: &Writer) -> Result<(), KafkaError> {
        if marks.is_empty() {
            return Ok(());
        }
        reach("before_tallies");
        let part = |brand: BrandId| self.parts.get(brand.0 as usize).map_or(0, |part| *part as usize);
        let parts = self.folding.take().split(self.tallies_partitions as usize, part);
        for (folded, part) in parts.into_iter().zip(0..) {
            let value = encode(&TallyRecord::new(marks, folded, &self.plans));
            writer.send(Outgoing {
                topic: &self.names.tallies,
                partition: Some(part),
                key: b"tallies",
                value: Some(&value),
                headers: None,
                ticket: 0,
            })?;
        }
        Ok(())
    }

    fn journal_topic(&self, partition: &Partition) -> Partition {
        Partition::new(&self.names.journal(&partition.topic), partition.number)
    }
}

impl Owner for Lanes {
    type Item = Reading;

    fn wants(&self, partition: &Partition) -> bool {
        self.feeds.feed_of(&partition.topic).is_some()
    }

    fn assign(
        &mut self,
        partition: &Partition,
        committed: Option<(i64, String)>,
        writer: &Writer,
    ) -> Result<(), KafkaError> {
        self.follow_queries();
        let journal_topic = self.journal_topic(partition);
        self.make_room(&journal_topic, writer)?;
        let (lane, journal, next_offset) = match committed {
            None if self.reader.was_written(&journal_topic)? => {
                return Err(KafkaError::forgotten(partition, &self.names.prefix, &journal_topic));
            }
            None => (Lane::new(self.settings.clone()), Journal::default(), None),
            Some((next, metadata)) => {
                let commit = from_metadata(&metadata).map_err(|what| {
                    let what = format!("the state beside its offset {next} cannot be used: {what}");
                    KafkaError::torn(partition, &self.names.prefix, what)
                })?;
                let (lane, journal) = self.restore(partition, commit)?;
                (lane, journal, Some(next))
            }
        };
        let (heard, counted) = (Instant::now(), *lane.fates());
        let slot =
            Slot { lane, journal, journal_topic, next_offset, moved: false, at_end: false, heard, counted };
        self.slots.insert(partition.clone(), slot);
        Ok(())
    }

    fn revoke(&mut self, partition: &Partition) {
        self.slots.remove(partition);
    }

    fn accept(
        &mut self,
        partition: &Partition,
        offset: i64,
        items: impl Iterator<Item = Reading>,
        writer: &mut Writer,
    ) -> Result<(), KafkaError> {
        self.follow_queries();
        let Some(slot) = self.slots.get_mut(partition) else { return Ok(()) };
        let outputs = &mut self.outputs;
        let mut written = Ok(());
        let mut number = 0;
        slot.lane.swap_folding(&mut self.folding);
        for reading in items {
            slot.lane.accept(&reading, &mut |output| {
                let place = format_args!("{partition}/{offset}/{number}");
                if written.is_ok() {
                    written = outputs.lane(writer, output, place);
                }
                number += 1;
            });
        }
        slot.lane.swap_folding(&mut self.folding);
        written?;
        slot.next_offset = Some(offset + 1);
        (slot.moved, slot.at_end, slot.heard) = (true, false, Instant::now());
        if slot.lane.journal_bytes() < JOURNAL_RECORD_BYTES {
            return Ok(());
        }
        slot.write_journal(&self.numbering, writer)
    }

    fn at_end(&mut self, partition: &Partition, is_at_end: bool) {
        let Some(slot) = self.slots.get_mut(partition) else { return };
        if is_at_end && slot.next_offset.is_none() {
            // Nothing was ever in it: then its beginning is as far as it was read.
            slot.next_offset = self.reader.bounds(partition).ok().map(|(first, _)| first);
        }
        // Without an offset beside which its state could be stored, it must not be moved on.
        slot.at_end = is_at_end && slot.next_offset.is_some();
    }

    /// Silent lanes are moved: to the least of the others, or by the clock when all are silent. Only whole
    /// panes count, else the clock would make a commit of every look.
    fn tick(&mut self) -> bool {
        let idle = self.idle;
        let is_silent = |slot: &Slot| slot.at_end && slot.heard.elapsed() >= idle;
        let others = self.slots.values().filter(|slot| !is_silent(slot)).map(|slot| slot.lane.watermark());
        let to = others.min().unwrap_or_else(|| now().plus(-self.settings.lateness_ms));
        let to = to.floor(self.settings.pane_ms);
        let mut moved = false;
        for slot in self.slots.values_mut().filter(|slot| is_silent(slot) && to > slot.lane.watermark()) {
            slot.lane.heartbeat(to);
            (slot.moved, moved) = (true, true);
        }
        moved
    }

    fn committed(&mut self, report: &mut Report) {
        self.outputs.committed();
        report.dedupe_entries = self.slots.values().map(|slot| slot.lane.remembered()).sum();
        if let Some(metrics) = &self.metrics {
            for slot in self.slots.values_mut() {
                metrics.add_fates(&slot.lane.fates().since(&slot.counted));
                slot.counted = *slot.lane.fates();
            }
        }
    }

    fn settle(&mut self, writer: &mut Writer) -> Result<Vec<(Partition, i64, String)>, KafkaError> {
        let mut marks = Vec::new();
        for (partition, slot) in self.slots.iter_mut().filter(|(_, slot)| slot.moved) {
            slot.write_journal(&self.numbering, writer)?;
            marks.push((partition.to_string(), slot.lane.take_mark()));
        }
        self.write_tallies(&marks, writer)?;
        let placed = writer.drain()?;
        let mut moved = Vec::new();
        for (partition, slot) in self.slots.iter_mut().filter(|(_, slot)| slot.moved) {
            slot.journal.placed(&placed);
            slot.journal.expire(&slot.lane);
            slot.moved = false;
            let Some(next) = slot.next_offset else { continue };
            let (times, journal) = (LaneTimes::of(&self.settings), slot.journal.span());
            let commit = LaneCommit { times, state: slot.lane.state(), journal };
            moved.push((partition.clone(), next, to_metadata(&commit)));
        }
        Ok(moved)
    }
}

impl Slot {
    fn write_journal(&mut self, numbering: &Numbering, writer: &mut Writer) -> Result<(), KafkaError> {
        let key = numbering.key(self.lane.journal_brands());
        let record = self.lane.take_journal();
        if record.is_empty() {
            return Ok(());
        }
        let ticket = writer.ticket();
        self.journal.wrote(ticket, &record);
        writer.send(Outgoing {
            topic: &self.journal_topic.topic,
            partition: Some(self.journal_topic.number),
            key: &key,
            value: Some(&record),
            headers: None,
            ticket,
        })
    }
}
