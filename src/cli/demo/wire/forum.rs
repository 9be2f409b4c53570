//! earful's own canonical JSON, as a travellers' forum might push it.

use serde_json::{Value, json};

use super::rfc3339;
use crate::cli::demo::post::{Kind, Post, links};

/// A canonical post.
pub(super) fn post(post: &Post) -> Value {
    let links: Vec<Value> = links(&post.text).map(|url| json!({"url": url})).collect();
    let mut value = json!({
        "network": "other",
        "page_type": "forum",
        "id": post.id(),
        "url": format!("https://forum.example/{}", post.id()),
        "body": post.text,
        "declared_language": post.language(),
        "author": {"id": post.author.handle, "name": post.author.name, "posts": post.author.number % 900 + 1},
        "links": links,
        "counts": {"likes": post.counts[0], "replies": post.counts[2]},
        "channel": {"id": "lounge", "name": "The Lounge"},
        "published_at": rfc3339(post.published),
    });
    if let Some(at) = post.edited {
        value["edited_at"] = json!(rfc3339(at));
    }
    match &post.kind {
        Kind::Original => {}
        Kind::Reply(target) => {
            value["kind"] = json!("reply");
            value["in_reply_to"] = json!({"id": target.id(), "author": target.author.handle});
        }
        Kind::Quote(target) | Kind::Repost(target) => {
            value["kind"] = json!("quote");
            value["quote_of"] =
                json!({"id": target.id(), "author": target.author.handle, "text": target.text});
        }
    }
    value
}
