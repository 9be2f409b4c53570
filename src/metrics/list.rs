//! The list: name (after `earful_`), labels and help text of every metric.

/// One metric. Its type is chosen where it is registered; the name's ending follows from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Def {
    /// Without the prefix.
    pub(super) name: &'static str,
    /// Names of its labels, each with a bounded set of values.
    pub(super) labels: &'static [&'static str],
    /// For people.
    pub(super) help: &'static str,
}

const fn def(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Def {
    Def { name, labels, help }
}

/// Seconds for work inside the process: 50 µs to 10 s.
pub(super) const WORK_SECONDS: &[f64] =
    &[5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Seconds between publication and reading: a tenth of a second to a week.
pub(super) const DELAY_SECONDS: &[f64] =
    &[0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0, 604_800.0];

pub(super) const RECORDS_READ: Def = def("records_read_total", &["feed"], "Records read from a feed");
pub(super) const BYTES_READ: Def = def("bytes_read_total", &["feed"], "Bytes read from a feed, uncompressed");
pub(super) const POSTS_INGESTED: Def = def("posts_ingested_total", &["network"], "Posts read, by network");
pub(super) const POSTS: Def =
    def("posts_total", &["fate"], "Posts and frames by fate; the sum is all received");
pub(super) const POSTS_REJECTED: Def = def(
    "posts_rejected_total",
    &["reason"],
    "Posts not taken in: malformed (reason is the defect) or filtered (reason is the spam rule)",
);
pub(super) const DEAD_LETTERS: Def = def("dlq_total", &["reason"], "Records written to the dead output");
pub(super) const MENTIONS: Def = def(
    "mentions_total",
    &["brand", "network", "sentiment"],
    "Brand mentions on time or late, by sentiment towards the brand",
);
pub(super) const ALERTS: Def = def("alerts_total", &["brand", "rule", "severity"], "Incidents opened");
pub(super) const INCIDENT_RECORDS: Def =
    def("incident_records_total", &["status"], "Records of incidents: opened, updated, resolved");
pub(super) const OUTPUTS_WRITTEN: Def =
    def("outputs_written_total", &["kind"], "Records handed to the sinks");
pub(super) const STAGE_DURATION: Def =
    def("stage_duration_seconds", &["stage"], "Work of a stage on one batch");
pub(super) const QUEUE_IN: Def =
    def("queue_batches_in_total", &["stage"], "Batches put into the queue of a stage");
pub(super) const QUEUE_OUT: Def = def(
    "queue_batches_out_total",
    &["stage"],
    "Batches taken from the queue of a stage; its depth is in minus out",
);
pub(super) const WATERMARK: Def = def(
    "watermark_timestamp_seconds",
    &[],
    "Global watermark: no post on time will come from before it; time() minus this is its delay. 0 without one",
);
pub(super) const EVENT_TIME_DELAY: Def = def(
    "event_time_delay_seconds",
    &[],
    "From the publication of a batch's newest post to its being received",
);
pub(super) const HEARTBEATS: Def = def("heartbeats_total", &[], "Heartbeats given to silent lanes");
pub(super) const DEDUPE_ENTRIES: Def =
    def("dedupe_entries", &[], "Post ids held to recognise duplicates, all lanes");
pub(super) const OPEN_PANES: Def =
    def("open_panes", &[], "Panes not closed yet, over all brands and resolutions");
pub(super) const OLDEST_OPEN_PANE: Def = def(
    "oldest_open_pane_timestamp_seconds",
    &[],
    "When the oldest pane begins that is not closed yet. 0 without one",
);
pub(super) const CHECKPOINTS: Def =
    def("checkpoints_total", &["result"], "Checkpoints by result: ok or failed");
pub(super) const CHECKPOINT_DURATION: Def =
    def("checkpoint_duration_seconds", &[], "From the barrier to the durable snapshot");
pub(super) const CHECKPOINT_TIMESTAMP: Def = def(
    "checkpoint_timestamp_seconds",
    &[],
    "When the last checkpoint became durable; its age is time() minus this. 0 until the first",
);
pub(super) const PUSH_REQUESTS: Def = def("push_requests_total", &[], "Requests to POST /v1/posts");
pub(super) const PUSH_REJECTED: Def =
    def("push_rejected_total", &["reason"], "Requests to POST /v1/posts not answered 200, by reason");
pub(super) const HTTP_REQUESTS: Def =
    def("http_requests_total", &["route", "status"], "HTTP requests by route template and status class");
pub(super) const HTTP_DURATION: Def =
    def("http_request_duration_seconds", &["route"], "HTTP requests by route template");
pub(super) const VIEW_ENTRIES: Def =
    def("view_entries", &["kind"], "What the read API holds in memory: rows, open_rows, mentions, incidents");
pub(super) const KAFKA_COMMITS: Def = def("kafka_commits_total", &["role"], "Transactions committed");
pub(super) const KAFKA_COMMIT_DURATION: Def = def(
    "kafka_commit_duration_seconds",
    &["role"],
    "From the first record that a commit still has to write to the brokers' answer",
);
pub(super) const KAFKA_RESTORE_DURATION: Def =
    def("kafka_restore_duration_seconds", &["role"], "Reading back the state of one partition");
pub(super) const KAFKA_REBALANCES: Def =
    def("kafka_rebalances_total", &["role"], "Times that partitions came or went");
pub(super) const KAFKA_REBUILDS: Def =
    def("kafka_rebuilds_total", &["role"], "Workers that failed and were built anew");
pub(super) const KAFKA_LAG: Def =
    def("kafka_lag", &["topic", "partition"], "Records of a partition of this process that are not read yet");
pub(super) const KAFKA_RECORDS_LOST: Def = def(
    "kafka_records_lost_total",
    &["topic"],
    "Records that the topic's retention deleted before they were read",
);
pub(super) const DELIVERIES: Def = def(
    "deliveries_total",
    &["delivery", "result"],
    "Alerts that a delivery is done with: delivered, refused, expired, unreadable",
);
pub(super) const DELIVERY_FAILURES: Def =
    def("delivery_failures_total", &["delivery"], "Requests that failed and are tried again");
pub(super) const DELIVERY_DURATION: Def =
    def("delivery_request_duration_seconds", &["delivery"], "One request to the receiver of a delivery");
pub(super) const DELIVERY_LAG: Def =
    def("delivery_lag", &["delivery"], "Alerts that wait for a delivery of this process, about");
pub(super) const QUERY_RELOADS: Def = def(
    "query_reloads_total",
    &["result"],
    "Times that the files of the queries were read again: ok, or failed and the old queries stay",
);
pub(super) const QUERIES_INFO: Def =
    def("queries_info", &["version"], "Always 1; the label is the version of all queries in force");
pub(super) const BUILD_INFO: Def =
    def("build_info", &["version"], "Always 1; the label says which earful this is");

/// All of them, for the documents.
pub(super) const ALL: &[Def] = &[
    RECORDS_READ,
    BYTES_READ,
    POSTS_INGESTED,
    POSTS,
    POSTS_REJECTED,
    DEAD_LETTERS,
    MENTIONS,
    ALERTS,
    INCIDENT_RECORDS,
    OUTPUTS_WRITTEN,
    STAGE_DURATION,
    QUEUE_IN,
    QUEUE_OUT,
    WATERMARK,
    EVENT_TIME_DELAY,
    HEARTBEATS,
    DEDUPE_ENTRIES,
    OPEN_PANES,
    OLDEST_OPEN_PANE,
    CHECKPOINTS,
    CHECKPOINT_DURATION,
    CHECKPOINT_TIMESTAMP,
    PUSH_REQUESTS,
    PUSH_REJECTED,
    HTTP_REQUESTS,
    HTTP_DURATION,
    VIEW_ENTRIES,
    KAFKA_COMMITS,
    KAFKA_COMMIT_DURATION,
    KAFKA_RESTORE_DURATION,
    KAFKA_REBALANCES,
    KAFKA_REBUILDS,
    KAFKA_LAG,
    KAFKA_RECORDS_LOST,
    DELIVERIES,
    DELIVERY_FAILURES,
    DELIVERY_DURATION,
    DELIVERY_LAG,
    QUERY_RELOADS,
    QUERIES_INFO,
    BUILD_INFO,
];
