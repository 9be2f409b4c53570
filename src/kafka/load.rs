//! Writes posts for load tests into a topic.
//!
//! Idempotent, not transactional: whoever tests the capacity of readers wants records to be there when they are
//! written. librdkafka tries again for a minute; after that the load ends with an error.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};

use super::clients::Clients;
use super::context::{Context, Hears};
use super::error::KafkaError;
use super::restore::Reader;
use super::topics::required;
use crate::config::{KafkaTopics, Plan, Source};
use crate::load::{Generator, LoadCounts, LoadRecord, Schedule};

/// How long a full queue, or the next record's turn, is waited for at a time.
const PAUSE: Duration = Duration::from_millis(1);
/// So many records are written between two looks at the clock.
const BATCH: u64 = 256;
const FLUSH: Duration = Duration::from_millis(200);

/// Remembers the first record that could not be delivered.
#[derive(Clone, Default)]
struct Deliveries(Arc<Mutex<Option<ClientError>>>);

impl Deliveries {
    fn failure(&self) -> Option<ClientError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Hears for Deliveries {}

impl ProducerContext for Context<Deliveries> {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            let mut first = self.own.0.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| error.clone());
        }
    }
}

/// The topic that posts are written into unless another one is wanted: the first one of the first feed.
///
/// # Errors
/// When there is no `[kafka]`, or its first feed reads topics by a pattern.
pub fn load_topic(plan: &Plan, wanted: Option<&str>) -> Result<String, KafkaError> {
    if plan.kafka.is_none() {
        return Err(KafkaError::Setting(
            "the pipeline has no [kafka], so there is no topic to write to".into(),
        ));
    }
    let topics = plan.feeds.iter().find_map(|feed| match &feed.source {
        Source::Kafka(topics) => Some(topics),
        _ => None,
    });
    match (wanted, topics) {
        (Some(topic), _) => Ok(topic.to_owned()),
        (None, Some(KafkaTopics::Named(names))) if !names.is_empty() => Ok(names[0].clone()),
        _ => {
            Err(KafkaError::Setting("the feed reads topics by a pattern; say which one with --topic".into()))
        }
    }
}

/// Writes what the generator makes into `topic`, as the schedule wants it, until it is over or `stop` is set.
/// `watch` is told how many records are written. Gives what was written and how long it took.
///
/// # Errors
/// When the brokers are away or refuse, or there is no such topic.
pub fn load(
    plan: &Plan,
    topic: &str,
    generator: &mut Generator,
    schedule: &Schedule,
    stop: &AtomicBool,
    watch: &mut dyn FnMut(u64),
) -> Result<(LoadCounts, Duration), KafkaError> {
    let writer = LoadWriter::new(plan, topic)?;
    let (mut record, mut counts) = (LoadRecord::default(), LoadCounts::default());
    let began = Instant::now();
    while !stop.load(Ordering::SeqCst) {
        let elapsed = began.elapsed().as_secs_f64() * 1000.0;
        if schedule.is_over(counts.records, elapsed) {
            break;
        }
        let due = schedule.due(elapsed).min(counts.records + BATCH);
        if due <= counts.records {
            thread::sleep(PAUSE);
        }
        while counts.records < due {
            generator.next(schedule.time_of(counts.records, elapsed), &mut record);
            writer.send(&record)?;
            counts.add(&record);
        }
        watch(counts.records);
    }
    writer.finish()?;
    Ok((counts, began.elapsed()))
}

/// A producer and its topic.
struct LoadWriter<'a> {
    producer: ThreadedProducer<Context<Deliveries>>,
    deliveries: Deliveries,
    topic: &'a str,
    brokers: String,
}

impl<'a> LoadWriter<'a> {
    fn new(plan: &Plan, topic: &'a str) -> Result<LoadWriter<'a>, KafkaError> {
        let kafka = required(plan)?;
        let clients = Clients::new(kafka, None)?;
        check_topic(&clients, &kafka.group, topic)?;
        let deliveries = Deliveries::default();
        let context = Context::new(deliveries.clone());
        let producer = ThreadedProducer::from_config_and_context(&clients.loader(), context)
            .map_err(|source| KafkaError::client("make a producer", &clients.brokers, source))?;
        Ok(LoadWriter { producer, deliveries, topic, brokers: clients.brokers })
    }

    /// Waits while the queue is full.
    fn send(&self, record: &LoadRecord) -> Result<(), KafkaError> {
        let mut next = BaseRecord::to(self.topic).key(&record.key).payload(&record.value);
        while let Err((error, back)) = self.producer.send(next) {
            if error.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
                return Err(self.failed(error));
            }
            self.check()?;
            thread::sleep(PAUSE);
            next = back;
        }
        Ok(())
    }

    /// Waits until all records have arrived, or one could not.
    fn finish(&self) -> Result<(), KafkaError> {
        loop {
            let flushed = self.producer.flush(FLUSH);
            self.check()?;
            match flushed {
                Ok(()) => return Ok(()),
                Err(e) if e.rdkafka_error_code() == Some(RDKafkaErrorCode::OperationTimedOut) => {}
                Err(e) => return Err(self.failed(e)),
            }
        }
    }

    fn check(&self) -> Result<(), KafkaError> {
        self.deliveries.failure().map_or(Ok(()), |error| Err(self.failed(error)))
    }

    fn failed(&self, source: ClientError) -> KafkaError {
        KafkaError::client(format!("write to the topic {}", self.topic), &self.brokers, source)
    }
}

/// A producer would make a topic that is not there, with whatever partitions the brokers choose.
fn check_topic(clients: &Clients, group: &str, topic: &str) -> Result<(), KafkaError> {
    let reader = Reader::new(clients, &format!("{group}-load"))?;
    if !reader.partitions(&|found| found == topic)?.is_empty() {
        return Ok(());
    }
    let what =
        format!("the posts topic {topic} is not there; create it with the partitions that you want to test");
    Err(KafkaError::Setting(what))
}
