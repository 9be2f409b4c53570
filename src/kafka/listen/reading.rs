//! Messages to readings: decoding and analysis, on the polling thread.

use std::sync::Arc;

use rdkafka::message::{BorrowedMessage, Message};
use regex::Regex;

use crate::analysis::Scratch;
use crate::analysis::decode::Format;
use crate::config::{FeedPlan, KafkaTopics, Plan, Source};
use crate::feeds::OVERSIZED_KEPT_BYTES;
use crate::kafka::names::Names;
use crate::kafka::partition::Partition;
use crate::kafka::worker::Reading as MessageReading;
use crate::metrics::Metrics;
use crate::model::{Origin, Reading, ReadingOutcome, Record, Timestamp};
use crate::runtime::{InForce, Queries, read_guarded, too_long};

/// Which feed a topic belongs to.
pub(in crate::kafka) struct Feeds {
    feeds: Vec<(FeedPlan, Option<Regex>)>,
    names: Names,
}

impl Feeds {
    pub(in crate::kafka) fn of(plan: &Plan, names: &Names) -> Feeds {
        let pattern = |feed: &FeedPlan| match &feed.source {
            // The plan has checked it.
            Source::Kafka(KafkaTopics::Pattern(pattern)) => Regex::new(pattern).ok(),
            _ => None,
        };
        Feeds {
            feeds: plan.feeds.iter().map(|feed| (feed.clone(), pattern(feed))).collect(),
            names: names.clone(),
        }
    }

    /// What to subscribe to.
    pub(in crate::kafka) fn subscriptions(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for (feed, _) in &self.feeds {
            match &feed.source {
                Source::Kafka(KafkaTopics::Named(topics)) => all.extend(topics.iter().map(String::as_str)),
                Source::Kafka(KafkaTopics::Pattern(pattern)) => all.push(pattern),
                _ => {}
            }
        }
        all
    }

    /// The posts topic of a pipeline that can have no other.
    pub(in crate::kafka) fn only_topic(&self) -> Option<&str> {
        match self.subscriptions()[..] {
            [topic] if !topic.starts_with('^') => Some(topic),
            _ => None,
        }
    }

    /// The first feed that names the topic, else the first whose pattern matches it.
    pub(in crate::kafka) fn feed_of(&self, topic: &str) -> Option<&FeedPlan> {
        let names = |feed: &FeedPlan| match &feed.source {
            Source::Kafka(KafkaTopics::Named(topics)) => topics.iter().any(|t| t == topic),
            _ => false,
        };
        let named = self.feeds.iter().find(|(feed, _)| names(feed));
        let matches = |pattern: &Option<Regex>| pattern.as_ref().is_some_and(|p| p.is_match(topic));
        let found = named.or_else(|| {
            self.feeds.iter().find(|(_, pattern)| matches(pattern)).filter(|_| !self.names.is_own(topic))
        });
        found.map(|(feed, _)| feed)
    }
}

/// Decodes and analyses.
pub(in crate::kafka) struct PostReading {
    queries: Arc<Queries>,
    /// Those that the batch is matched by.
    in_force: Arc<InForce>,
    feeds: Arc<Feeds>,
    max_record_bytes: usize,
    scratch: Scratch,
    metrics: Option<Arc<Metrics>>,
    /// Of the partitions that were met, the last one first.
    known: Vec<Known>,
}

/// What is the same for all records of a partition.
struct Known {
    partition: Partition,
    source: String,
    feed: String,
    format: Format,
    /// Read since the last batch.
    records: u64,
    bytes: u64,
}

impl PostReading {
    pub(in crate::kafka) fn new(
        queries: Arc<Queries>,
        feeds: Arc<Feeds>,
        max_record_bytes: usize,
        metrics: Option<Arc<Metrics>>,
    ) -> PostReading {
        let (in_force, scratch) = (queries.in_force(), Scratch::default());
        PostReading { queries, in_force, feeds, max_record_bytes, scratch, metrics, known: Vec::new() }
    }

    /// Puts the partition in front. Records of one partition follow on each other, so it mostly is there.
    fn meet(&mut self, topic: &str, number: i32) -> bool {
        let same = |known: &Known| known.partition.number == number && *known.partition.topic == *topic;
        if let Some(at) = self.known.iter().position(same) {
            self.known.swap(0, at);
            return true;
        }
        let Some(feed) = self.feeds.feed_of(topic) else { return false };
        let partition = Partition::new(topic, number);
        let source = partition.to_string();
        let (feed, format) = (feed.name.clone(), feed.format);
        self.known.insert(0, Known { partition, source, feed, format, records: 0, bytes: 0 });
        true
    }
}

impl MessageReading for PostReading {
    type Item = Reading;

    fn read(&mut self, message: &BorrowedMessage<'_>, out: &mut Vec<Reading>) {
        let received_at = message.timestamp().to_millis().map(Timestamp::from_millis);
        let Some(payload) = message.payload() else {
            out.push(no_post(received_at));
            return;
        };
        if !self.meet(message.topic(), message.partition()) {
            return;
        }
        let known = &mut self.known[0];
        known.records += 1;
        known.bytes += payload.len() as u64;
        let offset = message.offset().unsigned_abs();
        let origin = Origin { feed: &known.feed, source: &known.source, offset, line: 0 };
        let record = Record { payload, received_at, origin };
        if payload.len() > self.max_record_bytes {
            let kept = &payload[..payload.len().min(OVERSIZED_KEPT_BYTES)];
            out.push(too_long(&Record { payload: kept, ..record }, payload.len() as u64));
        } else {
            read_guarded(&self.in_force.annotator, &record, known.format, &mut self.scratch, out);
        }
    }

    /// New queries come into force between two batches.
    fn waits_for_topics(&self) -> bool {
        self.feeds.subscriptions().iter().all(|topic| topic.starts_with('^'))
    }

    fn batch_done(&mut self) {
        if self.queries.number() != self.in_force.number {
            self.in_force = self.queries.in_force();
            tracing::info!(version = %self.in_force.version, "posts polled from here on are matched by the new queries");
        }
        let Some(metrics) = &self.metrics else { return };
        self.scratch.take_posts().for_each(|(network, posts)| metrics.add_ingested(network, posts));
        for known in self.known.iter_mut().filter(|known| known.records > 0) {
            let (records, bytes) = (std::mem::take(&mut known.records), std::mem::take(&mut known.bytes));
            metrics.add_read(&known.feed, records, bytes);
        }
    }
}

/// A record without a value, such as a tombstone of a compacted topic.
fn no_post(received_at: Option<Timestamp>) -> Reading {
    let at = received_at.unwrap_or(Timestamp::MIN);
    let outcome = ReadingOutcome::Ignored("no_value");
    Reading { identity: 0, version: 0, published_at: at, received_at: at, outcome }
}
