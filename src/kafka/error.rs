//! Why a worker is built anew, or why it must not be.

use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};

use super::partition::Partition;
use crate::aggregate::{DeltaError, RestoreError};
use crate::deliver::DeliverError;
use crate::sinks::SinkError;

/// The client library calls the process that was there first fenced, and names no cause that a user knows.
const NAMESAKE: &str = "another process has the same --instance and has taken its place in the group; give each process a name of \
                        its own (FencedInstanceId)";

/// Something went wrong between earful and the brokers. Nothing is lost: what is committed stays, and what is
/// not is read again.
#[derive(Debug, thiserror::Error)]
pub enum KafkaError {
    /// A call to the brokers failed; it is tried again.
    #[error("cannot {action} ({brokers}): {source}")]
    Client {
        /// `begin a transaction`, `read the journal of posts/3`, ...
        action: String,
        /// The addresses.
        brokers: String,
        /// The reason.
        source: Box<ClientError>,
    },
    /// The brokers cannot be used; it is tried again.
    #[error("cannot {action} ({brokers}): {reason}")]
    Unusable {
        /// What was tried.
        action: String,
        /// The addresses.
        brokers: String,
        /// What the client says of the broker it tried last.
        reason: String,
    },
    /// The brokers do not answer in time; it is tried again.
    #[error("cannot {action} ({brokers}): no answer within {seconds} s")]
    Silent {
        /// What was tried.
        action: String,
        /// The addresses.
        brokers: String,
        /// How long.
        seconds: u64,
    },
    /// A setting is wrong.
    #[error("[kafka]: {0}")]
    Setting(String),
    /// A delivery cannot be made ready.
    #[error(transparent)]
    Delivery(#[from] DeliverError),
    /// A topic is not there, and this run cannot or must not make it.
    #[error(
        "{0}; `earful topics plan PIPELINE` shows what is needed, `earful topics apply PIPELINE` makes it so"
    )]
    Topic(String),
    /// A topic is not as it must be, and earful cannot make it so.
    #[error("{0}")]
    Unfit(String),
    /// The state of a partition is torn or of another program; going on would count wrong.
    #[error(
        "{partition}: {what}. Nothing was read or written. If the topics {prefix}* were changed by hand, restore them; \
         else start anew under another `prefix`, and report this"
    )]
    State {
        /// The partition whose state it is.
        partition: String,
        /// What is wrong.
        what: String,
        /// Prefix of the topics.
        prefix: String,
    },
    /// The state of a partition was made with other settings; going on would count wrong.
    #[error(
        "{partition}: {what}. Nothing was read or written. Change it back in every process, or start anew under another \
         `prefix` than {prefix:?}"
    )]
    Changed {
        /// The partition whose state it is.
        partition: String,
        /// What is not as it was.
        what: String,
        /// Prefix of the topics.
        prefix: String,
    },
    /// A mistake in earful.
    #[error("a worker panicked; this is a mistake in earful, please report it")]
    Panicked,
    /// The HTTP server could not be started.
    #[error("cannot serve HTTP on {address}: {reason}")]
    Http {
        /// The address.
        address: String,
        /// The reason.
        reason: String,
    },
    /// What a replay writes to files could not be written.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// A thread could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

impl KafkaError {
    /// True when trying again can help.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, KafkaError::Client { .. } | KafkaError::Unusable { .. } | KafkaError::Silent { .. })
    }

    /// True when this is what the client library says.
    pub(super) fn is(&self, code: RDKafkaErrorCode) -> bool {
        matches!(self, KafkaError::Client { source, .. } if source.rdkafka_error_code() == Some(code))
    }

    /// True of a call that ran out of time, and goes on where it was when it is made again.
    pub(super) fn is_under_way(&self) -> bool {
        let KafkaError::Client { source, .. } = self else { return false };
        matches!(&**source, ClientError::Transaction(error) if error.is_retriable())
    }

    /// The exit code; `docs/exit-codes.md` is the list.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            KafkaError::Setting(_)
            | KafkaError::Delivery(_)
            | KafkaError::Topic(_)
            | KafkaError::Changed { .. }
            | KafkaError::Unfit(_) => 2,
            KafkaError::Sink(SinkError::Occupied { .. }) => 2,
            _ => 3,
        }
    }

    pub(super) fn client(action: impl Into<String>, brokers: &str, source: ClientError) -> KafkaError {
        if source.rdkafka_error_code() == Some(RDKafkaErrorCode::FencedInstanceId) {
            return KafkaError::unusable(action, brokers, NAMESAKE.to_owned());
        }
        KafkaError::Client { action: action.into(), brokers: brokers.to_owned(), source: Box::new(source) }
    }

    pub(super) fn unusable(action: impl Into<String>, brokers: &str, reason: String) -> KafkaError {
        KafkaError::Unusable { action: action.into(), brokers: brokers.to_owned(), reason }
    }

    /// What was read is not known any more, but what was made of it is there: `state`.
    pub(super) fn forgotten(partition: &Partition, prefix: &str, state: &Partition) -> KafkaError {
        let what = format!(
            "no offset is committed, but {state} holds its state: brokers forget the offsets of a group without members \
             (offsets.retention.minutes), and of a topic that was deleted; or `group` is another one now"
        );
        KafkaError::torn(partition, prefix, what)
    }

    pub(super) fn torn(partition: &Partition, prefix: &str, what: impl Into<String>) -> KafkaError {
        KafkaError::State { partition: partition.to_string(), what: what.into(), prefix: prefix.to_owned() }
    }

    pub(super) fn changed(partition: &Partition, prefix: &str, what: String) -> KafkaError {
        KafkaError::Changed { partition: partition.to_string(), what, prefix: prefix.to_owned() }
    }

    pub(super) fn restore(partition: &Partition, prefix: &str, error: &RestoreError) -> KafkaError {
        KafkaError::torn(partition, prefix, format!("its state cannot be used: {error}"))
    }

    pub(super) fn delta(partition: &Partition, prefix: &str, error: &DeltaError) -> KafkaError {
        KafkaError::torn(partition, prefix, format!("its tallies do not follow on each other: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_was_fenced_is_told_by_whom() {
        let fenced = ClientError::MessageConsumptionFatal(RDKafkaErrorCode::FencedInstanceId);
        let error = KafkaError::client("read posts", "a:9092", fenced);
        let said = "cannot read posts (a:9092): another process has the same --instance";
        assert!(error.to_string().starts_with(said) && error.is_passing(), "{error}");
    }
}
