//! Reads back what earful wrote: journals and changelogs.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::metadata::Metadata;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::clients::Clients;
use super::context::{Quiet, Trouble};
use super::deathpoint::reach;
use super::error::KafkaError;
use super::partition::Partition;
use super::worker::is_passing;
use crate::model::Timestamp;

const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// A broker that starts again is waited for, and a person who looks at topics does not wait for ever.
const LIST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the first attempt to list the topics takes at most; each further one may take twice as long.
const FIRST_ATTEMPT: Duration = Duration::from_millis(500);
/// Callbacks that wait have begun within this time.
const SERVE: Duration = Duration::from_millis(5);
const POLL: Duration = Duration::from_millis(100);
/// A dead predecessor's transaction hides what comes after it until the brokers give it up, which takes at
/// most its timeout of 15 s and a look every 10 s.
const HIDDEN_FOR_AT_MOST: Duration = Duration::from_secs(40);

/// Where reading goes on from a record.
#[derive(PartialEq, Eq)]
pub(super) enum Next {
    More,
    /// This was the last one that counts.
    Done,
}

/// Is given records.
type Each<'e> = dyn FnMut(&BorrowedMessage<'_>) -> Result<Next, KafkaError> + 'e;

/// Reads committed records of one partition.
pub(super) struct Reader {
    consumer: BaseConsumer<Quiet>,
    brokers: String,
    /// Tokens come by callbacks, so these must run before a call that blocks.
    has_tokens: bool,
}

impl Reader {
    pub(super) fn new(clients: &Clients, group: &str) -> Result<Reader, KafkaError> {
        let brokers = clients.brokers.clone();
        let failed = |source| KafkaError::client("make a consumer", &brokers, source);
        let consumer = clients.looker(&clients.reader(&format!("{group}-restore"))).map_err(failed)?;
        Ok(Reader { consumer, brokers, has_tokens: clients.has_token_file() })
    }

    /// First and one past the last offset.
    pub(super) fn bounds(&self, partition: &Partition) -> Result<(i64, i64), KafkaError> {
        self.bring_token();
        self.consumer
            .fetch_watermarks(&partition.topic, partition.number, CALL_TIMEOUT)
            .map_err(|e| self.failed(partition, e))
    }

    /// In each partition the offset of the first record whose timestamp is not before `time`; none where there
    /// is no such record.
    pub(super) fn offsets_at(
        &self,
        partitions: &[Partition],
        time: Timestamp,
    ) -> Result<Vec<Option<i64>>, KafkaError> {
        self.bring_token();
        let failed = |source| KafkaError::client("look offsets up by time", &self.brokers, source);
        let mut list = TopicPartitionList::with_capacity(partitions.len());
        for Partition { topic, number } in partitions {
            // The client takes the time in the place of the offset; brokers know no time before 1970.
            let time = Offset::Offset(time.millis().max(0));
            list.add_partition_offset(topic, *number, time).map_err(failed)?;
        }
        let found = self.consumer.offsets_for_times(list, CALL_TIMEOUT).map_err(failed)?;
        let offset = |partition: &Partition| {
            let entry = found.find_partition(&partition.topic, partition.number);
            entry.and_then(|entry| match entry.offset() {
                Offset::Offset(offset) => Some(offset),
                _ => None,
            })
        };
        Ok(partitions.iter().map(offset).collect())
    }

    /// Gives the records from `from` on to `each` until it says that this was the last. False when the
    /// partition ends before that.
    pub(super) fn read(
        &self,
        partition: &Partition,
        from: i64,
        each: &mut Each<'_>,
    ) -> Result<bool, KafkaError> {
        self.read_until(partition, from, true, each)
    }

    /// As [`Reader::read`], of what is committed by now: nothing is waited for that may come to light later.
    pub(super) fn read_committed(
        &self,
        partition: &Partition,
        from: i64,
        each: &mut Each<'_>,
    ) -> Result<(), KafkaError> {
        self.read_until(partition, from, false, each).map(drop)
    }

    fn read_until(
        &self,
        partition: &Partition,
        from: i64,
        waits: bool,
        each: &mut Each<'_>,
    ) -> Result<bool, KafkaError> {
        let (first, end) = self.bounds(partition)?;
        let mut list = TopicPartitionList::with_capacity(1);
        list.add_partition_offset(&partition.topic, partition.number, Offset::Offset(from.max(first)))
            .and_then(|()| self.consumer.assign(&list))
            .map_err(|e| self.failed(partition, e))?;
        let found = self.read_assigned(partition, if waits { end } else { i64::MIN }, each);
        // A consumer that is not polled need not fetch.
        let _ = self.consumer.unassign();
        found
    }

    fn read_assigned(
        &self,
        partition: &Partition,
        end: i64,
        each: &mut Each<'_>,
    ) -> Result<bool, KafkaError> {
        let mut heard = Instant::now();
        let mut next = 0;
        let mut at_end = false;
        loop {
            match self.consumer.poll(POLL) {
                Some(Ok(message)) => {
                    (heard, at_end) = (Instant::now(), false);
                    next = message.offset() + 1;
                    reach("mid_restore");
                    if each(&message)? == Next::Done {
                        return Ok(true);
                    }
                }
                // The end of what is committed. More may come to light when an open transaction ends.
                Some(Err(ClientError::PartitionEOF(_))) if next >= end => return Ok(false),
                Some(Err(ClientError::PartitionEOF(_))) => at_end = true,
                None => {}
                // Perhaps of an hour ago: who does not poll hears of an outage when it is over. One that lasts shows by the time.
                Some(Err(error)) if is_passing(&error) => {}
                Some(Err(error)) => return Err(self.failed(partition, error)),
            }
            if heard.elapsed() > HIDDEN_FOR_AT_MOST {
                return if at_end { Ok(false) } else { Err(self.silent(partition)) };
            }
        }
    }

    /// True when a partition holds something that is committed, or has lost what it held.
    pub(super) fn was_written(&self, partition: &Partition) -> Result<bool, KafkaError> {
        let began = Instant::now();
        let (first, end) = loop {
            match self.bounds(partition) {
                // A topic that was made a moment ago has nobody yet who could tell.
                Err(error) if error.is_passing() && began.elapsed() < CALL_TIMEOUT => {
                    std::thread::sleep(POLL)
                }
                found => break found?,
            }
        };
        let mut was_written = first > 0;
        if !was_written && end > 0 {
            self.read_committed(partition, first, &mut |_| {
                was_written = true;
                Ok(Next::Done)
            })?;
        }
        Ok(was_written)
    }

    /// Partitions of a topic, or of all topics, that `is_wanted`.
    pub(super) fn partitions(&self, is_wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Partition>, KafkaError> {
        Ok(partitions_of(&self.metadata()?, is_wanted))
    }

    /// Nobody said that this is the end: the brokers are away, and nothing follows from what was not read.
    fn silent(&self, partition: &Partition) -> KafkaError {
        let (brokers, seconds) = (self.brokers.clone(), HIDDEN_FOR_AT_MOST.as_secs());
        KafkaError::Silent { action: format!("read {partition}"), brokers, seconds }
    }

    /// What topics there are. Waits for brokers that are not there yet, but not for those that refuse.
    pub(super) fn metadata(&self) -> Result<Metadata, KafkaError> {
        let (began, mut attempt) = (Instant::now(), FIRST_ATTEMPT);
        loop {
            self.bring_token();
            let error = match self.consumer.fetch_metadata(None, attempt) {
                Ok(metadata) => return Ok(metadata),
                Err(error) => error,
            };
            self.serve();
            let trouble = self.consumer.context().own.get();
            if began.elapsed() > LIST_TIMEOUT || trouble.as_ref().is_some_and(Trouble::is_refusal) {
                let (action, brokers) = ("list the topics", &self.brokers);
                return Err(match trouble {
                    Some(trouble) => KafkaError::unusable(action, brokers, trouble.reason),
                    None => KafkaError::client(action, brokers, error),
                });
            }
            attempt = (attempt * 2).min(LIST_TIMEOUT.saturating_sub(began.elapsed())).max(POLL);
            // Else an attempt that fails at once would be the next one's neighbour.
            std::thread::sleep(POLL);
        }
    }

    fn bring_token(&self) {
        if self.has_tokens {
            self.serve();
        }
    }

    /// Runs the callbacks that wait: they bring tokens and tell what is wrong, and a call that blocks does not
    /// run them. A poll without any time would run one of them.
    fn serve(&self) {
        while self.consumer.poll(SERVE).is_some() {}
    }

    /// Waits for a partition that was made a moment ago, but not for long: whoever needs it says what is missing.
    pub(super) fn wait_for(&self, partition: &Partition) -> Result<(), KafkaError> {
        let began = Instant::now();
        while !self.has(partition)? && began.elapsed() < CALL_TIMEOUT {
            std::thread::sleep(SERVE);
        }
        Ok(())
    }

    /// True when there is such a partition.
    pub(super) fn has(&self, partition: &Partition) -> Result<bool, KafkaError> {
        self.bring_token();
        let metadata = self.consumer.fetch_metadata(Some(&partition.topic), CALL_TIMEOUT);
        let metadata = metadata.map_err(|e| self.failed(partition, e))?;
        Ok(metadata.topics().iter().flat_map(|topic| topic.partitions()).any(|p| p.id() == partition.number))
    }

    fn failed(&self, partition: &Partition, source: ClientError) -> KafkaError {
        KafkaError::client(format!("read {partition}"), &self.brokers, source)
    }
}

/// The partitions of all topics that `is_wanted`.
pub(super) fn partitions_of(metadata: &Metadata, is_wanted: &dyn Fn(&str) -> bool) -> Vec<Partition> {
    let mut found: Vec<Partition> = Vec::new();
    for topic in metadata.topics().iter().filter(|topic| is_wanted(topic.name())) {
        found.extend(topic.partitions().iter().map(|p| Partition::new(topic.name(), p.id())));
    }
    found.sort();
    found
}

#[cfg(test)]
#[path = "restore_tests.rs"]
mod tests;
