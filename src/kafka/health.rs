//! How the workers are: for `/readyz` and for gauges that belong to the whole process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::Timestamp;

/// A worker that failed works again when it has committed, or is a member again for so long: what fails with a record
/// has failed by then.
const PROVEN: Duration = Duration::from_secs(35);

const GIVEN_UP: &str = "its session with the consumer group has ended, because one has not heard of the other for too long; \
                        joining the group again";

/// What one worker does.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// It does not work yet; what it does instead.
    Starting(&'static str),
    Works,
    /// Its session with the group has ended, so others may have its part.
    GivenUp,
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
    /// What it has asked of the brokers, when that does not come back.
    pub(super) hangs: Option<&'static str>,
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
        let hangs = || self.hangs.map(|call| format!("a call to the brokers does not come back: {call}"));
        let unreachable = || self.unreachable.as_ref().map(|at| format!("no broker can be reached ({at})"));
        let cut_off = || hangs().or_else(unreachable);
        match &self.state {
            State::Works => cut_off(),
            State::Starting(what) => cut_off().or_else(|| Some((*what).to_owned())),
            State::GivenUp => cut_off().or_else(|| Some(GIVEN_UP.to_owned())),
            State::Failed { rejoined: Some(since), .. } if since.elapsed() > PROVEN => cut_off(),
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

    /// It is where it wants to be in its topics, which proves all that there is to prove.
    pub(super) fn follows(&mut self) {
        self.state = State::Works;
    }

    /// The group has ended its session. What has failed before is still to be proven.
    pub(super) fn given_up(&mut self) {
        match &mut self.state {
            State::Failed { rejoined, .. } => *rejoined = None,
            state => *state = State::GivenUp,
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

    /// True when it does its work.
    pub(super) fn works(&self) -> bool {
        matches!(self.lock().state, State::Works)
    }

    /// It has failed and is built anew.
    pub(super) fn failed(&self, why: &str) {
        self.set(|report| report.state = State::Failed { why: why.to_owned(), rejoined: None });
    }
}

/// All workers of a process.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<Mutex<Process>>);

#[derive(Debug, Default)]
struct Process {
    workers: Vec<Worker>,
    /// Why those of the flow are not there yet.
    waits: Option<String>,
    /// All are there that it needs.
    has_begun: bool,
}

impl Health {
    fn lock(&self) -> MutexGuard<'_, Process> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The brokers cannot be used yet.
    pub(super) fn waits(&self, why: &str) {
        self.lock().waits = Some(why.to_owned());
    }

    /// The topics are there, and all workers that the process needs.
    pub(super) fn has_begun(&self) {
        self.lock().has_begun = true;
    }

    /// A worker that is about to join its group.
    pub(super) fn worker(&self) -> Worker {
        self.starting("joining the consumer group")
    }

    /// One that follows the topics out, without a group.
    pub(super) fn follower(&self) -> Worker {
        self.starting("looking for the ends of the topics out")
    }

    fn starting(&self, what: &'static str) -> Worker {
        let report = Report {
            state: State::Starting(what),
            unreachable: None,
            hangs: None,
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
        if !process.has_begun {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_ready_when_all_it_needs_is_there_and_works() {
        let health = Health::default();
        let worker = health.follower();
        worker.set(Report::joined);
        assert_eq!(health.problem().as_deref(), Some("waiting for the brokers and the topics"));
        health.waits("no topic");
        assert_eq!(health.problem().as_deref(), Some("no topic"));
        health.has_begun();
        assert_eq!(health.problem(), None);
        let other = health.worker();
        assert_eq!(health.problem().as_deref(), Some("joining the consumer group"));
        other.set(Report::joined);
        assert_eq!(health.problem(), None);
        other.set(|report| report.unreachable = Some("a:1".to_owned()));
        assert_eq!(health.problem().as_deref(), Some("no broker can be reached (a:1)"));
    }

    #[test]
    fn who_waits_for_a_call_that_does_not_come_back_is_not_ready() {
        let health = Health::default();
        health.has_begun();
        let worker = health.worker();
        worker.set(Report::joined);
        worker.set(|report| report.hangs = Some("commit a transaction"));
        let expected = "a call to the brokers does not come back: commit a transaction";
        assert_eq!(health.problem().as_deref(), Some(expected));
        worker.set(|report| report.hangs = None);
        assert_eq!(health.problem(), None);
    }

    #[test]
    fn who_was_given_up_is_ready_when_it_is_a_member_again() {
        let health = Health::default();
        health.has_begun();
        let worker = health.worker();
        worker.set(Report::joined);
        worker.set(Report::given_up);
        assert_eq!(health.problem().as_deref(), Some(GIVEN_UP));
        worker.set(Report::joined);
        assert_eq!(health.problem(), None);
        // What has failed is not forgotten by that.
        worker.failed("no room");
        worker.set(Report::joined);
        worker.set(Report::given_up);
        assert_eq!(health.problem().as_deref(), Some("no room"));
    }

    #[test]
    fn who_has_proven_itself_is_still_without_brokers() {
        let health = Health::default();
        health.has_begun();
        let worker = health.worker();
        let Some(long_ago) = Instant::now().checked_sub(PROVEN * 2) else { return };
        worker.set(|report| {
            report.state = State::Failed { why: "no room".to_owned(), rejoined: Some(long_ago) };
            report.unreachable = Some("a:1".to_owned());
        });
        assert_eq!(health.problem().as_deref(), Some("no broker can be reached (a:1)"));
    }
}
