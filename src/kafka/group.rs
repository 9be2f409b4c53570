//! A member of a consumer group: tells the owner of the state which partitions come and go.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::statistics::{ConsumerGroup, Statistics};
use rdkafka::topic_partition_list::TopicPartitionList;

use super::deathpoint::reach;
use super::ends::Ends;
use super::observer::Observer;
use super::partition::Partition;
use super::token;
use super::worker::Event;

/// Longer than any call of the owner may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// Several heartbeats, of a second at least.
const ANSWERED_FOR_MS: i64 = 3_000;

/// Callbacks of a consumer. They run on the thread that polls.
pub(super) struct Member<I: Send + 'static> {
    pub(super) events: SyncSender<Event<I>>,
    pub(super) observer: Observer,
    pub(super) ends: Ends,
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

    fn stats(&self, statistics: Statistics) {
        let topics = statistics.topics.values();
        for (topic, partition) in topics.flat_map(|topic| topic.partitions.values().map(move |p| (topic, p)))
        {
            if let Some(records) = lag(partition) {
                self.observer.lag(&topic.topic, partition.partition, records);
            }
        }
        if statistics.cgrp.as_ref().is_some_and(has_no_part) {
            self.observer.is_idle();
        }
        self.observer.unreachable(unreachable(&statistics));
        self.ends.told(&statistics);
    }
}

/// The brokers' addresses, when none of them can be reached. A worker that has nothing to commit notices nothing else.
fn unreachable(statistics: &Statistics) -> Option<String> {
    let brokers = || statistics.brokers.values();
    let is_cut_off = !brokers().any(|broker| broker.state == "UP");
    let names: BTreeSet<&str> = brokers().map(|broker| &*broker.nodename).collect();
    is_cut_off.then(|| Vec::from_iter(names).join(", "))
}

/// Where the brokers place the partitions, a member that gets none is not called back: all that it knows is that its
/// coordinator has answered for a while.
fn has_no_part(group: &ConsumerGroup) -> bool {
    group.state == "up" && group.join_state == "init" && group.stateage >= ANSWERED_FOR_MS
}

/// Records that are not read yet. The client's own `consumer_lag` knows nothing of offsets that are committed in
/// transactions. Negative offsets are none.
fn lag(partition: &rdkafka::statistics::Partition) -> Option<i64> {
    if partition.fetch_state != "active" {
        return None;
    }
    let read = [partition.app_offset, partition.committed_offset].into_iter().find(|offset| *offset >= 0)?;
    (partition.ls_offset >= 0).then(|| (partition.ls_offset - read).max(0))
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
    fn new(code: RDKafkaErrorCode, reason: &str) -> Trouble {
        let hint = if is_about_certificate(reason) {
            "; the broker does not take the client's certificate, or misses one: see ssl.certificate.location"
        } else {
            ""
        };
        Trouble { code, reason: format!("{reason}{hint}") }
    }

    /// True when the brokers were reached and refuse this client, or it refuses them: waiting will not help.
    pub(super) fn is_refusal(&self) -> bool {
        use RDKafkaErrorCode::{
            Authentication, IllegalSASLState, SSL, SaslAuthenticationFailed, UnsupportedSASLMechanism,
        };
        matches!(
            self.code,
            Authentication | IllegalSASLState | SaslAuthenticationFailed | SSL | UnsupportedSASLMechanism
        ) || is_alert(&self.reason)
    }
}

/// What a broker says by TLS when it ends a connection. With TLS 1.3 a client takes itself for connected until the broker
/// has looked at its certificate, so librdkafka calls that a lost connection.
fn is_alert(reason: &str) -> bool {
    reason.contains("SSL alert number")
}

/// The alerts of TLS 1.3 for a certificate that is missing, unknown or not taken, by their names in OpenSSL.
fn is_about_certificate(reason: &str) -> bool {
    is_alert(reason) && (reason.contains("certificate") || reason.contains("unknown ca"))
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
            // So does a connection that is lost after the broker has said why.
            Some(RDKafkaErrorCode::BrokerTransportFailure)
                if !is_alert(reason) && trouble.as_ref().is_some_and(Trouble::is_refusal) => {}
            Some(code) => *trouble = Some(Trouble::new(code, reason)),
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

/// Every client says every few milliseconds that a broker is away. Once in so long is enough.
const TROUBLE_EVERY: Duration = Duration::from_secs(5);

fn is_time_for_trouble() -> bool {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let is_time = last.is_none_or(|last| last.elapsed() >= TROUBLE_EVERY);
    if is_time {
        *last = Some(Instant::now());
    }
    is_time
}

/// Errors that belong to no call; librdkafka goes on by itself. The end of a partition is none.
pub(super) fn log_error(error: &ClientError, reason: &str) {
    let is_end = error.rdkafka_error_code() == Some(RDKafkaErrorCode::PartitionEOF)
        || matches!(error, ClientError::PartitionEOF(_));
    if !is_end && is_time_for_trouble() {
        tracing::warn!(%error, reason, "trouble with a broker; trying on");
    }
}

/// librdkafka's lines in ours.
pub(super) fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    // Lost connections; `log_error` hears of them too.
    if facility == "FAIL" {
        tracing::debug!(facility, "{message}");
        return;
    }
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
        self.ends.forget();
        let (done, answer) = sync_channel(1);
        let (before, after) = match rebalance {
            Rebalance::Assign(_) => ("before_assign", "after_assign"),
            _ => ("before_revoke", "after_revoke"),
        };
        reach(before);
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
        reach(after);
    }
}

fn partitions(list: &TopicPartitionList) -> Vec<Partition> {
    list.elements().iter().map(|e| Partition::new(e.topic(), e.partition())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MISSING: &str = "ssl://b:1/bootstrap: Receive failed: error:0A000412:SSL routines::ssl/tls alert bad certificate: \
                           SSL alert number 42 (after 5ms in state APIVERSION_QUERY)";

    #[test]
    fn an_alert_of_tls_is_a_refusal_and_a_lost_connection_is_none() {
        use RDKafkaErrorCode::{BrokerTransportFailure, SSL, SaslAuthenticationFailed};
        let cases = [
            (BrokerTransportFailure, "Disconnected: connection reset by peer", false, false),
            (BrokerTransportFailure, MISSING, true, true),
            (BrokerTransportFailure, "tlsv1 alert unknown ca: SSL alert number 48", true, true),
            (BrokerTransportFailure, "tlsv1 alert protocol version: SSL alert number 70", true, false),
            (SSL, "certificate verify failed: broker certificate could not be verified", true, false),
            (SaslAuthenticationFailed, "Authentication failed", true, false),
        ];
        for (code, reason, is_refusal, has_hint) in cases {
            let trouble = Trouble::new(code, reason);
            assert_eq!(trouble.is_refusal(), is_refusal, "{reason}");
            assert!(trouble.reason.starts_with(reason));
            assert_eq!(trouble.reason.contains("ssl.certificate.location"), has_hint, "{reason}");
        }
    }

    #[test]
    fn what_follows_on_a_refusal_does_not_hide_it() {
        use RDKafkaErrorCode::{AllBrokersDown, BrokerTransportFailure};
        let quiet = Quiet::default();
        let kept = |code, reason: &str| {
            quiet.remember(&ClientError::Global(code), reason);
            quiet.trouble().unwrap().reason
        };
        assert_eq!(kept(BrokerTransportFailure, "Connection refused"), "Connection refused");
        assert_eq!(kept(AllBrokersDown, "1/1 brokers are down"), "Connection refused");
        assert!(kept(BrokerTransportFailure, MISSING).starts_with(MISSING));
        assert!(kept(BrokerTransportFailure, "Disconnected").starts_with(MISSING));
        assert_eq!(
            kept(BrokerTransportFailure, "tlsv1 alert: SSL alert number 70"),
            "tlsv1 alert: SSL alert number 70"
        );
    }
}
