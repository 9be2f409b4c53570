//! How long it takes after a kill until the work goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::client::{Group, Kafka};

const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Looks at a group's committed offsets and notes every change.
pub struct Watch {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Commit>>,
}

/// A partition's committed offset, when it was first seen.
#[derive(Clone, Copy, Debug)]
pub struct Commit {
    at: Instant,
    partition: usize,
    offset: i64,
}

impl Watch {
    pub fn start(kafka: &Kafka, group: &str, topic: &str, partitions: usize) -> Watch {
        Watch::every(LOOK_EVERY, kafka, group, topic, partitions)
    }

    /// With so long between two looks: each costs the broker something.
    pub fn every(pause: Duration, kafka: &Kafka, group: &str, topic: &str, partitions: usize) -> Watch {
        let group = kafka.group(group, topic);
        let over = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&over);
        Watch { over, thread: std::thread::spawn(move || look(&group, partitions, pause, &end)) }
    }

    /// All that it has seen.
    pub fn finish(self) -> Vec<Commit> {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn look(group: &Group, partitions: usize, pause: Duration, over: &AtomicBool) -> Vec<Commit> {
    let (mut known, mut commits) = (vec![0; partitions], Vec::new());
    while !over.load(Ordering::Relaxed) {
        let seen = group.committed(partitions).unwrap_or_else(|| known.clone());
        let at = Instant::now();
        for (partition, offset) in seen.iter().copied().enumerate() {
            if offset != known[partition] {
                commits.push(Commit { at, partition, offset });
            }
        }
        known = seen;
        std::thread::sleep(pause);
    }
    commits
}

/// From each kill until every partition that had work left has committed something: so it is the killed
/// process's partitions that count, whoever they were and whoever has taken them over. Kills after which
/// nothing was left to do are left out.
pub fn recoveries(kills: &[Instant], commits: &[Commit], ends: &[i64]) -> Vec<Duration> {
    kills.iter().filter_map(|kill| recovery(*kill, commits, ends)).collect()
}

fn recovery(kill: Instant, commits: &[Commit], ends: &[i64]) -> Option<Duration> {
    let first_after = |(partition, end): (usize, &i64)| {
        let mut own = commits.iter().filter(|commit| commit.partition == partition);
        let had_ended =
            own.clone().take_while(|commit| commit.at <= kill).any(|commit| commit.offset >= *end);
        if had_ended { None } else { own.find(|commit| commit.at > kill) }
    };
    ends.iter().enumerate().filter_map(first_after).map(|commit| commit.at - kill).max()
}

/// Commits that went back: an offset that was committed is never taken back.
pub fn steps_back(commits: &[Commit]) -> Vec<(usize, i64, i64)> {
    let mut reached = std::collections::BTreeMap::new();
    let mut back = Vec::new();
    for commit in commits {
        let before = reached.insert(commit.partition, commit.offset).unwrap_or(0);
        if commit.offset < before {
            back.push((commit.partition, before, commit.offset));
        }
    }
    back
}

/// The longest time between two moments of commits that both lie in this span.
pub fn longest_gap(commits: &[Commit], from: Instant, to: Instant) -> Duration {
    let mut moments: Vec<Instant> =
        commits.iter().map(|commit| commit.at).filter(|at| (from..=to).contains(at)).collect();
    moments.dedup();
    moments.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
}

/// Least, median, 99th percentile and greatest, as a line.
pub fn summary(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let Some(last) = times.len().checked_sub(1) else { return "no recovery was measured".to_owned() };
    // The nearest rank.
    let rank = |percent: usize| times[(times.len() * percent).div_ceil(100).saturating_sub(1)].as_secs_f64();
    format!(
        "{} recoveries: min {:.2} s, median {:.2} s, p99 {:.2} s, max {:.2} s",
        times.len(),
        times[0].as_secs_f64(),
        rank(50),
        rank(99),
        times[last].as_secs_f64()
    )
}

#[test]
fn a_kill_is_over_when_every_partition_with_work_has_gone_on() {
    let start = Instant::now();
    let after = |ms| start + Duration::from_millis(ms);
    let commit = |ms, partition, offset| Commit { at: after(ms), partition, offset };
    let commits = [commit(10, 0, 5), commit(20, 1, 9), commit(40, 0, 6), commit(900, 0, 7)];
    let ms = Duration::from_millis;
    // Partition 1 ends at 20 ms; partition 0 at 900.
    assert_eq!(recoveries(&[after(5), after(30), after(50)], &commits, &[7, 9]), [ms(15), ms(10), ms(850)]);
    assert_eq!(recoveries(&[after(901)], &commits, &[7, 9]), Vec::<Duration>::new());
    assert_eq!(steps_back(&commits), []);
    assert_eq!(steps_back(&[commit(0, 2, 9), commit(1, 2, 4)]), [(2, 9, 4)]);
}

#[test]
fn the_longest_gap_lies_within_the_span() {
    let start = Instant::now();
    let after = |ms| start + Duration::from_millis(ms);
    let commits =
        [0, 900, 1_000, 1_250, 1_260, 9_000].map(|ms| Commit { at: after(ms), partition: 0, offset: 1 });
    assert_eq!(longest_gap(&commits, after(900), after(2_000)), Duration::from_millis(250));
    assert_eq!(longest_gap(&commits, after(2_000), after(3_000)), Duration::ZERO);
}

#[test]
fn percentiles_are_of_the_nearest_rank() {
    let times = (1..=100).map(Duration::from_secs).rev().collect();
    assert_eq!(summary(times), "100 recoveries: min 1.00 s, median 50.00 s, p99 99.00 s, max 100.00 s");
    assert_eq!(summary(Vec::new()), "no recovery was measured");
}
