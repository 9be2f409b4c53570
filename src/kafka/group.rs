//! A member of a consumer group: tells the owner of the state which partitions come and go.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Sender, bounded};
use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::topic_partition_list::TopicPartitionList;

use super::partition::Partition;
use super::token;
use super::worker::Event;

/// Longer than any call of the owner may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// Callbacks of a consumer. They run on the thread that polls.
pub(super) struct Member<I: Send + 'static> {
    pub(super) events: Sender<Event<I>>,
}

impl<I: Send + 'static> ClientContext for Member<I> {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        token::from_config(config)
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: ClientError, reason: &str) {
        log_error(&error, reason);
    }
}

/// Callbacks of a client that reads by hand, or makes topics.
#[derive(Clone, Default)]
pub(super) struct Quiet {
    trouble: Arc<Mutex<Option<Trouble>>>,
}

/// Why the brokers cannot be used. A call that fails knows only that it took too long.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    code: RDKafkaErrorCode,
    pub(super) reason: String,
}

impl Trouble {
    /// True when the brokers were reached and refuse this client, or it refuses them: waiting will not help.
    pub(super) const fn is_refusal(&self) -> bool {
        use RDKafkaErrorCode::{
            Authentication, IllegalSASLState, SSL, SaslAuthenticationFailed, UnsupportedSASLMechanism,
        };
        matches!(
            self.code,
            Authentication | IllegalSASLState | SaslAuthenticationFailed | SSL | UnsupportedSASLMechanism
        )
    }
}

impl Quiet {
    /// What went wrong last.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, error: &ClientError, reason: &str) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match error.rdkafka_error_code() {
            // Follows on what was wrong with the last broker, and says less.
            Some(RDKafkaErrorCode::AllBrokersDown) if trouble.is_some() => {}
            Some(code) => *trouble = Some(Trouble { code, reason: reason.to_owned() }),
            None => {}
        }
    }
}

impl ClientContext for Quiet {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        token::from_config(config)
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: ClientError, reason: &str) {
        self.remember(&error, reason);
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
        // `[kafka.properties]` goes to every client, so each consumer would complain of what is for producers.
        _ if facility == "CONFWARN" => tracing::debug!(facility, "{message}"),
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
