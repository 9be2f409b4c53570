//! `GET /v1/incidents` and `GET /v1/incidents/{id}`.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Shared;
use super::metrics::brand;
use crate::http::csv::Table;
use crate::http::page;
use crate::http::params::{Format, Params};
use crate::http::problem::Problem;
use crate::http::view::{IncidentFilter, IncidentHistory, StatusFilter, View};
use crate::model::{Incident, IncidentStatus};

const PARAMETERS: &[&str] = &["brand", "status", "from", "to", "limit", "cursor", "format"];
const STATUS: &[(&str, StatusFilter)] = &[
    ("active", StatusFilter::Active),
    ("open", StatusFilter::Is(IncidentStatus::Open)),
    ("update", StatusFilter::Is(IncidentStatus::Update)),
    ("resolved", StatusFilter::Is(IncidentStatus::Resolved)),
];

/// A page of incidents.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct IncidentPage<'a> {
    /// The newest record of each, the latest start first.
    items: Vec<&'a Incident>,
    /// `cursor` of the next page; null on the last one.
    next_cursor: Option<String>,
}

/// One incident with its life.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct IncidentLife<'a> {
    /// Stable id.
    id: &'a str,
    /// Brand id.
    brand: &'a str,
    /// Status of the newest record.
    #[schema(value_type = String)]
    status: IncidentStatus,
    /// Its records, oldest first. Of a very long life the first and the newest are held.
    revisions: Vec<&'a Incident>,
}

/// Lists incidents, the latest start first.
#[utoipa::path(
    get, path = "/v1/incidents", tag = "read",
    params(
        ("brand" = Option<String>, Query, description = "Brand ids between commas; all brands if left out"),
        ("status" = Option<String>, Query, description = "`open`, `update`, `resolved`: the newest record's; `active`: not resolved"),
        ("from" = Option<String>, Query, description = "Not over before this RFC 3339 time"),
        ("to" = Option<String>, Query, description = "Started before this RFC 3339 time"),
        ("limit" = Option<usize>, Query, description = "Incidents of a page, 1 to 1000, default 100"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; else `Accept` decides"),
    ),
    responses(
        (status = 200, description = "A page of incidents.", content((IncidentPage = "application/json"), (String = "text/csv"))),
        (status = 400, description = "A parameter is wrong.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such brand.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn incidents(
    State(shared): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, PARAMETERS)?;
    let view = &shared.app.view;
    let filter = filter(view, &params)?;
    let (limit, format) = (params.limit()?, params.format(&headers)?);
    let after = page::position(&params)?;
    let mut found = view.incidents(&filter, after.as_ref(), limit + 1);
    let more = found.len() > limit;
    found.truncate(limit);
    let items: Vec<&Incident> = found.iter().filter_map(IncidentHistory::latest).map(Arc::as_ref).collect();
    let last = items.last().filter(|_| more);
    let next = last.and_then(|i| page::cursor(&(i.started_at, &i.id)));
    let response = match format {
        Format::Csv => table(items.into_iter()),
        Format::Json => Json(IncidentPage { items, next_cursor: next.clone() }).into_response(),
    };
    Ok(page::link_next(response, &uri, next.as_deref()))
}

/// Reads one incident with all its records.
#[utoipa::path(
    get, path = "/v1/incidents/{id}", tag = "read",
    params(
        ("id" = String, Path, description = "Id of the incident"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; else `Accept` decides"),
    ),
    responses(
        (status = 200, description = "The incident's life.", content((IncidentLife = "application/json"), (String = "text/csv"))),
        (status = 400, description = "A parameter is wrong.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such incident, or no longer held.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn incident(
    State(shared): State<Shared>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path(id) =
        path.map_err(|e| Problem::bad_request("bad_path", format!("the id cannot be read: {e}")))?;
    let params = Params::of(&uri, &["format"])?;
    let format = params.format(&headers)?;
    let history = shared.app.view.incident(&id).ok_or_else(|| {
        let detail = format!("there is no incident `{id}`, or it is no longer held; see /v1/incidents");
        Problem::new(StatusCode::NOT_FOUND, "no_such_incident", detail)
    })?;
    let revisions: Vec<&Incident> = history.revisions().map(Arc::as_ref).collect();
    Ok(match (format, revisions.last()) {
        (Format::Json, Some(last)) => {
            let (id, brand, status) = (last.id.as_str(), last.brand.as_str(), last.status);
            Json(IncidentLife { id, brand, status, revisions }).into_response()
        }
        _ => table(revisions.into_iter()),
    })
}

fn filter(view: &View, params: &Params) -> Result<IncidentFilter, Problem> {
    let known = |id: &str| brand(view, id).map(|_| id.to_owned());
    Ok(IncidentFilter {
        brands: params.list("brand").into_iter().map(known).collect::<Result<_, _>>()?,
        status: params.one_of("status", STATUS)?,
        from: params.time("from")?,
        to: params.time("to")?,
    })
}

const COLUMNS: &[&str] = &[
    "id",
    "revision",
    "brand",
    "rule",
    "reason_code",
    "status",
    "severity",
    "started_at",
    "at",
    "ended_at",
    "observed",
    "baseline_median",
    "score",
    "threshold",
    "mentions",
    "negative_share",
    "authors",
    "cause_network",
    "cause_id",
    "cause_url",
    "cause_followers",
    "summary",
];

fn table<'a>(incidents: impl Iterator<Item = &'a Incident>) -> Response {
    let mut table = Table::new(COLUMNS);
    for i in incidents {
        let (e, cause) = (&i.evidence, i.evidence.cause.as_ref());
        table.text(&i.id).value(i.revision).text(&i.brand).text(&i.rule).text(&i.reason_code);
        table.value(i.status).value(i.severity).value(i.started_at).value(i.at).maybe(i.ended_at);
        table.value(e.observed).value(e.baseline.median).value(e.score).value(e.threshold);
        table.value(e.mentions).maybe(e.negative_share).value(e.authors);
        table.maybe_text(cause.map(|c| c.network.as_str())).maybe_text(cause.map(|c| c.id.as_str()));
        table.maybe_text(cause.and_then(|c| c.url.as_deref())).value(e.cause_followers).text(&i.summary);
        table.end_row();
    }
    table.into_response()
}
