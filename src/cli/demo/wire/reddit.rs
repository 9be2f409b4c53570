//! Reddit things: submissions (`t3`) with a title, comments (`t1`) in a thread, times as float seconds.

use serde_json::{Value, json};

use crate::cli::demo::post::{Kind, Post};

/// A submission, or a comment if the post answers one.
pub(super) fn thing(post: &Post) -> Value {
    let id = post.id();
    let (kind, words) = match &post.kind {
        Kind::Reply(target) => ("t1", comment(post, target)),
        _ => ("t3", submission(post)),
    };
    let mut data = json!({
        "id": id,
        "name": format!("{kind}_{id}"),
        "author": post.author.handle,
        "subreddit": "runwaytalk",
        "subreddit_id": "t5_2rwyt",
        "created_utc": seconds(post.published),
        "edited": post.edited.map_or(json!(false), |at| json!(seconds(at))),
        "score": post.counts[0],
        "over_18": false,
    });
    if let (Some(data), Value::Object(words)) = (data.as_object_mut(), words) {
        data.extend(words);
    }
    json!({"kind": kind, "data": data})
}

fn comment(post: &Post, target: &Post) -> Value {
    let parent = match target.kind {
        Kind::Reply(_) => format!("t1_{}", target.id()),
        _ => format!("t3_{}", target.id()),
    };
    json!({
        "body": post.text, "parent_id": parent, "link_id": format!("t3_{}", target.id()),
        "permalink": format!("/r/runwaytalk/comments/{}/talk/{}/", target.id(), post.id()),
    })
}

/// The first sentence is the title, the rest the self text.
fn submission(post: &Post) -> Value {
    let cut = post.text.find(['.', '!', '?', ',']).map_or(post.text.len(), |at| at + 1);
    let (title, body) = post.text.split_at(cut);
    let permalink = format!("/r/runwaytalk/comments/{}/talk/", post.id());
    json!({
        "title": title.trim(), "selftext": body.trim(), "is_self": true, "num_comments": post.counts[2],
        "url": format!("https://www.reddit.com{permalink}"), "permalink": permalink, "domain": "self.runwaytalk",
    })
}

fn seconds(millis: i64) -> f64 {
    (millis / 1000) as f64
}
