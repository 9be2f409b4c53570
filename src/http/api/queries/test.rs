//! `POST /v1/query/test`.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::Shared;
use super::{Gone, answer, asked, usable};
use crate::analysis::MatchPosition;
use crate::analysis::query::{self, Purpose};
use crate::analysis::text::TextOptions;
use crate::analysis::trial::{Matcher, with_post};
use crate::http::problem::Problem;
use crate::model::{Post, Span};

/// Posts of one request.
const POSTS_MAX: usize = 100;
/// Bytes of one post, as JSON.
const POST_BYTES_MAX: usize = 64 << 10;
/// Distinct terms of the query times bytes of a post: each word of a post may be found by many wildcards.
const WORK_MAX: usize = 64 << 20;
/// Positions of one answer: a word that a text repeats must not make the answer many times the request.
const POSITIONS_MAX: usize = 10_000;

/// A query, and posts to try it on.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TestRequest {
    /// The query, at most 64 KiB.
    query: String,
    /// At most 100, each a text or an object of at most 64 KiB, as `earful query test` takes them: with the keys
    /// that matter, named as the fields of the language or as in earful's own JSON.
    #[schema(value_type = Vec<Value>, max_items = 100)]
    posts: Vec<Box<RawValue>>,
}

/// What the query says of each post.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Tested {
    /// Posts that match.
    matched: usize,
    /// In the order of the request.
    posts: Vec<Outcome>,
    /// Positions beyond the 10,000th, which are not shown.
    positions_left_out: usize,
    /// Warnings about the query.
    issues: Vec<query::Problem>,
}

/// What the query says of one post.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Outcome {
    #[serde(rename = "match")]
    matches: bool,
    /// The words that made it match, ascending; none if it matches by its fields alone.
    match_positions: Vec<Position>,
}

/// Words in a post.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Position {
    /// Which text of the post: `title`, `body`, `warning`.
    zone: &'static str,
    /// First code point.
    start: usize,
    /// Number of code points.
    length: usize,
    /// The words themselves.
    text: String,
}

/// Tries a query on posts, with the pipeline's `[text]`: which match, and by which words. Nothing is taken in.
#[utoipa::path(
    post, path = "/v1/query/test", tag = "queries",
    request_body = TestRequest,
    responses(
        (status = 200, description = "Every post with its outcome.", body = Tested),
        (status = 400, description = "No JSON.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body or a post is too long, or there are too many posts.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "No plain JSON.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "JSON of another shape, a query with errors, or a post that cannot be used.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Full; try again after `Retry-After` seconds.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn query_test(
    State(shared): State<Shared>,
    request: Request,
) -> Result<Json<Tested>, Problem> {
    let text = shared.app.text;
    answer(&shared, request, move |body, gone| test(&asked(body)?, text, gone)).await.map(Json)
}

fn test(request: &TestRequest, text: TextOptions, gone: Gone<'_>) -> Result<Tested, Problem> {
    let count = request.posts.len();
    if count > POSTS_MAX {
        return Err(too_much(format!("there are {count} posts; send at most {POSTS_MAX} at a time")));
    }
    let (query, issues) = usable(&request.query, Purpose::Collection)?;
    let mut matcher = Matcher::new(vec![query], text);
    let posts = request.posts.iter().enumerate().take_while(|_| !gone());
    let posts = posts.map(|(at, post)| outcome(&mut matcher, at, post.get()));
    let mut posts = posts.collect::<Result<Vec<_>, _>>()?;
    let positions_left_out = shorten(&mut posts);
    let matched = posts.iter().filter(|post| post.matches).count();
    Ok(Tested { matched, posts, positions_left_out, issues })
}

/// Leaves the first positions, and counts the others.
fn shorten(posts: &mut [Outcome]) -> usize {
    let (mut room, mut left_out) = (POSITIONS_MAX, 0);
    for Outcome { match_positions, .. } in posts {
        left_out += match_positions.len().saturating_sub(room);
        match_positions.truncate(room);
        room -= match_positions.len();
    }
    left_out
}

fn too_much(detail: String) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_much", detail)
}

fn check_length(at: usize, length: usize, terms: usize) -> Result<(), Problem> {
    let most = POST_BYTES_MAX.min(WORK_MAX / terms.max(1));
    if length <= most {
        return Ok(());
    }
    let detail =
        format!("posts[{at}] has {length} bytes; with {terms} terms in the query a post has at most {most}");
    Err(too_much(detail))
}

fn outcome(matcher: &mut Matcher, at: usize, json: &str) -> Result<Outcome, Problem> {
    check_length(at, json.len(), matcher.terms())?;
    let bad = |what: String| {
        let detail = format!("posts[{at}] cannot be used: {what}");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_post", detail)
    };
    let post: Value = serde_json::from_str(json).map_err(|e| bad(e.to_string()))?;
    let mut found = None;
    with_post(&post, &mut |post, language| {
        found = matcher.find(post, language).pop().flatten().map(|spans| positions(&spans, post));
    })
    .map_err(bad)?;
    Ok(Outcome { matches: found.is_some(), match_positions: found.unwrap_or_default() })
}

fn positions(spans: &[Span], post: &Post<'_>) -> Vec<Position> {
    let position = |found: MatchPosition<'_>| Position {
        zone: found.zone.as_str(),
        start: found.start,
        length: found.length,
        text: found.text.to_owned(),
    };
    MatchPosition::all(spans, post).into_iter().map(position).collect()
}
