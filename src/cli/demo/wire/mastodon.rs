//! Mastodon streaming frames: the status is JSON inside a JSON string, its text is HTML.

use serde_json::{Value, json};

use super::rfc3339;
use crate::cli::demo::post::{Kind, Mark, Post, marks};

const HOSTS: [&str; 4] = ["runway.example", "tea.example", "long.example", "fjord.example"];

/// A WebSocket frame; `payload` is a string, whatever it holds.
pub(super) fn frame(event: &str, payload: &str) -> String {
    let mut frame = json!({"stream": ["public"], "event": event});
    if !payload.is_empty() {
        frame["payload"] = json!(payload);
    }
    frame.to_string()
}

/// A status object.
pub(super) fn status(post: &Post) -> Value {
    let host = host(post);
    let (acct, id) = (format!("{}@{host}", post.author.handle), post.id());
    let boost = match &post.kind {
        Kind::Repost(target) => status(target),
        _ => Value::Null,
    };
    let tags: Vec<Value> = marks(&post.text)
        .into_iter()
        .filter_map(|(mark, ..)| match mark {
            Mark::Tag(tag) => Some(json!({"name": tag, "url": format!("https://{host}/tags/{tag}")})),
            _ => None,
        })
        .collect();
    json!({
        "id": id,
        "created_at": rfc3339(post.published),
        "in_reply_to_id": match &post.kind { Kind::Reply(target) => json!(target.id()), _ => Value::Null },
        "sensitive": false,
        "spoiler_text": "",
        "visibility": "public",
        "language": post.language(),
        "uri": format!("https://{host}/users/{}/statuses/{id}", post.author.handle),
        "url": format!("https://{host}/@{}/{id}", post.author.handle),
        "replies_count": post.counts[2],
        "reblogs_count": post.counts[1],
        "favourites_count": post.counts[0],
        "edited_at": post.edited.map(rfc3339),
        "content": if boost.is_null() { html(&post.text) } else { String::new() },
        "reblog": boost,
        "account": {
            "id": post.author_id(), "username": post.author.handle, "acct": acct,
            "display_name": post.author.name, "bot": false, "url": format!("https://{host}/@{}", post.author.handle),
            "followers_count": post.author.followers, "statuses_count": post.author.number % 4_000 + 12,
        },
        "media_attachments": [],
        "mentions": [],
        "tags": tags,
    })
}

fn host(post: &Post) -> &'static str {
    HOSTS[post.author.number as usize % HOSTS.len()]
}

/// As Mastodon writes it: links in pieces, of which some are hidden from the reader.
fn html(text: &str) -> String {
    let (mut out, mut done) = ("<p>".to_owned(), 0);
    for (mark, start, end) in marks(text) {
        out.push_str(&escape(&text[done..start]));
        match mark {
            Mark::Link(url) => {
                let shown = url.trim_start_matches("https://");
                out.push_str(&format!(
                    "<a href=\"{url}\" rel=\"nofollow noopener\"><span class=\"invisible\">https://</span><span class=\"\">{shown}</span></a>"
                ));
            }
            Mark::Tag(tag) => {
                out.push_str(&format!(
                    "<a href=\"/tags/{tag}\" class=\"mention hashtag\">#<span>{tag}</span></a>"
                ));
            }
            Mark::Handle(_) => out.push_str(&text[start..end]),
        }
        done = end;
    }
    out + &escape(&text[done..]) + "</p>"
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;")
}
