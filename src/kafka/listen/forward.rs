//! Corrections on their way from a topic of their own to the posts topic whose lane remembers the post. There they are
//! what they would be if they had been sent there, so nothing here decides whether a label can be applied.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rdkafka::message::{BorrowedMessage, Message};

use super::Feeds;
use crate::analysis::Scratch;
use crate::analysis::decode::Format;
use crate::config::Plan;
use crate::kafka::clients::Clients;
use crate::kafka::error::KafkaError;
use crate::kafka::health::Report;
use crate::kafka::names::Names;
use crate::kafka::outputs::{Outputs, write_post_key};
use crate::kafka::partition::Partition;
use crate::kafka::restore::Reader;
use crate::kafka::transaction::{Outgoing, Writer};
use crate::kafka::worker::{Owner, Reading as MessageReading};
use crate::metrics::Metrics;
use crate::model::{
    CORRECTION_BYTES_MAX, Correction, DeadLetter, Origin, Reading, ReadingOutcome, Record, Timestamp,
};
use crate::runtime::{InForce, Queries, malformed, read_guarded};

/// What dead letters name as the feed.
const FEED: &str = "corrections";

/// What was in a record of the topic of corrections.
pub(in crate::kafka) enum Received {
    /// A correction, its record's value and the time at which it came in.
    Correction(Box<Correction>, Vec<u8>, Option<i64>),
    /// Nothing that could be passed on.
    Dead(Box<DeadLetter>),
}

/// Tells corrections from what is none.
pub(in crate::kafka) struct CorrectionReading {
    queries: Arc<Queries>,
    in_force: Arc<InForce>,
    scratch: Scratch,
    readings: Vec<Reading>,
}

impl CorrectionReading {
    pub(in crate::kafka) fn new(queries: Arc<Queries>) -> CorrectionReading {
        let in_force = queries.in_force();
        CorrectionReading { queries, in_force, scratch: Scratch::default(), readings: Vec::new() }
    }

    /// A correction, or why the record is none. One that names a brand which the pipeline does not have is malformed.
    fn outcome(&mut self, record: &Record<'_>) -> ReadingOutcome {
        let refused = |code, detail: String| malformed(record, code, detail, None).outcome;
        let bytes = record.payload.len();
        if bytes > CORRECTION_BYTES_MAX {
            let what =
                format!("the record has {bytes} bytes; a correction has at most {CORRECTION_BYTES_MAX}");
            return refused("record_too_long", what);
        }
        self.readings.clear();
        read_guarded(&self.in_force.annotator, record, Format::Auto, &mut self.scratch, &mut self.readings);
        let last = self.readings.pop().map(|reading| reading.outcome);
        match last {
            Some(_) if !self.readings.is_empty() => refused(
                "not_an_object",
                "the topic of corrections takes one a record, not several".to_owned(),
            ),
            Some(outcome @ (ReadingOutcome::Correction(_) | ReadingOutcome::Malformed(_))) => outcome,
            _ => {
                let what =
                    "this is no `{\"correction\": {...}}`; the topic of corrections takes nothing else";
                refused("unknown_format", what.to_owned())
            }
        }
    }
}

impl MessageReading for CorrectionReading {
    type Item = Received;

    fn read(&mut self, message: &BorrowedMessage<'_>, out: &mut Vec<Received>) {
        let Some(payload) = message.payload().filter(|payload| !payload.trim_ascii().is_empty()) else {
            return;
        };
        let at = message.timestamp().to_millis();
        let source = Partition::new(message.topic(), message.partition()).to_string();
        let offset = message.offset().unsigned_abs();
        let origin = Origin { feed: FEED, source: &source, offset, line: 0 };
        let received_at = at.map(Timestamp::from_millis);
        match self.outcome(&Record { payload, received_at, origin }) {
            ReadingOutcome::Correction(correction) => {
                out.push(Received::Correction(correction, payload.to_vec(), at));
            }
            ReadingOutcome::Malformed(dead) => out.push(Received::Dead(dead)),
            _ => {}
        }
    }

    fn batch_done(&mut self) {
        if self.queries.number() != self.in_force.number {
            self.in_force = self.queries.in_force();
        }
    }
}

/// Passes corrections on. It has no state: what it has read is what is committed.
pub(in crate::kafka) struct Forwarder {
    /// Theirs.
    topic: Option<String>,
    feeds: Arc<Feeds>,
    reader: Reader,
    outputs: Outputs,
    /// Partitions of posts topics that were seen to be there.
    seen: BTreeSet<Partition>,
    /// The next offset of partitions that were read since the last commit.
    moved: BTreeMap<Partition, i64>,
    key: String,
}

impl Forwarder {
    pub(in crate::kafka) fn new(
        plan: &Plan,
        clients: &Clients,
        names: &Names,
        feeds: Arc<Feeds>,
        metrics: Option<Arc<Metrics>>,
    ) -> Result<Forwarder, KafkaError> {
        Ok(Forwarder {
            topic: names.corrections.clone(),
            feeds,
            reader: Reader::new(clients, &names.corrections_group)?,
            outputs: Outputs::new(names.clone(), plan, metrics),
            seen: BTreeSet::new(),
            moved: BTreeMap::new(),
            key: String::new(),
        })
    }

    /// As it came in, under the key that posts have: so in the partition of the post where no other is stated. Gives what
    /// goes to `dead` instead when nothing here can have the post.
    fn pass_on(
        &mut self,
        correction: Correction,
        (value, at): (&[u8], Option<i64>),
        writer: &Writer,
    ) -> Result<Option<DeadLetter>, KafkaError> {
        let Correction { key, source, dead, .. } = correction;
        let feeds = Arc::clone(&self.feeds);
        let target = match Target::of(source.as_deref(), &feeds) {
            Ok(target) if !self.is_there(&target)? => Err(unread(source.as_deref().unwrap_or_default())),
            found => found,
        };
        let Target { topic, partition } = match target {
            Ok(target) => target,
            Err(detail) => {
                let reason = "correction_unknown_post".to_owned();
                return Ok(Some(DeadLetter { reason, detail, ..dead }));
            }
        };
        self.key.clear();
        write_post_key(&key, &mut self.key);
        let (key, value) = (self.key.as_bytes(), Some(value));
        writer.send_at(Outgoing { topic, partition, key, value, headers: None, ticket: 0 }, at)?;
        Ok(None)
    }

    fn is_there(&mut self, target: &Target<'_>) -> Result<bool, KafkaError> {
        let partition = Partition::new(target.topic, target.partition.unwrap_or(0));
        if self.seen.contains(&partition) {
            return Ok(true);
        }
        let is_there = self.reader.has(&partition)?;
        if is_there {
            self.seen.insert(partition);
        }
        Ok(is_there)
    }
}

/// Where a correction goes.
#[derive(Debug, PartialEq, Eq)]
struct Target<'a> {
    topic: &'a str,
    /// None: chosen by the key.
    partition: Option<i32>,
}

impl Target<'_> {
    /// # Errors
    /// In words, when nothing says which topic it is, or when the pipeline does not read it.
    fn of<'a>(source: Option<&'a str>, feeds: &'a Feeds) -> Result<Target<'a>, String> {
        let Some(source) = source else {
            let only = feeds.only_topic().map(|topic| Target { topic, partition: None });
            return only.ok_or_else(|| {
                "this pipeline reads several posts topics; say by `source` which one the post came in by, as \
                 `origin.source` of the mention does"
                    .to_owned()
            });
        };
        let (topic, number) = source.split_once('/').map_or((source, None), |(topic, n)| (topic, Some(n)));
        let partition = number.map(|number| number.parse().ok().filter(|number| *number >= 0));
        match (feeds.feed_of(topic), partition) {
            (Some(_), None) => Ok(Target { topic, partition: None }),
            (Some(_), Some(Some(number))) => Ok(Target { topic, partition: Some(number) }),
            _ => Err(unread(source)),
        }
    }
}

fn unread(source: &str) -> String {
    format!("this pipeline reads no posts topic or partition `{source}`")
}

impl Owner for Forwarder {
    type Item = Received;

    fn wants(&self, partition: &Partition) -> bool {
        self.topic.as_deref() == Some(&*partition.topic)
    }

    fn assign(&mut self, _: &Partition, _: Option<(i64, String)>) -> Result<(), KafkaError> {
        Ok(())
    }

    fn revoke(&mut self, partition: &Partition) {
        self.moved.remove(partition);
    }

    fn accept(
        &mut self,
        partition: &Partition,
        offset: i64,
        items: impl Iterator<Item = Received>,
        writer: &mut Writer,
    ) -> Result<(), KafkaError> {
        for (item, number) in items.zip(0..) {
            let dead = match item {
                Received::Correction(correction, value, at) => {
                    self.pass_on(*correction, (&value, at), writer)?
                }
                Received::Dead(dead) => Some(*dead),
            };
            if let Some(dead) = dead {
                self.outputs.dead(writer, &dead, format_args!("{partition}/{offset}/{number}"))?;
            }
        }
        self.moved.insert(partition.clone(), offset + 1);
        Ok(())
    }

    fn at_end(&mut self, _: &Partition, _: bool) {}

    fn tick(&mut self) -> bool {
        false
    }

    fn committed(&mut self, _: &mut Report) {
        self.outputs.committed();
    }

    fn settle(&mut self, writer: &mut Writer) -> Result<Vec<(Partition, i64, String)>, KafkaError> {
        writer.drain()?;
        let moved = std::mem::take(&mut self.moved);
        Ok(moved.into_iter().map(|(partition, next)| (partition, next, String::new())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load;

    fn plan(feeds: &str) -> Plan {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("p.toml");
        let text = format!(
            "[kafka]\nbrokers = 'b:1'\ncorrections = 'labels'\n[[brands]]\nid = 'heron'\nquery = 'heron'\n{feeds}"
        );
        std::fs::write(&file, text).unwrap();
        load(&file).unwrap().plan
    }

    fn feed(name: &str, topics: &str) -> String {
        format!("[[feeds]]\nname = '{name}'\ntype = 'kafka'\n{topics}\n")
    }

    #[test]
    fn a_correction_goes_where_its_post_came_in() {
        let check = |feeds: &[&str], source: Option<&str>, expected: Option<(&str, Option<i32>)>| {
            let feeds: String = feeds.iter().zip('a'..).map(|(f, name)| feed(&name.to_string(), f)).collect();
            let plan = plan(&feeds);
            let feeds = Feeds::of(&plan, &Names::of(plan.kafka.as_ref().unwrap()));
            let found = Target::of(source, &feeds).ok().map(|target| (target.topic, target.partition));
            assert_eq!(found, expected, "{source:?}");
        };
        let one = &["topics = ['posts']"];
        check(one, None, Some(("posts", None)));
        check(one, Some("posts"), Some(("posts", None)));
        check(one, Some("posts/3"), Some(("posts", Some(3))));
        for wrong in ["more/3", "labels/0", "earful.mentions/0", "posts/-1", "posts/x", "posts/1/2", "/1", ""]
        {
            check(one, Some(wrong), None);
        }
        for several in
            [&["topics = ['posts', 'more']"] as &[&str], &["topics = ['more']", "pattern = '^post'"]]
        {
            check(several, None, None);
            check(several, Some("posts/3"), Some(("posts", Some(3))));
        }
        check(&["pattern = '^post'"], None, None);
    }

    #[test]
    fn a_record_is_one_correction_or_goes_to_dead() {
        let mut reading = CorrectionReading::new(Queries::new(&plan(&feed("a", "topics = ['posts']"))));
        let mut check = |payload: &str, expected: &str| {
            let received_at = Some(Timestamp::from_millis(1));
            let record = Record { payload: payload.as_bytes(), received_at, origin: Origin::default() };
            let found = match reading.outcome(&record) {
                ReadingOutcome::Correction(correction) => format!("{:?}", correction.source),
                ReadingOutcome::Malformed(dead) => dead.reason,
                other => panic!("{other:?}"),
            };
            assert_eq!(found, expected, "{payload}");
        };
        let label = |brand: &str, more: &str| {
            format!(
                r#"{{"correction":{{"network":"x","id":"1","brand":"{brand}","sentiment":"negative","by":"ana"{more}}}}}"#
            )
        };
        check(&label("heron", ""), "None");
        check(&label("heron", r#","source":"posts/1""#), "Some(\"posts/1\")");
        check(&format!("[{}]", label("heron", "")), "None");
        check(&format!("[{0},{0}]", label("heron", "")), "not_an_object");
        check(&label("nobody", ""), "unknown_brand");
        check(
            r#"{"network":"x","id":"1","body":"heron","published_at":"2026-03-10T09:00:00Z"}"#,
            "unknown_format",
        );
        check(r#"{"network":"x","id":"1","deleted":true}"#, "unknown_format");
        check("[]", "unknown_format");
        check("{\"correction\":", "truncated");
        check(&"a".repeat(CORRECTION_BYTES_MAX + 1), "record_too_long");
    }
}
