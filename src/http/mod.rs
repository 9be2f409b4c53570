//! The read API, the push feed's door and the operator's probes, over HTTP.
//!
//! **Invariant:** nothing here decides anything about posts. [`View`] is written by the run's main loop
//! alone and only copies what the sinks get; the push feed hands bytes over and waits for the answer.
//! Text that comes from a post leaves as a JSON string or a CSV cell, never as markup. The clock is a
//! function that the caller gives.

mod api;
mod body;
mod csv;
mod page;
mod params;
mod problem;
mod readiness;
mod server;
mod sink;
pub mod view;

use std::sync::Arc;
use std::time::Duration;

use crate::analysis::text::TextOptions;
use crate::feeds::push::PushIntake;
use crate::metrics::Metrics;
use crate::model::Timestamp;

pub use api::openapi_json;
pub use readiness::{Readiness, State};
pub use server::{Server, serve};
pub use sink::ViewSink;
pub use view::{BrandInfo, View, ViewLimits};

/// Everything that the requests share.
#[derive(Clone, Debug)]
pub struct AppState {
    /// What the read API shows.
    pub view: Arc<View>,
    /// What `/metrics` shows.
    pub metrics: Arc<Metrics>,
    /// Where pushed posts go; `None` when the pipeline has no push feed.
    pub push: Option<PushIntake>,
    /// Where corrections go that the pipeline takes by a topic of its own; `None` when it has none. What becomes of them is
    /// known only later.
    pub corrections: Option<PushIntake>,
    /// How the pipeline reads texts, for queries that are tried on posts.
    pub text: TextOptions,
    /// What `/readyz` says.
    pub readiness: Arc<Readiness>,
    /// The clock: the arrival time of pushed posts, and the duration of requests.
    pub now: fn() -> Timestamp,
    /// Bounds on what a client may take.
    pub limits: HttpLimits,
}

/// Bounds on what clients may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// Longest body of `POST /v1/posts`, in bytes; a longer one is answered 413.
    pub body_bytes: usize,
    /// Bytes of all pushed bodies that are not yet durable; past it the answer is 429.
    pub push_bytes: usize,
    /// Longest body of a request about a query, in bytes; a longer one is answered 413.
    pub query_bytes: usize,
    /// Requests about queries at a time; past it the answer is 429.
    pub query_requests: usize,
    /// Those that are worked on at a time; the others wait for their turn.
    pub query_threads: usize,
    /// Connections at a time; more wait until one is closed.
    pub connections: usize,
    /// Until a connection that sends no (whole) request head is closed, idle ones too.
    pub head_timeout: Duration,
    /// Until a read, or a request about a query, is answered 503.
    pub read_timeout: Duration,
    /// Until a push that is not yet durable is answered 503.
    pub push_timeout: Duration,
    /// How long open requests may take to end after [`Server::stop`].
    pub shutdown_grace: Duration,
}

impl Default for HttpLimits {
    fn default() -> HttpLimits {
        HttpLimits {
            body_bytes: 8 << 20,
            push_bytes: 64 << 20,
            query_bytes: 1 << 20,
            query_requests: 64,
            query_threads: 2,
            connections: 512,
            head_timeout: Duration::from_secs(30),
            read_timeout: Duration::from_secs(10),
            push_timeout: Duration::from_secs(60),
            shutdown_grace: Duration::from_secs(5),
        }
    }
}
