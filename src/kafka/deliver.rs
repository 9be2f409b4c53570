//! The deliver role: tells one receiver of the alerts in the topic, at least once.
//!
//! Each delivery has a consumer group of its own and so a place of its own in the topic: a receiver that is away holds
//! back nobody else. The place is moved on when an alert is delivered or given up.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, RebalanceProtocol};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::statistics::Statistics;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::clients::Clients;
use super::context::{Context, Hears};
use super::error::KafkaError;
use super::group::tell_place;
use super::leave::{Joins, Leave};
use super::names::Names;
use super::observer::Observer;
use super::partition::Partition;
use super::watchdog::Watched;
use super::worker::is_passing;
use crate::deliver::{Alert, Courier, Step};

const POLL: Duration = Duration::from_millis(100);
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Tells the courier's receiver of alerts until `stop`.
///
/// # Errors
/// Whatever fails between earful and the brokers; what a receiver does wrong is none. Begin anew then: an alert that
/// was delivered and not committed is sent again.
pub(super) fn deliver(
    clients: &Clients,
    names: &Names,
    courier: &mut Courier,
    stop: &AtomicBool,
    observer: &Observer,
    watched: &Watched,
) -> Result<(), KafkaError> {
    let group = names.deliver_group(courier.name());
    let failed = |action: &str, source| KafkaError::client(action, &clients.brokers, source);
    let member = Member { observer: observer.clone(), failure: Mutex::default(), behind: AtomicI64::new(0) };
    let config = clients.member(&group, courier.name());
    let consumer = BaseConsumer::from_config_and_context(&config, Context::new(member))
        .map_err(|e| failed("make a consumer", e))?;
    let _leave = Leave::at_the_end(&consumer, watched);
    courier.drop_it();
    let mut round =
        Round { consumer: &consumer, courier, observer, queue: VecDeque::new(), paused: BTreeSet::new() };
    round
        .consumer
        .subscribe(&[&names.alerts])
        .and_then(|()| round.run(stop))
        .map_err(|e| failed(&format!("read {} for the delivery {}", names.alerts, round.courier.name()), e))
}

/// A record of the topic; without an alert there is nothing to do for it.
struct Entry {
    partition: Partition,
    offset: i64,
    alert: Option<Alert>,
}

struct Round<'r> {
    consumer: &'r BaseConsumer<Context<Member>>,
    courier: &'r mut Courier,
    observer: &'r Observer,
    /// Read and not done. The first is the one that the courier has.
    queue: VecDeque<Entry>,
    /// While the courier is on its way nothing more is read; polls go on, else the group would give the member up.
    paused: BTreeSet<Partition>,
}

impl Round<'_> {
    fn run(&mut self, stop: &AtomicBool) -> Result<(), ClientError> {
        while !stop.load(Ordering::SeqCst) {
            let entry = match self.consumer.poll(POLL) {
                Some(Ok(message)) => Some(self.entry(&message)),
                Some(Err(ClientError::PartitionEOF(_))) | None => None,
                // The client has said so already.
                Some(Err(error)) if is_passing(&error) => None,
                Some(Err(error)) => return Err(error),
            };
            self.consumer.context().own.check()?;
            let is_idle = entry.is_none();
            self.queue.extend(entry);
            self.forget_revoked()?;
            self.work()?;
            self.tell_lag(is_idle);
        }
        Ok(())
    }

    fn entry(&self, message: &BorrowedMessage<'_>) -> Entry {
        let partition = Partition::new(message.topic(), message.partition());
        let alert = message.payload().and_then(|json| match Alert::parse(json) {
            Ok(alert) => Some(alert).filter(|alert| self.courier.wants(alert)),
            Err(error) => {
                let (delivery, offset) = (self.courier.name(), message.offset());
                tracing::error!(delivery, %partition, offset, error, "a record is no alert and is passed over");
                self.observer.unreadable_alert(delivery);
                None
            }
        });
        Entry { partition, offset: message.offset(), alert }
    }

    /// What belongs to another process now is not ours to send.
    fn forget_revoked(&mut self) -> Result<(), ClientError> {
        if self.queue.is_empty() {
            return Ok(());
        }
        let assigned = partitions(&self.consumer.assignment()?);
        if self.queue.front().is_some_and(|first| !assigned.contains(&first.partition)) {
            self.courier.drop_it();
        }
        self.queue.retain(|entry| assigned.contains(&entry.partition));
        self.paused.retain(|partition| assigned.contains(partition));
        Ok(())
    }

    /// Does what can be done now, and commits it.
    fn work(&mut self) -> Result<(), ClientError> {
        let mut done = BTreeMap::new();
        while let Some(first) = self.queue.front() {
            if let Some(alert) = &first.alert {
                if !self.courier.is_busy() {
                    self.courier.take(alert, Instant::now());
                }
                let step = self.courier.step(Instant::now());
                self.observer.delivery_step(self.courier.name(), step);
                if !matches!(step, Step::Done { .. }) {
                    break;
                }
            }
            let next = (first.partition.clone(), first.offset + 1);
            self.queue.pop_front();
            done.extend([next]);
        }
        if !done.is_empty() {
            self.consumer.commit(&list(&done)?, CommitMode::Sync)?;
        }
        if self.queue.is_empty() { self.resume() } else { self.pause() }
    }

    fn pause(&mut self) -> Result<(), ClientError> {
        let assigned = partitions(&self.consumer.assignment()?);
        let new: BTreeSet<Partition> = assigned.difference(&self.paused).cloned().collect();
        if !new.is_empty() {
            self.consumer.pause(&plain_list(&new))?;
            self.paused.extend(new);
        }
        Ok(())
    }

    fn resume(&mut self) -> Result<(), ClientError> {
        if !self.paused.is_empty() {
            self.consumer.resume(&plain_list(&self.paused))?;
            self.paused.clear();
        }
        Ok(())
    }

    /// How many records are not done, about: the brokers count the ends of transactions, too.
    fn tell_lag(&self, is_idle: bool) {
        let waiting = self.queue.len() as i64;
        let behind = match waiting == 0 && is_idle {
            true => 0,
            false => self.consumer.context().own.behind.load(Ordering::Relaxed).max(waiting),
        };
        self.observer.delivery_lag(self.courier.name(), behind);
    }
}

fn partitions(list: &TopicPartitionList) -> BTreeSet<Partition> {
    list.elements().iter().map(|e| Partition::new(e.topic(), e.partition())).collect()
}

fn plain_list(partitions: &BTreeSet<Partition>) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for partition in partitions {
        list.add_partition(&partition.topic, partition.number);
    }
    list
}

fn list(offsets: &BTreeMap<Partition, i64>) -> Result<TopicPartitionList, ClientError> {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in offsets {
        list.add_partition_offset(&partition.topic, partition.number, Offset::Offset(*offset))?;
    }
    Ok(list)
}

/// Callbacks of the consumer. They run on the thread that polls.
struct Member {
    observer: Observer,
    /// What went wrong in a callback.
    failure: Mutex<Option<ClientError>>,
    /// Records between the committed place and the end.
    behind: AtomicI64,
}

impl Member {
    fn check(&self) -> Result<(), ClientError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

impl Hears for Member {
    fn statistics(&self, statistics: &Statistics) {
        let partitions = statistics.topics.values().flat_map(|topic| topic.partitions.values());
        let known = partitions.filter(|p| p.ls_offset >= 0 && p.committed_offset >= 0);
        let behind = known.map(|p| (p.ls_offset - p.committed_offset).max(0)).sum();
        self.behind.store(behind, Ordering::Relaxed);
        tell_place(&self.observer, statistics);
    }
}

impl Joins for Member {
    fn assigned(
        &self,
        consumer: &BaseConsumer<Context<Self>>,
        _: &RebalanceProtocol,
        list: &TopicPartitionList,
    ) {
        match keep_places(consumer, list) {
            Ok(()) => self.observer.joined(),
            Err(error) => {
                *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            }
        }
    }

    fn revoked(&self, consumer: &BaseConsumer<Context<Self>>, _: &TopicPartitionList) {
        if consumer.assignment_lost() {
            self.observer.given_up();
        }
    }
}

/// Commits the places of partitions before anything of them is read. A new delivery begins at the end: nobody wants
/// to be told of the alerts of the last months. And where a place cannot be committed, nothing must be sent, because it
/// would be sent again and again.
fn keep_places(
    consumer: &BaseConsumer<Context<Member>>,
    list: &TopicPartitionList,
) -> Result<(), ClientError> {
    if list.count() == 0 {
        return Ok(());
    }
    let places = consumer.committed_offsets(list.clone(), CALL_TIMEOUT)?;
    for partition in partitions(&places) {
        let Some(mut place) = places.find_partition(&partition.topic, partition.number) else { continue };
        if !matches!(place.offset(), Offset::Offset(_)) {
            let (_, end) = consumer.fetch_watermarks(&partition.topic, partition.number, CALL_TIMEOUT)?;
            place.set_offset(Offset::Offset(end))?;
            tracing::info!(%partition, end, "a new delivery begins at the end of the alerts");
        }
    }
    consumer.commit(&places, CommitMode::Sync)
}
