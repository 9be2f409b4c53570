//! `GET /v1/mentions`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::RawValue;

use super::Shared;
use super::metrics::brand;
use crate::http::csv::Table;
use crate::http::page;
use crate::http::params::{Format, Params};
use crate::http::problem::Problem;
use crate::http::view::{MentionFilter, StoredMention, View};
use crate::model::{Network, Polarity};

const PARAMETERS: &[&str] = &["brand", "sentiment", "network", "limit", "cursor", "format"];

/// A page of mentions.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct MentionPage<'a> {
    /// The last one read first; each as the `mentions` output has it.
    #[schema(value_type = Vec<Object>)]
    items: Vec<&'a RawValue>,
    /// `cursor` of the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Lists the latest mentions, the last one read first. Deleted posts are gone, edited ones are replaced.
#[utoipa::path(
    get, path = "/v1/mentions", tag = "read",
    params(
        ("brand" = Option<String>, Query, description = "One brand id; all brands if left out"),
        ("sentiment" = Option<String>, Query, description = "`positive`, `neutral` or `negative` towards the brand (any brand if none is given)"),
        ("network" = Option<String>, Query, description = "One network, such as `bluesky`"),
        ("limit" = Option<usize>, Query, description = "Mentions of a page, 1 to 1000, default 100"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; else `Accept` decides"),
    ),
    responses(
        (status = 200, description = "A page of mentions.", content((MentionPage = "application/json"), (String = "text/csv"))),
        (status = 400, description = "A parameter is wrong.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such brand.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn mentions(
    State(shared): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, PARAMETERS)?;
    let view = &shared.app.view;
    let filter = filter(view, &params)?;
    let (limit, format) = (params.limit()?, params.format(&headers)?);
    let mut found = view.mentions(&filter, page::position(&params)?, limit + 1);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).and_then(|m| page::cursor(&m.sequence));
    let response = match format {
        Format::Csv => table(view, &found),
        Format::Json => {
            let items = found.iter().filter_map(|m| serde_json::from_slice(&m.json).ok()).collect();
            Json(MentionPage { items, next_cursor: next.clone() }).into_response()
        }
    };
    Ok(page::link_next(response, &uri, next.as_deref()))
}

fn filter(view: &View, params: &Params) -> Result<MentionFilter, Problem> {
    let sentiments: Vec<_> = Polarity::ALL.iter().map(|p| (p.as_str(), *p)).collect();
    let networks: Vec<_> = Network::ALL.iter().map(|n| (n.as_str(), *n)).collect();
    Ok(MentionFilter {
        brand: params.text("brand").map(|id| brand(view, id)).transpose()?,
        sentiment: params.one_of("sentiment", &sentiments)?,
        network: params.one_of("network", &networks)?,
    })
}

const COLUMNS: &[&str] = &[
    "network",
    "id",
    "fate",
    "kind",
    "language",
    "author",
    "followers",
    "likes",
    "reposts",
    "replies",
    "quotes",
    "bookmarks",
    "views",
    "brands",
    "sentiments",
    "scores",
    "url",
    "text",
];

fn table(view: &View, found: &[Arc<StoredMention>]) -> Response {
    let mut table = Table::new(COLUMNS);
    for m in found {
        let c = m.counts;
        table.value(m.key.network).text(&m.key.id).value(m.fate).value(m.kind).value(m.language);
        table.text(&m.author).maybe(m.followers);
        for count in [c.likes, c.reposts, c.replies, c.quotes, c.bookmarks, c.views] {
            table.maybe(count);
        }
        let name = |brand: &u32| view.brands().get(*brand as usize).map_or("", |b| b.id.as_str());
        table.text(&joined(m, |(brand, ..)| name(brand).to_owned()));
        table.value(joined(m, |(_, polarity, _)| polarity.to_string()));
        table.value(joined(m, |(.., score)| score.as_f64().to_string()));
        table.maybe_text(m.url.as_deref()).text(&m.text);
        table.end_row();
    }
    table.into_response()
}

/// One value a matched brand, with spaces between, in the same order in each column.
fn joined(
    mention: &StoredMention,
    value: impl Fn(&(u32, Polarity, crate::model::Score)) -> String,
) -> String {
    mention.matches.iter().map(value).collect::<Vec<_>>().join(" ")
}
