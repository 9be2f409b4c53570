//! The group protocol in which the brokers place the partitions (KIP-848).

use std::time::Duration;

use super::chaos::{kill_often, rng, world};
use super::world::two;

const PROPERTIES: &str = "\"group.protocol\" = \"consumer\"\n";

#[test]
fn killed_at_random_moments() {
    let Some((world, _turn)) = world() else { return };
    let right = world.reference();
    let setup = two("protocol", 5, Duration::from_secs(3));
    let ran = world.with_properties(PROPERTIES).run_with(&setup, |fleet| kill_often(fleet, 5, &mut rng()));
    assert_eq!(ran.deaths, Vec::<String>::new(), "processes ended by themselves");
    ran.expect(right, "protocol::killed_at_random_moments");
}

/// The brokers tell a member without a partition nothing.
#[cfg(feature = "http")]
#[test]
fn workers_without_a_partition_are_ready() {
    use super::serve::{free_port, get, wait_for};
    let Some(broker) = super::broker::shared() else { return };
    broker.client().create_topic("posts-for-idle", 1, &[]);
    let (port, dir) = (free_port(), tempfile::tempdir().unwrap());
    let file = dir.path().join("p.toml");
    let text = format!(
        r#"name = "idle"
[kafka]
brokers = "{}"
prefix = "idle."
tallies_partitions = 1
[kafka.properties]
{PROPERTIES}
[http]
listen = "127.0.0.1:{port}"
[[feeds]]
name = "posts"
type = "kafka"
topics = ["posts-for-idle"]
[[brands]]
id = "heron"
query = "heron"
"#,
        broker.address()
    );
    std::fs::write(&file, text).unwrap();
    let mut fleet = super::fleet::Fleet::start(&file, dir.path(), &["one"], &["--workers", "3"]);
    wait_for("readiness", || get(port, "/readyz").is_some_and(|(status, _)| status == 200));
    fleet.stop();
}
