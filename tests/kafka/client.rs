//! Plain helpers over the client library: topics, records in, records out, offsets.

use std::collections::HashSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication,
    TopicResult,
};
use rdkafka::client::{ClientContext, DefaultClientContext};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, DeliveryResult, Headers, Message};
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::{Offset, TopicPartitionList};

const LONGEST: Duration = Duration::from_secs(90);

/// A record as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub partition: i32,
    pub offset: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Vec<u8>)>,
}

/// A cluster by its address.
#[derive(Clone)]
pub struct Kafka {
    address: String,
}

impl Kafka {
    pub fn new(address: &str) -> Kafka {
        Kafka { address: address.to_owned() }
    }

    pub fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.address);
        config
    }

    /// True if a broker answers within a second.
    pub fn answers(&self) -> bool {
        let consumer: BaseConsumer = self.config().create().unwrap();
        consumer.fetch_metadata(None, Duration::from_secs(1)).is_ok_and(|m| !m.brokers().is_empty())
    }

    pub fn create_topic(&self, name: &str, partitions: usize, settings: &[(&str, &str)]) {
        let mut topic = NewTopic::new(name, partitions as i32, TopicReplication::Fixed(1));
        for (key, value) in settings {
            topic = topic.set(key, value);
        }
        expect_done(&block_on(self.admin().create_topics([&topic], &options())).unwrap());
        self.wait_for_partitions(name, partitions);
    }

    fn wait_for_partitions(&self, topic: &str, partitions: usize) {
        let began = Instant::now();
        while self.partitions(topic) != partitions {
            assert!(began.elapsed() < LONGEST, "{topic} does not have {partitions} partitions");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Raises the number of partitions of a topic to `total`.
    pub fn add_partitions(&self, topic: &str, total: usize) {
        let more = NewPartitions::new(topic, total);
        expect_done(&block_on(self.admin().create_partitions([&more], &options())).unwrap());
        self.wait_for_partitions(topic, total);
    }

    /// Deletes what is before this offset of a partition, as retention does.
    pub fn delete_before(&self, topic: &str, partition: i32, offset: i64) {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, partition, Offset::Offset(offset)).unwrap();
        let done = block_on(self.admin().delete_records(&list, &options())).unwrap();
        done.elements().iter().for_each(|entry| entry.error().unwrap());
    }

    /// A setting of a topic, as the broker has it.
    pub fn setting(&self, topic: &str, name: &str) -> Option<String> {
        let resource = ResourceSpecifier::Topic(topic);
        let found = block_on(self.admin().describe_configs([&resource], &options())).unwrap().remove(0);
        found.unwrap().get(name)?.value.clone()
    }

    /// Gives a topic this setting and takes all others back.
    pub fn set(&self, topic: &str, name: &str, value: &str) {
        let change = AlterConfig::new(ResourceSpecifier::Topic(topic)).set(name, value);
        let done = block_on(self.admin().alter_configs([&change], &options())).unwrap().remove(0);
        done.unwrap();
    }

    /// Has the brokers forget a group; false while it has members.
    pub fn delete_group(&self, group: &str) -> bool {
        block_on(self.admin().delete_groups(&[group], &options())).unwrap().remove(0).is_ok()
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.config().create().unwrap()
    }

    /// 0 if there is no such topic.
    pub fn partitions(&self, topic: &str) -> usize {
        let consumer: BaseConsumer = self.config().create().unwrap();
        partitions_of(&consumer, topic)
    }

    /// Sends plain records.
    pub fn writer(&self) -> Writer {
        Writer::new(&mut self.config())
    }

    /// Everything committed in a topic, from its start to its end at this moment, by partition and offset.
    pub fn read_committed(&self, topic: &str) -> Vec<Record> {
        let mut records = Vec::new();
        self.each_committed(topic, &mut |record| records.push(record));
        records.sort_by_key(|record| (record.partition, record.offset));
        records
    }

    /// Until all that is there now can be read: what is behind an open transaction cannot, although it is committed.
    fn wait_until_readable(&self, topic: &str) {
        let (ends, began) = (self.ends(topic), Instant::now());
        let is_open = |readable: &[i64]| readable.iter().zip(&ends).any(|(readable, end)| readable < end);
        while is_open(&self.ends_at("read_committed", topic)) {
            assert!(began.elapsed() < LONGEST, "a transaction stays open in {topic}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The same, one record at a time: in order within a partition.
    pub fn each_committed(&self, topic: &str, take: &mut dyn FnMut(Record)) {
        self.wait_until_readable(topic);
        let consumer: BaseConsumer = self
            .config()
            .set("group.id", "a-reader-that-joins-nobody")
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            // The end of a topic may be a marker of a transaction, which nobody ever receives: so a reader
            // must be told that it has reached the end, it cannot see it by itself.
            .set("enable.partition.eof", "true")
            .create()
            .unwrap();
        let mut open: HashSet<i32> = (0..partitions_of(&consumer, topic) as i32).collect();
        let mut list = TopicPartitionList::new();
        for partition in &open {
            list.add_partition_offset(topic, *partition, Offset::Beginning).unwrap();
        }
        consumer.assign(&list).unwrap();
        while !open.is_empty() {
            match consumer.poll(LONGEST) {
                Some(Ok(message)) => take(record(&message)),
                Some(Err(KafkaError::PartitionEOF(partition))) => drop(open.remove(&partition)),
                Some(Err(error)) => panic!("{topic}: {error}"),
                None => panic!("{topic}: partitions {open:?} do not end"),
            }
        }
    }

    /// One past the last offset of each partition, counting markers and what was aborted.
    pub fn ends(&self, topic: &str) -> Vec<i64> {
        self.ends_at("read_uncommitted", topic)
    }

    fn ends_at(&self, isolation: &str, topic: &str) -> Vec<i64> {
        let consumer: BaseConsumer = self.config().set("isolation.level", isolation).create().unwrap();
        let began = Instant::now();
        let end = |partition| loop {
            match consumer.fetch_watermarks(topic, partition, LONGEST) {
                Ok((_, end)) => return end,
                // A topic that was made a moment ago.
                Err(error) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::NotLeaderForPartition) => {
                    assert!(began.elapsed() < LONGEST, "{topic}: {error}");
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(error) => panic!("{topic}: {error}"),
            }
        };
        (0..partitions_of(&consumer, topic) as i32).map(end).collect()
    }

    /// Watches how far a consumer group has committed.
    pub fn group(&self, group: &str, topic: &str) -> Group {
        // What is committed by a transaction that is still open is not told yet. A reader of committed things
        // would wait for it instead, and could not look every few milliseconds.
        let consumer: BaseConsumer =
            self.config().set("group.id", group).set("isolation.level", "read_uncommitted").create().unwrap();
        Group { consumer, topic: topic.to_owned() }
    }
}

/// The committed offsets of a group in one topic. Looks, and never joins.
pub struct Group {
    consumer: BaseConsumer,
    topic: String,
}

impl Group {
    /// Writes another offset over the committed one of a partition, as a person with Kafka's tools may. Nobody must be in
    /// the group.
    pub fn set(&self, partition: i32, offset: i64) {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&self.topic, partition, Offset::Offset(offset)).unwrap();
        self.consumer.commit(&list, CommitMode::Sync).unwrap();
    }

    /// By partition, 0 where nothing is committed. None if the broker does not answer.
    pub fn committed(&self, partitions: usize) -> Option<Vec<i64>> {
        let mut list = TopicPartitionList::new();
        list.add_partition_range(&self.topic, 0, partitions as i32 - 1);
        let list = self.consumer.committed_offsets(list, Duration::from_secs(2)).ok()?;
        let offset = |partition| match list.find_partition(&self.topic, partition)?.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => Some(0),
        };
        (0..partitions as i32).map(offset).collect()
    }
}

/// Sends records, quickly and in order.
pub struct Writer {
    producer: ThreadedProducer<Failures>,
}

/// Counts the records that did not arrive.
#[derive(Default)]
struct Failures(AtomicU64);

impl ClientContext for Failures {}

impl ProducerContext for Failures {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        self.0.fetch_add(u64::from(result.is_err()), Ordering::Relaxed);
    }
}

impl Writer {
    fn new(config: &mut ClientConfig) -> Writer {
        // Idempotent: in order, and once, also when the broker is killed meanwhile.
        config.set("enable.idempotence", "true").set("linger.ms", "5").set("compression.type", "lz4");
        // On a machine that is overloaded a broker that is killed again and again is seldom there.
        config.set("message.timeout.ms", "0").set("reconnect.backoff.max.ms", "500");
        Writer { producer: config.create_with_context(Failures::default()).unwrap() }
    }

    /// `time` is the record's timestamp in milliseconds.
    pub fn send(&self, topic: &str, partition: i32, key: &[u8], value: &[u8], time: i64) {
        let mut record = BaseRecord::to(topic).partition(partition).key(key).payload(value).timestamp(time);
        while let Err((error, back)) = self.producer.send(record) {
            assert_eq!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::QueueFull), "{error}");
            std::thread::sleep(Duration::from_millis(1));
            record = back;
        }
    }

    /// Waits until all have arrived.
    pub fn flush(&self) {
        self.producer.flush(LONGEST * 4).unwrap();
        let failures = self.producer.context().0.load(Ordering::Relaxed);
        assert_eq!(failures, 0, "records that did not arrive");
    }
}

fn partitions_of(consumer: &BaseConsumer, topic: &str) -> usize {
    let metadata = consumer.fetch_metadata(Some(topic), LONGEST).unwrap();
    metadata.topics().first().map_or(0, |topic| topic.partitions().len())
}

fn record(message: &BorrowedMessage<'_>) -> Record {
    let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
    Record {
        partition: message.partition(),
        offset: message.offset(),
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers: headers.map(|h| (h.key.to_owned(), h.value.unwrap_or_default().to_vec())).collect(),
    }
}

fn options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(LONGEST)).request_timeout(Some(LONGEST))
}

fn expect_done(results: &[TopicResult]) {
    for result in results {
        if let Err((topic, error)) = result {
            panic!("{topic}: {error}");
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The admin client speaks in futures; nothing else here does.
fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        std::thread::park_timeout(LONGEST);
    }
}
