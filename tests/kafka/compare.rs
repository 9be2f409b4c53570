//! What a run has written, and where two runs part.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::hash::Hash;

use super::client::{Kafka, Record};
use super::fates::Fates;

/// The topics that leave earful.
pub const KINDS: [&str; 4] = ["mentions", "metrics", "alerts", "dead"];
/// Differences shown of each topic.
const SHOWN: usize = 5;

type Row = (String, Option<String>);
/// Stands for a row or a key: a run has millions of them, and two runs are held at a time.
type Digest = u128;
/// Gives the committed records of a topic.
type Read = dyn Fn(&str, &mut dyn FnMut(Record)) + Send + Sync;

/// The committed contents of the four topics, without the names of the run.
pub struct Outputs {
    /// To show rows that differ, they are read again.
    read: Box<Read>,
    /// What is the name of something in this run only, and what all runs call it.
    names: Vec<(String, String)>,
    topics: BTreeMap<&'static str, Topic>,
    /// What became of the posts.
    pub fates: Fates,
}

#[derive(Default, PartialEq)]
struct Topic {
    /// How often each row is there.
    rows: HashMap<Digest, usize>,
    /// The last row of each key: what compaction leaves.
    last: HashMap<Digest, Digest>,
}

impl Outputs {
    /// Reads the topics that begin with `prefix`.
    pub fn read(kafka: &Kafka, prefix: &str, names: &[(&str, &str)], fates: Fates) -> Outputs {
        let (kafka, prefix) = (kafka.clone(), prefix.to_owned());
        let read = move |kind: &str, take: &mut dyn FnMut(Record)| {
            kafka.each_committed(&format!("{prefix}{kind}"), take);
        };
        Outputs::new(Box::new(read), names, fates)
    }

    fn new(read: Box<Read>, names: &[(&str, &str)], fates: Fates) -> Outputs {
        let names = names.iter().map(|(own, common)| ((*own).to_owned(), (*common).to_owned())).collect();
        let mut outputs = Outputs { read, names, topics: BTreeMap::new(), fates };
        outputs.topics = KINDS.map(|kind| (kind, outputs.topic(kind))).into_iter().collect();
        outputs
    }

    fn topic(&self, kind: &str) -> Topic {
        let mut topic = Topic::default();
        self.each(kind, &mut |row| {
            *topic.rows.entry(digest(&row)).or_default() += 1;
            topic.last.insert(digest(&row.0), digest(&row));
        });
        topic
    }

    fn each(&self, kind: &str, take: &mut dyn FnMut(Row)) {
        (self.read)(kind, &mut |record| {
            let key = plain(&record.key.unwrap_or_default(), &self.names);
            take((key, record.value.map(|value| plain(&value, &self.names))));
        });
    }

    /// Rows of a topic.
    pub fn count(&self, kind: &str) -> usize {
        self.topics[kind].rows.values().sum()
    }

    /// How `self` differs from what is right; empty if it does not.
    pub fn difference(&self, right: &Outputs) -> String {
        let mut report = String::new();
        if self.fates != right.fates {
            let _ = writeln!(report, "fates: {:?}, and right are\n       {:?}", self.fates, right.fates);
        }
        for kind in KINDS.into_iter().filter(|kind| self.topics[kind] != right.topics[kind]) {
            let (is, should) = (self.count(kind), right.count(kind));
            let _ = writeln!(report, "{kind}: {is} rows, and {should} are right");
            show_rows("missing", kind, right, self, &mut report);
            show_rows("too much", kind, self, right, &mut report);
            show_last(kind, self, right, &mut report);
        }
        report
    }

    /// The rows among these, in order.
    fn find(&self, kind: &str, wanted: impl Fn(&Row) -> bool) -> BTreeMap<Row, usize> {
        let mut found = BTreeMap::new();
        self.each(kind, &mut |row| {
            if wanted(&row) {
                *found.entry(row).or_default() += 1;
            }
        });
        found
    }
}

/// Rows of which `some` has more than `others`.
fn show_rows(what: &str, kind: &str, some: &Outputs, others: &Outputs, report: &mut String) {
    let there = |digest: &Digest| others.topics[kind].rows.get(digest).copied().unwrap_or(0);
    let rows = &some.topics[kind].rows;
    let more = some.find(kind, |row| rows[&digest(row)] > there(&digest(row)));
    let more = more.into_iter().map(|(row, count)| (count - there(&digest(&row)), row));
    let more: Vec<(usize, Row)> = more.collect();
    let sum: usize = more.iter().map(|(count, _)| count).sum();
    let _ = writeln!(report, "  {what}: {sum} rows of {} kinds", more.len());
    for (count, (key, value)) in more.into_iter().take(SHOWN) {
        let _ = writeln!(report, "    {count} x {key} = {}", short(value.as_deref()));
    }
}

/// Keys whose last row is not the same.
fn show_last(kind: &str, this: &Outputs, right: &Outputs, report: &mut String) {
    let (is, should) = (&this.topics[kind].last, &right.topics[kind].last);
    let all: HashSet<&Digest> = is.keys().chain(should.keys()).collect();
    let differ: HashSet<&&Digest> = all.iter().filter(|key| is.get(**key) != should.get(**key)).collect();
    let _ = writeln!(report, "  {} of {} keys end otherwise", differ.len(), all.len());
    let ends = |outputs: &Outputs| -> BTreeMap<String, Option<String>> {
        let last = &outputs.topics[kind].last;
        let of_interest =
            |row: &Row| differ.contains(&&digest(&row.0)) && last.get(&digest(&row.0)) == Some(&digest(row));
        outputs.find(kind, of_interest).into_keys().collect()
    };
    let (is, should) = (ends(this), ends(right));
    let keys: BTreeSet<&String> = is.keys().chain(should.keys()).collect();
    for key in keys.into_iter().take(SHOWN) {
        let show = |ends: &BTreeMap<String, Option<String>>| match ends.get(key) {
            Some(value) => short(value.as_deref()),
            None => "(never written)".to_owned(),
        };
        let _ = writeln!(report, "    {key}\n      is    {}\n      right {}", show(&is), show(&should));
    }
}

fn digest<T: Hash>(value: &T) -> Digest {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    value.hash(&mut hasher);
    hasher.digest128()
}

/// As text, with the run's own names replaced.
fn plain(bytes: &[u8], names: &[(String, String)]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.escape_ascii().to_string(),
    };
    names.iter().fold(text, |text, (own, common)| text.replace(own.as_str(), common))
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
    let records: Vec<Record> = rows.iter().map(record).collect();
    let read = move |kind: &str, take: &mut dyn FnMut(Record)| {
        records.iter().filter(|_| kind == "metrics").cloned().for_each(take);
    };
    Outputs::new(Box::new(read), &[("run7.", "")], Fates::new())
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
