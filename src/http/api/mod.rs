//! The routes, and what every answer passes through.

mod brands;
mod corrections;
mod incidents;
mod mentions;
mod metrics;
mod ops;
mod posts;
mod queries;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::problem::Problem;

/// What the handlers share.
#[derive(Clone, Debug)]
struct Shared {
    app: AppState,
    /// Kibibytes of pushed bodies that may still wait.
    push_room: Arc<Semaphore>,
    queries: queries::Room,
    openapi: Arc<str>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "earful",
        description = "Brand metrics, incidents and mentions of a running pipeline, and its push feed. \
                       Every error is a Problem Details object (RFC 9457)."
    ),
    servers((url = "/")),
    tags(
        (name = "read", description = "What analysts ask: an in-memory view of the newest outputs."),
        (name = "push", description = "Posts and corrections in."),
        (name = "queries", description = "Queries checked, explained and tried on posts."),
        (name = "operate", description = "Probes, metrics, this document."),
    ),
    components(schemas(Problem))
)]
struct Document;

/// The one list of routes.
fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(brands::brands))
        .routes(routes!(metrics::metrics))
        .routes(routes!(incidents::incidents))
        .routes(routes!(incidents::incident))
        .routes(routes!(mentions::mentions))
        .routes(routes!(posts::posts))
        .routes(routes!(corrections::corrections))
        .merge(queries::routes())
        .routes(routes!(ops::metrics_text))
        .routes(routes!(ops::healthz))
        .routes(routes!(ops::readyz))
        .routes(routes!(ops::openapi))
}

/// The OpenAPI 3.1 document, as `schemas/openapi.json` has it.
#[must_use]
pub fn openapi_json() -> String {
    let mut json = routes().to_openapi().to_pretty_json().unwrap_or_default();
    json.push('\n');
    json
}

pub(super) fn router(app: AppState) -> Router {
    let shared = Shared {
        push_room: Arc::new(Semaphore::new((app.limits.push_bytes >> 10).clamp(1, 1 << 30))),
        queries: queries::Room::new(&app.limits),
        openapi: openapi_json().into(),
        app,
    };
    let (router, _) = routes().split_for_parts();
    router
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(shared.app.limits.body_bytes))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(shared.clone(), around))
        .with_state(shared)
}

/// Around every request: its time limit, the security headers, its place in the metrics.
async fn around(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let started = (shared.app.now)();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("other", |r| r.as_str());
    let limit = time_limit(&shared.app, route);
    let mut response = match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => timed_out(limit).into_response(),
    };
    harden(&mut response);
    let millis = (shared.app.now)().millis().saturating_sub(started.millis()).max(0);
    let status = response.status().as_u16();
    shared.app.metrics.http_answered(route, status, millis as f64 / 1e3);
    tracing::debug!(route, status, millis, "http request answered");
    response
}

fn time_limit(app: &AppState, route: &str) -> Duration {
    // The push handler keeps its own, shorter, limit: it has more to say than "timed out".
    let slack = Duration::from_secs(5);
    if [posts::PATH, corrections::PATH].contains(&route) {
        app.limits.push_timeout + slack
    } else {
        app.limits.read_timeout
    }
}

/// Nothing that is served is a page: no sniffing, no framing, no scripts, no caching.
fn harden(response: &mut Response) {
    const HEADERS: [(HeaderName, &str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
}

async fn not_found(uri: Uri) -> Problem {
    let paths = routes().to_openapi().paths.paths.into_keys();
    let detail = format!("there is nothing at `{}`", uri.path());
    Problem::new(StatusCode::NOT_FOUND, "no_such_path", detail).known(paths)
}

async fn method_not_allowed(request: Request) -> Problem {
    let detail = format!(
        "`{}` does not take {}; the `Allow` header says what it takes",
        request.uri().path(),
        request.method()
    );
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}

fn timed_out(limit: Duration) -> Problem {
    let detail = format!("no answer within {} s; ask for less, or again later", limit.as_secs());
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timed_out", detail).retry_after(5)
}

fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    mistake().into_response()
}

fn mistake() -> Problem {
    let detail = "earful made a mistake with this request; its log has the place. The run goes on";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
}
