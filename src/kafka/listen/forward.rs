//! Corrections on their way from a topic of their own to the posts topic whose lane remembers the post. There they are
//! what they would be if they had been sent there, so nothing here decides whether a label can be applied.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Feeds;
use super::corrections::Received;
use crate::config::Plan;
use crate::kafka::clients::Clients;
use crate::kafka::error::KafkaError;
use crate::kafka::health::Report;
use crate::kafka::names::Names;
use crate::kafka::outputs::{Outputs, write_post_key};
use crate::kafka::partition::Partition;
use crate::kafka::restore::Reader;
use crate::kafka::transaction::{Outgoing, Writer};
use crate::kafka::worker::Owner;
use crate::metrics::Metrics;
use crate::model::{Correction, DeadLetter};

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
            Ok(target) if !self.is_there(&target, writer)? => {
                Err(unread(source.as_deref().unwrap_or_default()))
            }
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

    fn is_there(&mut self, target: &Target<'_>, writer: &Writer) -> Result<bool, KafkaError> {
        let partition = Partition::new(target.topic, target.partition.unwrap_or(0));
        if self.seen.contains(&partition) {
            return Ok(true);
        }
        let is_there = self.reader.has(&partition)?;
        if is_there {
            writer.wait_for(&partition)?;
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

    fn assign(&mut self, _: &Partition, _: Option<(i64, String)>, _: &Writer) -> Result<(), KafkaError> {
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
pub(super) mod tests {
    use super::*;
    use crate::config::load;

    pub(in crate::kafka::listen) fn plan(feeds: &str) -> Plan {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("p.toml");
        let text = format!(
            "[kafka]\nbrokers = 'b:1'\ncorrections = 'labels'\n[[brands]]\nid = 'heron'\nquery = 'heron'\n{feeds}"
        );
        std::fs::write(&file, text).unwrap();
        load(&file).unwrap().plan
    }

    pub(in crate::kafka::listen) fn feed(name: &str, topics: &str) -> String {
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
}
