//! Members that leave with and without partitions, and with such as they have not taken up.

use std::sync::mpsc::channel;
use std::thread;

use rdkafka::config::{ClientConfig, FromClientConfigAndContext};
use rdkafka::mocking::MockCluster;

use super::*;

struct Deaf;

impl Hears for Deaf {}
impl Joins for Deaf {}

/// Is longer than any rebalance takes.
const LONGEST: Duration = Duration::from_secs(60);

/// Subscribes to two partitions, does `before`, leaves; gives how often it was told of partitions while it left.
fn leave_after(before: impl FnOnce(&BaseConsumer<Context<Deaf>>) + Send + 'static) -> u64 {
    let (ended, has_ended) = channel();
    thread::spawn(move || {
        let brokers = MockCluster::new(1).unwrap();
        brokers.create_topic("posts", 2, 1).unwrap();
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", brokers.bootstrap_servers()).set("group.id", "g");
        let context = Context::new(Deaf);
        let consumer = BaseConsumer::from_config_and_context(&config, context).unwrap();
        let watched = Watched::default();
        let leave = Leave::at_the_end(&consumer, &watched);
        consumer.subscribe(&["posts"]).unwrap();
        before(&consumer);
        drop(leave);
        assert!(consumer.closed());
        let told = consumer.context().leaving.told.load(Ordering::SeqCst);
        drop(consumer);
        ended.send(told).unwrap();
    });
    has_ended.recv_timeout(LONGEST).expect("it hangs")
}

#[test]
fn partitions_that_nobody_has_taken_up_keep_nobody_from_leaving() {
    // Until the group has come together, there are none.
    let pauses = [5, 10, 20, 40].map(Duration::from_secs);
    let told = pauses.into_iter().map(|pause| leave_after(move |_| thread::sleep(pause)));
    assert_eq!(told.into_iter().find(|told| *told > 0), Some(1), "nothing was shown");
}

#[test]
fn who_has_partitions_gives_them_back_and_leaves() {
    let told = leave_after(|consumer| {
        while consumer.assignment().unwrap().count() == 0 {
            let _ = consumer.poll(QUIET);
        }
    });
    assert_eq!(told, 1);
}

#[test]
fn who_has_not_joined_yet_leaves() {
    assert_eq!(leave_after(|_| ()), 0);
}
