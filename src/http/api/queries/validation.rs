//! `POST /v1/query-validation`, in the shape of Brandwatch's.

use axum::Json;
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};

use super::super::Shared;
use super::{answer, asked, purpose, shorten};
use crate::analysis::query::{self, ParseOptions, Severity, parse};
use crate::http::problem::Problem;

/// A query to validate. Other keys, which clients of Brandwatch may send, are passed over.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct ValidationRequest {
    /// The query, at most 64 KiB.
    #[serde(rename = "booleanQuery")]
    boolean_query: String,
    /// Taken for the sake of Brandwatch's clients and not used: what is an error does not depend on languages here.
    /// Write `language:` into the query.
    #[serde(default, rename = "languages")]
    _languages: Option<Vec<String>>,
    /// Fields that are unknown or that no feed carries are errors, as fits before a query is saved.
    #[serde(default)]
    strict: bool,
    /// The query is for a rule, which may ask for computed fields.
    #[serde(default)]
    rule: bool,
}

/// What was found. The query can be used if `errors` is empty.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Validation {
    /// The query as it was sent.
    query: String,
    /// Why it cannot be used, in the order of the text.
    errors: Vec<query::Problem>,
    /// What may not mean what its writer thinks, in the order of the text.
    issues: Vec<query::Problem>,
    /// Problems that are not shown: of each list there are at most 1,000.
    problems_left_out: usize,
}

/// Reports every problem of a query, with its place and what to do about it. An answer with errors is 200 too.
#[utoipa::path(
    post, path = "/v1/query-validation", tag = "queries",
    request_body = ValidationRequest,
    responses(
        (status = 200, description = "All problems.", body = Validation),
        (status = 400, description = "No JSON.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too long.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "No plain JSON.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "JSON of another shape.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Full; try again after `Retry-After` seconds.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn query_validation(
    State(shared): State<Shared>,
    request: Request,
) -> Result<Json<Validation>, Problem> {
    answer(&shared, request, |body, _| asked(body).map(validate)).await.map(Json)
}

fn validate(request: ValidationRequest) -> Validation {
    let ValidationRequest { boolean_query: query, strict, rule, .. } = request;
    let problems = parse(&query, &ParseOptions { strict, purpose: purpose(rule) }).problems;
    let (mut errors, mut issues): (Vec<_>, Vec<_>) =
        problems.into_iter().partition(|problem| problem.severity == Severity::Error);
    let problems_left_out = shorten(&mut errors) + shorten(&mut issues);
    Validation { query, errors, issues, problems_left_out }
}
