//! The topics that a pipeline needs: what they must be like (`wanted.rs`), what is there (`compare.rs`), and how to get from
//! one to the other (`make.rs`).

mod compare;
mod make;
mod wanted;

use compare::compare;
use wanted::wanted;

pub use make::apply;

pub(super) use make::{grow, make_outputs, prepare};
pub(super) use wanted::journal;

use super::clients::Clients;
use super::error::KafkaError;
use super::listen::Feeds;
use super::names::Names;
use super::partition::Partition;
use super::restore::{Reader, partitions_of};
use crate::config::{KafkaPlan, Plan};

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
    let metadata = Reader::new(clients, &names.listen_group)?.metadata()?;
    let all = partitions_of(&metadata, &|_| true);
    let mut wanted = wanted(kafka, &names);
    for (input, partitions) in inputs(&feeds, &all)? {
        let (name, horizon_ms) = (names.journal(&input), plan.lane.dedupe_horizon_ms);
        wanted.push(journal(&name, partitions, kafka.replicas, horizon_ms));
    }
    for topic in metadata.topics() {
        let found = wanted.iter_mut().find(|wanted| wanted.name == topic.name());
        let fewest = || topic.partitions().iter().map(|p| p.replicas().len() as i32).min();
        found.into_iter().for_each(|wanted| wanted.replicas_now = fewest());
    }
    compare(clients, &all, wanted)
}

/// The pipeline's `[kafka]`.
///
/// # Errors
/// When it has none.
pub(super) fn required(plan: &Plan) -> Result<&KafkaPlan, KafkaError> {
    plan.kafka.as_ref().ok_or_else(|| KafkaError::Setting("the pipeline has no [kafka]".to_owned()))
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
