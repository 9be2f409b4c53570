//! A partition that is silent does not hold the rows back, also where several topics have partitions of one number.

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::broker;
use super::client::Kafka;
use super::fleet::Fleet;
use super::harness::transaction;
use super::serve::wait_for;

const LONGEST: Duration = Duration::from_secs(120);
/// Event time between two posts of a partition that is not silent.
const STEP_MS: i64 = 2_000;

fn post(id: &str, at: i64) -> String {
    format!(r#"{{"network":"x","id":"{id}","body":"heron","published_at":{at}}}"#)
}

fn pipeline(address: &str, name: &str) -> String {
    format!(
        r#"name = "silent"
lateness = "1m"
idle = "2s"

[kafka]
brokers = "{address}"
prefix = "{name}."
tallies_partitions = 1

[[feeds]]
name = "posts"
type = "kafka"
topics = ["{name}-busy", "{name}-silent"]

[[brands]]
id = "heron"
query = "heron"
"#
    )
}

/// One worker reads both topics; one of them is fed all the time. `prepare` gets the other and the time of the
/// first posts.
fn rows_come(name: &str, prepare: impl FnOnce(&Kafka, &str, i64)) {
    let Some(broker) = broker::shared() else { return };
    let (kafka, dir) = (broker.client(), tempfile::tempdir().unwrap());
    let (busy, silent) = (format!("{name}-busy"), format!("{name}-silent"));
    for topic in [&busy, &silent] {
        kafka.create_topic(topic, 2, &[("retention.ms", "-1")]);
    }
    let start = earful::runtime::now().millis() / 60_000 * 60_000 - 4 * 3_600_000;
    prepare(&kafka, &silent, start);
    let file = dir.path().join("p.toml");
    fs::write(&file, pipeline(&broker.address(), name)).unwrap();
    let mut apply = Command::new(env!("CARGO_BIN_EXE_earful"));
    assert!(apply.args(["topics", "apply"]).arg(&file).stdout(Stdio::null()).status().unwrap().success());
    let mut fleet = Fleet::start(&file, dir.path(), &["one"], &["--workers", "1"]);
    feed_until_rows_come(&kafka, name, start, &mut fleet);
    fleet.stop();
    assert_eq!(fleet.deaths, Vec::<String>::new());
}

/// Into the busy topic, from `start` on.
fn feed_until_rows_come(kafka: &Kafka, name: &str, start: i64, fleet: &mut Fleet) {
    let (writer, began) = (kafka.writer(), Instant::now());
    for n in 0.. {
        for partition in 0..2 {
            let id = format!("{n}-{partition}");
            let at = start + n * STEP_MS;
            writer.send(
                &format!("{name}-busy"),
                partition,
                id.as_bytes(),
                post(&id, at).as_bytes(),
                at + 1_000,
            );
        }
        sleep(Duration::from_millis(20));
        if n % 50 == 0 {
            let rows = kafka.read_committed(&format!("{name}.metrics"));
            let is_row = |key: &[u8]| String::from_utf8_lossy(key).starts_with("heron|minute|");
            if rows.iter().filter_map(|row| row.key.as_deref()).any(is_row) {
                return;
            }
            fleet.tend();
            assert!(began.elapsed() < LONGEST, "no row came\n{}", fleet.last_lines());
        }
    }
}

#[test]
fn nothing_was_ever_in_it() {
    rows_come("never", |_, _, _| ());
}

#[test]
fn its_last_records_were_committed_in_a_transaction() {
    rows_come("committed", |kafka, topic, start| {
        let posts: Vec<String> = (0..20).map(|n| post(&format!("t{n}"), start + n)).collect();
        let posts: Vec<&str> = posts.iter().map(String::as_str).collect();
        transaction(&mut kafka.config(), topic, &posts, true);
    });
}

#[test]
fn its_last_records_were_aborted() {
    rows_come("aborted", |kafka, topic, start| {
        let posts: Vec<String> = (0..20).map(|n| post(&format!("t{n}"), start + n)).collect();
        let posts: Vec<&str> = posts.iter().map(String::as_str).collect();
        transaction(&mut kafka.config(), topic, &posts, true);
        transaction(&mut kafka.config(), topic, &posts, false);
    });
}

/// Its posts are as old as those of the other topic, and nothing says that no more come: without an end the windows
/// would wait for it for ever. Taken in again, it goes on where it was.
#[test]
fn a_topic_that_was_taken_out_of_the_pipeline() {
    let Some(broker) = broker::shared() else { return };
    let (kafka, dir) = (broker.client(), tempfile::tempdir().unwrap());
    let (name, topics) = ("taken-out", ["taken-out-busy", "taken-out-silent"]);
    let start = earful::runtime::now().millis() / 60_000 * 60_000 - 4 * 3_600_000;
    let writer = kafka.writer();
    for topic in topics {
        kafka.create_topic(topic, 2, &[("retention.ms", "-1")]);
        for partition in 0..2 {
            writer.send(
                topic,
                partition,
                b"k",
                post(&format!("{topic}-{partition}"), start).as_bytes(),
                start,
            );
        }
    }
    writer.flush();
    let file = dir.path().join("p.toml");
    let both = pipeline(&broker.address(), name).replace("idle = \"2s\"", "idle = \"1h\"");
    let one = both.replace(&format!(", \"{}\"", topics[1]), "");
    let run = |text: &str| {
        fs::write(&file, text).unwrap();
        Fleet::start(&file, dir.path(), &["one"], &["--workers", "1"])
    };
    let groups = topics.map(|topic| kafka.group(name, topic));
    let read_by_tallies = kafka.group("taken-out-tally", "taken-out.tallies");
    let has_read = |posts: i64| {
        if groups[1].committed(2) != Some(vec![posts; 2]) {
            return false;
        }
        let ends = kafka.read_committed("taken-out.tallies").last().map_or(1, |record| record.offset + 1);
        read_by_tallies.committed(1).is_some_and(|offsets| offsets[0] >= ends)
    };

    let mut fleet = run(&both);
    wait_for("the first posts", || has_read(1));
    fleet.stop();
    // They come while nobody reads the topic.
    for partition in 0..2 {
        let late = post(&format!("late-{partition}"), start + STEP_MS);
        writer.send(topics[1], partition, b"k", late.as_bytes(), start + STEP_MS);
    }
    writer.flush();
    let mut fleet = run(&one);
    feed_until_rows_come(&kafka, name, start, &mut fleet);
    fleet.stop();
    assert_eq!(fleet.deaths, Vec::<String>::new());

    let mut fleet = run(&both);
    wait_for("the posts of the topic that is there again", || has_read(2));
    fleet.stop();
    assert_eq!(fleet.deaths, Vec::<String>::new());
    let mentions = kafka.read_committed("taken-out.mentions");
    let count =
        |key: &str| mentions.iter().filter(|record| record.key.as_deref() == Some(key.as_bytes())).count();
    assert_eq!([count("x:late-0"), count("x:late-1")], [1, 1]);
}
