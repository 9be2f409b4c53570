//! Every Prometheus metric of earful; the list of names, labels and help texts is in `metrics/list.rs`.
//!
//! **Invariant:** no clock and no global registry. Times and durations come in as values, numbers come in
//! per batch, never per post, and every label has a bounded set of values (an author is never one).

use std::collections::HashMap;
use std::sync::Arc;

use prometheus::{
    Gauge, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder, core::Collector,
};
use rustc_hash::FxBuildHasher;

use crate::model::{
    BrandId, Fate, FateCounts, Incident, IncidentStatus, Mention, Network, Polarity, Timestamp,
};

mod deliver;
mod kafka;
mod list;
mod queries;
pub use deliver::DeliveryMetrics;
pub use kafka::KafkaMetrics;
use list::*;
pub use queries::QueryMetrics;

const PREFIX: &str = "earful";

/// All metrics of one process. Cheap to share; every method takes `&self`.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    records_read: IntCounterVec,
    bytes_read: IntCounterVec,
    posts_ingested: IntCounterVec,
    posts: IntCounterVec,
    posts_rejected: IntCounterVec,
    dead_letters: IntCounterVec,
    mentions: IntCounterVec,
    alerts: IntCounterVec,
    incident_records: IntCounterVec,
    outputs_written: IntCounterVec,
    stage_duration: HistogramVec,
    queue_in: IntCounterVec,
    queue_out: IntCounterVec,
    watermark: Gauge,
    event_time_delay: HistogramVec,
    heartbeats: IntCounter,
    dedupe_entries: IntGauge,
    open_panes: IntGauge,
    oldest_open_pane: Gauge,
    checkpoints: IntCounterVec,
    checkpoint_duration: HistogramVec,
    checkpoint_timestamp: Gauge,
    push_requests: IntCounter,
    push_rejected: IntCounterVec,
    http_requests: IntCounterVec,
    http_duration: HistogramVec,
    view_entries: IntGaugeVec,
    kafka: KafkaMetrics,
    deliveries: DeliveryMetrics,
    queries: QueryMetrics,
}

impl Metrics {
    /// Makes and registers all metrics, each at zero.
    ///
    /// # Errors
    /// When two metrics have the same name or a name is not allowed: a mistake in the list below.
    pub fn new() -> prometheus::Result<Arc<Metrics>> {
        let list = List(Registry::new_custom(Some(PREFIX.to_owned()), None)?);
        let metrics = Metrics {
            records_read: list.counters(RECORDS_READ)?,
            bytes_read: list.counters(BYTES_READ)?,
            posts_ingested: list.counters(POSTS_INGESTED)?,
            posts: list.counters(POSTS)?,
            posts_rejected: list.counters(POSTS_REJECTED)?,
            dead_letters: list.counters(DEAD_LETTERS)?,
            mentions: list.counters(MENTIONS)?,
            alerts: list.counters(ALERTS)?,
            incident_records: list.counters(INCIDENT_RECORDS)?,
            outputs_written: list.counters(OUTPUTS_WRITTEN)?,
            stage_duration: list.histograms(STAGE_DURATION, WORK_SECONDS)?,
            queue_in: list.counters(QUEUE_IN)?,
            queue_out: list.counters(QUEUE_OUT)?,
            watermark: list.gauge(WATERMARK)?,
            event_time_delay: list.histograms(EVENT_TIME_DELAY, DELAY_SECONDS)?,
            heartbeats: list.counter(HEARTBEATS)?,
            dedupe_entries: list.int_gauge(DEDUPE_ENTRIES)?,
            open_panes: list.int_gauge(OPEN_PANES)?,
            oldest_open_pane: list.gauge(OLDEST_OPEN_PANE)?,
            checkpoints: list.counters(CHECKPOINTS)?,
            checkpoint_duration: list.histograms(CHECKPOINT_DURATION, WORK_SECONDS)?,
            checkpoint_timestamp: list.gauge(CHECKPOINT_TIMESTAMP)?,
            push_requests: list.counter(PUSH_REQUESTS)?,
            push_rejected: list.counters(PUSH_REJECTED)?,
            http_requests: list.counters(HTTP_REQUESTS)?,
            http_duration: list.histograms(HTTP_DURATION, WORK_SECONDS)?,
            view_entries: list.int_gauges(VIEW_ENTRIES)?,
            kafka: KafkaMetrics::new(&list)?,
            deliveries: DeliveryMetrics::new(&list)?,
            queries: QueryMetrics::new(&list)?,
            registry: list.0.clone(),
        };
        list.int_gauges(BUILD_INFO)?.get_metric_with_label_values(&[env!("CARGO_PKG_VERSION")])?.set(1);
        metrics.start_at_zero();
        Ok(Arc::new(metrics))
    }

    /// Closed label sets are shown from the start, so that a rate over the first event is right.
    fn start_at_zero(&self) {
        for fate in Fate::ALL {
            add(&self.posts, &[fate.as_str()], 0);
        }
        for status in IncidentStatus::ALL {
            add(&self.incident_records, &[status.as_str()], 0);
        }
        for result in ["ok", "failed"] {
            add(&self.checkpoints, &[result], 0);
        }
    }

    /// Those of the distributed run.
    #[must_use]
    pub fn kafka(&self) -> &KafkaMetrics {
        &self.kafka
    }

    /// Those of the deliveries of alerts.
    #[must_use]
    pub fn deliveries(&self) -> &DeliveryMetrics {
        &self.deliveries
    }

    /// Those of the queries in force.
    #[must_use]
    pub fn queries(&self) -> &QueryMetrics {
        &self.queries
    }

    /// What a feed has read.
    pub fn add_read(&self, feed: &str, records: u64, bytes: u64) {
        add(&self.records_read, &[feed], records);
        add(&self.bytes_read, &[feed], bytes);
    }

    /// Posts of a network, before their fate.
    pub fn add_ingested(&self, network: Network, posts: u64) {
        add(&self.posts_ingested, &[network.as_str()], posts);
    }

    /// The fates of a batch (a difference, not a running total).
    pub fn add_fates(&self, fates: &FateCounts) {
        for fate in Fate::ALL {
            add(&self.posts, &[fate.as_str()], fates.of(*fate));
        }
    }

    /// Posts not taken in, by defect code or spam rule.
    pub fn add_rejected(&self, reason: &str, posts: u64) {
        add(&self.posts_rejected, &[reason], posts);
    }

    /// Records written to the dead output.
    pub fn add_dead_letters(&self, reason: &str, records: u64) {
        add(&self.dead_letters, &[reason], records);
    }

    /// The mentions of a batch; `brands` are the plan's brand ids, by [`BrandId`].
    pub fn add_mentions<S: AsRef<str>>(&self, counts: &MentionCounts, brands: &[S]) {
        for ((brand, network, polarity), n) in &counts.0 {
            if let Some(name) = brands.get(brand.0 as usize) {
                add(&self.mentions, &[name.as_ref(), network.as_str(), polarity.as_str()], *n);
            }
        }
    }

    /// One record of an incident's life; the first also counts as an alert.
    pub fn add_incident(&self, incident: &Incident) {
        add(&self.incident_records, &[incident.status.as_str()], 1);
        if incident.status == IncidentStatus::Open {
            add(&self.alerts, &[&incident.brand, &incident.rule, incident.severity.as_str()], 1);
        }
    }

    /// Records handed to the sinks: `kind` is `mentions`, `metrics`, `alerts` or `dead`.
    pub fn add_outputs(&self, kind: &str, records: u64) {
        add(&self.outputs_written, &[kind], records);
    }

    /// A stage's work on one batch.
    pub fn observe_stage(&self, stage: &str, seconds: f64) {
        observe(&self.stage_duration, &[stage], seconds);
    }

    /// Batches put into the queue of a stage.
    pub fn add_queued(&self, stage: &str, batches: u64) {
        add(&self.queue_in, &[stage], batches);
    }

    /// Batches taken from the queue of a stage.
    pub fn add_dequeued(&self, stage: &str, batches: u64) {
        add(&self.queue_out, &[stage], batches);
    }

    /// The global watermark. The two ends of time (nothing read yet, all lanes ended) are not shown.
    pub fn set_watermark(&self, watermark: Timestamp) {
        if watermark != Timestamp::MIN && watermark != Timestamp::MAX {
            self.watermark.set(seconds(watermark));
        }
    }

    /// The newest post of a batch: when it was published and when it was received.
    pub fn observe_event_time_delay(&self, published: Timestamp, received: Timestamp) {
        let delay_ms = received.millis().saturating_sub(published.millis());
        observe(&self.event_time_delay, &[], delay_ms.max(0) as f64 / 1e3);
    }

    /// Heartbeats given to silent lanes.
    pub fn add_heartbeats(&self, n: u64) {
        self.heartbeats.inc_by(n);
    }

    /// Ids held by all lanes.
    pub fn set_dedupe_entries(&self, n: usize) {
        self.dedupe_entries.set(clamped(n));
    }

    /// Open panes of all brands and resolutions.
    pub fn set_open_panes(&self, n: usize) {
        self.open_panes.set(clamped(n));
    }

    /// When the oldest of them begins; none without one.
    pub fn set_oldest_open_pane(&self, start: Option<Timestamp>) {
        self.oldest_open_pane.set(start.map_or(0.0, seconds));
    }

    /// A checkpoint became durable at `at`.
    pub fn checkpoint_ok(&self, seconds_taken: f64, at: Timestamp) {
        add(&self.checkpoints, &["ok"], 1);
        observe(&self.checkpoint_duration, &[], seconds_taken);
        self.checkpoint_timestamp.set(seconds(at));
    }

    /// A checkpoint could not be made.
    pub fn checkpoint_failed(&self) {
        add(&self.checkpoints, &["failed"], 1);
    }

    /// A request to the push feed has come in.
    pub fn push_received(&self) {
        self.push_requests.inc();
    }

    /// It was not answered with 200: `reason` is the `code` of the problem.
    pub fn push_refused(&self, reason: &str) {
        add(&self.push_rejected, &[reason], 1);
    }

    /// An HTTP request was answered. `route` is the template (`/v1/incidents/{id}`) or `other`.
    pub fn http_answered(&self, route: &str, status: u16, seconds: f64) {
        let class = match status {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        add(&self.http_requests, &[route, class], 1);
        observe(&self.http_duration, &[route], seconds);
    }

    /// What the read view holds of one kind.
    pub fn set_view_entries(&self, kind: &str, n: usize) {
        if let Ok(gauge) = self.view_entries.get_metric_with_label_values(&[kind]) {
            gauge.set(clamped(n));
        }
    }

    /// All metrics in Prometheus' text format, version 0.0.4.
    #[must_use]
    pub fn exposition(&self) -> String {
        let mut text = String::new();
        // The encoder fails only for a family without a name, which `new` cannot register.
        let _ = TextEncoder::new().encode_utf8(&self.registry.gather(), &mut text);
        text
    }
}

/// The names of all metrics, as `/metrics` shows them.
pub fn names() -> impl Iterator<Item = String> {
    ALL.iter().map(|d| format!("{PREFIX}_{}", d.name))
}

/// Mentions of a batch by brand, network and label, collected by the caller before one call of
/// [`Metrics::add_mentions`].
#[derive(Clone, Debug, Default)]
pub struct MentionCounts(HashMap<(BrandId, Network, Polarity), u64, FxBuildHasher>);

impl MentionCounts {
    /// Counts every match of a mention.
    pub fn count(&mut self, mention: &Mention) {
        for found in &mention.matches {
            *self.0.entry((found.brand, mention.key().network, found.polarity)).or_default() += 1;
        }
    }

    /// Empties it for the next batch.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// The registry while it is being filled.
struct List(Registry);

impl List {
    fn register<C: Collector + Clone + 'static>(&self, collector: C) -> prometheus::Result<C> {
        self.0.register(Box::new(collector.clone()))?;
        Ok(collector)
    }

    fn counter(&self, d: Def) -> prometheus::Result<IntCounter> {
        self.register(IntCounter::new(d.name, d.help)?)
    }

    fn counters(&self, d: Def) -> prometheus::Result<IntCounterVec> {
        self.register(IntCounterVec::new(Opts::new(d.name, d.help), d.labels)?)
    }

    fn gauge(&self, d: Def) -> prometheus::Result<Gauge> {
        self.register(Gauge::new(d.name, d.help)?)
    }

    fn int_gauge(&self, d: Def) -> prometheus::Result<IntGauge> {
        self.register(IntGauge::new(d.name, d.help)?)
    }

    fn int_gauges(&self, d: Def) -> prometheus::Result<IntGaugeVec> {
        self.register(IntGaugeVec::new(Opts::new(d.name, d.help), d.labels)?)
    }

    fn histograms(&self, d: Def, bounds: &[f64]) -> prometheus::Result<HistogramVec> {
        let options = HistogramOpts::new(d.name, d.help).buckets(bounds.to_vec());
        self.register(HistogramVec::new(options, d.labels)?)
    }
}

/// The label count is fixed by the list above; a mistake there must not stop the stream.
fn add(counters: &IntCounterVec, labels: &[&str], n: u64) {
    if let Ok(counter) = counters.get_metric_with_label_values(labels) {
        counter.inc_by(n);
    }
}

fn observe(histograms: &HistogramVec, labels: &[&str], seconds: f64) {
    if let Ok(histogram) = histograms.get_metric_with_label_values(labels) {
        histogram.observe(seconds);
    }
}

fn seconds(at: Timestamp) -> f64 {
    at.millis() as f64 / 1e3
}

fn clamped(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(metrics: &Metrics, start: &str) -> String {
        metrics.exposition().lines().find(|l| l.starts_with(start)).unwrap_or_default().to_owned()
    }

    #[test]
    fn fates_add_up_over_batches_and_start_at_zero() {
        let metrics = Metrics::new().unwrap();
        assert_eq!(
            line(&metrics, "earful_posts_total{fate=\"late\"}"),
            "earful_posts_total{fate=\"late\"} 0"
        );
        let mut fates = FateCounts::default();
        fates.count(Fate::Late);
        metrics.add_fates(&fates);
        metrics.add_fates(&fates);
        assert_eq!(
            line(&metrics, "earful_posts_total{fate=\"late\"}"),
            "earful_posts_total{fate=\"late\"} 2"
        );
    }

    #[test]
    fn the_ends_of_time_are_no_watermark() {
        let metrics = Metrics::new().unwrap();
        metrics.set_watermark(Timestamp::from_seconds(1_246_898_400));
        metrics.set_watermark(Timestamp::MAX);
        metrics.set_watermark(Timestamp::MIN);
        assert_eq!(line(&metrics, "earful_watermark"), "earful_watermark_timestamp_seconds 1246898400");
    }

    #[test]
    fn names_follow_the_conventions() {
        let metrics = Metrics::new().unwrap();
        metrics.observe_stage("annotate", 0.001);
        metrics.checkpoint_ok(0.02, Timestamp::from_seconds(1));
        for family in metrics.registry.gather() {
            let name = family.name();
            assert!(name.starts_with("earful_"), "{name} lacks the prefix");
            assert!(!family.help().is_empty(), "{name} has no help text");
            let counter = family.get_field_type() == prometheus::proto::MetricType::COUNTER;
            assert_eq!(name.ends_with("_total"), counter, "{name}: _total is for counters");
        }
    }
}
