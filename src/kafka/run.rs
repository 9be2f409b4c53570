//! Starts the workers of the wanted roles, and builds anew those that fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::clients::Clients;
use super::error::KafkaError;
use super::health::Health;
use super::listen::{Feeds, Lanes, PostReading};
use super::names::Names;
use super::observer::Observer;
use super::tally::{Engines, TallyReading};
use super::topics;
use super::transaction::Writer;
use super::watchdog::{Watched, watch};
use super::worker::{CommitEvery, Setup, work};
use crate::analysis::Annotator;
use crate::config::{KafkaPlan, Plan};
use crate::metrics::Metrics;
use crate::runtime::annotator;

/// First pause before a failed worker is built anew; doubled with every failure in a row.
const PAUSE_FIRST: Duration = Duration::from_millis(200);
const PAUSE_LONGEST: Duration = Duration::from_secs(10);
/// A worker that ran for so long has recovered.
const RECOVERED: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Posts in; mentions, dead letters and tallies out.
    Listen,
    /// Tallies in; metrics and alerts out.
    Tally,
    /// The topics out on the read API; see [`super::follow()`].
    Serve,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 3] = [Role::Listen, Role::Tally, Role::Serve];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Listen => "listen",
            Role::Tally => "tally",
            Role::Serve => "serve",
        }
    }
}

/// How to run. None of it shows in the outputs.
#[derive(Clone, Debug, Default)]
pub struct KafkaOptions {
    /// What this process does.
    pub roles: Vec<Role>,
    /// Workers of the listen role.
    pub workers: usize,
    /// A name that is this process's own and stays the same over restarts: a restarted process then gets its
    /// partitions back at once. None: it waits until the old one is given up.
    pub instance: Option<String>,
    /// Set it to end the run after a commit.
    pub stop: Arc<AtomicBool>,
    /// Counts the work.
    pub metrics: Option<Arc<Metrics>>,
    /// Gets how the workers are.
    pub health: Health,
}

/// What all workers share.
struct Shared {
    plan: Plan,
    kafka: KafkaPlan,
    clients: Clients,
    names: Names,
    feeds: Arc<Feeds>,
    annotator: Arc<Annotator>,
    stop: Arc<AtomicBool>,
    metrics: Option<Arc<Metrics>>,
}

/// One worker of one role.
#[derive(Clone)]
struct Job {
    role: Role,
    name: String,
    watched: Watched,
    observer: Observer,
}

/// Runs until it is stopped.
///
/// # Errors
/// When trying again cannot help: a wrong setting, a missing topic, torn state.
pub fn run(plan: &Plan, options: &KafkaOptions) -> Result<(), KafkaError> {
    let kafka = topics::required(plan)?.clone();
    let names = Names::of(&kafka);
    let clients = Clients::new(&kafka, options.instance.as_deref())?;
    wait_for_topics(&clients, plan, options)?;
    let shared = Shared {
        feeds: Arc::new(Feeds::of(plan, &names)),
        annotator: Arc::new(annotator(plan)),
        plan: plan.clone(),
        stop: Arc::clone(&options.stop),
        metrics: options.metrics.clone(),
        kafka,
        clients,
        names,
    };
    let jobs = jobs(options);
    watch(jobs.iter().map(|job| job.watched.clone()).collect()).map_err(KafkaError::Thread)?;
    if jobs.is_empty() {
        options.health.needs_no_worker();
        while !options.stop.load(Ordering::SeqCst) {
            thread::sleep(LOOK);
        }
    }
    run_jobs(&shared, &jobs)
}

fn jobs(options: &KafkaOptions) -> Vec<Job> {
    let mut jobs = Vec::new();
    for role in &options.roles {
        let workers = match role {
            Role::Listen => options.workers.max(1),
            Role::Tally => 1,
            // No part of the flow: who serves follows the topics (`follow`).
            Role::Serve => 0,
        };
        let job = |number: usize| {
            let (worker, metrics) = (options.health.worker(), options.metrics.clone());
            let observer = Observer { role: *role, worker, metrics };
            Job { role: *role, name: number.to_string(), watched: Watched::default(), observer }
        };
        jobs.extend((0..workers).map(job));
    }
    jobs
}

/// The brokers may not be there yet; a topic that is missing and cannot be made is an error.
fn wait_for_topics(clients: &Clients, plan: &Plan, options: &KafkaOptions) -> Result<(), KafkaError> {
    let stop = &*options.stop;
    let mut pause = PAUSE_FIRST;
    loop {
        match topics::prepare(clients, plan) {
            // Stopped before it began: the workers see that, too.
            Err(error) if error.is_passing() && stop.load(Ordering::SeqCst) => return Ok(()),
            Err(error) if error.is_passing() => {
                tracing::warn!(%error, retry_in_ms = pause.as_millis() as u64, "the brokers cannot be used yet");
                options.health.waits(&error.to_string());
                sleep(pause, stop);
                pause = (pause * 2).min(PAUSE_LONGEST);
            }
            result => return result,
        }
    }
}

fn run_jobs(shared: &Shared, jobs: &[Job]) -> Result<(), KafkaError> {
    thread::scope(|scope| {
        let start = |job: &Job| {
            let job = job.clone();
            let name = format!("{}-{}", job.role.as_str(), job.name);
            thread::Builder::new().name(name).spawn_scoped(scope, move || {
                let result = supervise(shared, &job);
                // One that cannot go on ends all: a process that does half of its work helps nobody.
                shared.stop.store(true, Ordering::SeqCst);
                result
            })
        };
        let mut threads = Vec::new();
        let mut first = Ok(());
        for job in jobs {
            match start(job) {
                Ok(thread) => threads.push(thread),
                Err(e) => {
                    shared.stop.store(true, Ordering::SeqCst);
                    first = Err(KafkaError::Thread(e));
                }
            }
        }
        threads
            .into_iter()
            .fold(first, |first, thread| first.and(thread.join().unwrap_or(Err(KafkaError::Panicked))))
    })
}

/// Builds a worker, and another one when it fails, until it is stopped.
fn supervise(shared: &Shared, job: &Job) -> Result<(), KafkaError> {
    let mut pause = PAUSE_FIRST;
    while !shared.stop.load(Ordering::SeqCst) {
        let began = Instant::now();
        let error = match attempt(shared, job) {
            Ok(()) => continue,
            Err(error) if error.is_passing() => error,
            Err(error) => return Err(error),
        };
        if began.elapsed() > RECOVERED {
            pause = PAUSE_FIRST;
        }
        job.observer.failed(&error.to_string());
        let retry_in_ms = pause.as_millis() as u64;
        tracing::warn!(%error, role = job.role.as_str(), worker = job.name, retry_in_ms, "building the worker anew");
        sleep(pause, &shared.stop);
        pause = (pause * 2).min(PAUSE_LONGEST);
    }
    Ok(())
}

fn attempt(shared: &Shared, job: &Job) -> Result<(), KafkaError> {
    let Shared { plan, kafka, clients, names, feeds, annotator, stop, metrics } = shared;
    let group = if job.role == Role::Listen { &names.listen_group } else { &names.tally_group };
    // First of all: it ends what a predecessor left open, and nothing must be read before that.
    let writer = Writer::new(&clients.writer(group, &job.name), &clients.brokers, job.watched.clone())?;
    let commit = CommitEvery { interval: kafka.commit_interval, records: kafka.commit_records };
    let topics = match job.role {
        Role::Listen => feeds.subscriptions(),
        Role::Tally | Role::Serve => vec![names.tallies.as_str()],
    };
    let setup =
        Setup { clients, group, name: &job.name, topics, commit, stop, observer: job.observer.clone() };
    match job.role {
        Role::Listen => {
            let reading = PostReading::new(
                Arc::clone(annotator),
                Arc::clone(feeds),
                plan.max_record_bytes,
                metrics.clone(),
            );
            work(&setup, reading, Lanes::new(plan, clients, names, metrics.clone())?, writer)
        }
        Role::Tally | Role::Serve => {
            let owner = Engines::new(plan, clients, names, Arc::clone(feeds), metrics.clone())?;
            work(&setup, TallyReading, owner, writer)
        }
    }
}

fn sleep(pause: Duration, stop: &AtomicBool) {
    let began = Instant::now();
    while began.elapsed() < pause && !stop.load(Ordering::SeqCst) {
        thread::sleep(LOOK.min(pause));
    }
}
