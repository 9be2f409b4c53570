//! `POST /v1/query/explain`.

use axum::Json;
use axum::extract::{Request, State};
use serde::Deserialize;

use super::super::Shared;
use super::{answer, asked, purpose, usable};
use crate::analysis::query::explain::{Explanation, explain};
use crate::http::problem::Problem;

/// A query to explain.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExplainRequest {
    /// The query, at most 64 KiB.
    query: String,
    /// The query is for a rule, which may ask for computed fields.
    #[serde(default)]
    rule: bool,
}

/// Explains a query: its tree, how it reads, what triggers it and what it costs, which feeds can answer it. As
/// `earful query explain --json`.
#[utoipa::path(
    post, path = "/v1/query/explain", tag = "queries",
    request_body = ExplainRequest,
    responses(
        (status = 200, description = "The query explained.", body = Explanation),
        (status = 400, description = "No JSON.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too long.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "No plain JSON.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "JSON of another shape, or a query with errors.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Full; try again after `Retry-After` seconds.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn query_explain(
    State(shared): State<Shared>,
    request: Request,
) -> Result<Json<Explanation>, Problem> {
    let explained = answer(&shared, request, |body, _| {
        let ExplainRequest { query, rule } = asked(body)?;
        Ok(explain(&usable(&query, purpose(rule))?.0, purpose(rule)))
    });
    explained.await.map(Json)
}
