//! `GET /v1/brands`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Shared;
use super::metrics::{Dimensions, MetricItem};
use crate::http::csv::Table;
use crate::http::params::{Format, Params};
use crate::http::problem::Problem;
use crate::http::view::{IncidentFilter, StatusFilter, StoredRow, View};
use crate::model::Resolution;

const PARAMETERS: &[&str] = &["format"];

/// All brands of the pipeline; those that were removed while it runs are not among them.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct BrandList<'a> {
    /// In the order of the pipeline file.
    items: Vec<BrandItem<'a>>,
}

/// One brand and its newest numbers.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct BrandItem<'a> {
    /// Unique id, the `brand` of every output.
    id: &'a str,
    /// Name for people.
    name: &'a str,
    /// The set that its share of voice is measured in.
    peer_set: Option<&'a str>,
    /// The query as written; one of another product as it was translated.
    query: &'a str,
    /// Incidents that are not resolved.
    active_incidents: usize,
    /// The newest rows.
    latest: Latest<'a>,
}

/// The newest row of each resolution, provisional or final; null where there is none.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Latest<'a> {
    minute: Option<MetricItem<'a>>,
    hour: Option<MetricItem<'a>>,
    day: Option<MetricItem<'a>>,
}

/// Lists the brands with their newest numbers.
#[utoipa::path(
    get, path = "/v1/brands", tag = "read",
    params(("format" = Option<String>, Query, description = "`json` or `csv`; else `Accept` decides")),
    responses(
        (status = 200, description = "All brands.", content((BrandList = "application/json"), (String = "text/csv"))),
        (status = 400, description = "A parameter is wrong.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn brands(
    State(shared): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, PARAMETERS)?;
    let view = &shared.app.view;
    let brands = view.brands();
    let rows = (0u32..).take(brands.len()).map(|brand| newest(view, brand)).collect::<Vec<_>>();
    let active = active_by_brand(view);
    let listed = brands.iter().zip(&rows).filter(|(brand, _)| !brand.is_retired);
    let items = listed.map(|(brand, [minute, hour, day])| BrandItem {
        id: &brand.id,
        name: &brand.name,
        peer_set: brand.peer_set.as_deref(),
        query: &brand.query,
        active_incidents: active.iter().filter(|id| **id == brand.id).count(),
        latest: Latest { minute: item(minute), hour: item(hour), day: item(day) },
    });
    Ok(match params.format(&headers)? {
        Format::Json => Json(BrandList { items: items.collect() }).into_response(),
        Format::Csv => table(items),
    })
}

fn newest(view: &View, brand: u32) -> [Option<StoredRow>; 3] {
    [Resolution::Minute, Resolution::Hour, Resolution::Day].map(|resolution| view.latest(brand, resolution))
}

fn item(row: &Option<StoredRow>) -> Option<MetricItem<'_>> {
    row.as_ref().map(|row| MetricItem::new(row, Dimensions::default()))
}

fn active_by_brand(view: &View) -> Vec<String> {
    let filter = IncidentFilter { status: Some(StatusFilter::Active), ..IncidentFilter::default() };
    let active = view.incidents(&filter, None, usize::MAX);
    active.iter().filter_map(|history| history.latest().map(|i| i.brand.clone())).collect()
}

fn table<'a>(items: impl Iterator<Item = BrandItem<'a>>) -> Response {
    let mut columns: Vec<String> =
        ["brand", "name", "peer_set", "query", "active_incidents"].map(str::to_owned).to_vec();
    for resolution in Resolution::ALL {
        let name = |column| format!("{resolution}_{column}");
        columns.extend(["start", "status", "mentions", "net_sentiment_total", "share_of_voice"].map(name));
    }
    let mut table = Table::new(&columns.iter().map(String::as_str).collect::<Vec<_>>());
    for brand in items {
        table.text(brand.id).text(brand.name).maybe_text(brand.peer_set).text(brand.query);
        table.value(brand.active_incidents);
        for row in [brand.latest.minute, brand.latest.hour, brand.latest.day] {
            let row = row.as_ref();
            table.maybe(row.map(|r| r.start)).maybe(row.map(|r| r.status)).maybe(row.map(|r| r.mentions));
            table.maybe(row.and_then(|r| r.net_sentiment_total).map(|s| s.value));
            table.maybe(row.and_then(|r| r.share_of_voice));
        }
        table.end_row();
    }
    table.into_response()
}
