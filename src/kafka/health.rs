//! How the workers are: for `/readyz` and for gauges that belong to the whole process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::Timestamp;

/// What one worker says of itself.
#[derive(Clone, Debug)]
pub(super) struct Report {
    /// Why it does no work; none when it does.
    pub(super) problem: Option<String>,
    /// Ids that its lanes remember.
    pub(super) dedupe_entries: usize,
    /// Panes that its engines have open.
    pub(super) open_panes: usize,
    /// When the oldest of them begins.
    pub(super) oldest_open_pane: Option<Timestamp>,
    /// The least watermark of its engines; none without an engine.
    pub(super) watermark: Option<Timestamp>,
}

/// One worker's report.
#[derive(Clone, Debug)]
pub(super) struct Worker(Arc<Mutex<Report>>);

impl Worker {
    fn lock(&self) -> MutexGuard<'_, Report> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, change: impl FnOnce(&mut Report)) {
        change(&mut self.lock());
    }
}

/// All workers of a process.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<Mutex<Vec<Worker>>>);

impl Health {
    fn lock(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A worker that is about to start.
    pub(super) fn worker(&self) -> Worker {
        let problem = Some("joining the consumer group".to_owned());
        let report =
            Report { problem, dedupe_entries: 0, open_panes: 0, oldest_open_pane: None, watermark: None };
        let worker = Worker(Arc::new(Mutex::new(report)));
        self.lock().push(worker.clone());
        worker
    }

    fn reports(&self) -> Vec<Report> {
        self.lock().iter().map(|worker| worker.lock().clone()).collect()
    }

    /// Why the process is not ready; none when all workers do their work.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let reports = self.reports();
        if reports.is_empty() {
            return Some("waiting for the brokers and the topics".to_owned());
        }
        reports.into_iter().find_map(|report| report.problem)
    }

    /// Ids that all lanes of the process remember.
    #[must_use]
    pub fn dedupe_entries(&self) -> usize {
        self.reports().iter().map(|report| report.dedupe_entries).sum()
    }

    /// Panes that all engines of the process have open.
    #[must_use]
    pub fn open_panes(&self) -> usize {
        self.reports().iter().map(|report| report.open_panes).sum()
    }

    /// When the oldest open pane of all engines of the process begins.
    #[must_use]
    pub fn oldest_open_pane(&self) -> Option<Timestamp> {
        self.reports().iter().filter_map(|report| report.oldest_open_pane).min()
    }

    /// The least watermark of all engines of the process.
    #[must_use]
    pub fn watermark(&self) -> Option<Timestamp> {
        self.reports().iter().filter_map(|report| report.watermark).min()
    }
}
