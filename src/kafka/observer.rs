//! What a worker tells about its work: to `/metrics` and to the health of the process.

use std::sync::Arc;
use std::time::Duration;

use super::health::{Report, State, Worker};
use super::partition::Partition;
use super::role::Role;
use crate::deliver::Step;
use crate::metrics::Metrics;

/// One worker's.
#[derive(Clone)]
pub(super) struct Observer {
    pub(super) role: Role,
    pub(super) worker: Worker,
    pub(super) metrics: Option<Arc<Metrics>>,
}

impl Observer {
    /// The group has given the worker its part, which may be nothing.
    pub(super) fn joined(&self) {
        self.worker.set(Report::joined);
        if let Some(metrics) = &self.metrics {
            metrics.kafka().rebalanced(self.role.as_str());
        }
    }

    /// Which brokers there are, when none of them can be reached.
    pub(super) fn unreachable(&self, brokers: Option<String>) {
        self.worker.set(|report| report.unreachable = brokers);
    }

    /// The call to the brokers that does not come back, if there is one.
    pub(super) fn hangs(&self, call: Option<&'static str>) {
        let mut before = None;
        self.worker.set(|report| before = std::mem::replace(&mut report.hangs, call));
        if let (None, Some(action)) = (before, call) {
            let role = self.role.as_str();
            tracing::warn!(
                action,
                role,
                "a call to the brokers does not come back; if it goes on the process ends itself"
            );
        }
    }

    /// The group has ended the worker's session.
    pub(super) fn given_up(&self) {
        self.worker.set(Report::given_up);
    }

    /// The group has no part for the worker.
    pub(super) fn is_idle(&self) {
        self.worker.set(Report::joined);
    }

    /// A transaction was committed; `update` says how the state is now.
    pub(super) fn committed(&self, took: Duration, update: impl FnOnce(&mut Report)) {
        self.worker.set(|report| {
            report.state = State::Works;
            update(report);
        });
        if let Some(metrics) = &self.metrics {
            metrics.kafka().committed(self.role.as_str(), took.as_secs_f64());
        }
    }

    /// A partition of this topic is about to be read.
    pub(super) fn reads(&self, partition: &Partition) {
        if let Some(metrics) = &self.metrics {
            metrics.kafka().reads(&partition.topic);
        }
    }

    pub(super) fn restored(&self, took: Duration) {
        if let Some(metrics) = &self.metrics {
            metrics.kafka().restored(self.role.as_str(), took.as_secs_f64());
        }
    }

    pub(super) fn gave_up(&self, partition: &Partition) {
        if let Some(metrics) = &self.metrics {
            metrics.kafka().forget_lag(&partition.topic, partition.number);
        }
    }

    pub(super) fn lost(&self, partition: &Partition, records: u64) {
        if let Some(metrics) = &self.metrics {
            metrics.kafka().lost(&partition.topic, records);
        }
    }

    pub(super) fn lag(&self, topic: &str, partition: i32, records: i64) {
        if let Some(metrics) = &self.metrics {
            metrics.kafka().set_lag(topic, partition, records);
        }
    }

    pub(super) fn delivery_step(&self, delivery: &str, step: Step) {
        if let Some(metrics) = &self.metrics {
            match step {
                Step::Waited => {}
                Step::Failed { took } => metrics.deliveries().failed(delivery, took.as_secs_f64()),
                Step::Done { outcome, took } => {
                    metrics.deliveries().done(delivery, outcome.as_str(), took.as_secs_f64());
                }
            }
        }
    }

    pub(super) fn unreadable_alert(&self, delivery: &str) {
        if let Some(metrics) = &self.metrics {
            metrics.deliveries().unreadable(delivery);
        }
    }

    pub(super) fn delivery_lag(&self, delivery: &str, alerts: i64) {
        if let Some(metrics) = &self.metrics {
            metrics.deliveries().set_lag(delivery, alerts);
        }
    }

    /// The worker has failed and will be built anew.
    pub(super) fn failed(&self, why: &str) {
        self.worker.failed(why);
        if let Some(metrics) = &self.metrics {
            metrics.kafka().rebuilt(self.role.as_str());
        }
    }
}
