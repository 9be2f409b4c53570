//! One post in the shape of its feed, one module a shape.
//!
//! **Invariant:** one line of JSON; what a draft says is what the decoder of the shape reads.

mod canonical;
mod jetstream;
mod mastodon;
mod reddit;
mod weibo_ajax;
mod x_v1;

use super::mix::Shape;
use super::rng::mix;

/// What a post does with an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Repost,
    Quote,
    Reply,
}

/// A post before it takes a shape. Times are milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draft<'a> {
    /// Differs from post to post.
    pub(super) number: u64,
    pub(super) author: u64,
    pub(super) text: &'a str,
    pub(super) at: i64,
    /// When the feed hands it over.
    pub(super) arrival: i64,
    pub(super) likes: u64,
    /// An address that belongs to the text.
    pub(super) link: Option<&'a str>,
    /// The earlier post, of the same shape.
    pub(super) about: Option<(Relation, &'a Earlier)>,
}

/// A post that others refer to.
#[derive(Clone, Debug)]
pub(super) struct Earlier {
    pub(super) number: u64,
    pub(super) author: u64,
    pub(super) text: String,
    pub(super) at: i64,
    pub(super) link: String,
}

impl Earlier {
    /// As it was written.
    fn draft(&self) -> Draft<'_> {
        Draft {
            number: self.number,
            author: self.author,
            text: &self.text,
            at: self.at,
            arrival: self.at,
            likes: 0,
            link: Some(&self.link),
            about: None,
        }
    }
}

/// Appends the record to `out`, without a line break, and its post's `network:id` to `key`.
pub(super) fn write(draft: &Draft<'_>, shape: Shape, key: &mut String, out: &mut String) {
    match shape {
        Shape::Canonical => canonical::write(draft, key, out),
        Shape::XV1 => x_v1::write(draft, key, out),
        Shape::Jetstream => jetstream::write(draft, key, out),
        Shape::Mastodon => mastodon::write(draft, key, out),
        Shape::Reddit => reddit::write(draft, key, out),
        Shape::WeiboAjax => weibo_ajax::write(draft, key, out),
    }
}

/// 900,000 / rank for a rank that is uniform in 1..=5,000, plus a handful.
fn followers(author: u64) -> u64 {
    let dice = mix(author ^ 0xF0);
    900_000 / (dice % 5_000 + 1) + (dice >> 40) % 60
}

fn language(text: &str) -> &'static str {
    if text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) { "zh" } else { "en" }
}

/// A JSON string, with its quotes.
fn quoted(text: &str) -> String {
    // A string can always be written.
    serde_json::to_string(text).unwrap_or_default()
}

/// Unique as long as there are less than a million posts a millisecond, also from run to run.
fn unique(at: i64, number: u64) -> u64 {
    at.unsigned_abs() * 1_000_000 + number % 1_000_000
}

/// A name for an address, as sites that shorten them give it.
fn short_name(link: &str, seed: u64, length: usize) -> String {
    let hash = link.bytes().fold(seed, |hash, byte| mix(hash ^ u64::from(byte)));
    jetstream::base32(hash, length)
}

/// As text in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// `2026-03-10T08:15:30.123Z`.
fn rfc3339(millis: i64) -> String {
    civil(millis, "%Y-%m-%dT%H:%M:%S%.3fZ")
}

fn civil(millis: i64, format: &str) -> String {
    jiff::Timestamp::from_millisecond(millis).unwrap_or_default().strftime(format).to_string()
}
