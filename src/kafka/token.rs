//! SASL OAUTHBEARER with a token that somebody else keeps fresh in a file.
//!
//! librdkafka asks for it by what the user wrote into `sasl.oauthbearer.config`, and asks again before it expires.

use std::error::Error;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rdkafka::client::OAuthToken;

use crate::runtime::now;

/// What names the file in `sasl.oauthbearer.config`.
const KEY: &str = "token_file=";
/// A token that does not say when it expires is read again after four fifths of this.
const LIFETIME_MS: i64 = 300_000;

/// The path of the file, if `sasl.oauthbearer.config` names one.
pub(super) fn file(config: &str) -> Option<&str> {
    config.trim().strip_prefix(KEY).map(str::trim)
}

/// The token that `sasl.oauthbearer.config` leads to.
///
/// # Errors
/// When it leads to none. The message never holds what is in the file.
pub(super) fn from_config(config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
    let path = config.and_then(file).ok_or("sasl.oauthbearer.config must be \"token_file=PATH\"")?;
    let content = fs::read_to_string(path).map_err(|e| format!("the token file {path}: {e}"))?;
    let token = content.trim();
    // Checked here because librdkafka would repeat the token in its complaint.
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("the token file {path} does not hold exactly one token").into());
    }
    Ok(read(token))
}

/// Name and expiry are in the token, if it is a JSON Web Token that may be looked into.
fn read(token: &str) -> OAuthToken {
    let claims = claims(token).unwrap_or_default();
    let expires = claims["exp"].as_f64().map(|seconds| (seconds * 1_000.0) as i64);
    OAuthToken {
        token: token.to_owned(),
        // The brokers take the name from the token; this one is for librdkafka, which wants one.
        principal_name: claims["sub"].as_str().unwrap_or("earful").to_owned(),
        lifetime_ms: expires.unwrap_or_else(|| now().millis() + LIFETIME_MS),
    }
}

fn claims(token: &str) -> Option<serde_json::Value> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_content(content: &str) -> Result<OAuthToken, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        fs::write(&path, content).unwrap();
        from_config(Some(&format!("token_file={}", path.display()))).map_err(|e| e.to_string())
    }

    #[test]
    fn a_web_token_says_who_it_is_for_and_when_it_expires() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"radar","exp":1700000000.5}"#);
        let token = from_content(&format!("e30.{claims}.c2ln\n")).unwrap();
        assert_eq!(token.token, format!("e30.{claims}.c2ln"));
        assert_eq!((&*token.principal_name, token.lifetime_ms), ("radar", 1_700_000_000_500));
    }

    #[test]
    fn any_other_token_is_read_again_after_a_while() {
        let token = from_content("opaque").unwrap();
        assert_eq!(token.principal_name, "earful");
        assert!(token.lifetime_ms > now().millis() + LIFETIME_MS / 2);
    }

    #[test]
    fn what_is_wrong_is_said_without_the_token() {
        for content in ["", "hush two", "hush\u{1}", "hush\nhush"] {
            let error = from_content(content).err().unwrap();
            assert!(error.contains("exactly one token") && !error.contains("hush"), "{error}");
        }
        let missing = from_config(Some("token_file=/no/such/token")).err().unwrap().to_string();
        assert!(missing.contains("/no/such/token"), "{missing}");
        assert!(from_config(Some("scope=x")).is_err() && from_config(None).is_err());
    }
}
