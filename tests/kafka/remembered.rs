//! How long a killed process takes to go on when there are many ids to be remembered.
//!
//! `EARFUL_KAFKA_IDS` sets how many posts there are (20,000), all of whose ids are remembered, and
//! `EARFUL_KAFKA_ID_KILLS` how often a process is killed when they are (3). Kills come one at a time: what it
//! takes when they come faster than a process can begin is measured in `chaos`.

use std::time::Duration;

use super::broker;
use super::chaos::{kill_every, rng, title};
use super::posts::posts;
use super::world::{Setup, World, number, two};

/// Longer than the posts' own time: nothing is forgotten.
const HORIZON: &str = "30d";
/// From one kill to the next.
const LEAST: Duration = Duration::from_secs(4);
const MOST: Duration = Duration::from_secs(5);
/// Of the posts, those that are remembered before the first kill.
const BEFORE: f64 = 0.98;

#[test]
fn killed_with_all_ids_remembered() {
    let Some(broker) = broker::own() else { return };
    let (count, kills) = (number("EARFUL_KAFKA_IDS", 20_000), number("EARFUL_KAFKA_ID_KILLS", 3));
    let world = World::with(&broker.address(), posts(count, rng().0)).remembering(HORIZON);
    let right = world.reference();
    let setup = Setup { before: BEFORE, is_calm_before: true, ..two("ids", kills, (LEAST + MOST) / 2) };
    let ran = world.run_with(&setup, |fleet| kill_every(fleet, kills, (LEAST, MOST), &mut rng()));
    assert_eq!(ran.deaths, Vec::<String>::new(), "processes ended by themselves");
    let what = title("ID_KILLS", kills, &format!("EARFUL_KAFKA_IDS={count} killed_with_all_ids_remembered"));
    ran.expect(right, &what);
}
