//! Killed at any moment, the files end up byte for byte as if nothing had happened.
//!
//! `EARFUL_CRASH_KILLS` sets the number of kills (100), `EARFUL_CRASH_SEED` the moments.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::{Duration, Instant};

use support::{Bench, FILE_FEED, Rng, assert_same, posts};

const POSTS: u64 = 200_000;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect(name))
}

#[test]
fn sigkill_at_random_moments_changes_no_byte() {
    let (kills, seed) = (number("EARFUL_CRASH_KILLS", 100), number("EARFUL_CRASH_SEED", 1));
    let text = posts(0, POSTS, seed);
    let undisturbed = Bench::with_posts(&text);
    let began = Instant::now();
    undisturbed.run(&[]);
    let whole = began.elapsed();
    let expected = undisturbed.outputs();
    assert!(expected[..3].iter().all(|bytes| !bytes.is_empty()), "the test would prove nothing");

    // Saves often, so that kills fall into the middle of saving and every life gets a little further.
    let bench = Bench::new(&format!("{FILE_FEED}\n[state]\ncheckpoint = \"20ms\""));
    bench.write("posts.jsonl", &text);
    let mut rng = Rng(seed);
    let mut killed = 0;
    let mut rounds = 0;
    while killed < kills {
        rounds += 1;
        let mut child = bench.command(&["--batch-bytes", "65536"]).spawn().unwrap();
        // Some die at once, some while starting, most while reading.
        let longest = (whole.as_micros() as u64 / 20).max(20_000);
        std::thread::sleep(Duration::from_micros(rng.below(longest)));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        if status.success() {
            // It reached the end before the kill: begin a new life of the whole pipeline.
            assert_same(&bench.outputs(), &expected, &format!("seed {seed}, after {killed} kills"));
            bench.run(&["--fresh"]);
            std::fs::remove_dir_all(bench.path("state")).unwrap();
            std::fs::remove_dir_all(bench.path("out")).unwrap();
        } else {
            killed += 1;
        }
        assert!(rounds < kills * 20 + 20, "only {killed} of {kills} kills met a living process");
    }
    bench.run(&[]);
    assert_same(
        &bench.outputs(),
        &expected,
        &format!("EARFUL_CRASH_SEED={seed} EARFUL_CRASH_KILLS={kills} cargo test --test crash"),
    );
}
