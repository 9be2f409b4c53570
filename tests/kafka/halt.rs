//! A thread that halts where it must not: in the middle of a call, or just before a commit.
//!
//! Only debug builds have the points at which one can be told to.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::chaos::world;
use super::fleet::Fleet;
use super::membership::wait_for;
use super::posts::{PARTITIONS, closing};
use super::say;
use super::world::{Setup, two};

/// Brokers and client both give a member up after this.
const PROPERTIES: &str = "\"session.timeout.ms\" = \"6000\"\n\"max.poll.interval.ms\" = \"6000\"\n";
/// Longer than that, with time for the other process to go on.
const HALT: Duration = Duration::from_secs(15);
/// The watchdog's patience, and some.
const WATCHED: Duration = Duration::from_secs(90);

fn has_points(test: &str) -> bool {
    if !cfg!(debug_assertions) {
        say(&format!("SKIPPED {test}: a release build cannot be told to halt"));
    }
    cfg!(debug_assertions)
}

/// Its partitions have gone to the other process, which has committed their posts; its own transaction is still
/// open. It is a dynamic member, whom the brokers would let commit as somebody new.
#[test]
fn a_worker_that_has_lost_its_partitions_does_not_commit() {
    if !has_points("a_worker_that_has_lost_its_partitions") {
        return;
    }
    let Some((world, _turn)) = world() else { return };
    let right = world.reference();
    let setup = Setup { instances: &["any-1", "any-2"], ..two("lost", 2, HALT) };
    let ran = world.with_properties(PROPERTIES).run_with(&setup, |fleet| {
        sleep(Duration::from_secs(2));
        fleet.kill(0);
        fleet.launch_with(0, Some(&format!("EARFUL_HALT_AT=before_commit:6:{}", HALT.as_secs())));
        sleep(HALT + Duration::from_secs(8));
        assert!(fleet.has_said(0, "halting here"), "it did not halt\n{}", fleet.last_lines());
    });
    assert_eq!(ran.deaths, Vec::<String>::new(), "processes ended by themselves");
    ran.expect(right, "a_worker_that_has_lost_its_partitions_does_not_commit");
}

/// The client library joins its group anew when it hears of another partition, also while a worker still has to give
/// its partitions up: the group gives them to others meanwhile. What the worker commits then must be refused, although
/// it is a member.
#[test]
fn a_worker_whose_group_went_on_without_waiting_does_not_commit() {
    if !has_points("a_worker_whose_group_went_on") {
        return;
    }
    let Some((world, _turn)) = world() else { return };
    // Shorter than the brokers' patience with a transaction.
    let halt = Duration::from_secs(11);
    let setup = Setup {
        instances: &["a", "b", "c"],
        arguments: &["--workers", "1"],
        ..two("overtaken", 1, halt + Duration::from_secs(6))
    };
    let hears_soon = "\"topic.metadata.refresh.interval.ms\" = \"1000\"\n";
    let ran = world.with_properties(hears_soon).run_with(&setup, |fleet| {
        fleet.kill(2);
        // Who comes first has all partitions, and the second one shall have some to give up.
        wait_for("a second reader of posts", fleet, || {
            fleet.has_said(1, "partition taken over partition=posts-for")
        });
        fleet.kill(0);
        // In the middle of a commit of posts, not of the other role's.
        fleet.launch_with(0, Some(&format!("EARFUL_HALT_AT=before_tallies:6:{}", halt.as_secs())));
        wait_for("the halt", fleet, || fleet.has_said(0, "halting here"));
        // Partitions are to go from the first to the third, and everybody has to give up what they have for that.
        let given_up = "partition given up partition=posts-for";
        let before = [0, 1].map(|number| fleet.times_said(number, given_up));
        fleet.launch(2);
        wait_for("a rebalance", fleet, || fleet.times_said(1, given_up) > before[1]);
        // A heartbeat later the first has heard of it, too, and its callback waits.
        sleep(Duration::from_millis(2_500));
        assert_eq!(fleet.times_said(0, given_up), before[0], "the halt is over already");
        world.add_partition(&setup, PARTITIONS as i32);
        sleep(halt);
        world.send(&setup, &closing(world.inputs(), PARTITIONS as i32 + 1));
    });
    assert_eq!(ran.deaths, Vec::<String>::new(), "processes ended by themselves");
    ran.expect(&world.truth_of("overtaken"), "a_worker_whose_group_went_on_without_waiting_does_not_commit");
}

/// The watchdog ends the process, with the name of the call; started again it goes on from the last commit.
#[test]
fn a_call_that_hangs_ends_the_process() {
    if !has_points("a_call_that_hangs") {
        return;
    }
    let Some(broker) = super::broker::shared() else { return };
    let (kafka, dir) = (broker.client(), tempfile::tempdir().unwrap());
    kafka.create_topic("posts-for-hang", 2, &[]);
    let file = dir.path().join("p.toml");
    let text = format!(
        r#"name = "hang"
[kafka]
brokers = "{}"
prefix = "hang."
tallies_partitions = 1
[[feeds]]
name = "posts"
type = "kafka"
topics = ["posts-for-hang"]
[[brands]]
id = "heron"
query = "heron"
"#,
        broker.address()
    );
    fs::write(&file, text).unwrap();
    let at = earful::runtime::now().millis();
    let writer = kafka.writer();
    for n in 0..2 {
        let post = format!(r#"{{"network":"x","id":"h{n}","body":"heron","published_at":{at}}}"#);
        writer.send("posts-for-hang", n, b"h", post.as_bytes(), at);
    }
    writer.flush();
    let mut fleet = Fleet::start(&file, dir.path(), &["a"], &["--workers", "1"]);
    fleet.kill(0);
    // The tallies have nothing to commit before the posts.
    fleet.launch_with(0, Some("EARFUL_HALT_AT=mid_offsets:1:600"));
    let group = kafka.group("hang", "posts-for-hang");
    wait_for("the halt", &fleet, || fleet.has_said(0, "halting here"));
    assert_eq!(group.committed(2), Some(vec![0, 0]), "there is nothing left to go on with");
    let began = Instant::now();
    while fleet.deaths.is_empty() {
        assert!(began.elapsed() < WATCHED, "the watchdog does not bark\n{}", fleet.last_lines());
        sleep(Duration::from_millis(200));
        fleet.tend();
    }
    let barked = "hangs; ending the process, start it again action=\"send offsets to the transaction\" seconds=75 role=\"listen\"";
    assert!(fleet.has_said(0, barked), "{}", fleet.last_lines());
    assert!(fleet.has_said(0, "does not come back; if it goes on"), "{}", fleet.last_lines());
    let ends = kafka.ends("posts-for-hang");
    while group.committed(2).as_ref() != Some(&ends) {
        assert!(began.elapsed() < WATCHED * 2, "it does not go on\n{}", fleet.last_lines());
        sleep(Duration::from_millis(200));
    }
    fleet.stop();
    assert_eq!(fleet.deaths.len(), 1);
}
