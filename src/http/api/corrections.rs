//! `POST /v1/corrections`: analysts' labels, by way of the push feed or of the topic of corrections. The answer comes when
//! they are durable.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Shared;
use super::posts::{self, Body};
use crate::feeds::push::{PushReceipt, Refusal};
use crate::http::problem::Problem;
use crate::model::{CORRECTION_BYTES_MAX, Fate};

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

/// Corrections that are durable, but not in force yet.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct TakenReceipt {
    /// Corrections in the body: all of them are in the topic of corrections.
    taken: u64,
}

/// Takes analysts' labels in and answers when they are durable: the mention has the label, and the metrics are
/// corrected. With Kafka they are in the topic of corrections then, and what becomes of them shows later in the outputs.
/// The same label twice counts once.
#[utoipa::path(
    post, path = "/v1/corrections", tag = "push",
    request_body(
        description = "One object `{\"correction\": {\"network\", \"id\", \"brand\", \"sentiment\", \"by\", \"at\"}}`, an array of them, or one a line.",
        content((Object = "application/json"), (String = "application/x-ndjson"))
    ),
    responses(
        (status = 200, description = "Durable, and this became of them.", body = CorrectionReceipt),
        (status = 202, description = "Durable, with Kafka.", body = TakenReceipt),
        (status = 400, description = "No JSON, or empty.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The pipeline has no push feed and no topic of corrections.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too long.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor NDJSON.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something in it is no correction.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Full; try again after `Retry-After` seconds.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Not ready, shutting down, or not durable in time; send it again.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn corrections(State(shared): State<Shared>, request: Request) -> Result<Response, Problem> {
    let topic = shared.app.corrections.as_ref();
    let receipt = posts::take_in(&shared, request, topic.or(shared.app.push.as_ref()), checked).await?;
    Ok(match topic {
        Some(_) => (StatusCode::ACCEPTED, Json(TakenReceipt { taken: receipt.received })).into_response(),
        None => Json(CorrectionReceipt::from(receipt)).into_response(),
    })
}

/// The decoders look at what is inside.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Only<'a> {
    #[serde(borrow, rename = "correction")]
    _correction: &'a RawValue,
}

/// The bytes to hand over, one correction a line, when there is nothing but corrections in them: what is sent here by
/// mistake shall not be taken in as something else.
fn checked(body: &[u8], form: Body) -> Result<Vec<u8>, Problem> {
    let payload = posts::checked(body, form)?;
    match form {
        Body::Json if payload.starts_with(b"[") => {
            let all: Vec<&RawValue> =
                serde_json::from_slice(&payload).map_err(|e| no_correction(&e.to_string(), "body"))?;
            if all.is_empty() {
                return Err(Problem::bad_request(
                    "empty_body",
                    "the array is empty; send at least one correction",
                ));
            }
            for (one, number) in all.iter().zip(1..) {
                check_one(one.get().as_bytes(), &format!("element {number} of the body"))?;
            }
            return Ok(all.iter().map(|one| one.get()).collect::<Vec<_>>().join("\n").into_bytes());
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
    if text.len() > CORRECTION_BYTES_MAX {
        let what = format!("it has {} bytes, and a correction at most {CORRECTION_BYTES_MAX}", text.len());
        return Err(no_correction(&what, place));
    }
    serde_json::from_slice::<Only<'_>>(text).map(drop).map_err(|e| no_correction(&e.to_string(), place))
}

fn no_correction(why: &str, place: &str) -> Problem {
    let detail = format!("the {place} is no `{{\"correction\": {{...}}}}`: {why}; nothing was taken in");
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
        let long = |bytes| format!("{{\"correction\":\"{}\"}}", "a".repeat(bytes - 17));
        check(&long(CORRECTION_BYTES_MAX), Body::Json, Ok(()));
        check(&long(CORRECTION_BYTES_MAX + 1), Body::Json, Err("no_correction"));
        check(&format!("[{}]", long(CORRECTION_BYTES_MAX + 1)), Body::Json, Err("no_correction"));
        check(
            &format!("{{\"correction\":{{}}}}\n{}", long(CORRECTION_BYTES_MAX + 1)),
            Body::Lines,
            Err("no_correction"),
        );
    }

    #[test]
    fn an_array_becomes_a_line_a_correction() {
        let lines = checked(b"[ {\"correction\":\n{\"id\":1}},\n {\"correction\":{}} ]", Body::Json)
            .map_err(|p| p.code());
        assert_eq!(lines.as_deref(), Ok(&b"{\"correction\": {\"id\":1}}\n{\"correction\":{}}"[..]));
    }
}
