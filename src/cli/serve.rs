//! A run with HTTP around it: read API, push feed, probes.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use super::progress::Progress;
use super::refill::refill;
use crate::config::{HttpPlan, Plan, Source};
use crate::feeds::{PushBatch, PushIntake};
use crate::http::{AppState, BrandInfo, HttpLimits, Readiness, State, View, ViewLimits, ViewSink, serve};
use crate::metrics::Metrics;
use crate::model::{MetricRow, Timestamp};
use crate::runtime::{self, RunError, RunOptions, Summary, Watcher};

/// Serves while the plan runs and, after its end, as long as `then` takes. It is told the address served.
pub(super) fn execute_then(
    plan: &Plan,
    http: &HttpPlan,
    mut options: RunOptions,
    then: &mut dyn FnMut(&Summary, SocketAddr),
) -> Result<Summary, RunError> {
    let failed = |reason: String| RunError::Http { address: http.listen.to_string(), reason };
    let metrics = Metrics::new().map_err(|e| failed(e.to_string()))?;
    let view = Arc::new(View::new(brands(plan), ViewLimits::default()));
    let readiness = Arc::new(Readiness::default());
    let (push, pushed) = intake(plan);
    let limits = HttpLimits { body_bytes: plan.max_record_bytes, ..HttpLimits::default() };
    let state = AppState {
        view: Arc::clone(&view),
        metrics: Arc::clone(&metrics),
        push,
        corrections: None,
        text: plan.text,
        readiness: Arc::clone(&readiness),
        now: runtime::now,
        limits,
    };
    let listener = TcpListener::bind(http.listen).map_err(|e| failed(e.to_string()))?;
    let server = serve(listener, state).map_err(|e| failed(e.to_string()))?;
    tracing::info!(address = %server.local_addr(), "serving HTTP");

    options.metrics = Some(metrics);
    options.pushed = pushed;
    options.sinks.push(Box::new(ViewSink(Arc::clone(&view))));
    let mut watcher = Served { plan, progress: Progress::new(), view, readiness: Arc::clone(&readiness) };
    let result = runtime::run(plan, options, &mut watcher);
    watcher.progress.clear();
    if let Ok(summary) = &result {
        then(summary, server.local_addr());
    }
    readiness.set(State::Stopping("the run has ended".to_owned()));
    if let Err(e) = server.stop() {
        tracing::warn!("HTTP did not stop cleanly: {e}");
    }
    result
}

pub(super) fn brands(plan: &Plan) -> Vec<BrandInfo> {
    plan.brands.iter().map(BrandInfo::from).collect()
}

fn intake(plan: &Plan) -> (Option<PushIntake>, Option<crossbeam_channel::Receiver<PushBatch>>) {
    if plan.feeds.iter().all(|feed| feed.source != Source::Push) {
        return (None, None);
    }
    let (intake, pushed) = PushIntake::new();
    (Some(intake), Some(pushed))
}

/// Keeps the read API and the probes informed.
struct Served<'p> {
    plan: &'p Plan,
    progress: Progress,
    view: Arc<View>,
    readiness: Arc<Readiness>,
}

impl Watcher for Served<'_> {
    fn ready(&mut self, watermark: Option<Timestamp>) {
        if let Some(at) = watermark {
            refill(self.plan, &self.view);
            self.view.resumed_at(at);
        }
        self.readiness.set(State::Ready);
    }

    fn progress(&mut self, _: u64, received: u64, watermark: Timestamp) {
        self.progress.show(received, watermark);
    }

    fn wants_open_rows(&self) -> bool {
        true
    }

    fn open_rows(&mut self, rows: Vec<MetricRow>) {
        self.view.publish_open(rows);
    }
}
