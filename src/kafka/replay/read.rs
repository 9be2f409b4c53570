//! The records of a span, read and analysed ahead on threads of their own, partition by partition.
//!
//! No group is joined and nothing is committed. Each partition has a queue of its own to wait in, so that one that
//! is not wanted yet holds no other up and takes no more room than its queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::super::clients::Clients;
use super::super::context::Quiet;
use super::super::error::KafkaError;
use super::super::listen::PostReading;
use super::super::partition::Partition;
use super::super::worker::{Reading as _, is_passing};
use super::span::LaneSpan;
use crate::model::{Reading, Timestamp};

/// Batches that may wait for their turn, of each partition.
const AHEAD: usize = 4;
const BATCH_RECORDS: usize = 512;
/// What librdkafka fetches ahead, of each partition.
const QUEUE_KBYTES: &str = "4096";
const PAUSE: Duration = Duration::from_millis(1);
/// Brokers that say nothing for so long are away.
const SILENT_FOR_AT_MOST: Duration = Duration::from_secs(60);

/// One record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) offset: i64,
    /// The record's timestamp.
    pub(super) time: Option<Timestamp>,
    /// One past its last reading in the batch.
    pub(super) end: usize,
}

/// Records of one partition in their order.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) records: Vec<Taken>,
    pub(super) readings: Vec<Reading>,
}

/// A batch, or none when the span of the partition is over.
pub(super) type Next = Option<Batch>;

/// What a thread reads.
pub(super) struct Share {
    spans: Vec<(LaneSpan, Sender<Next>)>,
}

/// Divides the partitions among `threads`. The batches of each come out at its receiver.
pub(super) fn shares(lanes: &[LaneSpan], threads: usize) -> (Vec<Share>, Vec<Receiver<Next>>) {
    let threads = threads.clamp(1, lanes.len().max(1));
    let mut shares: Vec<Share> = (0..threads).map(|_| Share { spans: Vec::new() }).collect();
    let mut receivers = Vec::new();
    for (at, lane) in lanes.iter().enumerate() {
        let (sender, receiver) = bounded(AHEAD);
        shares[at % threads].spans.push((lane.clone(), sender));
        receivers.push(receiver);
    }
    (shares, receivers)
}

/// One partition while it is read.
struct Source {
    partition: Partition,
    to: i64,
    queue: PartitionQueue<Quiet>,
    sender: Sender<Next>,
    /// Everything was read.
    has_ended: bool,
    /// And that was told.
    is_closed: bool,
}

/// Reads a share until its end, or until `stop`.
///
/// # Errors
/// When the brokers refuse or are away.
pub(super) fn read(
    share: Share,
    clients: &Clients,
    group: &str,
    mut reading: PostReading,
    stop: &AtomicBool,
) -> Result<(), KafkaError> {
    let failed = |action: &str, source| KafkaError::client(action, &clients.brokers, source);
    let mut config = clients.reader(group);
    config.set("queued.max.messages.kbytes", QUEUE_KBYTES);
    let consumer = clients.looker(&config);
    let consumer = Arc::new(consumer.map_err(|e| failed("make a consumer", e))?);
    let mut sources = open(&consumer, share).map_err(|e| failed("read the posts topics", e))?;
    let mut heard = Instant::now();
    while !sources.is_empty() && !stop.load(Ordering::SeqCst) {
        // Nothing but trouble comes here; polling also runs the callbacks.
        if let Some(Err(error)) = consumer.poll(Duration::ZERO)
            && !is_passing(&error)
        {
            return Err(failed("read the posts topics", error));
        }
        let mut is_idle = true;
        for source in &mut sources {
            if source.sender.is_full() {
                heard = Instant::now();
                continue;
            }
            let filled = source.fill(&mut reading);
            if filled.map_err(|e| failed(&format!("read {}", source.partition), e))? {
                (heard, is_idle) = (Instant::now(), false);
            }
        }
        sources.retain(|source| !source.is_closed);
        if heard.elapsed() > SILENT_FOR_AT_MOST {
            let (brokers, seconds) = (clients.brokers.clone(), SILENT_FOR_AT_MOST.as_secs());
            return Err(KafkaError::Silent { action: "read the posts topics".into(), brokers, seconds });
        }
        if is_idle {
            thread::sleep(PAUSE);
        }
    }
    Ok(())
}

/// Gives each partition a queue and assigns them. In this order: a partition that was assigned before it had its queue
/// would fetch into that of all partitions, and what lies there comes too late. librdkafka leaves a queue that was
/// split off as it is when it begins to fetch (`rd_kafka_toppar_op_fetch_start`).
fn open(consumer: &Arc<BaseConsumer<Quiet>>, share: Share) -> Result<Vec<Source>, ClientError> {
    let (spans, empty): (Vec<_>, Vec<_>) =
        share.spans.into_iter().partition(|(span, _)| span.read_from < span.to);
    // Whoever takes the batches may be gone, and has said why; here as below.
    empty.iter().for_each(|(_, sender)| drop(sender.send(None)));
    let mut list = TopicPartitionList::with_capacity(spans.len());
    let mut sources = Vec::with_capacity(spans.len());
    for (LaneSpan { partition, read_from, to, .. }, sender) in spans {
        list.add_partition_offset(&partition.topic, partition.number, Offset::Offset(read_from))?;
        let queue = consumer.split_partition_queue(&partition.topic, partition.number);
        let queue = queue.ok_or(ClientError::Canceled)?;
        sources.push(Source { partition, to, queue, sender, has_ended: false, is_closed: false });
    }
    consumer.assign(&list)?;
    Ok(sources)
}

impl Source {
    /// Hands a batch of what has come over; false when nothing has.
    fn fill(&mut self, reading: &mut PostReading) -> Result<bool, ClientError> {
        if self.has_ended {
            (self.is_closed, _) = (true, self.sender.send(None));
            return Ok(true);
        }
        let mut batch = Batch::default();
        while batch.records.len() < BATCH_RECORDS && !self.has_ended {
            match self.queue.poll(Duration::ZERO) {
                Some(Ok(message)) if message.offset() >= self.to => self.has_ended = true,
                Some(Ok(message)) => {
                    batch.add(&message, reading);
                    self.has_ended = message.offset() + 1 >= self.to;
                }
                // What is between here and the end are markers of transactions, and what is not committed.
                Some(Err(ClientError::PartitionEOF(_))) => self.has_ended = true,
                Some(Err(error)) if is_passing(&error) => {}
                Some(Err(error)) => return Err(error),
                None => break,
            }
        }
        if batch.records.is_empty() {
            return Ok(self.has_ended);
        }
        self.has_ended |= self.sender.send(Some(batch)).is_err();
        Ok(true)
    }
}

impl Batch {
    fn add(&mut self, message: &BorrowedMessage<'_>, reading: &mut PostReading) {
        reading.read(message, &mut self.readings);
        let time = message.timestamp().to_millis().map(Timestamp::from_millis);
        self.records.push(Taken { offset: message.offset(), time, end: self.readings.len() });
    }
}
