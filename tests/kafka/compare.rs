//! What a run has written, and where two runs part.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::client::{Kafka, Record};
use super::fates::Fates;

/// The topics that leave earful.
pub const KINDS: [&str; 4] = ["mentions", "metrics", "alerts", "dead"];
/// Differences shown of each topic.
const SHOWN: usize = 5;

type Row = (String, Option<String>);

/// The committed contents of the four topics, without the names of the run.
#[derive(Default)]
pub struct Outputs {
    topics: BTreeMap<&'static str, Topic>,
    /// What became of the posts.
    pub fates: Fates,
}

#[derive(Default)]
struct Topic {
    /// How often each row is there.
    rows: BTreeMap<Row, usize>,
    /// The last value of each key: what compaction leaves.
    last: BTreeMap<String, Option<String>>,
}

impl Outputs {
    /// Reads the topics that begin with `prefix`. Each of `names` is the name of something in this run only,
    /// with what all runs call it.
    pub fn read(kafka: &Kafka, prefix: &str, names: &[(&str, &str)], fates: Fates) -> Outputs {
        let topic = |kind| Topic::new(kafka.read_committed(&format!("{prefix}{kind}")), names);
        Outputs { topics: KINDS.map(|kind| (kind, topic(kind))).into_iter().collect(), fates }
    }

    /// Rows of a topic.
    pub fn count(&self, kind: &str) -> usize {
        self.topics.get(kind).map_or(0, |topic| topic.rows.values().sum())
    }

    /// How `self` differs from what is right; empty if it does not.
    pub fn difference(&self, right: &Outputs) -> String {
        let mut report = String::new();
        if self.fates != right.fates {
            let _ = writeln!(report, "fates: {:?}, and right are\n       {:?}", self.fates, right.fates);
        }
        for kind in KINDS {
            let (Some(this), Some(right)) = (self.topics.get(kind), right.topics.get(kind)) else { continue };
            if this.rows == right.rows && this.last == right.last {
                continue;
            }
            let _ = writeln!(report, "{kind}: {} rows, and {} are right", self.count(kind), right.total());
            this.show_rows(right, &mut report);
            this.show_last(right, &mut report);
        }
        report
    }
}

impl Topic {
    fn new(records: Vec<Record>, names: &[(&str, &str)]) -> Topic {
        let mut topic = Topic::default();
        for record in records {
            let key = plain(&record.key.unwrap_or_default(), names);
            let value = record.value.map(|value| plain(&value, names));
            topic.last.insert(key.clone(), value.clone());
            *topic.rows.entry((key, value)).or_default() += 1;
        }
        topic
    }

    fn total(&self) -> usize {
        self.rows.values().sum()
    }

    fn show_rows(&self, right: &Topic, report: &mut String) {
        for (what, some, others) in [("missing", right, self), ("too much", self, right)] {
            let there = |row: &Row| others.rows.get(row).copied().unwrap_or(0);
            let more = some.rows.iter().filter(|(row, count)| **count > there(row));
            let more: Vec<(&Row, usize)> = more.map(|(row, count)| (row, count - there(row))).collect();
            let sum: usize = more.iter().map(|(_, count)| count).sum();
            let _ = writeln!(report, "  {what}: {sum} rows of {} kinds", more.len());
            for ((key, value), count) in more.into_iter().take(SHOWN) {
                let _ = writeln!(report, "    {count} x {key} = {}", short(value.as_deref()));
            }
        }
    }

    fn show_last(&self, right: &Topic, report: &mut String) {
        let keys: std::collections::BTreeSet<&String> = self.last.keys().chain(right.last.keys()).collect();
        let differ: Vec<&&String> =
            keys.iter().filter(|key| self.last.get(**key) != right.last.get(**key)).collect();
        let _ = writeln!(report, "  {} of {} keys end otherwise", differ.len(), keys.len());
        for key in differ.into_iter().take(SHOWN) {
            let show = |topic: &Topic| match topic.last.get(*key) {
                Some(value) => short(value.as_deref()),
                None => "(never written)".to_owned(),
            };
            let _ = writeln!(report, "    {key}\n      is    {}\n      right {}", show(self), show(right));
        }
    }
}

/// As text, with the run's own names replaced.
fn plain(bytes: &[u8], names: &[(&str, &str)]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.escape_ascii().to_string(),
    };
    names.iter().fold(text, |text, (own, common)| text.replace(own, common))
}

fn short(value: Option<&str>) -> String {
    match value {
        Some(value) if value.len() > 400 => format!("{}...", value.chars().take(400).collect::<String>()),
        Some(value) => value.to_owned(),
        None => "(deleted)".to_owned(),
    }
}

#[cfg(test)]
fn outputs(rows: &[(&str, &str)]) -> Outputs {
    let record = |(key, value): &(&str, &str)| Record {
        partition: 0,
        offset: 0,
        key: Some(key.as_bytes().to_vec()),
        value: Some(value.as_bytes().to_vec()),
        headers: Vec::new(),
    };
    let topic = Topic::new(rows.iter().map(record).collect(), &[("run7.", "")]);
    Outputs { topics: [("metrics", topic)].into_iter().collect(), fates: Fates::new() }
}

#[test]
fn tells_missing_from_doubled_rows() {
    let right = outputs(&[("a", "1"), ("b", "1"), ("b", "2")]);
    assert_eq!(outputs(&[("b", "1"), ("b", "2"), ("a", "1")]).difference(&right), "");
    let report = outputs(&[("a", "1"), ("a", "1"), ("b", "2")]).difference(&right);
    assert!(report.contains("missing: 1 rows of 1 kinds\n    1 x b = 1\n"), "{report}");
    assert!(report.contains("too much: 1 rows of 1 kinds\n    1 x a = 1\n"), "{report}");
    let report = outputs(&[("a", "1"), ("b", "2"), ("b", "1")]).difference(&right);
    assert!(report.contains("1 of 2 keys end otherwise\n    b\n      is    1\n      right 2\n"), "{report}");
}

#[test]
fn names_of_the_run_do_not_count() {
    let (left, right) = (outputs(&[("run7.posts-1", "in run7.dead")]), outputs(&[("posts-1", "in dead")]));
    assert_eq!(left.difference(&right), "");
}

#[test]
fn a_post_of_another_fate_is_a_difference() {
    let fated = |fate: &str| Outputs { fates: Fates::from([(fate.to_owned(), 1)]), ..outputs(&[]) };
    assert_eq!(fated("kept").difference(&fated("kept")), "");
    assert!(fated("late").difference(&fated("kept")).starts_with("fates: {\"late\": 1}"));
}
