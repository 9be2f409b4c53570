//! Analysts' labels in a posts topic, by the key of the post.

use std::fs;

use serde_json::Value;

use super::broker;
use super::client::Kafka;
use super::fleet::Fleet;
use super::serve::wait_for;

const TOPIC: &str = "posts-to-correct";
const START: i64 = 1_773_133_200_000;
const MINUTE: i64 = 60_000;
const PARTITIONS: usize = 2;

fn send(kafka: &Kafka, partition: i32, key: &str, value: &str, at: i64) {
    let writer = kafka.writer();
    writer.send(TOPIC, partition, key.as_bytes(), value.as_bytes(), at);
    writer.flush();
}

fn post(kafka: &Kafka, partition: i32, id: &str, at: i64) {
    let value = format!(r#"{{"network":"x","id":"{id}","body":"heron is great","published_at":{at}}}"#);
    // The broker's clock is another one than the post's: so the lane believes both.
    send(kafka, partition, id, &value, at + 1);
}

fn label(kafka: &Kafka, partition: i32, id: &str, sentiment: &str, at: i64) {
    let value = format!(
        r#"{{"correction":{{"network":"x","id":"{id}","brand":"heron","sentiment":"{sentiment}","by":"ana","at":{at}}}}}"#
    );
    send(kafka, partition, id, &value, at);
}

/// Positive and negative mentions over all rows of minutes of this pipeline.
pub fn counts(kafka: &Kafka, pipeline: &str) -> (i64, i64) {
    let rows = kafka.read_committed(&format!("{pipeline}.metrics")).into_iter().filter_map(|record| {
        let row: Value = serde_json::from_slice(&record.value?).unwrap();
        (row["resolution"] == "minute").then_some(row)
    });
    rows.fold((0, 0), |(positive, negative), row| {
        (positive + row["positive"].as_i64().unwrap(), negative + row["negative"].as_i64().unwrap())
    })
}

#[test]
fn a_label_changes_the_mention_and_the_rows_once_across_a_kill() {
    let Some(broker) = broker::shared() else { return };
    let (kafka, dir) = (Kafka::new(&broker.address()), tempfile::tempdir().unwrap());
    kafka.create_topic(TOPIC, PARTITIONS, &[("retention.ms", "-1")]);
    let file = dir.path().join("p.toml");
    let text = format!(
        "name = 'corrected'\n[kafka]\nbrokers = '{}'\nprefix = 'corrected.'\n[[feeds]]\nname = 'posts'\n\
         type = 'kafka'\ntopics = ['{TOPIC}']\n[[brands]]\nid = 'heron'\nquery = 'heron'\n",
        broker.address()
    );
    fs::write(&file, text).unwrap();
    let group = kafka.group("corrected", TOPIC);
    let all_read =
        || wait_for("the commit", || group.committed(PARTITIONS).as_ref() == Some(&kafka.ends(TOPIC)));
    post(&kafka, 0, "1", START);
    post(&kafka, 1, "2", START);
    label(&kafka, 0, "1", "negative", START + 1_000);
    let mut fleet = Fleet::start(&file, dir.path(), &["one"], &["--workers", "2"]);
    all_read();
    fleet.kill(0);
    fleet.launch(0);
    // In force already; of a post in the other partition; and one whose pane is closed by then.
    label(&kafka, 0, "1", "negative", START + 1_000);
    label(&kafka, 0, "2", "negative", START + 1_000);
    post(&kafka, 0, "3", START + 30 * MINUTE);
    post(&kafka, 1, "4", START + 30 * MINUTE);
    label(&kafka, 1, "2", "negative", START + 31 * MINUTE);
    post(&kafka, 0, "5", START + 60 * MINUTE);
    post(&kafka, 1, "6", START + 60 * MINUTE);
    all_read();
    wait_for("all rows", || counts(&kafka, "corrected") == (2, 2));
    let mentions = kafka.read_committed("corrected.mentions");
    let place = |key: &str| {
        let found: Vec<_> =
            mentions.iter().filter(|record| record.key.as_deref() == Some(key.as_bytes())).collect();
        assert_eq!(found.len(), 1, "{key}");
        found[0]
    };
    for id in ["1", "2"] {
        let (mention, correction) = (place(&format!("x:{id}")), place(&format!("correction|heron|x:{id}")));
        assert_eq!(mention.partition, correction.partition, "read after its mention");
        let line: Value = serde_json::from_slice(correction.value.as_ref().unwrap()).unwrap();
        assert_eq!(line["correction"]["sentiment"]["label"], "negative");
        assert_eq!(
            (&line["correction"]["was"]["label"], &line["correction"]["revision"]),
            (&"positive".into(), &1.into())
        );
    }
    let dead = kafka.read_committed("corrected.dead");
    let reasons: Vec<Value> =
        dead.iter().map(|record| serde_json::from_slice(record.value.as_ref().unwrap()).unwrap()).collect();
    assert_eq!(reasons.iter().map(|line| &line["reason"]).collect::<Vec<_>>(), ["correction_unknown_post"]);

    // The tombstone of a mention does not take the record of its label along, so that has one of its own; so has one that
    // an edit makes void.
    send(&kafka, 0, "1", r#"{"network":"x","id":"1","deleted":true}"#, START + 61 * MINUTE);
    let edited = format!(
        r#"{{"network":"x","id":"2","body":"heron is bad","published_at":{START},"edited_at":{}}}"#,
        START + 62 * MINUTE
    );
    send(&kafka, 1, "2", &edited, START + 62 * MINUTE);
    let ends = |key: &str| {
        let mut records = kafka.read_committed("corrected.mentions");
        records.retain(|record| record.key.as_deref() == Some(key.as_bytes()));
        records.pop().map(|record| (record.partition, record.value.is_none()))
    };
    for (id, label, is_gone) in
        [("x:1", "correction|heron|x:1", true), ("x:2", "correction|heron|x:2", false)]
    {
        wait_for("the tombstone of a label", || ends(label).is_some_and(|(_, is_tombstone)| is_tombstone));
        assert_eq!(ends(id), Some((place(label).partition, is_gone)), "{id}");
    }
    fleet.stop();
    assert_eq!(fleet.deaths, Vec::<String>::new());
}
