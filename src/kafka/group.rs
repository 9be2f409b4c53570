//! A member of a consumer group: tells the owner of the state which partitions come and go.

use std::time::Duration;

use crossbeam_channel::{Sender, bounded};
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::topic_partition_list::TopicPartitionList;

use super::partition::Partition;
use super::worker::Event;

/// Longer than any call of the owner may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// Callbacks of a consumer. They run on the thread that polls.
pub(super) struct Member<I: Send + 'static> {
    pub(super) events: Sender<Event<I>>,
}

impl<I: Send + 'static> ClientContext for Member<I> {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: ClientError, reason: &str) {
        log_error(&error, reason);
    }
}

/// Callbacks of a client that reads by hand, or writes.
#[derive(Clone, Default)]
pub(super) struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: ClientError, reason: &str) {
        log_error(&error, reason);
    }
}

impl ConsumerContext for Quiet {}

/// Errors that belong to no call; librdkafka goes on by itself. The end of a partition is none.
pub(super) fn log_error(error: &ClientError, reason: &str) {
    if !matches!(error, ClientError::PartitionEOF(_))
        && error.rdkafka_error_code() != Some(RDKafkaErrorCode::PartitionEOF)
    {
        tracing::warn!(%error, reason, "trouble with a broker");
    }
}

/// librdkafka's lines in ours.
pub(super) fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        RDKafkaLogLevel::Emerg
        | RDKafkaLogLevel::Alert
        | RDKafkaLogLevel::Critical
        | RDKafkaLogLevel::Error => {
            tracing::error!(facility, "{message}");
        }
        RDKafkaLogLevel::Warning => tracing::warn!(facility, "{message}"),
        RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => tracing::info!(facility, "{message}"),
        RDKafkaLogLevel::Debug => tracing::debug!(facility, "{message}"),
    }
}

impl<I: Send + 'static> ConsumerContext for Member<I> {
    /// Before partitions are read their state is restored; before they are given up what was done is
    /// committed. The poll waits for it, so no record comes in between.
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (done, answer) = bounded(0);
        let event = match rebalance {
            Rebalance::Assign(list) => Event::Assigned(partitions(list), done),
            Rebalance::Revoke(list) => {
                Event::Revoked { partitions: partitions(list), is_lost: consumer.assignment_lost(), done }
            }
            Rebalance::Error(error) => {
                tracing::warn!(%error, "the group could not be rebalanced");
                return;
            }
        };
        // The owner is gone when the worker is being thrown away: then there is nothing to wait for.
        if self.events.send(event).is_ok() {
            let _ = answer.recv_timeout(ANSWER_TIMEOUT);
        }
    }
}

fn partitions(list: &TopicPartitionList) -> Vec<Partition> {
    list.elements().iter().map(|e| Partition::new(e.topic(), e.partition())).collect()
}
