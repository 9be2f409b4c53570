//! The engines of one worker: one a partition of `tallies`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rdkafka::message::Message;

use crate::aggregate::{Engine, EngineOutput, EngineSettings};
use crate::config::Plan;
use crate::kafka::clients::Clients;
use crate::kafka::codec::{EngineCommit, TallyRecord, decode, encode};
use crate::kafka::error::KafkaError;
use crate::kafka::health::Report;
use crate::kafka::listen::Feeds;
use crate::kafka::names::Names;
use crate::kafka::outputs::Outputs;
use crate::kafka::partition::Partition;
use crate::kafka::restore::{Next, Reader};
use crate::kafka::transaction::{Outgoing, Writer};
use crate::kafka::worker::Owner;
use crate::metrics::Metrics;
use crate::model::BrandId;
use crate::runtime::Queries;

/// Key of the last record of every commit. Keys of the engine's own changes begin with another byte.
pub(in crate::kafka) const COMMIT_KEY: &[u8] = b"\xffcommit";

/// One partition of `tallies`.
struct Slot {
    engine: Engine,
    /// Names of the lanes, in the engine's order.
    lanes: Vec<String>,
    next_offset: i64,
    moved: bool,
}

/// Owns the engines of the partitions that this worker has.
pub(in crate::kafka) struct Engines {
    queries: Arc<Queries>,
    /// Of the queries that settings and brands are of.
    number: u64,
    settings: EngineSettings,
    names: Names,
    feeds: Arc<Feeds>,
    reader: Reader,
    outputs: Outputs,
    brands: HashMap<String, BrandId>,
    slots: HashMap<Partition, Slot>,
    closed: Vec<EngineOutput>,
}

impl Engines {
    pub(in crate::kafka) fn new(
        queries: &Arc<Queries>,
        clients: &Clients,
        names: &Names,
        feeds: Arc<Feeds>,
        metrics: Option<Arc<Metrics>>,
    ) -> Result<Engines, KafkaError> {
        let in_force = queries.in_force();
        let plan = &in_force.plan;
        Ok(Engines {
            queries: Arc::clone(queries),
            number: in_force.number,
            settings: plan.engine.clone(),
            names: names.clone(),
            feeds,
            reader: Reader::new(clients, &names.tally_group)?,
            outputs: Outputs::new(names.clone(), plan, metrics),
            brands: numbers(plan),
            slots: HashMap::new(),
            closed: Vec::new(),
        })
    }

    /// Tallies may name brands that were added since; those known keep their numbers.
    fn follow_queries(&mut self) {
        if self.queries.number() == self.number {
            return;
        }
        let in_force = self.queries.in_force();
        let plan = &in_force.plan;
        self.number = in_force.number;
        self.settings.brands.clone_from(&plan.engine.brands);
        for slot in self.slots.values_mut() {
            slot.engine.set_brands(self.settings.brands.clone());
        }
        self.brands = numbers(plan);
        self.outputs.set_brands(&plan.brands);
    }

    /// Every lane that there is.
    fn all_lanes(&self) -> Result<Vec<Partition>, KafkaError> {
        self.reader.partitions(&|topic| self.feeds.feed_of(topic).is_some())
    }

    /// An engine that waits for every lane that there is: none may be left behind.
    fn begin(&self, partition: &Partition) -> Result<Slot, KafkaError> {
        let changelog = Partition::new(&self.names.changelog, partition.number);
        if self.reader.was_written(&changelog)? {
            return Err(KafkaError::forgotten(partition, &self.names.prefix, &changelog));
        }
        let lanes = self.all_lanes()?;
        let engine = Engine::new(self.settings.clone(), lanes.len());
        Ok(Slot {
            engine,
            lanes: lanes.iter().map(Partition::to_string).collect(),
            next_offset: 0,
            moved: false,
        })
    }

    /// The engine of the last commit. The offset in its changelog must be the one that was committed with it.
    fn restore(&self, partition: &Partition, next_offset: i64) -> Result<Slot, KafkaError> {
        let changelog = Partition::new(&self.names.changelog, partition.number);
        let torn = |what: String| KafkaError::torn(partition, &self.names.prefix, what);
        let mut entries: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        let mut found: Option<EngineCommit> = None;
        let is_whole = self.reader.read(&changelog, 0, &mut |message| {
            let key = message.key().unwrap_or_default();
            if key == COMMIT_KEY {
                let commit = decode::<EngineCommit>(message.payload().unwrap_or_default());
                let commit = commit.map_err(|what| torn(format!("the changelog {changelog}: {what}")))?;
                let is_last = commit.next_offset == next_offset;
                found = Some(commit);
                return Ok(if is_last { Next::Done } else { Next::More });
            }
            match message.payload() {
                Some(value) => drop(entries.insert(key.to_vec(), value.to_vec())),
                None => drop(entries.remove(key)),
            }
            Ok(Next::More)
        })?;
        match found {
            Some(commit) if is_whole => {
                let entries = entries.iter().map(|(key, value)| (key.as_slice(), value.as_slice()));
                let engine = Engine::from_changes(self.settings.clone(), entries)
                    .map_err(|e| KafkaError::restore(partition, &self.names.prefix, &e))?;
                let mut slot = Slot { engine, lanes: commit.lanes, next_offset, moved: false };
                self.follow_feeds(&mut slot)?;
                Ok(slot)
            }
            found => {
                let ends = found
                    .map_or_else(|| "holds no commit".to_owned(), |c| format!("ends at {}", c.next_offset));
                Err(torn(format!(
                    "offset {next_offset} is committed, but the changelog {changelog} {ends}: its state is torn"
                )))
            }
        }
    }

    /// Lanes of topics that no feed reads any more would hold the windows open for ever, so they end; those of topics
    /// that are read again go on.
    fn follow_feeds(&self, slot: &mut Slot) -> Result<(), KafkaError> {
        let is_read = |lane: &String| {
            lane.rsplit_once('/').is_some_and(|(topic, _)| self.feeds.feed_of(topic).is_some())
        };
        if !slot.lanes.iter().any(is_read) {
            // All topics are others: with no lane that goes on, all windows would close at once.
            for lane in self.all_lanes()? {
                slot.lane(&lane.to_string());
            }
        }
        let reads: Vec<bool> = slot.lanes.iter().map(is_read).collect();
        if !reads.contains(&true) {
            return Ok(());
        }
        for (at, is_read) in reads.into_iter().enumerate() {
            match (is_read, slot.engine.has_ended(at)) {
                (false, false) => {
                    tracing::info!(
                        lane = slot.lanes[at],
                        "no feed reads this lane any more: nothing waits for it"
                    );
                    slot.engine.end_lane(at);
                }
                (true, true) => slot.engine.rejoin_lane(at),
                _ => {}
            }
        }
        Ok(())
    }
}

fn numbers(plan: &Plan) -> HashMap<String, BrandId> {
    plan.brands.iter().map(|brand| brand.id.clone()).zip((0..).map(BrandId)).collect()
}

impl Owner for Engines {
    type Item = Result<TallyRecord, String>;

    fn wants(&self, _: &Partition) -> bool {
        true
    }

    fn assign(
        &mut self,
        partition: &Partition,
        committed: Option<(i64, String)>,
        _: &Writer,
    ) -> Result<(), KafkaError> {
        self.follow_queries();
        let slot = match committed {
            None => self.begin(partition)?,
            Some((next_offset, _)) => self.restore(partition, next_offset)?,
        };
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
        items: impl Iterator<Item = Self::Item>,
        writer: &mut Writer,
    ) -> Result<(), KafkaError> {
        self.follow_queries();
        let Some(slot) = self.slots.get_mut(partition) else { return Ok(()) };
        let prefix = &self.names.prefix;
        for item in items {
            let TallyRecord { lanes, brands, folded } = item.map_err(|what| {
                KafkaError::torn(partition, prefix, format!("the tally at offset {offset}: {what}"))
            })?;
            let known = |local: BrandId| self.brands.get(brands.get(local.0 as usize)?).copied();
            let marks: Vec<_> = lanes.iter().map(|(name, mark)| (slot.lane(name), *mark)).collect();
            slot.engine
                .apply_all(&marks, folded.remap(&known), &mut self.closed)
                .map_err(|e| KafkaError::delta(partition, prefix, &e))?;
        }
        (slot.next_offset, slot.moved) = (offset + 1, true);
        for closed in self.closed.drain(..) {
            self.outputs.engine(writer, &closed)?;
        }
        Ok(())
    }

    fn at_end(&mut self, _: &Partition, _: bool) {}

    fn tick(&mut self) -> bool {
        false
    }

    fn committed(&mut self, report: &mut Report) {
        self.outputs.committed();
        report.open_panes = self.slots.values().map(|slot| slot.engine.open_panes()).sum();
        report.oldest_open_pane = self.slots.values().filter_map(|slot| slot.engine.oldest_open_pane()).min();
        report.watermark = self.slots.values().map(|slot| slot.engine.watermark()).min();
    }

    fn settle(&mut self, writer: &mut Writer) -> Result<Vec<(Partition, i64, String)>, KafkaError> {
        let mut moved = Vec::new();
        for (partition, slot) in self.slots.iter_mut().filter(|(_, slot)| slot.moved) {
            slot.write_changes(writer, &self.names.changelog, partition.number)?;
            slot.moved = false;
            moved.push((partition.clone(), slot.next_offset, String::new()));
        }
        writer.drain()?;
        Ok(moved)
    }
}

impl Slot {
    /// The engine's number of a lane; one that it does not know joins.
    fn lane(&mut self, name: &str) -> usize {
        if let Some(at) = self.lanes.iter().position(|lane| lane == name) {
            return at;
        }
        tracing::info!(lane = name, "a lane joins");
        self.lanes.push(name.to_owned());
        self.engine.add_lane()
    }

    fn write_changes(&mut self, writer: &Writer, topic: &str, number: i32) -> Result<(), KafkaError> {
        let send = |key: &[u8], value: Option<&[u8]>| {
            writer.send(Outgoing { topic, partition: Some(number), key, value, headers: None, ticket: 0 })
        };
        for change in self.engine.take_changes() {
            send(&change.key, change.value.as_deref())?;
        }
        let commit = EngineCommit { next_offset: self.next_offset, lanes: self.lanes.clone() };
        send(COMMIT_KEY, Some(&encode(&commit)))
    }
}
