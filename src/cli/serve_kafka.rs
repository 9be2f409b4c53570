//! The distributed run with HTTP around it: read API, metrics, probes.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::refill::Refill;
use super::serve::brands;
use crate::config::{HttpPlan, Plan};
use crate::http::{AppState, HttpLimits, Readiness, State, View, ViewLimits, serve};
use crate::kafka::{self, Health, KafkaError, KafkaOptions, Role};
use crate::metrics::Metrics;
use crate::model::Timestamp;
use crate::runtime;

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
    let state = AppState {
        view: Arc::clone(&view),
        metrics: Arc::clone(&metrics),
        push: None,
        readiness: Arc::clone(&readiness),
        now: runtime::now,
        limits: HttpLimits::default(),
    };
    let listener = TcpListener::bind(http.listen).map_err(|e| failed(e.to_string()))?;
    let server = serve(listener, state).map_err(|e| failed(e.to_string()))?;
    tracing::info!(address = %server.local_addr(), "serving HTTP");
    options.metrics = Some(Arc::clone(&metrics));
    let result = run(plan, &options, &view, &metrics, &readiness);
    readiness.set(State::Stopping("the run has ended".to_owned()));
    if let Err(e) = server.stop() {
        tracing::warn!("HTTP did not stop cleanly: {e}");
    }
    result
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
        let followed = options.roles.contains(&Role::Serve).then(|| scope.spawn(|| follow(plan, view, stop)));
        let result = kafka::run(plan, options);
        // The others end with the run, whatever ended it.
        stop.store(true, Ordering::SeqCst);
        let followed = followed.map_or(Ok(()), |thread| thread.join().unwrap_or(Err(KafkaError::Panicked)));
        result.and(followed)
    })
}

fn follow(plan: &Plan, view: &View, stop: &AtomicBool) -> Result<(), KafkaError> {
    let mut refill = Refill::new(plan, view);
    kafka::follow(plan, stop, &mut |written| refill.written(written.kind, written.key, written.value))
}

/// Tells the probes and the gauges of the whole process how the workers are.
fn keep_informed(health: &Health, metrics: &Metrics, readiness: &Readiness, stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        readiness.set(health.problem().map_or(State::Ready, State::Starting));
        metrics.set_dedupe_entries(health.dedupe_entries());
        metrics.set_open_panes(health.open_panes());
        metrics.set_oldest_open_pane(health.oldest_open_pane());
        // Engines may have gone to another process; a watermark that nobody moves would look like a standstill.
        metrics.set_watermark(health.watermark().unwrap_or(Timestamp::from_seconds(0)));
        thread::sleep(LOOK);
    }
}
