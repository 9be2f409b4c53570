//! As fast as possible over posts that are there.

use std::time::{Duration, Instant};

use super::process::{Process, cpu_seconds, peak_mb, sum};
use super::recovery::{Watch, longest_gap};
use super::rig::{POSTS, Rig};

const LOOK: Duration = Duration::from_millis(500);
/// How exactly gaps between commits are measured; more often would slow the broker down.
const COMMITS_LOOK: Duration = Duration::from_millis(50);
/// Shares of all posts between which it counts: what comes before is warm-up, and at the end partitions run dry one
/// after the other.
const SPAN: (f64, f64) = (0.2, 0.95);
const LONGEST: Duration = Duration::from_secs(600);

pub const HEAD: &str = "| brands | workers | posts a second, min / median / max | over, s | mean commit listen / tally, ms | longest gap between commits, ms | earful, CPU s a million | broker, CPU s a million | resident, MB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |";

/// One run.
pub struct Run {
    pub per_second: f64,
    seconds: f64,
    commit_ms: [f64; 2],
    gap: Duration,
    cpu: [f64; 2],
    peak_mb: f64,
}

/// What was seen at one moment.
#[derive(Clone, Copy)]
struct Sample {
    at: Instant,
    posts: f64,
    cpu: [f64; 2],
}

pub fn measure(rig: &Rig, brands: usize, workers: usize, posts: u64) -> Run {
    let pipeline = rig.pipeline(brands, POSTS, "5m");
    let watch = Watch::every(COMMITS_LOOK, &rig.kafka, &pipeline.group, POSTS, rig.partitions);
    let mut process = Process::start(rig, &pipeline, workers);
    let samples = until_all_are_read(rig, &process, posts as f64);
    let metrics = process.metrics();
    let peak_mb = peak_mb(process.pid());
    process.stop();
    let commits = watch.finish();
    let reached =
        |share: f64| *samples.iter().find(|s| s.posts >= share * posts as f64).expect("it got there");
    let (from, to) = (reached(SPAN.0), reached(SPAN.1));
    let (done, seconds) = (to.posts - from.posts, (to.at - from.at).as_secs_f64());
    let mean = |role: &str| {
        let part = |of: &str| {
            sum(&metrics, &format!("earful_kafka_commit_duration_seconds_{of}{{role=\"{role}\"}}"))
        };
        1_000.0 * part("sum") / part("count").max(1.0)
    };
    Run {
        per_second: done / seconds,
        seconds,
        commit_ms: [mean("listen"), mean("tally")],
        gap: longest_gap(&commits, from.at, to.at),
        cpu: [0, 1].map(|who: usize| (to.cpu[who] - from.cpu[who]) / done * 1e6),
        peak_mb,
    }
}

fn until_all_are_read(rig: &Rig, process: &Process, posts: f64) -> Vec<Sample> {
    let (began, mut samples) = (Instant::now(), Vec::new());
    loop {
        std::thread::sleep(LOOK);
        let read = sum(&process.metrics(), "earful_posts_total");
        let cpu = [process.pid(), rig.broker_pid()].map(cpu_seconds);
        samples.push(Sample { at: Instant::now(), posts: read, cpu });
        if read >= posts {
            return samples;
        }
        assert!(began.elapsed() < LONGEST, "only {read} of {posts} posts were read");
    }
}

/// A line of the table.
pub fn line(brands: usize, workers: usize, runs: &[Run]) -> String {
    let of = |value: &dyn Fn(&Run) -> f64| {
        let mut values: Vec<f64> = runs.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let median = |value: &dyn Fn(&Run) -> f64| {
        let values = of(value);
        values[values.len() / 2]
    };
    let rates = of(&|run| run.per_second);
    let most = |value: &dyn Fn(&Run) -> f64| of(value).last().copied().unwrap_or(0.0);
    format!(
        "| {brands} | {workers} | {:.0} / {:.0} / {:.0} | {:.1} | {:.0} / {:.0} | {:.0} | {:.1} | {:.1} | {:.0} |",
        rates[0],
        rates[rates.len() / 2],
        rates[rates.len() - 1],
        median(&|run| run.seconds),
        median(&|run| run.commit_ms[0]),
        median(&|run| run.commit_ms[1]),
        most(&|run| run.gap.as_secs_f64() * 1e3),
        median(&|run| run.cpu[0]),
        median(&|run| run.cpu[1]),
        most(&|run| run.peak_mb),
    )
}
