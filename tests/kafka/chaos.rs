//! Exactly once: whatever happens to the processes and the broker, the topics hold what an undisturbed run writes.
//!
//! `EARFUL_KAFKA_POSTS` sets the number of posts (60,000), `EARFUL_KAFKA_KILLS` that of the kills (20),
//! `EARFUL_KAFKA_SEED` the posts and the moments.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use super::broker;
use super::fleet::Fleet;
use super::posts::{PARTITIONS, closing};
use super::proxy::{Proxy, Way};
use super::say;
use super::support::Rng;
use super::world::{Setup, World, number};

const LEAST: Duration = Duration::from_millis(200);
const MOST: Duration = Duration::from_secs(3);
const TWO: &[&str] = &["a", "b"];

/// The posts on the shared broker, or none where there is no broker. One test at a time has them: the moments
/// and the times would mean little if several runs fought for the processors.
pub fn world() -> Option<(&'static World, MutexGuard<'static, ()>)> {
    static WORLD: OnceLock<World> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    let broker = broker::shared()?;
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    Some((WORLD.get_or_init(|| World::new(&broker.address())), turn))
}

pub fn rng() -> Rng {
    Rng(number("EARFUL_KAFKA_SEED", 1))
}

/// Two processes, and posts that come for as long as `times` disturbances of about `each` will last, so that
/// every one meets work.
pub fn two(name: &str, times: u64, each: Duration) -> Setup<'_> {
    Setup { name, instances: TWO, arguments: &[], pace: each * times as u32 }
}

/// SIGKILL to one of them at random moments, which then starts again.
pub fn kill_often(fleet: &mut Fleet, kills: u64, rng: &mut Rng) {
    for _ in 0..kills {
        sleep(rng.between(LEAST, MOST));
        fleet.tend();
        let number = rng.below(fleet.len() as u64) as usize;
        fleet.kill(number);
        fleet.launch(number);
    }
}

#[test]
fn killed_at_random_moments() {
    let Some((world, _turn)) = world() else { return };
    let kills = number("EARFUL_KAFKA_KILLS", 20);
    let right = world.reference();
    let setup = two("kill", kills, (LEAST + MOST) / 2);
    let ran = world.run_with(&setup, |fleet| kill_often(fleet, kills, &mut rng()));
    assert_eq!(ran.deaths, Vec::<String>::new(), "processes ended by themselves");
    let seed = rng().0;
    ran.expect(
        right,
        &format!("EARFUL_KAFKA_SEED={seed} EARFUL_KAFKA_KILLS={kills} killed_at_random_moments"),
    );
}

#[test]
fn the_broker_is_killed_and_comes_back() {
    let Some((world, _turn)) = world() else { return };
    let Some(mut broker) = broker::own() else { return };
    let here = world.at(&broker.address());
    let setup = two("broker", 3, MOST * 2);
    let ran = here.run_with(&setup, |fleet| {
        let mut rng = rng();
        for _ in 0..3 {
            sleep(rng.between(LEAST, MOST));
            broker.kill();
            sleep(rng.between(LEAST, MOST));
            broker.restart();
            fleet.tend();
        }
    });
    say(&format!("broker killed: {} processes ended by themselves", ran.deaths.len()));
    ran.expect(&here.truth_of("broker"), "the_broker_is_killed_and_comes_back");
}

/// A process that is stopped for longer than its session believes afterwards that nothing has happened: what
/// it then writes must not count.
#[test]
fn a_stopped_process_writes_nothing_when_it_goes_on() {
    let Some((world, _turn)) = world() else { return };
    let right = world.reference();
    let setup = two("stopped", 4, Duration::from_secs(10));
    let ran = world.run_with(&setup, |fleet| {
        let mut rng = rng();
        for seconds in [1, 15, 4, 20] {
            sleep(rng.between(LEAST, MOST));
            fleet.tend();
            let number = rng.below(2) as usize;
            fleet.pause(number);
            sleep(Duration::from_secs(seconds));
            fleet.resume(number);
        }
    });
    say(&format!("processes stopped: {} ended by themselves", ran.deaths.len()));
    ran.expect(right, "a_stopped_process_writes_nothing_when_it_goes_on");
}

#[test]
fn processes_come_and_go() {
    let Some((world, _turn)) = world() else { return };
    let right = world.reference();
    let setup = Setup { instances: &["a", "b", "c"], ..two("members", 9, (LEAST + MOST) / 2) };
    let ran = world.run_with(&setup, |fleet| {
        let mut rng = rng();
        for turn in 0..9 {
            sleep(rng.between(LEAST, MOST));
            fleet.leave(turn % 3);
            sleep(rng.between(LEAST, MOST));
            fleet.launch(turn % 3);
        }
    });
    assert_eq!(ran.deaths, Vec::<String>::new(), "processes ended by themselves");
    ran.expect(right, "processes_come_and_go");
}

/// The new partition holds nothing but posts that let time go on.
#[test]
fn a_partition_is_added() {
    let Some((world, _turn)) = world() else { return };
    let right = world.reference();
    let setup = two("partition", 4, MOST);
    let mut ran = world.run_with(&setup, |_| {
        sleep(MOST);
        world.add_partition(&setup, &closing(world.inputs(), PARTITIONS as i32));
        sleep(MOST);
    });
    *ran.outputs.fates.get_mut("kept").unwrap() -= closing(world.inputs(), PARTITIONS as i32).len() as u64;
    ran.expect(right, "a_partition_is_added");
}

/// Connections break, answers get lost, and the broker is out of reach for a while.
#[test]
fn the_line_to_the_broker_breaks() {
    let Some((world, _turn)) = world() else { return };
    let Some(broker) = broker::own() else { return };
    let right = world.reference();
    let proxy = Proxy::start(&broker);
    let here = world.at(&broker.address()).behind(&proxy.address());
    let setup = two("line", 12, (LEAST + MOST) / 2);
    let ran = here.run_with(&setup, |fleet| {
        let mut rng = rng();
        for turn in 0..12 {
            sleep(rng.between(LEAST, MOST));
            match turn % 4 {
                0 => {}
                1 => proxy.hold(Way::ToClient),
                2 => proxy.hold(Way::ToBroker),
                _ => proxy.refuse(),
            }
            sleep(rng.between(LEAST, MOST) / 2);
            proxy.cut();
            proxy.pass();
            fleet.tend();
        }
    });
    say(&format!("line broken: {} processes ended by themselves", ran.deaths.len()));
    ran.expect(right, "the_line_to_the_broker_breaks");
}
