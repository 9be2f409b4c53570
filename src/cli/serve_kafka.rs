//! The distributed run with HTTP around it: read API, metrics, probes.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::Receiver;

use super::refill::refill_record;
use super::serve::brands;
use crate::config::{HttpPlan, Plan};
use crate::feeds::{PushBatch, PushError, PushIntake};
use crate::http::{AppState, HttpLimits, Readiness, State, View, ViewLimits, serve};
use crate::kafka::{self, Followed, Health, KafkaError, KafkaOptions, Role};
use crate::metrics::Metrics;
use crate::model::{OutputKind, Timestamp};
use crate::runtime::{self, Queries};

/// What the read API shows.
const FOLLOWED: [OutputKind; 3] = [OutputKind::Mentions, OutputKind::Metrics, OutputKind::Alerts];
const LOOK: Duration = Duration::from_millis(500);

/// Runs, and serves while it does.
///
/// # Errors
/// As [`kafka::run`], and when the address cannot be listened on.
pub(super) fn execute(plan: &Plan, http: &HttpPlan, mut options: KafkaOptions) -> Result<(), KafkaError> {
    let failed = |reason: String| KafkaError::Http { address: http.listen.to_string(), reason };
    let metrics = Metrics::new().map_err(|e| failed(e.to_string()))?;
    let view = Arc::new(View::new(brands(plan), ViewLimits::default()));
    let readiness = Arc::new(Readiness::default());
    let (corrections, taken) = intake(plan, &options);
    let state = AppState {
        view: Arc::clone(&view),
        metrics: Arc::clone(&metrics),
        push: None,
        corrections,
        text: plan.text,
        readiness: Arc::clone(&readiness),
        now: runtime::now,
        limits: HttpLimits::default(),
    };
    let listener = TcpListener::bind(http.listen).map_err(|e| failed(e.to_string()))?;
    let server = serve(listener, state).map_err(|e| failed(e.to_string()))?;
    tracing::info!(address = %server.local_addr(), "serving HTTP");
    options.corrections = taken;
    options.metrics = Some(Arc::clone(&metrics));
    let result = run(plan, &options, &view, &metrics, &readiness);
    readiness.set(State::Stopping("the run has ended".to_owned()));
    // Who still waits for an answer is told, and nobody more is taken in.
    if let Some(taken) = options.corrections.take() {
        taken.try_iter().for_each(|request| (request.reply)(Err(PushError::Stopping)));
    }
    if let Err(e) = server.stop() {
        tracing::warn!("HTTP did not stop cleanly: {e}");
    }
    result
}

/// Where corrections come in, when there is a topic for them and this process serves.
fn intake(plan: &Plan, options: &KafkaOptions) -> (Option<PushIntake>, Option<Receiver<PushBatch>>) {
    let has_topic = plan.kafka.as_ref().is_some_and(|kafka| kafka.corrections.is_some());
    if !has_topic || !options.roles.contains(&Role::Serve) {
        return (None, None);
    }
    let (intake, taken) = PushIntake::new();
    (Some(intake), Some(taken))
}

fn run(
    plan: &Plan,
    options: &KafkaOptions,
    view: &View,
    metrics: &Metrics,
    readiness: &Readiness,
) -> Result<(), KafkaError> {
    let stop = &*options.stop;
    thread::scope(|scope| {
        scope.spawn(|| keep_informed(&options.health, metrics, readiness, stop));
        if let Some(queries) = &options.queries {
            scope.spawn(|| follow_queries(queries, view, stop));
        }
        let followed: Vec<_> = FOLLOWED
            .iter()
            .filter(|_| options.roles.contains(&Role::Serve))
            .map(|kind| scope.spawn(|| follow(plan, *kind, &options.health, view, stop)))
            .collect();
        let open = options
            .roles
            .contains(&Role::Serve)
            .then(|| scope.spawn(|| follow_open_rows(plan, options, view, stop)));
        let result = kafka::run(plan, options);
        // The others end with the run, whatever ended it.
        stop.store(true, Ordering::SeqCst);
        followed
            .into_iter()
            .chain(open)
            .fold(result, |result, thread| result.and(thread.join().unwrap_or(Err(KafkaError::Panicked))))
    })
}

/// Each by a thread of its own: many mentions must not make an alert wait.
fn follow(
    plan: &Plan,
    kind: OutputKind,
    health: &Health,
    view: &View,
    stop: &AtomicBool,
) -> Result<(), KafkaError> {
    kafka::follow(plan, kind, health, stop, &mut |followed| match followed {
        Followed::Written(written) => refill_record(view, written.kind, written.key, written.value),
        Followed::Skipped(OutputKind::Mentions) => view.clear_mentions(),
        Followed::Skipped(_) => {}
    })
}

/// Shows the panes that are still open.
fn follow_open_rows(
    plan: &Plan,
    options: &KafkaOptions,
    view: &View,
    stop: &AtomicBool,
) -> Result<(), KafkaError> {
    let (queries, health) = (options.queries.as_deref(), &options.health);
    let settings =
        || queries.map_or_else(|| plan.engine.clone(), |queries| queries.in_force().plan.engine.clone());
    kafka::follow_open_rows(plan, &settings, health, stop, &mut |rows| view.publish_open(rows))
        .inspect_err(|error| tracing::error!(%error, "panes that are open are not shown any more"))
}

/// Shows the brands of the queries in force.
fn follow_queries(queries: &Queries, view: &View, stop: &AtomicBool) {
    let mut shown = 0;
    while !stop.load(Ordering::SeqCst) {
        if queries.number() != shown {
            let in_force = queries.in_force();
            view.set_brands(brands(&in_force.plan));
            shown = in_force.number;
        }
        thread::sleep(LOOK);
    }
}

/// Tells the probes and the gauges of the whole process how the workers are.
fn keep_informed(health: &Health, metrics: &Metrics, readiness: &Readiness, stop: &AtomicBool) {
    let mut was_ready = false;
    while !stop.load(Ordering::SeqCst) {
        let problem = health.problem();
        was_ready |= problem.is_none();
        readiness.set(match problem {
            None => State::Ready,
            Some(why) if was_ready => State::Interrupted(why),
            Some(what) => State::Starting(what),
        });
        metrics.set_dedupe_entries(health.dedupe_entries());
        metrics.set_open_panes(health.open_panes());
        metrics.set_oldest_open_pane(health.oldest_open_pane());
        // Engines may have gone to another process; a watermark that nobody moves would look like a standstill.
        metrics.set_watermark(health.watermark().unwrap_or(Timestamp::from_seconds(0)));
        thread::sleep(LOOK);
    }
}
