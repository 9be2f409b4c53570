//! Query parameters: every one is known, given once and well formed, or the request is refused.

use axum::extract::Query;
use axum::http::{HeaderMap, Uri, header};

use super::problem::Problem;
use crate::model::Timestamp;

/// Rows of a page when `limit` is not given.
pub(super) const LIMIT_DEFAULT: usize = 100;
/// Rows of a page at most.
pub(super) const LIMIT_MAX: usize = 1_000;

/// The parameters of one request, all known.
#[derive(Debug)]
pub(super) struct Params(Vec<(String, String)>);

/// What the answer is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Csv,
}

impl Params {
    /// Reads the query of a request that may have the `known` parameters.
    pub(super) fn of(uri: &Uri, known: &[&str]) -> Result<Params, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(|e| {
            Problem::bad_request("bad_query", format!("the query string cannot be read: {e}"))
        })?;
        for (i, (name, _)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let detail = format!("there is no query parameter `{name}` here");
                return Err(Problem::bad_request("unknown_parameter", detail).known(known.iter().copied()));
            }
            if pairs[..i].iter().any(|(earlier, _)| earlier == name) {
                let detail = format!("`{name}` is given twice; give it once, with commas between values");
                return Err(Problem::bad_request("repeated_parameter", detail));
            }
        }
        Ok(Params(pairs))
    }

    /// The value, `None` when missing or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// The values between commas; none when missing.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        self.text(name)
            .into_iter()
            .flat_map(|v| v.split(','))
            .map(str::trim)
            .filter(|v| !v.is_empty())
            .collect()
    }

    /// An RFC 3339 time.
    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        let parse = |text: &str| {
            text.parse().map_err(|_| {
                let plus = if text.contains(' ') { " (write a `+` in a query as %2B)" } else { "" };
                let detail = format!(
                    "`{name}` is `{text}`, which is no RFC 3339 time such as 2026-11-22T10:00:00Z{plus}"
                );
                Problem::bad_request("bad_time", detail)
            })
        };
        self.text(name).map(parse).transpose()
    }

    /// One value of a closed list.
    pub(super) fn one_of<T: Copy>(&self, name: &str, all: &[(&str, T)]) -> Result<Option<T>, Problem> {
        self.text(name).map(|text| value_of(name, text, all)).transpose()
    }

    /// Some values of a closed list.
    pub(super) fn some_of<T: Copy>(&self, name: &str, all: &[(&str, T)]) -> Result<Vec<T>, Problem> {
        self.list(name).into_iter().map(|text| value_of(name, text, all)).collect()
    }

    /// `limit`, 1 to [`LIMIT_MAX`].
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        let Some(text) = self.text("limit") else { return Ok(LIMIT_DEFAULT) };
        match text.parse::<usize>() {
            Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
            _ => {
                let detail = format!("`limit` is `{text}`; it must be a whole number from 1 to {LIMIT_MAX}");
                Err(Problem::bad_request("bad_limit", detail))
            }
        }
    }

    /// `format`, else what `Accept` prefers, else JSON.
    pub(super) fn format(&self, headers: &HeaderMap) -> Result<Format, Problem> {
        let asked = self.one_of("format", &[("json", Format::Json), ("csv", Format::Csv)])?;
        Ok(asked.unwrap_or_else(|| accepted(headers)))
    }
}

fn value_of<T: Copy>(name: &str, text: &str, all: &[(&str, T)]) -> Result<T, Problem> {
    let found = all.iter().find(|(known, _)| *known == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let detail = format!("`{text}` is no value of `{name}`");
        Problem::bad_request("bad_value", detail).known(all.iter().map(|(known, _)| *known))
    })
}

/// CSV only when it is named and nothing that JSON satisfies is preferred to it.
fn accepted(headers: &HeaderMap) -> Format {
    let quality = |wanted: &[&str]| {
        let values = headers.get_all(header::ACCEPT).into_iter().filter_map(|v| v.to_str().ok());
        let ranges = values.flat_map(|v| v.split(','));
        ranges.filter_map(|range| weight(range, wanted)).fold(0, u16::max)
    };
    let csv = quality(&["text/csv"]);
    let json = quality(&["application/json"]);
    if csv > 0 && csv >= json { Format::Csv } else { Format::Json }
}

/// Quality of one media range in thousandths, if it is one of the wanted.
fn weight(range: &str, wanted: &[&str]) -> Option<u16> {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let quality = parts.find_map(|p| p.strip_prefix("q=")).and_then(|q| q.parse::<f32>().ok()).unwrap_or(1.0);
    wanted.contains(&name.as_str()).then_some((quality.clamp(0.0, 1.0) * 1000.0) as u16)
}
