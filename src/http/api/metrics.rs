//! `GET /v1/metrics`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Shared;
use crate::http::csv::Table;
use crate::http::page;
use crate::http::params::{Format, Params};
use crate::http::problem::Problem;
use crate::http::view::{RowFilter, RowPosition, StoredRow, View};
use crate::model::{
    DistinctCount, MetricStatus, NetSentiment, Reach, Resolution, Timestamp, TopEntry, TopList,
};

const PARAMETERS: &[&str] = &["brand", "from", "to", "resolution", "dimensions", "limit", "cursor", "format"];
const RESOLUTIONS: &[(&str, Resolution)] =
    &[("minute", Resolution::Minute), ("hour", Resolution::Hour), ("day", Resolution::Day)];
const DIMENSIONS: &[(&str, Dimension)] = &[
    ("networks", Dimension::Networks),
    ("languages", Dimension::Languages),
    ("hashtags", Dimension::Hashtags),
    ("links", Dimension::Links),
    ("authors", Dimension::Authors),
];

/// A list that a row has only when it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    Networks,
    Languages,
    Hashtags,
    Links,
    Authors,
}

/// The lists that were asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Dimensions(Vec<Dimension>);

impl Dimensions {
    fn pick<T>(&self, dimension: Dimension, value: T) -> Option<T> {
        self.0.contains(&dimension).then_some(value)
    }
}

/// A page of rows.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct MetricPage<'a> {
    /// By brand in the order of the pipeline file, then by start.
    items: Vec<MetricItem<'a>>,
    /// `cursor` of the next page; null on the last one.
    next_cursor: Option<String>,
}

/// One brand in one pane. All counts are of (post, brand) matches by published time.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct MetricItem<'a> {
    /// Brand id.
    brand: &'a str,
    /// Width of the pane: `minute`, `hour`, `day`.
    #[schema(value_type = String)]
    resolution: Resolution,
    /// Start of the pane, inclusive.
    #[schema(value_type = String, format = DateTime)]
    pub(super) start: Timestamp,
    /// End of the pane, exclusive.
    #[schema(value_type = String, format = DateTime)]
    end: Timestamp,
    /// Event time up to which the row's input is complete.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
    /// `final`: the pane is closed. `provisional`: it is still open.
    #[schema(value_type = String)]
    pub(super) status: MetricStatus,
    /// 0 while provisional, 1 when closed, one more for each correction (late posts, deletes, edits).
    /// From 2 on, counts and sums are corrected; authors, reach, hashtags, links and authors are those of the close.
    revision: u32,
    /// Mention volume.
    pub(super) mentions: i64,
    /// Volume without pure reposts.
    originals: i64,
    /// Of these, replies.
    replies: i64,
    /// Pure reposts.
    reposts: i64,
    /// Quotes.
    quotes: i64,
    /// Positive mentions.
    positive: i64,
    /// Neutral mentions.
    neutral: i64,
    /// Negative mentions.
    negative: i64,
    /// `(P-N)/(P+N)`; null without polar mentions.
    net_sentiment_polar: Option<NetSentiment>,
    /// `(P-N)/(P+N+U)`; null without mentions.
    pub(super) net_sentiment_total: Option<NetSentiment>,
    /// Sum of the graded scores, to four decimals.
    score_sum: f64,
    /// Mean graded score, -1 to 1; null without mentions.
    mean_score: Option<f64>,
    /// Distinct authors with the standard error.
    authors: Option<DistinctCount>,
    /// Audience.
    reach: Option<Reach>,
    /// Sum of interactions.
    engagement: i64,
    /// Name and version of the formula of `engagement`.
    engagement_formula: &'a str,
    /// Sum of platform-reported views; null when no post states them.
    impressions: Option<i64>,
    /// Share of the mentions of the brand's peer set in this pane, 0 to 1.
    pub(super) share_of_voice: Option<f64>,
    /// With `dimensions=networks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    networks: Option<&'a Vec<TopEntry>>,
    /// With `dimensions=languages`.
    #[serde(skip_serializing_if = "Option::is_none")]
    languages: Option<&'a Vec<TopEntry>>,
    /// With `dimensions=hashtags`.
    #[serde(skip_serializing_if = "Option::is_none")]
    top_hashtags: Option<&'a TopList>,
    /// With `dimensions=links`.
    #[serde(skip_serializing_if = "Option::is_none")]
    top_links: Option<&'a TopList>,
    /// With `dimensions=authors`.
    #[serde(skip_serializing_if = "Option::is_none")]
    top_authors: Option<&'a TopList>,
}

impl<'a> MetricItem<'a> {
    pub(super) fn new(stored: &'a StoredRow, dimensions: Dimensions) -> MetricItem<'a> {
        let row = &*stored.row;
        MetricItem {
            brand: &row.brand,
            resolution: row.resolution,
            start: row.start,
            end: row.end,
            as_of: row.as_of,
            status: if stored.revision == 0 { MetricStatus::Provisional } else { row.status },
            revision: stored.revision,
            mentions: row.mentions,
            originals: row.originals,
            replies: row.replies,
            reposts: row.reposts,
            quotes: row.quotes,
            positive: row.positive,
            neutral: row.neutral,
            negative: row.negative,
            net_sentiment_polar: row.net_sentiment_polar,
            net_sentiment_total: row.net_sentiment_total,
            score_sum: row.score_sum,
            mean_score: row.mean_score,
            authors: row.authors,
            reach: row.reach,
            engagement: row.engagement,
            engagement_formula: &row.engagement_formula,
            impressions: row.impressions,
            share_of_voice: row.share_of_voice,
            networks: dimensions.pick(Dimension::Networks, &row.networks),
            languages: dimensions.pick(Dimension::Languages, &row.languages),
            top_hashtags: dimensions.pick(Dimension::Hashtags, &row.top_hashtags),
            top_links: dimensions.pick(Dimension::Links, &row.top_links),
            top_authors: dimensions.pick(Dimension::Authors, &row.top_authors),
        }
    }
}

/// Reads metric rows by brand, span and resolution.
#[utoipa::path(
    get, path = "/v1/metrics", tag = "read",
    params(
        ("brand" = Option<String>, Query, description = "Brand ids between commas; all brands if left out"),
        ("from" = Option<String>, Query, description = "Panes that start at or after this RFC 3339 time"),
        ("to" = Option<String>, Query, description = "Panes that start before this RFC 3339 time"),
        ("resolution" = Option<String>, Query, description = "`minute`, `hour` (default) or `day`"),
        ("dimensions" = Option<String>, Query, description = "Of `networks,languages,hashtags,links,authors`; none if left out"),
        ("limit" = Option<usize>, Query, description = "Rows of a page, 1 to 1000, default 100"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; else `Accept` decides"),
    ),
    responses(
        (status = 200, description = "A page of rows.", content((MetricPage = "application/json"), (String = "text/csv"))),
        (status = 400, description = "A parameter is wrong.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such brand.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn metrics(
    State(shared): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, PARAMETERS)?;
    let view = &shared.app.view;
    let filter = filter(view, &params)?;
    let dimensions = Dimensions(params.some_of("dimensions", DIMENSIONS)?);
    let (limit, format) = (params.limit()?, params.format(&headers)?);
    let mut rows = view.rows(&filter, after(view, &params)?, limit + 1);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next = last.and_then(|r| page::cursor(&(&r.row.brand, r.row.start)));
    let items = rows.iter().map(|row| MetricItem::new(row, dimensions.clone()));
    let response = match format {
        Format::Json => {
            Json(MetricPage { items: items.collect(), next_cursor: next.clone() }).into_response()
        }
        Format::Csv => table(items, &dimensions),
    };
    Ok(page::link_next(response, &uri, next.as_deref()))
}

fn filter(view: &View, params: &Params) -> Result<RowFilter, Problem> {
    let mut brands: Vec<u32> =
        params.list("brand").into_iter().map(|id| brand(view, id)).collect::<Result<_, _>>()?;
    if brands.is_empty() {
        brands = (0u32..).take(view.brands().len()).collect();
    }
    brands.sort_unstable();
    brands.dedup();
    let resolution = params.one_of("resolution", RESOLUTIONS)?.unwrap_or(Resolution::Hour);
    Ok(RowFilter { brands, resolution, from: params.time("from")?, to: params.time("to")? })
}

/// Position of a brand that a request names.
pub(super) fn brand(view: &View, id: &str) -> Result<u32, Problem> {
    view.brand(id).ok_or_else(|| {
        let brands = view.brands();
        let some = brands.iter().take(50).map(|b| b.id.clone());
        Problem::new(StatusCode::NOT_FOUND, "no_such_brand", format!("the pipeline has no brand `{id}`"))
            .known(some)
    })
}

fn after(view: &View, params: &Params) -> Result<Option<RowPosition>, Problem> {
    let position: Option<(String, Timestamp)> = page::position(params)?;
    position.map(|(id, start)| Ok((brand(view, &id)?, start))).transpose()
}

fn table<'a>(items: impl Iterator<Item = MetricItem<'a>>, dimensions: &Dimensions) -> Response {
    let asked = DIMENSIONS.iter().filter(|(_, d)| dimensions.0.contains(d)).map(|(name, _)| *name);
    let columns: Vec<&str> = COLUMNS.iter().copied().chain(asked).collect();
    let mut table = Table::new(&columns);
    for item in items {
        counts(&mut table, &item);
        ratios(&mut table, &item);
        lists(&mut table, &item);
        table.end_row();
    }
    table.into_response()
}

/// The order of the cells that [`counts`] and [`ratios`] write.
const COLUMNS: &[&str] = &[
    "brand",
    "resolution",
    "start",
    "end",
    "as_of",
    "status",
    "revision",
    "mentions",
    "originals",
    "replies",
    "reposts",
    "quotes",
    "positive",
    "neutral",
    "negative",
    "engagement",
    "impressions",
    "net_sentiment_polar",
    "net_sentiment_polar_low",
    "net_sentiment_polar_high",
    "net_sentiment_polar_n",
    "net_sentiment_total",
    "net_sentiment_total_low",
    "net_sentiment_total_high",
    "net_sentiment_total_n",
    "mean_score",
    "authors",
    "authors_relative_error",
    "reach_potential_total",
    "reach_potential_unique",
    "reach_unique_relative_error",
    "reach_estimated",
    "reach_known",
    "share_of_voice",
    "engagement_formula",
];

fn counts(table: &mut Table, row: &MetricItem<'_>) {
    table.text(row.brand).value(row.resolution).value(row.start).value(row.end).value(row.as_of);
    table.value(row.status).value(row.revision).value(row.mentions).value(row.originals).value(row.replies);
    table.value(row.reposts).value(row.quotes).value(row.positive).value(row.neutral).value(row.negative);
    table.value(row.engagement).maybe(row.impressions);
}

fn ratios(table: &mut Table, row: &MetricItem<'_>) {
    for net in [row.net_sentiment_polar, row.net_sentiment_total] {
        table.maybe(net.map(|n| n.value)).maybe(net.map(|n| n.low)).maybe(net.map(|n| n.high));
        table.maybe(net.map(|n| n.n));
    }
    table.maybe(row.mean_score).maybe(row.authors.map(|a| a.estimate));
    table.maybe(row.authors.map(|a| a.relative_error));
    let reach = row.reach;
    table.maybe(reach.map(|r| r.potential_total)).maybe(reach.map(|r| r.potential_unique));
    table.maybe(reach.map(|r| r.unique_relative_error)).maybe(reach.map(|r| r.estimated));
    table.maybe(reach.map(|r| r.known)).maybe(row.share_of_voice).text(row.engagement_formula);
}

/// A list is one cell of JSON: `[["value",count],...]`, which no spreadsheet takes for a formula.
fn lists(table: &mut Table, row: &MetricItem<'_>) {
    let tops = [row.top_hashtags, row.top_links, row.top_authors].map(|t| t.map(|t| &t.entries));
    for entries in [row.networks, row.languages].into_iter().chain(tops).flatten() {
        let pairs: Vec<(&str, i64)> = entries.iter().map(|e| (e.value.as_str(), e.count)).collect();
        table.text(&serde_json::to_string(&pairs).unwrap_or_default());
    }
}
