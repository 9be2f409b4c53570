//! Follows the engines' changelogs: the rows of panes that are still open, for the serve role.
//!
//! A changelog is the state of an engine, and open panes are in it. What concerns them is kept here as it was written;
//! now and then an engine is made of it and asked for its rows. So every process shows those of all engines, wherever
//! they are, and the tally role does nothing for it.
//!
//! **Invariant:** rows are made of whole commits only.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::clients::Clients;
use super::context::Context;
use super::error::KafkaError;
use super::health::{Health, Report, Worker};
use super::names::Names;
use super::onlooker::{Onlooker, again, consumer};
use super::partition::Partition;
use super::restore::Reader;
use super::tally::COMMIT_KEY;
use super::topics::required;
use super::worker::is_passing;
use crate::aggregate::{Engine, EngineSettings};
use crate::config::Plan;
use crate::model::MetricRow;

const POLL: Duration = Duration::from_millis(200);
/// Rows are made no more often than this...
const REFRESH: Duration = Duration::from_secs(1);
/// ...and making them takes at most one part in so many of the time.
const SHARE: u32 = 25;
/// Read ahead of what is wanted.
const AHEAD_KIB: &str = "4096";

/// Gives `each` the rows of all open panes, whenever they have changed, until `stop`. `settings` are those of the engines
/// at this time; `health` is told whether it can.
///
/// # Errors
/// When a setting is wrong, or what is in a changelog is not of this earful.
pub fn follow_open_rows(
    plan: &Plan,
    settings: &dyn Fn() -> EngineSettings,
    health: &Health,
    stop: &AtomicBool,
    each: &mut dyn FnMut(Vec<MetricRow>),
) -> Result<(), KafkaError> {
    let kafka = required(plan)?;
    let (clients, names) = (Clients::new(kafka, None)?, Names::of(kafka));
    let worker = health.follower();
    again(&worker, stop, &mut || Follower::start(&clients, &names, &worker)?.run(settings, stop, each))
}

/// Follows all changelogs.
struct Follower<'n> {
    consumer: BaseConsumer<Context<Onlooker>>,
    names: &'n Names,
    brokers: String,
    /// By partition.
    logs: BTreeMap<i32, Log>,
    due: Instant,
}

/// One changelog as far as it was read.
#[derive(Default)]
struct Log {
    /// What is left of it that concerns open panes.
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Nothing is missing of the commit that was read last.
    is_whole: bool,
    /// Its end was seen. Before that, what a commit has replaced may be compacted away already.
    is_recent: bool,
    has_changed: bool,
    /// Made of a whole commit.
    rows: Vec<MetricRow>,
}

impl<'n> Follower<'n> {
    fn start(clients: &Clients, names: &'n Names, worker: &Worker) -> Result<Follower<'n>, KafkaError> {
        let group = format!("{}-serve", names.tally_group);
        let mut config = clients.reader(&group);
        config.set("queued.max.messages.kbytes", AHEAD_KIB);
        let failed = |source| failed(&clients.brokers, source);
        let consumer = consumer(clients, config, worker).map_err(failed)?;
        let partitions = Reader::new(clients, &group)?.partitions(&|topic| topic == names.changelog)?;
        if partitions.is_empty() {
            // A first run makes it, at this very moment.
            let reason = format!("the topic {} is not there yet", names.changelog);
            return Err(KafkaError::unusable("follow the open panes", &clients.brokers, reason));
        }
        let mut list = TopicPartitionList::new();
        for Partition { topic, number } in &partitions {
            list.add_partition_offset(topic, *number, Offset::Beginning).map_err(failed)?;
        }
        consumer.assign(&list).map_err(failed)?;
        worker.set(Report::follows);
        let logs = partitions.iter().map(|partition| (partition.number, Log::default())).collect();
        Ok(Follower { consumer, names, brokers: clients.brokers.clone(), logs, due: Instant::now() })
    }

    fn run(
        &mut self,
        settings: &dyn Fn() -> EngineSettings,
        stop: &AtomicBool,
        each: &mut dyn FnMut(Vec<MetricRow>),
    ) -> Result<(), KafkaError> {
        while !stop.load(Ordering::SeqCst) {
            if self.read()? && self.due <= Instant::now() && self.logs.values().any(Log::is_ready) {
                let began = Instant::now();
                each(self.rows(&settings())?);
                self.due = Instant::now() + REFRESH.max(began.elapsed() * SHARE);
            }
        }
        Ok(())
    }

    /// Reads a record. True when this is a moment to look whether there are new rows.
    fn read(&mut self) -> Result<bool, KafkaError> {
        match self.consumer.poll(POLL) {
            Some(Ok(message)) => {
                let key = message.key().unwrap_or_default();
                self.logs.entry(message.partition()).or_default().take(key, message.payload());
                Ok(key == COMMIT_KEY)
            }
            Some(Err(ClientError::PartitionEOF(number))) => {
                self.logs.entry(number).or_default().is_recent = true;
                Ok(true)
            }
            // The client has said so already.
            Some(Err(error)) if is_passing(&error) => Ok(false),
            Some(Err(error)) => Err(failed(&self.brokers, error)),
            None => Ok(true),
        }
    }

    /// The rows of all logs; those that are in the middle of a commit have their last ones.
    fn rows(&mut self, settings: &EngineSettings) -> Result<Vec<MetricRow>, KafkaError> {
        let mut rows = Vec::new();
        for (number, log) in &mut self.logs {
            if log.is_ready() {
                let entries = log.entries.iter().map(|(key, value)| (key.as_slice(), value.as_slice()));
                let engine = Engine::from_changes(settings.clone(), entries).map_err(|e| {
                    let partition = Partition::new(&self.names.changelog, *number);
                    KafkaError::restore(&partition, &self.names.prefix, &e)
                })?;
                (log.rows, log.has_changed) = (engine.open_rows(), false);
            }
            rows.extend_from_slice(&log.rows);
        }
        Ok(rows)
    }
}

impl Log {
    fn take(&mut self, key: &[u8], value: Option<&[u8]>) {
        self.is_whole = key == COMMIT_KEY;
        if Engine::is_for_open_rows(key) {
            self.has_changed = true;
            match value {
                Some(value) => drop(self.entries.insert(key.to_vec(), value.to_vec())),
                None => drop(self.entries.remove(key)),
            }
        }
    }

    fn is_ready(&self) -> bool {
        self.has_changed && self.is_whole && self.is_recent
    }
}

fn failed(brokers: &str, source: ClientError) -> KafkaError {
    KafkaError::client("follow the open panes", brokers, source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_made_of_whole_commits_and_not_of_what_is_compacted() {
        let (pane, value): (&[u8], Option<&[u8]>) = (b"pane 60000 0 heron", Some(b"tally"));
        let mut log = Log::default();
        log.take(pane, value);
        log.take(COMMIT_KEY, Some(b"commit"));
        assert!(!log.is_ready(), "there may be later commits");
        log.is_recent = true;
        assert!(log.is_ready());
        log.take(pane, None);
        assert!(!log.is_ready(), "what has taken its place is still to come");
        log.take(b"pane 60000 1 heron", value);
        log.take(COMMIT_KEY, Some(b"commit"));
        assert!(log.is_ready());
        assert_eq!(log.entries.keys().collect::<Vec<_>>(), [b"pane 60000 1 heron"]);
        log.has_changed = false;
        log.take(b"watch heron", value);
        log.take(COMMIT_KEY, Some(b"commit"));
        assert!(!log.is_ready() && log.entries.len() == 1, "histories concern no open pane");
    }
}
