//! The harness itself: what it reads is what was committed, and a killed broker comes back with it.

use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

use super::broker::{self, memory_mib};
use super::client::Kafka;
use super::say;

const LONGEST: Duration = Duration::from_secs(30);

/// Writes `values` in one transaction that commits or aborts. The topic has two partitions.
pub fn transaction(config: &mut ClientConfig, topic: &str, values: &[&str], commit: bool) {
    let producer: ThreadedProducer<DefaultProducerContext> =
        config.set("transactional.id", topic).create().unwrap();
    producer.init_transactions(LONGEST).unwrap();
    producer.begin_transaction().unwrap();
    for (i, value) in values.iter().enumerate() {
        let record = BaseRecord::to(topic).partition(i as i32 % 2).key(*value).payload(*value);
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    // Flushed also before an abort: the records are in the topic, and nobody must see them.
    producer.flush(LONGEST).unwrap();
    match commit {
        true => producer.commit_transaction(LONGEST).unwrap(),
        false => producer.abort_transaction(LONGEST).unwrap(),
    }
}

fn values(kafka: &Kafka, topic: &str) -> Vec<(i32, String)> {
    let records = kafka.read_committed(topic);
    assert!(records.iter().all(|record| record.key == record.value && record.headers.is_empty()));
    let text = |value: Option<Vec<u8>>| String::from_utf8(value.unwrap()).unwrap();
    records.into_iter().map(|record| (record.partition, text(record.value))).collect()
}

#[test]
fn a_killed_broker_keeps_what_was_committed_and_nothing_else() {
    let began = Instant::now();
    let Some(mut broker) = broker::own() else { return };
    let started = began.elapsed();
    let kafka = broker.client();
    kafka.create_topic("t", 2, &[("retention.ms", "-1")]);
    transaction(&mut kafka.config(), "t", &["a", "b", "c"], true);
    transaction(&mut kafka.config(), "t", &["x", "y", "z"], false);
    let expected = [(0, "a".to_owned()), (0, "c".to_owned()), (1, "b".to_owned())];
    assert_eq!(values(&kafka, "t"), expected);
    assert!(kafka.ends("t").iter().sum::<i64>() >= 6, "the aborted records and the markers count");
    let memory = memory_mib(broker.pid()).unwrap_or(0);

    let began = Instant::now();
    broker.kill();
    assert!(!kafka.answers());
    broker.restart();
    assert_eq!(values(&kafka, "t"), expected);
    say(&format!(
        "broker: first start {:.1} s, again after SIGKILL {:.1} s, {memory} MiB",
        started.as_secs_f64(),
        began.elapsed().as_secs_f64()
    ));
}

#[test]
fn a_stopped_broker_answers_nobody_until_it_goes_on() {
    let Some(mut broker) = broker::own() else { return };
    let kafka = broker.client();
    broker.pause();
    assert!(!kafka.answers());
    broker.resume();
    assert!((0..30).any(|_| kafka.answers()));
}

#[test]
fn records_arrive_in_order_with_their_partition_and_offsets_start_at_nothing() {
    let Some(broker) = broker::shared() else { return };
    let kafka = broker.client();
    kafka.create_topic("in-order", 3, &[]);
    let writer = kafka.writer();
    for n in 0..30_000 {
        let text = n.to_string();
        writer.send("in-order", n % 3, text.as_bytes(), text.as_bytes(), 1_700_000_000_000 + i64::from(n));
    }
    writer.flush();
    let records = kafka.read_committed("in-order");
    assert_eq!(records.len(), 30_000);
    for record in records {
        let expected = record.offset as i32 * 3 + record.partition;
        assert_eq!(record.value, Some(expected.to_string().into_bytes()));
    }
    assert_eq!(kafka.ends("in-order"), [10_000; 3]);
    assert_eq!(kafka.group("nobody", "in-order").committed(3), Some(vec![0; 3]));
    kafka.add_partitions("in-order", 4);
    assert_eq!(kafka.ends("in-order"), [10_000, 10_000, 10_000, 0]);
}
