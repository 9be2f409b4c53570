//! A static member that starts again disturbs nobody.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::broker;
use super::client::Kafka;
use super::fleet::Fleet;

const LONGEST: Duration = Duration::from_secs(120);
const PARTITIONS: usize = 4;
const TAKEN: &str = "partition taken over";
const GIVEN: &str = "partition given up";

fn pipeline(address: &str, name: &str) -> String {
    format!(
        r#"name = "{name}"

[kafka]
brokers = "{address}"
prefix = "{name}."
tallies_partitions = {PARTITIONS}

[[feeds]]
name = "posts"
type = "kafka"
topics = ["posts-for-{name}"]

[[brands]]
id = "heron"
query = "heron"
"#
    )
}

/// How often an instance took partitions over and gave them up, in all its lives.
fn moves(dir: &Path, instance: &str) -> (usize, usize) {
    let log = fs::read_to_string(dir.join(format!("{instance}.log"))).unwrap_or_default();
    (log.matches(TAKEN).count(), log.matches(GIVEN).count())
}

pub fn wait_for(what: &str, fleet: &Fleet, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LONGEST, "{what} did not come about\n{}", fleet.last_lines());
        sleep(Duration::from_millis(50));
    }
}

/// One post a partition, and all of them are read and committed.
fn all_is_read(kafka: &Kafka, fleet: &Fleet, turn: i32) {
    let writer = kafka.writer();
    for partition in 0..PARTITIONS as i32 {
        let (id, at) = (format!("{turn}-{partition}"), earful::runtime::now().millis());
        let post = format!(r#"{{"network":"x","id":"{id}","body":"heron","published_at":{at}}}"#);
        writer.send("posts-for-restarts", partition, id.as_bytes(), post.as_bytes(), at);
    }
    writer.flush();
    let (ends, group) = (kafka.ends("posts-for-restarts"), kafka.group("restarts", "posts-for-restarts"));
    wait_for("the commit", fleet, || group.committed(PARTITIONS).as_ref() == Some(&ends));
}

#[test]
fn a_rolling_restart_moves_no_partition_of_the_others() {
    let Some(broker) = broker::shared() else { return };
    let (kafka, dir) = (broker.client(), tempfile::tempdir().unwrap());
    kafka.create_topic("posts-for-restarts", PARTITIONS, &[]);
    let file = dir.path().join("p.toml");
    fs::write(&file, pipeline(&broker.address(), "restarts")).unwrap();
    let mut fleet = Fleet::start(&file, dir.path(), &["a", "b"], &["--workers", "1"]);
    // Two of the posts and two of the tallies each: four of one and none of the other is no share.
    let holds = |instance, topic: &str| {
        let log = fs::read_to_string(dir.path().join(format!("{instance}.log"))).unwrap_or_default();
        let count = |what| log.lines().filter(|line| line.contains(what) && line.contains(topic)).count();
        count(TAKEN) - count(GIVEN)
    };
    let is_even = |topic| ["a", "b"].iter().all(|instance| holds(instance, topic) == PARTITIONS / 2);
    let [posts, tallies] = ["partition=posts-for-restarts/", "partition=restarts.tallies/"];
    wait_for("an even share", &fleet, || is_even(posts) && is_even(tallies));
    all_is_read(&kafka, &fleet, 0);
    let before = ["a", "b"].map(|instance| moves(dir.path(), instance));
    for turn in 1..=4 {
        let number = turn % 2;
        // The first two stop well, the others are killed.
        if turn <= 2 {
            fleet.leave(number)
        } else {
            fleet.kill(number)
        }
        let (taken, _) = moves(dir.path(), ["a", "b"][number]);
        fleet.launch(number);
        all_is_read(&kafka, &fleet, turn as i32);
        // Posts are committed before tallies are taken over.
        let is_back = || moves(dir.path(), ["a", "b"][number]).0 >= taken + PARTITIONS;
        wait_for("the take-over", &fleet, is_back);
    }
    let after = ["a", "b"].map(|instance| moves(dir.path(), instance));
    // Each took its own over again in two more lives, and gave none up.
    assert_eq!(after, before.map(|(taken, given)| (taken + 2 * PARTITIONS, given)), "{}", fleet.last_lines());
    fleet.stop();
    assert_eq!(fleet.deaths, Vec::<String>::new());
}

/// Each throws the other out of the groups, again and again, which no reader of the log could make sense of.
#[test]
fn two_processes_of_one_name_are_told_that_they_are() {
    let Some(broker) = broker::shared() else { return };
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    broker.client().create_topic("posts-for-twins", PARTITIONS, &[]);
    let mut fleets = dirs.each_ref().map(|dir| {
        let file = dir.path().join("p.toml");
        fs::write(&file, pipeline(&broker.address(), "twins")).unwrap();
        let fleet = Fleet::start(&file, dir.path(), &["a"], &["--workers", "1"]);
        wait_for("the first partition", &fleet, || fleet.has_said(0, TAKEN));
        fleet
    });
    let told = "another process has the same --instance";
    wait_for("the reason", &fleets[0], || fleets.iter().any(|fleet| fleet.has_said(0, told)));
    fleets.iter_mut().for_each(Fleet::stop);
    assert_eq!([&fleets[0].deaths, &fleets[1].deaths], [&Vec::<String>::new(); 2]);
}
