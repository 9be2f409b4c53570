//! The distributed run, measured: `cargo bench --bench kafka`.
//!
//! Starts a real broker (Java 17, Maven for its jars), writes posts, runs earful with 1,000 brand queries and everything
//! on, exactly once, and prints tables in Markdown. Broker and earful share the machine. What came out is in
//! `benches/RESULTS.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub
)]

#[expect(dead_code, reason = "the generator of posts uses all of it")]
#[path = "../../examples/gen_posts/brands.rs"]
mod brands;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/kafka/broker.rs"]
mod broker;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/kafka/client.rs"]
mod client;
#[path = "../../tests/kafka/install.rs"]
mod install;
mod latency;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/kafka/leash.rs"]
mod leash;
mod peer;
mod process;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/kafka/recovery.rs"]
mod recovery;
mod rig;
mod throughput;

use std::io::Write as _;
use std::path::PathBuf;

use clap::Parser;

use rig::{LATENESS, POSTS, Rig};

/// Measure the distributed run against a real broker.
#[derive(Debug, Parser)]
pub struct Arguments {
    /// Records that are read as fast as possible.
    #[arg(long, default_value_t = 4_500_000)]
    posts: u64,
    /// Partitions of the posts topic.
    #[arg(long, default_value_t = 8)]
    partitions: usize,
    /// Event time of these posts, as `earful load --span` takes it.
    #[arg(long, default_value = "30s")]
    span: String,
    /// Texts to make posts of, one a line, instead of the 2,000 bundled ones.
    #[arg(long)]
    bodies: Option<PathBuf>,
    /// Share of the posts that name a brand, 0 to 1.
    #[arg(long, default_value_t = 0.5)]
    naming: f64,
    /// Runs of the first line of the table; the others have one.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Runs of the first line before those that count. The broker's code is compiled while it runs, for a minute or two, and
    /// takes a good part of both cores meanwhile; a broker in production has been up for days.
    #[arg(long, default_value_t = 1)]
    warm_ups: usize,
    /// Measure the first line only, and no latencies.
    #[arg(long)]
    first: bool,
    /// The earful to measure, instead of the one that was built along with this.
    #[arg(long, value_name = "FILE", default_value = env!("CARGO_BIN_EXE_earful"))]
    program: PathBuf,
    /// Records a second while latencies are measured; half of what was reached, if left out.
    #[arg(long)]
    rate: Option<u64>,
    /// A program to run in turns with the first line, on the same broker and posts; then nothing else is measured.
    /// What it must do is in `benches/peers/kafka-streams/README.md`.
    #[arg(long, value_name = "COMMAND")]
    peer: Option<PathBuf>,
    /// What `cargo bench` says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Brand queries and listen workers of each line; the first is the one that counts.
const LINES: [(usize, usize); 5] = [(1_000, 2), (1_000, 1), (1, 2), (100, 2), (10_000, 2)];

/// What the harness of the tests says.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn main() {
    let arguments = Arguments::parse();
    let Some(rig) = Rig::new(&arguments) else { return };
    let size = rig.load();
    println!(
        "{} records of {size} bytes on average, {} % name a brand, {} partitions, {} of event time\n",
        arguments.posts,
        100.0 * arguments.naming,
        arguments.partitions,
        arguments.span
    );
    match &arguments.peer {
        Some(command) => peer::beside(&rig, command, LINES[0], arguments.runs),
        None => alone(&rig, &arguments),
    }
}

/// All lines, and the latencies.
fn alone(rig: &Rig, arguments: &Arguments) {
    println!("{}", throughput::HEAD);
    let mut reached = Vec::new();
    for (number, (brands, workers)) in LINES.into_iter().enumerate() {
        let (warm_ups, times) = if number == 0 { (arguments.warm_ups, arguments.runs) } else { (0, 1) };
        let run = |_| throughput::earful(rig, &rig.pipeline(brands, POSTS, LATENESS), workers);
        let runs: Vec<_> = (0..warm_ups + times).map(run).skip(warm_ups).collect();
        println!("{}", throughput::line(brands, workers, &runs));
        if number == 0 {
            reached = runs.iter().map(|run| run.per_second).collect();
        }
        if arguments.first {
            return;
        }
    }
    reached.sort_by(f64::total_cmp);
    let half = reached.get(reached.len() / 2).map_or(50_000, |median| (*median / 2.0) as u64);
    println!("\n{}", latency::measure(rig, arguments.rate.unwrap_or(half)));
}
