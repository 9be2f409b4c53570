//! X API v1.1: ids twice, `RT @` text cut at 140, HTML-escaped text, offsets in code points, short links.

use serde_json::{Value, json};

use super::civil;
use crate::cli::demo::{
    post::{Kind, Mark, Post, marks, short_link},
    rng::Rng,
};

/// A tweet object.
pub(super) fn tweet(post: &Post) -> Value {
    let (text, urls) = shorten(&wire_text(post));
    let id = post.id();
    let mut tweet = json!({
        "created_at": civil(post.published, 0, "%a %b %d %H:%M:%S +0000 %Y"),
        "id": id.parse::<u64>().unwrap_or(0),
        "id_str": id,
        "text": escape(&text),
        "truncated": false,
        "entities": entities(&escape(&text), &urls),
        "user": user(post),
        "retweet_count": post.counts[1],
        "favorite_count": post.counts[0],
        "reply_count": post.counts[2],
        "is_quote_status": matches!(post.kind, Kind::Quote(_)),
        "lang": post.language(),
        "timestamp_ms": post.published.to_string(),
    });
    match &post.kind {
        Kind::Original => {}
        Kind::Reply(target) => {
            tweet["in_reply_to_status_id_str"] = json!(target.id());
            tweet["in_reply_to_user_id_str"] = json!(target.author_id());
            tweet["in_reply_to_screen_name"] = json!(target.author.handle);
        }
        Kind::Repost(target) => tweet["retweeted_status"] = self::tweet(target),
        Kind::Quote(target) => {
            tweet["quoted_status_id_str"] = json!(target.id());
            tweet["quoted_status"] = self::tweet(target);
        }
    }
    tweet
}

/// What stands in `text`: of a repost, the beginning of the original behind `RT @handle:`.
fn wire_text(post: &Post) -> String {
    match &post.kind {
        Kind::Repost(target) => {
            let full = format!("RT @{}: {}", target.author.handle, target.text);
            let cut: String = full.chars().take(139).collect();
            if cut.len() < full.len() { cut + "…" } else { full }
        }
        Kind::Reply(target) => format!("@{} {}", target.author.handle, post.text),
        _ => post.text.clone(),
    }
}

/// The text with its links shortened, and the pairs of short and full link.
fn shorten(text: &str) -> (String, Vec<(String, String)>) {
    let (mut out, mut urls, mut done) = (String::with_capacity(text.len()), Vec::new(), 0);
    for (mark, start, end) in marks(text) {
        if let Mark::Link(url) = mark {
            let short = short_link(url);
            out.push_str(&text[done..start]);
            out.push_str(&short);
            urls.push((short, url.to_owned()));
            done = end;
        }
    }
    out.push_str(&text[done..]);
    (out, urls)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn entities(text: &str, short: &[(String, String)]) -> Value {
    let (mut urls, mut hashtags, mut mentions) = (Vec::new(), Vec::new(), Vec::new());
    for (mark, start, end) in marks(text) {
        let indices = json!([code_points(text, start), code_points(text, end)]);
        match mark {
            Mark::Link(url) => {
                let full = short.iter().find(|(s, _)| s == url).map_or(url, |(_, full)| full);
                urls.push(json!({"url": url, "expanded_url": full, "indices": indices}));
            }
            Mark::Tag(tag) => hashtags.push(json!({"text": tag, "indices": indices})),
            Mark::Handle(name) => mentions.push(json!({"screen_name": name, "indices": indices})),
        }
    }
    json!({"hashtags": hashtags, "symbols": [], "user_mentions": mentions, "urls": urls})
}

fn code_points(text: &str, byte: usize) -> usize {
    text[..byte].chars().count()
}

fn user(post: &Post) -> Value {
    let id = post.author_id();
    json!({
        "id": id.parse::<u64>().unwrap_or(0),
        "id_str": id,
        "name": post.author.name,
        "screen_name": post.author.handle,
        "verified": post.author.verified,
        "followers_count": post.author.followers,
        "statuses_count": post.author.number % 4_000 + 12,
    })
}

/// The compliance notice of a deletion.
pub(super) fn delete(post: &Post, arrival: i64) -> Value {
    let status = json!({"id_str": post.id(), "user_id_str": post.author_id()});
    json!({"delete": {"status": status, "timestamp_ms": arrival.to_string()}})
}

/// "Not everything was delivered": a notice of the stream.
pub(super) fn limit(arrival: i64, rng: &mut Rng) -> Value {
    json!({"limit": {"track": rng.between(1, 40), "timestamp_ms": arrival.to_string()}})
}
