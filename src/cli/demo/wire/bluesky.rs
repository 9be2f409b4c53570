//! Bluesky Jetstream: two clocks, byte offsets in facets, accounts by DID only, many frames that are no posts.

use serde_json::{Value, json};

use super::rfc3339;
use crate::cli::demo::{
    post::{Kind, Mark, Post, base32, did, marks},
    rng::{Rng, mix},
};

const POSTS: &str = "app.bsky.feed.post";

/// A commit that creates or updates a post.
pub(super) fn commit(post: &Post, operation: &str, arrival: i64) -> Value {
    frame(
        post,
        arrival,
        json!({
            "rev": tid(arrival, 0),
            "operation": operation,
            "collection": POSTS,
            "rkey": post.id(),
            "record": record(post),
            "cid": cid(post),
        }),
    )
}

/// A commit that deletes a post: no record, no cid.
pub(super) fn delete(post: &Post, arrival: i64) -> Value {
    let rev = tid(arrival, 0);
    frame(post, arrival, json!({"rev": rev, "operation": "delete", "collection": POSTS, "rkey": post.id()}))
}

/// A like, a follow, a profile change or an account notice around `post`.
pub(super) fn other(post: &Post, arrival: i64, rng: &mut Rng) -> Value {
    let collection = match rng.below(10) {
        0..6 => "app.bsky.feed.like",
        6..8 => "app.bsky.graph.follow",
        8 => "app.bsky.actor.profile",
        _ => {
            let account = json!({"active": true, "did": did(&post.author), "seq": post.number, "time": rfc3339(arrival)});
            return json!({"did": did(&post.author), "time_us": arrival * 1000, "kind": "account", "account": account});
        }
    };
    let record = match collection {
        "app.bsky.feed.like" => {
            json!({"$type": collection, "createdAt": rfc3339(arrival), "subject": subject(post)})
        }
        "app.bsky.graph.follow" => {
            json!({"$type": collection, "createdAt": rfc3339(arrival), "subject": did(&post.author)})
        }
        _ => json!({"$type": collection, "displayName": post.author.name}),
    };
    let fan = base32(mix(arrival as u64), 12) + &base32(mix(post.number), 12);
    json!({"did": format!("did:plc:{fan}"), "time_us": arrival * 1000 + 17, "kind": "commit", "commit": {
        "rev": tid(arrival, 1), "operation": "create", "collection": collection,
        "rkey": tid(arrival, 0), "record": record, "cid": cid(post),
    }})
}

fn frame(post: &Post, arrival: i64, commit: Value) -> Value {
    // The low digits only make the microseconds look like a clock's.
    let time_us = arrival * 1000 + (post.number % 997) as i64;
    json!({"did": did(&post.author), "time_us": time_us, "kind": "commit", "commit": commit})
}

fn record(post: &Post) -> Value {
    let mut record = json!({
        "$type": POSTS,
        "createdAt": rfc3339(post.published),
        "langs": [post.language()],
        "text": post.text,
    });
    let facets: Vec<Value> = marks(&post.text).into_iter().filter_map(facet).collect();
    if !facets.is_empty() {
        record["facets"] = json!(facets);
    }
    match &post.kind {
        Kind::Reply(target) => record["reply"] = json!({"root": subject(target), "parent": subject(target)}),
        Kind::Quote(target) | Kind::Repost(target) => {
            record["embed"] = json!({"$type": "app.bsky.embed.record", "record": subject(target)});
        }
        Kind::Original => {}
    }
    record
}

fn facet((mark, start, end): (Mark<'_>, usize, usize)) -> Option<Value> {
    let feature = match mark {
        Mark::Link(uri) => json!({"$type": "app.bsky.richtext.facet#link", "uri": uri}),
        Mark::Tag(tag) => json!({"$type": "app.bsky.richtext.facet#tag", "tag": tag}),
        // A mention needs the account's DID, which these airlines do not have here.
        Mark::Handle(_) => return None,
    };
    Some(json!({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}))
}

fn subject(post: &Post) -> Value {
    json!({"cid": cid(post), "uri": format!("at://{}/{POSTS}/{}", did(&post.author), post.id())})
}

/// A timestamp id: microseconds and ten low bits, in base 32.
fn tid(millis: i64, low: u64) -> String {
    base32((millis as u64 * 1000) << 10 | low, 13)
}

fn cid(post: &Post) -> String {
    let (a, b) = (mix(post.number), mix(post.number ^ 0xC1D));
    format!("bafyrei{}{}{}{}", base32(a, 13), base32(b, 13), base32(mix(a), 13), base32(mix(b), 13))
}
