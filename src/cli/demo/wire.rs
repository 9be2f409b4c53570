//! Posts in the shapes of the feeds, one module a feed, each with the traps that the real feed has.
//!
//! **Invariant:** one line of JSON per call; the text is invented, the shape is the feed's.

mod bluesky;
mod forum;
mod mastodon;
mod reddit;
mod weibo;
mod x;

use super::post::{Post, Site};
use super::rng::Rng;

/// The post as its feed delivers it; `arrival` is when the feed's server hands it over.
pub(crate) fn create(post: &Post, arrival: i64) -> String {
    match post.site {
        Site::X => x::tweet(post).to_string(),
        Site::Bluesky => bluesky::commit(post, "create", arrival).to_string(),
        Site::Mastodon => mastodon::frame("update", &mastodon::status(post).to_string()),
        Site::Reddit => reddit::thing(post).to_string(),
        Site::Weibo => weibo::tweet(post, arrival).to_string(),
        Site::Forum => forum::post(post).to_string(),
    }
}

/// A new version of an earlier post, where the feed has such a thing.
pub(crate) fn edit(post: &Post, arrival: i64) -> Option<String> {
    match post.site {
        Site::Bluesky => Some(bluesky::commit(post, "update", arrival).to_string()),
        Site::Mastodon => Some(mastodon::frame("status.update", &mastodon::status(post).to_string())),
        Site::Reddit => Some(reddit::thing(post).to_string()),
        Site::Forum => Some(forum::post(post).to_string()),
        Site::X | Site::Weibo => None,
    }
}

/// The notice that a post is gone, where the feed sends one.
pub(crate) fn delete(post: &Post, arrival: i64) -> Option<String> {
    match post.site {
        Site::X => Some(x::delete(post, arrival).to_string()),
        Site::Bluesky => Some(bluesky::delete(post, arrival).to_string()),
        Site::Mastodon => Some(mastodon::frame("delete", &post.id())),
        Site::Reddit | Site::Weibo | Site::Forum => None,
    }
}

/// A frame that is no post, where the feed sends such frames.
pub(crate) fn other(post: &Post, arrival: i64, rng: &mut Rng) -> Option<String> {
    match post.site {
        Site::X => Some(x::limit(arrival, rng).to_string()),
        Site::Bluesky => Some(bluesky::other(post, arrival, rng).to_string()),
        Site::Mastodon => Some(mastodon::frame("filters_changed", "")),
        Site::Reddit | Site::Weibo | Site::Forum => None,
    }
}

/// `2026-03-10T08:15:30.123Z`.
fn rfc3339(millis: i64) -> String {
    civil(millis, 0, "%Y-%m-%dT%H:%M:%S%.3fZ")
}

/// A time at a fixed offset in a `strftime` format.
fn civil(millis: i64, offset_hours: i8, format: &str) -> String {
    // The scenario's times are constants of this module's callers and always in range.
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(offset_hours));
    time.to_zoned(zone).strftime(format).to_string()
}
