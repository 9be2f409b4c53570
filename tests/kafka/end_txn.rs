//! The request that ends a transaction comes late, and nothing else does.
//!
//! Kafka's transactions of the first version cannot tell the end of one transaction from that of the next
//! (KAFKA-17754). A client that loses its connection sends the end again on a new one; if the first one arrives
//! after that, it ends the transaction that is open by then, in its middle.
//!
//! `EARFUL_KAFKA_LATE_ENDS` sets how many come late, by 5 to 60 s (without it: four, by 5, 7, 20 and 60 s).

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::broker;
use super::chaos::{rng, world};
use super::proxy::Proxy;
use super::say;
use super::world::{number, two};

/// How late, and whether its sender loses the connection.
type Late = (Duration, bool);

/// Until the next end of a transaction comes by.
const CATCH_LONGEST: Duration = Duration::from_secs(60);
/// What a transaction of the brokers that is given up takes until work goes on.
const AFTER: Duration = Duration::from_secs(2);

fn all() -> Vec<Late> {
    let seconds = Duration::from_secs;
    let times = number("EARFUL_KAFKA_LATE_ENDS", 0);
    if times == 0 {
        // 20 s: longer than the brokers keep a transaction open.
        return vec![(seconds(5), true), (seconds(7), false), (seconds(20), false), (seconds(60), true)];
    }
    let mut rng = rng();
    (0..times).map(|n| (rng.between(seconds(5), seconds(60)), n % 2 == 0)).collect()
}

#[test]
fn the_end_of_a_transaction_comes_late() {
    let Some((world, _turn)) = world() else { return };
    let Some(broker) = broker::own() else { return };
    let right = world.reference();
    let proxy = Proxy::start(&broker);
    let here = world.at(&broker.address()).behind(&proxy.address());
    let all = all();
    let pace = all.iter().map(|(late, _)| *late + AFTER).sum();
    let setup = two("late", 1, pace);
    let ran = here.run_with(&setup, |fleet| {
        sleep(AFTER);
        for (late, cut) in &all {
            proxy.catch_end_txn(*late, *cut);
            let began = Instant::now();
            while !proxy.has_caught() {
                assert!(began.elapsed() < CATCH_LONGEST, "no transaction ends\n{}", fleet.last_lines());
                sleep(Duration::from_millis(2));
            }
            sleep(*late + AFTER);
            fleet.tend();
        }
    });
    say(&format!("{} ends late: {} processes ended by themselves", all.len(), ran.deaths.len()));
    let (seed, times) = (rng().0, all.len());
    ran.expect(
        right,
        &format!("EARFUL_KAFKA_SEED={seed} EARFUL_KAFKA_LATE_ENDS={times} the_end_of_a_transaction"),
    );
}
