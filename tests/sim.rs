//! The real lane and engine under seeded worlds, schedules and crashes.
//!
//! A world is what the lanes contain. The reference run takes one schedule and decides heartbeats as
//! it goes; every other schedule, with other batch sizes, interleavings, crashes and restores, must
//! give the same sequence of rows and incidents and the same fates from the same lanes and heartbeats. The
//! engine comes back from a snapshot in one schedule, from the log of its changes in two.
//! `mutants.rs` keeps ten plausible wrong designs, and each must be found out here.
//!
//! `EARFUL_SIM_SEEDS=5000 cargo test --test sim` runs more worlds; `EARFUL_SIM_SEED=17` repeats one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "sim/driver.rs"]
mod driver;
#[path = "sim/mutants.rs"]
mod mutants;
#[path = "sim/world.rs"]
mod world;

use driver::{Design, check};

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn output_is_a_function_of_the_lanes_contents() {
    let one = variable("EARFUL_SIM_SEED");
    let seeds = one.map_or(0..variable("EARFUL_SIM_SEEDS").unwrap_or(200), |seed| seed..seed + 1);
    let mut total = driver::Covered::default();
    for seed in seeds {
        match check(seed, Design::Real) {
            Ok(covered) => total.add(&covered),
            Err(why) => {
                panic!("seed {seed}: {why}\nrepeat: EARFUL_SIM_SEED={seed} cargo test --test sim output_is")
            }
        }
    }
    println!("{total:?}");
    if one.is_none() {
        total.assert_everything_happened();
    }
}

/// A journal record from before time stood still was dropped while what it held was still remembered, so after
/// a restart an old edit was taken for a new post.
#[test]
fn seed_730_forgets_nothing_at_a_restart() {
    check(730, Design::Real).unwrap();
}
