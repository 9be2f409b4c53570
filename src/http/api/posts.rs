//! `POST /v1/posts`: the door of the push feed. The answer comes when the posts are durable.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{Shared, corrections, ops};
use crate::feeds::push::{PushBatch, PushError, PushIntake, PushReceipt};
use crate::http::body;
use crate::http::params::Params;
use crate::http::problem::Problem;
use crate::model::{Fate, FateCounts};

pub(super) const PATH: &str = "/v1/posts";

/// What became of the posts, now that they are durable.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Receipt {
    /// Posts and frames found in the body: the sum of `fates`.
    received: u64,
    /// How each of them ended.
    fates: Fates,
}

/// Posts and frames by fate.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Fates {
    /// Taken in on time.
    kept: u64,
    /// Taken in late.
    late: u64,
    /// Seen before: sent twice does no harm.
    duplicate: u64,
    /// Left out by a spam rule.
    filtered: u64,
    /// No post: a like, a follow, a keep-alive.
    ignored: u64,
    /// A delete or an edit of an earlier post, or an analyst's label for it.
    retracted: u64,
    /// Could not be read; kept in the `dead` output with the reason.
    malformed: u64,
}

impl From<&FateCounts> for Fates {
    fn from(counts: &FateCounts) -> Fates {
        Fates {
            kept: counts.of(Fate::Kept),
            late: counts.of(Fate::Late),
            duplicate: counts.of(Fate::Duplicate),
            filtered: counts.of(Fate::Filtered),
            ignored: counts.of(Fate::Ignored),
            retracted: counts.of(Fate::Retracted),
            malformed: counts.of(Fate::Malformed),
        }
    }
}

/// How the body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    Json,
    Lines,
}

/// Takes posts in, in any format that earful reads, and answers when they are durable. Sending the same
/// posts again is safe: they are counted as duplicates.
#[utoipa::path(
    post, path = "/v1/posts", tag = "push",
    request_body(
        description = "One JSON document (a post, a page, a listing), or one JSON object a line.",
        content((Object = "application/json"), (String = "application/x-ndjson"))
    ),
    responses(
        (status = 200, description = "Durable.", body = Receipt),
        (status = 400, description = "No JSON, or empty.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The pipeline has no push feed.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too long.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor NDJSON.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "JSON, but neither an object nor an array.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Full; try again after `Retry-After` seconds.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Not ready, shutting down, or not durable in time; send it again.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn posts(State(shared): State<Shared>, request: Request) -> Result<Json<Receipt>, Problem> {
    let answer = take_in(&shared, request, shared.app.push.as_ref(), checked).await;
    answer.map(|receipt| Json(Receipt { received: receipt.received, fates: Fates::from(&receipt.fates) }))
}

/// What an endpoint makes of a body.
type Check = fn(&[u8], Body) -> Result<Vec<u8>, Problem>;

/// Hands over what `checked` leaves of the body, and waits until it is durable. Counts the request.
pub(super) async fn take_in(
    shared: &Shared,
    request: Request,
    intake: Option<&PushIntake>,
    checked: Check,
) -> Result<PushReceipt, Problem> {
    let metrics = &shared.app.metrics;
    metrics.push_received();
    let answer = hand_over(shared, request, intake, checked).await;
    answer.inspect_err(|problem| metrics.push_refused(problem.code()))
}

async fn hand_over(
    shared: &Shared,
    request: Request,
    intake: Option<&PushIntake>,
    checked: Check,
) -> Result<PushReceipt, Problem> {
    Params::of(request.uri(), &[])?;
    let intake = intake.ok_or_else(|| no_push_feed(request.uri()))?;
    ops::ready(shared)?;
    let form = body_form(request.headers())?;
    let room = reserve(shared, request.headers())?;
    let limit = shared.app.limits.body_bytes;
    let body = body::read(request, limit).await?;
    let payload = checked(&body, form)?;
    drop(body);
    deliver(shared, intake, payload, room).await
}

fn no_push_feed(uri: &Uri) -> Problem {
    let (what, or) = match uri.path() {
        corrections::PATH => ("corrections", ", or, with [kafka], its setting `corrections`"),
        _ => ("posts", ""),
    };
    let detail = format!(
        "this pipeline takes no {what} at `{}`; add a feed with `type = \"push\"` to the pipeline file{or}",
        uri.path()
    );
    Problem::new(StatusCode::NOT_FOUND, "no_push_feed", detail)
}

fn body_form(headers: &HeaderMap) -> Result<Body, Problem> {
    const LINES: [&str; 3] = ["application/x-ndjson", "application/ndjson", "application/jsonl"];
    let known = ["application/json", LINES[0], LINES[1], LINES[2]];
    let name = body::media_type(headers, &known)?;
    Ok(if LINES.contains(&name.as_str()) { Body::Lines } else { Body::Json })
}

/// Room for the body among those that wait. Reserved before the body is read, so that many slow
/// senders cannot fill the memory together.
fn reserve(shared: &Shared, headers: &HeaderMap) -> Result<OwnedSemaphorePermit, Problem> {
    let limit = shared.app.limits.body_bytes;
    let bytes = body::stated_length(headers).unwrap_or(limit);
    if bytes > limit {
        return Err(body::too_long(limit));
    }
    let whole = shared.app.limits.push_bytes >> 10;
    let kibibytes = u32::try_from((bytes >> 10) + 1)
        .unwrap_or(u32::MAX)
        .min(u32::try_from(whole.max(1)).unwrap_or(u32::MAX));
    let room = Arc::clone(&shared.push_room).try_acquire_many_owned(kibibytes);
    room.map_err(|_| full("the bodies that wait to become durable take all the room there is"))
}

fn full(why: &str) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "full", format!("{why}; send it again in a second"))
        .retry_after(1)
}

/// The bytes to hand over: always whole lines. Whether a line is a post is for the decoders to say; a
/// document that is no JSON at all is refused here, because its sender can still do something about it.
pub(super) fn checked(body: &[u8], form: Body) -> Result<Vec<u8>, Problem> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::bad_request("empty_body", "the body is empty; send at least one post"));
    }
    if form == Body::Lines {
        return Ok(body.to_vec());
    }
    let document: &RawValue = serde_json::from_slice(body)
        .map_err(|e| Problem::bad_request("bad_json", format!("the body is no JSON document: {e}")))?;
    if !document.get().starts_with(['{', '[']) {
        let detail = "the body is JSON, but neither an object nor an array, so it holds no post";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no_post", detail));
    }
    // In JSON a raw line break stands between tokens only, so a space there changes nothing.
    let flat = document.get().bytes().map(|b| if matches!(b, b'\n' | b'\r') { b' ' } else { b });
    Ok(flat.collect())
}

async fn deliver(
    shared: &Shared,
    intake: &PushIntake,
    payload: Vec<u8>,
    room: OwnedSemaphorePermit,
) -> Result<PushReceipt, Problem> {
    let (sender, answer) = oneshot::channel();
    let reply = Box::new(move |result: Result<PushReceipt, PushError>| {
        // The sender of the posts may have gone; they are taken in all the same.
        let _ = sender.send(result);
        drop(room);
    });
    let batch = PushBatch { payload, received_at: (shared.app.now)(), reply };
    intake.offer(batch).map_err(|_| full("the intake is full"))?;
    let limit = shared.app.limits.push_timeout;
    match tokio::time::timeout(limit, answer).await {
        Ok(Ok(Ok(receipt))) => Ok(receipt),
        Ok(Ok(Err(error))) => Err(not_durable(&error)),
        Ok(Err(_)) => Err(unknown("the run ended before it answered")),
        Err(_) => Err(unknown(&format!("not durable within {} s", limit.as_secs()))),
    }
}

fn not_durable(error: &PushError) -> Problem {
    let code = match error {
        PushError::Stopping => "stopping",
        PushError::NotDurable(_) | PushError::NotWritten(_) => "not_durable",
    };
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, error.to_string()).retry_after(5)
}

fn unknown(why: &str) -> Problem {
    let detail = format!(
        "{why}; it is not known whether the posts were taken in: send them again, duplicates do no harm"
    );
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_known", detail).retry_after(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, form: Body, expected: Result<&str, &str>) {
        let found = checked(body.as_bytes(), form).map_err(|p| p.code());
        assert_eq!(found, expected.map(|s| s.as_bytes().to_vec()), "{body}");
    }

    #[test]
    fn a_document_becomes_one_line() {
        check("{\r\n \"a\": \"b\\nc\"\n}\n", Body::Json, Ok("{   \"a\": \"b\\nc\" }"));
        check("\u{feff}[1,\n{}]", Body::Json, Ok("[1, {}]"));
        check("{}\n{}", Body::Json, Err("bad_json"));
        check("{", Body::Json, Err("bad_json"));
        check(" 42 ", Body::Json, Err("no_post"));
        check("\"text\"", Body::Json, Err("no_post"));
        check(" \r\n", Body::Json, Err("empty_body"));
    }

    #[test]
    fn lines_are_left_to_the_decoders() {
        check("{}\nnonsense\n", Body::Lines, Ok("{}\nnonsense\n"));
        check("\n\n", Body::Lines, Err("empty_body"));
    }
}
