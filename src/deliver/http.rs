//! One receiver over HTTP.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use ureq::Agent;
use ureq::http::{HeaderName, HeaderValue, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::mask::Mask;
use super::retry::{Answer, retry_after};
use crate::config::{self, DeliveryPlan, Receiver};

const ALERTS: &str = "/api/v2/alerts";
/// So much of an answer is looked at.
const BODY_BYTES: u64 = 2_048;

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) body: Vec<u8>,
    /// `Idempotency-Key`.
    pub(super) key: String,
}

/// Posts to one address.
pub(super) struct Client {
    agent: Agent,
    uri: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    has_events: bool,
    source: String,
    mask: Mask,
}

impl Client {
    /// Looks secrets and authorities up. `secret` is one more thing that must not be shown.
    ///
    /// # Errors
    /// In words, without secrets.
    pub(super) fn new(plan: &DeliveryPlan, pipeline: &str, secret: &str) -> Result<Client, String> {
        let mut mask = Mask::default();
        mask.add(secret);
        let uri = address(plan)?;
        let path = uri.path_and_query().map_or("", |path| path.as_str());
        mask.add(path.strip_suffix(ALERTS).unwrap_or(path));
        let mut headers = Vec::new();
        for (name, value) in &plan.headers {
            let value = config::expand(value).map_err(|what| format!("the header `{name}` needs {what}"))?;
            mask.add(&value);
            headers.push(header(name, &value)?);
        }
        let config = Agent::config_builder()
            .timeout_global(Some(plan.timeout))
            .http_status_as_error(false)
            // A secret is not carried to wherever an answer points.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("earful/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls(&uri, plan.ca.as_deref())?);
        Ok(Client {
            agent: config.build().new_agent(),
            uri,
            headers,
            has_events: plan.receiver == Receiver::Webhook,
            source: encode(&format!("/earful/{pipeline}")),
            mask,
        })
    }

    /// Host and port: all that is shown of the address.
    pub(super) fn host(&self) -> String {
        let host = self.uri.host().unwrap_or_default();
        self.uri.port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Blocks for the delivery's timeout at most.
    pub(super) fn post(&self, request: &Request) -> Answer {
        let mut post = self.agent.post(self.uri.clone()).header("content-type", "application/json");
        post = post.header("idempotency-key", &request.key);
        if self.has_events {
            let event = [
                ("ce-specversion", "1.0"),
                ("ce-type", "earful.alert.v1"),
                ("ce-source", &self.source),
                ("ce-id", &request.key),
            ];
            post = event.into_iter().fold(post, |post, (name, value)| post.header(name, value));
        }
        for (name, value) in &self.headers {
            post = post.header(name, value);
        }
        match post.send(&request.body[..]) {
            Ok(response) => self.answer(response),
            Err(error) => Answer::None(self.mask.show(&error.to_string())),
        }
    }

    fn answer(&self, response: ureq::http::Response<ureq::Body>) -> Answer {
        let (parts, body) = response.into_parts();
        let now_ms = jiff::Timestamp::now().as_millisecond();
        let wait = parts.headers.get("retry-after").and_then(|value| value.to_str().ok());
        let mut begin = Vec::new();
        // The status counts, whatever becomes of the body.
        let _ = body.into_reader().take(BODY_BYTES).read_to_end(&mut begin);
        Answer::Status {
            status: parts.status.as_u16(),
            retry_after: wait.and_then(|text| retry_after(text, now_ms)),
            body: self.mask.show(&String::from_utf8_lossy(&begin)),
        }
    }
}

fn address(plan: &DeliveryPlan) -> Result<Uri, String> {
    let url = config::expand(&plan.url).map_err(|what| format!("`url` needs {what}"))?;
    let url = match plan.receiver {
        Receiver::Alertmanager if !url.ends_with(ALERTS) => url.trim_end_matches('/').to_owned() + ALERTS,
        _ => url,
    };
    // What the parser has against it could repeat it.
    let uri: Option<Uri> = url.trim().parse().ok();
    let is_web = |uri: &Uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|h| !h.is_empty())
    };
    let uri = uri.filter(is_web).ok_or("`url` is no address that begins with https:// or http://")?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("`url` holds a user; give an `authorization` under `headers` instead".to_owned());
    }
    Ok(uri)
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let parsed = name.parse().ok().zip(value.parse().ok());
    let (name, mut value): (HeaderName, HeaderValue) = parsed
        .ok_or_else(|| format!("the header `{name}` cannot be sent: look for line breaks in its value"))?;
    value.set_sensitive(true);
    Ok((name, value))
}

/// `ring` for cryptography: the one provider that needs a C compiler only.
fn tls(uri: &Uri, ca: Option<&Path>) -> Result<TlsConfig, String> {
    let roots = match ca {
        Some(path) => authorities(path)?,
        None => system(),
    };
    if roots.is_empty() && uri.scheme_str() == Some("https") {
        let hint = "install them (ca-certificates), or give a PEM file as `ca`";
        return Err(format!("no certificate authority is known on this system; {hint}"));
    }
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::from(roots))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build())
}

fn authorities(path: &Path) -> Result<Vec<Certificate<'static>>, String> {
    let pem = std::fs::read(path).map_err(|e| format!("`ca`: {}: {e}", path.display()))?;
    let found: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    match found.is_empty() {
        true => Err(format!("`ca`: {} holds no certificate in PEM", path.display())),
        false => Ok(found),
    }
}

fn system() -> Vec<Certificate<'static>> {
    // What cannot be read is as if it were not there; nothing at all is an error.
    let found = rustls_native_certs::load_native_certs().certs;
    found.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect()
}

/// As the HTTP binding of CloudEvents wants header values: printable ASCII as it is, all else by `%`.
fn encode(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'!' | b'#'..=b'$' | b'&'..=b'~' => encoded.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_encoded_as_cloudevents_wants_it() {
        assert_eq!(encode("/earful/airlines"), "/earful/airlines");
        assert_eq!(encode("a b\"c%\u{20ac}"), "a%20b%22c%25%E2%82%AC");
    }
}
