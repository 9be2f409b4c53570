//! Starts the workers of the wanted roles, and builds anew those that fail.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::clients::Clients;
use super::deliver::deliver;
use super::error::KafkaError;
use super::listen::{CorrectionReading, Feeds, Forwarder, Lanes, PostReading};
use super::names::Names;
use super::observer::Observer;
use super::role::{self, KafkaOptions, Role};
use super::take::take;
use super::tally::{Engines, TallyReading};
use super::topics;
use super::transaction::Writer;
use super::watchdog::{Watched, watch};
use super::worker::{CommitEvery, Owner, Reading, Setup, work};
use crate::config::{KafkaPlan, Plan};
use crate::deliver::{Courier, Outcome};
use crate::feeds::PushBatch;
use crate::metrics::Metrics;
use crate::runtime::{Queries, Reloader};

/// First pause before a failed worker is built anew; doubled with every failure in a row.
const PAUSE_FIRST: Duration = Duration::from_millis(200);
const PAUSE_LONGEST: Duration = Duration::from_secs(10);
/// A worker that ran for so long has recovered.
const RECOVERED: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);

/// What all workers share.
struct Shared {
    plan: Plan,
    kafka: KafkaPlan,
    clients: Clients,
    names: Names,
    feeds: Arc<Feeds>,
    queries: Arc<Queries>,
    /// One for each delivery of the plan, if this process delivers.
    couriers: Vec<Mutex<Courier>>,
    /// What this process takes in over HTTP.
    corrections: Option<Receiver<PushBatch>>,
    stop: Arc<AtomicBool>,
    metrics: Option<Arc<Metrics>>,
}

/// What a worker does.
#[derive(Clone, Copy)]
enum Task {
    Listen,
    /// Corrections out of their topic into the posts topics.
    Forward,
    Tally,
    /// Corrections of requests into their topic.
    Take,
    /// With this courier.
    Deliver(usize),
}

/// One worker of one role.
#[derive(Clone)]
struct Job {
    task: Task,
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
    role::check(plan, &options.roles)?;
    let couriers = couriers(plan, options)?;
    let feeds = Arc::new(Feeds::of(plan, &names));
    start_series(options, &feeds);
    wait_for_topics(&clients, plan, options)?;
    let shared = Shared {
        feeds,
        queries: queries(plan, options)?,
        plan: plan.clone(),
        stop: Arc::clone(&options.stop),
        metrics: options.metrics.clone(),
        kafka,
        clients,
        names,
        couriers,
        corrections: options.corrections.clone(),
    };
    let jobs = jobs(plan, options);
    watch(jobs.iter().map(|job| (job.watched.clone(), job.observer.clone())).collect())
        .map_err(KafkaError::Thread)?;
    options.health.has_begun();
    if jobs.is_empty() {
        while !options.stop.load(Ordering::SeqCst) {
            thread::sleep(LOOK);
        }
    }
    run_jobs(&shared, &jobs)
}

/// Series of events that may never come. Topics of patterns follow when they are read.
fn start_series(options: &KafkaOptions, feeds: &Feeds) {
    let Some(metrics) = &options.metrics else { return };
    options.roles.iter().for_each(|role| metrics.kafka().start(role.as_str()));
    if options.roles.contains(&Role::Listen) {
        let topics = feeds.subscriptions().into_iter().filter(|topic| !topic.starts_with('^'));
        topics.for_each(|topic| metrics.kafka().reads(topic));
    }
}

/// The queries, and who keeps them up to date.
fn queries(plan: &Plan, options: &KafkaOptions) -> Result<Arc<Queries>, KafkaError> {
    let queries = options.queries.clone().unwrap_or_else(|| Queries::new(plan));
    if let Some(asked) = &options.reload {
        let metrics = options.metrics.clone();
        Reloader::start(&queries, asked, &options.stop, metrics).map_err(KafkaError::Thread)?;
    }
    Ok(queries)
}

/// Secrets are looked up before anything waits for brokers: a missing one never gets better.
fn couriers(plan: &Plan, options: &KafkaOptions) -> Result<Vec<Mutex<Courier>>, KafkaError> {
    if !options.roles.contains(&Role::Deliver) {
        return Ok(Vec::new());
    }
    let results = Outcome::ALL.map(Outcome::as_str);
    for delivery in &plan.deliveries {
        if let Some(metrics) = &options.metrics {
            metrics.deliveries().start(&delivery.name, &results);
        }
    }
    plan.deliveries.iter().map(|delivery| Ok(Mutex::new(Courier::new(delivery, &plan.name)?))).collect()
}

fn jobs(plan: &Plan, options: &KafkaOptions) -> Vec<Job> {
    let mut jobs = Vec::new();
    for role in &options.roles {
        let tasks: Vec<(Task, String)> = match role {
            Role::Listen => {
                let lanes = (0..options.workers.max(1)).map(|n| (Task::Listen, n.to_string()));
                let has_corrections = plan.kafka.as_ref().is_some_and(|kafka| kafka.corrections.is_some());
                lanes.chain(has_corrections.then(|| (Task::Forward, "corrections".to_owned()))).collect()
            }
            Role::Tally => vec![(Task::Tally, "0".to_owned())],
            // No other part of the flow: who serves follows the topics (`follow`).
            Role::Serve => {
                options.corrections.iter().map(|_| (Task::Take, "corrections".to_owned())).collect()
            }
            Role::Deliver => {
                let names = plan.deliveries.iter().enumerate();
                names.map(|(n, delivery)| (Task::Deliver(n), delivery.name.clone())).collect()
            }
        };
        let job = |(task, name)| {
            let (worker, metrics) = (options.health.worker(), options.metrics.clone());
            let observer = Observer { role: *role, worker, metrics };
            Job { task, name, watched: Watched::default(), observer }
        };
        jobs.extend(tasks.into_iter().map(job));
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
            let name = format!("{}-{}", job.observer.role.as_str(), job.name);
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
        let role = job.observer.role.as_str();
        tracing::warn!(%error, role, worker = job.name, retry_in_ms, "building the worker anew");
        sleep(pause, &shared.stop);
        pause = (pause * 2).min(PAUSE_LONGEST);
    }
    Ok(())
}

fn attempt(shared: &Shared, job: &Job) -> Result<(), KafkaError> {
    let Shared { plan, clients, names, feeds, metrics, .. } = shared;
    match job.task {
        Task::Listen => {
            let reading = PostReading::new(
                Arc::clone(&shared.queries),
                Arc::clone(feeds),
                plan.max_record_bytes,
                metrics.clone(),
            );
            let owner = || Lanes::new(&shared.queries, clients, names, Arc::clone(feeds), metrics.clone());
            let (topics, ignored) = (feeds.subscriptions(), Some(names.own()));
            transact(shared, job, &names.listen_group, (topics, ignored), reading, owner)
        }
        Task::Forward => {
            let Some(topic) = &names.corrections else { return Ok(()) };
            let reading = CorrectionReading::new(Arc::clone(&shared.queries));
            let owner = || Forwarder::new(plan, clients, names, Arc::clone(feeds), metrics.clone());
            transact(shared, job, &names.corrections_group, (vec![topic], None), reading, owner)
        }
        Task::Tally => {
            let queries = &shared.queries;
            let owner = || Engines::new(queries, clients, names, Arc::clone(feeds), metrics.clone());
            transact(shared, job, &names.tally_group, (vec![&names.tallies], None), TallyReading, owner)
        }
        Task::Take => {
            let (Some(topic), Some(requests)) = (&names.corrections, &shared.corrections) else {
                return Ok(());
            };
            // Another name than that of the worker which passes them on.
            let config = clients.writer(&names.corrections_group, "taken");
            let writer = Writer::new(&config, &clients.brokers, job.watched.clone())?;
            take(topic, requests, writer, &shared.stop, &job.observer)
        }
        Task::Deliver(number) => {
            let Some(courier) = shared.couriers.get(number) else { return Ok(()) };
            // Only this job ever takes it.
            let mut courier = courier.lock().unwrap_or_else(PoisonError::into_inner);
            deliver(clients, names, &mut courier, &shared.stop, &job.observer, &job.watched)
        }
    }
}

/// A worker that reads, owns state and writes in transactions.
fn transact<R, O>(
    shared: &Shared,
    job: &Job,
    group: &str,
    (topics, ignored): (Vec<&str>, Option<String>),
    reading: R,
    owner: impl FnOnce() -> Result<O, KafkaError>,
) -> Result<(), KafkaError>
where
    R: Reading,
    O: Owner<Item = R::Item> + Send,
{
    let Shared { kafka, clients, stop, .. } = shared;
    let commit = CommitEvery { interval: kafka.commit_interval, records: kafka.commit_records };
    let (observer, watched) = (job.observer.clone(), &job.watched);
    let setup = Setup { clients, group, name: &job.name, topics, ignored, commit, stop, observer, watched };
    work(&setup, reading, || {
        // It ends what a predecessor left open, and nothing must be read before that.
        let writer = Writer::new(&clients.writer(group, &job.name), &clients.brokers, job.watched.clone())?;
        Ok((owner()?, writer))
    })
}

fn sleep(pause: Duration, stop: &AtomicBool) {
    let began = Instant::now();
    while began.elapsed() < pause && !stop.load(Ordering::SeqCst) {
        thread::sleep(LOOK.min(pause));
    }
}
