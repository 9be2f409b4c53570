//! Reads the topics out from near their ends, and goes on: what the serve role shows.
//!
//! Every process follows for itself, without a group: each shows everything.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::clients::Clients;
use super::error::KafkaError;
use super::group::Quiet;
use super::names::Names;
use super::partition::Partition;
use super::restore::Reader;
use super::topics::required;
use crate::config::Plan;
use crate::model::OutputKind;

const POLL: Duration = Duration::from_millis(200);
const PAUSE: Duration = Duration::from_secs(2);

/// How many records before the end of each partition are read: what a view holds, and not much more.
const fn back(kind: OutputKind) -> i64 {
    match kind {
        OutputKind::Mentions => 20_000,
        OutputKind::Metrics => 200_000,
        OutputKind::Alerts | OutputKind::Dead => 5_000,
    }
}

/// Something that was written to a topic out.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// Which topic.
    pub kind: OutputKind,
    /// Its key.
    pub key: &'a str,
    /// Its JSON; none when it is a tombstone.
    pub value: Option<&'a str>,
}

/// Gives `each` what is in mentions, metrics and alerts, and what comes, until `stop`. When the brokers fail it
/// begins anew; `each` must therefore take the same record twice.
///
/// # Errors
/// When a setting is wrong.
pub fn follow(plan: &Plan, stop: &AtomicBool, each: &mut dyn FnMut(Written<'_>)) -> Result<(), KafkaError> {
    let kafka = required(plan)?;
    let (clients, names) = (Clients::new(kafka, None)?, Names::of(kafka));
    while !stop.load(Ordering::SeqCst) {
        match follow_once(&clients, &names, stop, each) {
            Ok(()) => {}
            Err(error) if error.is_passing() => {
                tracing::warn!(%error, "the read view waits for the brokers");
                thread::sleep(PAUSE);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn follow_once(
    clients: &Clients,
    names: &Names,
    stop: &AtomicBool,
    each: &mut dyn FnMut(Written<'_>),
) -> Result<(), KafkaError> {
    let group = format!("{}-serve", names.listen_group);
    let failed = |source| KafkaError::client("follow the topics out", &clients.brokers, source);
    let consumer =
        BaseConsumer::from_config_and_context(&clients.reader(&group), Quiet::default()).map_err(failed)?;
    let list = starts(&Reader::new(clients, &group)?, names)?;
    if list.count() == 0 {
        // A first run makes them, at this very moment.
        let reason = "they are not there yet".to_owned();
        return Err(KafkaError::unusable("follow the topics out", &clients.brokers, reason));
    }
    consumer.assign(&list).map_err(failed)?;
    while !stop.load(Ordering::SeqCst) {
        let message = match consumer.poll(POLL) {
            Some(Ok(message)) => message,
            Some(Err(ClientError::PartitionEOF(_))) | None => continue,
            Some(Err(error)) => return Err(failed(error)),
        };
        let text = |bytes| std::str::from_utf8(bytes).ok();
        let (Some(kind), Some(key)) = (names.kind(message.topic()), message.key().and_then(text)) else {
            continue;
        };
        each(Written { kind, key, value: message.payload().and_then(text) });
    }
    Ok(())
}

fn starts(reader: &Reader, names: &Names) -> Result<TopicPartitionList, KafkaError> {
    let mut list = TopicPartitionList::new();
    for partition in reader.partitions(&|topic| names.kind(topic).is_some_and(|k| k != OutputKind::Dead))? {
        let Partition { topic, number } = &partition;
        let (first, end) = reader.bounds(&partition)?;
        let back = names.kind(topic).map_or(0, back);
        // An offset that is a number cannot be refused.
        let _ = list.add_partition_offset(topic, *number, Offset::Offset(first.max(end - back)));
    }
    Ok(list)
}
