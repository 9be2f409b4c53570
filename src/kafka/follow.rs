//! Reads the topics out from near their ends, and goes on: what the serve role shows.
//!
//! Every process follows for itself, without a group: each shows everything. Mentions may come faster than
//! anybody reads; so that showing them does not take the processors from the flow, only so many a second are read.
//! Who falls behind by more than a view holds begins anew near the end, as if it had read all and let go of
//! the oldest.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::clients::Clients;
use super::context::Context;
use super::error::KafkaError;
use super::health::{Health, Report, Worker};
use super::names::Names;
use super::onlooker::{Onlooker, again, consumer};
use super::partition::Partition;
use super::restore::Reader;
use super::topics::required;
use super::worker::is_passing;
use crate::config::Plan;
use crate::model::OutputKind;

const POLL: Duration = Duration::from_millis(200);
/// So many mentions are read in a turn...
const MENTIONS_A_TURN: u32 = 10_000;
/// ...and a turn takes no less than this.
const TURN: Duration = Duration::from_secs(1);
/// A seek waits for the client's own thread only.
const SEEK_TIMEOUT: Duration = Duration::from_secs(10);
/// Read ahead of what is wanted: little, because it may be skipped.
const MENTIONS_AHEAD_KIB: &str = "4096";

/// How many records before the end of all partitions of a topic together are read: what a view holds, and not much
/// more.
const fn back(kind: OutputKind) -> i64 {
    match kind {
        OutputKind::Mentions => 20_000,
        OutputKind::Metrics => 1_000_000,
        OutputKind::Alerts | OutputKind::Dead => 5_000,
    }
}

/// What was read.
#[derive(Clone, Copy, Debug)]
pub enum Followed<'a> {
    /// A record.
    Written(Written<'a>),
    /// Records of this kind were left out. Forget what came before them: deletes may be among them.
    Skipped(OutputKind),
}

/// Something that was written to a topic out.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// Which topic.
    pub kind: OutputKind,
    /// Its key.
    pub key: &'a str,
    /// Its JSON; none when it is a tombstone.
    pub value: Option<&'a str>,
}

/// Gives `each` what is in the topic of this kind, and what comes, until `stop`. When the brokers fail it begins anew;
/// `each` must therefore take the same record twice. `health` is told whether it can.
///
/// # Errors
/// When a setting is wrong.
pub fn follow(
    plan: &Plan,
    kind: OutputKind,
    health: &Health,
    stop: &AtomicBool,
    each: &mut dyn FnMut(Followed<'_>),
) -> Result<(), KafkaError> {
    let kafka = required(plan)?;
    let (clients, names) = (Clients::new(kafka, None)?, Names::of(kafka));
    let worker = health.follower();
    again(&worker, stop, &mut || Follower::start(&clients, &names, kind, &worker)?.run(stop, each))
}

/// Follows one topic.
struct Follower {
    kind: OutputKind,
    topic: String,
    consumer: BaseConsumer<Context<Onlooker>>,
    reader: Reader,
    brokers: String,
    /// One past the last record read, by partition.
    next: HashMap<i32, i64>,
    began: Instant,
    read: u32,
}

impl Follower {
    fn start(
        clients: &Clients,
        names: &Names,
        kind: OutputKind,
        worker: &Worker,
    ) -> Result<Follower, KafkaError> {
        let group = format!("{}-serve", names.listen_group);
        let mut config = clients.reader(&group);
        if kind == OutputKind::Mentions {
            config.set("queued.max.messages.kbytes", MENTIONS_AHEAD_KIB);
        }
        let consumer = consumer(clients, config, worker)
            .map_err(|source| KafkaError::client("follow the topics out", &clients.brokers, source))?;
        let mut follower = Follower {
            kind,
            topic: names.topic(kind).to_owned(),
            consumer,
            reader: Reader::new(clients, &group)?,
            brokers: clients.brokers.clone(),
            next: HashMap::new(),
            began: Instant::now(),
            read: 0,
        };
        let list = follower.near_the_end()?;
        follower.consumer.assign(&list).map_err(|e| follower.failed(e))?;
        worker.set(Report::follows);
        Ok(follower)
    }

    fn run(&mut self, stop: &AtomicBool, each: &mut dyn FnMut(Followed<'_>)) -> Result<(), KafkaError> {
        while !stop.load(Ordering::SeqCst) {
            match self.consumer.poll(POLL) {
                Some(Ok(message)) => {
                    self.next.insert(message.partition(), message.offset() + 1);
                    self.read += 1;
                    if let Some(written) = written(self.kind, &message) {
                        each(Followed::Written(written));
                    }
                }
                Some(Err(ClientError::PartitionEOF(_))) | None => {}
                // The client has said so already, and goes on by itself.
                Some(Err(error)) if is_passing(&error) => {}
                Some(Err(error)) => return Err(self.failed(error)),
            }
            if self.kind == OutputKind::Mentions && self.read >= MENTIONS_A_TURN {
                self.end_turn(each)?;
            }
        }
        Ok(())
    }

    fn end_turn(&mut self, each: &mut dyn FnMut(Followed<'_>)) -> Result<(), KafkaError> {
        thread::sleep(TURN.saturating_sub(self.began.elapsed()));
        (self.began, self.read) = (Instant::now(), 0);
        if self.behind()? > back(self.kind) {
            self.skip()?;
            each(Followed::Skipped(self.kind));
        }
        Ok(())
    }

    /// Goes on near the end. Not by a new assignment: librdkafka 2.12 aborts the process when a consumer is closed while
    /// it replaces an assignment by one of the same partitions (the assertion in `rd_kafka_assignment_partition_stopped`).
    fn skip(&mut self) -> Result<(), KafkaError> {
        let list = self.near_the_end()?;
        let found = self.consumer.seek_partitions(list, SEEK_TIMEOUT).map_err(|e| self.failed(e))?;
        found.elements().iter().try_for_each(|entry| entry.error()).map_err(|e| self.failed(e))
    }

    /// Records that were not read yet.
    fn behind(&self) -> Result<i64, KafkaError> {
        let left = |(number, next): (&i32, &i64)| {
            let (_, end) = self.reader.bounds(&Partition::new(&self.topic, *number))?;
            Ok(end - next)
        };
        self.next.iter().map(left).sum()
    }

    /// Where to go on: so far from the ends that what is wanted lies behind.
    fn near_the_end(&mut self) -> Result<TopicPartitionList, KafkaError> {
        let mut partitions = self.reader.partitions(&|topic| topic == self.topic)?;
        // Those that were added later are not assigned.
        partitions.retain(|partition| self.next.is_empty() || self.next.contains_key(&partition.number));
        if partitions.is_empty() {
            // A first run makes it, at this very moment.
            let reason = format!("the topic {} is not there yet", self.topic);
            return Err(KafkaError::unusable("follow the topics out", &self.brokers, reason));
        }
        let back = back(self.kind) / partitions.len() as i64;
        let mut list = TopicPartitionList::new();
        for partition in &partitions {
            let (first, end) = self.reader.bounds(partition)?;
            let from = first.max(end - back);
            // An offset that is a number cannot be refused.
            let _ = list.add_partition_offset(&partition.topic, partition.number, Offset::Offset(from));
            self.next.insert(partition.number, from);
        }
        Ok(list)
    }

    fn failed(&self, source: ClientError) -> KafkaError {
        KafkaError::client("follow the topics out", &self.brokers, source)
    }
}

fn written<'m>(kind: OutputKind, message: &'m BorrowedMessage<'_>) -> Option<Written<'m>> {
    let text = |bytes| std::str::from_utf8(bytes).ok();
    Some(Written { kind, key: message.key().and_then(text)?, value: message.payload().and_then(text) })
}
