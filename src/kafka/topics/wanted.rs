//! What each topic must be like.

use rdkafka::admin::{NewTopic, TopicReplication};

use super::super::names::Names;
use super::{Change, TopicPlan};
use crate::config::KafkaPlan;

const DAY_MS: i64 = 86_400_000;
/// Tallies of many brands are one record; a dead letter of the longest record, escaped, is six times as long.
const RECORD_BYTES_MAX: &str = "134217728";

fn topic(name: &str, partitions: i32, settings: &[(&'static str, &str)]) -> TopicPlan {
    let settings = settings.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
    TopicPlan {
        name: name.to_owned(),
        partitions,
        replicas: None,
        replicas_now: None,
        settings,
        kept_ms: 0,
        change: Change::Nothing,
    }
}

/// All of them but the posts topics and the journals.
pub(super) fn wanted(kafka: &KafkaPlan, names: &Names) -> Vec<TopicPlan> {
    let inner = kafka.tallies_partitions;
    let month = (30 * DAY_MS).to_string();
    let week = (7 * DAY_MS).to_string();
    let mut wanted = vec![
        topic(
            &names.mentions,
            inner,
            &[
                ("cleanup.policy", "compact,delete"),
                ("retention.ms", &month),
                ("max.message.bytes", RECORD_BYTES_MAX),
            ],
        ),
        topic(&names.metrics, inner, &[("cleanup.policy", "compact")]),
        topic(&names.alerts, 1, &[("cleanup.policy", "compact")]),
        topic(
            &names.dead,
            1,
            &[
                ("cleanup.policy", "delete"),
                ("retention.ms", &month),
                ("max.message.bytes", RECORD_BYTES_MAX),
            ],
        ),
        topic(
            &names.tallies,
            inner,
            &[("cleanup.policy", "delete"), ("retention.ms", &week), ("max.message.bytes", RECORD_BYTES_MAX)],
        ),
        topic(
            &names.changelog,
            inner,
            &[
                ("cleanup.policy", "compact"),
                ("max.message.bytes", RECORD_BYTES_MAX),
                ("min.cleanable.dirty.ratio", "0.1"),
                ("segment.ms", "600000"),
            ],
        ),
    ];
    let corrections = |name| topic(name, 1, &[("cleanup.policy", "delete"), ("retention.ms", &month)]);
    wanted.extend(names.corrections.as_deref().map(corrections));
    wanted.iter_mut().for_each(|topic| topic.replicas = kafka.replicas);
    wanted
}

/// Kept for twice the dedupe horizon, and at least for a week: an outage must not eat it.
pub(in crate::kafka) fn journal(
    name: &str,
    partitions: i32,
    replicas: Option<i32>,
    horizon_ms: i64,
) -> TopicPlan {
    let kept_ms = 2 * horizon_ms;
    let retention = kept_ms.max(7 * DAY_MS).to_string();
    let journal = topic(name, partitions, &[("cleanup.policy", "delete"), ("retention.ms", &retention)]);
    TopicPlan { kept_ms, replicas, ..journal }
}

/// As the brokers are asked for it.
pub(super) fn new_topic(topic: &TopicPlan) -> NewTopic<'_> {
    // Below zero: as many as the brokers make by default.
    let replication = TopicReplication::Fixed(topic.replicas.unwrap_or(-1));
    let new = NewTopic::new(&topic.name, topic.partitions, replication);
    topic.settings.iter().fold(new, |new, (key, value)| new.set(key, value))
}
