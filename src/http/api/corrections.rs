//! `POST /v1/corrections`: analysts' labels, by way of the push feed. The answer comes when they are durable.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Shared;
use super::posts::{self, Body};
use crate::feeds::push::{PushReceipt, Refusal};
use crate::http::problem::Problem;
use crate::model::Fate;

pub(super) const PATH: &str = "/v1/corrections";

/// What became of the corrections, now that they are durable.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct CorrectionReceipt {
    /// Corrections in the body: the sum of the next three.
    received: u64,
    /// In force: the mention is changed, and so are the metrics.
    applied: u64,
    /// In force already, or overtaken by a later one: sent twice does no harm.
    repeated: u64,
    /// Of no use; kept in the `dead` output with the reason.
    refused: u64,
    /// Why the first 100 of these are of no use.
    reasons: Vec<Reason>,
}

/// Why a correction is of no use.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Reason {
    /// A stable code; the list is in `docs/dead-letters.md`.
    reason: String,
    /// For people.
    detail: String,
}

impl From<PushReceipt> for CorrectionReceipt {
    fn from(receipt: PushReceipt) -> CorrectionReceipt {
        let reason = |Refusal { reason, detail }| Reason { reason, detail };
        CorrectionReceipt {
            received: receipt.received,
            applied: receipt.fates.of(Fate::Retracted),
            repeated: receipt.fates.of(Fate::Duplicate),
            refused: receipt.fates.of(Fate::Malformed),
            reasons: receipt.refused.into_iter().map(reason).collect(),
        }
    }
}

/// Takes analysts' labels in and answers when they are durable: the mention has the label, and the metrics are
/// corrected. The same label twice counts once.
#[utoipa::path(
    post, path = "/v1/corrections", tag = "push",
    request_body(
        description = "One object `{\"correction\": {\"network\", \"id\", \"brand\", \"sentiment\", \"by\", \"at\"}}`, an array of them, or one a line.",
        content((Object = "application/json"), (String = "application/x-ndjson"))
    ),
    responses(
        (status = 200, description = "Durable.", body = CorrectionReceipt),
        (status = 400, description = "No JSON, or empty.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The pipeline has no push feed.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too long.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor NDJSON.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something in it is no correction.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Full; try again after `Retry-After` seconds.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Not ready, shutting down, or not durable in time; send it again.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn corrections(
    State(shared): State<Shared>,
    request: Request,
) -> Result<Json<CorrectionReceipt>, Problem> {
    posts::take_in(&shared, request, checked).await.map(|receipt| Json(receipt.into()))
}

/// The decoders look at what is inside.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Only<'a> {
    #[serde(borrow, rename = "correction")]
    _correction: &'a RawValue,
}

/// The bytes to hand over, when there is nothing but corrections in them: what is sent here by mistake shall not be
/// taken in as something else.
fn checked(body: &[u8], form: Body) -> Result<Vec<u8>, Problem> {
    let payload = posts::checked(body, form)?;
    match form {
        Body::Json if payload.starts_with(b"[") => {
            let all: Vec<Only<'_>> =
                serde_json::from_slice(&payload).map_err(|e| no_correction(&e, "body"))?;
            if all.is_empty() {
                return Err(Problem::bad_request(
                    "empty_body",
                    "the array is empty; send at least one correction",
                ));
            }
        }
        Body::Json => check_one(&payload, "body")?,
        Body::Lines => {
            let lines = payload.split(|byte| *byte == b'\n').zip(1..);
            for (line, number) in lines.filter(|(line, _)| !line.trim_ascii().is_empty()) {
                check_one(line, &format!("line {number}"))?;
            }
        }
    }
    Ok(payload)
}

fn check_one(text: &[u8], place: &str) -> Result<(), Problem> {
    serde_json::from_slice::<Only<'_>>(text).map(drop).map_err(|e| no_correction(&e, place))
}

fn no_correction(error: &serde_json::Error, place: &str) -> Problem {
    let detail = format!("the {place} is no `{{\"correction\": {{...}}}}`: {error}; nothing was taken in");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no_correction", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_corrections_are_taken_in() {
        let check = |body: &str, form, expected: Result<(), &str>| {
            let found = checked(body.as_bytes(), form).map(drop).map_err(|p| p.code());
            assert_eq!(found, expected, "{body}");
        };
        check("{\"correction\":\n{}}", Body::Json, Ok(()));
        check("[{\"correction\":{}},{\"correction\":{}}]", Body::Json, Ok(()));
        check("{\"correction\":{}}\n\n{\"correction\":{}}", Body::Lines, Ok(()));
        check("[]", Body::Json, Err("empty_body"));
        check("{\"network\":\"x\",\"id\":\"1\",\"deleted\":true}", Body::Json, Err("no_correction"));
        check("[{\"correction\":{}},{}]", Body::Json, Err("no_correction"));
        check("{\"correction\":{},\"id\":1}", Body::Json, Err("no_correction"));
        check("{\"correction\":{}}\n{\"id\":1}", Body::Lines, Err("no_correction"));
        check("{\"correction\":{}", Body::Json, Err("bad_json"));
    }
}
