//! `GET /v1/mentions`.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Shared;
use super::metrics::brand;
use crate::http::csv::Table;
use crate::http::page;
use crate::http::params::{Format, Params};
use crate::http::problem::Problem;
use crate::http::view::{MentionFilter, StoredMention, View};
use crate::model::{Counts, Fate, Kind, Language, Network, Polarity};

/// Of the text in a table.
const TEXT_CHARS: usize = 280;

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
        Format::Csv => table(&found),
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
    "queries",
    "tags",
    "categories",
    "url",
    "text",
];

fn table(found: &[Arc<StoredMention>]) -> Response {
    let mut table = Table::new(COLUMNS);
    for row in found.iter().filter_map(|m| serde_json::from_slice::<Row<'_>>(&m.json).ok()) {
        row.write(&mut table);
    }
    table.into_response()
}

/// What of a mention's JSON is in the table.
#[derive(Deserialize)]
struct Row<'a> {
    fate: Fate,
    #[serde(borrow)]
    brands: Vec<RowMatch<'a>>,
    language: Language,
    #[serde(borrow)]
    post: RowPost<'a>,
}

#[derive(Deserialize)]
struct RowMatch<'a> {
    #[serde(borrow)]
    brand: Cow<'a, str>,
    #[serde(borrow, default)]
    query: RowQuery<'a>,
    sentiment: RowSentiment,
    #[serde(borrow, default)]
    tags: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    category: Option<Cow<'a, str>>,
}

/// Absent in mentions that were written before queries had versions.
#[derive(Default, Deserialize)]
struct RowQuery<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    version: Cow<'a, str>,
}

#[derive(Deserialize)]
struct RowSentiment {
    label: Polarity,
    score: f64,
}

#[derive(Deserialize)]
struct RowPost<'a> {
    network: Network,
    #[serde(borrow)]
    id: Cow<'a, str>,
    kind: Kind,
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow)]
    body: Cow<'a, str>,
    #[serde(borrow, default)]
    url: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    author: RowAuthor<'a>,
    #[serde(default)]
    counts: Counts,
}

#[derive(Default, Deserialize)]
struct RowAuthor<'a> {
    #[serde(borrow, default)]
    handle: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    followers: Option<u64>,
}

impl Row<'_> {
    fn write(&self, table: &mut Table) {
        let post = &self.post;
        table.value(post.network).text(&post.id).value(self.fate).value(post.kind).value(self.language);
        table.text(post.author.label()).maybe(post.author.followers);
        // A pure repost states the interactions of the original.
        let c = if post.kind == Kind::Repost { Counts::default() } else { post.counts };
        for count in [c.likes, c.reposts, c.replies, c.quotes, c.bookmarks, c.views] {
            table.maybe(count);
        }
        table.text(&self.joined(|m| m.brand.to_string()));
        table.value(self.joined(|m| m.sentiment.label.to_string()));
        table.value(self.joined(|m| m.sentiment.score.to_string()));
        table.text(&self.joined(|m| m.query.to_string()));
        table.text(&distinct(self.brands.iter().flat_map(|m| &m.tags)));
        table.text(&distinct(self.brands.iter().filter_map(|m| m.category.as_ref())));
        table.maybe_text(post.url.as_deref()).text(post.text());
        table.end_row();
    }

    /// One value a matched brand, with spaces between, in the same order in each column.
    fn joined(&self, value: impl Fn(&RowMatch<'_>) -> String) -> String {
        self.brands.iter().map(value).collect::<Vec<_>>().join(" ")
    }
}

/// Names may hold spaces, so commas stand between them.
fn distinct<'r>(names: impl Iterator<Item = &'r Cow<'r, str>>) -> String {
    let mut all: Vec<&str> = Vec::new();
    for name in names {
        if !all.contains(&&**name) {
            all.push(name);
        }
    }
    all.join(", ")
}

impl std::fmt::Display for RowQuery<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.id, self.version)
    }
}

impl RowAuthor<'_> {
    fn label(&self) -> &str {
        [&self.handle, &self.name, &self.id].into_iter().flatten().next().map_or("", AsRef::as_ref)
    }
}

impl RowPost<'_> {
    /// The first characters of the body, else of the title.
    fn text(&self) -> &str {
        let text = if self.body.is_empty() { self.title.as_deref().unwrap_or("") } else { &self.body };
        text.char_indices().nth(TEXT_CHARS).map_or(text, |(end, _)| &text[..end])
    }
}
