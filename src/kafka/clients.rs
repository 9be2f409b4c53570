//! librdkafka's settings. Why each has its value is in `docs/kafka.md`.

use std::time::{Duration, Instant};

use rdkafka::client::Client;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::types::RDKafkaType;

use super::context::{Context, LastTrouble, Quiet};
use super::error::KafkaError;
use super::leave::Joins;
use super::token;
use crate::config::{self, KafkaPlan};

/// A transaction that is open for longer is taken for dead by the brokers, and readers wait no more.
const TRANSACTION_TIMEOUT_MS: &str = "15000";
/// A member that is silent for longer loses its partitions.
const SESSION_TIMEOUT_MS: &str = "10000";

/// A new client asks for its token at once, unless its mechanism needs none.
const ASKS_WITHIN: Duration = Duration::from_secs(1);
const SERVE: Duration = Duration::from_millis(5);

/// Before a writer sends a request again; see `transaction.rs`.
pub(super) const RETRY_BACKOFF_MS: u64 = 750;

/// Makes clients for one process.
#[derive(Clone)]
pub(super) struct Clients {
    base: ClientConfig,
    /// `[kafka.properties]`, with what they stand for. Secrets are among them.
    properties: Vec<(String, String)>,
    pub(super) brokers: String,
    /// Stable over restarts: of static members and transactional ids.
    instance: Option<String>,
    /// Stands for the instance where there is none.
    process: String,
}

impl Clients {
    /// # Errors
    /// When a property names an environment variable or a file that is not there, or librdkafka refuses it.
    pub(super) fn new(plan: &KafkaPlan, instance: Option<&str>) -> Result<Clients, KafkaError> {
        let mut base = ClientConfig::new();
        base.set("bootstrap.servers", &plan.brokers)
            .set("client.id", "earful")
            // A partition that is added is seen within so many milliseconds.
            .set("topic.metadata.refresh.interval.ms", "5000")
            .set("reconnect.backoff.max.ms", "2000")
            // The OpenSSL linked in does not know where this system keeps its authorities.
            .set("ssl.ca.location", "probe")
            .set_log_level(RDKafkaLogLevel::Warning);
        let expanded = |(key, value): (&String, &String)| Ok((key.clone(), expand(key, value)?));
        let properties = plan.properties.iter().map(expanded).collect::<Result<Vec<_>, KafkaError>>()?;
        if plan.properties.contains_key("debug") {
            // What librdkafka tells then is of this level; whether it is shown is up to `--log-level`.
            base.set_log_level(RDKafkaLogLevel::Debug);
        }
        let process = format!("{:016x}", random_number());
        let (brokers, instance) = (plan.brokers.clone(), instance.map(str::to_owned));
        let clients = Clients { base, properties, brokers, instance, process };
        clients.try_out(plan)?;
        Ok(clients)
    }

    /// Makes one client of each kind, before anything waits for brokers: a wrong property never gets better.
    fn try_out(&self, plan: &KafkaPlan) -> Result<(), KafkaError> {
        let kinds = [
            (self.member(&plan.group, "check"), RDKafkaType::RD_KAFKA_CONSUMER),
            (self.writer(&plan.group, "check"), RDKafkaType::RD_KAFKA_PRODUCER),
        ];
        for (config, kind) in kinds {
            let native = config.create_native_config();
            native
                .and_then(|native| Client::new(&config, native, kind, Quiet::default()))
                .map_err(|error| refused(error, plan))?;
        }
        Ok(())
    }

    /// True when tokens come from a file. The client library does not bring them to its admin client.
    pub(super) fn has_token_file(&self) -> bool {
        self.properties
            .iter()
            .any(|(key, value)| key == "sasl.oauthbearer.config" && token::file(value).is_some())
    }

    /// A consumer that reads by hand or only looks, and has its token: calls that block do not run the callback that brings
    /// it.
    pub(super) fn looker(&self, config: &ClientConfig) -> Result<BaseConsumer<Quiet>, ClientError> {
        self.looker_with(config, LastTrouble::default())
    }

    /// The same with callbacks of its own.
    pub(super) fn looker_with<T: Joins>(
        &self,
        config: &ClientConfig,
        own: T,
    ) -> Result<BaseConsumer<Context<T>>, ClientError> {
        let consumer = BaseConsumer::from_config_and_context(config, Context::new(own))?;
        let began = Instant::now();
        while self.has_token_file()
            && !consumer.context().was_asked_for_token()
            && began.elapsed() < ASKS_WITHIN
        {
            // Nothing is assigned, so nothing is read.
            let _ = consumer.poll(SERVE);
        }
        Ok(consumer)
    }

    /// A member of a group, that never commits by itself.
    pub(super) fn member(&self, group: &str, worker: &str) -> ClientConfig {
        let mut config = self.reader(group);
        config
            .set("auto.offset.reset", "earliest")
            // For the lag, and to see which partitions are silent (`ends`).
            .set("statistics.interval.ms", "2000")
            .set("enable.partition.eof", "false");
        if self.brokers_assign() {
            // These brokers refuse a static member that comes back until they have given up the old one, and they keep
            // strategy and times to themselves.
            return self.with_properties(config);
        }
        config
            // Not cooperative: there a rebalance has two halves, and when a static member dies between them, what it was to give
            // up belongs to nobody, because its return makes no rebalance.
            .set("partition.assignment.strategy", "roundrobin")
            .set("session.timeout.ms", SESSION_TIMEOUT_MS)
            .set("heartbeat.interval.ms", "2000");
        if let Some(instance) = &self.instance {
            config.set("group.instance.id", format!("{group}-{instance}-{worker}"));
        }
        self.with_properties(config)
    }

    /// True with the group protocol in which the brokers place the partitions (KIP-848).
    fn brokers_assign(&self) -> bool {
        self.properties
            .iter()
            .any(|(key, value)| key == "group.protocol" && value.eq_ignore_ascii_case("consumer"))
    }

    /// Makes a member take topics for not there. Brokers that assign do not hear of it, and would wait for it to read them.
    pub(super) fn ignore(&self, config: &mut ClientConfig, topics: &str) {
        let is_set = self.properties.iter().any(|(key, _)| key == "topic.blacklist");
        if !self.brokers_assign() && !is_set {
            config.set("topic.blacklist", topics);
        }
    }

    /// What to subscribe to for a topic or a pattern. A pattern is looked for anywhere in a name; brokers that assign
    /// match the whole name.
    pub(super) fn subscription(&self, topic: &str) -> String {
        if topic.starts_with('^') && self.brokers_assign() {
            format!("^.*({topic}).*")
        } else {
            topic.to_owned()
        }
    }

    /// Reads partitions by hand: journals and changelogs.
    pub(super) fn reader(&self, group: &str) -> ClientConfig {
        let mut config = self.base.clone();
        config
            .set("group.id", group)
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("enable.partition.eof", "true")
            .set("isolation.level", "read_committed")
            .set("auto.offset.reset", "error")
            .set("fetch.min.bytes", "1")
            .set("fetch.wait.max.ms", "50")
            .set("fetch.message.max.bytes", "4194304")
            .set("queued.max.messages.kbytes", "32768")
            .set("fetch.queue.backoff.ms", "20");
        self.with_properties(config)
    }

    /// Writes in transactions of its own name, so that a successor ends what its predecessor left open.
    pub(super) fn writer(&self, group: &str, worker: &str) -> ClientConfig {
        let instance = self.instance.as_deref().unwrap_or(&self.process);
        let mut config = self.base.clone();
        config
            .set("transactional.id", format!("{group}-{instance}-{worker}"))
            .set("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS)
            .set("message.timeout.ms", "12000")
            .set("retry.backoff.ms", RETRY_BACKOFF_MS.to_string())
            .set("enable.idempotence", "true")
            .set("compression.type", "lz4")
            .set("partitioner", "murmur2_random")
            // Short, because a commit waits for it.
            .set("linger.ms", "5")
            .set("batch.size", "1000000")
            .set("message.max.bytes", "134217728")
            .set("queue.buffering.max.messages", "500000")
            .set("queue.buffering.max.kbytes", "131072");
        self.with_properties(config)
    }

    /// Writes posts for load tests: much at a time, and each record once.
    pub(super) fn loader(&self) -> ClientConfig {
        let mut config = self.base.clone();
        config
            .set("enable.idempotence", "true")
            .set("message.timeout.ms", "60000")
            .set("compression.type", "lz4")
            .set("partitioner", "murmur2_random")
            .set("linger.ms", "20")
            .set("batch.size", "1000000")
            .set("queue.buffering.max.messages", "500000")
            .set("queue.buffering.max.kbytes", "262144");
        self.with_properties(config)
    }

    /// For creating and looking at topics.
    pub(super) fn admin(&self) -> ClientConfig {
        self.with_properties(self.base.clone())
    }

    /// What the user sets comes last; what exactly-once depends on cannot be set there (`config`).
    fn with_properties(&self, mut config: ClientConfig) -> ClientConfig {
        for (key, value) in &self.properties {
            config.set(key, value);
        }
        config
    }
}

/// What librdkafka has against a property. Its value is not repeated when a secret may be in it.
fn refused(error: ClientError, plan: &KafkaPlan) -> KafkaError {
    KafkaError::Setting(match error {
        ClientError::ClientConfig(_, what, key, _) => {
            let is_secret = plan.properties.get(&key).is_none_or(|value| value.contains("${"));
            let is_known = !what.starts_with("No such");
            if is_secret && is_known {
                format!("the property `{key}`: librdkafka does not take this value")
            } else {
                format!("the property `{key}`: {what}")
            }
        }
        ClientError::ClientCreation(what) => what,
        other => other.to_string(),
    })
}

/// Differs from process to process.
fn random_number() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id())
}

/// A property with what it stands for.
fn expand(key: &str, value: &str) -> Result<String, KafkaError> {
    config::expand(value).map_err(|what| KafkaError::Setting(format!("the property `{key}` needs {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_secret_is_told_with_its_property() {
        let missing = expand("sasl.password", "${EARFUL_NO_SUCH_VARIABLE}").unwrap_err().to_string();
        assert!(
            missing.contains("sasl.password") && missing.contains("EARFUL_NO_SUCH_VARIABLE"),
            "{missing}"
        );
    }
}
