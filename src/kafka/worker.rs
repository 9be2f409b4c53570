//! One member of one role: a thread that polls and reads, a thread that owns the state and commits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};
use xxhash_rust::xxh3::xxh3_64;

use super::clients::Clients;
use super::context::Context;
use super::deathpoint::reach;
use super::ends::Ends;
use super::error::KafkaError;
use super::group::{Member, Membership};
use super::health::Report;
use super::leave::Leave;
use super::observer::Observer;
use super::owner::OwnerLoop;
use super::partition::Partition;
use super::transaction::Writer;
use super::watchdog::Watched;

/// Batches that may wait for the owner, so that reading goes on while it commits.
const AHEAD: usize = 8;
/// A batch is handed over when it has so many items...
const BATCH_ITEMS: usize = 2_048;
/// ...or has waited this long.
const BATCH_WAIT: Duration = Duration::from_millis(20);
const POLL: Duration = Duration::from_millis(20);

/// Records of one partition, one after the other.
pub(super) struct Run {
    pub(super) partition: Partition,
    /// Offset of each record, and one past its last item.
    pub(super) records: Vec<(i64, usize)>,
}

/// What was read in one go, in the order in which it came.
pub(super) struct Batch<I> {
    pub(super) runs: Vec<Run>,
    pub(super) items: Vec<I>,
    pub(super) records: usize,
    pub(super) began: Instant,
}

/// What the polling thread tells the owner.
pub(super) enum Event<I> {
    /// Records.
    Batch(Batch<I>),
    /// These partitions are about to be read.
    Assigned { partitions: Vec<Partition>, membership: Membership, done: SyncSender<()> },
    /// These partitions are given up; lost when somebody else may have them already.
    Revoked { partitions: Vec<Partition>, is_lost: bool, done: SyncSender<()> },
    /// Everything of these partitions was read, and of no other.
    AtEnds(Vec<Partition>),
    /// Nothing more comes: commit and end.
    Stop,
}

/// Turns messages into items; on the polling thread.
pub(super) trait Reading: Send {
    /// What the owner gets.
    type Item: Send + 'static;
    /// Appends what is in a message.
    fn read(&mut self, message: &BorrowedMessage<'_>, out: &mut Vec<Self::Item>);
    /// A batch is handed over.
    fn batch_done(&mut self) {}
    /// All that it reads are patterns, which may match nothing yet.
    fn waits_for_topics(&self) -> bool {
        false
    }
}

/// Owns the state of its partitions.
pub(super) trait Owner {
    /// What it takes in.
    type Item;
    /// False for a partition that is not to be read, although the group gives it: a pattern matches its topic, or a static
    /// member had it that came back with other topics.
    fn wants(&self, partition: &Partition) -> bool;
    /// Restores a partition. `committed` is the offset from which it will be read, and what was stored with it. What is made
    /// of it will be written by `writer`.
    fn assign(
        &mut self,
        partition: &Partition,
        committed: Option<(i64, String)>,
        writer: &Writer,
    ) -> Result<(), KafkaError>;
    /// Forgets a partition.
    fn revoke(&mut self, partition: &Partition);
    /// Takes in one record.
    fn accept(
        &mut self,
        partition: &Partition,
        offset: i64,
        items: impl Iterator<Item = Self::Item>,
        writer: &mut Writer,
    ) -> Result<(), KafkaError>;
    /// Whether everything of a partition was read; then it may be silent from now on.
    fn at_end(&mut self, partition: &Partition, is_at_end: bool);
    /// Called now and then; true when it has changed something that must be committed.
    fn tick(&mut self) -> bool;
    /// What was settled is committed. Says how its state is.
    fn committed(&mut self, report: &mut Report);
    /// Writes what is still to be written in this transaction, waits for it, and gives the next offset of
    /// every partition that moved, with what is stored beside it.
    fn settle(&mut self, writer: &mut Writer) -> Result<Vec<(Partition, i64, String)>, KafkaError>;
}

/// When the owner commits.
#[derive(Clone, Copy)]
pub(super) struct CommitEvery {
    pub(super) interval: Duration,
    pub(super) records: usize,
}

/// What a worker needs besides its reading and its owner.
pub(super) struct Setup<'r> {
    pub(super) clients: &'r Clients,
    pub(super) group: &'r str,
    pub(super) name: &'r str,
    pub(super) topics: Vec<&'r str>,
    /// Topics that no pattern among them may stand for, as expressions of librdkafka.
    pub(super) ignored: Option<String>,
    pub(super) commit: CommitEvery,
    pub(super) stop: &'r AtomicBool,
    pub(super) observer: Observer,
    pub(super) watched: &'r Watched,
}

impl Setup<'_> {
    /// What the member is called, if it is a static one. The topics are in it, because brokers give a static member that
    /// comes back the partitions that it had, whatever it subscribes to now.
    fn member(&self) -> String {
        format!("{}-{:016x}", self.name, xxh3_64(self.topics.join(",").as_bytes()))
    }
}

/// Works until it is told to stop. What was taken in by then is committed. `owner` is called before anything is read.
///
/// # Errors
/// Whatever fails first; the worker must then be built anew.
pub(super) fn work<R, O>(
    setup: &Setup<'_>,
    reading: R,
    owner: impl FnOnce() -> Result<(O, Writer), KafkaError>,
) -> Result<(), KafkaError>
where
    R: Reading,
    O: Owner<Item = R::Item> + Send,
{
    // Of the standard library, because there what waits in the channel is dropped with its receiver: a rebalance
    // that waits for the answer of an owner that is gone is told so.
    let (sender, events) = sync_channel(AHEAD);
    let mut config = setup.clients.member(setup.group, &setup.member());
    if let Some(ignored) = &setup.ignored {
        setup.clients.ignore(&mut config, ignored);
    }
    let failed = |action: &str, source| KafkaError::client(action, &setup.clients.brokers, source);
    let member = Member { events: sender.clone(), observer: setup.observer.clone(), ends: Ends::default() };
    let consumer = BaseConsumer::from_config_and_context(&config, Context::new(member))
        .map_err(|e| failed("make a consumer", e))?;
    let consumer = Arc::new(consumer);
    let _leave = Leave::at_the_end(&consumer, setup.watched);
    // Meanwhile the consumer looks for the coordinator of its group.
    let (owner, writer) = owner()?;
    let owned = Arc::clone(&consumer);
    thread::scope(|scope| {
        let mut owning = OwnerLoop::new(owned, owner, writer, setup);
        let owning = scope.spawn(move || owning.run(&events));
        let topics: Vec<String> =
            setup.topics.iter().map(|topic| setup.clients.subscription(topic)).collect();
        let polled = consumer
            .subscribe(&topics.iter().map(String::as_str).collect::<Vec<_>>())
            .and_then(|()| poll(&consumer, reading, &sender, setup.stop))
            .map_err(|e| failed(&format!("read {}", setup.topics.join(", ")), e));
        // The owner commits what it has been given and ends.
        let _ = sender.send(Event::Stop);
        owning.join().unwrap_or(Err(KafkaError::Panicked)).and(polled)
    })
}

/// Polls until told to stop, or until the owner is gone.
fn poll<R: Reading>(
    consumer: &BaseConsumer<Context<Member<R::Item>>>,
    mut reading: R,
    events: &SyncSender<Event<R::Item>>,
    stop: &AtomicBool,
) -> Result<(), ClientError> {
    let mut batch = Batch::new();
    while !stop.load(Ordering::SeqCst) {
        let wait = if batch.runs.is_empty() { POLL } else { BATCH_WAIT };
        let polled = consumer.poll(wait);
        let is_empty = polled.is_none();
        match polled {
            Some(Ok(message)) => {
                batch.add(&message, &mut reading);
                reach("after_poll");
            }
            // The client has said so already.
            Some(Err(error)) if is_passing(&error) => {}
            Some(Err(error)) if is_not_there(&error) && reading.waits_for_topics() => {}
            Some(Err(error)) => return Err(error),
            None => {}
        }
        let mut records = 0;
        if batch.is_due() {
            reading.batch_done();
            records = batch.records;
            if events.send(Event::Batch(batch.take())).is_err() {
                return Ok(());
            }
        }
        if batch.runs.is_empty()
            && let Some(ends) = consumer.context().own.ends.polled(records, is_empty)
            && events.send(Event::AtEnds(ends)).is_err()
        {
            return Ok(());
        }
    }
    // Whoever is gone has said why.
    let _ = events.send(Event::Batch(batch.take()));
    Ok(())
}

/// librdkafka goes on by itself after these.
pub(super) fn is_passing(error: &ClientError) -> bool {
    use RDKafkaErrorCode::{AllBrokersDown, BrokerTransportFailure, OperationTimedOut, Resolve};
    matches!(
        error.rdkafka_error_code(),
        Some(AllBrokersDown | BrokerTransportFailure | OperationTimedOut | Resolve)
    )
}

/// A topic that is read, or whatever a pattern stands for, is not there.
fn is_not_there(error: &ClientError) -> bool {
    use RDKafkaErrorCode::{UnknownTopic, UnknownTopicOrPartition};
    matches!(error.rdkafka_error_code(), Some(UnknownTopic | UnknownTopicOrPartition))
}

impl<I> Batch<I> {
    fn new() -> Batch<I> {
        Batch { runs: Vec::new(), items: Vec::new(), records: 0, began: Instant::now() }
    }

    fn add<R: Reading<Item = I>>(&mut self, message: &BorrowedMessage<'_>, reading: &mut R) {
        if self.runs.is_empty() {
            self.began = Instant::now();
        }
        reading.read(message, &mut self.items);
        self.records += 1;
        let (topic, number) = (message.topic(), message.partition());
        let record = (message.offset(), self.items.len());
        match self
            .runs
            .last_mut()
            .filter(|run| run.partition.number == number && *run.partition.topic == *topic)
        {
            Some(run) => run.records.push(record),
            None => self.runs.push(Run { partition: Partition::new(topic, number), records: vec![record] }),
        }
    }

    fn is_due(&self) -> bool {
        !self.runs.is_empty() && (self.items.len() >= BATCH_ITEMS || self.began.elapsed() >= BATCH_WAIT)
    }

    fn take(&mut self) -> Batch<I> {
        std::mem::replace(self, Batch::new())
    }
}
