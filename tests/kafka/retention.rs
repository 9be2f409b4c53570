//! Posts that the topic's retention deletes before they are read: counted and told, while the process is away and while
//! it runs.

use std::fs;
use std::path::Path;

use super::broker;
use super::client::Kafka;
use super::fleet::{Fleet, heron};
use super::serve::{free_port, get, metric, wait_for};

fn feed(kafka: &Kafka, ids: std::ops::Range<i64>) {
    let writer = kafka.writer();
    for id in ids {
        let at = 1_710_028_800_000 + id * 1_000;
        let value = format!(r#"{{"network":"x","id":"{id}","body":"heron","published_at":{at}}}"#);
        writer.send("posts-to-delete", 0, id.to_string().as_bytes(), value.as_bytes(), at);
    }
    writer.flush();
}

fn said(dir: &Path, what: &str) -> usize {
    fs::read_to_string(dir.join("one.log")).unwrap_or_default().matches(what).count()
}

#[test]
fn what_retention_deleted_unread_is_counted_and_told() {
    let Some(broker) = broker::shared() else { return };
    let (kafka, port, dir) = (Kafka::new(&broker.address()), free_port(), tempfile::tempdir().unwrap());
    kafka.create_topic("posts-to-delete", 1, &[("retention.ms", "-1")]);
    let file = dir.path().join("p.toml");
    fs::write(&file, heron("deleted", &broker.address(), "posts-to-delete", port)).unwrap();
    let kept = || metric(port, "earful_posts_total{fate=\"kept\"}");
    let lost = || metric(port, "earful_kafka_records_lost_total{topic=\"posts-to-delete\"}");
    let mut fleet = Fleet::start(&file, dir.path(), &["one"], &[]);
    feed(&kafka, 0..100);
    wait_for("the first hundred", || kept() >= 100.0);
    // An alarm on an increase would miss the first loss if that brought the series.
    let (_, metrics) = get(port, "/metrics").unwrap();
    assert!(metrics.contains("earful_kafka_records_lost_total{topic=\"posts-to-delete\"} 0\n"), "{metrics}");

    // It stands still, and before it goes on 40 of 100 new posts are gone.
    fleet.pause(0);
    feed(&kafka, 100..200);
    kafka.delete_before("posts-to-delete", 0, 140);
    fleet.resume(0);
    wait_for("the other sixty", || kept() >= 160.0);
    wait_for("the count of the lost", || lost() >= 40.0);
    assert_eq!((kept(), lost()), (160.0, 40.0));
    assert_eq!(said(dir.path(), "deleted by the topic's retention before they were read"), 1);

    // The same while it is away.
    fleet.stop();
    feed(&kafka, 200..300);
    kafka.delete_before("posts-to-delete", 0, 230);
    fleet.launch(0);
    wait_for("the other seventy", || kept() >= 70.0);
    wait_for("the count of the lost", || lost() >= 30.0);
    assert_eq!((kept(), lost()), (70.0, 30.0));
    fleet.stop();
    assert_eq!(fleet.deaths, Vec::<String>::new());
}
