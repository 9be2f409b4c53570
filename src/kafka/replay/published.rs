//! What the pipeline has published: how far it has come, and what is in its topics.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rdkafka::consumer::Consumer;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

use super::super::clients::Clients;
use super::super::error::KafkaError;
use super::super::names::Names;
use super::super::partition::Partition;
use super::super::restore::{Next, Reader};
use super::super::topics::count;
use super::compare::{Comparison, Fired, Labels, Row, Side};
use super::scope::Scope;
use crate::aggregate::Engine;
use crate::model::{Incident, Label, MetricStatus, OutputKind, Polarity, Timestamp};

const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// What was made of a record was not written before the record's own time, but for clocks that differ: brokers take
/// records of an hour ahead.
const CLOCKS_MS: i64 = 86_400_000;

/// The pipeline's topics, read for comparing.
pub(super) struct Published<'a> {
    pub(super) clients: &'a Clients,
    pub(super) names: &'a Names,
    pub(super) reader: &'a Reader,
    /// Every partition that there is.
    pub(super) all: &'a [Partition],
}

/// How far the pipeline has come.
pub(super) struct Reached {
    /// Offsets of the posts topics that the listen role has committed, in the order that was asked.
    pub(super) committed: Vec<i64>,
    /// All panes up to here are closed and published; none when nothing is.
    pub(super) watermark: Option<Timestamp>,
}

impl Published<'_> {
    /// # Errors
    /// When a topic is missing that the pipeline publishes to.
    pub(super) fn check(&self) -> Result<(), KafkaError> {
        let Names { mentions, metrics, alerts, changelog, .. } = self.names;
        match [mentions, metrics, alerts, changelog].into_iter().find(|topic| count(self.all, topic) == 0) {
            Some(topic) => {
                Err(KafkaError::Topic(format!("the topic {topic} is not there, so nothing was published")))
            }
            None => Ok(()),
        }
    }

    /// How far the pipeline has come by now. Only looks: the groups are not joined.
    pub(super) fn reached(&self, posts: &[Partition]) -> Result<Reached, KafkaError> {
        let mut watermark = None;
        for changelog in self.all.iter().filter(|partition| *partition.topic == *self.names.changelog) {
            let of_part = self.watermark(changelog)?;
            watermark = Some(watermark.map_or(of_part, |least: Timestamp| least.min(of_part)));
        }
        let watermark = watermark.filter(|time| *time > Timestamp::MIN);
        Ok(Reached { committed: self.committed(posts)?, watermark })
    }

    fn committed(&self, posts: &[Partition]) -> Result<Vec<i64>, KafkaError> {
        let failed = |source| KafkaError::client("read the committed offsets", &self.clients.brokers, source);
        let config = self.clients.reader(&self.names.listen_group);
        let consumer = self.clients.looker(&config).map_err(failed)?;
        let mut list = TopicPartitionList::with_capacity(posts.len());
        for Partition { topic, number } in posts {
            list.add_partition(topic, *number);
        }
        let found = consumer.committed_offsets(list, CALL_TIMEOUT).map_err(failed)?;
        let offset = |partition: &Partition| match found
            .find_partition(&partition.topic, partition.number)
            .map(|entry| entry.offset())
        {
            Some(Offset::Offset(offset)) => offset,
            _ => 0,
        };
        Ok(posts.iter().map(offset).collect())
    }

    /// The watermark of the engine that writes this changelog.
    fn watermark(&self, changelog: &Partition) -> Result<Timestamp, KafkaError> {
        let mut watermark = Timestamp::MIN;
        self.reader.read_committed(changelog, 0, &mut |message| {
            let (key, value) = (message.key().unwrap_or_default(), message.payload().unwrap_or_default());
            let found = Engine::logged_watermark(key, value)
                .map_err(|e| KafkaError::restore(changelog, &self.names.prefix, &e))?;
            watermark = found.unwrap_or(watermark);
            Ok(Next::More)
        })?;
        Ok(watermark)
    }

    /// Takes in the mentions that were published of the span. Last, because of those that were published anew
    /// behind it only such keys are held as are there already.
    pub(super) fn read_mentions(&self, scope: &Scope, comparison: &mut Comparison) -> Result<(), KafkaError> {
        self.each(&self.names.mentions, scope, &mut |message| take_mention(message, scope, comparison))
    }

    /// Takes in the rows and incidents that were published of the span. First, so that each replayed row finds its
    /// published one.
    pub(super) fn read_rows(&self, scope: &Scope, comparison: &mut Comparison) -> Result<(), KafkaError> {
        self.each(&self.names.metrics, scope, &mut |message| take_row(message, scope, comparison))?;
        self.each(&self.names.alerts, scope, &mut |message| take_alert(message, scope, comparison))
    }

    /// The values of rows by key.
    pub(super) fn rows(
        &self,
        scope: &Scope,
        keys: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, Vec<u8>>, KafkaError> {
        let mut found = BTreeMap::new();
        self.each(&self.names.metrics, scope, &mut |message| {
            if let (Some(key), Some(value)) = (text(message.key()), message.payload())
                && keys.contains(key)
            {
                found.insert(key.to_owned(), value.to_vec());
            }
        })?;
        Ok(found)
    }

    /// Gives what was written to a topic since the span began.
    fn each(
        &self,
        topic: &str,
        scope: &Scope,
        take: &mut dyn FnMut(&BorrowedMessage<'_>),
    ) -> Result<(), KafkaError> {
        let partitions: Vec<Partition> = self.all.iter().filter(|p| *p.topic == *topic).cloned().collect();
        let starts = match scope.begins() {
            Some(time) => self.reader.offsets_at(&partitions, time.plus(-CLOCKS_MS))?,
            None => vec![Some(0); partitions.len()],
        };
        for (partition, start) in partitions.iter().zip(starts) {
            if let Some(start) = start {
                self.reader.read_committed(partition, start, &mut |message| {
                    take(message);
                    Ok(Next::More)
                })?;
            }
        }
        Ok(())
    }

    /// What of a topic's beginning was deleted.
    pub(super) fn notes(&self) -> Result<Vec<String>, KafkaError> {
        let mut notes = Vec::new();
        for partition in self.all.iter().filter(|p| self.names.kind(&p.topic) == Some(OutputKind::Mentions)) {
            let (first, _) = self.reader.bounds(partition)?;
            if first > 0 {
                notes.push(format!(
                    "{partition} begins at offset {first}: mentions that were published before were deleted by its \
                     retention, and those of the span show as gained"
                ));
            }
        }
        Ok(notes)
    }
}

fn text(bytes: Option<&[u8]>) -> Option<&str> {
    std::str::from_utf8(bytes?).ok()
}

/// `topic/partition/offset/n`: the record that an event was made of.
fn place_of(message: &BorrowedMessage<'_>) -> Option<(Partition, i64)> {
    let header = message.headers()?.iter().find(|header| header.key == "ce_id")?;
    let mut parts = text(header.value)?.rsplitn(4, '/');
    let (_, offset, number, topic) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some((Partition::new(topic, number.parse().ok()?), offset.parse().ok()?))
}

#[derive(Deserialize)]
struct MentionView<'a> {
    #[serde(borrow, default)]
    brands: Vec<BrandView<'a>>,
    #[serde(borrow)]
    correction: Option<BrandView<'a>>,
}

#[derive(Deserialize)]
struct BrandView<'a> {
    #[serde(borrow)]
    brand: std::borrow::Cow<'a, str>,
    sentiment: SentimentView,
}

#[derive(Deserialize)]
struct SentimentView {
    label: Polarity,
}

fn take_mention(message: &BorrowedMessage<'_>, scope: &Scope, comparison: &mut Comparison) {
    let (Some(key), Some((partition, offset))) = (text(message.key()), place_of(message)) else { return };
    let Some(lane) = scope.lane(&partition) else { return };
    if scope.is_behind(lane, offset) {
        return comparison.supersede(key);
    }
    if !scope.has_record(lane, offset) {
        return;
    }
    let labels = message.payload().and_then(|value| labels(value, (lane, offset)));
    comparison.mention(Side::Published, key, labels);
}

/// What is compared of a mention's JSON.
fn labels(value: &[u8], place: (usize, i64)) -> Option<Labels> {
    let view: MentionView<'_> = serde_json::from_slice(value).ok()?;
    let brands = view
        .brands
        .iter()
        .chain(&view.correction)
        .map(|found| (Label::from(&*found.brand), found.sentiment.label))
        .collect();
    Some(Labels::of(value, brands, place))
}

#[derive(Deserialize)]
struct RowView {
    start: Timestamp,
    as_of: Timestamp,
    status: MetricStatus,
    mentions: i64,
}

fn take_row(message: &BorrowedMessage<'_>, scope: &Scope, comparison: &mut Comparison) {
    let (Some(key), Some(value)) = (text(message.key()), message.payload()) else { return };
    let Ok(RowView { start, as_of, status, mentions }) = serde_json::from_slice(value) else { return };
    if scope.has_row(status, start, as_of) && scope.reaches(as_of) {
        comparison.row(Side::Published, key, Row { hash: xxh3_64(value), mentions, as_of });
    }
}

fn take_alert(message: &BorrowedMessage<'_>, scope: &Scope, comparison: &mut Comparison) {
    let Some(Ok(incident)) = message.payload().map(serde_json::from_slice::<Incident>) else { return };
    if scope.has_incident(incident.started_at) && scope.reaches(incident.started_at) {
        comparison.alert(
            Side::Published,
            &incident.brand,
            &incident.rule,
            &incident.id,
            Fired::of(&incident),
        );
    }
}
