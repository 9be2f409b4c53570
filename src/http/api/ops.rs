//! For operators: probes, metrics, the API's own description.

use axum::Json;
use axum::extract::{self, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Shared;
use crate::http::params::Params;
use crate::http::problem::Problem;
use crate::http::readiness;

/// What a probe says.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Probe {
    /// `alive` or `ready`.
    status: &'static str,
    /// Version of earful.
    version: &'static str,
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Says that the process answers. It does not look at the pipeline.
#[utoipa::path(get, path = "/healthz", tag = "operate", responses((status = 200, description = "Alive.", body = Probe)))]
pub(super) async fn healthz() -> Json<Probe> {
    Json(Probe { status: "alive", version: VERSION })
}

/// Says whether the state is restored and the feeds are read.
#[utoipa::path(
    get, path = "/readyz", tag = "operate",
    responses(
        (status = 200, description = "Ready.", body = Probe),
        (status = 503, description = "Not ready; `detail` says why, and `code` whether it was ready before: `starting`, `interrupted` or `stopping`.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn readyz(extract::State(shared): State<Shared>) -> Result<Json<Probe>, Problem> {
    ready(&shared)?;
    Ok(Json(Probe { status: "ready", version: VERSION }))
}

/// The problem to answer with while the run does not take part in the work.
pub(super) fn ready(shared: &Shared) -> Result<(), Problem> {
    let (code, detail) = match shared.app.readiness.get() {
        readiness::State::Ready => return Ok(()),
        readiness::State::Starting(what) => ("starting", format!("not ready yet: {what}")),
        readiness::State::Interrupted(why) => ("interrupted", format!("not ready any more: {why}")),
        readiness::State::Stopping(why) => ("stopping", format!("shutting down: {why}")),
    };
    Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retry_after(5))
}

/// All metrics in Prometheus' text format.
#[utoipa::path(
    get, path = "/metrics", tag = "operate",
    responses((status = 200, description = "The metrics, listed in docs/operations.md.", body = String, content_type = "text/plain"))
)]
pub(super) async fn metrics_text(extract::State(shared): State<Shared>) -> Response {
    let sizes = shared.app.view.sizes();
    let metrics = &shared.app.metrics;
    metrics.set_view_entries("rows", sizes.rows);
    metrics.set_view_entries("open_rows", sizes.open_rows);
    metrics.set_view_entries("incidents", sizes.incidents);
    metrics.set_view_entries("mentions", sizes.mentions);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.exposition())
        .into_response()
}

/// This document.
#[utoipa::path(
    get, path = "/openapi.json", tag = "operate",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object, content_type = "application/json"))
)]
pub(super) async fn openapi(extract::State(shared): State<Shared>, uri: Uri) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    Ok(([(header::CONTENT_TYPE, "application/json")], shared.openapi.to_string()).into_response())
}
