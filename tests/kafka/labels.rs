//! Analysts' labels in a topic of their own: the listen role passes them on to the lane that remembers the post.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use serde_json::{Value, json};

use super::broker;
use super::client::{Kafka, Record};
use super::corrections::counts;
use super::fates::{fates, lanes};
use super::fleet::{Fleet, Sentence};
use super::serve::{free_port, get, request, wait_for};

const START: i64 = 1_773_133_200_000;
const MINUTE: i64 = 60_000;
const LONGEST: Duration = Duration::from_secs(120);

/// A pipeline whose topics begin with its name.
pub struct Desk {
    pub kafka: Kafka,
    name: &'static str,
    dir: tempfile::TempDir,
    /// When labels come in: later than their posts, or retention would delete them.
    arrival: i64,
}

impl Desk {
    /// `feeds` are in the pipeline file; `posts` are the topics to make, of two partitions each.
    pub fn new(name: &'static str, posts: &[&str], feeds: &str) -> Option<Desk> {
        let broker = broker::shared()?;
        let desk = Desk {
            kafka: broker.client(),
            name,
            dir: tempfile::tempdir().unwrap(),
            arrival: earful::runtime::now().millis(),
        };
        posts.iter().for_each(|topic| desk.kafka.create_topic(topic, 2, &[("retention.ms", "-1")]));
        let text = format!(
            "name = '{name}'\n[kafka]\nbrokers = '{}'\nprefix = '{name}.'\ncorrections = '{name}-labels'\n\
             tallies_partitions = 2\n[[feeds]]\nname = 'posts'\ntype = 'kafka'\n{feeds}\n\
             [[brands]]\nid = 'heron'\nquery = 'heron'\n",
            broker.address()
        );
        fs::write(desk.file(), text).unwrap();
        let mut apply = Command::new(env!("CARGO_BIN_EXE_earful"));
        let applied = apply.args(["topics", "apply"]).arg(desk.file()).stdin(Stdio::null()).output().unwrap();
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        let labels =
            format!("{name}-labels  partitions=1  cleanup.policy=delete retention.ms=2592000000  created");
        assert!(String::from_utf8_lossy(&applied.stdout).contains(&labels), "no {labels}");
        Some(desk)
    }

    pub fn file(&self) -> PathBuf {
        self.dir.path().join("p.toml")
    }

    pub fn start(&self, instance: &str, roles: &str) -> Fleet {
        Fleet::start(&self.file(), self.dir.path(), &[instance], &["--workers", "2", "--role", roles])
    }

    /// A process that only serves.
    fn serve(&self, port: u16) -> Fleet {
        let file = self.dir.path().join("served.toml");
        let text = fs::read_to_string(self.file()).unwrap();
        fs::write(&file, format!("{text}[http]\nlisten = '127.0.0.1:{port}'\n")).unwrap();
        Fleet::start(&file, self.dir.path(), &["serve"], &["--role", "serve"])
    }

    /// As others write them: placed by their keys as Kafka's own producers do.
    pub fn send(&self, topic: &str, records: &[(String, String, i64)]) {
        let producer: ThreadedProducer<DefaultProducerContext> =
            self.kafka.config().set("partitioner", "murmur2_random").create().unwrap();
        for (key, value, at) in records {
            let record = BaseRecord::to(topic).key(key).payload(value).timestamp(*at);
            producer.send(record).map_err(|(error, _)| error).unwrap();
        }
        producer.flush(LONGEST).unwrap();
    }

    /// Under any key: it is their content that says where they go.
    pub fn label(&self, values: &[String]) {
        let records: Vec<_> =
            values.iter().map(|value| ("any".to_owned(), value.clone(), self.arrival)).collect();
        self.send(&format!("{}-labels", self.name), &records);
    }

    pub fn read(&self, topic: &str) -> Vec<Record> {
        self.kafka.read_committed(&format!("{}.{topic}", self.name))
    }

    /// What the topic of mentions says of labels, the oldest first: id of the post and revision.
    pub fn labels(&self) -> Vec<(String, i64)> {
        let lines = self.read("mentions").into_iter().filter_map(|record| {
            let line: Value = serde_json::from_slice(&record.value?).unwrap();
            Some((line["id"].as_str()?.to_owned(), line["correction"]["revision"].as_i64()?))
        });
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        lines
    }

    pub fn counts(&self) -> (i64, i64) {
        counts(&self.kafka, self.name)
    }

    pub fn reasons(&self) -> Vec<String> {
        let reason = |record: Record| {
            let line: Value = serde_json::from_slice(record.value.as_ref().unwrap()).unwrap();
            line["reason"].as_str().unwrap().to_owned()
        };
        let mut reasons: Vec<String> = self.read("dead").into_iter().map(reason).collect();
        reasons.sort();
        reasons
    }
}

/// So many minutes after the start. The broker's clock is another one than the post's: so the lane believes both.
pub fn post(id: &str, minute: i64) -> (String, String, i64) {
    let at = START + minute * MINUTE;
    let value = json!({"network": "x", "id": id, "body": "heron is great", "published_at": at});
    (format!("x:{id}"), value.to_string(), at + 1)
}

pub fn label(id: &str, minute: i64) -> String {
    labelled(id, "heron", minute, None)
}

fn labelled(id: &str, brand: &str, minute: i64, source: Option<&str>) -> String {
    let (at, sentiment) = (START + minute * MINUTE, "negative");
    json!({"correction": {
        "network": "x", "id": id, "brand": brand, "sentiment": sentiment, "by": "ana", "at": at, "source": source,
    }})
    .to_string()
}

fn revisions(ids: &[&str]) -> Vec<(String, i64)> {
    ids.iter().map(|id| ((*id).to_owned(), 1)).collect()
}

/// Until the sentence is executed; it runs again then.
pub fn await_death(fleet: &mut Fleet) {
    let began = Instant::now();
    while fleet.is_condemned() {
        assert!(began.elapsed() < LONGEST, "a point is never reached\n{}", fleet.last_lines());
        std::thread::sleep(Duration::from_millis(20));
        fleet.tend();
    }
}

/// In a debug build: in the transaction that passes a label on, before and after it is committed, and in that of the
/// lane.
const POINTS: [Sentence; 5] = [
    ("mid_produce", 1),
    ("before_offsets", 1),
    ("after_offsets", 1),
    ("after_commit", 1),
    ("before_commit", 2),
];

#[test]
fn a_label_in_its_own_topic_reaches_the_mention_once_whatever_is_killed() {
    let topic = "posts-passed-on";
    let Some(desk) = Desk::new("passed-on", &[topic], &format!("topics = ['{topic}']")) else { return };
    let (mut flow, mut tally) = (desk.start("flow", "listen"), desk.start("tally", "tally"));
    let ids = ["1", "2", "3", "4", "5", "6"];
    desk.send(topic, &ids.map(|id| post(id, 0)));
    wait_for("the mentions", || desk.read("mentions").len() == ids.len());
    let points = if cfg!(debug_assertions) { &POINTS[..] } else { &[] };
    for (number, point) in points.iter().enumerate() {
        flow.kill(0);
        flow.sentences = vec![*point];
        flow.launch(0);
        desk.label(&[label(ids[number], 1)]);
        await_death(&mut flow);
        wait_for(&format!("the label of a process that died at {point:?}"), || desk.labels().len() > number);
    }
    // The same once more, one of no use, and the last one when its pane is closed.
    desk.label(&[label("1", 1), label("8", 1), labelled("1", "nobody", 1, None), post("9", 1).1]);
    wait_for("all that is of no use", || desk.reasons().len() == 3);
    desk.send(topic, &["10", "11", "12", "13"].map(|id| post(id, 30)));
    desk.label(&ids[points.len()..].iter().map(|id| label(id, 31)).collect::<Vec<_>>());
    wait_for("all labels", || desk.labels().len() == ids.len());
    desk.send(topic, &["14", "15", "16", "17"].map(|id| post(id, 60)));
    wait_for("all rows", || desk.counts() == (4, 6));
    flow.stop();
    tally.stop();
    assert_eq!([flow.deaths, tally.deaths].concat(), Vec::<String>::new());
    assert_eq!(desk.labels(), revisions(&ids));
    assert_eq!(desk.reasons(), ["correction_unknown_post", "unknown_brand", "unknown_format"]);

    // Each was passed on once, unchanged, to the partition of its post.
    let posts = desk.kafka.read_committed(topic);
    let (labels, posts): (Vec<_>, Vec<_>) =
        posts.into_iter().partition(|record| record.value.as_ref().unwrap().starts_with(b"{\"correction\""));
    assert_eq!(labels.len(), ids.len() + 2);
    for record in &labels {
        let post = posts.iter().find(|post| post.key == record.key);
        assert!(post.is_none_or(|post| post.partition == record.partition), "{record:?}");
        assert!(record.headers.is_empty(), "{record:?}");
    }
    let mut sent: Vec<_> =
        desk.kafka.read_committed("passed-on-labels").into_iter().map(|r| r.value).collect();
    sent.retain(|value| labels.iter().any(|record| record.value == *value));
    assert_eq!(sent.len(), labels.len());
    let fates = fates(&desk.file());
    assert_eq!((fates["retracted"], fates["duplicate"], fates["malformed"]), (6, 1, 1), "{fates:?}");
    let lanes = lanes(&desk.file());
    let row = lanes.iter().find(|lane| lane["partition"] == "passed-on-labels/0").unwrap();
    assert_eq!((&row["role"], &row["lag"], &row["fates"]), (&"listen".into(), &0.into(), &Value::Null));
}

#[test]
fn a_label_of_one_of_several_topics_says_which() {
    let topics = ["posts-of-many-a", "posts-of-many-b"];
    let Some(desk) = Desk::new("of-many", &topics, "pattern = '^posts-of-many-.*'") else { return };
    let mut flow = desk.start("flow", "listen,tally");
    let writer = desk.kafka.writer();
    // By other keys than those of earful's own, and so in any partition.
    for (topic, partition, id) in [(topics[0], 0, "1"), (topics[1], 1, "2"), (topics[1], 0, "3")] {
        let (_, value, at) = post(id, 0);
        writer.send(topic, partition, b"other", value.as_bytes(), at);
    }
    writer.flush();
    wait_for("the mentions", || desk.read("mentions").len() == 3);
    let sources = desk.read("mentions").into_iter().map(|record| {
        let mention: Value = serde_json::from_slice(&record.value.unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&mention["post"]["id"]), text(&mention["origin"]["source"]))
    });
    let mut labels: Vec<String> =
        sources.map(|(id, source)| labelled(&id, "heron", 1, Some(&source))).collect();
    // Without a time of decision that of arrival in the topic of corrections holds.
    labels[0] = labels[0].replace(&format!("\"at\":{},", START + MINUTE), "");
    labels.push(labelled("1", "heron", 1, None));
    labels.push(labelled("1", "heron", 1, Some("posts-of-many-a/7")));
    labels.push(labelled("1", "heron", 1, Some("of-many.mentions/0")));
    desk.label(&labels);
    wait_for("all labels", || desk.labels() == revisions(&["1", "2", "3"]));
    wait_for("all that is of no use", || desk.reasons() == ["correction_unknown_post"; 3]);
    let decided: Vec<Value> = desk
        .read("mentions")
        .into_iter()
        .filter_map(|record| {
            let line: Value = serde_json::from_slice(&record.value?).unwrap();
            line.get("correction").map(|correction| correction["at"].clone())
        })
        .collect();
    let arrival = earful::model::Timestamp::from_millis(desk.arrival).to_string();
    assert_eq!(decided.iter().filter(|at| **at == arrival).count(), 1, "{decided:?}");
    flow.stop();
    assert_eq!(flow.deaths, Vec::<String>::new());
}

/// Status and body of the answer to a correction; none when the process ends before it.
fn ask(port: u16, body: &str) -> Option<(u16, String)> {
    request(port, "POST /v1/corrections", body, LONGEST)
}

fn wait_until_ready(port: u16) {
    wait_for("readiness", || get(port, "/readyz").is_some_and(|(status, _)| status == 200));
}

#[test]
fn a_label_that_was_answered_is_in_force_whatever_is_killed() {
    let (topic, port) = ("posts-asked-for", free_port());
    let Some(desk) = Desk::new("asked-for", &[topic], &format!("topics = ['{topic}']")) else { return };
    let (mut flow, mut serve) = (desk.start("flow", "listen,tally"), desk.serve(port));
    let ids = ["1", "2", "3", "4", "5"];
    desk.send(topic, &ids.map(|id| post(id, 0)));
    wait_for("the mentions", || desk.read("mentions").len() == ids.len());
    wait_until_ready(port);
    assert_eq!(ask(port, &label("1", 1)), Some((202, r#"{"taken":1}"#.to_owned())));
    serve.kill(0);
    let points: &[Sentence] =
        if cfg!(debug_assertions) { &[("mid_produce", 1), ("after_commit", 1)] } else { &[] };
    for (id, point) in ["2", "3"].iter().zip(points) {
        serve.sentences = vec![*point];
        serve.launch(0);
        wait_until_ready(port);
        assert_eq!(ask(port, &label(id, 1)), None, "it died at {point:?}");
        await_death(&mut serve);
        wait_until_ready(port);
        assert_eq!(ask(port, &label(id, 1)), Some((202, r#"{"taken":1}"#.to_owned())));
        serve.kill(0);
    }
    serve.launch(0);
    wait_until_ready(port);
    let rest: Vec<String> = ids[1 + points.len()..].iter().map(|id| label(id, 1)).collect();
    let (status, body) = ask(port, &format!("[{}]", rest.join(",\n"))).unwrap();
    assert_eq!((status, body), (202, format!(r#"{{"taken":{}}}"#, rest.len())));
    let (status, body) = ask(port, r#"[{"correction":{}},{"id":"1"}]"#).unwrap();
    assert!(status == 422 && body.contains("no_correction"), "{status} {body}");
    wait_for("all labels", || desk.labels() == revisions(&ids));
    wait_for("the labels on the read API", || {
        let body = get(port, "/v1/mentions?brand=heron&sentiment=negative").unwrap_or_default().1;
        body.matches("\"analyst:ana\"").count() == ids.len()
    });
    flow.stop();
    serve.stop();
    assert_eq!([flow.deaths, serve.deaths].concat(), Vec::<String>::new());
    // The one whose process died after the commit is there twice.
    let taken = desk.kafka.read_committed("asked-for-labels");
    assert!(taken.iter().all(|record| record.key.as_ref().unwrap().starts_with(b"x:")));
    assert_eq!(taken.len(), ids.len() + usize::from(!points.is_empty()));
    let fates = fates(&desk.file());
    assert_eq!(fates["retracted"] + fates["duplicate"], taken.len() as u64, "{fates:?}");
    assert_eq!(fates["retracted"], ids.len() as u64, "{fates:?}");
}
