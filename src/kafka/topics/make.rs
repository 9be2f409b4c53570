//! Makes topics and partitions that are missing.

use std::thread;
use std::time::{Duration, Instant};

use futures_executor::block_on;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic};
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};

use super::super::clients::Clients;
use super::super::context::Quiet;
use super::super::error::KafkaError;
use super::super::names::Names;
use super::super::partition::Partition;
use super::wanted::{new_topic, wanted};
use super::{Change, TopicPlan, compare, plan_with, required};
use crate::config::{KafkaPlan, Plan};

const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a topic that was made is waited for at a time.
const SHOWS: Duration = Duration::from_millis(100);

/// Makes those topics out that are missing, and none of the inner ones.
///
/// # Errors
/// When one is in conflict, or when the brokers refuse.
pub(in crate::kafka) fn make_outputs(
    clients: &Clients,
    kafka: &KafkaPlan,
    all: &[Partition],
) -> Result<(), KafkaError> {
    let names = Names::of(kafka);
    let wanted = wanted(kafka, &names).into_iter().filter(|topic| names.kind(&topic.name).is_some());
    make(clients, compare(clients, all, wanted.collect())?).map(drop)
}

/// Makes the topics so. Gives what was done.
///
/// # Errors
/// As [`super::plan`], when a topic is in conflict, or when the brokers refuse.
pub fn apply(pipeline: &Plan) -> Result<Vec<TopicPlan>, KafkaError> {
    let clients = Clients::new(required(pipeline)?, None)?;
    make(&clients, plan_with(&clients, pipeline)?)
}

fn make(clients: &Clients, topics: Vec<TopicPlan>) -> Result<Vec<TopicPlan>, KafkaError> {
    check_conflicts(&topics)?;
    if topics.iter().all(|topic| topic.change == Change::Nothing) {
        return Ok(topics);
    }
    create(clients, &topics)?;
    let grown: Vec<NewPartitions<'_>> = topics
        .iter()
        .filter(|topic| matches!(topic.change, Change::AddPartitions { .. }))
        .map(|topic| NewPartitions::new(&topic.name, topic.partitions.unsigned_abs() as usize))
        .collect();
    if !grown.is_empty() {
        let results = block_on(admin(clients)?.create_partitions(&grown, &options()))
            .map_err(|e| failed(clients, "add partitions", e))?;
        if let Some((topic, reason)) = results.into_iter().find_map(Result::err) {
            return Err(KafkaError::Unfit(format!("the topic {topic} could not be grown: {reason}")));
        }
    }
    Ok(topics)
}

/// Makes those that are not there. Another process may be quicker.
fn create(clients: &Clients, topics: &[TopicPlan]) -> Result<(), KafkaError> {
    let new: Vec<NewTopic<'_>> =
        topics.iter().filter(|topic| topic.change == Change::Create).map(new_topic).collect();
    if new.is_empty() {
        return Ok(());
    }
    let results = block_on(admin(clients)?.create_topics(&new, &options()))
        .map_err(|e| failed(clients, "create topics", e))?;
    let problems = results.into_iter().filter_map(Result::err);
    match problems.into_iter().find(|(_, reason)| *reason != RDKafkaErrorCode::TopicAlreadyExists) {
        None => Ok(()),
        Some((topic, reason)) => {
            let replicas =
                topics.iter().find(|wanted| wanted.name == topic).and_then(|wanted| wanted.replicas);
            Err(not_made(clients, &topic, replicas, reason))
        }
    }
}

fn not_made(clients: &Clients, topic: &str, replicas: Option<i32>, reason: RDKafkaErrorCode) -> KafkaError {
    use RDKafkaErrorCode::{
        ClusterAuthorizationFailed, InvalidReplicationFactor, NotController, RequestTimedOut,
        TopicAuthorizationFailed,
    };
    match reason {
        // Brokers that are only just starting; they make as many copies as they are.
        InvalidReplicationFactor | NotController | RequestTimedOut => {
            let copies = replicas.map_or_else(String::new, |replicas| format!(" with {replicas} replicas"));
            failed(clients, &format!("make the topic {topic}{copies}"), ClientError::AdminOp(reason))
        }
        ClusterAuthorizationFailed | TopicAuthorizationFailed => KafkaError::Topic(format!(
            "the topic {topic} is not there, and this user may not make it ({reason}): let one who may do that"
        )),
        _ => KafkaError::Unfit(format!("the topic {topic} could not be made: {reason}")),
    }
}

/// Gives a journal at least as many partitions as it needs. It is made where there is none: a posts topic may have come
/// up during the run, if a feed reads all of a pattern.
///
/// # Errors
/// When the brokers do not allow it.
pub(in crate::kafka) fn grow(clients: &Clients, journal: &TopicPlan) -> Result<(), KafkaError> {
    use RDKafkaErrorCode::{InvalidPartitions, TopicAlreadyExists, UnknownTopicOrPartition};
    let (name, partitions) = (&journal.name, journal.partitions);
    let new = NewPartitions::new(name, partitions.unsigned_abs() as usize);
    let admin = admin(clients)?;
    let mut results = block_on(admin.create_partitions([&new], &options()))
        .map_err(|e| failed(clients, "add partitions", e))?;
    if matches!(results.first(), Some(Err((_, UnknownTopicOrPartition)))) {
        results = block_on(admin.create_topics([&new_topic(journal)], &options()))
            .map_err(|e| failed(clients, "create topics", e))?;
    }
    match results.into_iter().find_map(Result::err) {
        // Another worker was quicker.
        None | Some((_, InvalidPartitions | TopicAlreadyExists)) => Ok(()),
        Some((_, reason)) => {
            let what =
                format!("the topic {name} needs {partitions} partitions and could not get them: {reason}");
            Err(KafkaError::Unfit(what))
        }
    }
}

/// Sees to it before a run that every topic is there and as it must be. Partitions that a journal lacks are added by
/// the worker that needs them.
///
/// # Errors
/// When one is not and cannot or must not be made.
pub(in crate::kafka) fn prepare(clients: &Clients, pipeline: &Plan) -> Result<(), KafkaError> {
    let (began, mut has_made) = (Instant::now(), false);
    loop {
        let topics = plan_with(clients, pipeline)?;
        check_conflicts(&topics)?;
        let Some(missing) = topics.iter().find(|topic| topic.change == Change::Create) else { return Ok(()) };
        if !required(pipeline)?.create_topics {
            return Err(KafkaError::Topic(format!("the topic {} is not there", missing.name)));
        }
        if has_made && began.elapsed() > CALL_TIMEOUT {
            let reason = format!("the topic {} was made, but this user does not get to see it", missing.name);
            return Err(KafkaError::unusable("make topics", &clients.brokers, reason));
        }
        create(clients, &topics)?;
        for topic in topics.iter().filter(|topic| topic.change == Change::Create && !has_made) {
            tracing::info!(topic = topic.name, partitions = topic.partitions, "topic made");
        }
        // They show a moment later.
        has_made = true;
        thread::sleep(SHOWS);
    }
}

/// All of them at once: whoever puts one right should not meet the next one then.
fn check_conflicts(topics: &[TopicPlan]) -> Result<(), KafkaError> {
    let found: Vec<String> = topics.iter().filter_map(conflict).collect();
    if found.is_empty() {
        return Ok(());
    }
    let hint =
        "earful does not change that; put it right, or choose another `prefix` or topic of `corrections`";
    Err(KafkaError::Unfit(format!("{}; {hint}", found.join("; "))))
}

fn conflict(topic: &TopicPlan) -> Option<String> {
    let Change::Conflict { what } = &topic.change else { return None };
    Some(format!("the topic {} {what}", topic.name))
}

pub(super) fn admin(clients: &Clients) -> Result<AdminClient<Quiet>, KafkaError> {
    // The library never polls the events of its admin client, and gives nobody else a way to: no callback ever runs.
    if clients.has_token_file() {
        let what = "with a token_file topics cannot be made or grown, because the client library brings the token \
                    to readers and writers only; make them as `earful topics plan PIPELINE` shows";
        return Err(KafkaError::Setting(what.to_owned()));
    }
    AdminClient::from_config_and_context(&clients.admin(), Quiet::default())
        .map_err(|e| failed(clients, "make an admin client", e))
}

pub(super) fn options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(CALL_TIMEOUT)).request_timeout(Some(CALL_TIMEOUT))
}

pub(super) fn failed(clients: &Clients, action: &str, source: ClientError) -> KafkaError {
    KafkaError::client(action, &clients.brokers, source)
}
