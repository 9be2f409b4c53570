//! Queries checked, explained and tried, for editors of queries.
//!
//! **Invariant:** an answer follows from the request and the pipeline's `[text]` alone. Nothing of the run is read or
//! changed, so every process that serves HTTP answers, also before it is ready. What a request can cost is bounded:
//! in bytes by [`HttpLimits`], in threads by [`Room`].

mod explain;
mod test;
mod validation;

use std::sync::Arc;

use axum::extract::Request;
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Shared;
use crate::analysis::query::{self, ParseOptions, Parsed, Purpose, Query};
use crate::http::params::Params;
use crate::http::problem::Problem;
use crate::http::{HttpLimits, body};

/// Problems of one list of an answer: each is longer than the text that it is about.
const PROBLEMS_MAX: usize = 1_000;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(validation::query_validation))
        .routes(routes!(explain::query_explain))
        .routes(routes!(test::query_test))
}

/// Room for requests about queries, so that they leave the processor and the memory to the posts.
#[derive(Clone, Debug)]
pub(super) struct Room {
    /// Requests whose body is read or held.
    held: Arc<Semaphore>,
    /// Those that are worked on.
    worked_on: Arc<Semaphore>,
}

impl Room {
    pub(super) fn new(limits: &HttpLimits) -> Room {
        let room = |places: usize| Arc::new(Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS)));
        Room { held: room(limits.query_requests), worked_on: room(limits.query_threads) }
    }

    fn hold(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.held).try_acquire_owned().map_err(|_| {
            let detail = "too many requests about queries are under way; send it again in a second";
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "full", detail).retry_after(1)
        })
    }
}

/// Says whether the asker is gone, so that nobody waits for the rest of the work.
type Gone<'a> = &'a dyn Fn() -> bool;

/// Reads the body and answers on a thread that the other requests do not need.
async fn answer<T: Send + 'static>(
    shared: &Shared,
    request: Request,
    work: impl FnOnce(&[u8], Gone<'_>) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    Params::of(request.uri(), &[])?;
    body::media_type(request.headers(), &["application/json"])?;
    let held = shared.queries.hold()?;
    let bytes = body::read(request, shared.app.limits.query_bytes).await?;
    // The semaphore is never closed, so there is always a permit.
    let worked_on = Arc::clone(&shared.queries.worked_on).acquire_owned().await.ok();
    let (sender, answer) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let done = work(&bytes, &|| sender.is_closed());
        drop((bytes, held, worked_on));
        // Past the time limit nobody listens.
        let _ = sender.send(done);
    });
    answer.await.unwrap_or_else(|_| Err(super::mistake()))
}

/// The body as what the endpoint takes.
fn asked<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|e| match e.classify() {
        Category::Data => {
            let detail = format!("the body is JSON, but not what is asked here: {e}");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_body", detail)
        }
        _ => Problem::bad_request("bad_json", format!("the body is no JSON document: {e}")),
    })
}

/// The query of that text, with its warnings.
fn usable(text: &str, purpose: Purpose) -> Result<(Query, Vec<query::Problem>), Problem> {
    let Parsed { query, mut problems } =
        query::parse(text, &ParseOptions { purpose, ..ParseOptions::default() });
    let left_out = shorten(&mut problems);
    match query {
        Some(query) => Ok((query, problems)),
        None => {
            let found = problems.len() + left_out;
            let detail = format!("the query has errors: {found} problems; `problems` says which, and where");
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "query_errors", detail).problems(problems))
        }
    }
}

/// What a query is for, as requests say it.
fn purpose(is_rule: bool) -> Purpose {
    if is_rule { Purpose::Rule } else { Purpose::Collection }
}

/// Leaves the first problems, and counts the others.
fn shorten(problems: &mut Vec<query::Problem>) -> usize {
    let left_out = problems.len().saturating_sub(PROBLEMS_MAX);
    problems.truncate(PROBLEMS_MAX);
    left_out
}
