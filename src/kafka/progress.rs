//! How far a pipeline has come, as it is committed. Looks, and joins no group.

use std::time::Duration;

use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError as ClientError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::clients::Clients;
use super::codec::from_metadata;
use super::error::KafkaError;
use super::listen::Feeds;
use super::names::Names;
use super::partition::Partition;
use super::restore::Reader;
use super::role::Role;
use super::topics::required;
use crate::config::Plan;
use crate::model::{FateCounts, Timestamp};

const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// How far one partition was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionProgress {
    /// Who reads it: posts topics and the topic of corrections are read by the listen role, `tallies` by the tally role.
    pub role: Role,
    /// `TOPIC/NUMBER`; of a posts topic this is the lane's name.
    pub partition: String,
    /// Offset of the next record to be read; none when nothing is committed yet.
    pub next_offset: Option<i64>,
    /// Offset of the oldest record that is there.
    pub first_offset: i64,
    /// One past the offset of the newest committed record. The ends of transactions have offsets, too.
    pub end_offset: i64,
    /// What the lane has counted; none for partitions that are no lane, and when nothing is committed yet.
    pub lane: Option<LaneProgress>,
}

/// What a lane has counted since its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneProgress {
    /// Posts published before this are late.
    pub watermark: Timestamp,
    /// Their sum is the number of posts and frames that were read.
    pub fates: FateCounts,
}

impl PartitionProgress {
    /// Offsets that are still to be read.
    #[must_use]
    pub fn lag(&self) -> i64 {
        (self.end_offset - self.next_offset.unwrap_or(0).max(self.first_offset)).max(0)
    }

    /// Offsets that the topic's retention has deleted before they were read.
    #[must_use]
    pub fn lost(&self) -> i64 {
        self.next_offset.map_or(0, |next| (self.first_offset - next).max(0))
    }
}

/// How far every partition that the pipeline reads was read: posts topics first, then the topic of corrections,
/// then `tallies`.
///
/// # Errors
/// When the brokers do not answer, or what is stored beside an offset was not written by this earful.
pub fn progress(plan: &Plan) -> Result<Vec<PartitionProgress>, KafkaError> {
    let kafka = required(plan)?;
    let (clients, names) = (Clients::new(kafka, None)?, Names::of(kafka));
    let feeds = Feeds::of(plan, &names);
    let is_posts = |topic: &str| feeds.feed_of(topic).is_some();
    let is_tallies = |topic: &str| topic == names.tallies;
    let is_corrections = |topic: &str| names.corrections.as_deref() == Some(topic);
    let mut found = of_group(Role::Listen, &names.listen_group, &clients, &names, &is_posts)?;
    if names.corrections.is_some() {
        found.extend(of_group(Role::Listen, &names.corrections_group, &clients, &names, &is_corrections)?);
    }
    found.extend(of_group(Role::Tally, &names.tally_group, &clients, &names, &is_tallies)?);
    Ok(found)
}

fn of_group(
    role: Role,
    group: &str,
    clients: &Clients,
    names: &Names,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<PartitionProgress>, KafkaError> {
    let has_lanes = group == names.listen_group;
    let reader = Reader::new(clients, group)?;
    let partitions = reader.partitions(is_wanted)?;
    let committed = committed(clients, group, &partitions)?;
    let mut found = Vec::new();
    for (partition, stored) in partitions.iter().zip(committed) {
        let (first_offset, end_offset) = reader.bounds(partition)?;
        let next_offset = stored.as_ref().map(|(next, _)| *next);
        let lane = match stored {
            Some((_, metadata)) if has_lanes => {
                let commit = from_metadata(&metadata);
                let commit = commit.map_err(|what| KafkaError::torn(partition, &names.prefix, what))?;
                let watermark = commit.state.watermark();
                Some(LaneProgress { watermark, fates: *commit.state.fates() })
            }
            _ => None,
        };
        let partition = partition.to_string();
        found.push(PartitionProgress { role, partition, next_offset, first_offset, end_offset, lane });
    }
    Ok(found)
}

/// The group's offsets of these partitions, and what is stored beside them.
fn committed(
    clients: &Clients,
    group: &str,
    partitions: &[Partition],
) -> Result<Vec<Option<(i64, String)>>, KafkaError> {
    let failed = |source: ClientError| {
        KafkaError::client(format!("read the offsets of the group {group}"), &clients.brokers, source)
    };
    let consumer = clients.looker(&clients.reader(group)).map_err(failed)?;
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for partition in partitions {
        list.add_partition(&partition.topic, partition.number);
    }
    let list = consumer.committed_offsets(list, CALL_TIMEOUT).map_err(failed)?;
    let stored = |partition: &Partition| match list.find_partition(&partition.topic, partition.number) {
        Some(entry) => entry.error().map(|()| match entry.offset() {
            Offset::Offset(next) => Some((next, entry.metadata().to_owned())),
            _ => None,
        }),
        None => Ok(None),
    };
    partitions.iter().map(|partition| stored(partition).map_err(failed)).collect()
}
