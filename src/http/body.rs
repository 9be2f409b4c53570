//! Bodies of requests: what they say they are, and how they are read.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};

use super::problem::Problem;

/// The media type of the body, in lower case, if it is one of the `known` and the body is sent plain.
pub(super) fn media_type(headers: &HeaderMap, known: &[&str]) -> Result<String, Problem> {
    let refuse = |code, detail: String| {
        Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, detail).known(known.iter().copied()))
    };
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("").to_ascii_lowercase();
    let encoding = text(header::CONTENT_ENCODING);
    if !encoding.is_empty() && encoding != "identity" {
        return refuse("content_encoding", format!("the body is encoded as `{encoding}`; send it plain"));
    }
    let content_type = text(header::CONTENT_TYPE);
    match content_type.split(';').next().unwrap_or("").trim() {
        "" => refuse("content_type", "the request has no `Content-Type`".to_owned()),
        name if known.contains(&name) => Ok(name.to_owned()),
        other => refuse("content_type", format!("`Content-Type` is `{other}`")),
    }
}

/// The length that the request states.
pub(super) fn stated_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok())
}

/// The whole body, of at most `limit` bytes.
pub(super) async fn read(mut request: Request, limit: usize) -> Result<Bytes, Problem> {
    DefaultBodyLimit::max(limit).apply(&mut request);
    Bytes::from_request(request, &()).await.map_err(|e| unread(&e, limit))
}

pub(super) fn too_long(limit: usize) -> Problem {
    let detail = format!("the body is longer than {limit} bytes; send it in smaller pieces");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_long", detail)
}

fn unread(rejection: &BytesRejection, limit: usize) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_long(limit);
    }
    Problem::bad_request("body_cut_short", "the body ended early; nothing of it was taken in")
}
