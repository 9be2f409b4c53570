//! The topics that a pipeline needs: what they must be like, what is there, and how to get from one to the other.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use futures_executor::block_on;
use rdkafka::admin::{
    AdminClient, AdminOptions, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};

use super::clients::Clients;
use super::context::Quiet;
use super::error::KafkaError;
use super::listen::Feeds;
use super::names::Names;
use super::partition::Partition;
use super::restore::Reader;
use crate::config::{KafkaPlan, Plan};

const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a topic that was made is waited for at a time.
const SHOWS: Duration = Duration::from_millis(100);
const DAY_MS: i64 = 86_400_000;
/// Tallies of many brands are one record; a dead letter of the longest record, escaped, is six times as long.
const RECORD_BYTES_MAX: &str = "134217728";

/// A topic as it must be, and what is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicPlan {
    /// Its name.
    pub name: String,
    /// How many partitions it must have at least.
    pub partitions: i32,
    /// On how many brokers each is kept when the topic is made; none: as many as the brokers choose.
    pub replicas: Option<i32>,
    /// On how many brokers the partition is kept that has the fewest; none when the topic is not there.
    pub replicas_now: Option<i32>,
    /// Settings by name.
    pub settings: Vec<(&'static str, String)>,
    /// Its records must be kept for so many milliseconds at least; 0 where that is up to its readers.
    pub kept_ms: i64,
    /// What to do.
    pub change: Change,
}

/// What a topic needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is as it must be.
    Nothing,
    /// It is not there.
    Create,
    /// It has only so many partitions.
    AddPartitions {
        /// Now.
        from: i32,
    },
    /// It is there, but other than it must be, and earful does not change that.
    Conflict {
        /// What is different.
        what: String,
    },
}

/// What the pipeline's topics need.
///
/// # Errors
/// When the brokers do not answer, or a posts topic is not there.
pub fn plan(plan: &Plan) -> Result<Vec<TopicPlan>, KafkaError> {
    plan_with(&Clients::new(required(plan)?, None)?, plan)
}

fn plan_with(clients: &Clients, plan: &Plan) -> Result<Vec<TopicPlan>, KafkaError> {
    let kafka = required(plan)?;
    let names = Names::of(kafka);
    let feeds = Feeds::of(plan, &names);
    let reader = Reader::new(clients, &names.listen_group)?;
    let all = reader.partitions(&|_| true)?;
    let mut wanted = wanted(kafka, &names);
    for (input, partitions) in inputs(&feeds, &all)? {
        let (name, horizon_ms) = (names.journal(&input), plan.lane.dedupe_horizon_ms);
        wanted.push(journal(&name, partitions, kafka.replicas, horizon_ms));
    }
    let copies = reader.replicas()?;
    wanted.iter_mut().for_each(|topic| topic.replicas_now = copies.get(&topic.name).copied());
    compare(clients, &all, wanted)
}

/// What each of the topics needs.
fn compare(
    clients: &Clients,
    all: &[Partition],
    mut wanted: Vec<TopicPlan>,
) -> Result<Vec<TopicPlan>, KafkaError> {
    for topic in &mut wanted {
        topic.change = change(topic, count(all, &topic.name));
    }
    check_settings(clients, &mut wanted)?;
    Ok(wanted)
}

/// Makes those topics out that are missing, and none of the inner ones.
///
/// # Errors
/// When one is in conflict, or when the brokers refuse.
pub(super) fn make_outputs(
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
/// As [`plan`], when a topic is in conflict, or when the brokers refuse.
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
pub(super) fn grow(clients: &Clients, journal: &TopicPlan) -> Result<(), KafkaError> {
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
pub(super) fn prepare(clients: &Clients, pipeline: &Plan) -> Result<(), KafkaError> {
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

/// The pipeline's `[kafka]`.
///
/// # Errors
/// When it has none.
pub(super) fn required(plan: &Plan) -> Result<&KafkaPlan, KafkaError> {
    plan.kafka.as_ref().ok_or_else(|| KafkaError::Setting("the pipeline has no [kafka]".to_owned()))
}

fn admin(clients: &Clients) -> Result<AdminClient<Quiet>, KafkaError> {
    // The library never polls the events of its admin client, and gives nobody else a way to: no callback ever runs.
    if clients.has_token_file() {
        let what = "with a token_file topics cannot be made or grown, because the client library brings the token \
                    to readers and writers only; make them as `earful topics plan PIPELINE` shows";
        return Err(KafkaError::Setting(what.to_owned()));
    }
    AdminClient::from_config_and_context(&clients.admin(), Quiet::default())
        .map_err(|e| failed(clients, "make an admin client", e))
}

fn options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(CALL_TIMEOUT)).request_timeout(Some(CALL_TIMEOUT))
}

fn failed(clients: &Clients, action: &str, source: ClientError) -> KafkaError {
    KafkaError::client(action, &clients.brokers, source)
}

/// The posts topics and their partitions.
///
/// # Errors
/// When one that a feed names is not there.
pub(super) fn inputs(feeds: &Feeds, all: &[Partition]) -> Result<Vec<(String, i32)>, KafkaError> {
    for topic in feeds.subscriptions().into_iter().filter(|name| !name.starts_with('^')) {
        if count(all, topic) == 0 {
            let hint = "earful does not make posts topics, they belong to whoever writes them";
            return Err(KafkaError::Unfit(format!("the posts topic {topic} is not there; {hint}")));
        }
    }
    let mut found: Vec<(String, i32)> = Vec::new();
    for partition in all.iter().filter(|p| feeds.feed_of(&p.topic).is_some()) {
        match found.last_mut().filter(|(topic, _)| **topic == *partition.topic) {
            Some((_, partitions)) => *partitions += 1,
            None => found.push((partition.topic.to_string(), 1)),
        }
    }
    Ok(found)
}

pub(super) fn count(all: &[Partition], topic: &str) -> i32 {
    all.iter().filter(|p| *p.topic == *topic).count() as i32
}

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

fn wanted(kafka: &KafkaPlan, names: &Names) -> Vec<TopicPlan> {
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
pub(super) fn journal(name: &str, partitions: i32, replicas: Option<i32>, horizon_ms: i64) -> TopicPlan {
    let kept_ms = 2 * horizon_ms;
    let retention = kept_ms.max(7 * DAY_MS).to_string();
    let journal = topic(name, partitions, &[("cleanup.policy", "delete"), ("retention.ms", &retention)]);
    TopicPlan { kept_ms, replicas, ..journal }
}

fn change(topic: &TopicPlan, found: i32) -> Change {
    let is_fixed = topic.name.ends_with("tallies") || topic.name.ends_with("changelog");
    match found {
        0 => Change::Create,
        found if found < topic.partitions && !is_fixed => Change::AddPartitions { from: found },
        found if found != topic.partitions && is_fixed => {
            let what = format!(
                "has {found} partitions, but `tallies_partitions` is {}, and brands are placed by that number for good",
                topic.partitions
            );
            Change::Conflict { what }
        }
        _ => Change::Nothing,
    }
}

fn new_topic(topic: &TopicPlan) -> NewTopic<'_> {
    // Below zero: as many as the brokers make by default.
    let replication = TopicReplication::Fixed(topic.replicas.unwrap_or(-1));
    let new = NewTopic::new(&topic.name, topic.partitions, replication);
    topic.settings.iter().fold(new, |new, (key, value)| new.set(key, value))
}

/// A topic that is there must be cleaned up as it needs: compaction of tallies would lose posts.
fn check_settings(clients: &Clients, topics: &mut [TopicPlan]) -> Result<(), KafkaError> {
    let there: Vec<usize> = (0..topics.len()).filter(|at| topics[*at].change != Change::Create).collect();
    if there.is_empty() || clients.has_token_file() {
        return Ok(());
    }
    let admin = admin(clients)?;
    let resources: Vec<_> = there.iter().map(|at| ResourceSpecifier::Topic(&topics[*at].name)).collect();
    let found = block_on(admin.describe_configs(&resources, &options()))
        .map_err(|e| failed(clients, "look at the topics' settings", e))?;
    for (at, found) in there.into_iter().zip(&found) {
        let setting = |name: &str| found.as_ref().ok()?.get(name)?.value.clone();
        if let Some(what) = topics[at].unfit(&setting) {
            topics[at].change = Change::Conflict { what };
        }
    }
    Ok(())
}

impl TopicPlan {
    /// What is wrong with a topic that has these settings.
    fn unfit(&self, setting: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let wanted = self.settings.iter().find(|(key, _)| *key == "cleanup.policy");
        if let (Some(found), Some((_, wanted))) = (setting("cleanup.policy"), wanted)
            && !is_same_policy(&found, wanted)
        {
            return Some(format!("has cleanup.policy={found}, it needs {wanted}"));
        }
        // -1 keeps all.
        let kept_ms = setting("retention.ms")?.parse::<i64>().ok().filter(|kept_ms| *kept_ms >= 0)?;
        (kept_ms < self.kept_ms)
            .then(|| format!("has retention.ms={kept_ms}, and `dedupe.horizon` needs {}", self.kept_ms))
    }
}

/// `compact,delete` is `delete,compact`.
fn is_same_policy(left: &str, right: &str) -> bool {
    let parts = |text: &str| text.split(',').map(|part| part.trim().to_owned()).collect::<BTreeSet<_>>();
    parts(left) == parts(right)
}
