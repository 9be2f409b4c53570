//! `[kafka]`, and what feeds of type `kafka` need.

use std::collections::BTreeMap;
use std::time::Duration;

use super::plan::{FeedPlan, KafkaPlan, KafkaTopics, Source};
use super::reader::{At, Report, Table};

/// Enough to spread the merging over a few processes; fixed once the topics are there.
const TALLIES_PARTITIONS: i64 = 4;
const COMMIT_MS: i64 = 250;
const COMMIT_RECORDS: i64 = 50_000;

/// The topics under the prefix, but for journals.
pub(crate) const OWN_TOPICS: [&str; 6] = ["mentions", "metrics", "alerts", "dead", "tallies", "changelog"];

/// Properties that earful sets itself, because its work depends on them: most for exactly-once, the statistics for the lag
/// and to see silent partitions.
const RESERVED: &[&str] = &[
    "acks",
    "auto.offset.reset",
    "bootstrap.servers",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.idempotence",
    "enable.partition.eof",
    "group.id",
    "group.instance.id",
    "isolation.level",
    "metadata.broker.list",
    "partition.assignment.strategy",
    "request.required.acks",
    "statistics.interval.ms",
    "retry.backoff.max.ms",
    "retry.backoff.ms",
    "transactional.id",
];

/// The `[kafka]` table; none when there is none.
pub(super) fn kafka(report: &mut Report<'_>, top: &mut Table<'_>) -> Option<KafkaPlan> {
    let mut table = top.table(report, "kafka", "[kafka]")?;
    if cfg!(not(feature = "kafka")) {
        let hint = "remove [kafka], or build with `--features kafka`";
        report.error(table.at, "this earful was built without Kafka", hint);
    }
    let brokers = table.required(report, "brokers", "give one or more, such as \"127.0.0.1:9092\"");
    let prefix =
        name(report, &mut table, "prefix").map_or_else(|| "earful.".to_owned(), |prefix| prefix.value);
    let group = name(report, &mut table, "group").map(|group| group.value);
    let group = group.unwrap_or_else(|| prefix.trim_end_matches(['.', '-', '_']).to_owned());
    let corrections = corrections(report, &mut table, &prefix);
    let create_topics = table.boolean(report, "create_topics").unwrap_or(true);
    let tallies_partitions =
        table.integer(report, "tallies_partitions", 1..=1_000).unwrap_or(TALLIES_PARTITIONS) as i32;
    let replicas = table.integer(report, "replicas", 1..=16).map(|replicas| replicas as i32);
    let (commit_interval, commit_records) = commit(report, &mut table);
    let properties = properties(report, &mut table);
    table.finish(report);
    Some(KafkaPlan {
        brokers: brokers.map_or_else(String::new, |b| b.value.to_owned()),
        prefix,
        group,
        corrections,
        create_topics,
        tallies_partitions,
        replicas,
        commit_interval,
        commit_records,
        properties,
    })
}

/// The topic of corrections. Read and written by the pipeline, so it must be none of the others.
fn corrections(report: &mut Report<'_>, table: &mut Table<'_>, prefix: &str) -> Option<String> {
    let found = name(report, table, "corrections")?;
    if writes(prefix, &found.value) {
        let what = format!("`corrections`: \"{}\" is a topic that the pipeline itself writes", found.value);
        report.error(found.at, what, "give the corrections a topic of their own");
    }
    Some(found.value)
}

/// A name that may be part of a topic's.
fn name(report: &mut Report<'_>, table: &mut Table<'_>, key: &'static str) -> Option<At<String>> {
    let found = table.string(report, key)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if found.value.is_empty() || found.value.len() > 100 || !found.value.chars().all(allowed) {
        let what = format!("`{key}`: \"{}\" cannot be part of a topic's name", found.value);
        report.error(found.at, what, "give 1 to 100 of a-z, A-Z, 0-9, dot, minus and underscore");
    }
    Some(At { value: found.value.to_owned(), at: found.at })
}

fn commit(report: &mut Report<'_>, table: &mut Table<'_>) -> (Duration, usize) {
    let (mut interval_ms, mut records) = (COMMIT_MS, COMMIT_RECORDS);
    if let Some(mut commit) = table.table(report, "commit", "commit") {
        interval_ms = commit.duration(report, "interval", 10..=60_000).unwrap_or(interval_ms);
        records = commit.integer(report, "records", 1..=10_000_000).unwrap_or(records);
        commit.finish(report);
    }
    (Duration::from_millis(interval_ms as u64), records as usize)
}

fn properties(report: &mut Report<'_>, table: &mut Table<'_>) -> BTreeMap<String, String> {
    let Some(properties) = table.table(report, "properties", "[kafka.properties]") else {
        return BTreeMap::new();
    };
    let found = properties.all_strings(report);
    for (key, value) in &found {
        if RESERVED.contains(&key.as_str()) {
            let what = format!("`{key}` is set by earful, because its work depends on it");
            report.error(value.at, what, "remove it; brokers, prefix, group and --instance have settings");
        }
    }
    found.into_iter().map(|(key, value)| (key, value.value)).collect()
}

/// The topics of a feed of type `kafka`.
pub(super) fn topics(report: &mut Report<'_>, table: &mut Table<'_>) -> Option<KafkaTopics> {
    let list = table.strings(report, "topics");
    let pattern = table.string(report, "pattern");
    match (list, pattern) {
        (Some(list), None) if !list.value.is_empty() => {
            Some(KafkaTopics::Named(list.value.iter().map(|topic| topic.value.to_owned()).collect()))
        }
        (None, Some(pattern)) => self::pattern(report, &pattern),
        _ => {
            let hint = "give topics = [\"posts\"], or pattern = \"^posts-.*\"";
            report.error(table.at, "a feed of type \"kafka\" needs either `topics` or `pattern`", hint);
            None
        }
    }
}

fn pattern(report: &mut Report<'_>, pattern: &At<&str>) -> Option<KafkaTopics> {
    let hint = "give a regular expression that begins with ^, such as \"^posts-.*\"";
    if !pattern.value.starts_with('^') {
        report.error(pattern.at, format!("`pattern`: \"{}\" does not begin with ^", pattern.value), hint);
        return None;
    }
    match regex::Regex::new(pattern.value) {
        Ok(_) => Some(KafkaTopics::Pattern(pattern.value.to_owned())),
        Err(e) => {
            let reason = e.to_string();
            let reason = reason.lines().last().unwrap_or_default();
            report.error(pattern.at, format!("`pattern`: \"{}\": {reason}", pattern.value), hint);
            None
        }
    }
}

/// What a pipeline with this prefix writes. A topic of it must not come in as posts.
pub(crate) fn writes(prefix: &str, topic: &str) -> bool {
    topic.strip_prefix(prefix).is_some_and(|name| OWN_TOPICS.contains(&name) || name.starts_with("journal."))
}

/// True for a feed that reads this topic.
fn reads(source: &Source, topic: &str) -> bool {
    match source {
        Source::Kafka(KafkaTopics::Named(topics)) => topics.iter().any(|named| named == topic),
        Source::Kafka(KafkaTopics::Pattern(pattern)) => {
            regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(topic))
        }
        _ => false,
    }
}

/// A pipeline is either embedded or distributed, because a checkpoint on disk and one in Kafka cannot be one.
pub(super) fn check(
    report: &mut Report<'_>,
    kafka: Option<&KafkaPlan>,
    feeds: &[At<FeedPlan>],
    sinks: Option<usize>,
) {
    let corrections = kafka.and_then(|kafka| kafka.corrections.as_deref());
    for feed in feeds {
        if let Some(topic) = corrections.filter(|topic| reads(&feed.value.source, topic)) {
            let what = format!("\"{}\" reads the topic of corrections, \"{topic}\"", feed.value.name);
            let hint = "from there they are passed on to the posts topics: give them a topic that no feed names and no pattern finds";
            report.error(feed.at, what, hint);
        }
        let is_topic = matches!(feed.value.source, Source::Kafka(_));
        if is_topic && kafka.is_none() {
            let hint = "add:\n        [kafka]\n        brokers = \"127.0.0.1:9092\"";
            report.error(feed.at, "a feed of type \"kafka\" needs [kafka]", hint);
        } else if !is_topic && kafka.is_some() {
            let what = format!("\"{}\" is no feed of type \"kafka\", but there is [kafka]", feed.value.name);
            let hint =
                "a pipeline reads either topics only, or no topic: remove [kafka], or make two pipelines";
            report.error(feed.at, what, hint);
        }
        if let (Source::Kafka(KafkaTopics::Named(topics)), Some(kafka)) = (&feed.value.source, kafka)
            && let Some(topic) = topics.iter().find(|topic| writes(&kafka.prefix, topic))
        {
            let what = format!("the feed \"{}\" reads {topic}, which this pipeline writes", feed.value.name);
            report.error(feed.at, what, "name the topic of the posts, or give [kafka] another `prefix`");
        }
    }
    if let (Some(at), Some(_)) = (sinks, kafka) {
        let hint = "remove [[sinks]]: the outputs go to the topics of [kafka]; read them from there";
        report.error(at, "a pipeline with [kafka] has no other sinks", hint);
    }
}

#[cfg(all(test, feature = "kafka"))]
#[path = "kafka_tests.rs"]
mod tests;
