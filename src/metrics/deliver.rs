//! What the deliveries of alerts count.

use prometheus::{HistogramVec, IntCounterVec, IntGaugeVec};

use super::list::*;
use super::{List, add, observe};

/// Metrics of deliveries, by their names in the pipeline.
#[derive(Debug)]
pub struct DeliveryMetrics {
    deliveries: IntCounterVec,
    failures: IntCounterVec,
    duration: HistogramVec,
    lag: IntGaugeVec,
}

impl DeliveryMetrics {
    pub(super) fn new(list: &List) -> prometheus::Result<DeliveryMetrics> {
        Ok(DeliveryMetrics {
            deliveries: list.counters(DELIVERIES)?,
            failures: list.counters(DELIVERY_FAILURES)?,
            duration: list.histograms(DELIVERY_DURATION, WORK_SECONDS)?,
            lag: list.int_gauges(DELIVERY_LAG)?,
        })
    }

    /// Shows a delivery from the start, so that a rate over its first failure is right.
    pub fn start(&self, delivery: &str, results: &[&str]) {
        for result in results {
            add(&self.deliveries, &[delivery, result], 0);
        }
        add(&self.failures, &[delivery], 0);
        self.set_lag(delivery, 0);
    }

    /// A delivery is done with an alert; its last request took so many seconds.
    pub fn done(&self, delivery: &str, result: &str, seconds: f64) {
        add(&self.deliveries, &[delivery, result], 1);
        observe(&self.duration, &[delivery], seconds);
    }

    /// A request failed and is tried again.
    pub fn failed(&self, delivery: &str, seconds: f64) {
        add(&self.failures, &[delivery], 1);
        observe(&self.duration, &[delivery], seconds);
    }

    /// A record was no alert.
    pub fn unreadable(&self, delivery: &str) {
        add(&self.deliveries, &[delivery, "unreadable"], 1);
    }

    /// Alerts that wait.
    pub fn set_lag(&self, delivery: &str, alerts: i64) {
        if let Ok(gauge) = self.lag.get_metric_with_label_values(&[delivery]) {
            gauge.set(alerts);
        }
    }
}
