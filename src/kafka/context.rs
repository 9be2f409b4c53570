//! What the clients of librdkafka have in common: tokens, errors that belong to no call, and log lines.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::statistics::Statistics;

use super::failures::Failures;
use super::leave::{Joins, Leaving};
use super::token;

/// Callbacks of a client. What is not the same for all of them is up to its `own` part.
#[derive(Default)]
pub(super) struct Context<T> {
    pub(super) own: T,
    /// A token was asked for. Where tokens are used, a call that blocks must not come before.
    was_asked: AtomicBool,
    pub(super) leaving: Leaving,
    pub(super) failures: Failures,
}

/// What one kind of client wants to know besides.
pub(super) trait Hears: Send + Sync {
    /// An error that belongs to no call; it is logged already.
    fn error(&self, _error: &ClientError, _reason: &str) {}
    /// A line of librdkafka; it is logged already.
    fn line(&self, _facility: &str, _message: &str) {}
    /// What librdkafka counts, now and then.
    fn statistics(&self, _statistics: &Statistics) {}
}

impl<T> Context<T> {
    pub(super) fn new(own: T) -> Context<T> {
        let (was_asked, leaving, failures) =
            (AtomicBool::new(false), Leaving::default(), Failures::default());
        Context { own, was_asked, leaving, failures }
    }

    pub(super) fn was_asked_for_token(&self) -> bool {
        self.was_asked.load(Ordering::SeqCst)
    }
}

impl<T: Hears> ClientContext for Context<T> {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        self.was_asked.store(true, Ordering::SeqCst);
        token::from_config(config)
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        if facility == "FAIL" {
            self.failures.note(message);
        }
        log(level, facility, message);
        self.own.line(facility, message);
    }

    fn error(&self, error: ClientError, reason: &str) {
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            log_error(&error, reason);
            return self.own.error(&error, reason);
        }
        // librdkafka only counts them, now and then wrongly. It can overtake the line that says which they are and why; the
        // next attempt to connect brings one.
        if let Some(brokers) = self.failures.told() {
            if is_time_for_trouble() {
                tracing::warn!(brokers, "no broker can be reached; trying on");
            }
            self.own.error(&error, &brokers);
        }
    }

    fn stats(&self, statistics: Statistics) {
        self.own.statistics(&statistics);
    }
}

/// Callbacks of a client that reads by hand, or makes topics.
pub(super) type Quiet = Context<LastTrouble>;

impl Joins for LastTrouble {}

/// What went wrong last.
#[derive(Default)]
pub(super) struct LastTrouble(Mutex<Option<Trouble>>);

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

impl LastTrouble {
    pub(super) fn get(&self) -> Option<Trouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Hears for LastTrouble {
    fn error(&self, error: &ClientError, reason: &str) {
        let mut trouble = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
fn log_error(error: &ClientError, reason: &str) {
    let code = error.rdkafka_error_code();
    if code == Some(RDKafkaErrorCode::PartitionEOF) || matches!(error, ClientError::PartitionEOF(_)) {
        return;
    }
    if is_time_for_trouble() {
        tracing::warn!(%error, reason, "trouble with a broker; trying on");
    }
}

/// librdkafka's lines in ours.
fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        // Lost connections; they come as errors, too, some of them only when all are lost.
        _ if facility == "FAIL" => tracing::debug!(facility, "{message}"),
        // `[kafka.properties]` goes to every client, so each consumer would complain of what is for producers.
        _ if facility == "CONFWARN" => tracing::debug!(facility, "{message}"),
        // A writer that begins while the brokers end what its predecessor left open, or have only just made the topic of
        // transactions. It tries again, and says so when it gives up.
        _ if facility == "GETPID" => tracing::info!(facility, "{message}"),
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

#[cfg(test)]
mod tests {
    use super::*;

    const MISSING: &str = "ssl://b:1/bootstrap: Receive failed: error:0A000412:SSL routines::ssl/tls alert bad certificate: \
                           SSL alert number 42 (after 5ms in state APIVERSION_QUERY)";

    #[test]
    fn brokers_that_are_down_are_told_with_address_and_cause() {
        let context = Context::new(LastTrouble::default());
        let all_down =
            || context.error(ClientError::Global(RDKafkaErrorCode::AllBrokersDown), "0/2 brokers are down");
        let told = || context.own.get().map(|trouble| trouble.reason);
        all_down();
        assert_eq!(told(), None);
        let line = "[thrd:b:1/1]: b:1/1: Connect to ipv4#10.0.0.1:1 failed: Connection refused";
        context.log(RDKafkaLogLevel::Error, "FAIL", line);
        all_down();
        assert_eq!(told().as_deref(), Some("b:1: Connect to ipv4#10.0.0.1:1 failed: Connection refused"));
    }

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
        let last = LastTrouble::default();
        let kept = |code, reason: &str| {
            last.error(&ClientError::Global(code), reason);
            last.get().unwrap().reason
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
