//! How the workers are: for `/readyz` and for gauges that belong to the whole process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::Timestamp;

/// A worker that failed works again when it has committed, or is a member again for so long: what fails with a record
/// has failed by then.
const PROVEN: Duration = Duration::from_secs(35);

/// What one worker does.
#[derive(Clone, Debug)]
pub(super) enum State {
    Joining,
    Works,
    /// It failed and is built anew.
    Failed {
        why: String,
        /// When it became a member again.
        rejoined: Option<Instant>,
    },
}

/// What one worker says of itself.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) state: State,
    /// The brokers, when none of them can be reached.
    pub(super) unreachable: Option<String>,
    /// Ids that its lanes remember.
    pub(super) dedupe_entries: usize,
    /// Panes that its engines have open.
    pub(super) open_panes: usize,
    /// When the oldest of them begins.
    pub(super) oldest_open_pane: Option<Timestamp>,
    /// The least watermark of its engines; none without an engine.
    pub(super) watermark: Option<Timestamp>,
}

impl Report {
    /// Why it does no work; none when it does.
    fn problem(&self) -> Option<String> {
        match &self.state {
            State::Works => {
                self.unreachable.as_ref().map(|brokers| format!("no broker can be reached ({brokers})"))
            }
            State::Joining => Some("joining the consumer group".to_owned()),
            State::Failed { rejoined: Some(since), .. } if since.elapsed() > PROVEN => None,
            State::Failed { why, .. } => Some(why.clone()),
        }
    }

    /// The group has given it its part.
    pub(super) fn joined(&mut self) {
        match &mut self.state {
            State::Failed { rejoined, .. } => drop(rejoined.get_or_insert_with(Instant::now)),
            state => *state = State::Works,
        }
    }
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
pub struct Health(Arc<Mutex<Process>>);

#[derive(Debug, Default)]
struct Process {
    workers: Vec<Worker>,
    /// Why there are none yet.
    waits: Option<String>,
    /// It needs none.
    has_none: bool,
}

impl Health {
    fn lock(&self) -> MutexGuard<'_, Process> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The brokers cannot be used yet.
    pub(super) fn waits(&self, why: &str) {
        self.lock().waits = Some(why.to_owned());
    }

    /// The process has begun, and has no workers.
    pub(super) fn needs_no_worker(&self) {
        self.lock().has_none = true;
    }

    /// A worker that is about to start.
    pub(super) fn worker(&self) -> Worker {
        let report = Report {
            state: State::Joining,
            unreachable: None,
            dedupe_entries: 0,
            open_panes: 0,
            oldest_open_pane: None,
            watermark: None,
        };
        let worker = Worker(Arc::new(Mutex::new(report)));
        self.lock().workers.push(worker.clone());
        worker
    }

    fn reports(&self) -> Vec<Report> {
        self.lock().workers.iter().map(|worker| worker.lock().clone()).collect()
    }

    /// Why the process is not ready; none when all workers do their work.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let reports = self.reports();
        let process = self.lock();
        if reports.is_empty() && !process.has_none {
            let waits = process.waits.clone();
            return Some(waits.unwrap_or_else(|| "waiting for the brokers and the topics".to_owned()));
        }
        reports.iter().find_map(Report::problem)
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
