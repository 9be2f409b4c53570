//! Pages: an opaque cursor that names the last row of a page, so that rows that come or go meanwhile
//! neither repeat nor hide others.

use axum::http::{HeaderValue, Uri, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::params::Params;
use super::problem::Problem;

/// Hides a position from clients, who must not build on it.
pub(super) fn cursor<T: Serialize>(position: &T) -> Option<String> {
    serde_json::to_vec(position).ok().map(|json| URL_SAFE_NO_PAD.encode(json))
}

/// The position behind the `cursor` of a request.
pub(super) fn position<T: DeserializeOwned>(params: &Params) -> Result<Option<T>, Problem> {
    let Some(text) = params.text("cursor") else { return Ok(None) };
    let json = URL_SAFE_NO_PAD.decode(text).ok();
    match json.and_then(|json| serde_json::from_slice(&json).ok()) {
        Some(position) => Ok(Some(position)),
        None => Err(Problem::bad_request(
            "bad_cursor",
            "`cursor` must be the `next_cursor` of an earlier page of the same endpoint; leave it out to start anew",
        )),
    }
}

/// Adds the `Link` to the next page (RFC 8288), which CSV has no other place for.
pub(super) fn link_next(mut response: Response, uri: &Uri, next: Option<&str>) -> Response {
    let Some(next) = next else { return response };
    let query = uri.query().unwrap_or("");
    let kept = query.split('&').filter(|p| !p.is_empty() && !p.starts_with("cursor="));
    let mut link = kept.fold(format!("<{}?", uri.path()), |link, p| link + p + "&");
    link.push_str("cursor=");
    link.push_str(next);
    link.push_str(">; rel=\"next\"");
    if let Ok(value) = HeaderValue::from_str(&link) {
        response.headers_mut().insert(header::LINK, value);
    }
    response
}
