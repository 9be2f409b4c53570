//! As fast as possible over posts that are there.

use std::time::{Duration, Instant};

use super::process::{Process, cpu_seconds, sum};
use super::recovery::{Watch, longest_gap};
use super::rig::{POSTS, Pipeline, Rig};

const LOOK: Duration = Duration::from_millis(500);
/// How exactly gaps between commits are measured; more often would slow the broker down.
const COMMITS_LOOK: Duration = Duration::from_millis(50);
/// Shares of all posts between which it counts: what comes before is warm-up, and at the end partitions run dry one
/// after the other.
const SPAN: (f64, f64) = (0.2, 0.95);
/// From here on what compiles while it runs has done so.
const LAST_THIRD: f64 = 2.0 / 3.0;
const LONGEST: Duration = Duration::from_secs(600);

pub const HEAD: &str = "| brands | workers | posts a second, min / median / max | over, s | mean commit listen / tally, ms | longest gap between commits, ms | earful, CPU s a million | broker, CPU s a million | resident, MB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |";

/// One run.
pub struct Run {
    pub per_second: f64,
    /// The same in the last third of the posts.
    pub per_second_warm: f64,
    pub seconds: f64,
    commit_ms: [f64; 2],
    pub gap: Duration,
    /// Seconds a million posts, of the process and of the broker.
    pub cpu: [f64; 2],
    pub peak_mb: f64,
}

/// What was seen at one moment.
#[derive(Clone, Copy)]
struct Sample {
    at: Instant,
    /// Those before the committed offsets.
    posts: f64,
    cpu: [f64; 2],
}

impl Sample {
    fn per_second(self, to: Sample) -> f64 {
        (to.posts - self.posts) / (to.at - self.at).as_secs_f64()
    }
}

/// A run of earful.
pub fn earful(rig: &Rig, pipeline: &Pipeline, workers: usize) -> Run {
    measure(rig, pipeline, Process::earful(rig, pipeline, workers))
}

/// Whatever reads the posts in the pipeline's group, from outside: by what it commits.
pub fn measure(rig: &Rig, pipeline: &Pipeline, mut process: Process) -> Run {
    let watch = Watch::every(COMMITS_LOOK, &rig.kafka, &pipeline.group, POSTS, rig.partitions);
    let samples = until_all_are_read(rig, pipeline, &mut process);
    let (metrics, peak_mb) = (process.metrics(), process.peak_mb());
    process.stop();
    let commits = watch.finish();
    let reached =
        |share: f64| *samples.iter().find(|s| s.posts >= share * rig.posts as f64).expect("it got there");
    let (from, to) = (reached(SPAN.0), reached(SPAN.1));
    let mean = |role: &str| {
        let part = |of: &str| {
            sum(&metrics, &format!("earful_kafka_commit_duration_seconds_{of}{{role=\"{role}\"}}"))
        };
        1_000.0 * part("sum") / part("count").max(1.0)
    };
    Run {
        per_second: from.per_second(to),
        per_second_warm: reached(LAST_THIRD).per_second(to),
        seconds: (to.at - from.at).as_secs_f64(),
        commit_ms: [mean("listen"), mean("tally")],
        gap: longest_gap(&commits, from.at, to.at),
        cpu: [0, 1].map(|who: usize| (to.cpu[who] - from.cpu[who]) / (to.posts - from.posts) * 1e6),
        peak_mb,
    }
}

fn until_all_are_read(rig: &Rig, pipeline: &Pipeline, process: &mut Process) -> Vec<Sample> {
    let group = rig.kafka.group(&pipeline.group, POSTS);
    let (began, mut samples) = (Instant::now(), Vec::new());
    loop {
        std::thread::sleep(LOOK);
        process.must_run();
        let Some(offsets) = group.committed(rig.partitions) else { continue };
        let (at, read) = (Instant::now(), offsets.iter().sum::<i64>() as f64);
        samples.push(Sample { at, posts: read, cpu: [process.cpu_seconds(), cpu_seconds(rig.broker_pid())] });
        if read >= rig.posts as f64 {
            return samples;
        }
        assert!(began.elapsed() < LONGEST, "only {read} of {} posts were read", rig.posts);
    }
}

/// Least, median and greatest of the runs.
pub fn spread(runs: &[Run], value: &dyn Fn(&Run) -> f64) -> [f64; 3] {
    let mut values: Vec<f64> = runs.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    [values[0], values[values.len() / 2], values[values.len() - 1]]
}

/// A line of the table.
pub fn line(brands: usize, workers: usize, runs: &[Run]) -> String {
    let of = |value: &dyn Fn(&Run) -> f64| spread(runs, value);
    let [least, median, most] = of(&|run| run.per_second);
    format!(
        "| {brands} | {workers} | {least:.0} / {median:.0} / {most:.0} | {:.1} | {:.0} / {:.0} | {:.0} | {:.1} | {:.1} | {:.0} |",
        of(&|run| run.seconds)[1],
        of(&|run| run.commit_ms[0])[1],
        of(&|run| run.commit_ms[1])[1],
        of(&|run| run.gap.as_secs_f64() * 1e3)[2],
        of(&|run| run.cpu[0])[1],
        of(&|run| run.cpu[1])[1],
        of(&|run| run.peak_mb)[2],
    )
}
