//! A partition that is added to a posts topic is taken up by the worker that is there: its journal gets a partition, and
//! whoever writes to that waits until it shows.

use std::fs;

use super::broker;
use super::client::Kafka;
use super::fleet::{Fleet, heron};
use super::serve::{free_port, get, metric, wait_for};

const TOPIC: &str = "posts-for-added";
/// The clients look for partitions every few seconds, each at a time of its own: at one of so many the writer is the last.
const ADDED: i32 = 4;

fn post(kafka: &Kafka, partition: i32) {
    let (at, writer) = (earful::runtime::now().millis(), kafka.writer());
    let value = format!(r#"{{"network":"x","id":"{partition}-{at}","body":"heron","published_at":{at}}}"#);
    writer.send(TOPIC, partition, b"h", value.as_bytes(), at);
    writer.flush();
}

#[test]
fn no_worker_is_built_anew_for_a_partition_that_is_added() {
    let Some(broker) = broker::shared() else { return };
    let (kafka, port, dir) = (broker.client(), free_port(), tempfile::tempdir().unwrap());
    kafka.create_topic(TOPIC, 1, &[]);
    let file = dir.path().join("p.toml");
    fs::write(&file, heron("added", &broker.address(), TOPIC, port)).unwrap();
    let mut fleet = Fleet::start(&file, dir.path(), &["one"], &["--workers", "1"]);
    wait_for("readiness", || get(port, "/readyz").is_some_and(|(status, _)| status == 200));
    let kept = || metric(port, "earful_posts_total{fate=\"kept\"}");
    // The writer has known the journal since then.
    post(&kafka, 0);
    wait_for("the first post", || kept() >= 1.0);
    for partition in 1..=ADDED {
        kafka.add_partitions(TOPIC, partition as usize + 1);
        post(&kafka, partition);
        wait_for("the post in the new partition", || kept() > f64::from(partition));
    }
    assert_eq!(kept(), f64::from(ADDED + 1));
    let (_, metrics) = get(port, "/metrics").unwrap();
    for role in ["listen", "tally"] {
        let none = format!("earful_kafka_rebuilds_total{{role=\"{role}\"}} 0\n");
        assert!(metrics.contains(&none), "{}\n{metrics}", fleet.last_lines());
    }
    fleet.stop();
    assert_eq!(fleet.deaths, Vec::<String>::new());
}
