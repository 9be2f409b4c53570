//! Exactly once: whatever happens to the processes and the broker, the topics hold what an undisturbed run writes.
//!
//! `EARFUL_KAFKA_POSTS` sets the number of posts (60,000) and `EARFUL_KAFKA_SEED` the posts and the moments; how often
//! something happens is set by `EARFUL_KAFKA_KILLS` (20), `_BROKER_KILLS` (3), `_ZOMBIES` (5), `_CHANGES` (9),
//! `_STOPS` (12), `_PARTITIONS` (2) and `_CUTS` (12).

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use super::broker;
use super::fleet::Fleet;
use super::posts::{PARTITIONS, closing, joining};
use super::proxy::{Proxy, Way};
use super::say;
use super::support::Rng;
use super::world::{Setup, World, number, two};

const LEAST: Duration = Duration::from_millis(200);
const MOST: Duration = Duration::from_secs(3);
/// Longer than a session.
const STOPPED: Duration = Duration::from_secs(11);
/// Longer than a new partition takes to be seen.
const JOIN_EVERY: Duration = Duration::from_secs(8);

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

/// By which a run can be repeated: a number of times, and the name of the test.
pub fn title(variable: &str, times: u64, test: &str) -> String {
    format!("EARFUL_KAFKA_SEED={} EARFUL_KAFKA_{variable}={times} {test}", rng().0)
}

/// SIGKILL to one of them at random moments, which then starts again.
pub fn kill_often(fleet: &mut Fleet, kills: u64, rng: &mut Rng) {
    kill_every(fleet, kills, (LEAST, MOST), rng);
}

/// With a pause between `least` and `most` before each kill.
pub fn kill_every(fleet: &mut Fleet, kills: u64, (least, most): (Duration, Duration), rng: &mut Rng) {
    for _ in 0..kills {
        sleep(rng.between(least, most));
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
    ran.expect(right, &title("KILLS", kills, "killed_at_random"));
}

#[test]
fn the_broker_is_killed_and_comes_back() {
    let Some((world, _turn)) = world() else { return };
    let Some(mut broker) = broker::own() else { return };
    let here = world.at(&broker.address());
    let kills = number("EARFUL_KAFKA_BROKER_KILLS", 3);
    let setup = two("broker", kills, MOST * 2);
    let ran = here.run_with(&setup, |fleet| {
        let mut rng = rng();
        for _ in 0..kills {
            sleep(rng.between(LEAST, MOST));
            broker.kill();
            sleep(rng.between(LEAST, MOST));
            broker.restart();
            fleet.tend();
        }
    });
    say(&format!("broker killed: {} processes ended by themselves", ran.deaths.len()));
    ran.expect(&here.truth_of("broker"), &title("BROKER_KILLS", kills, "the_broker_is_killed"));
}

/// A process that is stopped for longer than its session believes afterwards that nothing has happened: what
/// it then writes must not count. One is a static member of its group, the other is not.
#[test]
fn a_stopped_process_writes_nothing_when_it_goes_on() {
    let Some((world, _turn)) = world() else { return };
    let right = world.reference();
    let times = number("EARFUL_KAFKA_ZOMBIES", 5);
    let setup = Setup { instances: &["a", "any"], ..two("stopped", times, STOPPED + MOST / 2) };
    let ran = world.run_with(&setup, |fleet| {
        let mut rng = rng();
        for turn in 0..times {
            sleep(rng.between(LEAST, MOST));
            fleet.tend();
            let number = (turn % 2) as usize;
            fleet.pause(number);
            sleep(STOPPED + rng.between(LEAST, MOST));
            fleet.resume(number);
        }
    });
    say(&format!("processes stopped: {} ended by themselves", ran.deaths.len()));
    ran.expect(right, &title("ZOMBIES", times, "a_stopped_process"));
}

#[test]
fn processes_come_and_go() {
    let Some((world, _turn)) = world() else { return };
    let right = world.reference();
    let times = number("EARFUL_KAFKA_CHANGES", 9);
    let setup = Setup { instances: &["a", "b", "c"], ..two("members", times, LEAST + MOST) };
    let ran = world.run_with(&setup, |fleet| {
        let mut rng = rng();
        for turn in 0..times {
            let number = (turn % 3) as usize;
            sleep(rng.between(LEAST, MOST));
            fleet.leave(number);
            sleep(rng.between(LEAST, MOST));
            fleet.launch(number);
        }
    });
    assert_eq!(ran.deaths, Vec::<String>::new(), "processes ended by themselves");
    ran.expect(right, &title("CHANGES", times, "processes_come_and_go"));
}

/// Between two polls of a process that is about to stop, its group hands out partitions.
#[test]
fn processes_stop_as_they_join() {
    let Some((world, _turn)) = world() else { return };
    let right = world.reference();
    let times = number("EARFUL_KAFKA_STOPS", 12);
    let soon = (Duration::ZERO, LEAST * 8);
    let setup = Setup { instances: &["a", "b", "any"], ..two("joining", times, soon.1) };
    let ran = world.run_with(&setup, |fleet| {
        let mut rng = rng();
        for turn in 0..times {
            let number = (turn % 2) as usize;
            sleep(rng.between(soon.0, soon.1));
            fleet.leave(number);
            fleet.launch(number);
        }
    });
    assert_eq!(ran.deaths, Vec::<String>::new(), "processes ended by themselves");
    ran.expect(right, &title("STOPS", times, "processes_stop_as_they_join"));
}

/// Each brings posts, late, malformed and from the future among them; but every third is silent to the end.
#[test]
fn partitions_are_added() {
    partitions_come("partition", 2, false, "partitions_are_added");
}

/// A process that takes the new partition over, or gives up for it what it has, dies meanwhile.
#[test]
fn partitions_are_added_and_processes_die() {
    partitions_come("partition-kill", 1, true, "partitions_are_added_and_processes_die");
}

fn partitions_come(name: &str, times: u64, with_kills: bool, test: &str) {
    let Some((world, _turn)) = world() else { return };
    let times = number("EARFUL_KAFKA_PARTITIONS", times);
    let setup = two(name, times + 1, JOIN_EVERY);
    let count = world.inputs().len() as u64 / 20;
    let ran = world.run_with(&setup, |fleet| {
        let mut rng = rng();
        for turn in 0..times as i32 {
            sleep(JOIN_EVERY);
            fleet.tend();
            let partition = PARTITIONS as i32 + turn;
            let count = if turn % 3 == 2 { 0 } else { count };
            world.add_partition(&setup, partition);
            world.send(&setup, &joining(world.inputs(), partition, count, &mut rng));
            if with_kills {
                kill_every(fleet, 1, (Duration::ZERO, JOIN_EVERY), &mut rng);
            }
        }
        // Until the last one is read.
        sleep(JOIN_EVERY * 2);
        world.send(&setup, &closing(world.inputs(), PARTITIONS as i32 + times as i32));
    });
    assert_eq!(ran.deaths, Vec::<String>::new(), "processes ended by themselves");
    ran.expect(&world.truth_of(name), &title("PARTITIONS", times, test));
}

/// Connections break, answers get lost, and the broker is out of reach for a while.
#[test]
fn the_line_to_the_broker_breaks() {
    let Some((world, _turn)) = world() else { return };
    let Some(broker) = broker::own() else { return };
    let right = world.reference();
    let proxy = Proxy::start(&broker);
    let here = world.at(&broker.address()).behind(&proxy.address());
    let times = number("EARFUL_KAFKA_CUTS", 12);
    let setup = two("line", times, (LEAST + MOST) / 2);
    let ran = here.run_with(&setup, |fleet| {
        let mut rng = rng();
        for turn in 0..times {
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
    ran.expect(right, &title("CUTS", times, "the_line_to_the_broker"));
}
