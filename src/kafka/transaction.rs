//! Writing: one producer, one transaction at a time.
//!
//! **Invariant:** after any error the writer is thrown away. What its transaction did is then settled by its
//! successor of the same transactional id: `init_transactions` ends it, so no outcome stays unknown. The same after
//! a commit that went well, but may have been sent twice: the second copy would end a later transaction.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::config::{ClientConfig, FromClientConfigAndContext};
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::message::{Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::TopicPartitionList;

use super::clients::RETRY_BACKOFF_MS;
use super::context::{Context, Hears};
use super::deathpoint::reach;
use super::error::KafkaError;
use super::partition::Partition;
use super::watchdog::Watched;

/// A call that takes longer has an unknown outcome. Shorter than the watchdog's patience.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// Brokers need milliseconds to end what a predecessor left open, and meanwhile they refuse. The client library tries again half
/// a second later, and another client at once; after so long another one is made.
const INIT_FIRST: Duration = Duration::from_millis(100);
/// When a connection is lost the client library sends a request again by itself, and says nothing; the brokers may
/// get both. It waits four fifths of `retry.backoff.ms` at least before it does, so a commit that took less than
/// this was sent once.
const SENT_ONCE: Duration = Duration::from_millis(RETRY_BACKOFF_MS * 2 / 3);
/// How long a full queue or the last deliveries are waited for at a time.
const PAUSE: Duration = Duration::from_micros(200);
/// How long a partition that was made is waited for, and how long the first time and later ones before the next look.
const SHOWS_WITHIN: Duration = Duration::from_secs(10);
const SHOWS_FIRST: Duration = Duration::from_millis(5);
const SHOWS_LATER: Duration = Duration::from_millis(500);

/// Collects what became of each record.
#[derive(Clone, Default)]
struct Deliveries {
    /// Tickets and the offsets that their records got.
    placed: Arc<Mutex<Vec<(usize, i64)>>>,
    /// What failed first, and the topic for which it was.
    failed: Arc<Mutex<Option<(String, ClientError)>>>,
    /// Why a topic may not be in the transaction; its records are only thrown away then.
    refusal: Arc<Mutex<Option<String>>>,
}

impl Hears for Deliveries {
    fn line(&self, facility: &str, message: &str) {
        // Topics that were in the same request are told as "not attempted".
        if facility == "ADDPARTS" && !message.contains("not attempted") {
            let reason = message.find("Failed").map_or(message, |at| &message[at..]);
            lock(&self.refusal).get_or_insert_with(|| reason.to_owned());
        }
    }
}

impl ProducerContext for Context<Deliveries> {
    /// 0 for records whose offset nobody asks for.
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, ticket: usize) {
        match result {
            Ok(message) if ticket > 0 => lock(&self.own.placed).push((ticket, message.offset())),
            Ok(_) => {}
            Err((error, message)) => {
                lock(&self.own.failed).get_or_insert_with(|| (message.topic().to_owned(), error.clone()));
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One record to be written.
pub(super) struct Outgoing<'a> {
    pub(super) topic: &'a str,
    /// None: chosen by the key.
    pub(super) partition: Option<i32>,
    pub(super) key: &'a [u8],
    /// None: a tombstone.
    pub(super) value: Option<&'a [u8]>,
    pub(super) headers: Option<OwnedHeaders>,
    /// From [`Writer::ticket`], when the record's offset is wanted; else 0.
    pub(super) ticket: usize,
}

/// A transactional producer.
pub(super) struct Writer {
    producer: ThreadedProducer<Context<Deliveries>>,
    deliveries: Deliveries,
    watched: Watched,
    brokers: String,
    config: ClientConfig,
    is_open: bool,
    /// The last commit may come to the brokers once more.
    may_come_again: bool,
    tickets: usize,
}

impl Writer {
    /// Ends what a predecessor of the same transactional id left open.
    ///
    /// # Errors
    /// When the brokers do not answer or refuse.
    pub(super) fn new(config: &ClientConfig, brokers: &str, watched: Watched) -> Result<Writer, KafkaError> {
        let began = Instant::now();
        loop {
            let writer = Writer::unready(config, brokers, watched.clone())?;
            match writer.init(INIT_FIRST) {
                Err(error)
                    if error.is(RDKafkaErrorCode::ConcurrentTransactions)
                        && began.elapsed() < INIT_TIMEOUT =>
                {
                    continue;
                }
                // The call goes on where it was. What has kept it so far is said instead of its time, if that is known.
                Err(error) if error.is_under_way() => {
                    writer.init(INIT_TIMEOUT).map_err(|error| writer.out_of_time(INIT_TIMEOUT, error))?;
                }
                outcome => outcome?,
            }
            reach("after_init");
            return Ok(writer);
        }
    }

    fn init(&self, timeout: Duration) -> Result<(), KafkaError> {
        self.call("reach the transaction coordinator", |p| p.init_transactions(timeout))
    }

    fn unready(config: &ClientConfig, brokers: &str, watched: Watched) -> Result<Writer, KafkaError> {
        let deliveries = Deliveries::default();
        let failed = |source| KafkaError::client("make a producer", brokers, source);
        let context = Context::new(deliveries.clone());
        let producer = ThreadedProducer::from_config_and_context(config, context).map_err(failed)?;
        Ok(Writer {
            producer,
            deliveries,
            watched,
            brokers: brokers.to_owned(),
            config: config.clone(),
            is_open: false,
            may_come_again: false,
            tickets: 0,
        })
    }

    fn call<T>(
        &self,
        action: &'static str,
        body: impl FnOnce(&ThreadedProducer<Context<Deliveries>>) -> Result<T, ClientError>,
    ) -> Result<T, KafkaError> {
        let _guard = self.watched.enter(action);
        reach("mid_call");
        body(&self.producer).map_err(|source| self.failed(action, source))
    }

    /// After a record was refused every call fails, and only the refusal says why.
    fn failed(&self, action: &str, source: ClientError) -> KafkaError {
        self.refused().unwrap_or_else(|| KafkaError::client(action, &self.brokers, source))
    }

    /// A call that ran out of time says no more than that, and in the words of the client library; which brokers could not be
    /// reached meanwhile its lines have said.
    fn out_of_time(&self, timeout: Duration, error: KafkaError) -> KafkaError {
        let is_late = error.is(RDKafkaErrorCode::OperationTimedOut);
        let KafkaError::Client { action, brokers, source } = error else { return error };
        if !is_late {
            return KafkaError::Client { action, brokers, source };
        }
        let seconds = timeout.as_secs();
        match self.producer.context().failures.told() {
            Some(lost) => {
                KafkaError::unusable(action, &brokers, format!("no answer within {seconds} s; {lost}"))
            }
            None => KafkaError::Silent { action, brokers, seconds },
        }
    }

    fn refused(&self) -> Option<KafkaError> {
        let (topic, source) = lock(&self.deliveries.failed).take()?;
        if let Some(reason) = lock(&self.deliveries.refusal).take() {
            return Some(KafkaError::unusable("write to the topics", &self.brokers, reason));
        }
        Some(KafkaError::client(format!("write to {topic}"), &self.brokers, source))
    }

    /// Begins a transaction unless one is open.
    pub(super) fn begin(&mut self) -> Result<(), KafkaError> {
        if !self.is_open {
            if self.may_come_again {
                tracing::info!("the last commit may have been sent twice; making a new producer");
                *self = Writer::new(&self.config, &self.brokers, self.watched.clone())?;
            }
            self.call("begin a transaction", |p| p.begin_transaction())?;
            self.is_open = true;
        }
        Ok(())
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// A number by which a record's offset can be asked for.
    pub(super) fn ticket(&mut self) -> usize {
        self.tickets += 1;
        self.tickets
    }

    /// Waits until this producer knows of a partition that is there: it refuses at once what is written to one that was added
    /// since it looked last, and by itself it looks every few seconds only.
    ///
    /// # Errors
    /// When the partition does not show, or the brokers do not answer.
    pub(super) fn wait_for(&self, partition: &Partition) -> Result<(), KafkaError> {
        let (began, mut pause) = (Instant::now(), SHOWS_FIRST);
        // Each look brings the producer up to date.
        while self.count(&partition.topic)? <= partition.number {
            if began.elapsed() > SHOWS_WITHIN {
                let reason = format!("the partition does not show within {} s", SHOWS_WITHIN.as_secs());
                return Err(KafkaError::unusable(format!("write to {partition}"), &self.brokers, reason));
            }
            if pause == SHOWS_FIRST {
                tracing::info!(%partition, "waiting until the new partition shows");
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(SHOWS_LATER);
        }
        Ok(())
    }

    /// How many partitions a topic has.
    pub(super) fn partitions(&self, topic: &str) -> Result<i32, KafkaError> {
        match self.count(topic)? {
            0 => {
                let reason = "it has no partitions".to_owned();
                Err(KafkaError::unusable(format!("look up {topic}"), &self.brokers, reason))
            }
            count => Ok(count),
        }
    }

    /// The same; none of one that is not there.
    fn count(&self, topic: &str) -> Result<i32, KafkaError> {
        let metadata =
            self.call("look up a topic", |p| p.client().fetch_metadata(Some(topic), CALL_TIMEOUT))?;
        let found = metadata.topics().iter().find(|found| found.name() == topic);
        Ok(found.and_then(|found| i32::try_from(found.partitions().len()).ok()).unwrap_or(0))
    }

    /// Hands a record over; waits while the queue is full.
    pub(super) fn send(&self, out: Outgoing<'_>) -> Result<(), KafkaError> {
        self.send_at(out, None)
    }

    /// The same for a record with this timestamp in milliseconds; without one it is the time of writing.
    pub(super) fn send_at(&self, out: Outgoing<'_>, at: Option<i64>) -> Result<(), KafkaError> {
        let mut record = BaseRecord::with_opaque_to(out.topic, out.ticket).key(out.key);
        if let Some(partition) = out.partition {
            record = record.partition(partition);
        }
        if let Some(value) = out.value {
            record = record.payload(value);
        }
        if let Some(headers) = out.headers {
            record = record.headers(headers);
        }
        if let Some(at) = at {
            record = record.timestamp(at);
        }
        let mut full_since = None;
        loop {
            match self.producer.send(record) {
                Ok(()) => {
                    reach("mid_produce");
                    return Ok(());
                }
                // A clock costs as much as the rest of this loop, so it is not looked at for every record.
                Err((ClientError::MessageProduction(RDKafkaErrorCode::QueueFull), back))
                    if full_since.get_or_insert_with(Instant::now).elapsed() < CALL_TIMEOUT =>
                {
                    record = back;
                    std::thread::sleep(PAUSE);
                }
                Err((source, _)) => return Err(self.failed(&format!("write to {}", out.topic), source)),
            }
        }
    }

    /// Waits until every record has arrived, and gives the offsets of those with tickets. Committing with
    /// records under way would cost a tenth of a second.
    pub(super) fn drain(&self) -> Result<Vec<(usize, i64)>, KafkaError> {
        let _guard = self.watched.enter("wait for deliveries");
        let began = Instant::now();
        while self.producer.in_flight_count() > 0 {
            if began.elapsed() > CALL_TIMEOUT {
                let action = "deliver what was written".to_owned();
                let (brokers, seconds) = (self.brokers.clone(), CALL_TIMEOUT.as_secs());
                return Err(KafkaError::Silent { action, brokers, seconds });
            }
            std::thread::sleep(PAUSE);
        }
        match self.refused() {
            Some(refused) => Err(refused),
            None => Ok(std::mem::take(&mut *lock(&self.deliveries.placed))),
        }
    }

    /// Commits what was written together with the offsets.
    pub(super) fn commit(
        &mut self,
        offsets: &TopicPartitionList,
        member: &ConsumerGroupMetadata,
    ) -> Result<(), KafkaError> {
        reach("before_offsets");
        let began = Instant::now();
        self.call("send offsets to the transaction", |p| {
            reach("mid_offsets");
            p.send_offsets_to_transaction(offsets, member, CALL_TIMEOUT)
        })
        .map_err(|error| self.out_of_time(CALL_TIMEOUT, error))?;
        reach("after_offsets");
        self.end(began)
    }

    /// Commits what was written.
    pub(super) fn commit_records(&mut self) -> Result<(), KafkaError> {
        self.end(Instant::now())
    }

    /// Ends the transaction, of which the first request for that was sent at `began`.
    fn end(&mut self, began: Instant) -> Result<(), KafkaError> {
        self.call("commit a transaction", |p| p.commit_transaction(CALL_TIMEOUT))
            .map_err(|error| self.out_of_time(CALL_TIMEOUT, error))?;
        reach("after_commit");
        self.is_open = false;
        self.may_come_again = began.elapsed() >= SENT_ONCE;
        Ok(())
    }
}

#[cfg(test)]
#[path = "transaction_tests.rs"]
mod tests;
