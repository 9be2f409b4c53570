//! What the distributed run counts.

use prometheus::{HistogramVec, IntCounterVec, IntGaugeVec};

use super::list::*;
use super::{List, add, observe};

/// Metrics of the work with Kafka. `role` is `listen` or `tally`.
#[derive(Debug)]
pub struct KafkaMetrics {
    commits: IntCounterVec,
    commit_duration: HistogramVec,
    restore_duration: HistogramVec,
    rebalances: IntCounterVec,
    rebuilds: IntCounterVec,
    lag: IntGaugeVec,
    records_lost: IntCounterVec,
}

impl KafkaMetrics {
    pub(super) fn new(list: &List) -> prometheus::Result<KafkaMetrics> {
        Ok(KafkaMetrics {
            commits: list.counters(KAFKA_COMMITS)?,
            commit_duration: list.histograms(KAFKA_COMMIT_DURATION, WORK_SECONDS)?,
            restore_duration: list.histograms(KAFKA_RESTORE_DURATION, WORK_SECONDS)?,
            rebalances: list.counters(KAFKA_REBALANCES)?,
            rebuilds: list.counters(KAFKA_REBUILDS)?,
            lag: list.int_gauges(KAFKA_LAG)?,
            records_lost: list.counters(KAFKA_RECORDS_LOST)?,
        })
    }

    /// A role begins. Its series are there before the first event, so that an alarm on an increase sees that, too.
    pub fn start(&self, role: &str) {
        add(&self.rebuilds, &[role], 0);
    }

    /// A topic is read: as [`KafkaMetrics::start`].
    pub fn reads(&self, topic: &str) {
        add(&self.records_lost, &[topic], 0);
    }

    /// A transaction was committed, from the first record still to be written to the answer.
    pub fn committed(&self, role: &str, seconds: f64) {
        add(&self.commits, &[role], 1);
        observe(&self.commit_duration, &[role], seconds);
    }

    /// The state of a partition was read back.
    pub fn restored(&self, role: &str, seconds: f64) {
        observe(&self.restore_duration, &[role], seconds);
    }

    /// Partitions came or went.
    pub fn rebalanced(&self, role: &str) {
        add(&self.rebalances, &[role], 1);
    }

    /// A worker failed and is built anew.
    pub fn rebuilt(&self, role: &str) {
        add(&self.rebuilds, &[role], 1);
    }

    /// Records of a partition that are not read yet.
    pub fn set_lag(&self, topic: &str, partition: i32, records: i64) {
        if let Ok(gauge) = self.lag.get_metric_with_label_values(&[topic, &partition.to_string()]) {
            gauge.set(records);
        }
    }

    /// A partition is another process's now.
    pub fn forget_lag(&self, topic: &str, partition: i32) {
        // It may never have been shown.
        let _ = self.lag.remove_label_values(&[topic, &partition.to_string()]);
    }

    /// Retention deleted records before they were read.
    pub fn lost(&self, topic: &str, records: u64) {
        add(&self.records_lost, &[topic], records);
    }
}
