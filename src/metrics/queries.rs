//! What reloading of queries counts.

use prometheus::{IntCounterVec, IntGaugeVec};

use super::list::*;
use super::{List, add};

/// Metrics of the queries in force.
#[derive(Debug)]
pub struct QueryMetrics {
    reloads: IntCounterVec,
    in_force: IntGaugeVec,
}

impl QueryMetrics {
    pub(super) fn new(list: &List) -> prometheus::Result<QueryMetrics> {
        let metrics =
            QueryMetrics { reloads: list.counters(QUERY_RELOADS)?, in_force: list.int_gauges(QUERIES_INFO)? };
        for result in ["ok", "failed"] {
            add(&metrics.reloads, &[result], 0);
        }
        Ok(metrics)
    }

    /// The files were read again.
    pub fn reloaded(&self, ok: bool) {
        add(&self.reloads, &[if ok { "ok" } else { "failed" }], 1);
    }

    /// Queries of this version are in force, and no others.
    pub fn in_force(&self, version: &str) {
        self.in_force.reset();
        if let Ok(gauge) = self.in_force.get_metric_with_label_values(&[version]) {
            gauge.set(1);
        }
    }
}
